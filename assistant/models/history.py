"""Earlier versions of an article, for citations that were made of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Version:
    """The text of an article, and the day on which a sync replaced it by another."""

    text: str
    replaced: date


@dataclass(frozen=True, slots=True)
class History:
    """What became of an article: its ``versions``, never empty, the cited one first and each
    followed by what replaced it; ``now`` is the id of the article that its file holds now.
    """

    versions: tuple[Version, ...]
    now: str
