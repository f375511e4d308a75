from datetime import date
from functools import partial

import pytest

from assistant.answer.quote.excerpts import MAX_QUOTES
from assistant.answer.quote.quotes import quote_answer
from tests.support.excerpts import found, question


def answer(*hits, passages=100, asked=None, **options):
    *_, last = quote_answer(asked or question(), hits, passages, **options)
    return last


def quotes(*hits):
    return [citation.quote for citation in answer(*hits).citations]


def test_the_best_sentences_are_quoted_best_first_at_their_places():
    hit = found(
        ("It is far.", 0.3), ("It is near.", 0.6), ("It is nearer.", 0.7), ("It is fair.", 0.5)
    )
    assert quotes(hit) == ["It is nearer.", "It is near.", "It is fair."]
    assert len(quotes(hit)) == MAX_QUOTES
    citation = answer(hit).citations[0]
    start = citation.start - hit.passage.start
    assert hit.passage.text[start : start + len(citation.quote)] == citation.quote


def test_an_answer_grows_excerpt_by_excerpt():
    hit = found(("The first one.", 0.6), ("The second one.", 0.7))
    grown = list(quote_answer(question(), [hit], 100))
    assert [len(one.sentences) for one in grown] == [0, 1, 2]
    assert [one.complete for one in grown] == [False, False, True]
    assert {one.lead_in for one in grown} == {grown[0].lead_in}


def test_every_sentence_is_the_quote_that_it_cites():
    given = answer(found(("A first one.", 0.6), ("A second one.", 0.7)))
    assert [s.text for s in given.sentences] == [c.quote for c in given.citations]
    assert [s.citations for s in given.sentences] == [(1,), (2,)]


def test_the_lead_in_names_the_languages_that_are_not_the_askers():
    assert "(French)" in answer(found(("Une phrase.", 0.6))).text
    assert "(" not in answer(found(("A sentence.", 0.6), language="en")).lead_in


def test_the_lead_in_dates_the_quotes_if_the_articles_are_of_different_days():
    old = found(("An old report.", 0.6), language="en", article="a", published=date(2012, 7, 5))
    new = found(("A new report.", 0.7), language="en", article="b", published=date(2013, 1, 2))
    undated = found(("A report.", 0.5), language="en", article="c", published=None)
    told = answer(old, new, undated).lead_in
    assert "2 January 2013 [1] and 5 July 2012 [2]" in told
    french = answer(old, new, asked=question("Et alors ?", "fr")).lead_in
    assert "2 janvier 2013 [1] et 5 juillet 2012 [2]" in french
    assert "2013" not in answer(new, undated).lead_in


def test_articles_that_contradict_each_other_are_quoted_side_by_side_and_named():
    first = ("Fourteen people died in the mill fire.", 0.8)
    second = ("Sixteen people were killed in the mill fire.", 0.1)
    other = ("Nobody knows what set the mill on fire.", 0.7)
    hits = [
        found(first, other, language="en", article="a", wordings=[0.9, 0.7]),
        found(("The mill was old and empty.", 0.6), language="en", article="c"),
        found(second, language="en", article="b", wordings=[0.8], published=date(2024, 1, 4)),
    ]
    given = answer(*hits, asked=question("How many people died in the mill fire?"))
    assert [c.quote for c in given.citations[:2]] == [first[0], second[0]]
    assert "Fourteen (Report a, 2 January 2024)" in given.notice
    assert "Sixteen (Report b, 4 January 2024)" in given.notice
    assert answer(hits[0], asked=question("How many people died in the mill fire?")).notice == ""


def test_what_is_no_nearer_than_chance_is_refused_with_the_nearest():
    refused = answer(found(("It is near.", 0.3), near=0.3, whole=0.3))
    assert refused.refused
    assert (refused.citations, refused.sentences) == ((), ())
    assert [citation.quote for citation in refused.nearest] == ["It is near."]


def test_the_nearest_of_a_refusal_are_no_fragments_that_announce_something():
    unrelated = found(
        ("It said:", 0.3), ("It is near.", 0.2), ("They are:", 0.1), near=0.3, whole=0
    )
    nearest = [citation.quote for citation in answer(unrelated).nearest]
    assert nearest == ["It said:\nIt is near."]


@pytest.mark.parametrize(("strictness", "refused"), [(0.0, False), (0.5, True), (1.0, True)])
def test_an_answer_less_sure_than_the_strictness_is_refused(strictness, refused):
    hit = found(("It is near.", 0.3), near=0.3, whole=0.3)
    given = answer(hit, strictness=strictness)
    assert given.refused is refused
    assert given.confidence < 0.5


def test_nothing_found_is_refused():
    assert answer().refused
    assert answer().nearest == ()


def test_a_refusal_shows_no_passage_that_breaks_off_unless_there_is_no_other():
    far = partial(found, near=0.1, whole=0.1)
    broken, ended = ("Its parts are these:", 0.7), ("It has four parts.", 0.6)
    refused = answer(far(broken), far(ended, article="b"))
    assert [one.quote for one in refused.nearest] == ["It has four parts."]
    alone = answer(far(broken))
    assert [one.quote for one in alone.nearest] == ["Its parts are these:"]
