"""Pauses a sync between its batches, and measures how fast it goes."""

from __future__ import annotations

import threading
import time

from assistant.models.status import Progress, Stage


class Meter:
    """The progress of one sync at a time. Thread-safe."""

    def __init__(self) -> None:
        self._going = threading.Event()
        self._going.set()
        self._began = (time.monotonic(), 0)
        self._last = Progress(Stage.READING, 0, 0)

    @property
    def progress(self) -> Progress:
        """As last noted."""
        return self._last

    def note(self, stage: Stage, done: int, total: int) -> None:
        """Note how far a sync is; returns when it is not, or no longer, paused."""
        if stage is not self._last.stage or done < self._last.done:
            self._began = time.monotonic(), done
        self._last = Progress(stage, done, total, self._rate(done), not self._going.is_set())
        if not self._going.is_set():
            self._going.wait()
            self._began = time.monotonic(), done

    def pause(self, paused: bool) -> None:
        """Pause the sync, the next one included, or let it go on."""
        if paused:
            self._going.clear()
        else:
            self._going.set()

    def _rate(self, done: int) -> float:
        then, before = self._began
        return (done - before) / max(time.monotonic() - then, 1e-3)
