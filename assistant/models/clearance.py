"""Which sources an asker may see, by the place that each lies in."""

from __future__ import annotations

from dataclasses import dataclass

TOP = ""
"""The place of a file that lies in no folder of the corpus."""

WEB = "://"
"""The place of everything that was fetched; no folder can have this name."""


HELD = "//"
"""Parts the source of a file from the name of one that it holds: "mail/offer.eml//prices.pdf"."""


def place_of(source: str) -> str:
    """The top-level folder that ``source`` lies in, or ``TOP``, or ``WEB``."""
    if WEB in source:
        return WEB
    folder, slash, _ = file_of(source).partition("/")
    return folder if slash else TOP


def file_of(source: str) -> str:
    """The file in the corpus that holds what ``source`` names: itself, unless it lies in one."""
    return source if WEB in source else source.partition(HELD)[0]


@dataclass(frozen=True, slots=True)
class Clearance:
    """What may be shown: the sources in the places ``open``, or all if that is None.

    The open places are listed, not the closed ones: what nobody thought of stays closed.
    """

    open: frozenset[str] | None = None

    def shows(self, source: str) -> bool:
        """Whether this source may be named, and its text shown."""
        return self.open is None or place_of(source) in self.open


ALL = Clearance()
"""Shows everything."""
