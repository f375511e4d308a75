"""What Word shows but does not write in a paragraph's runs, put into them before they are read.

Automatic numbers, raised and struck-out text, symbols, formulas, ticked boxes, drop caps and the
reading of Japanese characters; and what was deleted under tracking goes.
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assistant.ingest.readers.formulas import formula
from assistant.ingest.readers.raised import lowered, raised, struck
from assistant.ingest.readers.symbols import symbol
from assistant.ingest.readers.word_numbers import Numbers

if TYPE_CHECKING:
    from lxml.etree import _Element

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_MATH = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_OFF = ("0", "false", "off", "none")
_LEAST_RAISE = 4  # half points
_MOST_PARENTS = 20
_LOOKS = ("vertAlign", "position", "strike", "dstrike", "vanish", "webHidden")


@dataclass(frozen=True, slots=True)
class WordLook:
    """How the styles of characters look, and the numbers of paragraphs."""

    styles: dict[str, dict[str, str]]
    numbers: Numbers


def look_of(styles: _Element, numbering: _Element | None) -> WordLook:
    """The look that a document's parts ``styles`` and ``numbering`` give."""
    found: dict[str, dict[str, str]] = {}
    parents: dict[str, str] = {}
    for style in styles.iter(_W + "style"):
        if style.get(_W + "type") != "character":
            continue
        key = style.get(_W + "styleId", "")
        based = style.find(_W + "basedOn")
        parents[key] = based.get(_W + "val", "") if based is not None else ""
        found[key] = _said(style.find(_W + "rPr"))
    whole = {}
    for key in found:
        chain: list[dict[str, str]] = []
        at = key
        while at in found and len(chain) < _MOST_PARENTS:
            chain.append(found[at])
            at = parents[at]
        whole[key] = {name: value for one in reversed(chain) for name, value in one.items()}
    return WordLook(whole, Numbers(numbering, styles))


def show(root: _Element, look: WordLook) -> None:
    """Write into the runs of ``root`` what ``look`` and their own marks show."""
    for row in list(root.iter(_W + "tr")):
        if row.find(f"{_W}trPr/{_W}del") is not None:
            row.getparent().remove(row)
    for place in list(root.iter(_MATH + "oMath")):
        words = formula(place)
        for child in list(place):
            place.remove(child)
        place.append(_text(place, words, _MATH + "t"))
    for ruby in list(root.iter(_W + "ruby")):
        _show_reading(ruby)
    for run in list(root.iter(_W + "r")):
        _show_run(run, look)
    for paragraph in list(root.iter(_W + "p")):
        _show_number(paragraph, look.numbers)
    for paragraph in list(root.iter(_W + "p")):
        frame = paragraph.find(f"{_W}pPr/{_W}framePr")
        if frame is not None and frame.get(_W + "dropCap", "none") != "none":
            _join_to_next(paragraph)


def _said(properties: _Element | None) -> dict[str, str]:
    """The values of those properties of a run that change what its text means."""
    if properties is None:
        return {}
    found = ((name, properties.find(_W + name)) for name in _LOOKS)
    return {name: mark.get(_W + "val", "1") for name, mark in found if mark is not None}


def _text(beside: _Element, words: str, tag: str = _W + "t") -> _Element:
    made = beside.makeelement(tag)
    made.text = words
    return made


def _show_run(run: _Element, look: WordLook) -> None:
    properties = run.find(_W + "rPr")
    named = properties.find(_W + "rStyle") if properties is not None else None
    style = look.styles.get(named.get(_W + "val", ""), {}) if named is not None else {}
    said = {**style, **_said(properties)}
    if said.get("vanish", "0") not in _OFF:
        run.getparent().remove(run)
        return
    for child in list(run):
        if child.tag == _W + "sym":
            code = child.get(_W + "char", "")
            letter = symbol(child.get(_W + "font", ""), int(code, 16)) if _is_hex(code) else ""
            run.replace(child, _text(run, letter))
        elif child.tag == _W + "fldChar":
            box = child.find(f"{_W}ffData/{_W}checkBox")
            if box is not None:
                child.addnext(_text(run, "☒" if _ticked(box) else "☐"))
    for part in run.iter(_W + "t"):
        part.text = _looking(part.text or "", said)


def _looking(words: str, said: dict[str, str]) -> str:
    align, position = said.get("vertAlign", ""), said.get("position", "")
    height = int(position) if position.lstrip("-").isdigit() else 0
    if align == "superscript" or (height >= _LEAST_RAISE and words.isdigit()):
        words = raised(words)
    elif align == "subscript" or (height <= -_LEAST_RAISE and words.isdigit()):
        words = lowered(words)
    crossed = any(said.get(name, "0") not in _OFF for name in ("strike", "dstrike"))
    return struck(words) if crossed else words


def _is_hex(code: str) -> bool:
    return 0 < len(code) <= 4 and all(char in "0123456789abcdefABCDEF" for char in code)


def _ticked(box: _Element) -> bool:
    for name in ("checked", "default"):
        mark = box.find(_W + name)
        if mark is not None:
            return mark.get(_W + "val", "1") not in _OFF
    return False


def _show_reading(ruby: _Element) -> None:
    """Write the characters first, then how they are read: 漢字(かんじ)."""
    base, reading = (
        "".join(part.text or "" for one in ruby.iter(_W + name) for part in one.iter(_W + "t"))
        for name in ("rubyBase", "rt")
    )
    ruby.getparent().replace(ruby, _text(ruby, f"{base}({reading})" if reading else base))


def _show_number(paragraph: _Element, numbers: Numbers) -> None:
    if any(True for _ in paragraph.iterancestors(_FALLBACK)):  # shown a second time
        return
    empty = not any((part.text or "").strip() for part in paragraph.iter(_W + "t", _MATH + "t"))
    if empty and paragraph.find(f"{_W}pPr/{_W}rPr/{_W}del") is not None:
        return
    named = paragraph.find(f"{_W}pPr/{_W}pStyle")
    label = numbers.label(paragraph, named.get(_W + "val", "") if named is not None else "")
    if label and not empty:
        properties = paragraph.find(_W + "pPr")
        run = paragraph.makeelement(_W + "r")
        run.append(_text(run, f"{label} "))
        if properties is None:
            paragraph.insert(0, run)
        else:
            properties.addnext(run)


def _join_to_next(paragraph: _Element) -> None:
    """Put the large first letter of a paragraph before the rest of its word."""
    after = paragraph.getnext()
    if after is None or after.tag != _W + "p":
        return
    properties = after.find(_W + "pPr")
    at = 0 if properties is None else 1
    for run in reversed(paragraph.findall(_W + "r")):
        after.insert(at, deepcopy(run))
    paragraph.getparent().remove(paragraph)
