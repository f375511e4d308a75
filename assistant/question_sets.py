"""Files of questions and of articles to evaluate with, as JSON lines.

Questions about a folder name their evidence: ``{"question", "lang"?, "id"?, "kind"?,
"answerable"?, "evidence": [{"source" or "file", "quote"?}]}``. Questions about a corpus file
(``{"id", "text", "title"?, "lang"?}`` a line) name an article's id as ``doc_id``. Those marked as
not answerable, and those with ``turns``, which need a conversation, are left out.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.articles import UNKNOWN_LANGUAGE, Article, Block
from assistant.errors import CorpusError, QuestionError
from assistant.languages import detect_language, language_code


@dataclass(frozen=True, slots=True)
class Case:
    """A question, and the sources of the articles that answer it (any of them will do)."""

    id: str
    question: str
    language: str
    kind: str
    gold: frozenset[str]


def read_cases(file: Path) -> list[Case]:
    """The answerable questions of a JSON lines file, without those that need a conversation.

    Raises ``QuestionError``, which names the line.
    """
    cases = []
    for number, record in _json_lines(file, QuestionError):
        if not record.get("answerable", True) or record.get("turns"):
            continue
        try:
            named = [record["doc_id"]] if "doc_id" in record else [
                evidence.get("source") or evidence["file"] for evidence in record["evidence"]
            ]  # fmt: skip
            cases.append(
                Case(
                    str(record.get("id", number)),
                    str(record["question"]),
                    str(record.get("lang", UNKNOWN_LANGUAGE)),
                    str(record.get("kind", "")),
                    frozenset(map(str, named)),
                )
            )
        except (KeyError, TypeError, AttributeError) as error:
            raise QuestionError(
                f"{file}, line {number}: expected question, and doc_id or evidence with source: "
                f"{error!r}."
            ) from error
    return cases


def read_corpus(file: Path) -> list[Article]:
    """The articles of a corpus file; their ids there become their sources.

    Raises ``CorpusError``, which names the line.
    """
    articles = []
    for number, record in _json_lines(file, CorpusError):
        try:
            text = str(record["text"]).strip()
            source = str(record["id"])
        except KeyError as error:
            raise CorpusError(f"{file}, line {number}: {error} is missing.") from error
        language = language_code(record.get("lang")) or detect_language(text)
        title = str(record.get("title") or "")
        articles.append(Article(title, text, language, source, blocks=(Block(0, len(text)),)))
    return articles


def _json_lines(
    file: Path, error_type: type[QuestionError] | type[CorpusError]
) -> Iterator[tuple[int, dict[str, Any]]]:
    try:
        lines = file.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise error_type(f"{file} cannot be read: {error}.") from error
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                record = json.loads(line)
            except ValueError as error:
                raise error_type(f"{file}, line {number}: not JSON: {error}.") from error
            if not isinstance(record, dict):
                raise error_type(f"{file}, line {number}: expected a JSON object.")
            yield number, record
