"""Corrects mistyped words of a question: "tensnions" where the articles say "tensions".

A word is mistyped if no article has it, the embedding model cuts it into pieces, and one slip of
the keys makes it of a known word that the model takes for the same. Of two words that differ in one
letter and are equally odd ("shades", "shapes") either may be meant.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import regex

from assistant.embedding import Embedder
from assistant.embedding.centring import Centring
from assistant.language.facts import Kind, facts
from assistant.language.keywords import terms, words
from assistant.language.reference import reference_sentences
from assistant.models.clearance import ALL, Clearance
from assistant.store.library import Library

SHORTEST = 4
"""Letters of a word that is corrected: a slip makes too many others of a shorter one."""

MOST = 6
"""Unknown words of a question that are looked at; with more, it is about something else."""

SAME = 0.5
"""Cosine of two centred words from which one is the other, mistyped or inflected. Of 32 pairs of
words that differ by a slip and mean two things ("desert", "dessert") two have it."""

_WORD = regex.compile(r"[^\W\d_]+")  # not ``re``, to which vowel signs end a word


class Spelling:
    """Corrects questions by the words of the articles in ``library``."""

    def __init__(self, library: Library, embedder: Embedder, centring: Centring) -> None:
        self._library = library
        self._embedder = embedder
        self._centring = centring

    def corrected(self, text: str, language: str, clearance: Clearance) -> str:
        """``text`` with its mistyped words as the visible articles in its language write them, and
        names as any do.
        """
        every = list(_WORD.finditer(text))
        long = [found for found in every if len(found[0]) >= SHORTEST]
        dates = [one for one in facts(text, language) if one.kind is Kind.DATE]
        known = self._library.words.ids(found[0].lower() for found in long).keys()
        unknown = [
            found for found in long
            if found[0].lower() not in known | _everyday(language)
            and not any(one.start <= found.start() < one.end for one in dates)
        ]  # fmt: skip
        for found in reversed(unknown[:MOST]):
            is_name = found[0][0].isupper() and found is not every[0]
            meant = self._meant(found[0].lower(), language, clearance, is_name=is_name)
            if meant:
                meant = meant.capitalize() if found[0][0].isupper() else meant
                text = text[: found.start()] + meant + text[found.end() :]
        return text

    def _meant(self, typed: str, language: str, clearance: Clearance, *, is_name: bool) -> str:
        """The word that ``typed`` was to be; "" if it may be right."""
        everyday = _everyday(language)
        near = self._library.words.beginning_with({*typed[:2]}, len(typed) - 1, len(typed) + 1)
        stem = terms(typed, language)
        slips = {
            one for one in {*near, *everyday}
            if is_slip(typed, one, is_name=is_name) and terms(one, language) != stem
        }  # fmt: skip
        meant = self._likeliest(typed, sorted(slips), language)
        if not meant or meant in everyday or (is_name and clearance == ALL):
            return meant
        term = terms(meant, language)
        return meant if self._library.keywords.matching(term, language, 1, clearance) else ""

    def _likeliest(self, typed: str, slips: Sequence[str], language: str) -> str:
        """The one of ``slips`` that ``typed`` is nearest to; "" if it is none of them mistyped."""
        if not slips:
            return ""
        of_typed, *pieces = self._embedder.count_tokens([typed, *slips])
        if of_typed == 1:
            return ""
        vectors = self._centring.words(self._embedder.embed_passages([typed, *slips]), language)
        near = (vectors[1:] @ vectors[0]).tolist()
        likely = [
            (cosine, one)
            for cosine, count, one in zip(near, pieces, slips, strict=True)
            if (cosine >= SAME and count <= of_typed - (len(one) == len(typed)))
            or (count <= of_typed and sorted(one) == sorted(typed))
        ]
        return max(likely, default=(0.0, ""))[1]


def is_slip(typed: str, meant: str, *, is_name: bool) -> bool:
    """Whether two letters of ``meant`` are swapped in ``typed``, or one is left out, added, or
    taken for another. The last is left alone, as words are inflected there.

    In a name only a swap counts: anything else makes another name, as Olson of Olsen.
    """
    if abs(len(typed) - len(meant)) > 1 or typed == meant:
        return False
    pairs = enumerate(zip(typed, meant, strict=False))
    at = next((place for place, (one, other) in pairs if one != other), 0)
    here, there = typed[at:], meant[at:]
    if here[1::-1] + here[2:] == there:
        return True
    if is_name or at == 0 or typed[-1] != meant[-1]:
        return False
    return here[1:] in (there, there[1:]) or here == there[1:]


@cache
def _everyday(language: str) -> frozenset[str]:
    """Words that questions have and articles may not."""
    return frozenset(word for sentence in reference_sentences(language) for word in words(sentence))
