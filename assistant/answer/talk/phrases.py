"""Talk that is an example word for word, whatever its capitals, marks and accents.

Of a word or two the vector depends on such things more than on what is said, and the language is
hardly told: "arrivederci" alone seems English.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cache

from assistant.answer.talk.examples import GAP, Example, Intent, examples
from assistant.language.facts.fact import folded

COURTESIES = frozenset({Intent.GREETING, Intent.THANKS, Intent.GOODBYE})
"""What people say before or after what they want."""

_Tokens = tuple[str, ...]

_TOKEN = re.compile(rf"[^\W_]+|{GAP}")


def word_for_word(text: str, language: str) -> Example | None:
    """The example that ``text`` is, best in ``language``; None if it is none, or one that means
    different things in several other languages.
    """
    return _said(_tokens(text), language)


def without_courtesies(text: str, language: str) -> tuple[str, str]:
    """What ``text`` says between greetings, thanks and farewells, and in which language those are:
    as given if there are none, or nothing else.
    """
    spans = [token.span() for token in _TOKEN.finditer(text)]
    tokens, first, last = _tokens(text), 0, len(spans)
    while found := _courtesy(tokens[first:last], language):
        before, after, language = found
        first, last = first + before, last - after
    if (first, last) == (0, len(spans)):
        return text, language
    begin = spans[first][0] if first else 0
    end = spans[last][0] if last < len(spans) else len(text)
    return text[begin:end].strip(), language


def _courtesy(tokens: _Tokens, language: str) -> tuple[int, int, str] | None:
    """How many of ``tokens`` at the beginning, or end, are a courtesy, and in which language."""
    for size in range(min(_longest(), len(tokens) - 1), 0, -1):
        for before, after in ((size, 0), (0, size)):
            said = _said(tokens[:before] or tokens[-after:], language)
            if said is not None and said.intent in COURTESIES:
                return before, after, said.language
    return None


def holds_frame(text: str, language: str) -> bool:
    """Whether ``text`` has every word of an example with a gap in ``language``, and its gap."""
    said = frozenset(_tokens(text))
    return any(frame <= said for frame in _frames(language))


def _said(tokens: _Tokens, language: str) -> Example | None:
    same = _known().get(tokens, ())
    own = [one for one in same if one.language == language]
    if own:
        return own[0]
    return same[0] if len({one.intent for one in same}) == 1 else None


@cache
def _known() -> Mapping[_Tokens, Sequence[Example]]:
    """The examples of talk without a gap by their words."""
    known: dict[_Tokens, list[Example]] = defaultdict(list)
    for one in examples():
        if one.intent and GAP not in one.text:
            known[_tokens(one.text)].append(one)
    return known


@cache
def _longest() -> int:
    return max(map(len, _known()))


@cache
def _frames(language: str) -> frozenset[frozenset[str]]:
    own = (one for one in examples() if one.intent and one.language == language)
    return frozenset(frozenset(_tokens(one.text)) for one in own if GAP in one.text)


def _tokens(text: str) -> _Tokens:
    # The sign of the gap would become three points.
    return tuple(token if token == GAP else folded(token) for token in _TOKEN.findall(text))
