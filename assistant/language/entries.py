"""Tells what explains a term: "Hull: the body of a ship", "A hull is", "the hull (body)"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from assistant.language.facts.fact import flat
from assistant.language.function_words import function_words
from assistant.language.keywords import fold, terms, words
from assistant.language.lexicon import lexicon

LONGEST_TERM = 80
"""Characters of a term before its explanation."""

_APART = re.compile(r"\s?[:：=](?=\s)|\s[-–—](?=\s)|\s?[(（]")
"""What parts a term from its explanation."""


@dataclass(frozen=True)  # without slots, which leave no room for what is worked out once
class Term:
    """What ``question``, in ``language``, asks about: all its words but those that only ask."""

    question: str
    language: str

    def is_explained_by(self, text: str, language: str) -> bool:
        """Whether ``text`` begins with the term, and nothing more, before its explanation.

        Or says in full what a term of one word is short for, as "the body of a ship (hull)" does.
        """
        apart = _APART.search(text, 0, LONGEST_TERM)
        if apart is not None and self._is(text[: apart.start()], language):
            return True
        (word, *more) = self._words or [""]
        return bool(word) and not more and f"({word})" in text.lower()

    def begins(self, text: str, language: str) -> bool:
        """Whether ``text`` goes on from the term with a word of the question: "is", "means"."""
        said = text.split(maxsplit=len(self._words) + 3)
        asking = set(words(self.question)) - set(self._words)
        return any(
            set(words(said[place])) <= asking and self._is(" ".join(said[:place]), language)
            for place in range(1, len(said))
        )

    def _is(self, label: str, language: str) -> bool:
        """Whether ``label`` has the words of the term, in any form, and no others."""
        own = [word for word in words(label) if word not in function_words(language)]
        forms = [_forms(word, self.language, language) for word in self._words]
        held = [_forms(word, self.language, language) for word in own or words(label)]
        return bool(forms) and all(
            any(not one.isdisjoint(other) for other in others)
            for some, others in ((forms, held), (held, forms))
            for one in some
        )

    @cached_property
    def _words(self) -> list[str]:
        said, meaning = list(self.question), lexicon(self.language).forms.meaning
        for asking in re.finditer(rf"\b(?:{meaning})\b", flat(self.question)) if meaning else ():
            said[slice(*asking.span())] = " " * len(asking[0])
        return [word for word in words("".join(said)) if word not in function_words(self.language)]


def _forms(word: str, *languages: str) -> frozenset[str]:
    return frozenset((fold(word), *(term for one in languages for term in terms(word, one))))
