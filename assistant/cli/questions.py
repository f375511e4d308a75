"""The commands ``search`` and ``ask``: one question, or each line of a file of questions."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assistant.access import Principal
from assistant.cli import filters as filter_options
from assistant.cli.output import dump, say, tell
from assistant.language.locales import spoken
from assistant.models.citation_marks import unmarked
from assistant.models.conversation import Turn, turn
from assistant.models.corpus_files import ACCESS_FILE
from assistant.support.counting import counted
from assistant.support.errors import QuestionError
from assistant.support.json_lines import numbered_lines, parse_object

if TYPE_CHECKING:
    from assistant.assistant import Assistant
    from assistant.models.answer import Answer, AnswerSentence, Citation, SearchResults


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the filters, the groups, and the question or file of questions."""
    filter_options.add_arguments(parser)
    parser.add_argument(
        "--groups",
        type=_groups,
        metavar="A,B",
        help=f"limit to what members of these groups may see by the {ACCESS_FILE} of the corpus; "
        '"" to what all may see',
    )
    one = parser.add_mutually_exclusive_group(required=True)
    one.add_argument("question", nargs="?", help="the question")
    one.add_argument(
        "--questions",
        type=Path,
        metavar="FILE",
        help="JSON lines with question and optional id and history; one line of output for each",
    )


def add_translate(parser: argparse.ArgumentParser) -> None:
    """Add the option of ``ask`` alone."""
    parser.add_argument(
        "--translate",
        action="store_true",
        help="translations beside quotes in other languages, by ASSISTANT_TRANSLATOR or the chat "
        "model",
    )


def search(assistant: Assistant, options: argparse.Namespace) -> int:
    """Print the passages that best fit; return the exit status."""
    seen = _seen(assistant, options)
    filters = filter_options.given(options, seen)

    def find(question: str, _history: list[Turn]) -> SearchResults:
        return seen.search(question, options.top, filters)

    return _each_question(options, find, _passages)


def ask(assistant: Assistant, options: argparse.Namespace) -> int:
    """Print the answer with its citations; return the exit status."""
    seen = _seen(assistant, options)
    filters = filter_options.given(options, seen)

    def answer(question: str, history: list[Turn]) -> Answer:
        return seen.ask(question, history, filters, translate=options.translate)

    status = _each_question(options, answer, _answer)
    state = seen.status()
    if state.by_words:
        tell(
            f"note: {counted(state.by_words, 'passage')} of {state.by_words + state.in_full} are "
            "found by their words so far, and read more closely for each question, which takes a "
            "second. assistant sync prepares them."
        )
    if not state.articles:
        tell(
            f"note: the library holds no article to answer from. Put articles into "
            f"{assistant.settings.corpus} and run assistant sync."
        )
    return status


def _seen(assistant: Assistant, options: argparse.Namespace) -> Assistant:
    """The assistant, limited to the given groups, if any."""
    if options.groups is None:
        return assistant
    assistant.access.check()
    return assistant.seen_by(Principal(groups=options.groups))


def _groups(names: str) -> frozenset[str]:
    return frozenset(filter(None, map(str.strip, names.split(","))))


def _passages(results: SearchResults) -> str:
    if not results.hits:
        return "No passages found. If you used filters, check their spelling."
    return "\n".join(
        f"{hit.rank}. {hit.title} ({hit.source}:{hit.start}-{hit.end}, {hit.score:.3f})\n"
        f"{hit.text}\n"
        for hit in results
    )


def _answer(answer: Answer) -> str:
    """Format the answer for reading: its sources, doubts, and notices."""
    before = [f"({unmarked(answer.notice)})"] if answer.notice else []
    if answer.understood:
        before.append(f"Understood as: {answer.understood}")
    sources = [line for c in answer.citations for line in _source(c)]
    nearest = [f"- {unmarked(c.quote)} ({_place(c)})" for c in answer.nearest]
    related = [f"- {unmarked(c.quote)} ({_place(c)})" for c in answer.related]
    if related:
        related = ["", f"{spoken(answer.language).text('answer.related')}:", *related]
    named = [f"- {unmarked(one.title)} ({unmarked(one.source)})" for one in answer.articles]
    said = [*filter(None, [answer.lead_in]), *map(_sentence, answer.sentences), *named]
    return "\n".join([*before, *said, "", *sources, *nearest, *related]).rstrip()


def _source(citation: Citation) -> list[str]:
    """The article of a citation and, if it has one, its translation."""
    lines = [f"[{citation.number}] {unmarked(citation.title)} ({_place(citation)})"]
    if (translation := citation.translation) is not None:
        differs = f" (differs: {', '.join(translation.differs)})" if translation.differs else ""
        lines.append(f"    Machine translation: {unmarked(translation.text + differs)}")
    return lines


def _place(citation: Citation) -> str:
    return f"{unmarked(citation.source)}:{citation.start}-{citation.end}"


def _sentence(sentence: AnswerSentence) -> str:
    numbers = "".join(f"[{number}]" for number in sentence.citations)
    line = f"{unmarked(sentence.spelled)} {numbers}".rstrip()
    if sentence.supported:
        return line
    return f"{line} (NOT CONFIRMED{f': {sentence.reason}' if sentence.reason else ''})"


def _each_question(
    options: argparse.Namespace,
    answer: Callable[[str, list[Turn]], Any],
    text: Callable[[Any], str],
) -> int:
    """Answer one question, or each of a file; report bad ones and continue."""
    if options.questions is None:
        result = answer(options.question, [])
        say(dump(result.to_json()) if options.json else text(result))
        return 0
    status = 0
    for place, identity, question, history in _questions(options.questions):
        try:
            result = answer(question, history)
            record, shown = result.to_json(), text(result)
        except QuestionError as error:
            status = 1
            told = f"{place}: {error}"
            record, shown = {"question": question, "error": told}, f"error: {told}"
        asked = question.strip().replace("\n", "\n> ")
        say(dump({**identity, **record}) if options.json else f"> {asked}\n{shown}\n")
    return status


def _questions(file: Path) -> list[tuple[str, dict[str, Any], str, list[Turn]]]:
    """The place, id (as ``{"id": …}`` or empty), text and history of each question in ``file``.

    Empty lines are skipped.
    """
    questions = []
    for _, place, line in numbered_lines(file, QuestionError):
        try:
            questions.append((place, *_question(parse_object(line))))
        except ValueError as error:
            raise QuestionError(
                f"{place}: {error}. Expected is a JSON object with question, and optional id and "
                "history (a list of objects with role and content)."
            ) from error
    return questions


def _question(given: dict[str, Any]) -> tuple[dict[str, Any], str, list[Turn]]:
    """The parts of a question. Raises ``ValueError`` with what is wrong with it."""
    if "question" not in given:
        raise ValueError("question is missing")
    question, history = given["question"], given.get("history") or []
    if not isinstance(question, str):
        raise ValueError("question is not a text")
    if not isinstance(history, list):
        raise ValueError("history is not a list")
    if not all(isinstance(one, dict) and {"role", "content"} <= one.keys() for one in history):
        raise ValueError("history holds something other than objects with role and content")
    identity = {"id": given["id"]} if "id" in given else {}
    return identity, question, [turn(one["role"], one["content"]) for one in history]
