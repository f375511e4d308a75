"""The server, with graceful shutdown: answers are finished, new questions refused."""

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
"""Seconds to finish answers at shutdown."""

GRACE_S = 3
"""Seconds for other requests after that."""

QUIET_S = 0.5
"""Seconds without a running question after which the last words count as delivered: the chat's
queue forwards them some time after the answer is made."""


class Server(uvicorn.Server):  # type: ignore[misc]
    """Finishes running work when told to stop; told once more, exits at once.

    Meanwhile it keeps listening, to tell new askers to come back later. ``stopping`` is called
    once, when the shutdown begins.
    """

    def __init__(self, config: uvicorn.Config, stopping: Callable[[], None] = lambda: None) -> None:
        super().__init__(config)
        self._stopping = stopping
        self._told_to_stop = False
        self._deadline: float | None = None
        self._busy_at = 0.0

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen. Freezes existing objects out of garbage collection: they stay, and scanning these
        200,000 took half of the event loop's time under load.
        """
        gc.freeze()
        gc.enable()
        await super().startup(sockets)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Record a signal; exit at the second one."""
        if self._told_to_stop:
            signal.signal(sig, signal.SIG_DFL)
            signal.raise_signal(sig)
        # The base class re-raises it at the end, for the exit status.
        self._captured_signals.append(sig)
        self._told_to_stop = True

    async def on_tick(self, counter: int) -> bool:
        """Called ten times a second: check whether to exit."""
        if self._told_to_stop and self._is_finished(self.config.app.state.questions):
            self.should_exit = True
        return bool(await super().on_tick(counter))

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Close the event stream that Gradio keeps to each open page, then stop as usual."""
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
                "Shutting down: finishing %d answers, for at most %d seconds.",
                questions.running + questions.waiting, STOP_S,
            )  # fmt: skip
        if questions.running or questions.waiting:
            self._busy_at = now
        if now >= self._deadline:
            log.warning("Cancelled %d answers.", questions.running + questions.waiting)
            return True
        return now - self._busy_at >= QUIET_S
