"""A thread that picks up other processes' changes to the library."""

from __future__ import annotations

import logging
import threading

from assistant.store.live import LiveEngine
from assistant.store.process_lock import Writer
from assistant.support.errors import AssistantError, LibraryBusyError

logger = logging.getLogger(__name__)

_EVERY_S = 1.0


def follow(
    live: LiveEngine, writer: Writer, syncing: threading.Lock, stopped: threading.Event
) -> threading.Thread:
    """Start the thread; it ends when ``stopped`` is set, and pauses while ``syncing`` is held.

    Other processes' changes reach the index within a second or two; a replaced library is released
    and removed.
    """

    def look() -> None:
        while not stopped.wait(_EVERY_S):
            if syncing.acquire(blocking=False):
                try:
                    _take_over(live, writer)
                finally:
                    syncing.release()

    thread = threading.Thread(target=look, name="follower", daemon=True)
    thread.start()
    return thread


def _take_over(live: LiveEngine, writer: Writer) -> None:
    try:
        live.follow()
        if live.has_others:
            with writer.held():
                live.tidy()
    except LibraryBusyError:
        pass  # another process is still writing; the next round will see the rest
    except AssistantError as error:
        logger.error("%s", error)
    except Exception:  # the thread's outermost handler: the next round may succeed
        logger.exception("Could not check the library for changes")
