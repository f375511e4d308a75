"""Names: capitalised words and runs of them, acronyms, and peoples and languages."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache, lru_cache

from assistant.language.facts import cldr
from assistant.language.facts.fact import Fact, Kind, Taken, folded
from assistant.language.lexicon import lexicon
from assistant.language.reference import reference_sentences

_LETTERS = re.compile(r"[^\W\d_]+")
_WORD = re.compile(r"[^\W_]+(?:[-.&][^\W_]+)*(?:['’](?=[^\W\d_]))?")
_BEFORE_SENTENCE = frozenset('.!?:;…»"“”([')
_PARTICLES = frozenset({
    "de", "du", "des", "d'", "d’", "la", "le", "von", "van", "der", "den", "da", "di", "do",
    "dos", "del", "della", "el", "al", "bin", "ibn",
})  # fmt: skip
_LOWER_PARTICLES = frozenset({"de", "del", "van", "von", "da", "di", "bin"})
"""Those that are no word of a language whose nouns have capitals, so that a name goes on."""

_GAPS = frozenset((" ", "\u00a0", "", "-", "’", "'"))
_LEAD = re.compile(r"[ «\"“„'‘(\-–—*\[]{0,99}")  # what stands before a sentence's first word
_ELIDED = re.compile(r"^(?:[cdjlmnst]|qu|jusqu|lorsqu|puisqu)['’]", re.IGNORECASE)
_POSSESSIVE = re.compile(r"['’]s?$")
_INFLECTIONS = ("", "e", "s", "es", "en", "er", "em", "n", "a", "as", "os", "ne", "nes", "le")


def names(text: str, language: str, taken: Taken) -> list[Fact]:
    """The names in ``text`` outside of what is ``taken``, in order."""
    found: list[Fact] = []
    run: list[tuple[int, int]] = []
    last_end = 0
    for start, end in _words(text, taken):
        gap = text[last_end:start]
        word = text[start:end]
        if run and not _continues(text, run, gap, word, language):
            found += _named(text, run, language)
            run = []
        if _capital(word) or run:
            run.append((start, end))
        elif people := _people(word, language):
            found += _named(text, run, language)
            run = []
            found.append(_fact(text, start, end, people, False))
        last_end = end
    found += _named(text, run, language)
    return found


def coded(text: str) -> list[tuple[int, int]]:
    """Where names with figures are, such as "GPT-4", whose figures are no numbers."""
    spans = [match.span() for match in _WORD.finditer(text)]
    return [
        (start, end)
        for start, end in spans
        if text[start].isupper() and any(c.isdigit() for c in text[start:end])
    ]


def _words(text: str, taken: Taken) -> list[tuple[int, int]]:
    """Where the words are, without elided articles ("l'") and possessive endings."""
    spans = []
    for match in _WORD.finditer(text):
        start, end = match.span()
        if elided := _ELIDED.match(text[start:end]):
            start += len(elided[0])
        if end > start and not taken.touches(start, end):
            spans.append((start, end - (text[end - 1] in "'’")))
    return [(start, end) for start, end in spans if start < end]


def _capital(word: str) -> bool:
    """Whether a word may be part of a name: "Altman", "GPT-4", "iPhone", "de-icing" not."""
    return not word.islower() and any(character.isupper() for character in word)


def _continues(
    text: str, run: Sequence[tuple[int, int]], gap: str, word: str, language: str
) -> bool:
    """Whether a name goes on with ``word`` after ``gap``, as "J. R. Smith" after a letter."""
    start, end = run[-1]
    if gap not in _GAPS and not (gap == ". " and end - start == 1):
        return False
    if not lexicon(language).names.nouns_capitalised:
        return _capital(word) or word in _PARTICLES
    # A noun may follow on a name: "dass OpenAI Geld braucht".
    is_linked = word in _LOWER_PARTICLES and not _is_determined(text, run, language)
    return is_linked or (_capital(word) and not _is_sure(text[start:end]))


def _named(text: str, run: list[tuple[int, int]], language: str) -> list[Fact]:
    """The name that a run of words makes, apart from peoples and common words before it."""
    while run and not _capital(text[slice(*run[-1])]):
        run.pop()
    found: list[Fact] = []
    at = 0
    while at < len(run):
        start, end = run[at]
        first, is_last = text[start:end], at == len(run) - 1
        before_capital = not is_last and _capital(text[slice(*run[at + 1])])
        if before_capital and (known := _people(first, language)):
            found.append(_fact(text, start, end, known, True))
            at += 1
            continue
        is_first = is_last or _begins_sentence(text, start)
        if not (is_first and folded(first) in _function_words(language) and not _is_sure(first)):
            return [*found, _name(text, run[at:], language)]
        at += 1
        while at < len(run) and not _capital(text[slice(*run[at])]):
            at += 1
    return found


def _name(text: str, run: list[tuple[int, int]], language: str) -> Fact:
    start, end = run[0][0], run[-1][1]
    end -= len(match[0]) if (match := _POSSESSIVE.search(text[start:end])) else 0
    known = " ".join(sorted(cldr.codes(text[start:end], language)))
    return _fact(text, start, end, known, bool(known) or _certain(text, run, language))


def _fact(text: str, start: int, end: int, known: str, certain: bool) -> Fact:
    name = text[start:end]
    return Fact(Kind.NAME, start, end, name, folded(name), known, certain)


def _certain(text: str, run: list[tuple[int, int]], language: str) -> bool:
    words = [text[slice(*span)] for span in run]
    if any(_is_sure(word) for word in words):
        return True
    if lexicon(language).names.nouns_capitalised:
        return len(words) > 1 and not _is_noun(text, run, language)
    return len(words) > 1 or not _begins_sentence(text, run[0][0])


def _is_sure(word: str) -> bool:
    """Whether a word is a name wherever it stands: "NASA", "OpenAI", "GPT-4"."""
    return any(c.isupper() for c in word[1:]) or any(c.isdigit() for c in word)


def _is_noun(text: str, run: Sequence[tuple[int, int]], language: str) -> bool:
    last = text[slice(*run[-1])].lower()
    endings = lexicon(language).names.noun_endings
    return _is_determined(text, run, language) or last.endswith(endings)


def _is_determined(text: str, run: Sequence[tuple[int, int]], language: str) -> bool:
    """Whether an article or the like stands before a run of words, or begins it."""
    determiners = lexicon(language).names.determiners
    before = _LETTERS.findall(text[max(0, run[0][0] - 20) : run[0][1]])
    return any(word.lower() in determiners for word in before[-2:])


def _begins_sentence(text: str, start: int) -> bool:
    before = text[max(0, start - 6) : start].rstrip().rstrip("«„").rstrip()
    return _LEAD.match(text).end() >= start or before[-1:] in _BEFORE_SENTENCE  # type: ignore[union-attr]


@lru_cache(maxsize=16_384)
def _people(word: str, language: str) -> str:
    """The codes of a people or language in lower case: "française", "russischen"."""
    if len(word) < 5:
        return ""
    value = folded(word)
    for ending in _INFLECTIONS:
        stem = value.removesuffix(ending)
        if (stem != value or not ending) and len(stem) > 4 and (found := _peoples(language, stem)):
            return " ".join(sorted(found))
    return ""


def _peoples(language: str, name: str) -> frozenset[str]:
    return frozenset(cldr.codes(name, language)) if name in cldr.peoples(language) else frozenset()


@cache
def _function_words(language: str) -> frozenset[str]:
    """Words that begin sentences without being names: the commonest ones of the language, and
    those that the reference sentences have in lower case.
    """
    from justext import get_stoplist, get_stoplists

    english_name = cldr.locale("en").languages.get(language, "")
    common = get_stoplist(english_name) if english_name in get_stoplists() else frozenset()
    words = [word for s in reference_sentences(language) for word in _LETTERS.findall(s)]
    every = {folded(word) for word in (*common, *words) if word.islower()}
    return frozenset(word for word in every if not cldr.codes(word, language))
