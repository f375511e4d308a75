"""Markdown with front matter: the article is the readable text, without the marks."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import takewhile
from typing import TYPE_CHECKING

from assistant.ingest.readers.decoding import decode
from assistant.ingest.readers.draft import (
    Draft,
    Piece,
    compose,
    first_heading,
    heads,
    one_line,
    publication_date,
    web_address,
)
from assistant.ingest.readers.front_matter import split_front_matter
from assistant.ingest.readers.markup import markup_pieces
from assistant.ingest.readers.page_marks import is_hidden
from assistant.ingest.readers.raised import CLOSE, MARKS, written
from assistant.ingest.readers.tables import table_pieces
from assistant.language.detection import detect_language, language_code

if TYPE_CHECKING:
    from markdown_it.token import Token

logger = logging.getLogger(__name__)

_TAG_NAME = re.compile(r"<(/?)([a-z]+)", re.I)
_WIKI_LINK = re.compile(r"\[\[([^\[\]|]+)(?:\|([^\[\]]+))?\]\]")
_BOX = re.compile(r"\A\[([ xX])\](?=\s)")
_VOID = frozenset({"area", "br", "col", "hr", "img", "input", "wbr"})  # they hold no words
_LINE_BREAK = re.compile(r"<br\b", re.I)
_PARAGRAPH = 1  # level of the words of one that is in no list or quotation


def read_markdown(data: bytes) -> Draft:
    """A Markdown file (CommonMark and tables).

    Of the front matter, ``title``, ``language`` (or ``lang``), ``date`` (or ``published``),
    ``author`` and ``url`` (or ``source``) are used and all else is ignored; so is, with a warning,
    a value that is not of its kind. Without a ``title`` there, it is the first heading. Notes stand
    at the end, the numbers of lists before their items.
    """
    text = decode(data)
    matter, body = split_front_matter(text)
    pieces = list(markdown_pieces(body))
    article, blocks = compose(pieces)
    language = _language(_value(matter, "language", "lang")) or detect_language(article)
    return Draft(
        article,
        blocks,
        title=_value(matter, "title") or first_heading(pieces),
        language=language,
        published=publication_date(_value(matter, "date", "published"), language),
        author=_value(matter, "author"),
        url=web_address(_value(matter, "url", "source")),
    )


def _value(matter: Mapping[str, object], *names: str) -> str | None:
    """The first of the values under ``names`` that is a text, or a list of texts joined."""
    for name in names:
        value = matter.get(name)
        if isinstance(value, list) and all(isinstance(item, str) for item in value):
            value = ", ".join(value)
        if isinstance(value, str) and value.strip():
            return one_line(value)
        if value not in (None, "", []):
            logger.warning("Ignored %s in the front matter: expected a text.", name)
    return None


def _language(name: str | None) -> str | None:
    code = language_code(name)
    if name and code is None:
        logger.warning("Ignored the language %r: expected a code such as fr or pt-BR.", name)
    return code


def markdown_pieces(body: str) -> Iterator[Piece]:
    """The blocks of a text in Markdown that has no front matter."""
    from markdown_it import MarkdownIt
    from mdit_py_plugins.footnote import footnote_plugin

    parser = MarkdownIt("commonmark", {"maxNesting": 100}).enable(["table", "strikethrough"])
    heading = tight = False
    first = True  # of its list or table: the others follow it line by line
    tokens = _labelled(parser.use(footnote_plugin).parse(body))
    for token in tokens:
        match token.type:
            case "heading_open" | "heading_close":
                heading, tight = token.nesting > 0, False
            case "paragraph_open":
                tight = token.hidden and not first
            case "bullet_list_open" | "ordered_list_open" if token.level == 0:
                first = True
            case "table_open":
                yield from table_pieces(_table(tokens), headings=1)
            case "inline":
                yield from _lines(token, heading, tight)
                first = False
            case "html_block" | "fence" | "code_block":
                yield from _verbatim(token)


def _lines(token: Token, heading: bool, tight: bool) -> Iterator[Piece]:
    """The block ``token``; of a paragraph, a first line in bold that is a heading stands apart."""
    parts = [one for one in token.children or [] if one.content or one.type != "text"]
    ends = [n for n, one in enumerate(parts, 1) if one.type == "strong_close"]
    is_paragraph = token.level == _PARAGRAPH and not heading
    if not (is_paragraph and ends and parts[0].type == "strong_open"):
        yield Piece(_inline(parts), heading, tight)
        return
    line, after = _inline(parts[: ends[0]]), parts[ends[0] :]
    if after and after[0].type in ("softbreak", "hardbreak") and heads(line):
        yield Piece(line, bold=True)
        yield Piece(_inline(after[1:]))
    else:
        yield Piece(_inline(parts), bold=not after)


def _labelled(tokens: Sequence[Token]) -> Iterator[Token]:
    """``tokens`` with the numbers and boxes of list items written into their words."""
    number, item = "", False
    for token in tokens:
        if token.type == "list_item_open":
            number, item = f"{token.info}{token.markup} " if token.info else "", True
        elif token.type == "inline" and item and token.children:
            first = token.children[0]
            words = _BOX.sub(lambda found: "☐" if found[1] == " " else "☒", first.content)
            first.content, item = number + words, False
        yield token


def _table(tokens: Iterator[Token]) -> list[list[str]]:
    """The cells of the table whose beginning was the last of ``tokens``."""
    rows: list[list[str]] = []
    for token in takewhile(lambda token: token.type != "table_close", tokens):
        if token.type == "tr_open":
            rows.append([])
        elif token.type == "inline":
            rows[-1].append(one_line(_inline(token.children or [])) or "")
    return rows


def _verbatim(token: Token) -> Iterator[Piece]:
    if token.type == "html_block":
        yield from markup_pieces(token.content)
    else:
        yield Piece(token.content)


def _inline(tokens: Sequence[Token]) -> str:
    return written("".join(_inline_part(token) for token in _seen(tokens)))


def _seen(tokens: Sequence[Token]) -> Iterator[Token]:
    """``tokens`` without those between the tags of an element that is hidden."""
    hidden, depth = "", 0
    for token in tokens:
        tag = _TAG_NAME.match(token.content) if token.type == "html_inline" else None
        name = tag[2].lower() if tag else ""
        if tag and not hidden and not tag[1] and name not in _VOID and _hides(token.content, name):
            hidden = name
        if tag and name == hidden:
            depth += -1 if tag[1] else 1
        if not hidden:
            yield token
        elif depth == 0:
            hidden = ""


def _hides(tag: str, name: str) -> bool:
    from lxml.html import document_fromstring  # a fragment can be no ``<body>``

    return any(is_hidden(one) for one in document_fromstring(tag).iter(name))


def _inline_part(token: Token) -> str:
    match token.type:
        case "softbreak":
            return " "
        case "hardbreak":
            return "\n"
        case "html_inline":
            return _html_part(token.content)
        case "image":
            return _inline(token.children or [])
        case "s_open" | "s_close":
            return "~~"
        case "footnote_ref" | "footnote_anchor":  # the note follows at the end
            return ""
        case "text":
            return _WIKI_LINK.sub(lambda found: found[2] or found[1], token.content)
        case _:
            return token.content


def _html_part(tag: str) -> str:
    """What a tag within a line means for the text: a line break, or a mark of how it looks."""
    if _LINE_BREAK.match(tag):
        return "\n"
    name = _TAG_NAME.match(tag)
    marks = MARKS.get(name[2].lower()) if name else None
    if name is None or marks is None:
        return ""
    return CLOSE if name[1] else marks
