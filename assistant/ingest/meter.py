"""Pauses a sync between its batches, and measures how fast it goes."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from assistant.models.status import Progress, Stage


class Meter:
    """The progress of one sync at a time. Thread-safe."""

    def __init__(self) -> None:
        self._going = threading.Event()
        self._going.set()
        self._began = (time.monotonic(), 0)
        self._last: Progress | None = None

    @property
    def progress(self) -> Progress | None:
        """As last noted by the sync that runs; None before it notes anything."""
        last = self._last
        return last and replace(last, paused=not self._going.is_set())

    def note(self, stage: Stage, done: int, total: int) -> None:
        """Note how far a sync is; returns when it is not, or no longer, paused."""
        if self._last is None or stage is not self._last.stage:
            self._began = time.monotonic(), done
        self._last = Progress(stage, done, total, self._rate(done))
        if not self._going.is_set():
            self._going.wait()
            self._began = time.monotonic(), done

    @contextmanager
    def running(self) -> Iterator[None]:
        """While a sync runs; afterwards its progress is forgotten."""
        try:
            yield
        finally:
            self._last = None

    def pause(self, paused: bool) -> None:
        """Pause the sync, the next one included, or let it go on."""
        if paused:
            self._going.clear()
        else:
            self._going.set()

    def _rate(self, done: int) -> float:
        then, before = self._began
        return (done - before) / max(time.monotonic() - then, 1e-3)
