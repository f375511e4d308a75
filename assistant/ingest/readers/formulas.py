"""Formulas of Word (OMML) and of the web (MathML) on one line: 12/40, 3², √(a + b)."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from assistant.ingest.readers.raised import lowered, raised

if TYPE_CHECKING:
    from lxml.etree import _Element

_SIMPLE = re.compile(r"[\w.,%€$°′]*|[^\W\d_]+\(.*\)")
_DEEPEST = 60
_PROPERTIES = "Pr"  # what the names of OMML's properties end in
_VALUE = "{http://schemas.openxmlformats.org/officeDocument/2006/math}val"
_DROPPED = frozenset({"annotation", "annotation-xml", "mphantom", "rPr", "ctrlPr", "delText"})


def formula(element: _Element, depth: int = 0) -> str:
    """The formula in an element of OMML or MathML, with raised and lowered parts marked."""
    if not isinstance(element.tag, str) or depth > _DEEPEST:
        return ""
    name = element.tag.rpartition("}")[2]
    if name in _DROPPED or name.endswith(_PROPERTIES):
        return ""
    children = [child for child in element if isinstance(child.tag, str)]
    parts = [
        formula(child, depth + 1)
        for child in children
        if not child.tag.rpartition("}")[2].endswith(_PROPERTIES)
    ]
    if name in _RULES and parts:
        return _RULES[name](parts)
    if name == "d":
        return _delimited(element, parts)
    if name == "nary":
        return _nary(element, parts)
    own = "" if parts and not (element.text or "").strip() else element.text or ""
    return own + "".join(parts)


def _grouped(text: str) -> str:
    """``text``, in parentheses unless it is one number, word or group."""
    text = text.strip()
    whole = _SIMPLE.fullmatch(text) or (text.startswith("(") and text.endswith(")"))
    return text if whole else f"({text})"


def _fraction(parts: Sequence[str]) -> str:
    return "/".join(_grouped(part) for part in parts[:2])


def _scripted(parts: Sequence[str]) -> str:
    base, below, above = (*parts, "", "")[:3]
    return base + lowered(below.strip()) + raised(above.strip())


def _over(parts: Sequence[str]) -> str:
    return parts[0] + raised("".join(parts[1:]).strip())


def _root(parts: Sequence[str]) -> str:
    return raised("".join(parts[1:]).strip()) + f"√{_grouped(parts[0])}"


def _radical(parts: Sequence[str]) -> str:
    """OMML names the degree first, and leaves it empty for a square root."""
    return _root([parts[-1], *parts[:-1]])


def _delimited(element: _Element, parts: Sequence[str]) -> str:
    signs = {"begChr": "(", "endChr": ")", "sepChr": "|"}
    for found in element.iter(*(_VALUE.replace("val", name) for name in signs)):
        if found.getparent().getparent() is element:
            signs[found.tag.rpartition("}")[2]] = found.get(_VALUE, "")
    return signs["begChr"] + signs["sepChr"].join(parts) + signs["endChr"]


def _nary(element: _Element, parts: Sequence[str]) -> str:
    found = element.find(_VALUE.replace("val", "naryPr") + "/" + _VALUE.replace("val", "chr"))
    sign = found.get(_VALUE, "") if found is not None else "∫"
    below, above, whole = (*parts, "", "", "")[:3]
    return sign + lowered(below) + raised(above) + (" " if below or above else "") + whole


_RULES: dict[str, Callable[[Sequence[str]], str]] = {
    "f": _fraction,
    "mfrac": _fraction,
    "sSup": _over,
    "msup": _over,
    "limUpp": _over,
    "sSub": _scripted,
    "msub": _scripted,
    "limLow": _scripted,
    "munder": _scripted,
    "sSubSup": _scripted,
    "msubsup": _scripted,
    "munderover": _scripted,
    "mover": lambda parts: parts[0] + "".join(parts[1:]),
    "rad": _radical,
    "mroot": _root,
    "msqrt": lambda parts: f"√{_grouped(''.join(parts))}",
    "mr": lambda parts: "[" + " ".join(parts) + "]",
    "mtr": lambda parts: "[" + " ".join(parts) + "]",
    "eqArr": lambda parts: "; ".join(parts),
    "func": lambda parts: parts[0] + " " + "".join(parts[1:]),
}
"""How the parts of an element, in their order, are written."""
