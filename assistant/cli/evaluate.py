"""The command ``evaluate``: measures search or answers on question sets."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.cli.output import report
from assistant.support.errors import QuestionError

if TYPE_CHECKING:
    from assistant.assistant import Assistant
    from assistant.evaluation.answers import AnswerEvaluation
    from assistant.evaluation.question_sets import GoldenQuestion
    from assistant.evaluation.retrieval import Evaluation

_EPILOG = """
retrieval   how often the right article is among the first hits
answers     how often the answer cites the evidence, refuses what the articles do not answer,
            refuses by mistake, and says what its sources support

To tune the setting strictness to your articles, write questions that they answer and some that
they do not ("answerable": false), as in the questions.jsonl of the corpus, add questions about
other things with --unrelated, and run: evaluate answers --report report.html. The table and the
curve say what share would be refused at each strictness, rightly and by mistake; put the one you
choose into ASSISTANT_STRICTNESS. It is enough to run it once: the shares are worked out from how
relevant the articles were to each question.

With --fit, evaluate answers also learns from the questions how sure to be: it starts from what the
package has learnt, and keeps the result in the data folder (judge.json) if it predicts questions
that it did not see better. What the articles are about at all it learns from --unrelated only. It
needs at least twenty questions, some of them without an answer. Remove the file to go back.
"""

FEW_REFUSED = 0.1
"""The share of answered questions that may be refused before another strictness is named."""

_WRITE = (
    "Write one a line, as JSON with the words of the article that answer it, or that none does: "
    '{"question": "…", "evidence": "…"} or {"question": "…", "answerable": false}. '
    "A few dozen tell much; see assistant evaluate --help."
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the choice of measure, the questions, and the report file."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = _EPILOG
    parser.add_argument("what", choices=["retrieval", "answers"], help="what is measured")
    parser.add_argument(
        "--questions",
        type=Path,
        metavar="FILE",
        help="JSON lines with question and evidence, doc_id or gold_sentences (questions.jsonl of "
        "the corpus)",
    )
    parser.add_argument(
        "--corpus-file",
        type=Path,
        metavar="FILE",
        help="JSON lines with id and text: evaluate on these articles instead of the corpus",
    )
    parser.add_argument(
        "--unrelated",
        type=Path,
        metavar="FILE",
        help="JSON lines with question, all about other things: how many are refused",
    )
    parser.add_argument(
        "--fit", action="store_true", help="learn from these questions how sure to be"
    )
    parser.add_argument("--misses", action="store_true", help="list what went wrong, too")
    parser.add_argument("--report", type=Path, metavar="FILE.html", help="write an HTML report")


def evaluate(assistant: Assistant, options: argparse.Namespace) -> int:
    """Evaluate the search or the answers; write the report if requested.

    Raises ``QuestionError`` or ``CorpusError`` for a malformed file.
    """
    from assistant.models.corpus_files import QUESTIONS_FILE

    questions = options.questions or assistant.settings.corpus / QUESTIONS_FILE
    if options.questions is None and not questions.exists():
        raise QuestionError(f"There are no questions yet: {questions} does not exist. {_WRITE}")
    evaluation: Evaluation | AnswerEvaluation
    if options.what == "retrieval":
        evaluation = _retrieval(assistant, options, questions)
    else:
        evaluation = _answers(assistant, options, questions)
    misses = [f"\n{evaluation.list_misses()}"] if options.misses else []
    return report(options, evaluation.to_json(), evaluation.to_table(), *misses)


def _retrieval(assistant: Assistant, options: argparse.Namespace, questions: Path) -> Evaluation:
    from assistant.evaluation.question_sets import read_cases
    from assistant.evaluation.retrieval import evaluate
    from assistant.evaluation.retrieval_report import to_html

    if options.unrelated or options.fit:
        raise QuestionError(
            "--unrelated and --fit are for evaluate answers: a search does not refuse."
        )
    cases = read_cases(questions)
    with _over(assistant, options) as asked:
        languages = {s: a.language for a in asked.articles() for s in a.sources}
        evaluation = evaluate(asked.search, cases, languages)
    _write(options.report, lambda: to_html(evaluation, f"Retrieval: {questions.name}"))
    return evaluation


def _answers(
    assistant: Assistant, options: argparse.Namespace, questions: Path
) -> AnswerEvaluation:
    from tqdm import tqdm

    from assistant.evaluation.answer_report import to_html
    from assistant.evaluation.answers import evaluate_answers
    from assistant.evaluation.question_sets import read_questions, read_unrelated

    golden = read_questions(questions)
    if options.unrelated:
        golden += read_unrelated(options.unrelated)
    with (
        _over(assistant, options) as asked,
        tqdm(total=len(golden), unit="question", file=sys.stderr, disable=None) as bar,
    ):

        def progress(done: int, total: int) -> None:
            bar.update(done - bar.n)

        if options.fit:
            _fit(asked, golden, assistant.settings.data)
        evaluation = evaluate_answers(asked, golden, progress)
    if options.fit:
        sys.stderr.write(f"{_refused(evaluation)}\n")
    _write(options.report, lambda: to_html(evaluation, f"Answers: {questions.name}"))
    return evaluation


def _fit(asked: Assistant, golden: Sequence[GoldenQuestion], folder: Path) -> None:
    """Recalibrate how sure to be; keep the weights in the data folder if they predict better."""
    from assistant.evaluation.judge_fit import fit

    learnt = fit(asked, golden)
    told = f"{learnt.questions} questions; log loss of those not seen {learnt.before:.3f} with the "
    told += f"package's weights, {learnt.after:.3f} with the learnt ones. "
    told += f"Kept in {learnt.keep(folder)}." if learnt.better else "The package's stay."
    sys.stderr.write(f"{told}\n")


def _refused(evaluation: AnswerEvaluation) -> str:
    """How many answered questions the strictness in use refuses, and which one refuses few."""
    (now,) = evaluation.refusals([evaluation.strictness])
    few = [at for at in evaluation.refusals() if (at.mistaken or 0) <= FEW_REFUSED]
    told = f"At strictness {now.strictness:g}, {now.mistaken or 0:.0%} of the questions that the "
    told += "articles answer are refused"
    if (now.mistaken or 0) <= FEW_REFUSED or not few:
        return f"{told}."
    told += f"; at {few[-1].strictness:g}, {few[-1].mistaken or 0:.0%}. "
    return f"{told}Set ASSISTANT_STRICTNESS, or learn with --unrelated FILE, too."


@contextmanager
def _over(assistant: Assistant, options: argparse.Namespace) -> Iterator[Assistant]:
    """The assistant, synced; or a temporary one over the file of articles."""
    from assistant.evaluation.question_sets import read_corpus
    from assistant.evaluation.retrieval import assisting

    if options.corpus_file is None:
        assistant.sync()
        yield assistant
        return
    articles = read_corpus(options.corpus_file)
    with assisting(articles, assistant.embedder, assistant.settings) as apart:
        yield apart


def _write(report: Path | None, page: Callable[[], str]) -> None:
    if report is None:
        return
    try:
        report.write_text(page(), "utf-8")
    except OSError as error:
        raise QuestionError(f"The report {report} cannot be written: {error}.") from error
