"""Connections to guarded addresses, each with a deadline."""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterable
from typing import Any

from httpcore2 import (
    ConnectError,
    ConnectTimeout,
    NetworkBackend,
    NetworkStream,
    ReadTimeout,
    SyncBackend,
    WriteTimeout,
)

from assistant.ingest.web.addresses import AddressGuard


class GuardedBackend(NetworkBackend):
    """Connects to the addresses that ``guard`` checked for a host, never to its name.

    TLS and the Host header still use the name. ``total`` seconds after its start, a connection no
    longer reads or writes: otherwise a server could send a byte now and then forever, within the
    time limit of each read.
    """

    def __init__(self, guard: AddressGuard, total: float) -> None:
        self._guard = guard
        self._total = total
        self._network = SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> NetworkStream:
        """Connect to the first address that accepts, ``timeout`` seconds for each."""
        deadline = time.monotonic() + self._total
        failed: Exception | None = None
        for address in self._guard.addresses(host, port):
            try:
                patience = _left(timeout, deadline, ConnectTimeout)
                stream = self._network.connect_tcp(
                    address, port, patience, local_address, socket_options
                )
                return _TimedStream(stream, deadline)
            except (ConnectError, ConnectTimeout) as error:
                failed = error
        raise failed or ConnectError("no address")


class _TimedStream(NetworkStream):
    """``stream`` until ``deadline`` on the monotonic clock."""

    def __init__(self, stream: NetworkStream, deadline: float) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _left(timeout, self._deadline, ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, _left(timeout, self._deadline, WriteTimeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> NetworkStream:
        left = _left(timeout, self._deadline, ConnectTimeout)
        stream = self._stream.start_tls(ssl_context, server_hostname, left)
        return _TimedStream(stream, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def _left(timeout: float | None, deadline: float, late: type[Exception]) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise late("it took too long in all")
    return left if timeout is None else min(timeout, left)
