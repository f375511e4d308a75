"""Words of a claim beside those of its sources, with the real model's vectors in context."""

import pytest

from assistant.answer.verify.alignment import Aligner
from assistant.answer.verify.verifier import Source, Verifier
from assistant.embedding.centring import Centring
from assistant.language.facts import Kind, facts
from assistant.support.settings import Settings
from tests.support.tiny import TinyEmbedder

LED = "Maria Keller announced the museum on 3 May 2021. It is led by Jonas Weber, an architect."


@pytest.mark.parametrize(
    ("claim", "text", "expected"),
    [
        (
            "Google put one billion dollars into DeepMind.",
            "DeepMind placed a billion in Google.",
            1,
        ),
        (
            "Google put one billion dollars into DeepMind.",
            "Google placed a billion in DeepMind.",
            0,
        ),
        ("Jonas Weber announced the museum, which Maria Keller leads.", LED, 1),
        ("Maria Keller announced the museum, which Jonas Weber leads.", LED, 0),
        ("DeepMind was bought by Google in 2014.", "Google bought DeepMind in 2014.", 0),
    ],
)
def test_names_that_changed_places_are_noticed(embedder, claim, text, expected):
    names = [fact for fact in facts(claim, "en") if fact.kind is Kind.NAME]
    assert Aligner(embedder).align(claim, text).exchanges(names) == bool(expected)


@pytest.mark.parametrize(
    ("word", "expected"), [("Noël", True), ("Kourou", True), ("Soyouz", False)]
)
def test_a_name_is_rendered_by_its_translation_alone(embedder, word, expected):
    claim = "Le jour de Noël 2021, une fusée Soyouz a quitté Kourou."
    aligned = Aligner(embedder).align(claim, "On Christmas Day 2021 a rocket left Kourou.")
    start = claim.index(word)
    assert aligned.renders(start, start + len(word)) == expected


def test_a_model_without_vectors_in_context_aligns_nothing():
    assert Aligner(TinyEmbedder()).align("Google bought DeepMind.", "DeepMind.") is None


def test_words_beyond_what_the_model_reads_are_like_none(embedder):
    aligned = Aligner(embedder).align("The museum opened.", "word " * 600 + "museum")
    assert aligned.likeness.shape == (3, 601)
    assert not aligned.renders(0, 3)


def test_the_verifier_marks_exchanged_roles_and_knows_a_translated_name(embedder):
    verifier = Verifier(embedder, Centring(embedder, Settings().cache / "means"))
    sources = [Source(text, "en", title="The museum") for text in LED.split(". ", 1)]
    wrong = "Jonas Weber announced the museum on 3 May 2021, and Maria Keller leads it."
    verdict = verifier.check(wrong, "en", [0, 1], sources)
    assert (verdict.supported, verdict.detail) == (False, "exchanged")
    told = [Source("On Christmas Day 2021 an Ariane 5 rocket left Kourou.", "en")]
    claim = "Le jour de Noël 2021, une fusée Ariane 5 a quitté Kourou."
    assert verifier.check(claim, "fr", [0], told).supported
