"""Writes what a browser shows but the words of a page do not say into its words.

Raised, lowered and struck-out text, formulas, the numbers of lists, ticked boxes, the reading of
Japanese characters, terms before their explanations, questions on buttons; and what is hidden goes.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from assistant.ingest.readers.draft import heads
from assistant.ingest.readers.formulas import formula
from assistant.ingest.readers.mending import visible
from assistant.ingest.readers.numbering import STYLES, whole_number
from assistant.ingest.readers.raised import lowered, raised, struck, written

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_INVISIBLE = re.compile(r"(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*hidden)\b", re.I)
_UNNUMBERED = re.compile(r"list-style(?:-type)?\s*:\s*none\b", re.I)
_DROPPED = frozenset(
    {"amp-ad", "amp-sidebar", "amp-consent", "amp-user-notification", "amp-sticky-ad", "rp"}
)
_CONTROLS = ("aria-controls", "data-target", "data-bs-target", "href")
_FOLDING = re.compile(r"accordion|faq|collaps|toggle|question", re.I)
_LINE_BLOCKS = frozenset({"p", "div", "section", "ul", "ol", "table", "blockquote", "pre", "li"})
_ITEM_BLOCKS = ("p", "div", "span", "h2", "h3", "h4", "h5", "h6", "strong", "b", "em", "i", "a")
_BOXED = frozenset({"li", "td", "th", "p", "label"})
_LONGEST_QUESTION = 300
_ASKS = ("?", "？", "؟")
_BOLD = ("b", "strong")


def show(tree: HtmlElement) -> None:
    """Change ``tree`` so that its words alone say what is shown."""
    _drop_hidden(tree)
    for place in tree.findall(".//math"):
        _replace(place, written(formula(place)))
    for ruby in tree.findall(".//ruby"):
        _show_reading(ruby)
    for part in list(tree.iter("sup", "sub", "del", "s", "strike")):
        _show_look(part)
    for box in list(tree.iter("input")):
        if box.get("type", "").lower() == "checkbox" and box.getparent().tag in _BOXED:
            _replace(box, "☒ " if box.get("checked") is not None else "☐ ")
    for ordered in list(tree.iter("ol")):
        _show_numbers(ordered)
    for term in list(tree.iter("dt")):
        _show_term(term)
    for button in list(tree.iter("button")):
        _show_question(button)
    for line in list(tree.iter(*_BOLD)):
        _show_bold_line(line)


def is_hidden(element: HtmlElement) -> bool:
    """Whether the attributes of ``element`` hide it."""
    marked = element.get("hidden")
    if marked is not None and marked.lower() != "until-found":
        return True
    return bool(_INVISIBLE.search(element.get("style", "")))


def _drop_hidden(tree: HtmlElement) -> None:
    controlled = {
        value.lstrip("#")
        for element in tree.iter("button", "a", "summary", "label")
        for value in (element.get(name, "") for name in _CONTROLS)
        if value
    }
    for element in list(tree.iter()):
        if not isinstance(element.tag, str) or element.tag in ("html", "body"):
            continue
        unfolds = element.get("id") in controlled
        dropped = element.tag in _DROPPED or (is_hidden(element) and not unfolds)
        if dropped and element.getparent() is not None:
            element.drop_tree()


def _replace(element: HtmlElement, words: str) -> None:
    """Put ``words`` in the place of ``element``."""
    for child in list(element):
        element.remove(child)
    element.text = visible(words)
    element.drop_tag()


def _before(element: HtmlElement) -> str:
    """The words right before ``element`` in its line."""
    previous = element.getprevious()
    if previous is None:
        parent = element.getparent()
        return parent.text or "" if parent is not None else ""
    return previous.tail or "".join(previous.itertext())


def _show_look(part: HtmlElement) -> None:
    if part.getparent() is None or any(child.tag in _LINE_BLOCKS for child in part.iter()):
        return
    words, before = "".join(part.itertext()), _before(part)
    if part.tag == "sub":
        marked = lowered(words)
    elif part.tag == "sup":
        marked = raised(words)
    else:
        marked = struck(words)
    shown = written(before + marked)[len(before) :]
    of_a_note = part.tag == "sup" and part.find(".//a[@href]") is not None
    _replace(part, f" {shown}" if of_a_note and before[-1:].isalnum() else shown)


def _show_reading(ruby: HtmlElement) -> None:
    """Write the characters first, then how they are read: 漢字(かんじ)."""
    readings = "".join("".join(one.itertext()) for one in ruby.iter("rt"))
    for one in list(ruby.iter("rt", "rtc")):
        one.drop_tree()
    base = "".join(ruby.itertext()).strip()
    _replace(ruby, f"{base}({readings.strip()})" if readings.strip() else base)


def _show_numbers(ordered: HtmlElement) -> None:
    if _UNNUMBERED.search(ordered.get("style", "")):
        return
    items = [child for child in ordered if child.tag == "li"]
    step = -1 if ordered.get("reversed") is not None else 1
    number = whole_number(ordered.get("start"), 1 if step > 0 else len(items))
    style = STYLES.get(ordered.get("type", "1"), str)
    for item in items:
        number = whole_number(item.get("value"), number)
        _begin_with(item, f"{style(number)}. ")
        number += step


def _show_term(term: HtmlElement) -> None:
    """Write a term before its explanation, on one line: "Hull: the body of a ship".

    A question stays apart from its answer, which would be no sentence with it.
    """
    said, words = term.getnext(), " ".join("".join(term.itertext()).split())
    if said is None or said.tag not in ("dt", "dd") or not words or words.endswith(_ASKS):
        return
    joint = ", " if said.tag == "dt" else " " if words.endswith(":") else ": "
    _begin_with(said, words + joint)
    term.drop_tree()


def _begin_with(element: HtmlElement, words: str) -> None:
    """Put ``words`` before the first that ``element`` holds."""
    while not (element.text or "").strip() and len(element) and element[0].tag in _ITEM_BLOCKS:
        element = element[0]
    element.text = visible(words + (element.text or "").lstrip())


def _show_question(button: HtmlElement) -> None:
    """Make a button that unfolds an answer its heading, and the lines of the answer paragraphs."""
    parent = button.getparent()
    if parent is not None and parent.tag in ("h1", "h2", "h3", "h4", "h5", "h6", "summary", "dt"):
        button.drop_tag()
        _show_answer(parent)
        return
    words = " ".join("".join(button.itertext()).split())
    folds = button.get("aria-expanded") is not None or button.get("aria-controls")
    if not (folds or _FOLDING.search(button.get("class", "")) or words.endswith("?")):
        return
    if 0 < len(words) <= _LONGEST_QUESTION and " " in words:
        button.tag = "h4"
        _show_answer(button)


def _show_answer(question: HtmlElement) -> None:
    panel = question.getnext()
    for part in panel.iter("div") if panel is not None else ():
        if not any(child.tag in _LINE_BLOCKS for child in part):
            part.tag = "p"


def _show_bold_line(line: HtmlElement) -> None:
    """Make a paragraph in bold, or its first line, the heading of what is under it."""
    paragraph = line.getparent()
    if not _begins_paragraph(line) or not heads(" ".join("".join(line.itertext()).split())):
        return
    after, under = line.getnext(), paragraph.getnext()
    if after is not None and after.tag == "br":
        heading = paragraph.makeelement("h4")
        paragraph.addprevious(heading)
        paragraph.remove(line)
        heading.append(line)
        after.drop_tree()
    elif after is None and under is not None and under.tag in _LINE_BLOCKS:
        first = under[0] if len(under) and not (under.text or "").strip() else None
        if first is None or first.tag not in _BOLD:
            paragraph.tag = "h4"


def _begins_paragraph(line: HtmlElement) -> bool:
    """Whether ``line`` begins a paragraph outside lists and tables, and no word follows it."""
    paragraph = line.getparent()
    if paragraph is None or paragraph.tag not in ("p", "div") or line.getprevious() is not None:
        return False
    beside = ((paragraph.text or "") + (line.tail or "")).strip()
    return not beside and next(paragraph.iterancestors("li", "td", "th", "dd"), None) is None
