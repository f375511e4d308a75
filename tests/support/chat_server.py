"""A small chat server on 127.0.0.1 that says what a test wrote, or fails as it says.

It speaks OpenAI's protocol over the wire, streamed, so that the provider's own client is tested
too; at Anthropic's address, theirs, as far as to say its pieces.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

PATIENCE_S = 20

ANTHROPIC = "/v1/messages"
"""The path of Anthropic's protocol."""


@dataclass
class Reply:
    """What one request gets.

    The server sends ``pieces``, one event each, then why it ends. After them it can instead ``cut``
    the connection, ``hang`` until it is closed, send a line that is ``malformed``, or end without a
    word (``silent_end``), or send one more piece every ``drip`` seconds and never end. ``echo``
    puts the request's key into the body of an error, ``says`` is its text. ``whole`` sends the text
    as one JSON object, as a server does that cannot stream; ``deltas`` are sent before the pieces,
    each after ``slow`` seconds, as the first piece is.
    """

    pieces: Sequence[str] = ()
    status: int = 200
    cut: bool = False
    hang: bool = False
    malformed: bool = False
    silent_end: bool = False
    reason: str = "stop"
    echo: bool = False
    drip: float = 0.0
    says: str = "No."
    whole: bool = False
    deltas: Sequence[dict[str, str]] = ()
    slow: float = 0.0
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class ChatServer:
    """The replies still to be given, the last one again and again, and the requests so far.

    Where ``answer`` is given, it says what each request gets instead. Where ``gate`` is, each reply
    waits for it before its last piece.
    """

    replies: list[Reply]
    answer: Callable[[dict[str, Any]], str | Reply] | None = None
    url: str = ""
    pages: Mapping[str, Any] = field(default_factory=dict)  # JSON by path, to GET and POST
    gate: threading.Event | None = None
    requests: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str | None] = field(default_factory=list)
    reached: threading.Event = field(default_factory=threading.Event)  # a hanging reply hangs
    dropped: threading.Event = field(default_factory=threading.Event)  # its client went away

    def next_reply(self) -> Reply:
        if self.answer is not None:
            return _reply(self.answer(self.requests[-1]))
        return self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]

    @property
    def prompt(self) -> str:
        """The text of the last request's messages."""
        return "\n".join(message["content"] for message in self.requests[-1]["messages"])


@contextmanager
def chat_server(
    *replies: Reply | str,
    answer: Callable[[dict[str, Any]], str | Reply] | None = None,
    pages: Mapping[str, Any] | None = None,
    gate: threading.Event | None = None,
):
    """A running server that gives ``replies`` in turn; a text is sent word by word.

    ``answer`` makes the text of each reply from the request instead. See ``ChatServer.gate``.
    """
    server = ChatServer([_reply(one) for one in replies], answer, gate=gate, pages=pages or {})
    http = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"chat": server}))
    http.daemon_threads = True
    server.url = f"http://127.0.0.1:{http.server_port}/v1"
    thread = threading.Thread(target=http.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        http.shutdown()
        http.server_close()


def _reply(one: Reply | str) -> Reply:
    return one if isinstance(one, Reply) else Reply([f"{word} " for word in one.split(" ")])


def _completion(text: str, reason: str) -> dict[str, Any]:
    message = {"role": "assistant", "content": text}
    return {
        "id": "1", "object": "chat.completion", "created": 1, "model": "m",
        "choices": [{"index": 0, "message": message, "finish_reason": reason}],
    }  # fmt: skip


def _anthropic_events(reply: Reply) -> Iterator[dict[str, Any]]:
    used = {"input_tokens": 1, "output_tokens": 1}
    message = {
        "id": "1", "type": "message", "role": "assistant", "model": "m", "content": [],
        "stop_reason": None, "stop_sequence": None, "usage": used,
    }  # fmt: skip
    yield {"type": "message_start", "message": message}
    block = {"type": "text", "text": ""}
    yield {"type": "content_block_start", "index": 0, "content_block": block}
    for piece in reply.pieces:
        delta = {"type": "text_delta", "text": piece}
        yield {"type": "content_block_delta", "index": 0, "delta": delta}
    yield {"type": "content_block_stop", "index": 0}
    ended = {"stop_reason": "end_turn", "stop_sequence": None}
    yield {"type": "message_delta", "delta": ended, "usage": used}
    yield {"type": "message_stop"}


class _Handler(BaseHTTPRequestHandler):
    chat: ChatServer
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        """Nothing: the tests' output stays clean."""

    def do_GET(self) -> None:
        page = self.chat.pages.get(self.path)
        self._json(404 if page is None else 200, page)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if not self.path.endswith(("/chat/completions", ANTHROPIC)):
            self.do_GET()
            return
        self.chat.requests.append(json.loads(body) | {"path": self.path})
        self.chat.keys.append(self.headers["Authorization"] or self.headers["x-api-key"])
        reply = self.chat.next_reply()
        if reply.status != 200:
            self._fail(reply)
        elif self.path == ANTHROPIC:
            self._stream_as_anthropic(reply)
        elif reply.whole:
            self._json(200, _completion("".join(reply.pieces), reply.reason))
        else:
            self._stream(reply)

    def _fail(self, reply: Reply) -> None:
        said = f"Wrong key {self.headers['Authorization']}" if reply.echo else reply.says
        error = {"message": said, "type": "x", "code": "x"}
        self._json(reply.status, {"error": error}, reply.headers)

    def _json(self, status: int, value: Any, headers: Mapping[str, str] | None = None) -> None:
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Connection", "close")
        self.send_header("Content-Length", str(len(body)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def _begin_stream(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()

    def _stream_as_anthropic(self, reply: Reply) -> None:
        self._begin_stream()
        for event in _anthropic_events(reply):
            self._send(f"event: {event['type']}\ndata: {json.dumps(event)}\n\n")
        self.wfile.write(b"0\r\n\r\n")

    def _stream(self, reply: Reply) -> None:
        self._begin_stream()
        for delta in reply.deltas:
            time.sleep(reply.slow)
            self._event(delta, None)
        time.sleep(reply.slow)
        for number, piece in enumerate(reply.pieces, 1):
            if self.chat.gate is not None and number == len(reply.pieces):
                self.chat.reached.set()
                self.chat.gate.wait(6 * PATIENCE_S)
            self._event({"content": piece}, None)
        while reply.drip and not self.chat.dropped.wait(reply.drip):
            try:
                self._event({"content": "word "}, None)
            except OSError:
                self.chat.dropped.set()
                return
        if reply.hang:
            self._wait_for_the_client()
        elif reply.malformed:
            self._send("data: {this is not JSON\n\n")
        elif not reply.cut:
            if not reply.silent_end:
                self._event({}, reply.reason)
                self._send("data: [DONE]\n\n")
            self.wfile.write(b"0\r\n\r\n")

    def _event(self, delta: dict[str, str], reason: str | None) -> None:
        choice = {"index": 0, "delta": {"role": "assistant", **delta}, "finish_reason": reason}
        event = {
            "id": "1", "object": "chat.completion.chunk", "created": 1, "model": "m",
            "choices": [choice],
        }  # fmt: skip
        self._send(f"data: {json.dumps(event)}\n\n")

    def _send(self, text: str) -> None:
        data = text.encode()
        self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
        self.wfile.flush()

    def _wait_for_the_client(self) -> None:
        self.chat.reached.set()
        self.connection.settimeout(PATIENCE_S)
        if self.connection.recv(1) == b"":
            self.chat.dropped.set()
