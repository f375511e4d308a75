"""What the chat offers to narrow an answer down to, and what it takes from a browser."""

from __future__ import annotations

from datetime import date

import pytest

from assistant.language.locales import locales
from assistant.models.filters import EVERYTHING, Filters
from assistant.models.records import ArticleSummary
from assistant.support.errors import QuestionError
from assistant.web.chat.filters import MOST_FOLDERS, Choices, choices, describe, read

ENGLISH, GERMAN = locales()["en"], locales()["de"]
MAY, JUNE = date(2024, 5, 1), date(2024, 6, 1)


def article(source: str, language: str = "fr", published: date | None = None) -> ArticleSummary:
    return ArticleSummary(source, "A title", language, published, (source,), 1)


def test_what_would_leave_nothing_out_is_not_offered() -> None:
    assert not choices([])
    assert not choices([article("a.md"), article("b.md")])
    assert not choices([article("news/a.md", "fr", MAY), article("news/b.md", "und", MAY)])


def test_what_tells_the_articles_apart_is_offered() -> None:
    held = [
        article("news/2024/a.md", "fr", MAY),
        article("news/2024/b.md", "en"),
        article("news/c.md", "fr"),
    ]
    assert choices(held) == Choices(("en", "fr"), True, ("news/2024",))
    held.append(article("d.md"))
    assert choices(held).folders == ("news", "news/2024")
    assert choices([article("https://a.example/x"), article("/b.md")]).folders == ()


def test_of_very_many_folders_those_at_the_top_are_offered() -> None:
    deep = [article(f"{'abc'[n % 3]}/{n}/a.md") for n in range(MOST_FOLDERS)]
    assert choices(deep).folders == ("a", "b", "c")


def test_choices_are_read_and_told() -> None:
    chosen = read("fr", "2024-05-01", "2024-06-01", "news")
    assert chosen == Filters("fr", MAY, JUNE, "news")
    assert describe(chosen, ENGLISH) == "French · 1 May 2024 to 1 June 2024 · news"
    assert describe(read("", "2024-05-01", "", ""), GERMAN) == "ab 1. Mai 2024"
    assert describe(read("", "", "2024-05-01", ""), ENGLISH) == "until 1 May 2024"
    assert describe(EVERYTHING, ENGLISH) == ""


@pytest.mark.parametrize("junk", [None, "", 7, ["fr"], {"value": "fr"}, True])
def test_what_is_not_a_choice_chooses_nothing(junk: object) -> None:
    assert read(junk, junk, junk, junk) == EVERYTHING


def test_a_day_that_is_none_is_left_out_or_refused() -> None:
    assert read("", "yesterday", "", "") == EVERYTHING
    with pytest.raises(QuestionError, match="'yesterday' is not a day"):
        read("", "yesterday", "", "", strict=True)
    assert read("", "", "", "", strict=True) == EVERYTHING
