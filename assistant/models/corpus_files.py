"""Files of the corpus that are no articles but say something about it."""

from __future__ import annotations

ACCESS_FILE = "access.yaml"
"""Says which groups its folders are limited to."""

QUESTIONS_FILE = "questions.jsonl"
"""Golden questions: examples on the page, and what ``evaluate`` measures with."""

SOURCES_FILE = "sources.yaml"
"""Lists web sources."""

NO_ARTICLES = (QUESTIONS_FILE, SOURCES_FILE, ACCESS_FILE)
