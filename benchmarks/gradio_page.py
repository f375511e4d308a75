"""Asks as the chat's page does: through Gradio's queue, without a browser."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import AsyncIterator
from typing import Any

import httpx


class GradioPage:
    """One open page of the chat, made by ``opened``."""

    def __init__(self, http: httpx.AsyncClient, reply: int, suggest: int) -> None:
        self._http = http
        self._reply = reply
        self._suggest = suggest
        self._session = uuid.uuid4().hex[:12]

    @classmethod
    async def opened(cls, http: httpx.AsyncClient) -> GradioPage:
        """The page at the root of ``http``'s server, with the numbers of its events."""
        config = (await http.get("/config")).raise_for_status().json()
        (box,) = (
            one["id"] for one in config["components"] if one["props"].get("elem_id") == "question"
        )
        events = config["dependencies"]
        (reply,) = (one["id"] for one in events if [box, "submit"] in one["targets"])
        (suggest,) = (one["id"] for one in events if one.get("trigger_after") == reply)
        return cls(http, reply, suggest)

    async def ask(self, question: str) -> tuple[float, str]:
        """Ask, and then for suggestions as the page does; the time of the first words, and the
        conversation as the page keeps it. Raises ``ValueError`` if no answer came.
        """
        first, kept = 0.0, ""
        async for told in self._run(self._reply, [question, "", "", "", "", ""]):
            shown = json.dumps(told["output"].get("data"))
            first = first or (time.monotonic() if "blockquote" in shown else 0.0)
            if told["msg"] == "process_completed":
                kept = told["output"]["data"][2] if told.get("success") else ""
        if not kept:
            raise ValueError("no answer came to the page")
        async for _ in self._run(self._suggest, [kept, "", "", "", ""]):
            pass
        return first or time.monotonic(), kept

    async def _run(self, event: int, data: list[str]) -> AsyncIterator[dict[str, Any]]:
        """The states of an event of the page, the last with the message "process_completed"."""
        body = {"data": data, "fn_index": event, "session_hash": self._session, "event_data": None}
        (await self._http.post("/gradio_api/queue/join", json=body)).raise_for_status()
        address = f"/gradio_api/queue/data?session_hash={self._session}"
        async with self._http.stream("GET", address) as response:
            response.raise_for_status()
            async for line in response.aiter_lines():
                told = json.loads(line.removeprefix("data: ")) if line.startswith("data: ") else {}
                if told.get("msg") in ("process_generating", "process_completed"):
                    yield told
                if told.get("msg") in ("process_completed", "close_stream"):
                    return
