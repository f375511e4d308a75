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

_TOKEN = re.compile(rf"[^\W_]+|{GAP}")


def word_for_word(text: str, language: str) -> Example | None:
    """The example that ``text`` is, best in ``language``; None if it is none, or one that means
    different things in several other languages.
    """
    return _chosen(_known().get(_tokens(text), ()), language)


def without_courtesy(text: str, language: str) -> tuple[str, str] | None:
    """What ``text`` says before or after a greeting, thanks or a farewell, and in which language
    that is; None if there is no such thing, or nothing else.
    """
    spans = [token.span() for token in _TOKEN.finditer(text)]
    cuts = range(len(spans) - 1, 0, -1)
    parts = [(text[: spans[n - 1][1]], text[spans[n][0] :]) for n in cuts]
    for courtesy, rest in (*parts, *((end, start) for start, end in reversed(parts))):
        said = word_for_word(courtesy, language)
        if said is not None and said.intent in COURTESIES:
            return rest, said.language
    return None


def holds_frame(text: str, language: str) -> bool:
    """Whether ``text`` has every word of an example with a gap in ``language``, and its gap."""
    said = frozenset(_tokens(text))
    return any(frame <= said for frame in _frames(language))


def _chosen(same: Sequence[Example], language: str) -> Example | None:
    own = [one for one in same if one.language == language]
    if own:
        return own[0]
    return same[0] if len({one.intent for one in same}) == 1 else None


@cache
def _known() -> Mapping[tuple[str, ...], Sequence[Example]]:
    """The examples of talk without a gap by their words."""
    known: dict[tuple[str, ...], list[Example]] = defaultdict(list)
    for one in examples():
        if one.intent and GAP not in one.text:
            known[_tokens(one.text)].append(one)
    return known


@cache
def _frames(language: str) -> frozenset[frozenset[str]]:
    own = (one for one in examples() if one.intent and one.language == language)
    return frozenset(frozenset(_tokens(one.text)) for one in own if GAP in one.text)


def _tokens(text: str) -> tuple[str, ...]:
    # The sign of the gap would become three points.
    return tuple(token if token == GAP else folded(token) for token in _TOKEN.findall(text))
