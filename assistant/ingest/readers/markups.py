"""reStructuredText, AsciiDoc, Org and LaTeX: their text and headings."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from assistant.ingest.readers.decoding import decode
from assistant.ingest.readers.draft import Draft, Piece, compose, first_heading, one_line
from assistant.ingest.readers.markup import markup_pieces
from assistant.ingest.readers.mending import mend
from assistant.ingest.readers.raised import struck
from assistant.ingest.readers.tables import plain_rows, table_pieces

logger = logging.getLogger(__name__)

_ASCIIDOC_HEADING = re.compile(r"(={1,6})\s+(\S.*)")
_ORG_HEADING = re.compile(r"(\*{1,9})\s+(?:(?:TODO|DONE)\s+)?(.*?)(?:\s+:[\w:@]+:)?\s*")
_SILENT = {
    "asciidoc": re.compile(r":[\w-]+!?:.*|//.*|[-=_.*+]{4,}|\|===+|\[[^\]]*\]|include::.*|<<<|'''"),
    "org": re.compile(r"\s*#(?!\+title:).*|\s*:[\w-]+:.*|\s*\|[-+]+\|?", re.I),
}
"""Lines that say something about the text."""

_MARKS = {
    "asciidoc": (
        (re.compile(r"(?:link:|https?://)[^\s\[]{0,2000}\[([^\[\]]+)\]"), r"\1"),
        (re.compile(r"<<[^,<>]+,([^<>]+)>>"), r"\1"),
        (re.compile(r"(?<![\w*])\*{1,2}(?=\S)([^*\n]+?)(?<=\S)\*{1,2}(?![\w*])"), r"\1"),
        (re.compile(r"(?<![\w_])_{1,2}(?=\S)([^_\n]+?)(?<=\S)_{1,2}(?![\w_])"), r"\1"),
        (re.compile(r"`([^`\n]+)`"), r"\1"),
    ),
    "org": (
        (re.compile(r"\[\[[^\[\]]+\]\[([^\[\]]+)\]\]"), r"\1"),
        (re.compile(r"\[\[([^\[\]]+)\]\]"), r"\1"),
        (re.compile(r"(?<![\w+])\+(?=\S)([^+\n]+?)(?<=\S)\+(?![\w+])"), struck(r"\1")),
        (re.compile(r"(?<![\w*/=~])([*/=~])(?=\S)([^*/=~\n]+?)(?<=\S)\1(?![\w*/=~])"), r"\2"),
    ),
}
_ITEM = re.compile(r"\s*(?:[-+*.]+|\d+[.)])\s+\S")
_LATEX_HEADING = re.compile(
    r"\\(?:part|chapter|(?:sub)*section|(?:sub)?paragraph|title)\*?(?:\[[^\[\]]*\])?"
    r"\{((?:[^{}]|\{[^{}]*\})*)\}"
)
_LATEX_LINK = re.compile(r"\\href\s*\{[^{}]*\}\s*\{((?:[^{}]|\{[^{}]*\})*)\}")
_LATEX_STRUCK = re.compile(r"\\(?:sout|xout|st)\s*\{([^{}]*)\}")
_LATEX_OPTIONS = re.compile(r"(\\begin\{\w+\*?\})\[[^\[\]]*\]")
_LATEX_COMMAND = re.compile(r"\\[a-zA-Z]+\*?(?:\[[^\[\]]*\])?|[{}\\]")
_LATEX_COMMENT = re.compile(r"(?<!\\)%.*")
_LATEX_DOCUMENT = re.compile(r"\\begin\{document\}(.*?)(?:\\end\{document\}|\Z)", re.S)
_LATEX_DROPPED = re.compile(
    r"\\(?:label|cite\w*|ref|eqref|pageref|bibliography\w*|maketitle|tableofcontents|vspace|hspace|hypertarget)"
    r"\*?(?:\[[^\[\]]*\])*(?:\{[^{}]*\})?"
)


def read_rst(data: bytes) -> Draft:
    """A reStructuredText. What it includes from other files is left out."""
    from docutils.core import publish_parts

    settings = {
        "file_insertion_enabled": False, "raw_enabled": False, "report_level": 5, "halt_level": 5,
        "input_encoding": "unicode", "_disable_config": True,
    }  # fmt: skip
    parts = publish_parts(decode(data), writer="html5", settings_overrides=settings)
    return _draft(list(markup_pieces(parts["html_body"])))


def read_asciidoc(data: bytes) -> Draft:
    """An AsciiDoc. What it includes from other files is left out."""
    return _draft(list(_lines(decode(data), "asciidoc", _ASCIIDOC_HEADING)))


def read_org(data: bytes) -> Draft:
    """An Org file."""
    return _draft(list(_lines(decode(data), "org", _ORG_HEADING)))


def read_latex(data: bytes) -> Draft:
    """A LaTeX document, without what it includes from other files."""
    source = _LATEX_COMMENT.sub("", decode(data))
    title = re.search(r"\\title\*?\{((?:[^{}]|\{[^{}]*\})*)\}", source)
    document = _LATEX_DOCUMENT.search(source)
    body = _LATEX_DROPPED.sub("", document[1] if document else source)
    body = _LATEX_OPTIONS.sub(r"\1", body)
    named = one_line(_latex_words(title[1])) if title else None
    return _draft(list(_latex_pieces(body)), named)


def _draft(pieces: list[Piece], title: str | None = None) -> Draft:
    return Draft(*compose(pieces), title=title or first_heading(pieces))


def _lines(text: str, kind: str, heading: re.Pattern[str]) -> Iterator[Piece]:
    """The headings, paragraphs, items and rows of a text whose lines begin with marks."""
    paragraph: list[str] = []
    rows: list[list[str]] = []
    for line in [*text.split("\n"), ""]:
        found = heading.fullmatch(line)
        named = re.fullmatch(r"\s*#\+title:\s*(.+)", line, re.I)
        row = line.lstrip().startswith("|") and not _SILENT[kind].fullmatch(line)
        silent = bool(_SILENT[kind].fullmatch(line))
        begins = bool(_ITEM.match(line))
        if found or named or row or silent or begins or not line.strip():
            item = bool(paragraph and _ITEM.match(paragraph[0]))
            yield Piece(_plain(" ".join(paragraph), kind), tight=item and begins)
            paragraph = []
        if rows and not row and not silent:
            yield from table_pieces(plain_rows(rows))
            rows = []
        if found:
            yield Piece(_plain(found[2], kind), heading=True)
        elif named:
            yield Piece(_plain(named[1], kind), heading=True)
        elif row:
            rows.append([_plain(cell, kind) for cell in line.strip().strip("|").split("|")])
        elif line.strip() and not silent:
            paragraph.append(line.strip())


def _plain(words: str, kind: str) -> str:
    for mark, plain in _MARKS[kind]:
        words = mark.sub(plain, words)
    return mend(words).strip()


def _latex_pieces(body: str) -> Iterator[Piece]:
    end = 0
    for found in _LATEX_HEADING.finditer(body):
        yield from _latex_paragraphs(body[end : found.start()])
        yield Piece(_latex_words(found[1]), heading=True)
        end = found.end()
    yield from _latex_paragraphs(body[end:])


def _latex_paragraphs(source: str) -> Iterator[Piece]:
    for part in re.split(r"\n\s*\n|\\item\b", source):
        for paragraph in _latex_words(part).split("\n\n"):
            yield Piece(one_line(paragraph) or "")


def _latex_words(source: str) -> str:
    """The words of a part of a document; where it is not understood, all but its commands."""
    linked = _LATEX_LINK.sub(r"{\1}", source)  # pylatexenc fails on them
    linked = _LATEX_STRUCK.sub(struck(r"\1"), linked)
    try:
        words = str(_to_text().latex_to_text(linked))
    except Exception as error:  # it fails in many ways on what TeX itself would take
        logger.warning("Read without its commands: %r", error)
        words = _LATEX_COMMAND.sub(" ", linked)
    return mend(words).replace("§.§", "§")


@cache
def _to_text() -> Any:
    from pylatexenc.latex2text import (
        LatexNodes2Text,
        MacroTextSpec,
        get_default_latex_context_db,
    )

    context = get_default_latex_context_db()
    context.set_unknown_macro_spec(MacroTextSpec("", discard=False))  # the words in it stay
    return LatexNodes2Text(context, math_mode="text", keep_comments=False)
