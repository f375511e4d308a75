"""JSON and JSON lines: records as lines of keys and values, what holds others under its key."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from assistant.ingest.readers.archive import damaged
from assistant.ingest.readers.decoding import decode
from assistant.ingest.readers.draft import Draft, Piece, compose, one_line
from assistant.ingest.readers.mending import mend
from assistant.ingest.readers.metadata import plausible_title
from assistant.support.errors import ArticleError

_LONGEST_VALUE = 300  # characters: a longer one is a paragraph of its own


def read_json(data: bytes) -> Draft:
    """A JSON document, or one on each line. An object is a line ``key: value | key: value``; an
    object or a list inside it follows under its key, as a heading.

    Numbers stand as the file writes them. Raises ``ArticleError`` where it is not JSON.
    """
    value = parse_json(decode(data))
    title = value.get("title") if isinstance(value, dict) else None
    return Draft(
        *compose(_pieces(value, "")), title=plausible_title(title if isinstance(title, str) else "")
    )


def parse_json(text: str) -> Any:
    """The value that ``text`` writes, a list of values where each line is one. Numbers are texts.

    Raises ``ArticleError`` where it is neither, and names the line.
    """
    try:
        return _parsed(text)
    except ValueError as error:
        lines = [line for line in text.split("\n") if line.strip()]
        try:
            if len(lines) > 1:
                return [_parsed(line) for line in lines]
        except ValueError:
            pass  # the first error says more of a document than that of one of its lines
        raise damaged(f"it is not JSON: {error}") from error
    except RecursionError as error:
        raise ArticleError("its JSON is nested too deep. Flatten it.") from error


def _parsed(text: str) -> Any:
    return json.loads(text, parse_int=str, parse_float=str, parse_constant=str)


def _pieces(value: Any, key: str) -> Iterator[Piece]:
    if isinstance(value, dict):
        yield Piece(key, heading=True)
        yield from _record(value)
    elif isinstance(value, list):
        yield Piece(key, heading=True)
        for index, item in enumerate(value):
            for first, piece in enumerate(_item(item)):
                yield piece if first or not index else _tight(piece)
    else:
        yield Piece(_scalar(value))


def _item(item: Any) -> Iterator[Piece]:
    if isinstance(item, dict):
        yield from _record(item)
    else:
        yield from _pieces(item, "")


def _tight(piece: Piece) -> Piece:
    return piece if piece.heading else Piece(piece.text, tight=True)


def _record(record: dict[str, Any]) -> Iterator[Piece]:
    """The values of an object on one line, then those that are long or hold others."""
    line: list[str] = []
    after: list[tuple[str, Any]] = []
    for name, value in record.items():
        key = one_line(mend(name.replace("_", " "))) or ""
        words = _scalar(value) if _is_flat(value) else None
        if words is None:
            after.append((key, value))
        elif "\n" in words or len(words) > _LONGEST_VALUE:
            after.append((key, f"{key}: {words}"))
        elif words:
            line.append(f"{key}: {words}")
    yield Piece(" | ".join(line))
    for key, value in after:
        yield from _pieces(value, key)


def _is_flat(value: Any) -> bool:
    """Whether a value can stand on the line of its record: one, or a list of such."""
    values = value if isinstance(value, list) else [value]
    return not any(isinstance(one, dict | list) for one in values)


def _scalar(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(filter(None, map(_scalar, value)))
    if isinstance(value, bool):
        return "true" if value else "false"
    return mend(value).strip() if isinstance(value, str) else ""
