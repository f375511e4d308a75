"""Bounds the memory of unread messages in the chat's queue."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import Any

log = logging.getLogger(__name__)

UNREAD_S = 60.0
"""Seconds without a reader after which a session ends and its work is cancelled."""

MOST_BYTES = 4_000_000
"""Limit of one session's unread messages. A streamed answer takes some hundred kilobytes."""

MOST_BYTES_IN_ALL = 64_000_000
MOST_SESSIONS = 2_000


class Mailboxes(dict[str, "Mailbox"]):
    """The unread messages of each session of ``queue``. Replaces Gradio's dictionary, which keeps
    two thousand sessions of any size forever.

    Sessions without a reader end, and the longest unread one when all together exceed the limit.
    The reader of an ended session gets Gradio's 404.
    """

    def __init__(self, queue: Any) -> None:
        super().__init__()
        self._queue = queue
        self._ending: set[asyncio.Task[None]] = set()
        self.bytes = 0

    def __setitem__(self, session: str, messages: Any) -> None:
        """Start a session; the queue that Gradio passes is not used."""
        super().__setitem__(session, Mailbox(self, session))
        if len(self) > MOST_SESSIONS:
            self._end_longest_unread()

    def __delitem__(self, session: str) -> None:
        """Forget a session's messages."""
        if session in self:
            self[session].discard()
            super().__delitem__(session)

    def __missing__(self, session: str) -> Mailbox:
        """What takes the messages of a session that has ended, and keeps none."""
        return Mailbox(self, session, ended=True)

    def count(self, added: int) -> None:
        """So many bytes more, or fewer, are unread."""
        self.bytes += added
        if self.bytes > MOST_BYTES_IN_ALL:
            self._end_longest_unread()

    def end(self, session: str) -> None:
        """Forget a session and stop the work for it."""
        abandoned = session in self and not self[session].empty()
        del self[session]
        task = asyncio.create_task(self._stop(session, abandoned))
        self._ending.add(task)  # the event loop itself keeps no hold of it
        task.add_done_callback(self._ending.discard)

    def _end_longest_unread(self) -> None:
        self.end(min(self, key=lambda session: self[session].read_at))

    async def _stop(self, session: str, abandoned: bool) -> None:
        await self._queue.clean_events(session_hash=session)
        if session in self:  # it has begun anew meanwhile
            return
        self._queue.pending_event_ids_session.pop(session, None)
        app = self._queue.server_app
        if abandoned and app is not None:
            app.state_holder.session_data.pop(session, None)
            app.state_holder.time_last_used.pop(session, None)
            log.info("A session of the chat ended: nobody collected its answers.")


class Mailbox(asyncio.Queue[Any]):
    """The unread messages of one session."""

    def __init__(self, mailboxes: Mailboxes, session: str, *, ended: bool = False) -> None:
        super().__init__()
        self._mailboxes = mailboxes
        self._session = session
        self._ended = ended
        self._bytes = 0
        self.read_at = time.monotonic()
        if not ended:
            self._look_later(UNREAD_S)

    async def get(self) -> Any:
        """The next message. Gradio's reader asks again every ten seconds."""
        self.read_at = time.monotonic()
        message, held = await super().get()
        self.read_at = time.monotonic()
        self._count(-held)
        return message

    def put_nowait(self, item: Any) -> None:
        """Add a message; the session ends if it holds too much."""
        if self._ended:
            return
        held = size(item)
        super().put_nowait((item, held))
        self._count(held)
        if self._bytes > MOST_BYTES and not self._ended:
            self._mailboxes.end(self._session)

    def discard(self) -> None:
        """Keep nothing, from now on."""
        self._count(-self._bytes)
        self._ended = True

    def _count(self, added: int) -> None:
        if not self._ended:
            self._bytes += added
            self._mailboxes.count(added)

    def _look_later(self, seconds: float) -> None:
        asyncio.get_running_loop().call_later(seconds, self._look)

    def _look(self) -> None:
        if self._ended:
            return
        left = self.read_at + UNREAD_S - time.monotonic()
        if left > 0:
            self._look_later(left)
        else:
            self._mailboxes.end(self._session)


def size(message: Any) -> int:
    """About how many bytes a message holds: the characters of its texts, and a few for each
    value.
    """
    total, values = 0, [getattr(message, "output", None)]
    while values:
        value = values.pop()
        total += 64
        if isinstance(value, str):
            total += len(value)
        elif isinstance(value, dict):
            values += value.values()
        elif isinstance(value, list | tuple):
            values += value
    return total
