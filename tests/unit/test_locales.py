"""The texts of the interface."""

from __future__ import annotations

import re
import string
from datetime import date
from pathlib import Path

import pytest

import assistant
from assistant.language.locales import Locale, choose, locales

PACKAGE = Path(assistant.__file__).parent
EVERY = list(locales().values())
ENGLISH, FRENCH = locales()["en"], locales()["fr"]


def names(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("locale", EVERY, ids=lambda locale: locale.code)
def test_every_locale_has_every_text_with_the_same_values(locale: Locale) -> None:
    assert set(locale.texts) == set(ENGLISH.texts)
    assert all(locale.texts[key].strip() for key in locale.texts)
    for key, text in ENGLISH.texts.items():
        assert names(locale.texts[key]) == names(text), key


def test_every_text_is_used_and_every_used_text_exists() -> None:
    sources = [*PACKAGE.rglob("*.py"), *PACKAGE.glob("web/templates/*.html")]
    sources += PACKAGE.glob("web/static/*.js")
    widget = (PACKAGE / "web/widget/widget.js").read_text(encoding="utf-8")
    code = "\n".join(path.read_text(encoding="utf-8") for path in sources)
    built = re.compile(
        r"articles\.(one|other)$|talk\.\w+(\.none)?$|progress\.(reading|passages|sentences|words)$"
    )
    for key in ENGLISH.texts:
        if key.startswith("widget."):
            assert re.search(rf"\bwords\.{key.removeprefix('widget.')}\b", widget), key
            continue
        assert built.match(key) or f'"{key}"' in code or f"'{key}'" in code, key
    for key in re.findall(r"""(?:\bt|\btext)\(["']([^"']+)["']""", code):
        assert key in ENGLISH.texts


@pytest.mark.parametrize(
    ("accepted", "chosen", "expected"),
    [
        ("fr-FR,fr;q=0.9,en;q=0.8", None, "fr"),
        ("de-DE,de;q=0.9,fr;q=0.5,en;q=0.4", None, "de"),
        ("ja,fr;q=0.5,en;q=0.4", None, "fr"),
        ("en;q=0.3, fr;q=0.7", None, "fr"),
        ("fr;q=0, en", None, "en"),
        ("fr;q=0", None, "en"),
        ("ja", None, "en"),
        (None, None, "en"),
        ("", None, "en"),
        (";;q=,,fr;q=x,é" * 500, None, "en"),
        ("en", "fr", "fr"),
        ("fr", "../../etc", "fr"),
    ],
)
def test_the_language_is_the_reader_s(
    accepted: str | None, chosen: str | None, expected: str
) -> None:
    assert choose(accepted, chosen).code == expected


def test_dates_numbers_and_names_are_written_as_each_language_does() -> None:
    assert ENGLISH.day(date(2026, 11, 1)) == "1 November 2026"
    assert FRENCH.day(date(2026, 11, 1)) == "1 novembre 2026"
    assert FRENCH.day(date(2026, 8, 21)) == "21 août 2026"
    assert ENGLISH.count("articles", 1) == "1 article"
    assert ENGLISH.count("articles", 12804) == "12,804 articles"
    assert ENGLISH.language("de") == "German"
    assert ENGLISH.language("xx") == "xx"


def test_the_library_is_told_in_one_line() -> None:
    newest = date(2026, 11, 21)
    assert ENGLISH.library(0, (), None) == "No articles yet"
    assert ENGLISH.library(1, ("fr",), None) == "1 article in French"
    assert ENGLISH.library(3, ("und",), newest) == "3 articles"
    assert (
        ENGLISH.library(128, ("fr", "en", "de"), newest)
        == "128 articles in French, English and German, up to 21 November 2026"
    )
    assert (
        FRENCH.library(128, ("fr", "en", "de", "it", "es", "und"), newest)
        == "128 articles en 5 langues, jusqu’au 21 novembre 2026"
    )
