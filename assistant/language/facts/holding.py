"""Whether a text's facts hold a fact that another text, maybe in another language, states."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from functools import lru_cache

from assistant.language.facts.fact import Fact, Kind

ALIKE = 0.7
"""Least share of letters that two spellings of one name have in the same order: Poutine and Putin
have 0.71, Cantorbéry and Canterbury 0.8. The first letter must be the same."""

_SHORTEST = 3  # letters of a name whose spelling may vary
MONTHS_OF_PARTS = {
    "early": (1, 2, 3, 4),
    "mid": (4, 5, 6, 7, 8, 9),
    "late": (8, 9, 10, 11, 12),
    "spring": (3, 4, 5, 6),
    "summer": (6, 7, 8, 9),
    "autumn": (9, 10, 11, 12),
    "winter": (12, 1, 2, 3),
}
"""The months that may be meant by a part of a year, in order."""

_FINEST_FIRST = ("weekday", "day", "month", "year")
_TOKENS = re.compile(r"[^\W_]+")
_VALUE = re.compile(
    r"-W-(?P<weekday>\d)|(?:(?P<year>\d{3}[\dX])|-)(?:-(?P<month>\d\d))?(?:-(?P<day>\d\d))?"
)
_LINKING = frozenset({
    "de", "du", "des", "la", "le", "von", "van", "der", "den", "da", "di", "do", "del", "of",
    "the", "and", "y", "e", "et", "und",
})  # fmt: skip


def holds(evidence: Sequence[Fact], asked: Fact) -> bool:
    """Whether ``asked`` is among ``evidence``, whatever the languages of the two.

    A number must be the same, of the same unit where both have one. A date must be the same as far
    as ``asked`` says it; the year may come from another date ("le 20 novembre" beside "en 2023").
    A name may be part of a longer one, or its last word alone where the evidence has no other with
    that last word; its spelling may vary a little.
    """
    if asked.kind is Kind.NUMBER:
        return any(_same_number(one, asked) for one in evidence)
    if asked.kind is Kind.DATE:
        return _holds_date(evidence, asked)
    return _holds_name([one for one in evidence if one.kind is Kind.NAME], asked)


def _same_number(one: Fact, asked: Fact) -> bool:
    if one.kind is Kind.DATE:
        year = _parts(one).get("year", "")
        if asked.unit == "century":
            whole = asked.value.partition(".")[0]  # of any length: too long for a float
            return year[:2].isdigit() and str(int(year[:2]) + 1) == whole
        return not asked.unit and year == asked.value
    same_unit = one.unit == asked.unit or not one.unit or not asked.unit
    return one.kind is Kind.NUMBER and one.value == asked.value and same_unit


@lru_cache(maxsize=4096)
def _parts(fact: Fact) -> dict[str, str]:
    """What a date says: its year, month, day and weekday, as far as they are said."""
    if fact.kind is Kind.NUMBER:
        is_year = len(fact.value) == 4 and fact.value.isdigit() and not fact.unit
        return {"year": fact.value} if is_year else {}
    match = _VALUE.fullmatch(fact.value)
    return {name: part for name, part in match.groupdict().items() if part} if match else {}


def _holds_date(evidence: Sequence[Fact], asked: Fact) -> bool:
    wanted = _parts(asked)
    if not wanted:
        return any(one.value == asked.value for one in evidence)
    finest = next(name for name in _FINEST_FIRST if name in wanted)
    dated = [(one, _said(one)) for one in evidence if one.kind is not Kind.NAME]
    for one, said in dated:
        if finest in said and _agree(wanted, said) and _same_part(asked, one):
            missing = {name: part for name, part in wanted.items() if name not in said}
            if not missing or any(
                all(name in other and _agree({name: part}, other) for name, part in missing.items())
                for _, other in dated
            ):
                return True
    return False


def _said(fact: Fact) -> dict[str, str]:
    """The parts of a date, with the weekday where they tell it."""
    said = _parts(fact)
    if said.keys() >= {"year", "month", "day"} and said["year"].isdigit():
        try:
            day = date(int(said["year"]), int(said["month"]), int(said["day"]))
        except ValueError:  # the thirtieth of February
            return said
        return {**said, "weekday": str(day.isoweekday())}
    return said


def _agree(wanted: dict[str, str], said: dict[str, str]) -> bool:
    """Whether nothing that both say differs. "1975" agrees with the decade "197X" asked."""
    for name in wanted.keys() & said.keys():
        expected, given = wanted[name], said[name]
        if expected != given and not (expected.endswith("X") and expected[:3] == given[:3]):
            return False
    return True


def _same_part(asked: Fact, one: Fact) -> bool:
    """Whether "mid-2023" may be what ``one`` says: the same part, no part, or a month in it."""
    if not asked.unit:
        return True
    month = _parts(one).get("month")
    if month and "month" not in _parts(asked):
        return int(month) in MONTHS_OF_PARTS[asked.unit]
    return one.unit in ("", asked.unit)


def _holds_name(evidence: Sequence[Fact], asked: Fact) -> bool:
    known = set(asked.unit.split())
    if any(known & set(one.unit.split()) for one in evidence):
        return True
    wanted = tokens(asked.value)
    # Austria is spelt much like Australia, but known to be another.
    held = [tokens(one.value) for one in evidence if not (known and one.unit)]
    joined = "".join(wanted)
    if any(joined == "".join(one) or _initials(asked, one) for one in held):
        return True
    everywhere = {token for one in held for token in one}
    if all(any(alike(word, token) for token in everywhere) for word in wanted):
        return True
    # "Angela Merkel" by "Merkel", but "Daniela Amodei" not by "Dario Amodei".
    return (
        len(wanted) > 1
        and any(len(one) == 1 and alike(wanted[-1], one[0]) for one in held)
        and not any(len(one) > 1 and alike(wanted[-1], one[-1]) for one in held)
    )


def tokens(name: str) -> tuple[str, ...]:
    """The words of a folded name but "de", "of" and the like."""
    found = tuple(_TOKENS.findall(name))
    return tuple(word for word in found if word not in _LINKING) or found


def _initials(asked: Fact, one: Sequence[str]) -> bool:
    is_acronym = asked.text.isupper() and len(asked.text) > 2
    return is_acronym and "".join(word[0] for word in one) == asked.value


@lru_cache(maxsize=16_384)
def alike(one: str, other: str) -> bool:
    """Whether two folded words may be spellings of one name."""
    if one == other:
        return True
    if one[0] != other[0] or min(len(one), len(other)) < _SHORTEST or _has_figures(one, other):
        return False
    return spelt_alike(one, other) >= ALIKE


def spelt_alike(one: str, other: str) -> float:
    """The share, 0..1, of two words' letters that need no change to make one of the other."""
    longer = max(len(one), len(other))
    if abs(len(one) - len(other)) > longer / 2:
        return 0.0
    return 1 - _edits(one, other) / longer


def _edits(one: str, other: str) -> int:
    """Letters to insert, delete or replace to make one word of the other (Levenshtein's)."""
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        before, row[0] = row[0], i
        for j, expected in enumerate(other, 1):
            cheapest = min(row[j] + 1, row[j - 1] + 1, before + (letter != expected))
            before, row[j] = row[j], cheapest
    return row[-1]


def _has_figures(*words: str) -> bool:
    return any(character.isdigit() for word in words for character in word)
