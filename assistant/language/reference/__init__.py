"""Sentences that say the same in every language, one file a language, line by line."""

from __future__ import annotations

from functools import cache
from importlib import resources


@cache
def reference_sentences(language: str) -> tuple[str, ...]:
    """The reference sentences in ``language``; empty if there are none."""
    file = resources.files(__name__) / f"{language}.txt"
    return tuple(file.read_text("utf-8").splitlines()) if file.is_file() else ()
