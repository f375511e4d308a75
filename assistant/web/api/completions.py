"""OpenAI's chat completions: makes the assistant a model for any client of that API."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any
from uuid import uuid4

from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.responses import JSONResponse

from assistant.assistant import Assistant
from assistant.models.answer import Answer
from assistant.models.conversation import Turn, turn
from assistant.support.errors import QuestionError
from assistant.web.api import examples
from assistant.web.api.chat_text import ChatText, without_sources
from assistant.web.api.completion_schemas import (
    MODEL,
    Completion,
    CompletionRequest,
    Model,
    Models,
    OpenAIFailure,
)
from assistant.web.api.errors import body, problem
from assistant.web.api.events import EventStream, begun, event, last
from assistant.web.api.routes import CLIENT_GONE
from assistant.web.api.schemas import failures
from assistant.web.gate.clients import asker
from assistant.web.gate.principal import Seen
from assistant.web.turns.outcomes import Way
from assistant.web.turns.questions import Questions

DONE = "data: [DONE]\n\n"

REFUSED = failures(
    {400: "The request cannot be used.", 503: "Ask again after `Retry-After` seconds."},
    OpenAIFailure,
)
OTHERWISE = failures({"default": "Any other error."}, OpenAIFailure)


def routes(seen: Seen, questions: Questions) -> APIRouter:
    """The routes under /v1."""
    started = int(time.time())
    model = Model(id=MODEL, created=started)
    router = APIRouter(prefix="/v1", tags=["OpenAI"], responses=OTHERWISE)

    @router.post(
        "/chat/completions",
        summary="Complete a chat",
        response_model=Completion,
        responses={200: examples.COMPLETION, **REFUSED},
    )
    async def complete(asked: CompletionRequest, request: Request) -> Response:
        """Answers the last message of a chat, as OpenAI's chat completions do.

        The user's last message is the question, the user and assistant messages before it are the
        conversation; system messages are ignored. Citations are in the message's
        `annotations`, each with the place of its mark in the text (`start_index`, and `end_index`
        after its last character, counted in Unicode code points) and the address of the cited
        words; and as a list at the end of the text. With `stream`, the annotations come with the
        last piece of text.

        Any `model` is accepted; other parameters are accepted and ignored; `n` must be 1.
        `filters`, as in `/api/ask`, narrow down which articles are asked. Tokens are
        counted as the embedding model counts them.
        """
        question, history = _conversation(asked)
        view = seen(request)
        growing = view.stream(question, history, asked.filters.filters())
        answers = questions.stream(Way.OPENAI, question, growing, asker(request.scope))
        reply = _Reply(view, questions, asked, str(request.base_url))
        if asked.stream:
            return EventStream(reply.chunks(await begun(answers)))
        async with aclosing(answers):
            answer = await last(answers, request)
        if answer is None:
            return Response(status_code=CLIENT_GONE)
        return JSONResponse(await reply.whole(answer))

    @router.get("/models", summary="List the models")
    def models() -> Models:
        """Lists the one model that there is: the assistant."""
        return Models(data=[model])

    @router.get("/models/{id}", summary="Get a model", responses={404: {"model": OpenAIFailure}})
    def one_model(id: str) -> Model:
        """Describes the model."""
        if id != MODEL:
            raise HTTPException(404, f"The only model is {MODEL}.")
        return model

    return router


def _conversation(asked: CompletionRequest) -> tuple[str, list[Turn]]:
    """The question and the conversation before it. Raises ``QuestionError`` if there is none."""
    said = [
        turn(one.role, one.text() if one.role == "user" else without_sources(one.text()))
        for one in asked.messages
        if one.role in ("user", "assistant")
    ]
    while said and said[-1].role != "user":
        said.pop()
    if not said:
        raise QuestionError("There is no question. Send a message with the role user.")
    return said[-1].content, said[:-1]


class _Reply:
    """One completion, as a whole or in chunks."""

    def __init__(
        self, view: Assistant, questions: Questions, asked: CompletionRequest, base: str
    ) -> None:
        self._view = view
        self._questions = questions
        self._asked = asked
        self._tells_usage = asked.stream_options is not None and asked.stream_options.include_usage
        self._chat = ChatText(base)
        self._head = {"id": f"chatcmpl-{uuid4().hex}", "created": int(time.time()), "model": MODEL}

    async def whole(self, answer: Answer) -> dict[str, Any]:
        """The completion of a complete answer."""
        self._chat.grow(answer)
        message = {
            "role": "assistant",
            "content": self._chat.text,
            "refusal": None,
            "annotations": self._chat.annotations,
        }
        choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}
        head = {**self._head, "object": "chat.completion"}
        return {**head, "choices": [choice], "usage": await self._usage()}

    async def chunks(self, answers: AsyncGenerator[Answer, None]) -> AsyncGenerator[str, None]:
        """The chunks of a growing answer, as events."""
        async with aclosing(answers):
            try:
                yield self._chunk({"role": "assistant", "content": ""})
                async for answer in answers:
                    added = self._chat.grow(answer)
                    if answer.complete:
                        yield self._chunk({"content": added, "annotations": self._chat.annotations})
                    elif added:
                        yield self._chunk({"content": added})
                yield self._chunk({}, "stop")
                if self._tells_usage:
                    head = {**self._head, "object": "chat.completion.chunk"}
                    yield event(None, {**head, "choices": [], "usage": await self._usage()})
                yield DONE
            except Exception as error:
                yield event(None, body(problem(error), openai=True))

    def _chunk(self, delta: dict[str, Any], reason: str | None = None) -> str:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": reason}
        more = {"usage": None} if self._tells_usage else {}
        head = {**self._head, "object": "chat.completion.chunk"}
        return event(None, {**head, "choices": [choice], **more})

    async def _usage(self) -> dict[str, int]:
        prompt = [message.text() for message in self._asked.messages]
        texts = [*prompt, self._chat.text]
        counts = await self._questions.run(lambda: self._view.count_tokens(texts))
        *asked, answered = counts
        return {
            "prompt_tokens": sum(asked),
            "completion_tokens": answered,
            "total_tokens": sum(counts),
        }
