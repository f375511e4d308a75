"""Markdown with YAML front matter: the article is the readable text, without the marks."""

from __future__ import annotations

import html
import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from assistant.ingest.readers.decoding import decode
from assistant.ingest.readers.draft import (
    Draft,
    Piece,
    compose,
    one_line,
    publication_date,
    web_address,
)
from assistant.language.detection import detect_language, language_code
from assistant.support.errors import ArticleError

if TYPE_CHECKING:
    from markdown_it.token import Token

logger = logging.getLogger(__name__)

_FRONT_MATTER = re.compile(r"\A---[ \t]*\n(.*?)^(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.S | re.M)
_LONGEST_MATTER = 20_000  # YAML takes a second for some texts of that size
# What is never closed hides all that follows, as in browsers.
_HIDDEN_HTML = re.compile(
    r"<!--.*?(?:-->|\Z)|<(script|style)\b.*?(?:</\1\s*>|\Z)", re.S | re.I
)
_TAG = re.compile(r"<[^<>]*>")
_LINE_BREAK = re.compile(r"<br\b", re.I)


def read_markdown(data: bytes) -> Draft:
    """A Markdown file (CommonMark and tables).

    Of the front matter, ``title``, ``language`` (or ``lang``), ``date`` (or ``published``),
    ``author`` and ``url`` (or ``source``) are used and all else is ignored; so is, with a warning,
    a value that is not of its kind. Without a ``title`` there, it is the first heading. Raises
    ``ArticleError`` for front matter that is not YAML, and names the line.
    """
    text = decode(data)
    matter, body = _split_front_matter(text)
    pieces = list(_pieces(body))
    article, blocks = compose(pieces)
    heading = next((piece.text for piece in pieces if piece.heading), None)
    language = _language(_value(matter, "language", "lang")) or detect_language(article)
    return Draft(
        article,
        blocks,
        title=_value(matter, "title") or one_line(heading),
        language=language,
        published=publication_date(_value(matter, "date", "published"), language),
        author=_value(matter, "author"),
        url=web_address(_value(matter, "url", "source")),
    )


def _split_front_matter(text: str) -> tuple[Mapping[str, object], str]:
    match = _FRONT_MATTER.match(text)
    if match is None:
        return {}, text
    if len(match[1]) > _LONGEST_MATTER:
        raise ArticleError(
            f"its front matter has {len(match[1])} characters, more than {_LONGEST_MATTER}. "
            "Shorten it, or write the rule at the start of the text as ***."
        )
    import yaml

    try:
        # BaseLoader leaves every value the text that it is: "language: no" is Norwegian, not false.
        matter = yaml.load(match[1], Loader=yaml.BaseLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 2 if error.problem_mark else 2
        raise ArticleError(
            f"its front matter is not YAML: line {line}: {error.problem}. "
            "Put values that hold special characters in quotes."
        ) from error
    except (yaml.YAMLError, RecursionError) as error:
        raise ArticleError(
            f"its front matter is not YAML: {error}. Correct or remove it."
        ) from error
    if isinstance(matter, dict):
        return matter, text[match.end() :]
    if matter in (None, ""):
        return {}, text[match.end() :]
    return {}, text  # two rules with text between them, not front matter


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


def _pieces(body: str) -> Iterator[Piece]:
    from markdown_it import MarkdownIt

    heading = tight = False
    first = True  # of its list or table: the others follow it line by line
    row: list[str] | None = None
    for token in (
        MarkdownIt("commonmark", {"maxNesting": 100}).enable(["table", "strikethrough"]).parse(body)
    ):
        match token.type:
            case "heading_open" | "heading_close":
                heading, tight = token.nesting > 0, False
            case "paragraph_open":
                tight = token.hidden and not first
            case "bullet_list_open" | "ordered_list_open" | "table_open" if token.level == 0:
                first = True
            case "tr_open":
                row = []
            case "tr_close" if row is not None:
                yield Piece(" | ".join(row), tight=not first)
                row, first = None, False
            case "inline" if row is not None:
                row.append(one_line(_inline(token.children or [])) or "")
            case "inline":
                yield Piece(_inline(token.children or []), heading, tight)
                first = False
            case "fence" | "code_block" | "html_block":
                yield Piece(_verbatim(token))


def _verbatim(token: Token) -> str:
    if token.type != "html_block":
        return token.content
    return html.unescape(_TAG.sub("", _HIDDEN_HTML.sub("", token.content)))


def _inline(tokens: Sequence[Token]) -> str:
    return "".join(_inline_part(token) for token in tokens)


def _inline_part(token: Token) -> str:
    match token.type:
        case "softbreak":
            return " "
        case "hardbreak":
            return "\n"
        case "html_inline":
            return "\n" if _LINE_BREAK.match(token.content) else ""
        case "image":
            return _inline(token.children or [])
        case _:
            return token.content
