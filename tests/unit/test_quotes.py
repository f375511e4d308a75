from dataclasses import replace
from datetime import date
from functools import partial
from itertools import product

import pytest

from assistant.answer.quote.quotes import Reply, quote_answer, reply
from assistant.models.answer import Certainty
from assistant.models.article import UNKNOWN_LANGUAGE
from tests.support.excerpts import found, question, ranked


def answer(*hits, passages=100, asked=None, **options):
    return grown(*hits, passages=passages, asked=asked, **options)[-1]


def grown(*hits, passages=100, asked=None, **options):
    asked = asked or question()
    given = reply(asked, hits, hits, passages, read=lambda article: None, **options)
    return list(quote_answer(asked, [given]))


def quotes(*hits):
    return [citation.quote for citation in answer(*hits).citations]


def test_a_quote_stands_at_its_place():
    hit = found(("It is far.", 0.3), ("It is near.", 0.6), near=0.9, whole=0.9)
    citation = answer(hit, strictness=0.0).citations[0]
    start = citation.start - hit.passage.start
    assert hit.passage.text[start : start + len(citation.quote)] == citation.quote
    assert citation.quote == "It is near."


def test_an_answer_grows_excerpt_by_excerpt():
    excerpts = tuple(ranked(found(("The first one.", 0.7), ("The second one.", 0.7))))
    asked = question()
    states = list(quote_answer(asked, [Reply(asked, Certainty.SURE, 0.9, 0.9, excerpts)]))
    assert [len(one.sentences) for one in states] == [0, 1, 2]
    assert [one.complete for one in states] == [False, False, True]
    assert {one.lead_in for one in states} == {states[0].lead_in}


def test_an_answer_is_not_sure_if_as_much_is_left_unquoted():
    places = ("far", "near", "high", "low", "deep", "there", "here")
    said = [(f"The lake lies {place}.", 0.9) for place in places]
    asked = question("Where does the lake lie?")
    alone, among = (answer(found(*some), asked=asked, strictness=0.0) for some in (said[:1], said))
    assert alone.certainty is Certainty.SURE
    assert among.certainty is Certainty.UNSURE


@pytest.mark.parametrize(
    ("asked", "certainty"),
    [("What is the WLB?", Certainty.UNSURE), ("Who painted the WLB?", Certainty.NONE)],
)
def test_what_an_entry_explains_is_not_refused(asked, certainty):
    hit = found(("WLB: the water level board.", 0.5), ("The WLB is red.", 0.4), language="en")
    assert answer(hit, asked=question(asked), strictness=1.0).certainty is certainty


def test_every_sentence_is_the_quote_that_it_cites():
    given = answer(found(("A first one.", 0.6), ("A second one.", 0.6)), strictness=0.0)
    assert [s.text for s in given.sentences] == [c.quote for c in given.citations]
    assert [s.citations for s in given.sentences] == [(1,), (2,)]


def test_the_lead_in_says_that_it_is_not_said_outright_or_in_which_language_it_is():
    (excerpt,) = ranked(found(("Une phrase.", 0.6)))
    told = {}
    for language, certainty in product(("en", "fr"), (Certainty.SURE, Certainty.UNSURE)):
        asked = question(language=language)
        *_, last = quote_answer(asked, [Reply(asked, certainty, 0.9, 0.9, (excerpt,))])
        told[language, certainty] = last.lead_in
    assert told["en", Certainty.SURE] == "From the articles, in their own words (French):"
    assert told["fr", Certainty.SURE] == ""
    assert told["en", Certainty.UNSURE].startswith("The articles do not say it outright.")
    assert told["fr", Certainty.UNSURE].startswith("Les articles ne le disent pas")


def test_a_question_in_no_known_language_is_told_of_no_foreign_ones_in_the_interface_s():
    (excerpt,) = ranked(found(("It is far.", 0.6), language="en"))
    asked = question(language=UNKNOWN_LANGUAGE)
    *_, last = quote_answer(asked, [Reply(asked, Certainty.SURE, 0.9, 0.9, (excerpt,))])
    assert last.lead_in == ""


def test_what_two_questions_share_is_quoted_once_as_the_longer():
    hit = found(
        ("It must have ten letters.", 0.6), ("It is changed once a year.", 0.6), between=" "
    )
    short, _ = ranked(hit)
    both = replace(short, last=1)
    asked = [question("How long is it?"), question("How often is it changed?")]
    *_, last = quote_answer(
        asked[0],
        [
            Reply(asked[0], Certainty.SURE, 0.9, 0.9, (short,)),
            Reply(asked[1], Certainty.SURE, 0.9, 0.9, (both,)),
        ],
    )
    assert [one.quote for one in last.citations] == [both.quote]
    assert [part.citations for part in last.parts] == [(1,), (1,)]


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
    assert given.short is None
    assert answer(hits[0], asked=question("How many people died in the mill fire?")).notice == ""


def test_what_is_less_sure_than_wanted_is_refused_with_the_nearest():
    refused = answer(found(("It is near.", 0.3), near=0.3, whole=0.3), strictness=1.0)
    assert refused.refused
    assert (refused.citations, refused.sentences) == ((), ())
    assert [citation.quote for citation in refused.nearest] == ["It is near."]


def test_the_nearest_of_a_refusal_are_no_fragments_that_announce_something():
    unrelated = found(
        ("It said:", 0.3), ("It is near.", 0.2), ("They are:", 0.1), near=0.3, whole=0
    )
    nearest = [citation.quote for citation in answer(unrelated, strictness=1.0).nearest]
    assert nearest == ["It said:\n\nIt is near."]


@pytest.mark.parametrize(("strictness", "refused"), [(0.0, False), (1.0, True)])
def test_an_answer_less_sure_than_the_strictness_is_refused(strictness, refused):
    hit = found(("It is near.", 0.3), near=0.3, whole=0.3)
    given = answer(hit, strictness=strictness)
    assert given.refused is refused
    assert given.refused is (given.certainty is Certainty.NONE)


def test_nothing_found_is_refused():
    assert answer().refused
    assert answer().nearest == ()


def test_a_refusal_shows_no_passage_that_breaks_off_unless_there_is_no_other():
    far = partial(found, near=0.1, whole=0.1)
    broken, ended = ("Its parts are these:", 0.7), ("It has four parts.", 0.6)
    refused = answer(far(broken), far(ended, article="b"), strictness=1.0)
    assert [one.quote for one in refused.nearest] == ["It has four parts."]
    alone = answer(far(broken), strictness=1.0)
    assert [one.quote for one in alone.nearest] == ["Its parts are these:"]
