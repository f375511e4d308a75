"""Asking a running server: as a program does, by events, and as the page does."""

from __future__ import annotations

import json
from typing import Any

import httpx

from assistant.web.chat.filter_row import NOTHING

QUESTION = "Why did tensions rise?"
EVENTS = {"accept": "text/event-stream"}
"""What asks for an answer as a stream of events."""


def events(text: str) -> list[tuple[str, Any]]:
    """The events of a stream, read as the standard says."""
    read = []
    for block in text.split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.split("\n") if line)
        if fields:
            read.append((fields["event"], json.loads(fields["data"])))
    return read


def untimed(answer: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in answer.items() if name != "timings_ms"}


def call_as_browser(web: httpx.Client, event: str, data: list[Any]) -> list[list[Any]]:
    """What the page is sent after an event with this name, each time."""
    depends = web.get("config").json()["dependencies"]
    called = next(d for d in depends if any(t[1] == event for t in d["targets"]))
    sent = {"fn_index": called["id"], "data": data, "session_hash": "test"}
    # Written as a browser writes it, lone surrogates included.
    said, kind = json.dumps(sent), {"content-type": "application/json"}
    web.post("gradio_api/queue/join", content=said, headers=kind).raise_for_status()
    states = []
    with web.stream("GET", "gradio_api/queue/data?session_hash=test", timeout=30) as lines:
        for line in lines.iter_lines():
            message = json.loads(line.removeprefix("data:")) if line else {}
            if message.get("msg") == "process_completed":
                assert message["success"]
                states.append(message["output"]["data"])
                break
    return states


def ask_as_browser(
    web: httpx.Client, question: Any, kept: Any, chosen: tuple[Any, ...] = NOTHING
) -> list[list[dict[str, Any]]]:
    """Each state of the chat that the page is sent after a question; ``kept`` was said before."""
    states = call_as_browser(web, "example_select", [question, kept, *chosen])
    return [state[0] for state in states]
