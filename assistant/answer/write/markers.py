"""Parses a chat model's streamed text into sentences and the source numbers they cite.

The result depends on the text alone, not on how it was split into pieces: the parser consumes one
character at a time, and decides only when the text so far is unambiguous.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from assistant.language.sentences import LONGEST, split_sentences
from assistant.models.table import row_cells, row_text

_LABEL = r"(?:(?:sources?|quellen?|fuentes?|s)\.?\s?)?"
_RANGE = rf"{_LABEL}\^?\d{{1,3}}(?:\s*[-–—]\s*{_LABEL}\d{{1,3}})?"
_NUMBERS = rf"\s*({_RANGE}(?:\s*(?:[,;，、]|and|et|und|y)\s*{_RANGE})*)\s*"
# In round brackets a bare number is a citation only beside a full stop: "in two (2) years".
_ROUND = (
    rf"\((?=(?:s|sources?|quellen?|fuentes?)\s?\d){_NUMBERS}\)|\({_NUMBERS}\)(?=[.!?…])"
    rf"|(?<=[.!?…])\({_NUMBERS}\)|(?<=[.!?…]\s)\({_NUMBERS}\)"
)
# Four digits in brackets are a year, not a source.
MARKER = re.compile(
    rf"(?:(?<![ \t])[ \t]+)?(?:\[\[{_NUMBERS}\]\]|\[{_NUMBERS}\]|"
    rf"［{_NUMBERS}］|【{_NUMBERS}(?:†[^】\n]*)?】|{_ROUND})",
    re.IGNORECASE,
)
"""A citation as models write it: ``[1]``, ``[S1, S2]``, ``[1-3]``, ``[[1]]``, ``[^1]``, ``(S1)``,
``[Source 1]`` and the like. Its groups hold the numbers, and the spaces before it belong to it."""

_UNFINISHED = re.compile(
    # Possessive: "sources" is not tried again as "source" and "s".
    r"(?:\[{1,2}|［)(?>sources?|quellen?|fuentes?|s|and|et|und|[\s\d,;，、^.–—-])*+\]?$"
    r"|\((?>sources?|quellen?|fuentes?|s|[\s\d,;])*+$|【[^】]{0,40}$",
    re.IGNORECASE,
)
_ENDS = re.compile(r"[.!?…。！？।]")
_STOP = re.compile(r"[.!?…。！？।][\"'»”’)\]]*(?=\s|$)")
_UNSPACED_ENDS = re.compile(r"[。！？]")
_BULLET = re.compile(r"\s*(?:[-*•–—]|#{1,6}|>)\s+")
_ITEM = re.compile(r"\s*(\d{1,2})[.)]\s+(?!\w+\.?\s+\d{4}\b)")  # but not "1. Januar 2024"
_ROW = re.compile(r"\s*\|")
_RULE = re.compile(r"[\s|:]*-[\s|:-]*")
_CELL_END = re.compile(r"(?<!\\)\|")
_PAIRS = ("()", "“”", "«»", "「」", "『』")
_LONGEST_LINE = 2 * LONGEST
"""Characters that may wait for a closing quotation mark or bracket, so that no text is looked
through over and over."""

_UNSPACED = "\u2e80"  # scripts from here on are written without spaces


@dataclass(frozen=True, slots=True)
class CitedSentence:
    """A sentence without its markers, and the numbers it cites, each once, in order.

    The row of a Markdown table is one, its cells divided as ``row_text`` does, and the headings of
    these as ``columns``.
    """

    text: str
    cited: tuple[int, ...]
    columns: str = ""


@dataclass(frozen=True, slots=True)
class _Clean:
    """A line without markers: ``places[i]`` is the offset of character ``i`` in the raw line."""

    text: str
    places: list[int]
    markers: list[tuple[int, tuple[int, ...]]]


class MarkerParser:
    """Parses one answer, in ``language``, over sources numbered from 1 to ``known``.

    A marker belongs to the sentence it follows or is in; at the start of a line, to the sentence
    after it. Unknown source numbers are dropped, and so is the markup of headings, lists and
    tables.
    """

    def __init__(self, language: str, known: int) -> None:
        self._language = language
        self._known = known
        self._line = ""  # the unemitted part of the current line
        self._begins = True  # whether that is the beginning of the line
        self._items = 0  # the last number of the numbered list so far
        self._waiting: CitedSentence | None = None  # last sentence of a line: a marker may follow
        self._columns: Sequence[str] | None = None  # of the table so far, empty before its rule

    def feed(self, piece: str) -> list[CitedSentence]:
        """The sentences completed by ``piece``."""
        return [sentence for character in piece for sentence in self._read(character)]

    def close(self) -> list[CitedSentence]:
        """The rest at the end of the text."""
        return [*self._end_line(), *self._release()]

    def _read(self, character: str) -> Iterator[CitedSentence]:
        if character == "\n":
            yield from self._end_line()
            return
        if character.isspace() and (not self._line or self._line[-1].isspace()):
            return  # says nothing new
        self._line += character
        if len(self._line) > _LONGEST_LINE:
            yield from self._shorten()
            return
        if self._begins and _ROW.match(self._line):
            return
        unspaced = _UNSPACED_ENDS.search(self._line, 0, max(0, len(self._line) - 2))
        if not (character.isspace() or unspaced) or _UNFINISHED.search(self._line.rstrip()):
            return
        if not (self._waiting or len(self._line) > LONGEST or _ENDS.search(self._line)):
            return
        clean = self._clean()
        if clean.text.strip():
            yield from self._release()
        if (_ENDS.search(clean.text) or len(clean.text) > LONGEST) and _is_balanced(clean.text):
            yield from self._complete(clean)

    def _shorten(self) -> Iterator[CitedSentence]:
        """The sentences so far of a line that is too long to wait for more of it."""
        yield from self._complete(self._clean())
        if len(self._line) <= _LONGEST_LINE:
            return
        # It has no two sentences: markers alone, say. One that may go on is kept whole.
        unfinished = _UNFINISHED.search(self._line)
        end = unfinished.start() if unfinished else 0
        self._line, rest = self._line[: end or None], self._line[end:] if end else ""
        yield from self._end_line()
        self._line = rest

    def _complete(self, clean: _Clean) -> Iterator[CitedSentence]:
        """The sentences of a line except the last, which may continue."""
        spans = self._spans(clean)
        if len(spans) < 2 or spans[-1][1] - spans[-1][0] < 2:
            return
        more = any(map(str.isalnum, clean.text[slice(*spans[-1])]))  # otherwise not a sentence yet
        yield from self._release()
        yield from self._sentences(clean, spans)[: -1 if more else None]
        self._items = self._item() or self._items
        self._begins = False
        self._line = self._line[clean.places[spans[-1][0]] :]

    def _end_line(self) -> Iterator[CitedSentence]:
        clean = self._clean()
        if self._begins and _ROW.match(self._line):
            yield from self._end_row(clean)
            self._line = ""
            return
        self._columns = None
        sentences = self._sentences(clean, self._spans(clean))
        if sentences:
            yield from self._release()
            yield from sentences[:-1]
            self._waiting = sentences[-1]
            self._items = self._item() or self._items
        elif self._waiting and clean.markers:
            more = tuple(number for _, numbers in clean.markers for number in numbers)
            cited = tuple(dict.fromkeys(self._waiting.cited + more))
            self._waiting = replace(self._waiting, cited=cited)
        self._line, self._begins = "", True

    def _end_row(self, clean: _Clean) -> Iterator[CitedSentence]:
        """A line of a table: a row waits, as it may be followed by its markers, or by the rule that
        makes a heading of it.
        """
        if _RULE.fullmatch(self._line):
            if self._columns == () and self._waiting:
                self._columns = row_cells(self._waiting.text)
                self._waiting = None
            return
        yield from self._release()
        cells = [cell.strip() for cell in _CELL_END.split(clean.text.strip().strip("|"))]
        text = row_text(cell.replace("**", "").replace("\\|", "|") for cell in cells)
        self._columns = self._columns or ()
        if any(map(str.isalnum, text)):
            cited = tuple(dict.fromkeys(n for _, numbers in clean.markers for n in numbers))
            self._waiting = CitedSentence(text, cited, row_text(self._columns))

    def _release(self) -> Iterator[CitedSentence]:
        if self._waiting:
            yield self._waiting
        self._waiting = None

    def _clean(self) -> _Clean:
        text, places = "", list[int]()
        markers: list[tuple[int, tuple[int, ...]]] = []
        start = self._opening()
        for found in (*MARKER.finditer(self._line, start), None):
            end = found.start() if found else len(self._line)
            text += self._line[start:end]
            places += range(start, end)
            if found:
                markers.append((len(text), self._numbers(next(filter(None, found.groups())))))
                start = found.end()
                if text and _needs_space(text[-1], self._line[start : start + 1]):
                    text += " "
                    places.append(start)
        return _Clean(text, places, markers)

    def _opening(self) -> int:
        """Where the line's text begins, after heading or list markup."""
        sign = (_ITEM if self._item() else _BULLET).match(self._line) if self._begins else None
        return sign.end() if sign else 0

    def _item(self) -> int:
        """The line's list number, if it starts or continues a numbered list, or 0."""
        item = _ITEM.match(self._line) if self._begins else None
        return int(item[1]) if item and int(item[1]) in (1, self._items + 1) else 0

    def _spans(self, clean: _Clean) -> list[tuple[int, int]]:
        """The sentences of a line. A marker next to a full stop ends one, whatever precedes."""
        cuts = [0, len(clean.text)]
        for place, _ in clean.markers:
            stop = _STOP.match(clean.text, place)
            follows = clean.text[place:].lstrip()[:1]
            if stop:
                cuts.append(stop.end())
            elif _ENDS.search(clean.text, max(0, place - 1), place) and not follows.islower():
                cuts.append(place)
        return [
            (begin + start, begin + end)
            for begin, until in pairwise(sorted(cuts))
            for start, end in split_sentences(clean.text[begin:until], self._language)
        ]

    def _sentences(self, clean: _Clean, spans: list[tuple[int, int]]) -> list[CitedSentence]:
        cited: list[list[int]] = [[] for _ in spans]
        for place, numbers in clean.markers:
            before = [i for i, (start, _) in enumerate(spans) if start < place]
            if spans:
                cited[before[-1] if before else 0] += numbers
        sentences = [
            CitedSentence(clean.text[start:end].replace("**", ""), tuple(dict.fromkeys(numbers)))
            for (start, end), numbers in zip(spans, cited, strict=True)
        ]
        return [one for one in sentences if any(c.isalnum() for c in one.text)]

    def _numbers(self, written: str) -> tuple[int, ...]:
        numbers: list[int] = []
        for part in re.split(r"[,;，、]", written):
            ends = [int(digits) for digits in re.findall(r"\d+", part)]
            numbers += range(max(ends[0], 1), min(ends[-1], self._known) + 1)
        return tuple(numbers)


def _needs_space(before: str, after: str) -> bool:
    """Whether removing a marker would join two words."""
    return after.isalnum() and not before.isspace() and max(before, after) < _UNSPACED


def _is_balanced(text: str) -> bool:
    """Whether quotes and brackets are closed: a full stop inside does not end the sentence."""
    paired = all(text.count(pair[0]) <= text.count(pair[1]) for pair in _PAIRS)
    return paired and text.count('"') % 2 == 0
