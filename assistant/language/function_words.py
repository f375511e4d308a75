"""Words that say nothing about what a text or question is about: "the", "did", "which"."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from functools import cache
from importlib import resources

import yaml

from assistant.language.keywords import words
from assistant.language.reference import reference_sentences

_IN_SENTENCES = 3
"""A word in so many of fifty reference sentences on different subjects is a function word."""

_QUESTION_MARKS = ("?", "？", "؟", ";")


@cache
def function_words(language: str) -> frozenset[str]:
    """The function words of ``language``, in lower case.

    Of a language without a list, words common to many sentences, and those that begin questions.
    """
    if language in listed():
        return listed()[language]
    sentences = reference_sentences(language)
    counts = Counter(word for sentence in sentences for word in set(words(sentence)))
    common = {word for word, count in counts.items() if count >= _IN_SENTENCES}
    questions = (words(s) for s in sentences if s.rstrip().endswith(_QUESTION_MARKS))
    return frozenset(common | {found[0] for found in questions if found})


@cache
def listed() -> Mapping[str, frozenset[str]]:
    """The lists that there are, by language."""
    file = resources.files("assistant.language") / "function_words.yaml"
    lists = yaml.safe_load(file.read_text("utf-8"))
    return {language: frozenset(known.split()) for language, known in lists.items()}
