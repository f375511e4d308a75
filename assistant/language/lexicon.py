"""The words of each language that the assistant decides by: one YAML file a language.

A language is added with a file, not with a change of Python. A language without a file has an
empty lexicon, with which nothing is recognised by its words.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from functools import cache
from pathlib import Path
from typing import Any, NewType, get_args, get_type_hints

import yaml

from assistant.support.errors import LexiconError
from assistant.support.strict_yaml import MisreadError, items

FOLDER = Path(__file__).parent / "lexicons"

Words = tuple[str, ...]
"""In the file, words with spaces between."""

Pattern = NewType("Pattern", str)
"""A regular expression for text in lower case, without accents and with straight apostrophes; ""
if there is none. In the file, its alternatives: words with spaces between, or a list.
"""

NONE = Pattern("")


@dataclass(frozen=True, slots=True)
class QuestionLexicon:
    """What a question asks for. The keys of ``interrogatives`` and ``nouns`` are those of
    ``Asked``.

    ``interrogatives`` count at the beginning of a question or of a clause, with a preposition, or
    at its end: elsewhere "who" and "when" begin a clause that says what is known. ``nouns`` are
    singular and follow on ``which``. ``many`` is what asks for several things; a plural after
    "which" does.
    """

    which: Pattern = NONE
    interrogatives: Mapping[str, Pattern] = field(default_factory=dict)
    nouns: Mapping[str, Pattern] = field(default_factory=dict)
    many: Pattern = NONE


@dataclass(frozen=True, slots=True)
class AnswerLexicon:
    """What tells that a sentence gives a time of day, a reason, or, before a name and maybe one of
    ``articles``, a place.
    """

    times: Pattern = NONE
    reasons: Pattern = NONE
    places: Pattern = NONE
    articles: Words = ()


@dataclass(frozen=True, slots=True)
class ReferenceLexicon:
    """Words that speak of something said before.

    A question goes on from another one with ``openings``, or asks the same ``of_another``: "what
    about". ``pronouns`` stand for something named before; words that are as often something else
    ("that", "la", "das") are not among them, but do at the end, as ``closings``.
    ``others`` ask for what was not spoken of yet: "the other rooms". Those of ``more`` only ask to
    go on: "tell me more". A sentence that begins with one of ``leaning`` needs the one before it.
    Group 1 of ``repeated_subject`` is the subject that a pronoun repeats: "le chat ronronne-t-il".
    """

    openings: Words = ()
    pronouns: Words = ()
    closings: Words = ()
    of_another: Pattern = NONE
    others: Words = ()
    more: Words = ()
    leaning: Words = ()
    repeated_subject: Pattern = NONE


@dataclass(frozen=True, slots=True)
class ClauseLexicon:
    """Words that ``begin`` a clause, those that begin a smaller ``part`` of a sentence, and those
    after which a ``cause`` is given.
    """

    begin: Words = ()
    part: Words = ()
    cause: Pattern = NONE


@dataclass(frozen=True, slots=True)
class PolarityLexicon:
    """What negates, and the words that say the opposite of each other.

    Those of ``negations`` that are in ``after`` also negate what stands before them. ``at_least``
    only looks like a word with an opposite. ``opposites`` are two lists of words with a slash
    between; the key is the same in every language.
    """

    negations: Pattern = NONE
    after: Words = ()
    at_least: Pattern = NONE
    opposites: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DateLexicon:
    """How dates are said.

    ``capitalised`` tells whether months and weekdays have a capital, so that "may" is none;
    ``month_first`` whether 3/4 is in March. ``parts`` are the words for the ``early``, ``mid`` and
    ``late`` part of a month or year, and for the seasons, ``part_of`` what may stand between.
    ``decade`` stands before the figures of one. The keys of ``relative``, such as ``last year``,
    say which year, month or week it is from the day on which it is said. The keys of ``shifts``,
    such as ``next day``, say how far a date is from the one named before; ``later`` and
    ``earlier`` follow on a number of days, months or years.
    """

    capitalised: bool = False
    month_first: bool = False
    parts: Mapping[str, Words] = field(default_factory=dict)
    part_of: Pattern = NONE
    decade: Pattern = NONE
    relative: Mapping[str, Pattern] = field(default_factory=dict)
    shifts: Mapping[str, Pattern] = field(default_factory=dict)
    later: Pattern = NONE
    earlier: Pattern = NONE


@dataclass(frozen=True, slots=True)
class NumberLexicon:
    """Number words, scales, units and currencies beyond what ``text2num`` and the CLDR know.

    ``about`` are numbers of about a size ("a dozen"). A power of ten with one of
    ``plural_endings`` is no number ("thousands"). ``half_before`` and ``half_after`` go with a
    number, ``of`` stands between it and its unit, ``ordinal_ends`` on figures. The keys of
    ``currencies`` are ISO 4217 codes.
    """

    about: Mapping[str, int] = field(default_factory=dict)
    plural_endings: Words = ("s",)
    half_before: Pattern = NONE
    half_after: Pattern = NONE
    of: Words = ()
    ordinal_ends: Words = ()
    scales: Mapping[str, int] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)
    currencies: Mapping[str, Words] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class NameLexicon:
    """Names beyond those of the CLDR, and, where nouns have a capital as names do, how to tell
    these: by ``determiners`` before them and by ``noun_endings``.

    ``places`` gives the codes of territories by their names; one in capitals is an abbreviation.
    """

    nouns_capitalised: bool = False
    determiners: Words = ()
    noun_endings: Words = ()
    places: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FormLexicon:
    """What tells the form of answer that a question wants: a ``summary``, the ``sides`` of a
    comparison, a ``way`` to do something, a ``timeline``, a ``table``. ``before_count`` stands
    before the number of things that are asked for, ``meaning`` beside a term to be explained.
    """

    summary: Pattern = NONE
    sides: Pattern = NONE
    way: Pattern = NONE
    timeline: Pattern = NONE
    table: Pattern = NONE
    before_count: Pattern = NONE
    meaning: Pattern = NONE


@dataclass(frozen=True, slots=True)
class PickLexicon:
    """What asks for the ``latest``, the ``first`` or the ``next`` of several dated things.

    ``before`` and ``since`` stand before the date that ends or begins the time asked about.
    ``most`` and ``least`` are superlatives; the words of ``measured`` tell, in a question and in
    the heading of a column, what is measured. Its keys are the same in every language.
    """

    latest: Pattern = NONE
    first: Pattern = NONE
    next: Pattern = NONE
    before: Pattern = NONE
    since: Pattern = NONE
    most: Pattern = NONE
    least: Pattern = NONE
    measured: Mapping[str, Pattern] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PartLexicon:
    """How several questions stand in one message. Unlike elsewhere, words are written as usual,
    with accents.

    ``joins`` stand between two questions, ``also`` after one of them. A question begins with one of
    ``words``, maybe after one of ``prepositions``; one for yes or no, after another, with one of
    ``verbs``.
    """

    joins: Pattern = NONE
    also: Pattern = NONE
    prepositions: Pattern = NONE
    words: Pattern = NONE
    verbs: Pattern = NONE


@dataclass(frozen=True, slots=True)
class Lexicon:
    """What the file of one language holds."""

    questions: QuestionLexicon = QuestionLexicon()
    answers: AnswerLexicon = AnswerLexicon()
    references: ReferenceLexicon = ReferenceLexicon()
    clauses: ClauseLexicon = ClauseLexicon()
    polarity: PolarityLexicon = PolarityLexicon()
    dates: DateLexicon = DateLexicon()
    numbers: NumberLexicon = NumberLexicon()
    names: NameLexicon = NameLexicon()
    forms: FormLexicon = FormLexicon()
    picks: PickLexicon = PickLexicon()
    parts: PartLexicon = PartLexicon()


_EMPTY = Lexicon()


@cache
def lexicons() -> Mapping[str, Lexicon]:
    """The lexicon of every language that has one, by its code.

    Raises ``LexiconError`` where a file is not as expected.
    """
    return {file.stem: _read(file) for file in sorted(FOLDER.glob("*.yaml"))}


def lexicon(language: str) -> Lexicon:
    """The lexicon of ``language``, an empty one if it has none."""
    return lexicons().get(language, _EMPTY)


def says(pattern: Pattern, text: str) -> bool:
    """Whether whole words of ``text`` match ``pattern``."""
    return bool(pattern and re.search(rf"\b(?:{pattern})\b", text))


def any_of(patterns: Iterable[Pattern]) -> Pattern:
    """A pattern that matches what any of ``patterns`` does."""
    return Pattern("|".join(filter(None, patterns)))


def _read(file: Path) -> Lexicon:
    try:
        root = yaml.compose(file.read_text("utf-8"), Loader=_LOADER)
        read: Lexicon = _section(Lexicon, root or yaml.ScalarNode("", ""))
        return read
    except MisreadError as error:
        raise LexiconError(f"{file}, line {error.line}: {error}.") from error
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise LexiconError(f"{file} cannot be read: {' '.join(str(error).split())}.") from error


def _section(kind: Any, node: yaml.Node) -> Any:
    """The dataclass ``kind`` with what a mapping with exactly its fields as keys holds."""
    kinds = get_type_hints(kind)
    names = [one.name for one in fields(kind)]
    found = items(node, names)
    if missing := [name for name in names if name not in found]:
        raise MisreadError(node, f"the key {missing[0]!r} is missing")
    return kind(**{name: _value(kinds[name], name, found[name]) for name in names})


def _value(kind: Any, key: str, node: yaml.Node) -> Any:
    if is_dataclass(kind):
        return _section(kind, node)
    if kind in _READERS:
        try:
            return _READERS[kind](node)
        except (ValueError, re.error) as error:
            raise MisreadError(node, f"{key}: {error}") from error
    _, kind = get_args(kind)  # of a mapping, whose keys are free
    return {name: _value(kind, name, one) for name, one in items(node).items()}


def _text(node: yaml.Node) -> str:
    if not isinstance(node, yaml.ScalarNode):
        raise MisreadError(node, "expected words here")
    return str(node.value)


def _words(node: yaml.Node) -> Words:
    return tuple(_text(node).split())


def _pattern(node: yaml.Node) -> Pattern:
    if isinstance(node, yaml.SequenceNode):
        alternatives = [_text(one) for one in node.value]
    else:
        alternatives = _text(node).split()
    return Pattern(re.compile("|".join(alternatives)).pattern)


def _yes(node: yaml.Node) -> bool:
    if (text := _text(node)) not in ("yes", "no"):
        raise ValueError(f"expected yes or no, not {text!r}")
    return text == "yes"


_READERS: Mapping[Any, Callable[[yaml.Node], Any]] = {
    Words: _words,
    Pattern: _pattern,
    bool: _yes,
    int: lambda node: int(_text(node)),
    str: _text,
}
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
