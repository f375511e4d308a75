import numpy as np
import pytest

from assistant.embedding.centring import APART, Centring, centred, reference_sentences
from assistant.store.vector_cache import VectorCache
from assistant.store.vectors import as_kept, pack
from assistant.support.settings import Settings
from tests.support.tiny import TinyEmbedder


def unit(vectors):
    return vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)


@pytest.fixture(scope="module")
def centring(embedder):
    return Centring(embedder, Settings().cache / "means")


def test_centred_vectors_have_length_one():
    vectors = unit(np.random.default_rng(0).normal(size=(5, 8)).astype(np.float32) + 1)
    moved = centred(vectors, vectors.mean(axis=0))
    assert np.allclose(np.linalg.norm(moved, axis=1), 1)
    assert moved.mean(axis=0) @ vectors.mean(axis=0) < vectors.mean(axis=0) @ vectors.mean(axis=0)


def test_a_vector_that_is_the_mean_does_not_divide_by_zero():
    mean = unit(np.ones(4, np.float32))
    assert np.isfinite(centred(mean, mean, 1.0)).all()


def test_the_reference_sentences_of_two_languages_say_the_same_in_the_same_order():
    assert len(reference_sentences("fr")) == len(reference_sentences("de")) > 40
    assert reference_sentences("und") == ()


def test_a_translation_comes_nearer_and_another_text_in_the_language_goes_further(
    centring, embedder
):
    question = embedder.embed_query("When was the bridge built?")
    there, here = embedder.embed_passages(
        ["Le pont fut construit en 1893.", "The recipe needs two eggs and some flour."]
    )
    before = question @ there - question @ here
    asked = centring.questions(question, "en")
    after = asked @ centring.passages(there, "fr") - asked @ centring.passages(here, "en")
    assert after > before + 0.1


def test_a_mean_is_measured_once_and_kept(centring, embedder, tmp_path):
    first = Centring(embedder, tmp_path)
    vector = embedder.embed_query("Where is it?")
    expected = first.questions(vector, "es")
    (kept,) = tmp_path.iterdir()
    kept.write_bytes(np.zeros(kept.stat().st_size // 4, np.float32).tobytes())
    again = Centring(embedder, tmp_path)
    assert np.allclose(again.questions(vector, "es"), vector, atol=1e-6)
    assert np.allclose(first.questions(vector, "es"), expected)


def test_a_mean_that_cannot_be_kept_is_used_and_told(centring, embedder, tmp_path, caplog):
    file = tmp_path / "means"
    file.write_text("a file where the folder should be")
    vector = embedder.embed_query("Where is it?")
    unkept = Centring(embedder, file).questions(vector, "en")
    assert np.allclose(unkept, centring.questions(vector, "en"))
    assert "ASSISTANT_CACHE" in caplog.text


def test_an_unknown_language_loses_what_the_known_ones_share(centring, embedder):
    vector = embedder.embed_query("Oracle SoftBank Stargate")
    assert not np.allclose(centring.questions(vector, "und"), vector, atol=0.01)


def test_nearness_has_the_same_scale_in_every_pair_of_languages(centring, embedder):
    said = {"en": "The mayor opened the new bridge.", "hi": "महापौर ने नए पुल का उद्घाटन किया।"}
    other = {"en": "Whales sleep under water.", "hi": "व्हेल पानी के नीचे सोती हैं।"}

    def place(asking, language, text):
        question = centring.questions(embedder.embed_query(said[asking]), asking)
        passage = centring.passages(embedder.embed_passages([text])[0], language)
        return float(centring.scale(asking, language).place(question @ passage))

    pairs = [(one, two) for one in said for two in said]
    assert all(0.75 < place(one, two, said[two]) < 1.3 for one, two in pairs)
    assert all(-0.3 < place(one, two, other[two]) < 0.4 for one, two in pairs)


def test_a_language_without_references_has_the_scale_of_foreign_ones(centring):
    assert 0 < centring.scale("xx", "yy").chance < centring.scale("xx", "yy").same < 0.85
    assert centring.scale("xx", "en").same == pytest.approx(
        np.mean([centring.scale(known, "en").same for known in ("de", "es", "fr")])
    )


def test_chance_is_never_the_same_meaning_to_a_model_that_knows_no_translations(tmp_path):
    scale = Centring(TinyEmbedder(), tmp_path).scale("en", "ru")
    assert scale.place(np.array([scale.chance])) == 0
    assert 0 < scale.by_chance(100) < 1.1
    assert scale.place(np.array([scale.chance + scale.spread])) == pytest.approx(1 / APART)


def test_words_are_compared_as_if_each_were_centred(centring, embedder):
    asked = centring.words(embedder.embed_passages(["bridge", "mayor"]), "en")
    others = embedder.embed_passages(["pont", "maire", "neige"])
    expected = asked @ centring.words(others, "fr").T
    assert np.allclose(centring.compare_words(asked, others, "fr"), expected, atol=1e-5)
    assert expected.argmax(axis=1).tolist() == [0, 1]


def test_a_word_without_a_vector_is_like_nothing(centring, embedder):
    asked = centring.words(embedder.embed_passages(["bridge"]), "en")
    nothing = np.zeros((1, embedder.dimension), np.float32)
    assert centring.compare_words(asked, nothing, "fr") == 0


def test_packed_passages_are_compared_as_if_each_were_centred(centring, embedder):
    asked = centring.questions(embedder.embed_query("Who opened the bridge?"), "en")
    texts = ["Le maire a inauguré le pont.", "La neige tombe.", "Le pain est cuit."]
    vectors = as_kept(embedder.embed_passages(texts))
    blobs = {place: pack(vector) for place, vector in enumerate(vectors, 1)}
    loads = []

    def load(ids):
        loads.append(ids)
        return [(id_, blobs[id_]) for id_ in ids]

    cache = VectorCache(load, most=2)
    for ids in ([3, 1], [1, 3], [2, 1, 3], [1]):
        kept = cache.get(np.array(ids))
        expected = centring.passages(vectors[np.array(ids) - 1], "fr") @ asked
        assert np.allclose(centring.nearness(asked, kept, "fr"), expected, atol=2e-3)
        assert np.allclose(kept.unpacked(), vectors[np.array(ids) - 1], atol=1e-5)
    # What is remembered is not read again, unless there is too much of it.
    assert loads == [[1, 3], [1, 2, 3]]


def test_packed_vectors_side_by_side_and_far_apart_give_the_same_products():
    vectors = as_kept(unit(np.random.default_rng(1).standard_normal((40, 16))))
    cache = VectorCache(lambda ids: [(id_, pack(vectors[id_ - 1])) for id_ in ids], most=40)
    every = cache.get(np.arange(1, 41)).dot(vectors[:2])
    assert np.allclose(every, vectors @ vectors[:2].T, atol=5e-3)
    some = cache.get(np.array([1, 17, 40]))
    assert np.array_equal(some.dot(vectors[:2]), every[[0, 16, 39]])
    assert np.array_equal(some.at(np.array([1])).dot(vectors[:2]), every[[16]])
