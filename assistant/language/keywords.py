"""Words as the keyword index knows them: lower case, without accents, stemmed by language."""

from __future__ import annotations

import re
import threading
import unicodedata
from functools import lru_cache

import regex
import Stemmer

_ALGORITHMS = {
    "ar": "arabic", "da": "danish", "nl": "dutch", "en": "english", "fi": "finnish",
    "fr": "french", "de": "german", "el": "greek", "hi": "hindi", "hu": "hungarian",
    "id": "indonesian", "it": "italian", "no": "norwegian", "pt": "portuguese",
    "ro": "romanian", "ru": "russian", "es": "spanish", "sv": "swedish", "tr": "turkish",
}  # fmt: skip

# Chinese, Japanese, Thai, Lao, Burmese and Khmer are written without spaces: they are indexed by
# pairs of characters.
_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff"
# Not ``re``: to it the vowel signs of Hindi and the points of Arabic and Hebrew end a word.
_WORD = regex.compile(rf"[{_UNSPACED}]+|[^\W_{_UNSPACED}]+")
_IS_UNSPACED = re.compile(f"[{_UNSPACED}]")

_CACHED_LENGTH = 64  # characters: longer than words

_stemmers = threading.local()


def terms(text: str, language: str) -> list[str]:
    """The terms of ``text`` in order, repeats kept.

    A language without a stemmer gives whole words. The terms hold letters and digits only, so
    they can stand in a full-text query as they are.
    """
    return [word if _IS_UNSPACED.match(word) else _term(word, language) for word in words(text)]


def words(text: str) -> list[str]:
    """The words of ``text`` in order, in lower case, repeats kept.

    A script without spaces gives pairs of characters instead.
    """
    found: list[str] = []
    for word in _WORD.findall(unicodedata.normalize("NFKC", text).lower()):
        if _IS_UNSPACED.match(word):
            found += [word[i : i + 2] for i in range(max(1, len(word) - 1))]
        else:
            found.append(word)
    return found


def _term(word: str, language: str) -> str:
    term = _cached_stem if len(word) <= _CACHED_LENGTH else _stem
    return term(word, language)


def _stem(word: str, language: str) -> str:
    algorithm = _ALGORITHMS.get(language)
    return fold(_stemmer(algorithm).stemWord(word) if algorithm else word)


_cached_stem = lru_cache(maxsize=65_536)(_stem)


def _stemmer(algorithm: str) -> Stemmer.Stemmer:
    """One a thread: a Snowball stemmer keeps state while it works."""
    mine: dict[str, Stemmer.Stemmer] = _stemmers.__dict__
    if algorithm not in mine:
        mine[algorithm] = Stemmer.Stemmer(algorithm)
    return mine[algorithm]


def fold(text: str) -> str:
    """``text`` without accents, and without what Unicode does not call a letter or a digit."""
    decomposed = unicodedata.normalize("NFD", text)
    return "".join(character for character in decomposed if character.isalnum()) or text


def has_meaning(word: str) -> bool:
    """Whether a vector says something: numbers are the same or not, however near they look."""
    return not any(character.isdigit() for character in word)
