"""Which sources an asker may see, by their place: a top-level folder, the top, or the web."""

from __future__ import annotations

from dataclasses import dataclass

TOP = ""
"""The place of a file outside any folder."""

WEB = "://"
"""The place of everything fetched; no folder can have this name."""


HELD = "//"
"""Separates a file's source from the name of an attachment: "mail/offer.eml//prices.pdf"."""


def place_of(source: str) -> str:
    """The top-level folder of ``source``, or ``TOP``, or ``WEB``."""
    if WEB in source:
        return WEB
    folder, slash, _ = file_of(source).partition("/")
    return folder if slash else TOP


def file_of(source: str) -> str:
    """The file in the corpus that contains ``source``; itself, unless it is an attachment."""
    return source if WEB in source else source.partition(HELD)[0]


@dataclass(frozen=True, slots=True)
class Clearance:
    """What may be shown: the sources in the places ``open``, or all if None.

    Open places are listed rather than closed ones, so that it fails closed.
    """

    open: frozenset[str] | None = None

    def shows(self, source: str) -> bool:
        """Whether this source may be named and its text shown."""
        return self.open is None or place_of(source) in self.open


ALL = Clearance()
"""Shows everything."""
