"""Locates words cited from an earlier version of an article, or what replaced them."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import SequenceMatcher
from itertools import accumulate

from assistant.language.sentences import split_sentences
from assistant.models.article import Article
from assistant.models.history import History
from assistant.web.pages.sources import Span

LONGEST = 2_000
"""Characters of a citation that is traced; answers quote far less."""

_MOST_OCCURRENCES = 200
_CONTEXT = 200  # characters compared on either side, to tell equal words apart
_ALIKE = 0.3  # least share of common words for a sentence to count as a new version of another
_FEW = 2  # so few new sentences count as the new version even without common words
_MOST_COMPARED = 60
_WORD = re.compile(r"\s*(?:\w+|[^\w\s]+)|\s+")


@dataclass(frozen=True, slots=True)
class ComparedWords:
    """Words of one version; ``differs`` if the other does not have them."""

    text: str
    differs: bool


@dataclass(frozen=True, slots=True)
class Change:
    """Cited words that the article no longer has: ``before`` is what they were, ``after`` what
    stands in their place, empty if they were removed; ``day`` is when.
    """

    day: date
    before: tuple[ComparedWords, ...]
    after: tuple[ComparedWords, ...]


@dataclass(frozen=True, slots=True)
class Traced:
    """Where the cited words, or what replaced them, stand now; ``span`` is None if nowhere."""

    span: Span | None
    change: Change | None = None


def trace(history: History, now: Article, start: int, end: int) -> Traced:
    """Follow the words ``start:end`` of the oldest version through the others to ``now``."""
    cited = history.versions[0].text[start:end]
    if not cited.strip() or len(cited) > LONGEST:
        return Traced(None)
    texts = [*(version.text for version in history.versions), now.text]
    span = Span(start, end)
    for version, later in zip(history.versions, texts[1:], strict=True):
        found = _same_words(version.text, span, later)
        if found is None:
            instead = _replacement(version.text, span, now)
            after = now.text[instead.start : instead.end] if instead else ""
            before, then = _compared(version.text[span.start : span.end], after)
            return Traced(instead, Change(version.replaced, before, then))
        span = found
    return Traced(span)


def _same_words(before: str, span: Span, text: str) -> Span | None:
    """Where ``text`` has the words of ``span`` of ``before``; of several places the one among the
    same words.
    """
    words = before[span.start : span.end].split()
    found: list[tuple[int, Span]] = []
    for place in re.finditer(r"\s+".join(map(re.escape, words)), text):
        alike = _common(
            before[max(span.start - _CONTEXT, 0) : span.start][::-1],
            text[max(place.start() - _CONTEXT, 0) : place.start()][::-1],
        ) + _common(before[span.end :][:_CONTEXT], text[place.end() :][:_CONTEXT])
        found.append((alike, Span(place.start(), place.end())))
        if len(found) == _MOST_OCCURRENCES:
            break
    return max(found, key=lambda one: one[0])[1] if found else None


def _common(one: str, other: str) -> int:
    """How many characters both begin with."""
    pairs = zip(one, other, strict=False)
    return next((at for at, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))


def _replacement(before: str, span: Span, now: Article) -> Span | None:
    """The new sentences between the unchanged lines around the place of ``span``; None if there are
    none, or none is like the cited words.
    """
    old, new = before.split("\n"), now.text.split("\n")
    old_ends = list(accumulate(len(line) + 1 for line in old))
    first = bisect_right(old_ends, span.start)
    last = bisect_left(old_ends, span.end)
    kept = _in_both(old, new)
    above = next((kept[line] + 1 for line in reversed(old[:first]) if line in kept), 0)
    below = next((kept[line] for line in old[last + 1 :] if line in kept), len(new))
    starts = [0, *accumulate(len(line) + 1 for line in new)]
    known = {text for line in old[first : last + 1] for _, text in _sentences(line, now.language)}
    fresh = [
        Span(starts[at] + place, starts[at] + place + len(text))
        for at in range(above, below)
        for place, text in _sentences(new[at], now.language)
        if text not in known
    ][:_MOST_COMPARED]
    cited = before[span.start : span.end]
    alike = [one for one in fresh if _likeness(now.text[one.start : one.end], cited) >= _ALIKE]
    chosen = alike or (fresh if len(fresh) <= _FEW else [])
    return Span(chosen[0].start, chosen[-1].end) if chosen else None


def _in_both(old: Sequence[str], new: Sequence[str]) -> dict[str, int]:
    """The lines that occur once in each, with their places in ``new``."""
    once_old = {line for line, count in Counter(old).items() if count == 1 and line.strip()}
    counts = Counter(new)
    return {line: at for at, line in enumerate(new) if counts[line] == 1 and line in once_old}


def _sentences(line: str, language: str) -> Iterator[tuple[int, str]]:
    for start, end in split_sentences(line, language) if line.strip() else ():
        yield start, line[start:end]


def _likeness(one: str, other: str) -> float:
    """The share of words that both have, of the fewer ones."""
    mine, theirs = (set(re.findall(r"\w+", text.lower())) for text in (one, other))
    return len(mine & theirs) / max(1, min(len(mine), len(theirs)))


def _compared(
    before: str, after: str
) -> tuple[tuple[ComparedWords, ...], tuple[ComparedWords, ...]]:
    """A word diff: the pieces of each text, those that the other lacks marked."""
    if not after:
        return (ComparedWords(before, True),), ()
    a, b = _WORD.findall(before), _WORD.findall(after[:LONGEST])
    old: list[ComparedWords] = []
    new: list[ComparedWords] = []
    for kind, i, j, k, m in SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        for side, words in ((old, a[i:j]), (new, b[k:m])):
            text = "".join(words)
            bare = text.lstrip() if kind != "equal" else text
            if bare != text:  # leading spaces are no difference
                side.append(ComparedWords(text[: -len(bare)] if bare else text, False))
            if bare:
                side.append(ComparedWords(bare, kind != "equal"))
    return tuple(old), tuple(new)
