"""The server, which stops gracefully: answers are finished, further questions turned away."""

from __future__ import annotations

import gc
import logging
import signal
import socket
import time
from collections.abc import Callable
from types import FrameType

import uvicorn

from assistant.web.turns.questions import Questions

log = logging.getLogger(__name__)

STOP_S = 30.0
"""Seconds that answers get to finish when the server stops."""

GRACE_S = 3
"""Seconds that other requests get after that."""

QUIET_S = 0.5
"""How long no question may be under way before the last words count as delivered: the chat's queue
hands them on some time after the answer is made."""


class Server(uvicorn.Server):  # type: ignore[misc]
    """Finishes what was begun when it is told to stop; told once more, it ends at once.

    Meanwhile it still listens, so that whoever asks is told to come again later. ``stopping`` is
    called once, as soon as it begins to stop.
    """

    def __init__(self, config: uvicorn.Config, stopping: Callable[[], None] = lambda: None) -> None:
        super().__init__(config)
        self._stopping = stopping
        self._told_to_stop = False
        self._deadline: float | None = None
        self._busy_at = 0.0

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen. What is there now is left out when garbage is looked for: it stays, and looking
        at its 200,000 objects took half of the event loop's time under load.
        """
        gc.freeze()
        gc.enable()
        await super().startup(sockets)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Note a signal; end the process at the second one."""
        if self._told_to_stop:
            signal.signal(sig, signal.SIG_DFL)
            signal.raise_signal(sig)
        # The base class raises it again when all is done, for the exit status.
        self._captured_signals.append(sig)
        self._told_to_stop = True

    async def on_tick(self, counter: int) -> bool:
        """Look, ten times a second, whether it is time to go."""
        if self._told_to_stop and self._is_finished(self.config.app.state.questions):
            self.should_exit = True
        return bool(await super().on_tick(counter))

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Let go of open pages, to each of which Gradio keeps a stream, then stop as usual."""
        for route in self.config.app.routes:
            stop = getattr(getattr(route, "app", None), "stop_event", None)
            if stop is not None:
                stop.set()
        await super().shutdown(sockets)

    def _is_finished(self, questions: Questions) -> bool:
        now = time.monotonic()
        if self._deadline is None:
            self._deadline = now + STOP_S
            questions.stop()
            self._stopping()
            log.info(
                "Stopping: %d answers are being finished, within %d seconds.",
                questions.running + questions.waiting, STOP_S,
            )  # fmt: skip
        if questions.running or questions.waiting:
            self._busy_at = now
        if now >= self._deadline:
            log.warning("%d answers are cut off.", questions.running + questions.waiting)
            return True
        return now - self._busy_at >= QUIET_S
