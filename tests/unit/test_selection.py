from dataclasses import replace
from datetime import date

import pytest

from assistant.answer.quote.selection import (
    MAX_QUOTES,
    choose_excerpts,
    in_context,
    related_excerpts,
    shares,
    without_gaps,
)
from assistant.answer.quote.shape import LONGEST_EXCERPT, LONGEST_LIST
from assistant.answer.quote.sides import sides
from tests.support.excerpts import found, question, ranked

TODAY = date(2026, 5, 1)


def quotes(*hits, asked="Tell me more", language="en"):
    chosen = choose_excerpts(question(asked, language), ranked(*hits), TODAY)
    return [one.quote for one in chosen]


def test_one_sentence_answers_unless_another_is_as_likely():
    hit = found(("It is near.", 0.9), ("It is far.", 0.7))
    assert quotes(hit) == ["It is near."]
    hit = found(("It is near.", 0.9), ("It is far.", 0.89))
    assert quotes(hit) == ["It is near.", "It is far."]


def test_what_is_not_quoted_is_related():
    said = [
        "Bern has bears.",
        "Thun has a lake.",
        "Chur is old.",
        "Sion grows wine.",
        "Biel ticks.",
    ]
    every = ranked(found(*((text, 0.9 - 0.15 * i) for i, text in enumerate(said))))
    chosen = choose_excerpts(question(), every, TODAY)
    related = related_excerpts(every, chosen)
    assert [one.quote for one in chosen] == said[:1]
    assert [one.quote for one in related] == said[1 : 1 + MAX_QUOTES]


def test_who_asks_for_several_things_gets_more_of_them():
    towns = ["Bern", "Basel", "Thun", "Chur", "Sion", "Genf", "Biel"]
    hit = found(*((f"There is a lake at {town}.", 0.6) for town in towns))
    assert len(quotes(hit)) == MAX_QUOTES
    assert len(quotes(hit, asked="List all lakes")) == 2 * MAX_QUOTES


def test_the_same_is_quoted_once():
    said = "The old mill by the river burnt down on Friday night."
    again = said.upper()
    hits = [found((text, 0.6), language="en", article=f"{i}") for i, text in enumerate([said] * 2)]
    assert quotes(*hits) == [said]
    assert quotes(hits[0], found((again, 0.6), language="en", article="b")) == [said]


def test_reports_that_differ_in_a_number_are_both_quoted():
    texts = [f"The fire at the old mill by the river killed {n} people." for n in (14, 16)]
    hits = [found((text, 0.6), language="en", article=f"{i}") for i, text in enumerate(texts)]
    assert quotes(*hits) == texts


def test_sentences_that_follow_each_other_and_both_answer_are_one_excerpt():
    hit = found(("The first one.", 0.69), ("A second one.", 0.7), ("Third.", 0.1), between=" ")
    assert quotes(hit) == ["The first one. A second one."]


@pytest.mark.parametrize(
    ("asked", "best", "held"),
    [
        ("Why is the ferry late?", "The ferry is late.", "It waits because of the fog."),
        ("When does the ferry sail?", "The ferry sails.", "The pier opens on 3 May 2026."),
    ],
)
def test_what_holds_the_kind_of_thing_asked_for_leads_if_it_is_near(asked, best, held):
    near = found((best, 0.6), (held, 0.45), ("Bring a coat.", 0.44), language="en")
    assert quotes(near, asked=asked) == [held, best]
    assert quotes(near, asked="Is the ferry late?") == [best]
    far = found((best, 0.6), (held, 0.3), language="en")
    assert quotes(far, asked=asked) == [best]


def test_nothing_in_another_language_is_added_to_an_answer_in_the_asker_s():
    texts = {"en": "The pool opens at seven.", "fr": "La piscine ouvre à sept heures."}
    hits = [found((text, 0.6), language=one, article=one) for one, text in texts.items()]
    for language, text in texts.items():
        said = "The pool?" if language == "en" else "La piscine ?"
        own_first = sorted(hits, key=lambda hit: hit.passage.language != language)
        assert quotes(*own_first, asked=said, language=language) == [text]
    assert len(quotes(*hits, asked="Das Bad?", language="de")) == 2


def test_a_quote_takes_in_its_neighbours_until_it_likely_holds_the_answer():
    def shown(hit):
        every = ranked(hit)
        return [one.quote for one in in_context(every[:1], shares(every))]

    texts = ["The mill burnt down.", "The roof fell in.", "Nobody was hurt.", "It rained."]
    unlike = found(*zip(texts, (0.2, 0.9, 0.2, 0.2), strict=True), between=" ")
    assert shown(unlike) == [texts[1]]
    alike = found(*zip(texts, (0.7, 0.9, 0.6, 0.2), strict=True), between=" ")
    assert shown(alike) == [" ".join(texts[:2])]
    apart = found(*zip(texts, (0.7, 0.9, 0.6, 0.2), strict=True))
    assert shown(apart) == ["\n\n".join(texts[:2])]
    headed = found(*zip(texts, (0.8, 0.9, 0.7, 0.2), strict=True), headings=[0])
    assert shown(headed) == ["\n\n".join(texts[1:3])]
    listed = found(*zip(texts, (0.7, 0.9, 0.6, 0.2), strict=True), between="\n")
    assert shown(listed) == [texts[1]]


def test_a_sentence_beside_a_quoted_one_is_quoted_with_it_at_less():
    texts = [("The ferry leaves from Horn.", 0.9), ("It sails at noon.", 0.7)]
    assert quotes(found(*texts, between=" ")) == [" ".join(text for text, _ in texts)]
    assert quotes(found(*texts)) == [texts[0][0]]


def test_quotes_of_one_paragraph_with_little_between_are_one():
    said = [(f"The {name} are open.", 0.6) for name in ("baths", "halls", "parks", "woods")]
    line = ranked(found(*said, between=" "))
    by_row = sorted(line, key=lambda one: one.first)
    assert [(one.first, one.last) for one in without_gaps([by_row[2], by_row[0]])] == [(0, 2)]
    assert without_gaps([by_row[3], by_row[0]]) == [by_row[3], by_row[0]]
    apart = sorted(ranked(found(*said)), key=lambda one: one.first)
    assert without_gaps([apart[1], apart[0]]) == [apart[1], apart[0]]


def test_rows_and_items_are_shown_without_their_neighbours():
    hit = found(("- Bring a coat.", 0.7), ("- Bring a lamp.", 0.9), ("- Bring water.", 0.7))
    assert quotes(hit) == ["Bring a lamp."]


def test_two_long_sentences_are_not_one_excerpt():
    long = "It goes on " + "and on " * (LONGEST_EXCERPT // 14) + "{}."
    texts = [long.format("here"), long.format("there")]
    hit = found((texts[0], 0.69), (texts[1], 0.7), between=" ")
    assert quotes(hit) == texts[::-1]


@pytest.mark.parametrize(
    ("before", "leaning"),
    [
        ("Seven hundred people signed.", "They threaten to leave."),
        ("Sept cents personnes signent.", "Ils menacent de partir."),
        ("Siebenhundert Menschen schreiben.", "Sie drohen zu gehen."),
        ("Firman setecientas personas.", "Estas amenazan con irse."),
        ("A group was founded.", "It is led by a former engineer."),
        ("The council met;", "a second director was named."),
    ],
)
def test_a_sentence_that_leans_on_the_one_before_is_quoted_with_it(before, leaning):
    hit = found((before, 0.0), (leaning, 0.9), between=" ")
    assert quotes(hit) == [f"{before} {leaning}"]


def items(*nears, heading=None, intro=None):
    lines = [(f"Item {i} of it", near) for i, near in enumerate(nears)]
    above = [("What is in it", heading)] if heading is not None else []
    above += [intro] if intro else []
    return found(*above, *lines, headings=[0] if heading is not None else [], between="\n")


def test_an_introduction_is_quoted_with_the_list_after_it():
    hit = items(0.1, 0.1, intro=("It holds:", 0.9))
    assert quotes(hit) == ["It holds:\nItem 0 of it\nItem 1 of it"]


def test_an_introduction_without_what_it_announces_is_not_quoted():
    assert quotes(found(("It is near.", 0.85), ("The towns are:", 0.9))) == ["It is near."]


def test_an_item_alone_is_quoted_where_it_is_what_is_asked_for():
    assert quotes(items(0.1, 0.9, heading=0.5)) == ["Item 1 of it"]


def test_a_list_is_quoted_whole_where_its_heading_is_what_is_asked_for():
    assert quotes(items(0.1, 0.5, heading=0.9)) == ["Item 0 of it\nItem 1 of it"]


def test_the_steps_of_a_list_are_quoted_whole_to_who_asks_how():
    hit = items(0.55, 0.3, heading=0.5)
    assert quotes(hit) == ["Item 0 of it"]
    assert quotes(hit, asked="How do I do it?") == ["Item 0 of it\nItem 1 of it"]


def test_a_list_is_quoted_whole_to_who_asks_for_several_things():
    assert quotes(items(0.9, 0.1), asked="List all items") == ["Item 0 of it\nItem 1 of it"]


def test_the_list_of_a_section_is_quoted_where_what_follows_it_comes_nearest():
    said = [("Tasks", 0.9), ("Ada: the key", 0.3), ("Bo: the lamp\n", 0.3), ("Next: May", 0.9)]
    hit = found(*said, headings=[0], between="\n")
    bounds = hit.passage.bounds - [[0, 0], [0, 0], [0, 1], [0, 0]]  # a blank line after the list
    hit = replace(hit, passage=replace(hit.passage, bounds=bounds))
    assert quotes(hit, asked="List all tasks of April") == ["Ada: the key\nBo: the lamp"]
    assert quotes(hit, asked="When is the next one?") == ["Next: May"]


def test_of_a_long_list_the_first_items_are_quoted():
    (quote,) = quotes(items(*[0.5] * LONGEST_LIST), asked="List all items")
    assert quote.startswith("Item 0 of it\nItem 1 of it")
    assert LONGEST_LIST - 30 < len(quote) <= LONGEST_LIST


def test_as_many_sentences_follow_as_the_one_before_says():
    hit = found(
        ("Three causes explain it.", 0.9), ("First, rain.", 0.1), ("Then, dust.", 0.1),
        ("Last, heat.", 0.1), ("It is over.", 0.1), between=" ", language="en",
    )  # fmt: skip
    asked = "Which three causes explain it?"
    assert quotes(hit, asked=asked) == [
        "Three causes explain it. First, rain. Then, dust. Last, heat."
    ]


def test_a_comparison_with_one_named_thing_has_no_sides():
    asked = "Why did Berlin let its last three reactors run longer than planned?"
    said = "In Berlin liefen die letzten drei Meiler länger, weil das Gas ausblieb."
    assert sides(question(asked), ranked(found((said, 0.9), language="de"))) == []
