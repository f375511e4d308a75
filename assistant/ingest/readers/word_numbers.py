"""The automatic numbers of Word: what stands before a paragraph though nobody typed it."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from assistant.ingest.readers.numbering import STYLES

if TYPE_CHECKING:
    from lxml.etree import _Element

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_VAL = _W + "val"
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
_DEEPEST = 8
_MOST_PARENTS = 20


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

    def __init__(self, numbering: _Element | None, styles: _Element | None) -> None:
        self._instances: dict[str, _List] = {}
        self._starts: dict[str, dict[int, int]] = defaultdict(dict)
        self._by_style = _style_numbers(styles) if styles is not None else {}
        if numbering is not None:
            self._read(numbering)

    def label(self, paragraph: _Element, style: str) -> str:
        """What stands before ``paragraph``, which is of ``style``; empty for bullets."""
        instance, level = self._by_style.get(style, ("", 0))
        own = paragraph.find(f"{_W}pPr/{_W}numPr")
        if own is not None:
            instance = _value(own, "numId") or instance
            said = _value(own, "ilvl")
            level = int(said) if said.isdigit() else level
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
        for kind in numbering.iter(_W + "abstractNum"):
            key = kind.get(_W + "abstractNumId", "")
            kinds[key] = _List(dict(map(_level, kind.iter(_W + "lvl"))))
            links[key] = _value(kind, "numStyleLink")
            if _value(kind, "styleLink"):
                named[_value(kind, "styleLink")] = key
        for instance in numbering.iter(_W + "num"):
            key = _value(instance, "abstractNumId")
            numbered = kinds.get(named.get(links.get(key, ""), key))
            if numbered is None:
                continue
            number = instance.get(_W + "numId", "")
            overrides = list(instance.iter(_W + "lvlOverride"))
            own = dict(_level(lvl) for one in overrides for lvl in one.iter(_W + "lvl"))
            if own:  # levels of its own, counted by itself
                numbered = _List({**numbered.levels, **own})
            self._instances[number] = numbered
            for one in overrides:
                start, level = _value(one, "startOverride"), one.get(_W + "ilvl", "")
                if start.isdigit() and level.isdigit():
                    self._starts[number][int(level)] = int(start)


def _value(element: _Element, name: str) -> str:
    found = element.find(_W + name)
    return found.get(_VAL, "") if found is not None else ""


def _level(element: _Element) -> tuple[int, _Level]:
    start, restart = _value(element, "start"), _value(element, "lvlRestart")
    number = element.get(_W + "ilvl", "")
    return int(number) if number.isdigit() else 0, _Level(
        int(start) if start.isdigit() else 1,
        _value(element, "numFmt") or "decimal",
        _value(element, "lvlText"),
        element.find(_W + "isLgl") is not None,
        int(restart) if restart.isdigit() else None,
    )


def _label(numbered: _List, level: int) -> str:
    shown = numbered.levels[level]
    if shown.format == "bullet" or len(shown.text) > 100:
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


def _style_numbers(styles: _Element) -> Mapping[str, tuple[str, int]]:
    """For each style of paragraph that is numbered, its list and level, its parents' included."""
    own: dict[str, tuple[str, str]] = {}
    parents: dict[str, str] = {}
    for style in styles.iter(_W + "style"):
        key = style.get(_W + "styleId", "")
        parents[key] = _value(style, "basedOn")
        numbers = style.find(f"{_W}pPr/{_W}numPr")
        if numbers is not None:
            own[key] = _value(numbers, "numId"), _value(numbers, "ilvl")
    found: dict[str, tuple[str, int]] = {}
    for key in parents:
        instance = level = ""
        at, steps = key, 0
        while at and steps < _MOST_PARENTS and not (instance and level):
            said = own.get(at, ("", ""))
            instance, level = instance or said[0], level or said[1]
            at, steps = parents.get(at, ""), steps + 1
        if instance:
            found[key] = instance, int(level) if level.isdigit() else 0
    return found
