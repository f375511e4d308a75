"""The routes under /api: ask, search, the articles, the library."""

from __future__ import annotations

from contextlib import aclosing
from typing import Annotated

from fastapi import APIRouter, HTTPException, Path, Query, Request, Response
from fastapi.responses import JSONResponse

from assistant.web.api import editing, examples, schemas
from assistant.web.api.events import EventStream, answer_events, begun, last, wants_events
from assistant.web.api.schemas import MOST_ARTICLES, AskRequest, SearchRequest, failures
from assistant.web.gate.clients import asker
from assistant.web.gate.principal import Seen
from assistant.web.pages.cited import find_article
from assistant.web.turns.outcomes import Way
from assistant.web.turns.questions import Questions

CLIENT_GONE = 499
"""nginx's status for a client that disconnected; nobody receives it."""

REFUSED = failures(
    {
        422: "The question, or a field, is invalid.",
        503: "The articles are being read for the first time, or there are too many concurrent "
        "questions: retry after `Retry-After` seconds.",
    }
)
OTHERWISE = failures({"default": "Any other error."})
MISSING = failures({404: "There is no such article."})


def routes(seen: Seen, questions: Questions) -> APIRouter:
    """The routes under /api."""
    router = APIRouter(prefix="/api", responses=OTHERWISE)
    _add_questions(router, seen, questions)
    _add_library(router, seen)
    editing.add_routes(router, seen)
    return router


def _add_questions(router: APIRouter, seen: Seen, questions: Questions) -> None:
    @router.post(
        "/ask",
        tags=["Questions"],
        summary="Ask a question",
        response_model=schemas.AnswerBody,
        responses={200: examples.ANSWER, **REFUSED},
    )
    async def ask(asked: AskRequest, request: Request) -> Response:
        """Answers a question with the articles' exact words, or says that they do not answer it.

        With the header `Accept: text/event-stream` the answer comes as server-sent events:
        `sources` (the citations so far; again before a sentence that cites a new one), a
        `sentence` for each sentence as soon as it is checked, with its `index` (a repeated one
        replaces that sentence and voids those after it), then `answer` with the whole JSON; or
        `error`, in the shape of every error, where it fails midway. Closing the connection stops
        the work.
        """
        turns = [message.turn() for message in asked.history]
        growing = seen(request).stream(
            asked.question, turns, asked.filters.filters(), translate=asked.translate
        )
        answers = questions.stream(Way.API, asked.question, growing, asker(request.scope))
        if wants_events(request):
            return EventStream(answer_events(await begun(answers)))
        async with aclosing(answers):
            answer = await last(answers, request)
        return JSONResponse(answer.to_json()) if answer else Response(status_code=CLIENT_GONE)

    @router.post(
        "/search",
        tags=["Questions"],
        summary="Search for passages",
        response_model=schemas.Hits,
        responses={200: examples.HITS, **REFUSED},
    )
    async def search(sought: SearchRequest, request: Request) -> Response:
        """Finds the passages that fit a question best, each with its exact place."""
        view, filters = seen(request), sought.filters.filters()
        found = await questions.run(
            lambda: view.search(sought.question, sought.top, filters), asker(request.scope)
        )
        return JSONResponse(found.to_json())


def _add_library(router: APIRouter, seen: Seen) -> None:
    @router.get(
        "/articles",
        tags=["Library"],
        summary="List the articles",
        responses={200: examples.ARTICLES, 422: REFUSED[422]},
    )
    def articles(
        request: Request,
        limit: Annotated[
            int, Query(ge=1, le=MOST_ARTICLES, description="How many articles at most.")
        ] = 100,
        offset: Annotated[int, Query(ge=0, description="How many articles to pass over.")] = 0,
    ) -> schemas.Articles:
        """Lists the articles of the library without their text, ordered by source, in pages."""
        every = seen(request).articles()
        end = offset + limit
        entries = [schemas.ArticleEntry.model_validate(one) for one in every[offset:end]]
        return schemas.Articles(
            total=len(every), next=end if end < len(every) else None, articles=entries
        )

    @router.get(
        "/articles/{id}",
        tags=["Library"],
        summary="Get an article",
        response_model=schemas.WholeArticle,
        responses={200: examples.ARTICLE, **MISSING},
    )
    def article(
        request: Request,
        id: Annotated[str, Path(description="The article's id, as a citation or the list has it.")],
    ) -> Response:
        """Gets an article with its text, which `start` and `end` of citations index."""
        found = find_article(seen(request), id)
        if found is None:
            raise HTTPException(404, "There is no article with this id. It may have changed.")
        return JSONResponse(found.to_json())

    @router.get(
        "/status",
        tags=["Library"],
        summary="Get the library's status",
        responses={200: examples.LIBRARY},
    )
    def status(request: Request) -> schemas.LibraryBody:
        """Reports the library's content, the progress of reading the articles, and failures."""
        return schemas.LibraryBody.model_validate(seen(request).status())
