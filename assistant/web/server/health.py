"""Health checks and metrics, for process supervisors, load balancers and monitoring."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter, Request
from starlette.responses import PlainTextResponse, Response

from assistant.support.errors import AssistantError
from assistant.web.gate.principal import principal_of

if TYPE_CHECKING:
    from assistant.assistant import Assistant
    from assistant.web.server.metrics import Metrics
    from assistant.web.turns.questions import Questions

PATHS = ("/healthz", "/readyz")
"""Public: they answer with one word."""

RETRY_S = 2
READY = "ready"


def routes(assistant: Assistant, questions: Questions, metrics: Metrics) -> APIRouter:
    """``/healthz``, ``/readyz`` and ``/metrics``."""
    router = APIRouter(include_in_schema=False)

    @router.api_route("/healthz", methods=["GET", "HEAD"])
    async def healthz() -> PlainTextResponse:
        return PlainTextResponse("ok")

    @router.api_route("/readyz", methods=["GET", "HEAD"])
    def readyz() -> PlainTextResponse:
        said = READY if questions.accepting else "stopping"
        if said == READY:
            said = readiness(assistant)
        if said == READY:
            return PlainTextResponse(said)
        return PlainTextResponse(said, 503, {"Retry-After": str(RETRY_S)})

    @router.api_route("/metrics", methods=["GET", "HEAD"])
    def figures(request: Request) -> Response:
        if not principal_of(request).is_admin:
            return PlainTextResponse("The metrics are for administrators.", 403)
        return Response(metrics.exposition(), media_type=metrics.media_type)

    return router


def readiness(assistant: Assistant) -> str:
    """``READY`` if questions can be answered; otherwise the reason in a word: ``starting``,
    ``reading`` the first articles, ``empty`` (none could be read) or ``broken`` (the library).
    """
    try:
        status = assistant.status()
    except AssistantError:
        return "broken"
    if status.ready or (status.synced and not status.syncing and not status.error):
        return READY
    if status.articles:
        return "starting"
    return "reading" if status.syncing else "empty" if status.error else "starting"
