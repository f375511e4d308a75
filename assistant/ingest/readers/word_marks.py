"""What Word shows but does not write in a paragraph's runs, put into them before they are read.

Automatic numbers, raised and struck-out text, symbols, formulas, ticked boxes, drop caps and the
reading of Japanese characters; and what was deleted under tracking goes.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assistant.ingest.readers.formulas import formula
from assistant.ingest.readers.numbering import whole_number
from assistant.ingest.readers.raised import lowered, raised, struck
from assistant.ingest.readers.symbols import symbol
from assistant.ingest.readers.word_numbers import Numbers
from assistant.ingest.readers.word_xml import (
    FALLBACK,
    MATH,
    W,
    child,
    is_on,
    styles_in,
    value,
)

if TYPE_CHECKING:
    from lxml.etree import _Element

_OFF = ("0", "false", "off", "none")
_LEAST_RAISE = 4  # half points
_BODY = 9  # level in the outline of the text of the body
_LOOKS = ("vertAlign", "position", "strike", "dstrike", "vanish", "webHidden", "b")


@dataclass(frozen=True, slots=True)
class WordLook:
    """The styles of headings, how the styles of characters look, and the numbers of paragraphs."""

    headings: frozenset[str]
    characters: dict[str, dict[str, str]]
    numbers: Numbers


def look_of(styles: _Element, numbering: _Element | None) -> WordLook:
    """The look that a document's parts ``styles`` and ``numbering`` give."""
    found = styles_in(styles)
    return WordLook(
        frozenset(key for key, chain in found.items() if any(map(_is_of_headings, chain))),
        {key: _look(chain) for key, chain in found.items()},
        Numbers(numbering, found),
    )


def is_outlined(element: _Element) -> bool:
    """Whether a style or a paragraph has a level in the outline above that of the body's text."""
    return whole_number(value(element, "pPr", "outlineLvl"), _BODY) < _BODY


def is_bold(paragraph: _Element, look: WordLook) -> bool:
    """Whether all words of ``paragraph`` are in bold."""
    of_all = look.characters.get(value(paragraph, "pPr", "pStyle"), {})
    runs = [run for run in paragraph.iter(W + "r") if "".join(run.itertext()).strip()]
    looks = [of_all | _look_of_run(run, look) for run in runs]
    return bool(looks) and all(one.get("b", "0") not in _OFF for one in looks)


def _look_of_run(run: _Element, look: WordLook) -> dict[str, str]:
    properties = child(run, "rPr")
    return look.characters.get(value(properties, "rStyle"), {}) | _said(properties)


def _is_of_headings(style: _Element) -> bool:
    name = value(style, "name").lower()
    return name == "title" or name.startswith("heading ") or is_outlined(style)


def _look(chain: Sequence[_Element]) -> dict[str, str]:
    """How a style of characters and its parents let them look: the nearest counts."""
    found: dict[str, str] = {}
    for style in chain:
        found = _said(child(style, "rPr")) | found
    return found


def show(root: _Element, look: WordLook) -> None:
    """Write into the runs of ``root`` what ``look`` and their own marks show."""
    for row in list(root.iter(W + "tr")):
        if child(row, "trPr", "del") is not None:
            row.getparent().remove(row)
    for place in list(root.iter(MATH + "oMath")):
        words = formula(place)
        for part in list(place):
            place.remove(part)
        place.append(_text(place, words, MATH + "t"))
    for ruby in list(root.iter(W + "ruby")):
        _show_reading(ruby)
    for run in list(root.iter(W + "r")):
        _show_run(run, look)
    for paragraph in list(root.iter(W + "p")):
        _show_number(paragraph, look.numbers)
    for paragraph in list(root.iter(W + "p")):
        frame = child(paragraph, "pPr", "framePr")
        if frame is not None and frame.get(W + "dropCap", "none") != "none":
            _join_to_next(paragraph)


def _said(properties: _Element | None) -> dict[str, str]:
    """The values of those properties of a run that change what its text means."""
    if properties is None:
        return {}
    found = ((name, child(properties, name)) for name in _LOOKS)
    return {name: mark.get(W + "val", "1") for name, mark in found if mark is not None}


def _text(beside: _Element, words: str, tag: str = W + "t") -> _Element:
    made = beside.makeelement(tag)
    made.text = words
    return made


def _show_run(run: _Element, look: WordLook) -> None:
    said = _look_of_run(run, look)
    if said.get("vanish", "0") not in _OFF:
        run.getparent().remove(run)
        return
    for part in list(run):
        if part.tag == W + "sym":
            code = part.get(W + "char", "")
            letter = symbol(part.get(W + "font", ""), int(code, 16)) if _is_hex(code) else ""
            run.replace(part, _text(run, letter))
        elif part.tag == W + "fldChar":
            box = child(part, "ffData", "checkBox")
            if box is not None:
                part.addnext(_text(run, "☒" if _ticked(box) else "☐"))
    for part in run.iter(W + "t"):
        part.text = _looking(part.text or "", said)


def _looking(words: str, said: dict[str, str]) -> str:
    align, height = said.get("vertAlign", ""), whole_number(said.get("position"), 0)
    if align == "superscript" or (height >= _LEAST_RAISE and words.isdigit()):
        words = raised(words)
    elif align == "subscript" or (height <= -_LEAST_RAISE and words.isdigit()):
        words = lowered(words)
    crossed = any(said.get(name, "0") not in _OFF for name in ("strike", "dstrike"))
    return struck(words) if crossed else words


def _is_hex(code: str) -> bool:
    return 0 < len(code) <= 4 and all(char in "0123456789abcdefABCDEF" for char in code)


def _ticked(box: _Element) -> bool:
    marks = (child(box, name) for name in ("checked", "default"))
    return is_on(next((mark for mark in marks if mark is not None), None))


def _show_reading(ruby: _Element) -> None:
    """Write the characters first, then how they are read: 漢字(かんじ)."""
    base, reading = (
        "".join(part.text or "" for one in ruby.iter(W + name) for part in one.iter(W + "t"))
        for name in ("rubyBase", "rt")
    )
    ruby.getparent().replace(ruby, _text(ruby, f"{base}({reading})" if reading else base))


def _show_number(paragraph: _Element, numbers: Numbers) -> None:
    if any(True for _ in paragraph.iterancestors(FALLBACK)):  # shown a second time
        return
    empty = not any((part.text or "").strip() for part in paragraph.iter(W + "t", MATH + "t"))
    if empty and child(paragraph, "pPr", "rPr", "del") is not None:
        return
    label = numbers.label(paragraph, value(paragraph, "pPr", "pStyle"))
    if label and not empty:
        properties = child(paragraph, "pPr")
        run = paragraph.makeelement(W + "r")
        run.append(_text(run, f"{label} "))
        if properties is None:
            paragraph.insert(0, run)
        else:
            properties.addnext(run)


def _join_to_next(paragraph: _Element) -> None:
    """Put the large first letter of a paragraph before the rest of its word."""
    after = paragraph.getnext()
    if after is None or after.tag != W + "p":
        return
    at = 0 if child(after, "pPr") is None else 1
    for run in reversed(paragraph.findall(W + "r")):
        after.insert(at, deepcopy(run))
    paragraph.getparent().remove(paragraph)
