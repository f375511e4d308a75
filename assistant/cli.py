"""The command line: sync | search | ask | show | evaluate | serve.

With ``--json`` standard output holds JSON alone; progress and messages go to standard error.
Exit status: 0 done, 1 failed, 2 wrong usage.
"""

from __future__ import annotations

import argparse
import json
import logging
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assistant import __version__, cli_evaluate, cli_filters
from assistant.conversation import Turn, turn
from assistant.errors import AssistantError, QuestionError
from assistant.settings import Settings

if TYPE_CHECKING:
    from assistant.answers import Answer, SearchResults
    from assistant.assistant import Assistant

FAILED = 1
WRONG_USAGE = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status."""
    options = _parser().parse_args(arguments)
    try:
        settings = Settings(**_given(options))
    except AssistantError as error:
        sys.stderr.write(f"error: {error}\n")
        return WRONG_USAGE
    logging.basicConfig(level=settings.log_level, format="%(levelname)s %(message)s")
    for noisy in ("httpx", "chromadb"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    try:
        from assistant.assistant import Assistant

        assistant = Assistant(settings)
        try:
            return int(options.command(assistant, options))
        finally:
            assistant.close()
    except AssistantError as error:
        sys.stderr.write(f"error: {error}\n")
        return FAILED
    except KeyboardInterrupt:
        sys.stderr.write("stopped\n")
        return 130
    except BrokenPipeError:
        # Whoever read the output has seen enough; without this Python complains at exit.
        sys.stdout = None
        return FAILED


def _parser() -> argparse.ArgumentParser:
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--corpus", type=Path, metavar="DIR", help="folder with the articles")
    common.add_argument("--data", type=Path, metavar="DIR", help="folder for library and index")
    common.add_argument("--json", action="store_true", help="print JSON on standard output")
    parser = argparse.ArgumentParser(
        prog="assistant",
        description="Answers questions from a folder of articles, citing their exact words.",
        epilog="Settings are read from ASSISTANT_* variables or a .env file; flags win. "
        "The README lists them.",
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, run: Callable[..., int], text: str) -> argparse.ArgumentParser:
        added = commands.add_parser(name, parents=[common], help=text, description=text)
        added.set_defaults(command=run)
        return added

    command("sync", _sync, "Read what changed in the corpus into the library.")
    searching = command("search", _search, "Print the passages that best fit a question.")
    searching.add_argument("--top", type=_positive, default=10, metavar="N", help="how many (10)")
    asking = command("ask", _ask, "Answer a question with quotes and their places.")
    for subparser in (searching, asking):
        cli_filters.add_arguments(subparser)
        one = subparser.add_mutually_exclusive_group(required=True)
        one.add_argument("question", nargs="?", help="the question")
        one.add_argument(
            "--questions",
            type=Path,
            metavar="FILE",
            help="JSON lines with question, and optional id and history; one line out for each",
        )
    showing = command("show", _show, "Print an article as the library holds it.")
    showing.add_argument("article", help="its id, or its path in the corpus")
    cli_evaluate.add_arguments(
        command("evaluate", _evaluate, "Measure how often the right article is found.")
    )
    serving = command("serve", _serve, "Serve the web chat.")
    serving.add_argument("--host", help="address to listen on (127.0.0.1)")
    serving.add_argument("--port", type=int, help="port to listen on (7860)")
    return parser


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return number


def _given(options: argparse.Namespace) -> dict[str, Any]:
    """The settings that were given as flags."""
    flags = {name: getattr(options, name, None) for name in ("corpus", "data", "host", "port")}
    return {name: value for name, value in flags.items() if value is not None}


def _sync(assistant: Assistant, options: argparse.Namespace) -> int:
    from tqdm import tqdm

    with tqdm(unit="file", file=sys.stderr, disable=None) as bar:

        def progress(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        report = assistant.sync(progress)
    if options.json:
        _print(_dump(report.to_json()))
    else:
        _print(
            f"{report.articles} articles, {report.passages} passages, "
            f"{report.sentences} sentences: "
            f"{report.added} added, {report.updated} updated, {report.removed} removed, "
            f"{report.unchanged} unchanged, {len(report.failed)} failed, in {report.seconds:.1f} s"
        )
        for failure in report.failed:
            _print(f"failed: {failure.error}")
    return 0


def _search(assistant: Assistant, options: argparse.Namespace) -> int:
    def search(question: str, _history: list[Turn]) -> SearchResults:
        return assistant.search(question, options.top, cli_filters.given(options))

    def text(results: SearchResults) -> str:
        if not results.hits:
            return "No passage was found. With filters, look at their spelling."
        return "\n".join(
            f"{hit.rank}. {hit.title} ({hit.source}:{hit.start}-{hit.end}, {hit.score:.3f})\n"
            f"{hit.text}\n"
            for hit in results
        )

    return _each_question(options, search, text)


def _ask(assistant: Assistant, options: argparse.Namespace) -> int:
    def ask(question: str, history: list[Turn]) -> Answer:
        return assistant.ask(question, history, cli_filters.given(options))

    def text(answer: Answer) -> str:
        sources = [
            f"[{c.number}] {c.title} ({c.source}:{c.start}-{c.end})" for c in answer.citations
        ]
        nearest = [f"- {c.quote} ({c.source}:{c.start}-{c.end})" for c in answer.nearest]
        return "\n".join([answer.text, "", *sources, *nearest]).rstrip()

    return _each_question(options, ask, text)


def _each_question(
    options: argparse.Namespace,
    answer: Callable[[str, list[Turn]], Any],
    text: Callable[[Any], str],
) -> int:
    """Answer one question, or each of a file; a bad one is reported and the others go on."""
    if options.questions is None:
        result = answer(options.question, [])
        _print(_dump(result.to_json()) if options.json else text(result))
        return 0
    status = 0
    for identity, question, history in _questions(options.questions):
        try:
            result = answer(question, history)
        except QuestionError as error:
            status = FAILED
            _print(_dump({**identity, "question": question, "error": str(error)}))
            continue
        _print(_dump({**identity, **result.to_json()}) if options.json else text(result))
    return status


def _questions(file: Path) -> list[tuple[dict[str, Any], str, list[Turn]]]:
    """The id (as ``{"id": …}`` or nothing), text and history of each question in ``file``."""
    try:
        # Not splitlines: a JSON text may hold other line ends, such as U+2028, as they are.
        lines = file.read_text("utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise QuestionError(f"The questions file {file} cannot be read: {error}.") from error
    questions = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            given = json.loads(line)
            history = [turn(t["role"], t["content"]) for t in given.get("history") or ()]
            identity = {"id": given["id"]} if "id" in given else {}
            if not isinstance(given["question"], str):
                raise TypeError("the question is not a text")
            questions.append((identity, given["question"], history))
        except (ValueError, LookupError, TypeError, AttributeError) as error:
            raise QuestionError(
                f"{file}, line {number}: expected a JSON object with question, and optional id "
                f"and history (a list of objects with role and content): {error!r}."
            ) from error
    return questions


def _show(assistant: Assistant, options: argparse.Namespace) -> int:
    by_source = {s: a.id for a in assistant.articles() for s in a.sources}
    article = assistant.article(by_source.get(options.article, options.article))
    if options.json:
        _print(_dump(article.to_json()))
    else:
        _print(f"{article.title} ({article.language}, {article.source})\n\n{article.text}")
    return 0


def _evaluate(assistant: Assistant, options: argparse.Namespace) -> int:
    evaluation = cli_evaluate.retrieval(assistant, options)
    _print(_dump(evaluation.to_json()) if options.json else evaluation.to_table())
    return 0


def _serve(assistant: Assistant, options: argparse.Namespace) -> int:
    from assistant.web.app import serve

    serve(assistant, assistant.settings)
    return 0


def _dump(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _print(text: str) -> None:
    """To standard output, in UTF-8 whatever the terminal says, at once."""
    sys.stdout.buffer.write(text.encode("utf-8", "replace") + b"\n")
    sys.stdout.flush()
