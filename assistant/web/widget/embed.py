"""The chat in a frame: a light page without Gradio, whose every request stands for itself.

``/embed`` is the same for everyone who reads it in one language. ``/embed/opening`` tells by events
what there is to ask, ``/embed/ask`` answers a question. The conversation stays in the tab.
"""

from __future__ import annotations

import hashlib
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import asdict

from fastapi import APIRouter
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from assistant.assistant import Assistant
from assistant.language.locales import Locale
from assistant.models.conversation import Turn
from assistant.web.api.events import EventStream, event
from assistant.web.api.schemas import AskRequest
from assistant.web.brand import Brand, brand_of
from assistant.web.chat.masthead import welcoming
from assistant.web.chat.messages import question_message
from assistant.web.chat.opening import EmptyChat, Opening, script_texts
from assistant.web.chat.replies import ChatQuestion, offered, replies, too_long
from assistant.web.chat.said import LONGEST_TURN, MOST_TURNS
from assistant.web.gate.clients import asker
from assistant.web.gate.principal import Seen
from assistant.web.pages.routes import reader, render
from assistant.web.turns.questions import Questions

LOOKS = ("light", "dark")


def routes(seen: Seen, opening: Opening) -> list[BaseRoute]:
    """The page, and what it shows before anything is asked."""

    def page(request: Request) -> Response:
        locale = reader(request)
        texts = script_texts(seen(request), locale)
        theme = request.query_params.get("__theme")
        shown = render(request, "embed.html", texts=texts, theme=theme if theme in LOOKS else "")
        return revalidated(request, shown)

    async def opened(request: Request) -> Response:
        locale, brand = reader(request), brand_of(request)
        return EventStream(_openings(opening, seen(request), locale, brand))

    def full(request: Request) -> Response:
        """The way into the chat's page: the frame that opens it must be able to speak to it."""
        shown = render(request, "full.html")
        shown.headers["Cross-Origin-Opener-Policy"] = "unsafe-none"
        return shown

    smaller = [Middleware(GZipMiddleware)]
    return [
        Route("/embed/full", full),
        Route("/embed", page, middleware=smaller),
        Route("/embed/opening", opened),
    ]


def asking(seen: Seen, questions: Questions) -> APIRouter:
    """The route that answers."""
    router = APIRouter(include_in_schema=False)

    @router.post("/embed/ask")
    async def ask(asked: AskRequest, request: Request) -> EventStream:
        return EventStream(
            _events(asked, seen(request), questions, reader(request), asker(request.scope))
        )

    return router


def revalidated(request: Request, response: Response) -> Response:
    """``response`` with a tag of its content; 304 if the browser has that already."""
    tag = f'W/"{hashlib.sha256(bytes(response.body)).hexdigest()[:16]}"'
    response.headers["ETag"] = tag
    if tag not in request.headers.get("if-none-match", ""):
        return response
    kept = {"etag", "vary", "cache-control", "cross-origin-resource-policy"}
    headers = {name: value for name, value in response.headers.items() if name in kept}
    return Response(status_code=304, headers=headers)


async def _events(
    asked: AskRequest, seen: Assistant, questions: Questions, locale: Locale, whose: str | None
) -> AsyncGenerator[str, None]:
    """``put`` with the question as it is shown, ``said`` with each state of the reply, ``next``
    with what can be asked after it; or ``refused`` instead, with why it was not asked.
    """
    question = asked.question.strip()
    if long := too_long(question, locale):
        yield event("refused", asdict(long))
        return
    yield event("put", asdict(question_message(question)))
    history = [Turn(one.role, one.content[:LONGEST_TURN]) for one in asked.history[-MOST_TURNS:]]
    turns = [turn for turn in history if turn.content.strip()]
    chosen = asked.filters.filters()
    async with aclosing(
        replies(seen, questions, ChatQuestion(question, turns, chosen, whose), locale)
    ) as states:
        async for newest in states:
            yield event("said", asdict(newest))
    before = [turn.content for turn in turns if turn.role == "user"]
    yield event("next", await offered(seen, questions, newest, [*before, question], chosen, whose))


async def _openings(
    opening: Opening, view: Assistant, locale: Locale, brand: Brand
) -> AsyncGenerator[str, None]:
    """``opening`` with what the page shows before anything is asked; again after each change."""
    async with aclosing(opening.states(view, locale.code)) as states:
        async for shown in states:
            yield event("opening", _opening(shown, locale, brand))


def _opening(shown: EmptyChat, locale: Locale, brand: Brand) -> dict[str, object]:
    status, choices = shown.status, shown.choices
    return {
        "welcome": welcoming(status, locale, brand.greeting),
        "ready": status.ready,
        "library": locale.library(status.articles, status.languages, status.newest),
        "examples": [asdict(one) for one in shown.examples],
        "changing": shown.changing,
        "languages": locale.languages(choices.languages),
        "folders": choices.folders,
        "dated": choices.dated,
    }
