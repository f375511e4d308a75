"""The endpoint for readers' feedback on answers."""

from __future__ import annotations

import logging
from typing import Annotated

from fastapi import APIRouter, HTTPException, Request
from pydantic import BaseModel, Field

from assistant.assistant import Assistant
from assistant.models.answer import Citation
from assistant.models.conversation import MAX_QUESTION
from assistant.store.feedback import Opinion, Thumb
from assistant.support.errors import LibraryError
from assistant.web.gate.principal import Seen

log = logging.getLogger(__name__)

LONGEST_ANSWER = 20_000
LONGEST_REASON = 1_000
MOST_CITATIONS = 30
LONGEST_QUOTE = 4_000
MOST_QUOTED = 20_000
"""Most characters of one citation, and of all together."""

REFUSED = "This cannot be kept at the moment."

Offset = Annotated[int, Field(ge=0)]


class CitedPlace(BaseModel):
    """A citation as the page sends it, without its words: those are taken from the article."""

    number: Offset
    article: str = Field(max_length=64)
    start: Offset
    end: Offset


class FeedbackRequest(BaseModel):
    """Feedback as the page sends it; ``id`` refers to earlier feedback on the same answer."""

    question: str = Field(max_length=MAX_QUESTION)
    answer: str = Field(max_length=LONGEST_ANSWER)
    citations: list[CitedPlace] = Field(max_length=MOST_CITATIONS)
    thumb: Thumb
    reason: str = Field("", max_length=LONGEST_REASON)
    language: str = Field("", pattern=r"^([a-z]{2,3})?$")
    id: str = Field("", pattern=r"^([0-9a-f]{16})?$")


class Kept(BaseModel):
    """The id to send with later changes."""

    id: str


def routes(seen: Seen) -> APIRouter:
    """The route. It accepts only JSON, which a form on another site cannot send."""
    router = APIRouter(include_in_schema=False)

    @router.post("/feedback")
    def feedback(given: FeedbackRequest, request: Request) -> Kept:
        view = seen(request)
        opinion = Opinion(
            given.question, given.answer, tuple(_cited(view, given.citations)),
            given.thumb, given.reason.strip(), given.language, given.id,
        )  # fmt: skip
        try:
            return Kept(id=view.add_feedback(opinion))
        except LibraryError as error:
            log.error("What a reader thought of an answer is not kept: %s", error)
            raise HTTPException(503, REFUSED) from error

    return router


def _cited(view: Assistant, places: list[CitedPlace]) -> list[Citation]:
    """The citations at ``places``, at most ``MOST_QUOTED`` characters in all. Those longer than a
    quote can be, or from an article that the reader may not see, are dropped.
    """
    cited: list[Citation] = []
    left = MOST_QUOTED
    for place in places:
        length = place.end - place.start
        if not 0 < length <= min(left, LONGEST_QUOTE):
            continue
        try:
            article = view.article(place.article)
        except LibraryError:
            continue
        if place.end <= len(article.text):
            words = article.text[place.start : place.end]
            about = (article.title, article.source, article.language, article.published)
            span = (place.start, place.end, words)
            cited.append(Citation(article.id, *about, *span, number=place.number))
            left -= length
    return cited
