"""uvicorn's HTTP protocol with time limits for slow and silent connections."""

from __future__ import annotations

import asyncio
from functools import cache

from uvicorn.protocols.http.h11_impl import H11Protocol

HEADERS_S = 15.0
"""Seconds from a connection's start, or its last response, to the next complete request."""

LARGEST_HEADERS = 32_768
"""Largest request head, in bytes."""

MOST_CONNECTIONS = 2_000


@cache
def most_connections() -> int:
    """Concurrent connections: half of the process's limit of open files, at most
    ``MOST_CONNECTIONS``.
    """
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return MOST_CONNECTIONS
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return MOST_CONNECTIONS if files < 0 else min(MOST_CONNECTIONS, files // 2)


class PatientProtocol(H11Protocol):  # type: ignore[misc]
    """Closes idle and slow connections.

    uvicorn itself waits for the end of the headers as long as a byte comes now and then, and limits
    their size only with h11.
    """

    headers_s = HEADERS_S
    _waiting: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:
        """Start the timeout, unless there are too many connections."""
        super().connection_made(transport)
        if len(self.connections) > most_connections():
            transport.abort()
        else:
            self._wait()

    def data_received(self, data: bytes) -> None:
        """Process data; a complete request ends the timeout."""
        super().data_received(data)
        if self._is_answering:
            self._stop_waiting()

    def on_response_complete(self) -> None:
        """Restart the timeout for the next request."""
        super().on_response_complete()
        if not (self._is_answering or self.transport.is_closing()):
            self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Cancel the timeout."""
        self._stop_waiting()
        super().connection_lost(exc)

    @property
    def _is_answering(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _wait(self) -> None:
        self._stop_waiting()
        self._waiting = self.loop.call_later(self.headers_s, self.transport.close)

    def _stop_waiting(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None
