"""One tab's conversation, as data that the browser stores and sends back.

The server stores nothing. What comes back is untrusted: it is parsed field by field, bounded, and
displayed through the chat's sanitiser.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from assistant.models.conversation import Turn

log = logging.getLogger(__name__)

Message = dict[str, str]
"""A message in Gradio's format: ``role`` and ``content``."""

State = Literal["", "growing", "complete"]

MOST_TURNS = 12
"""Most recent messages passed to the assistant."""

LONGEST_TURN = 4_000
"""Characters of each message passed to the assistant."""

MOST_KEPT = 120_000
"""Largest conversation in a request, in bytes; beyond, the oldest messages are dropped. After a
reload Gradio sends it twice, as value and as event, within one request of ``LARGEST_CHAT``."""


@dataclass(frozen=True, slots=True)
class Said:
    """One message of a conversation.

    ``html`` is its rendered content, ``text`` the plain text, "" for a notice, which is not part of
    the conversation. Only answers have a ``language``, a ``state`` and ``places``: the article and
    start of each quote shown.
    """

    role: Literal["user", "assistant"]
    html: str
    text: str = ""
    language: str = ""
    places: tuple[tuple[str, int], ...] = ()
    state: State = ""

    def message(self) -> Message:
        """The message in Gradio's format, its content on one line of HTML."""
        if self.role == "user":
            return {"role": "user", "content": self.html}
        # An answer has a language even before its first words.
        kind = "" if self.text or self.language else "notice"
        classes = " ".join(filter(None, ["answer", kind, self.state]))
        language = f' lang="{self.language}"' if self.language else ""
        shown = f'<div class="{classes}"{language}>{self.html}</div>'
        return {"role": "assistant", "content": shown}


def write(conversation: Sequence[Said]) -> str:
    """``conversation`` as JSON for the browser; only its newest messages if it is too long."""
    written = [json.dumps(asdict(said), ensure_ascii=False) for said in conversation]
    # It is sent as a string within JSON, which escapes its quotes once more.
    sizes = [len(json.dumps(one, ensure_ascii=False).encode("utf-8", "replace")) for one in written]
    size, first = 0, len(written)
    while first and size + sizes[first - 1] <= MOST_KEPT:
        first -= 1
        size += sizes[first]
    return f"[{', '.join(written[first:])}]"


def read(kept: object) -> list[Said]:
    """Parse the output of ``write``; malformed messages are dropped."""
    if not isinstance(kept, str) or not kept or len(kept) > 2 * MOST_KEPT:
        return []
    try:
        given = json.loads(kept)
    except (ValueError, RecursionError) as error:
        log.info("A kept conversation cannot be read: %s", error)
        return []
    return [said for one in given if (said := _said(one))] if isinstance(given, list) else []


def turns(conversation: Iterable[Said]) -> list[Turn]:
    """The last turns as plain text, without notices."""
    said = [Turn(one.role, one.text[:LONGEST_TURN]) for one in conversation if one.text]
    return said[-MOST_TURNS:]


def plain_turns(history: object) -> list[Turn]:
    """The last turns of the messages that a program sent; anything but text is dropped."""
    messages = history[-MOST_TURNS:] if isinstance(history, list) else []
    return [
        Turn(message["role"], text)
        for message in messages
        if isinstance(message, dict) and message.get("role") in ("user", "assistant")
        if (text := _content(message.get("content"))[:LONGEST_TURN].strip())
    ]


def _said(given: Any) -> Said | None:
    if not isinstance(given, dict) or given.get("role") not in ("user", "assistant"):
        return None
    texts = [given.get(name, "") for name in ("html", "text", "language")]
    if not all(isinstance(text, str) for text in texts) or not texts[0]:
        return None
    html, text, language = texts
    state: State = "complete" if given.get("state") == "complete" else ""
    places = given.get("places")
    return Said(
        given["role"],
        html,
        text,
        language if language.isalpha() and len(language) <= len("xxx") else "",
        tuple(filter(None, map(_place, places))) if isinstance(places, list) else (),
        state,
    )


def _place(given: Any) -> tuple[str, int] | None:
    match given:
        case [str(article), int(start)]:
            return article, start
    return None


def _content(content: Any) -> str:
    """The text of a message's content: a string or a list of parts."""
    parts = content if isinstance(content, list) else [content]
    texts = [part.get("text") if isinstance(part, dict) else part for part in parts]
    return "\n".join(text for text in texts if isinstance(text, str))
