"""Plausible metadata: drops what programs and templates fill in."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from pathlib import PurePosixPath

from assistant.ingest.readers.draft import Draft, Piece, compose, first_heading, one_line
from assistant.ingest.readers.mending import mend

_LONGEST = 300
_FILE_NAME = re.compile(
    r"^[^\s/\\]*\.(?:\w{2,5})$|\.(?:docx?|pdf|pptx?|rtf|odt|indd|tex|qxd|xlsx?)$"
)
_NO_TITLE = re.compile(
    r"^[(\[]?(anonymous|unspecified|untitled)[)\]]?$|microsoft (word|powerpoint|office)|"
    r"^(untitled|unnamed|sans (titre|nom)|ohne titel|sin título|"
    r"unbenannt|titre|title|titel|título|presentation|présentation|präsentation|presentación|"
    r"powerpoint.presentation|document|dokument|documento|model|slide|layout|scan|print|"
    r"image|word document|no title|none|null)?( ?document)?[\s\d_-]*$",
    re.I,
)
_NO_AUTHOR = re.compile(
    r"^[(\[]?(user|users|admin|administrator|administrateur|owner|unknown|anonymous|author|auteur|root|"
    r"default|guest|none|null|python-(?:docx|pptx)|openpyxl|scanner|windows user|"
    r"utilisateur( windows)?|(microsoft|ms)( office)? user|microsoft|"
    r"pc|hp|dell|lenovo|acer|asus|\w+-?pc|"
    r"微软用户|用户|unspecified)\d*[)\]]?$",
    re.I,
)
_PDF_DATE = re.compile(r"^\s*+D?:?\s*(\d{4})(\d{2})(\d{2})")
_EARLIEST = date(1975, 1, 1)  # no file is older, but many a clock stood at 1970
_TEMPLATES = frozenset({date(2013, 12, 23), date(2013, 1, 27)})
"""Days that python-docx and python-pptx write into every file unless they are told another."""

_NAMED_DAY = re.compile(r"(?<!\d)(\d{4})([-_.]?)(\d\d)\2(\d\d)(?!\d)")


def document(
    pieces: Sequence[Piece],
    *,
    title: str | None,
    author: str | None,
    made: str | date | None,
    language: str | None = None,
) -> Draft:
    """The draft of a document of ``pieces`` with the properties that its program keeps, as far as
    they are plausible; its title is its first heading if they name none.
    """
    return Draft(
        *compose(pieces),
        title=plausible_title(title) or first_heading(pieces),
        language=language or None,
        published=plausible_date(made),
        author=plausible_author(author),
    )


def plausible_title(value: str | None) -> str | None:
    """``value`` if a person may have written it as a title, and no program by itself."""
    title = one_line(mend(value or ""))
    if title is None or len(title) > _LONGEST or not any(char.isalpha() for char in title):
        return None
    return None if _NO_TITLE.search(title) or _FILE_NAME.search(title.lower()) else title


def plausible_author(value: str | None) -> str | None:
    """``value`` if it may be the name of whoever wrote the text, not that of an account."""
    author = one_line(mend(value or ""))
    if author is None or len(author) > _LONGEST or not any(char.isalpha() for char in author):
        return None
    return None if _NO_AUTHOR.search(author) else author


def day_in_name(source: str) -> date | None:
    """The one day that the name of a file states, as in ``2026-03-04-minutes.txt``."""
    days = {
        plausible_date(f"{year}-{month}-{day}")
        for year, _, month, day in _NAMED_DAY.findall(PurePosixPath(source).name)
    }
    return days.pop() if len(days) == 1 else None


def plausible_date(value: str | date | datetime | None) -> date | None:
    """The day in ``value`` (ISO 8601, or a PDF's "D:20240517093000"), unless it lies in the future
    or before there were files, or is a template's.
    """
    if isinstance(value, datetime):
        value = value.date()
    if isinstance(value, str):
        digits = _PDF_DATE.match(value.replace("-", "", 2))
        try:
            value = date(int(digits[1]), int(digits[2]), int(digits[3])) if digits else None
        except ValueError:
            return None
    if value is None or value in _TEMPLATES:
        return None
    tomorrow = date.today() + timedelta(days=1)  # somewhere it is that already
    return value if _EARLIEST <= value <= tomorrow else None
