from datetime import date

import numpy as np

from assistant.answering import MAX_QUOTES, is_related, quote_answer
from assistant.answers import Hit
from assistant.records import StoredPassage
from assistant.retrieval import Found, Question
from assistant.wording import QuestionWords

QUESTION = Question(
    "Why?", "en", np.zeros(2, np.float32), {}, QuestionWords((), np.zeros((0, 2)), "en")
)


def found(*sentences, language="fr", near=0.6, whole=0.6, wordings=None, headings=(), article="a"):
    """A hit whose sentences are as near as given, on one line, from offset 10 of its article."""
    text = " ".join(sentence for sentence, _ in sentences)
    starts = [10 + text.index(sentence) for sentence, _ in sentences]
    bounds = np.array([(s, s + len(t)) for s, (t, _) in zip(starts, sentences, strict=True)])
    similarities = np.array([value for _, value in sentences], np.float32)
    none = np.zeros((len(sentences), 2), np.float32)
    passage = StoredPassage(
        1, article, "Title", "a.md", language, date(2024, 1, 2), 10, 10 + len(text), text,
        none[0], bounds, np.array([i in headings for i in range(len(sentences))]), none, (),
    )  # fmt: skip
    why = {"passage": whole, "sentence": near, "wording": 0.0}
    hit = Hit(
        1,
        whole,
        1,
        article,
        "Title",
        "a.md",
        language,
        date(2024, 1, 2),
        10,
        passage.end,
        text,
        why,
    )
    words = np.array(wordings or [0.0] * len(sentences), np.float32)
    return Found(hit, passage, similarities, words)


def answer(*hits, passages=100):
    *_, last = quote_answer(QUESTION, hits, passages)
    return last


def quotes(*hits):
    return [citation.quote for citation in answer(*hits).citations]


def test_the_nearest_sentences_are_quoted_best_first_at_their_places():
    hit = found(("Far.", 0.3), ("Near.", 0.6), ("Nearer.", 0.7), ("Fair.", 0.5))
    assert quotes(hit) == ["Nearer.", "Near.", "Fair."]
    assert len(quotes(hit)) == MAX_QUOTES
    citation = answer(hit).citations[0]
    start = citation.start - hit.passage.start
    assert hit.passage.text[start : start + len(citation.quote)] == citation.quote == "Nearer."


def test_a_sentence_far_below_the_best_adds_nothing():
    assert quotes(found(("Near.", 0.9), ("Far.", 0.2))) == ["Near."]


def test_nothing_is_quoted_twice():
    assert quotes(found(("Same.", 0.6)), found(("Same.", 0.6), article="b")) == ["Same."]


def test_the_wording_decides_between_sentences_alike_in_meaning():
    assert quotes(found(("One.", 0.6), ("Two.", 0.6), wordings=[0.0, 0.5]))[0] == "Two."


def test_a_heading_is_not_quoted_but_speaks_for_what_is_under_it():
    hit = found(("Before.", 0.5), ("Heading", 0.9), ("Under it.", 0.4), headings=[1])
    assert quotes(hit) == ["Under it.", "Before."]


def test_an_answer_grows_sentence_by_sentence():
    grown = list(quote_answer(QUESTION, [found(("One.", 0.6), ("Two.", 0.7))], 100))
    assert [len(one.sentences) for one in grown] == [0, 1, 2]
    assert [one.complete for one in grown] == [False, False, True]


def test_the_lead_in_names_the_languages_that_are_not_the_askers():
    assert "(French)" in answer(found(("Une.", 0.6))).text
    assert "(" not in answer(found(("One.", 0.6), language="en")).lead_in


def test_what_is_no_nearer_than_chance_is_refused_with_the_nearest():
    refused = answer(found(("Near.", 0.3), near=0.3, whole=0.3))
    assert refused.refused
    assert (refused.citations, refused.sentences) == ((), ())
    assert [citation.quote for citation in refused.nearest] == ["Near."]


def test_the_more_passages_the_nearer_chance_comes():
    hit = found(("Near.", 0.35), near=0.35, whole=0.3)
    assert is_related([hit], 4)
    assert not is_related([hit], 400)


def test_nothing_found_is_refused():
    assert answer().refused
    assert answer().nearest == ()
