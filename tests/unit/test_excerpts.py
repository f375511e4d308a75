import pytest

from assistant.answer.judge import judge
from assistant.answer.quote.excerpts import (
    LONGEST_EXCERPT,
    MAX_QUOTES,
    MAX_QUOTES_OF_MANY,
    choose_excerpts,
    excerpt,
)
from tests.support.excerpts import found, question


def quotes(*hits, asked=None):
    asked = asked or question()
    ranked = [excerpt(one) for one in judge(asked, hits, 100).sentences]
    return [one.quote for one in choose_excerpts(asked, ranked)]


def test_a_sentence_far_below_the_best_adds_nothing():
    assert quotes(found(("It is near.", 0.9), ("It is far.", 0.1))) == ["It is near."]


def test_the_wording_decides_between_sentences_alike_in_meaning():
    hit = found(("Take one.", 0.6), ("Take two.", 0.6), wordings=[0.0, 0.5])
    assert quotes(hit)[0] == "Take two."


def test_of_sentences_alike_the_one_with_the_thing_asked_for_comes_first():
    hit = found(("Le pont est vieux.", 0.6), ("Le pont date de 1912.", 0.58))
    assert quotes(hit)[0] == "Le pont est vieux."
    when = question("When was the bridge built?")
    assert quotes(hit, asked=when)[0] == "Le pont date de 1912."


def test_of_sentences_alike_the_one_that_says_more_comes_first():
    longer = "The bridge was built of the grey stone that the quarry by the river gave."
    hit = found(("The bridge is old.", 0.6), (longer, 0.6), language="en")
    assert quotes(hit)[0] == longer


def test_a_heading_is_not_quoted_but_speaks_for_what_is_under_it():
    hit = found(("Said before.", 0.5), ("The heading", 0.9), ("Under it.", 0.4), headings=[1])
    assert quotes(hit) == ["Under it.", "Said before."]


@pytest.mark.parametrize("fragment", ["Unbelievable.", "12.", "10 novembre 2012."])
def test_a_word_or_a_date_line_is_not_quoted(fragment):
    assert quotes(found((fragment, 0.9), ("It is near.", 0.6))) == ["It is near."]


def test_the_same_and_nearly_the_same_is_quoted_once():
    said = "The old mill by the river burnt down on Friday night."
    again = "The old mill by the river burnt down Friday night."
    hits = [found((text, 0.6), language="en", article=f"{i}") for i, text in enumerate([said] * 2)]
    assert quotes(*hits) == [said]
    assert quotes(hits[0], found((again, 0.5), language="en", article="b")) == [said]


def test_reports_that_differ_in_a_number_are_both_quoted():
    texts = [f"The fire at the old mill by the river killed {n} people." for n in (14, 16)]
    hits = [found((text, 0.6), language="en", article=f"{i}") for i, text in enumerate(texts)]
    assert quotes(*hits) == texts


def test_sentences_that_follow_each_other_and_both_answer_are_one_excerpt():
    hit = found(
        ("The first one.", 0.6), ("A second one.", 0.7), ("The third one.", 0.5), between=" "
    )
    assert quotes(hit) == ["The first one. A second one.", "The third one."]


def test_sentences_on_different_lines_are_excerpts_of_their_own():
    assert quotes(found(("The first one.", 0.6), ("A second one.", 0.7))) == [
        "A second one.",
        "The first one.",
    ]


def test_two_long_sentences_are_not_one_excerpt():
    long = "It goes on " + "and on " * (LONGEST_EXCERPT // 14) + "{}."
    texts = [long.format("here"), long.format("there")]
    hit = found((texts[0], 0.6), (texts[1], 0.7), between=" ")
    assert quotes(hit) == texts[::-1]
    assert all(len(text) < 400 for text in texts)


@pytest.mark.parametrize(
    ("before", "leaning"),
    [
        ("Seven hundred people signed.", "They threaten to leave."),
        ("Sept cents personnes signent.", "Ils menacent de partir."),
        ("Siebenhundert Menschen schreiben.", "Sie drohen zu gehen."),
        ("Firman setecientas personas.", "Estas amenazan con irse."),
        ("The council met;", "a second director was named."),
    ],
)
def test_a_sentence_that_leans_on_the_one_before_is_quoted_with_it(before, leaning):
    hit = found((before, 0.0), (leaning, 0.9), between=" ")
    assert quotes(hit) == [f"{before} {leaning}"]


@pytest.mark.parametrize(
    "standing", ["Il y a un lac.", "It was the last day.", "The lake is deep."]
)
def test_a_sentence_that_stands_alone_is_quoted_alone(standing):
    assert quotes(found(("Who cares.", 0.0), (standing, 0.9), between=" ")) == [standing]


def test_an_introduction_is_quoted_with_the_list_after_it():
    hit = found(("The towns are:", 0.9), ("- Bern on the Aare", 0.1), ("- Basel too", 0.1))
    assert quotes(hit) == ["The towns are:\n- Bern on the Aare\n- Basel too"]


def test_an_introduction_without_what_it_announces_is_not_quoted():
    assert quotes(found(("It is near.", 0.5), ("The towns are:", 0.9))) == ["It is near."]


def test_an_item_is_quoted_without_its_mark_and_with_its_introduction():
    assert quotes(found(("- Bern on the Aare", 0.9))) == ["Bern on the Aare"]
    hit = found(("The towns are:", 0.1), ("- Bern on the Aare", 0.9))
    assert quotes(hit) == ["The towns are:\n- Bern on the Aare"]


def test_who_asks_for_several_things_gets_more_of_them():
    towns = ["Bern", "Basel", "Thun", "Chur", "Sion", "Genf", "Biel"]
    hit = found(*((f"There is a lake at {town}.", 0.6) for town in towns))
    assert len(quotes(hit)) == MAX_QUOTES
    assert len(quotes(hit, asked=question("List all lakes"))) == MAX_QUOTES_OF_MANY


def test_more_than_three_are_given_only_if_they_are_nearly_as_good():
    nears = [0.9, 0.9, 0.9, 0.45]
    hit = found(*((f"There is a lake at {near} {i}.", near) for i, near in enumerate(nears)))
    assert len(quotes(hit, asked=question("List all lakes"))) == MAX_QUOTES
