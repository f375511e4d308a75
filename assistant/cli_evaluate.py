"""The command ``evaluate``: question sets on the corpus, or on a file of articles, measured."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from assistant.assistant import Assistant
    from assistant.evaluation import Evaluation


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what is measured, on which questions, and where the report goes."""
    parser.add_argument("what", choices=["retrieval"], help="what is measured")
    parser.add_argument(
        "--questions",
        type=Path,
        metavar="FILE",
        help="JSON lines with question and doc_id or evidence (questions.jsonl of the corpus)",
    )
    parser.add_argument(
        "--corpus-file",
        type=Path,
        metavar="FILE",
        help="JSON lines with id and text: evaluate on these articles instead of the corpus",
    )
    parser.add_argument("--report", type=Path, metavar="FILE.html", help="write a page of it all")


def retrieval(assistant: Assistant, options: argparse.Namespace) -> Evaluation:
    """Evaluate the search, and write the report if one is wanted.

    Raises ``QuestionError`` or ``CorpusError`` for a file that is not as expected.
    """
    from assistant.errors import QuestionError
    from assistant.evaluation import evaluate, searching
    from assistant.evaluation_report import to_html
    from assistant.examples import QUESTIONS_FILE
    from assistant.question_sets import read_cases, read_corpus

    questions = options.questions or assistant.settings.corpus / QUESTIONS_FILE
    cases = read_cases(questions)
    if options.corpus_file:
        articles = read_corpus(options.corpus_file)
        languages = {article.source: article.language for article in articles}
        with searching(articles, assistant.embedder, assistant.settings.cache) as search:
            evaluation = evaluate(search, cases, languages)
    else:
        assistant.sync()
        languages = {s: a.language for a in assistant.articles() for s in a.sources}
        evaluation = evaluate(assistant.search, cases, languages)
    if options.report:
        try:
            options.report.write_text(to_html(evaluation, f"Retrieval: {questions}"), "utf-8")
        except OSError as error:
            raise QuestionError(
                f"The report {options.report} cannot be written: {error}."
            ) from error
    return evaluation
