"""The XML of Word documents: names, values, and styles with those that they are based on."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lxml.etree import _Element

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
MATH = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"

Styles = dict[str, list["_Element"]]
"""By id, each style followed by those that it is based on."""

_OFF = ("0", "false", "off", "none")
_MOST_PARENTS = 20


def child(element: _Element, *names: str) -> _Element | None:
    """The element at this path of names below ``element``."""
    return element.find("/".join(W + name for name in names))


def value(element: _Element | None, *names: str) -> str:
    """The value of the element at this path of names below ``element``; "" if there is none."""
    found = None if element is None else child(element, *names)
    return "" if found is None else found.get(W + "val", "")


def is_on(mark: _Element | None) -> bool:
    """Whether a mark is there, and does not say that it is off."""
    return mark is not None and mark.get(W + "val", "1") not in _OFF


def styles_in(root: _Element) -> Styles:
    """The styles that a document's part ``root`` declares."""
    declared = {style.get(W + "styleId", ""): style for style in root.iter(W + "style")}
    found: Styles = {}
    for key in declared:
        chain, at = found.setdefault(key, []), key
        while at in declared and len(chain) < _MOST_PARENTS:
            chain.append(declared[at])
            at = value(declared[at], "basedOn")
    return found
