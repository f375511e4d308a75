"""Turns every error of the API into JSON: one shape under /api, OpenAI's under /v1."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from http import HTTPStatus
from typing import Any, NamedTuple

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

from assistant.support.errors import (
    AssistantError,
    ChatModelError,
    IntakeError,
    LibraryBusyError,
    OverloadError,
    QuestionError,
    Refusal,
    TooSlowError,
)
from assistant.support.logs import REQUEST

log = logging.getLogger(__name__)

OPENAI = "/v1"
"""Prefix of the paths of OpenAI's protocol."""

MCP = "/mcp"
"""Path of the Model Context Protocol."""

MOST_TOLD = 10
"""Problems of one request that are told."""

LARGEST_BODY = 1_000_000
"""Largest request body, in bytes."""

LARGEST_UNREAD = 65_536
"""Bytes of a refused request's body that are read, so that the connection can be reused."""

RETRY_S = 2
"""``Retry-After``, in seconds."""

FOR_VISITORS = (ChatModelError, LibraryBusyError, OverloadError, QuestionError, TooSlowError)
"""Errors whose messages are safe to show to visitors."""

UNAVAILABLE = "The assistant cannot do this at the moment. The details are in the server's log."

_REFUSED = {
    Refusal.EXISTS: 409,
    Refusal.TOO_LARGE: 413,
    Refusal.UNSUPPORTED: 415,
    Refusal.INVALID: 422,
    Refusal.MISSING: 404,
}
_CODES = {
    400: "malformed_request",
    404: "not_found",
    405: "method_not_allowed",
    413: "request_too_large",
    415: "unsupported_media_type",
}
_MESSAGES = {
    404: "There is nothing at this address. See /docs for what there is.",
    405: "This address does not support this method. See /docs for what it supports.",
}


class Problem(NamedTuple):
    """An error response: HTTP status, a code for programs, a message for people, and the seconds
    after which to retry (0 if that would not help).
    """

    status: int
    code: str
    message: str
    retry: int = 0


class RefusedError(Exception):
    """A request was refused before it reached its handler."""

    def __init__(self, told: Problem) -> None:
        super().__init__(told.message)
        self.told = told


class ClientGoneError(Exception):
    """The client disconnected."""


def problem(error: Exception) -> Problem:
    """The response to ``error``; unexpected ones are logged and reported without details."""
    match error:
        case QuestionError():
            return Problem(422, "invalid_question", str(error))
        case LibraryBusyError():
            return Problem(503, "library_not_ready", str(error), RETRY_S)
        case OverloadError():
            return Problem(503, "overloaded", str(error), RETRY_S)
        case TooSlowError():
            return Problem(504, "timeout", str(error))
        case IntakeError() if error.kind is not Refusal.UNWRITABLE:
            return Problem(_REFUSED[error.kind], str(error.kind), str(error))
        case AssistantError():
            log.error("Not answered: %s", error)
            return Problem(503, "unavailable", told(error))
        case HTTPException():
            status, message = error.status_code, error.detail
            if message == HTTPStatus(status).phrase:  # the framework's own
                message = _MESSAGES.get(status, message)
            return Problem(status, _CODES.get(status, "http_error"), message)
    log.error("Unhandled exception in a request", exc_info=error)
    message = "Something went wrong on the server. The details are in its log."
    if request := REQUEST.get():
        message += f" The request's id there is {request}."
    return Problem(500, "internal_error", message)


def told(error: AssistantError) -> str:
    """The message for visitors: most errors name files of the server, which only the operator may
    see.
    """
    return str(error) if isinstance(error, FOR_VISITORS) else UNAVAILABLE


def body(told: Problem, *, openai: bool = False) -> dict[str, Any]:
    """The JSON body of a problem."""
    if not openai:
        return {"error": {"code": told.code, "message": told.message}}
    kind = "server_error" if told.status >= 500 else "invalid_request_error"
    return {
        "error": {"message": told.message, "type": kind, "param": None, "code": told.code},
    }


def install(app: FastAPI) -> None:
    """Make ``app`` report every error in JSON."""
    for kind in (AssistantError, HTTPException, Exception):
        app.add_exception_handler(kind, _failed)
    app.add_exception_handler(RequestValidationError, _invalid)


def route_path(scope: Scope) -> str:
    """The requested path without a proxy's prefix."""
    path: str = scope["path"]
    return path.removeprefix(scope.get("root_path", ""))


def beneath(path: str, folders: Iterable[str]) -> bool:
    """Whether ``path`` is one of ``folders``, or in one of them."""
    return any(path == folder or path.startswith(f"{folder}/") for folder in folders)


def too_often(wait: int) -> Problem:
    """The response to an asker who may ask again in ``wait`` seconds."""
    return Problem(429, "too_many_requests", f"Too many questions. Ask again in {wait} s.", wait)


def closing(scope: Scope) -> dict[str, str]:
    """The header that closes the connection of a request refused with its body unread, unless the
    body is known to be short.
    """
    headers = Headers(scope=scope)
    declared = headers.get("content-length", "0")
    short = declared.isdecimal() and len(declared) < 9 and int(declared) <= LARGEST_UNREAD
    return {} if short and "transfer-encoding" not in headers else {"Connection": "close"}


def _failed(request: Request, error: Exception) -> JSONResponse:
    return _response(request, problem(error), getattr(error, "headers", None))


def _invalid(request: Request, error: Exception) -> JSONResponse:
    problems = error.errors() if isinstance(error, RequestValidationError) else []
    if any(one["type"] == "json_invalid" for one in problems):
        told = Problem(400, _CODES[400], "The body is not JSON.")
    elif request.method == "POST" and not _says_json(request):
        told = Problem(
            415, _CODES[415], "Send JSON, with the header Content-Type: application/json."
        )
    else:
        told = Problem(422, "invalid_request", " ".join(map(_explain, problems[:MOST_TOLD])))
    return _response(request, told)


def _says_json(request: Request) -> bool:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    return kind == "application/json" or kind.endswith("+json")


def _explain(one: dict[str, Any]) -> str:
    """What is wrong and where in the request, without quoting it: it could be anything."""
    where = ".".join(str(part) for part in one["loc"] if part not in ("body", "query")) or "body"
    return f"{where[:100]}: {one['msg']}."


def _response(
    request: Request, told: Problem, headers: dict[str, str] | None = None
) -> JSONResponse:
    openai = route_path(request.scope).startswith(OPENAI)
    headers = {**(headers or {}), **_retry(told)}
    # OpenAI's clients expect 400 for any invalid request.
    status = 400 if openai and told.status == 422 else told.status
    return JSONResponse(body(told, openai=openai), status, headers)


async def refuse(
    told: Problem,
    scope: Scope,
    receive: Receive,
    send: Send,
    headers: dict[str, str] | None = None,
) -> None:
    """Refuse a request in the format of the part of the app that it is for."""
    path = route_path(scope)
    headers = {**(headers or {}), **_retry(told)}
    if path.startswith(("/api/", OPENAI)):
        response: Response = _response(Request(scope), told, headers)
    elif path == MCP:
        response = JSONResponse(rpc_error(told.message), told.status, headers)
    elif path.startswith("/gradio_api/"):
        response = JSONResponse({"detail": told.message}, told.status, headers)
    else:
        response = PlainTextResponse(told.message, told.status, headers)
    await response(scope, receive, send)


def rpc_error(message: str) -> dict[str, Any]:
    """A JSON-RPC error for a request that was not parsed."""
    return {"jsonrpc": "2.0", "id": None, "error": {"code": -32600, "message": message}}


def _retry(told: Problem) -> dict[str, str]:
    return {"Retry-After": str(told.retry)} if told.retry else {}
