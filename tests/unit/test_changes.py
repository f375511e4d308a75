"""What became of cited words in later versions of their article."""

from dataclasses import replace
from datetime import date

import pytest

from assistant.models.article import Article
from assistant.models.history import History, Version
from assistant.web.pages.changes import trace

DAY, LATER = date(2026, 3, 1), date(2026, 5, 2)
FEES = """The harbour

Boats may stay for three nights. The fee is 12 euros a night. Dogs are kept on a lead.

The office opens at eight."""
CITED = "The fee is 12 euros a night."


def traced(*texts, cited=CITED, days=(DAY, LATER)):
    """How the last of ``texts`` shows what was ``cited`` of the first."""
    versions = tuple(Version(text, day) for text, day in zip(texts, days, strict=False))[
        : len(texts) - 1
    ]
    now = replace(Article("Fees", "", "en", "fees.md"), text=texts[-1])
    start = texts[0].index(cited)
    found = trace(History(versions, "now"), now, start, start + len(cited))
    return found, now.text[found.span.start : found.span.end] if found.span else None


def test_words_that_only_moved_are_found_at_their_new_place():
    found, words = traced(FEES, f"News: a new quay.\n\n{FEES}")
    assert words == CITED
    assert found.change is None
    assert traced(FEES, FEES.replace("12 euros a", "12 euros\n a"))[1] == CITED.replace(
        "euros a", "euros\n a"
    )


def test_a_changed_sentence_is_told_with_old_and_new_words():
    found, words = traced(FEES, FEES.replace("12 euros", "15 euros"))
    assert words == "The fee is 15 euros a night."
    assert found.change.day == DAY
    assert [p.text.strip() for p in found.change.before if p.differs] == ["12"]
    assert [p.text.strip() for p in found.change.after if p.differs] == ["15"]
    assert "".join(p.text for p in found.change.before) == CITED


def test_the_day_is_that_of_the_version_in_which_it_changed():
    same = FEES.replace("eight", "nine")
    found, words = traced(FEES, same, same.replace("12 euros", "15 euros"))
    assert (found.change.day, words) == (LATER, "The fee is 15 euros a night.")


def test_a_removed_sentence_is_told_without_a_place():
    found, words = traced(FEES, FEES.replace(f" {CITED}", ""))
    assert words is None
    assert found.change.after == ()
    assert [p.text for p in found.change.before] == [CITED]


def test_a_new_text_that_has_nothing_in_common_is_no_new_form_of_it():
    found, words = traced(FEES, "Lighthouses.\n" + "They stand on rocks in the sea. " * 8)
    assert (words, found.change.after) == (None, ())


def test_of_equal_words_those_with_the_same_neighbours_are_meant():
    old = "Monday: closed.\nNoon.\nFriday: closed.\nLate."
    new = "Sunday: closed.\nMonday: closed.\nNoon.\nFriday: closed.\nLate."
    versions = (Version(old, DAY),)
    start = old.rindex("closed.")
    now = replace(Article("Days", "", "en", "days.md"), text=new)
    found = trace(History(versions, "now"), now, start, start + 7)
    assert found.span.start == new.rindex("closed.")


@pytest.mark.parametrize("text", ["a " * 200_000, "x\n" * 200_000])
def test_a_long_text_of_the_same_words_takes_no_time(text):
    now = replace(Article("Long", "", "en", "long.md"), text=text + "b")
    found = trace(History((Version(text, DAY),), "now"), now, 10, 1_900)
    assert found.change is None


def test_more_than_an_answer_quotes_is_not_traced():
    found = trace(
        History((Version("a " * 5_000, DAY),), ""), Article("A", "a", "en", "a"), 0, 9_000
    )
    assert found.span is None
    assert found.change is None
