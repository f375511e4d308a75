"""Plain text: the article is the file itself, so offsets in one are offsets in the other."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median

from assistant.ingest.readers.decoding import decode
from assistant.ingest.readers.draft import LONGEST_HEADING, Draft, one_line
from assistant.models.article import Block

LONGEST_TITLE = 120
WIDEST_WRAP = 100
"""Columns: lines are broken by hand or by an editor at 65 to 80, seldom at 100."""

_NARROWEST_WRAP = 40  # verse, lists and addresses have shorter lines, and each is its own
_WIDE_LINES = 0.05
_BROKEN_LINES = 0.4
_SAMPLE = 500  # lines that tell how a file is laid out
_INDENT = 2
_ENDED = re.compile(r"[.!?…:;。！？।؟۔][\"'»”’)\]」』]*$")
_BULLET = re.compile(r"[-*+•·▪‣–—]\s")


@dataclass(frozen=True, slots=True)
class _Line:
    """``text[start:end]``, without the white space around it; ``indent`` is what stood before."""

    start: int
    end: int
    indent: int
    text: str


def read_text(data: bytes) -> Draft:
    """A text file. Its title is its first line, if that is short and ends like no sentence."""
    text = decode(data)
    blocks = find_blocks(text)
    return Draft(text, blocks, title=_title(text, blocks))


def find_blocks(text: str) -> tuple[Block, ...]:
    """The paragraphs and headings of a plain text, in order; every word is in one of them.

    A line is a paragraph, unless the lines are broken at a fixed width: then a paragraph goes on to
    the next blank line, list item or indented line. The lines count as broken if nearly all fit
    ``WIDEST_WRAP``, they are not short, and many stop in the middle of a sentence that the next one
    continues. A heading is a short block that ends like no sentence, before longer prose.
    """
    paragraphs = list(_paragraphs(text))
    if _broken(paragraphs):
        parts = [part for paragraph in paragraphs for part in _split_wrapped(paragraph)]
    else:
        parts = [[line] for paragraph in paragraphs for line in paragraph]
    blocks = [Block(part[0].start, part[-1].end) for part in parts]
    return _with_headings(text, blocks)


def _paragraphs(text: str) -> Iterator[list[_Line]]:
    """The lines between two blank ones, again and again."""
    lines: list[_Line] = []
    start = 0
    for raw in text.split("\n"):
        words = raw.strip()
        if words:
            indent = len(raw) - len(raw.lstrip())
            lines.append(_Line(start + indent, start + indent + len(words), indent, words))
        elif lines:
            yield lines
            lines = []
        start += len(raw) + 1
    if lines:
        yield lines


def _broken(paragraphs: Sequence[Sequence[_Line]]) -> bool:
    pairs = [pair for paragraph in paragraphs for pair in pairwise(paragraph)][:_SAMPLE]
    if not pairs:
        return False
    lines = [line for paragraph in paragraphs for line in paragraph][:_SAMPLE]
    widths = [_columns(line.text) for line in lines]
    if sum(width > WIDEST_WRAP for width in widths) > _WIDE_LINES * len(widths):
        return False
    if median(_columns(line.text) for line, _ in pairs) < _NARROWEST_WRAP:
        return False
    return sum(_continues(line, after) for line, after in pairs) >= _BROKEN_LINES * len(pairs)


def _columns(line: str) -> int:
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in line)


def _continues(line: _Line, after: _Line) -> bool:
    """Whether ``after`` goes on in the sentence of ``line``: no end there, no capital here."""
    first = after.text[0]
    return not _ENDED.search(line.text) and not first.isupper() and not _BULLET.match(after.text)


def _split_wrapped(paragraph: Sequence[_Line]) -> Iterator[list[_Line]]:
    part = [paragraph[0]]
    for before, line in pairwise(paragraph):
        between_items = _BULLET.match(part[0].text) or _ENDED.search(before.text)
        item = bool(_BULLET.match(line.text) and between_items)
        if item or (line.indent >= before.indent + _INDENT and _ENDED.search(before.text)):
            yield part
            part = []
        part.append(line)
    yield part


def _with_headings(text: str, blocks: Sequence[Block]) -> tuple[Block, ...]:
    flagged: list[Block] = []
    after: Block | None = None
    for index in range(len(blocks) - 1, -1, -1):
        block = blocks[index]
        opens = after is not None and (_is_prose(text, after) or (index == 0 and after.heading))
        longer = after is not None and (after.end - after.start > block.end - block.start)
        if opens and (longer or index == 0) and _is_short(text, block, LONGEST_HEADING):
            block = replace(block, heading=True)
        flagged.append(block)
        after = block
    return tuple(reversed(flagged))


def _is_prose(text: str, block: Block) -> bool:
    words = text[block.start : block.end]
    return len(words) > LONGEST_HEADING or bool(_ENDED.search(words))


def _is_short(text: str, block: Block, longest: int) -> bool:
    """Whether a block can be a title: one short line that neither ends nor lists anything. A
    question or a cry can.
    """
    words = text[block.start : block.end]
    if len(words) > longest or "\n" in words or _BULLET.match(words):
        return False
    return words[-1] in "?!？！؟" or not (_ENDED.search(words) or words.endswith((",", "،", "、")))


def _title(text: str, blocks: Sequence[Block]) -> str | None:
    if not blocks or not _is_short(text, blocks[0], LONGEST_TITLE):
        return None
    return one_line(text[blocks[0].start : blocks[0].end])
