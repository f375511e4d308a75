"""The automatic numbers of Word: what stands before a paragraph though nobody typed it."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from assistant.ingest.readers.numbering import STYLES, whole_number
from assistant.ingest.readers.word_xml import Styles, W, child, value

if TYPE_CHECKING:
    from lxml.etree import _Element

_FORMATS: dict[str, Callable[[int], str]] = {
    "decimal": str,
    "decimalZero": lambda number: f"{number:02d}",
    "upperRoman": STYLES["I"],
    "lowerRoman": STYLES["i"],
    "upperLetter": STYLES["A"],
    "lowerLetter": STYLES["a"],
    "none": lambda number: "",
}
_PLACE = re.compile(r"%([1-9])")
_LONGEST = 100


@dataclass(frozen=True, slots=True)
class _Level:
    start: int
    format: str
    text: str
    legal: bool
    restart: int | None


@dataclass(slots=True)
class _List:
    """The levels of a list, and how far it has been counted at each."""

    levels: dict[int, _Level]
    counts: dict[int, int] = field(default_factory=dict)


class Numbers:
    """Counts the numbered paragraphs of one document, which must be asked for in their order."""

    def __init__(self, numbering: _Element | None, styles: Styles) -> None:
        self._instances: dict[str, _List] = {}
        self._starts: dict[str, dict[int, int]] = defaultdict(dict)
        self._by_style = {
            key: (_first(chain, "numId"), whole_number(_first(chain, "ilvl"), 0))
            for key, chain in styles.items()
        }
        if numbering is not None:
            self._read(numbering)

    def label(self, paragraph: _Element, style: str) -> str:
        """What stands before ``paragraph``, which is of ``style``; empty for bullets."""
        instance, level = self._by_style.get(style, ("", 0))
        own = child(paragraph, "pPr", "numPr")
        instance = value(own, "numId") or instance
        level = whole_number(value(own, "ilvl"), level)
        numbered = self._instances.get(instance)
        if numbered is None or level not in numbered.levels:
            return ""
        self._count(numbered, instance, level)
        return _label(numbered, level)

    def _count(self, numbered: _List, instance: str, level: int) -> None:
        counts = numbered.counts
        restart = self._starts[instance].pop(level, None)
        if restart is not None:
            counts[level] = restart
        elif level in counts:
            counts[level] += 1
        else:
            counts[level] = numbered.levels[level].start
        for deeper in [one for one in counts if one > level]:
            after = numbered.levels[deeper].restart
            if after is None or (after and level < after):
                del counts[deeper]

    def _read(self, numbering: _Element) -> None:
        kinds: dict[str, _List] = {}
        links: dict[str, str] = {}
        named: dict[str, str] = {}
        for kind in numbering.iter(W + "abstractNum"):
            key = kind.get(W + "abstractNumId", "")
            kinds[key] = _List(dict(map(_level, kind.iter(W + "lvl"))))
            links[key] = value(kind, "numStyleLink")
            if name := value(kind, "styleLink"):
                named[name] = key
        for instance in numbering.iter(W + "num"):
            key = value(instance, "abstractNumId")
            numbered = kinds.get(named.get(links.get(key, ""), key))
            if numbered is None:
                continue
            number = instance.get(W + "numId", "")
            overrides = list(instance.iter(W + "lvlOverride"))
            own = dict(_level(lvl) for one in overrides for lvl in one.iter(W + "lvl"))
            if own:  # levels of its own, counted by itself
                numbered = _List({**numbered.levels, **own})
            self._instances[number] = numbered
            for one in overrides:
                start = whole_number(value(one, "startOverride"), -1)
                level = whole_number(one.get(W + "ilvl"), -1)
                if start >= 0 and level >= 0:
                    self._starts[number][level] = start


def _first(chain: list[_Element], name: str) -> str:
    """What the nearest of a style and its parents says of the numbers of its paragraphs."""
    said = (value(style, "pPr", "numPr", name) for style in chain)
    return next(filter(None, said), "")


def _level(element: _Element) -> tuple[int, _Level]:
    restart = whole_number(value(element, "lvlRestart"), -1)
    return whole_number(element.get(W + "ilvl"), 0), _Level(
        whole_number(value(element, "start"), 1),
        value(element, "numFmt") or "decimal",
        value(element, "lvlText"),
        child(element, "isLgl") is not None,
        None if restart < 0 else restart,
    )


def _label(numbered: _List, level: int) -> str:
    shown = numbered.levels[level]
    if shown.format == "bullet" or len(shown.text) > _LONGEST:
        return ""

    def number(place: re.Match[str]) -> str:
        wanted = int(place[1]) - 1
        known = numbered.levels.get(wanted)
        if known is None or wanted > level:
            return ""
        count = numbered.counts.get(wanted, known.start)
        plain = shown.legal and known.format not in ("none", "decimal")
        return _FORMATS.get("decimal" if plain else known.format, str)(count)

    label = _PLACE.sub(number, shown.text).strip()
    return label if any(char.isalnum() for char in label) else ""
