import random
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.answer.write.markers import CitedSentence, MarkerParser

MIXED = """Here is what they say:

1. The tower was lit in 1849 [1]. Dr. Smith, its keeper, left in 1994.[2][3] It is high [1, 4].
2. **He** said: "It is done. We go." Then he left the U.S. Army [2-4].

- First [5]
- Second【1】
[3]
[4] Fourth stands (cf. p. 3). Nothing [99] follows [ [12 [1
灯塔于1849年点亮。[1]它很高【2】。Fin [[2]].[^3]
Le phare (allumé en 1849 [1]) fut bâti av. J.-C. ; il est haut [2] ! Oui."""


def read(*pieces, language="en", known=9):
    parser = MarkerParser(language, known)
    return [sentence for piece in pieces for sentence in parser.feed(piece)] + parser.close()


def pairs(text, **more):
    return [(sentence.text, sentence.cited) for sentence in read(text, **more)]


@pytest.mark.parametrize(
    ("marker", "cited"),
    [
        ("[1]", (1,)),
        ("[1, 2]", (1, 2)),
        ("[1][2]", (1, 2)),
        ("[1] [2]", (1, 2)),
        ("[1;2]", (1, 2)),
        ("【1】", (1,)),
        ("【1†source】", (1,)),
        ("［1］", (1,)),
        ("[[1]]", (1,)),
        ("[^1]", (1,)),
        ("[1-3]", (1, 2, 3)),
        ("[1–3, 5]", (1, 2, 3, 5)),
        ("[2][2]", (2,)),
        ("[0]", ()),
        ("[10]", ()),
        ("[8-999]", (8, 9)),
        ("[1, 77]", (1,)),
    ],
)
def test_a_marker_is_read_before_and_after_the_full_stop(marker, cited):
    expected = [("The tower was lit.", cited), ("It is high.", ())]
    assert pairs(f"The tower was lit {marker}. It is high.") == expected
    assert pairs(f"The tower was lit. {marker} It is high.") == expected
    assert pairs(f"The tower was lit.{marker}It is high.") == expected


def test_what_is_no_marker_stays_text():
    text = "In [1849] he [sic] saw f[x], [a] and [1a]."
    assert pairs(text) == [(text, ())]


def test_a_marker_within_a_sentence_belongs_to_it():
    assert pairs("The tower [1] was lit in 1849 [2]. Yes.") == [
        ("The tower was lit in 1849.", (1, 2)),
        ("Yes.", ()),
    ]


def test_a_marker_at_the_start_of_a_line_belongs_to_what_follows_or_else_to_the_line_before():
    assert pairs("[1] The tower was lit.") == [("The tower was lit.", (1,))]
    assert pairs("The tower was lit.\n[1]\nYes.") == [("The tower was lit.", (1,)), ("Yes.", ())]


def test_signs_of_lists_and_headings_are_left_out_but_not_a_day():
    assert [text for text, _ in pairs("# Title\n1. One\n2. Two\n- Three\n**Four**")] == [
        "Title", "One", "Two", "Three", "Four",
    ]  # fmt: skip
    day = "1. Januar 2024 war ein Montag."
    assert pairs(day, language="de") == [(day, ())]


def test_a_full_stop_inside_a_quotation_or_abbreviation_ends_no_sentence():
    texts = ['He said: "It is done. We go."', "Then Dr. Smith left."]
    assert [text for text, _ in pairs(" ".join(texts))] == texts


@pytest.mark.parametrize("end", ["b [1].", "b. [1]", "b.[1]", "b [1]!"])
def test_a_marker_beside_a_full_stop_ends_a_sentence_that_else_would_go_on(end):
    assert [cited for _, cited in pairs(f"It was found on WASP-39 {end} I hope so.")] == [(1,), ()]
    assert len(pairs("It was found on WASP-39 b. I hope so.")) == 1
    assert len(pairs("It was lit by the U.S. [1] army.")) == 1


def test_a_sentence_is_given_as_soon_as_the_next_one_has_begun():
    parser = MarkerParser("en", 9)
    assert parser.feed("The tower was lit [1]. ") == []
    assert parser.feed("[2") == []
    assert parser.feed("] It ") == [CitedSentence("The tower was lit.", (1, 2))]
    assert parser.feed("is high.") == []
    assert parser.close() == [CitedSentence("It is high.", ())]


def test_texts_without_words_give_nothing():
    assert read("") == read("\n\n") == read(" … ") == read("[1]") == []


@settings(deadline=None, max_examples=150)
@given(st.lists(st.integers(0, len(MIXED)), max_size=60), st.sampled_from(["en", "fr", "zh"]))
def test_how_the_text_is_cut_into_pieces_does_not_matter(cuts, language):
    borders = [0, *sorted(cuts), len(MIXED)]
    pieces = [MIXED[start:end] for start, end in pairwise(borders)]
    assert read(*pieces, language=language) == read(MIXED, language=language)


@settings(deadline=None, max_examples=200)
@given(st.text(alphabet='ab A.!?\n[]【】12,-"( 。灯*#', max_size=80), st.randoms())
def test_it_does_not_matter_for_any_text(text, chance: random.Random):
    cut = chance.randint(0, len(text))
    assert read(text[:cut], text[cut:]) == read(*text) == read(text)


@settings(deadline=None, max_examples=200)
@given(st.text(alphabet="ab A.!? \n灯。", max_size=80))
def test_no_word_is_lost_or_added(text):
    def letters(some):
        return [c for c in some if c.isalnum()]

    assert letters("".join(sentence.text for sentence in read(text))) == letters(text)


def test_a_sentence_before_mere_signs_is_not_lost():
    assert pairs("It was lit in 1849. [1] ### Response: It is high [2].")[0] == (
        "It was lit in 1849.",
        (1,),
    )


def test_a_quotation_that_is_not_closed_holds_nothing_back_for_long():
    parser = MarkerParser("en", 9)
    given = parser.feed('He said: "' + "It is done [1]. " * 200)
    assert len(given) > 100
    assert all(sentence.cited == (1,) for sentence in given[1:])
    assert len(parser._line) <= 2 * 640


def test_markers_without_words_are_not_kept():
    parser = MarkerParser("en", 9)
    given = parser.feed("Done. " + "[1] " * 5000)
    assert len(parser._line) <= 2 * 640
    assert [*given, *parser.close()] == [CitedSentence("Done.", (1,))]


TABLE = """They promised:

| Company | Sum | Source |
|:--------|----:|--------|
| **Amazon** | $8 billion | [S1] |
| Google | $2 billion [2] |
| Others | | |
[3]

| No rule | here [1] |
The end [1]."""


def test_the_rows_of_a_table_are_told_with_their_headings():
    expected = [
        CitedSentence("They promised:", ()),
        CitedSentence("Amazon | $8 billion", (1,), "Company | Sum | Source"),
        CitedSentence("Google | $2 billion", (2,), "Company | Sum | Source"),
        CitedSentence("Others", (3,), "Company | Sum | Source"),
        CitedSentence("No rule | here", (1,)),
        CitedSentence("The end.", (1,)),
    ]
    assert read(TABLE) == read(*TABLE) == expected


def test_a_bar_in_a_cell_divides_nothing():
    assert pairs("| a \\| b | c [1] |") == [("a|b | c", (1,))]
