"""What an OpenDocument text shows beside its words, written into them before they are read.

Raised, lowered and struck-out text, the numbers of lists and headings, formulas and the reading of
Japanese characters; and what is hidden goes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from assistant.ingest.readers.formulas import formula
from assistant.ingest.readers.numbering import STYLES, whole_number
from assistant.ingest.readers.raised import CLOSE, MARKS

if TYPE_CHECKING:
    from lxml.etree import _Element

_OASIS = "urn:oasis:names:tc:opendocument:xmlns:"
_TEXT = f"{{{_OASIS}text:1.0}}"
_STYLE = f"{{{_OASIS}style:1.0}}"
_DRAW = f"{{{_OASIS}drawing:1.0}}"
_HREF = "{http://www.w3.org/1999/xlink}href"
_MOST_PARENTS = 20
_DEEPEST = 10


@dataclass(slots=True)
class _Numbering:
    """The levels of a list's style, and how far it has been counted at each."""

    levels: dict[int, _Element]
    counts: dict[int, int] = field(default_factory=dict)

    def label(self, level: int, start: str | None = None) -> str:
        """The number of the next item at ``level``; empty where it has none."""
        for deeper in [one for one in self.counts if one > level]:
            del self.counts[deeper]
        shown = self.levels.get(level)
        first = start or (shown.get(_TEXT + "start-value") if shown is not None else None)
        if start or level not in self.counts:
            self.counts[level] = whole_number(first, 1)
        else:
            self.counts[level] += 1
        if shown is None or not shown.get(_STYLE + "num-format"):
            return ""
        depth = whole_number(shown.get(_TEXT + "display-levels"), 1)
        numbers = [self._number(one) for one in range(max(1, level - depth + 1), level + 1)]
        before, after = (shown.get(_STYLE + f"num-{side}", "") for side in ("prefix", "suffix"))
        return f"{before}{'.'.join(filter(None, numbers))}{after} "

    def _number(self, level: int) -> str:
        shown = self.levels.get(level)
        style = shown.get(_STYLE + "num-format", "") if shown is not None else ""
        return STYLES[style](self.counts.get(level, 1)) if style in STYLES else ""


class Look:
    """The styles of a document, which its parts ``roots`` declare."""

    def __init__(self, roots: Iterable[_Element]) -> None:
        self._styles: dict[tuple[str, str], _Element] = {}
        self._lists: dict[str, dict[int, _Element]] = {}
        self._outline: dict[int, _Element] = {}
        for root in roots:
            for style in root.iter(_STYLE + "style"):
                key = style.get(_STYLE + "family", ""), style.get(_STYLE + "name", "")
                self._styles[key] = style
            for style in root.iter(_TEXT + "list-style"):
                self._lists[style.get(_STYLE + "name", "")] = _levels(style)
            for style in root.iter(_TEXT + "outline-style"):
                self._outline = _levels(style)

    def show(self, body: _Element, part: Callable[[str], _Element | None]) -> None:
        """Write into ``body`` what is shown of it. ``part`` gives another part of the document."""
        for name in ("hidden-text", "hidden-paragraph"):
            for element in list(body.iter(_TEXT + name)):
                _clear(element)
        for element in list(body.iter(_TEXT + "span", _TEXT + "p", _TEXT + "h")):
            self._show_look(element)
        for ruby in body.iter(_TEXT + "ruby"):
            for reading in ruby.iter(_TEXT + "ruby-text"):
                if "".join(reading.itertext()).strip():
                    reading.text = f"({reading.text or ''}"
                    _append(reading, ")")
        for frame in list(body.iter(_DRAW + "frame")):
            _show_formula(frame, part)
        self._show_numbers(body)

    def _show_look(self, element: _Element) -> None:
        family = "text" if element.tag == _TEXT + "span" else "paragraph"
        said = self._said(family, element.get(_TEXT + "style-name", ""))
        if said.get("display") == "none":
            _clear(element)
            return
        position = said.get("text-position", "").split(" ")[0].rstrip("%")
        if position in ("super", "sub"):
            kind = "sup" if position == "super" else "sub"
        else:
            height = whole_number(position.partition(".")[0], 0)
            kind = "sup" if height > 0 else "sub" if height < 0 else ""
        struck = said.get("text-line-through-style", "none") != "none"
        for mark in (MARKS[kind] if kind else "", MARKS["s"] if struck else ""):
            if mark and "".join(element.itertext()).strip():
                element.text = mark + (element.text or "")
                _append(element, CLOSE)

    def _said(self, family: str, name: str) -> dict[str, str]:
        """The properties of text in a style, its parents' included."""
        found: dict[str, str] = {}
        for _ in range(_MOST_PARENTS):
            style = self._styles.get((family, name))
            if style is None:
                break
            for properties in style.iter(_STYLE + "text-properties"):
                for key, value in properties.attrib.items():
                    found.setdefault(key.rpartition("}")[2], value)
            name = style.get(_STYLE + "parent-style-name", "")
        return found

    def _show_numbers(self, body: _Element) -> None:
        kept: dict[str, _Numbering] = {}
        outline = _Numbering(self._outline)
        for element in body.iter(_TEXT + "list", _TEXT + "h"):
            inside = next(element.iterancestors(_TEXT + "list"), None) is not None
            if element.tag == _TEXT + "list":
                if not inside:
                    name = element.get(_TEXT + "style-name", "")
                    goes_on = (
                        element.get(_TEXT + "continue-numbering") == "true"
                        or element.get(_TEXT + "continue-list") is not None
                    )
                    if not goes_on or name not in kept:
                        kept[name] = _Numbering(self._lists.get(name, {}))
                    self._number_items(element, kept[name], 1)
            elif not inside and self._outline and not element.get(_TEXT + "is-list-header"):
                level = whole_number(element.get(_TEXT + "outline-level"), 1)
                _prefix(element, outline.label(level))

    def _number_items(self, listed: _Element, numbering: _Numbering, level: int) -> None:
        own = self._lists.get(listed.get(_TEXT + "style-name", ""))
        if own is not None and own is not numbering.levels:
            numbering = _Numbering(own)
        for item in listed.iterchildren(_TEXT + "list-item"):
            first = next(item.iterchildren(), None)
            if first is not None and first.tag in (_TEXT + "p", _TEXT + "h"):
                _prefix(first, numbering.label(level, item.get(_TEXT + "start-value")))
            for deeper in item.iterchildren(_TEXT + "list"):
                if level < _DEEPEST:
                    self._number_items(deeper, numbering, level + 1)


def _levels(style: _Element) -> dict[int, _Element]:
    found = ((whole_number(one.get(_TEXT + "level"), 0), one) for one in style)
    return {level: one for level, one in found if level}


def _clear(element: _Element) -> None:
    """Empty ``element``; what follows it stays."""
    for child in list(element):
        element.remove(child)
    element.text = None


def _append(element: _Element, words: str) -> None:
    if len(element):
        element[-1].tail = (element[-1].tail or "") + words
    else:
        element.text = (element.text or "") + words


def _prefix(element: _Element, label: str) -> None:
    if label and "".join(element.itertext()).strip():
        element.text = label + (element.text or "")


def _show_formula(frame: _Element, part: Callable[[str], _Element | None]) -> None:
    place = frame.find(_DRAW + "object")
    if place is None:
        return
    math = place.find("{http://www.w3.org/1998/Math/MathML}math")
    if math is None and place.get(_HREF):
        math = part(place.get(_HREF))
    if math is not None and math.tag.endswith("}math"):
        frame.tail = formula(math) + (frame.tail or "")
