"""Which sources an asker may see, by the place that each lies in."""

from __future__ import annotations

from dataclasses import dataclass

TOP = ""
"""The place of a file that lies in no folder of the corpus."""

WEB = "://"
"""The place of everything that was fetched; no folder can have this name."""


def place_of(source: str) -> str:
    """The top-level folder that ``source`` lies in, or ``TOP``, or ``WEB``."""
    if WEB in source:
        return WEB
    folder, slash, _ = source.partition("/")
    return folder if slash else TOP


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
