"""Puts golden questions to a chat model: the assistant, its quotes alone, and a plain chain.

    python -m benchmarks model --url URL --model NAME [--questions N] [--corpus DIR]

Any OpenAI-compatible server will do. The plain chain is what tutorials end with: LangChain, Chroma,
four chunks, "answer with citations"; it needs ``langchain-chroma`` and
``langchain-text-splitters``. An answer is right if what it cites holds the evidence; sentences
shown as supported in answers to questions without an answer are invented. Both are judged by
citations alone, so read what was written before you trust a difference of one or two: ``--json``
keeps it, and what that file holds is not asked again, so a run that was stopped goes on.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import sys
import tempfile
import time
from collections.abc import Callable, Container, Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from itertools import product
from pathlib import Path
from statistics import median
from unittest.mock import patch

from assistant import Assistant, Settings
from assistant.answer.write.chat_model import load_chat_model
from assistant.answer.write.dialect import Message
from assistant.answer.write.model_stream import ChatModel
from assistant.answer.write.prompt import NO_ANSWER, is_no_answer
from assistant.evaluation.question_sets import GoldenQuestion, read_questions
from assistant.language.sentences import split_sentences
from assistant.search.langchain import LangChainEmbeddings

QUESTIONS = 51
ANSWERABLE = 0.75
"""Questions that are asked, and the share of them that have an answer."""

SYSTEMS = ("quotes", "assistant", "plain chain")
CHUNKS = 4
CHUNK_CHARACTERS = 1_000
OVERLAP_CHARACTERS = 200
_NUMBER = re.compile(r"\[(\d+)\]")


@dataclass(slots=True)
class Outcome:
    """What a system made of a question: ``shown`` as supported, and the words that it ``cites``.

    ``tokens`` are those of its prompts; ``first_s`` the seconds to its first words.
    """

    system: str
    question: str
    answerable: bool
    refused: bool = False
    right: bool = False
    shown: Sequence[str] = ()
    marked: Sequence[str] = ()
    tokens: int = 0
    first_s: float = 0.0


class PlainChain:
    """Four chunks, one prompt, and what the model writes is shown as it is."""

    PROMPT = (
        "Answer the question from the context below, and cite the numbers of the passages that you "
        f"use, as in [1]. If the context does not answer it, write {NO_ANSWER}.\n\nContext:\n"
        "{context}\n\nQuestion: {question}\nAnswer:"
    )

    def __init__(self, assistant: Assistant, model: ChatModel) -> None:
        from langchain_chroma import Chroma
        from langchain_text_splitters import RecursiveCharacterTextSplitter

        splitter = RecursiveCharacterTextSplitter(
            chunk_size=CHUNK_CHARACTERS, chunk_overlap=OVERLAP_CHARACTERS
        )
        texts = [assistant.article(one.id).text for one in assistant.articles()]
        chunks = [chunk for text in texts for chunk in splitter.split_text(text)]
        self._store = Chroma.from_texts(chunks, LangChainEmbeddings(assistant.embedder))
        self._model = model

    def ask(self, question: str) -> Iterator[tuple[str, list[str]]]:
        """The text so far and the chunks that it cites, all four if it cites none."""
        found = [one.page_content for one in self._store.similarity_search(question, k=CHUNKS)]
        context = "\n\n".join(f"[{n}] {text}" for n, text in enumerate(found, 1))
        written = ""
        with closing(
            self._model.stream([("user", self.PROMPT.format(context=context, question=question))])
        ) as pieces:
            for piece in pieces:
                written += piece
                cited = {int(n) for n in _NUMBER.findall(written)}
                yield written, [t for n, t in enumerate(found, 1) if n in cited] or found


@contextmanager
def counted(count: Callable[[Sequence[str]], Sequence[int]]) -> Iterator[list[int]]:
    """The tokens of each prompt to any chat model, as ``count`` counts them."""
    tokens: list[int] = []
    asked = ChatModel.stream

    def stream(model: ChatModel, messages: Sequence[Message]) -> Generator[str, None, None]:
        tokens.append(sum(count([text for _, text in messages])))
        return asked(model, messages)

    with patch.object(ChatModel, "stream", stream):
        yield tokens


def choose(questions: Sequence[GoldenQuestion], count: int) -> list[GoldenQuestion]:
    """A fixed sample of ``count`` questions that need no conversation."""
    alone = [one for one in questions if not one.history and not one.turns]
    random.Random(0).shuffle(alone)
    wanted = round(ANSWERABLE * count)
    answerable = [one for one in alone if one.answerable][:wanted]
    others = [one for one in alone if not one.answerable][: count - len(answerable)]
    # Spread evenly, so that the part of a run that was stopped stands for the whole.
    places = [(n / len(some), one) for some in (answerable, others) for n, one in enumerate(some)]
    return [one for _, one in sorted(places, key=lambda pair: pair[0])]


def ask_assistant(name: str, assistant: Assistant, one: GoldenQuestion) -> Outcome:
    """What ``assistant`` answers."""
    started, first = time.perf_counter(), 0.0
    for answer in assistant.stream(one.question):
        if not first and (answer.sentences or answer.complete):
            first = time.perf_counter() - started
    cited = [citation.quote for citation in answer.citations]
    right = not answer.refused and _holds(one, cited)
    return Outcome(
        name, one.question, one.answerable, answer.refused, right,
        [s.text for s in answer.sentences if s.supported],
        [s.text for s in answer.sentences if not s.supported], first_s=first,
    )  # fmt: skip


def ask_chain(chain: PlainChain, one: GoldenQuestion) -> Outcome:
    """What the plain chain answers; all of it is shown as supported."""
    started, first, text = time.perf_counter(), 0.0, ""
    cited: list[str] = []
    for text, cited in chain.ask(one.question):  # noqa: B007
        first = first or (time.perf_counter() - started if text else 0.0)
    refused = is_no_answer(text) or NO_ANSWER in text
    shown = [] if refused else [text[a:b] for a, b in split_sentences(text, one.language)]
    right = not refused and _holds(one, cited)
    return Outcome(
        "plain chain", one.question, one.answerable, refused, right, shown, first_s=first
    )


def table(outcomes: Sequence[Outcome]) -> str:
    """The figures of each system, as text."""
    lines = []
    for system in dict.fromkeys(one.system for one in outcomes):
        some = [one for one in outcomes if one.system == system]
        asked = [one for one in some if one.answerable]
        other = [one for one in some if not one.answerable]
        invented = sum(len(one.shown) for one in other)
        lines.append(
            f"{system:12} right {sum(one.right for one in asked)}/{len(asked)}, refused "
            f"{sum(one.refused for one in asked)}; unanswerable refused "
            f"{sum(one.refused for one in other)}/{len(other)}, sentences shown there {invented}; "
            f"prompt {median(one.tokens for one in some):.0f} tokens, first words after "
            f"{median(one.first_s for one in some):.1f} s"
        )
    return "\n".join(lines)


def measure(
    settings: Settings,
    chosen: Sequence[GoldenQuestion],
    systems: Sequence[str] = SYSTEMS,
    asked: Container[tuple[str, str]] = (),
) -> Iterator[Outcome]:
    """Ask each of ``systems`` each question, except what was ``asked``."""
    plain = Assistant(settings.model_copy(update={"llm": None}))
    plain.sync()
    assistant = Assistant(settings)
    with closing(plain), closing(assistant), closing(load_chat_model(settings)) as model:
        ask: dict[str, Callable[[GoldenQuestion], Outcome]] = {
            "quotes": partial(ask_assistant, "quotes", plain),
            "assistant": partial(ask_assistant, "assistant", assistant),
        }
        if "plain chain" in systems:
            ask["plain chain"] = partial(ask_chain, PlainChain(assistant, model))
        with counted(assistant.embedder.count_tokens) as tokens:
            for one, system in product(chosen, systems):
                if (system, one.question) in asked:
                    continue
                tokens.clear()
                outcome = ask[system](one)
                outcome.tokens = sum(tokens)
                yield outcome


def main() -> int:
    """Ask what is not in ``--json`` yet, and print the table of it all."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--url", required=True, help="the address of an OpenAI-compatible server")
    parser.add_argument("--model", required=True, help="the model's name there")
    parser.add_argument("--questions", type=int, default=QUESTIONS, help="how many to ask")
    parser.add_argument(
        "--systems", nargs="+", choices=SYSTEMS, default=SYSTEMS, help="whom to ask"
    )
    parser.add_argument("--patience", type=float, default=120, help="seconds until the first word")
    parser.add_argument("--corpus", type=Path, default=Path("corpus"))
    parser.add_argument(
        "--json", type=Path, help="keep every answer in this file, one a line, and go on from it"
    )
    options = parser.parse_args()
    file = options.json or Path(os.devnull)
    kept = file.read_text(encoding="utf-8").splitlines() if file.is_file() else []
    outcomes = [Outcome(**json.loads(line)) for line in kept]
    asked = {(one.system, one.question) for one in outcomes}
    chosen = choose(read_questions(options.corpus / "questions.jsonl"), options.questions)
    with tempfile.TemporaryDirectory() as data:
        settings = Settings(
            corpus=options.corpus, data=Path(data), llm=options.model, llm_base_url=options.url,
            llm_first_timeout=options.patience, llm_timeout=options.patience,
        )  # fmt: skip
        for outcome in measure(settings, chosen, options.systems, asked):
            outcomes.append(outcome)
            with file.open("a", encoding="utf-8") as lines:
                lines.write(json.dumps(asdict(outcome), ensure_ascii=False) + "\n")
    print(table(outcomes))
    return 0


def _holds(one: GoldenQuestion, cited: Sequence[str]) -> bool:
    """Whether one of the texts ``cited`` and a piece of evidence contain each other."""
    texts = [_plain(text) for text in cited]
    wanted = [_plain(evidence.quote) for evidence in one.evidence if evidence.quote]
    return any(quote in text or text in quote for quote in wanted for text in texts)


def _plain(text: str) -> str:
    return " ".join(text.split())


if __name__ == "__main__":
    sys.exit(main())
