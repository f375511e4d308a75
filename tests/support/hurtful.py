"""Texts that hurt a regular expression, made from the expression itself."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from re import _constants as ops
    from re import _parser as parser

REPEATS = (ops.MAX_REPEAT, ops.MIN_REPEAT, ops.POSSESSIVE_REPEAT)
LETTERS = [chr(code) for code in (*range(32, 127), 9, 10, 0xA0, 0xE9, 0x661, 0x4E00, 0x3002)]
"""What may stand where a class of characters is asked for."""


def hurtful(pattern: re.Pattern[Any], size: int) -> Iterator[str]:
    """Texts of about ``size`` characters that nearly match over and over: the beginnings of what
    matches, repeated, and what may repeat, repeated; each with an end that fits and one that
    does not.
    """
    source = pattern.pattern
    text = source if isinstance(source, str) else source.decode("latin-1")
    parts = list(
        _parts(
            parser.parse(
                text, pattern.flags & ~re.UNICODE if isinstance(source, bytes) else pattern.flags
            ),
            {},
        )
    )
    wholes = [example for example, _ in parts]
    pumps = {"".join(wholes[: end + 1]): None for end in range(len(wholes))}
    pumps |= {first + second: None for first, second in pairwise(wholes)}
    pumps |= dict.fromkeys(part for one in parts for part in (one[0], *one[1]))
    pumps |= dict.fromkeys((*_named(text), " ", "a", "1", "\n"))
    heads = {"": None}
    for index, (_, repeated) in enumerate(parts):
        if repeated:
            heads["".join(wholes[:index])[:200]] = None
    for pump in pumps:
        if pump:
            for head in heads:
                for tail in ("", "\0", "\nx"):
                    yield head + pump * (size // len(pump)) + tail


def _named(text: str) -> set[str]:
    """The signs that an expression names, in whichever of its classes they stand."""
    return {letter for letter in text if not letter.isalnum() and not letter.isspace()}


def _parts(tree: Any, groups: dict[int, str]) -> Iterator[tuple[str, list[str]]]:
    """An example of each part of an expression in turn, with what repeats in it."""
    for op, given in tree:
        yield from _part(op, given, groups)


def _part(op: Any, given: Any, groups: dict[int, str]) -> Iterator[tuple[str, list[str]]]:
    if op in REPEATS:
        yield from _repeated(given, groups)
    elif op is ops.BRANCH:
        yield from (("", [_example(branch, groups)]) for branch in given[1])
        yield from _parts(given[1][0], groups)
    elif op is ops.SUBPATTERN:
        found = list(_parts(given[3], groups))
        groups[given[0] or 0] = "".join(example for example, _ in found)
        yield from found
    elif op is ops.ATOMIC_GROUP:
        yield from _parts(given, groups)
    elif op is ops.GROUPREF:
        yield groups.get(given, ""), []
    elif op is ops.ASSERT and given[0] > 0:
        yield "", [_example(given[1], groups)]
    elif op in (ops.LITERAL, ops.NOT_LITERAL, ops.IN, ops.ANY):
        yield _letter(op, given), []


def _repeated(given: Any, groups: dict[int, str]) -> Iterator[tuple[str, list[str]]]:
    least, _, inner = given
    found = list(_parts(inner, groups))
    once = "".join(example for example, _ in found)
    yield once * max(1, min(least, 20)), [once, *(one for _, more in found for one in more)]
    yield from (("", [example, *more]) for example, more in found if more)


def _example(tree: Any, groups: dict[int, str]) -> str:
    return "".join(example for example, _ in _parts(tree, groups))


def _letter(op: Any, given: Any) -> str:
    if op is ops.LITERAL:
        return chr(given)
    if op is ops.ANY:
        return "x"
    if op is ops.NOT_LITERAL:
        return next(one for one in LETTERS if ord(one) != given)
    members = [one for one in LETTERS if _in(given, one)]
    if members:
        return next((one for one in members if one.isalnum()), members[0])
    kind, value = given[0]
    return chr(value[0] if kind is ops.RANGE else value)


def _in(items: Any, letter: str) -> bool:
    negated = items[0][0] is ops.NEGATE
    found = any(_is(op, given, letter) for op, given in items if op is not ops.NEGATE)
    return found is not negated


def _is(op: Any, given: Any, letter: str) -> bool:
    if op is ops.LITERAL:
        return ord(letter) == given
    if op is ops.RANGE:
        return bool(given[0] <= ord(letter) <= given[1])
    kinds = {
        ops.CATEGORY_DIGIT: letter.isdecimal(), ops.CATEGORY_SPACE: letter.isspace(),
        ops.CATEGORY_WORD: letter.isalnum() or letter == "_",
    }  # fmt: skip
    opposite = {
        ops.CATEGORY_NOT_DIGIT: ops.CATEGORY_DIGIT, ops.CATEGORY_NOT_SPACE: ops.CATEGORY_SPACE,
        ops.CATEGORY_NOT_WORD: ops.CATEGORY_WORD,
    }  # fmt: skip
    return not kinds[opposite[given]] if given in opposite else kinds[given]
