"""HTTP byte by byte, for requests that no client library would send."""

from __future__ import annotations

import socket
from urllib.parse import urlsplit

PATIENCE_S = 20


def connect(address: str) -> socket.socket:
    """A connection to the server at ``address``."""
    parts = urlsplit(address)
    return socket.create_connection((parts.hostname, parts.port), timeout=PATIENCE_S)


def request(
    address: str, line: str, *headers: str, body: bytes = b""
) -> tuple[int, dict[str, str], str]:
    """Status, headers (lower case) and body that one request with this first line gets."""
    given = {header.partition(":")[0].lower() for header in headers}
    usual = () if "host" in given else (f"Host: {urlsplit(address).netloc}",)
    head = "\r\n".join((f"{line} HTTP/1.1", *usual, *headers, "Connection: close", "", ""))
    with connect(address) as connection:
        connection.sendall(head.encode("latin-1") + body)
        return answer(connection)


def answer(connection: socket.socket) -> tuple[int, dict[str, str], str]:
    """What comes until the server closes the connection."""
    received = b""
    while part := connection.recv(65_536):
        received += part
    head, _, content = received.decode("utf-8", "replace").partition("\r\n\r\n")
    first, *lines = head.split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    return int(first.split()[1]), headers, content
