"""Example questions drawn from the corpus, to show a newcomer what can be asked."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from pathlib import Path

from assistant.locales import spoken
from assistant.storage.records import ArticleSummary

logger = logging.getLogger(__name__)

QUESTIONS_FILE = "questions.jsonl"


def example_questions(
    corpus: Path, articles: Callable[[], list[ArticleSummary]], language: str, count: int
) -> list[str]:
    """Up to ``count`` questions in ``language`` that the corpus answers, on different articles.

    They are the answerable ones of the corpus's golden questions, if it has any; else questions
    after the titles of ``articles()``, which is asked only then.
    """
    golden = _golden(corpus / QUESTIONS_FILE, language)
    if not golden:
        locale = spoken(language)
        golden = [(locale.text("example.about", title=a.title), a.source) for a in articles()]
    chosen: dict[str, str] = {}
    for question, source in golden:
        folder = source.rpartition("/")[0]
        chosen.setdefault(folder, question)
    spread = list(chosen.values())
    rest = [question for question, _ in golden if question not in spread]
    return (spread + rest)[:count]


def _golden(file: Path, language: str) -> list[tuple[str, str]]:
    """Answerable questions in ``language`` with the source of their first piece of evidence."""
    questions = []
    try:
        for line in file.read_text("utf-8").splitlines():
            golden = json.loads(line)
            alone = not golden.get("history")
            if alone and golden["answerable"] and golden["lang"] == language:
                questions.append((str(golden["question"]), str(golden["evidence"][0]["source"])))
    except FileNotFoundError:
        return []
    except (OSError, ValueError, LookupError, TypeError) as error:
        logger.warning("%s is not a file of golden questions: %r", file, error)
    return questions
