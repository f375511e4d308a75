"""Special files of the corpus: not articles, but about them."""

from __future__ import annotations

import os

from assistant.support.unseen import visible

ACCESS_FILE = "access.yaml"
"""Limits folders to groups."""

QUESTIONS_FILE = "questions.jsonl"
"""Golden questions: the page's examples, and the measure of ``evaluate``."""

SOURCES_FILE = "sources.yaml"
"""Lists web sources."""

DETAILS_FILE = "details.yaml"
"""Titles, dates and languages that a person gave to articles, in place of what the files say."""

BIN = ".removed"
"""The folder of the files that were removed from the page, until they are restored or deleted."""

MIRRORED = ".mirrored.json"
"""What was copied from storage: hidden, so no article."""

NO_ARTICLES = (QUESTIONS_FILE, SOURCES_FILE, ACCESS_FILE, DETAILS_FILE)


def source_name(name: str) -> str:
    r"""The name of a file or folder as it appears in sources, safe to show.

    Bytes that are not UTF-8 are escaped, as in ``\xe9``, so that names that differ stay different
    sources; so are line breaks and marks that change the direction of writing.
    """
    return visible(os.fsencode(name).decode("utf-8", "backslashreplace"))
