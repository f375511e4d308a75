"""Splits an article into passages of whole sentences, each an exact slice of its text."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise

from assistant.language.sentences import Span, halves, split_sentences
from assistant.models.article import Article, Block, Passage, Sentence
from assistant.models.recipe import TARGET_TOKENS
from assistant.models.table import row_cells

CountTokens = Callable[[Sequence[str]], list[int]]
"""Returns the number of tokens of each text, in order."""

MOST_TOKENS = 200
"""Longest sentence in tokens: longer ones are cut, so that passages fit models that take 512."""

LONGEST_ROW = 400
"""Longest table row, in characters, that is one sentence; in longer rows the cells are split."""

FULLEST = 1.5
"""Largest passage as a multiple of the target, unless a single sentence is larger."""

# Costs of ending a passage there, in the unit of _even_cuts: 1 is a passage of double size.
_BEFORE_HEADING = 0.0
_BETWEEN_BLOCKS = 0.1
_WITHIN_BLOCK = 0.4
_AFTER_HEADING = 10.0


@dataclass(frozen=True, slots=True)
class _Unit:
    """A sentence to be put into a passage, with its block and number of tokens."""

    sentence: Sentence
    block: Block
    tokens: int


def split_article(
    article: Article, count_tokens: CountTokens, target: int = TARGET_TOKENS
) -> tuple[Passage, ...]:
    """Split into passages of about ``target`` tokens, in order, that partition the sentences.

    ``count_tokens`` is called once with every sentence, and again only with the parts of those over
    ``MOST_TOKENS``. Passages are of even size rather than full ones and a remainder; they end where
    a block does if the sizes allow, and never with a heading unless the article does.
    """
    text = article.text
    units = _units(article, count_tokens)
    if not units:
        return ()
    costs = [_border_cost(before.block, after.block) for before, after in pairwise(units)]
    cuts = _even_cuts([unit.tokens for unit in units], costs, target)
    return tuple(_passage(text, units[first:last]) for first, last in pairwise(cuts))


def _units(article: Article, count_tokens: CountTokens) -> list[_Unit]:
    if not article.blocks:
        article = replace(article, blocks=(Block(0, len(article.text)),))
    found = [
        (sentence, block)
        for block, headings in article.column_headings()
        for sentence in _sentences(article, block, headings)
    ]
    counts = count_tokens([sentence.in_context for sentence, _ in found]) if found else []
    units = [_Unit(*pair, count) for pair, count in zip(found, counts, strict=True)]
    return [part for unit in units for part in _fitting(article.text, unit, count_tokens)]


def _sentences(article: Article, block: Block, headings: tuple[str, ...]) -> Iterator[Sentence]:
    words = article.text[block.start : block.end]
    is_row = block.shape in ("row", "columns")
    whole = is_row and len(words) <= LONGEST_ROW
    for start, end in [(0, len(words))] if whole else split_sentences(words, article.language):
        before = len(row_cells(words[:start])) - 1 if headings else 0
        yield _sentence(article.text, (block.start + start, block.start + end), headings[before:])


def _sentence(text: str, span: Span, headings: tuple[str, ...]) -> Sentence:
    """The sentence at ``span``; ``headings`` are those of its cells and the ones after."""
    words = text[slice(*span)]
    return Sentence(*span, words, headings[: len(row_cells(words))] if headings else ())


def _fitting(text: str, unit: _Unit, count_tokens: CountTokens) -> Iterator[_Unit]:
    """``unit``, split into parts of at most ``MOST_TOKENS`` as far as possible."""
    whole = unit.sentence
    parts = halves(text, (whole.start, whole.end)) if unit.tokens > MOST_TOKENS else []
    if len(parts) < 2:  # fits, or is a single letter
        yield unit
        return
    cells = [len(row_cells(text[whole.start : start])) - 1 for start, _ in parts]
    sentences = [
        _sentence(text, part, whole.headings[before:])
        for part, before in zip(parts, cells, strict=True)
    ]
    counts = count_tokens([sentence.in_context for sentence in sentences])
    for sentence, count in zip(sentences, counts, strict=True):
        yield from _fitting(text, _Unit(sentence, unit.block, count), count_tokens)


def _border_cost(before: Block, after: Block) -> float:
    if before is after:
        return _WITHIN_BLOCK
    if before.heading or before.shape == "columns":
        return _AFTER_HEADING
    return _BEFORE_HEADING if after.heading else _BETWEEN_BLOCKS


def _even_cuts(counts: Sequence[int], costs: Sequence[float], target: int) -> list[int]:
    """The indexes at which passages begin, and the end, for the split of least cost.

    A passage costs the squared relative deviation of its tokens from the even share, plus ``costs``
    of the border at its end (``costs[i]`` lies between sentence i and i + 1).
    Found by dynamic programming over the end of the last passage.
    """
    sums = list(accumulate(counts, initial=0))
    share = max(1.0, sums[-1] / max(1, round(sums[-1] / target)))
    best = [0.0]
    begins = [0]
    for end in range(1, len(sums)):
        border = costs[end - 1] if end <= len(costs) else 0.0
        cheapest, chosen = math.inf, end - 1
        for begin in range(end - 1, -1, -1):
            size = sums[end] - sums[begin]
            if size > FULLEST * target and begin < end - 1:
                break
            cost = best[begin] + (size / share - 1) ** 2
            if cost < cheapest:
                cheapest, chosen = cost, begin
        best.append(cheapest + border)
        begins.append(chosen)
    cuts = [len(counts)]
    while cuts[-1]:
        cuts.append(begins[cuts[-1]])
    return cuts[::-1]


def _passage(text: str, units: Sequence[_Unit]) -> Passage:
    sentences = tuple(unit.sentence for unit in units)
    start, end = sentences[0].start, sentences[-1].end
    return Passage(start, end, text[start:end], sentences)
