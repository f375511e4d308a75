"""Files of the corpus that are no articles but say something about it."""

from __future__ import annotations

import os

from assistant.support.logs import visible

ACCESS_FILE = "access.yaml"
"""Says which groups its folders are limited to."""

QUESTIONS_FILE = "questions.jsonl"
"""Golden questions: examples on the page, and what ``evaluate`` measures with."""

SOURCES_FILE = "sources.yaml"
"""Lists web sources."""

NO_ARTICLES = (QUESTIONS_FILE, SOURCES_FILE, ACCESS_FILE)


def source_name(name: str) -> str:
    r"""The name of a file or folder of the corpus as sources have it, safe to be shown.

    Bytes that are not UTF-8 are escaped, as in ``\xe9``, so that names that differ stay different
    sources; so are line breaks and marks that change the direction of writing.
    """
    return visible(os.fsencode(name).decode("utf-8", "backslashreplace"))
