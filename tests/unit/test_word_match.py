from dataclasses import replace

import numpy as np
import pytest

from assistant.embedding.centring import Centring
from assistant.ingest.sync import add_articles
from assistant.models.article import Article, Block
from assistant.search.word_match import FOREIGN_CREDIT, Wording, idf
from assistant.store.engine import Engine
from assistant.store.index import Index
from assistant.store.library import Library
from assistant.support.settings import Settings

FRENCH = [
    "Le roi a ouvert l'école en 1893. Il pleuvait.",
    "La boulangère vend du pain. Le pain est cher en 1894.",
    "Les loups sont revenus dans la forêt.",
]
ENGLISH = ["The king opened the school in 1893. It rained.", "Wolves are back in the forest."]


@pytest.fixture(scope="module")
def library(embedder, tmp_path_factory, database):
    folder = tmp_path_factory.mktemp("wording")
    made, index = Library(folder, database()), Index(folder / "index")
    index.rebuild([], 0)
    texts = [(text, "fr") for text in FRENCH] + [(text, "en") for text in ENGLISH]
    articles = [
        Article("", text, language, f"{n}.txt", blocks=(Block(0, len(text)),))
        for n, (text, language) in enumerate(texts)
    ]
    centring = Centring(embedder, Settings().cache / "means")
    add_articles(articles, Engine(folder, made, embedder, centring, index))
    yield made
    index.close()
    made.close()


@pytest.fixture(scope="module")
def wording(library, embedder):
    return Wording(library, embedder, Centring(embedder, Settings().cache / "means"))


@pytest.fixture(scope="module")
def passages(library):
    return {
        language: [
            library.passages.words_of([p.id])[p.id]
            for p in library.passages.get(range(1, 10))
            if p.language == language
        ]
        for language in ("en", "fr")
    }


def shares(wording, passages, question, language="en", of="fr"):
    asked = wording.understand(question, language)
    return [held.share for held in wording.held(asked, passages[of], of)]


def test_a_translation_holds_the_wording(wording, passages):
    found = shares(wording, passages, "When was the school opened?")
    assert found[0] > 0.6
    assert found[0] > max(found[1:]) + 0.3


def test_the_same_words_hold_all_of_it(wording, passages):
    found = shares(wording, passages, "king opened school", of="en")
    assert found[0] == pytest.approx(1)


def test_function_words_count_for_nothing(wording):
    asked = wording.understand("Why were the wolves in the forest?", "en")
    assert asked.words == ("wolves", "forest")
    assert wording.understand("Pourquoi ?", "fr").words == ("pourquoi",)
    assert wording.understand("Ab wann brauche ich ein Attest?", "de").words == (
        "brauche",
        "attest",
    )
    assert wording.understand("Quel est le prix de l'entreprise ?", "fr").words == (
        "prix", "entreprise",
    )  # fmt: skip


def test_a_number_is_like_no_other(wording, passages):
    found = shares(wording, passages, "1893", "fr")
    assert found == [pytest.approx(1), 0, 0]


def test_a_rare_word_weighs_more_than_one_that_many_hold():
    weights = idf(np.array([0, 1, 5, 10], np.float32), 10)
    assert (np.diff(weights) < 0).all()
    assert (weights >= 0).all()


def test_each_sentence_has_its_own_share(wording, passages):
    asked = wording.understand("Who opened the school?", "en")
    held, *_ = wording.held(asked, passages["fr"], "fr")
    of_sentences = held.of_sentences
    assert of_sentences.shape == (2,)
    assert of_sentences[0] > of_sentences[1] + 0.3


def test_what_the_rest_of_its_article_contains_counts_for_a_passage(wording, passages):
    asked = wording.understand("Quel roi vend du pain ?", "fr")
    king, baker, wolves = passages["fr"]
    apart = [held.share for held in wording.held(asked, [king, baker, wolves], "fr")]
    parts = [king, replace(baker, article=king.article), wolves]
    both, *others = (held.share for held in wording.held(asked, parts, "fr"))
    assert both > max(apart) + 0.2
    assert others == [both, pytest.approx(apart[2])]


def test_a_title_counts_for_each_sentence_under_it(wording, passages):
    asked = wording.understand("Quand le roi a-t-il ouvert l'école ?", "fr")
    held, *_ = wording.held(asked, passages["fr"], "fr")
    assert held.under_title == pytest.approx(held.of_sentences)  # no title
    titled = replace(held, likeness=held.likeness[:, [1, 2]])
    assert titled.under_title == pytest.approx(held.of_sentences[:1])


def test_each_word_is_told_apart(wording, passages):
    asked = wording.understand("Which lighthouse did the king open?", "en")
    held, *_ = wording.held(asked, passages["fr"], "fr")
    assert held.likeness.shape == (len(asked.words), 3)  # the title and two sentences
    by_word = dict(zip(asked.words, held.likeness.max(axis=1), strict=True))
    assert by_word["king"] > 0.6 > by_word["lighthouse"]
    assert held.rarity.sum() == pytest.approx(1)


def test_another_language_is_credited_what_translation_loses(wording, passages):
    assert min(shares(wording, passages, "Benoît Xyzzy 42")) == pytest.approx(
        FOREIGN_CREDIT, abs=0.05
    )


def test_a_question_without_words_is_held_by_nothing(wording, passages):
    assert shares(wording, passages, "?!", "fr") == [0, 0, 0]


def test_every_word_of_the_articles_has_an_id_and_those_that_mean_something_a_vector(library):
    ids = library.words.ids(["école", "roi", "1893", "unheard"])
    assert ids.keys() == {"école", "roi", "1893"}
    assert library.words.waiting() == 0
    lengths = np.linalg.norm(library.words.vectors(np.array([*ids.values()]), 384), axis=1)
    assert dict(zip(ids, lengths.round(3), strict=True)) == {"école": 1, "roi": 1, "1893": 0}


def test_words_that_wait_for_their_vector_are_held_literally(library, wording, passages):
    asked = wording.understand("When was the school opened in 1893?", "en")
    with library.change():
        every = library.words.ids(["école", "ouvert"])
        library.words.put_vectors(dict.fromkeys(every))
    library.words._vectors.clear()
    without = [held.share for held in wording.held(asked, passages["fr"], "fr")]
    assert without[0] > max(without[1:])  # by the year
    assert without[0] < 0.6


def test_a_word_that_no_article_has_is_embedded_for_the_first_question_only(library, embedder):
    embedded = []

    class Counting:
        dimension = embedder.dimension

        def embed_passages(self, texts):
            embedded.extend(texts)
            return embedder.embed_passages(texts)

    wording = Wording(library, Counting(), Centring(embedder, Settings().cache / "means"))
    first = wording.understand("Who sold the lighthouse?", "en")
    again = wording.understand("Who sold the lighthouse?", "en")
    assert embedded == ["sold", "lighthouse"]
    assert np.array_equal(first.vectors, again.vectors)
