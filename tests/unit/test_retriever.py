from datetime import date

import pytest

from assistant.embedding.centring import Centring
from assistant.ingest.sync import add_articles
from assistant.models.article import Article, Block
from assistant.models.filters import Filters
from assistant.search.diversify import OF_ONE_ARTICLE
from assistant.search.retriever import Retriever
from assistant.store.engine import Engine
from assistant.store.index import Index
from assistant.store.library import Library
from assistant.support.settings import Settings

TOWER = (
    "The lighthouse was built in 1611 on a rock far from the coast. Its lamp was seen from thirty "
    "kilometres away."
)
TEXTS = {
    "sea/tower.txt": ("en", date(2020, 5, 1), TOWER),
    "sea/tower-again.txt": ("en", date(2021, 5, 1), TOWER + " Really."),
    "sea/phare.txt": (
        "fr",
        date(2022, 1, 1),
        "Le dernier gardien du phare est parti en 2012. Depuis, un ordinateur surveille la lampe.",
    ),
    "land/bees.txt": (
        "en", None, "A beekeeper harvests ten kilos of honey from each hive every summer."
    ),
    "land/brot.txt": (
        "de", date(2023, 7, 9), "Der Bäcker verkauft sein Brot ab sechs Uhr. Es kostet vier Euro."
    ),
    "seaside.txt": ("en", date(2023, 7, 10), "Hotels at the beach were full during the holidays."),
}  # fmt: skip


def article(source, language, published, text):
    blocks = (Block(0, len(text)),)
    return Article(source.split("/")[-1], text, language, source, published, blocks=blocks)


@pytest.fixture(scope="module")
def make(embedder, tmp_path_factory, database):
    """Makes a retriever over articles, each in a file of its own."""
    opened = []

    def make(articles):
        folder = tmp_path_factory.mktemp("retrieval")
        library, index = Library(folder, database()), Index(folder / "index")
        opened.extend([library, index])
        index.rebuild([], 0)
        centring = Centring(embedder, Settings().cache / "means")
        add_articles(articles, Engine(folder, library, embedder, centring, index))
        return Retriever(library, index, embedder, centring)

    yield make
    for one in opened:
        one.close()


@pytest.fixture(scope="module")
def retriever(make):
    return make([article(source, *rest) for source, rest in TEXTS.items()])


@pytest.fixture(scope="module")
def unready(make):
    """A retriever over the same articles that were read just now: nothing is embedded yet."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("assistant.ingest.sync._complete", lambda *_: iter(()))
        return make([article(source, *rest) for source, rest in TEXTS.items()])


@pytest.mark.parametrize(
    ("question", "source", "filters"),
    [
        ("When did the last keeper leave the lighthouse?", "sea/phare.txt", {}),
        ("Wann wurde der Leuchtturm gebaut?", "sea/tower", {}),
        ("Combien coûte le pain ?", "land/brot.txt", {}),
        ("How much is the bread?", "land/brot.txt", {"after": date(2023, 1, 1)}),
    ],
)
def test_what_is_not_embedded_yet_is_found_and_only_the_promising_is_embedded(
    unready, monkeypatch, question, source, filters
):
    monkeypatch.setattr("assistant.search.unready.MOST", 4)
    found = unready.find(unready.understand(question), 4, Filters(**filters))
    assert found[0].hit.source.startswith(source)
    assert 0 < len(found) <= 4
    asked = unready._library.incomplete.asked  # these are next
    assert {one.passage.id for one in found} <= asked
    assert all(one.passage.vector.any() for one in found)


def sources(retriever, question, top=10, **filters):
    found = retriever.find(retriever.understand(question), top, Filters(**filters))
    return [one.hit.source for one in found]


@pytest.mark.parametrize(
    ("question", "source"),
    [
        ("When did the last keeper leave the lighthouse?", "sea/phare.txt"),
        ("Wann wurde der Leuchtturm gebaut?", "sea/tower"),
        ("Combien coûte le pain ?", "land/brot.txt"),
        ("¿Cuánta miel da una colmena?", "land/bees.txt"),
    ],
)
def test_the_answer_is_found_in_another_language(retriever, question, source):
    assert sources(retriever, question)[0].startswith(source)


def test_hits_are_ranked_by_a_score_that_says_why(retriever):
    found = retriever.find(retriever.understand("When was the lighthouse built?"), 10)
    assert [one.hit.rank for one in found] == list(range(1, len(found) + 1))
    assert set(found[0].hit.why) == {"passage", "sentence", "wording"}
    assert 0.4 < found[0].hit.score <= 1
    assert found[0].hit.text.startswith(TOWER)


def test_each_sentence_comes_with_its_similarity_and_wording(retriever):
    (found, *_) = retriever.find(retriever.understand("How far was the lamp seen?"), 1)
    assert found.near.shape == (3,)  # the passage, and its two sentences
    assert len(found.wordings) == 2
    assert found.similarities.argmax() == found.wordings.argmax() == 1


def test_a_text_that_repeats_a_better_one_comes_last(retriever):
    found = sources(retriever, "When was the lighthouse on the rock built?")
    assert found[0].startswith("sea/tower")
    assert found[-1].startswith("sea/tower")
    assert len(found) == len(TEXTS)


def test_texts_that_differ_in_what_they_say_are_not_repeats(make):
    said = "On {} May the river stood at {} metres in {}, and {} was closed all day."
    texts = [
        said.format(12, "five", "Lyon", "the old bridge"),
        said.format(13, "six", "Mâcon", "every school"),
    ]
    filler = "The bakery opens at nine and sells bread made of rye."
    made = [article(f"{n}.txt", "en", None, text) for n, text in enumerate([*texts, filler])]
    assert sources(make(made), "How high was the river in May?")[2] == "2.txt"


def test_reports_that_differ_in_a_figure_alone_are_not_repeats(make):
    said = "The river stood at {} metres in Lyon, and the old bridge was closed to cars all day."
    texts = [
        said.format(5),
        said.format(6),
        "The bakery opens at nine and sells bread made of rye.",
    ]
    made = [article(f"{n}.txt", "en", None, text) for n, text in enumerate(texts)]
    assert sources(make(made), "How high was the river?")[2] == "2.txt"


def test_a_passage_is_found_by_a_name_that_only_the_beginning_of_its_article_says(make):
    about = "The {} cleans the air of large halls, and this manual is for those who look after it. "
    care = "Change the filter every {} months, and wash the grille with warm water. "
    articles = []
    for name, months in (("HX-200", "six"), ("HX-400", "nine"), ("HX-600", "two")):
        first, second = about.format(name) * 10, care.format(months) * 10
        blocks = (Block(0, len(first) - 1), Block(len(first), len(first + second) - 1))
        articles.append(Article("Manual", first + second, "en", f"{months}.txt", blocks=blocks))
    retriever = make(articles)
    found = retriever.find(retriever.understand("HX-400: how often to change the filter?"), 9)
    nine, *others = (one.hit for one in found if "filter" in one.hit.text)
    assert nine.source == "nine.txt"
    assert nine.score > max(hit.score for hit in others) + 0.02


def test_one_article_does_not_crowd_out_the_others(make):
    sentence = (
        "In {} the lighthouse keeper wrote in his diary about {} and the long winter nights. "
    )
    topics = ["storms", "loneliness", "lamp oil", "a shipwreck", "supplies", "gulls"]
    long = "\n\n".join(sentence.format(1890 + n, t) * 7 for n, t in enumerate(topics))
    blocks, at = [], 0
    for part in long.split("\n\n"):
        blocks.append(Block(at, at + len(part.rstrip())))
        at += len(part) + 2
    diary = Article("Diary", long, "en", "diary.txt", blocks=tuple(blocks))
    other = article("other.txt", "en", None, "The keeper of the museum is ill.")
    found = sources(make([diary, other]), "What did the lighthouse keeper write in his diary?")
    assert found.index("other.txt") == OF_ONE_ARTICLE
    assert found.count("diary.txt") > OF_ONE_ARTICLE


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"language": "de"}, {"land/brot.txt"}),
        ({"after": date(2023, 7, 9)}, {"land/brot.txt", "seaside.txt"}),
        ({"before": date(2021, 5, 1)}, {"sea/tower.txt", "sea/tower-again.txt"}),
        ({"after": date(2023, 7, 9), "before": date(2023, 7, 9)}, {"land/brot.txt"}),
        ({"source": "sea"}, {"sea/tower.txt", "sea/tower-again.txt", "sea/phare.txt"}),
        ({"source": "land/"}, {"land/bees.txt", "land/brot.txt"}),
        ({"source": "seaside.txt"}, {"seaside.txt"}),
        ({"source": "sea", "language": "fr"}, {"sea/phare.txt"}),
        ({"language": "es"}, set()),
    ],
)
def test_filters_let_by_only_what_fits(retriever, filters, expected):
    assert set(sources(retriever, "Who is where?", **filters)) == expected


def test_a_filtered_search_ranks_alike(retriever):
    question = "When did the keeper leave the lighthouse?"
    every = [s for s in sources(retriever, question) if TEXTS[s][0] == "en"]
    assert sources(retriever, question, language="en") == every


def test_the_number_of_hits_is_what_was_asked_for(retriever):
    assert len(sources(retriever, "lighthouse", top=2)) == 2


def test_a_question_that_says_no_language_is_answered(retriever):
    assert sources(retriever, "1611")[0].startswith("sea/tower")


def test_an_empty_library_finds_nothing(make):
    assert sources(make([]), "Is anybody there?") == []


def test_the_same_question_gives_the_same_hits(retriever):
    question = "What is seen from far away?"
    first, second = (retriever.find(retriever.understand(question), 10) for _ in range(2))
    assert [one.hit for one in first] == [one.hit for one in second]


def test_a_passage_that_was_lost_since_it_was_found_is_given_as_it_was(make):
    made = make([article(source, *rest) for source, rest in TEXTS.items()])
    question = made.understand("Wie viel kostet das Brot?")
    found = made.find(question, 2)
    assert found[0].hit.source == "land/brot.txt"
    library = made._library
    with library.change():
        library.drop_passages(found[0].passage.article)
    texts = [one.passage.text for one in made.surroundings(question, found, 1)]
    assert texts == [one.passage.text for one in found]
