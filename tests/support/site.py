"""A web site on this machine, whose pages a test can change, and which remembers what was asked."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Handler = Callable[[BaseHTTPRequestHandler], None]


@dataclass(frozen=True)
class Answer:
    """What the site answers: with an ``ETag`` among its headers, 304 to who has it already."""

    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=lambda: {"Content-Type": "text/html"})
    status: int = 200


@dataclass
class Site:
    """``pages`` by path; anything else is 404. ``asked`` are the paths and headers, in order."""

    address: str = ""
    pages: dict[str, Answer | Handler] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    stopped: threading.Event = field(default_factory=threading.Event)

    @property
    def paths(self) -> list[str]:
        return [path for path, _ in self.asked if path != "/robots.txt"]

    def url(self, path: str) -> str:
        return self.address + path

    def article(self, path: str, title: str, text: str, **headers: str) -> None:
        body = (
            f"<html><head><title>{title}</title></head><body><nav>Home | News</nav>"
            f"<article><h1>{title}</h1><p>{text}</p></article></body></html>"
        )
        self.pages[path] = Answer(body.encode(), {"Content-Type": "text/html", **headers})


@contextmanager
def served(tls: object = None) -> Iterator[Site]:
    site = Site()

    class Requests(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            site.asked.append((self.path, {k.lower(): v for k, v in self.headers.items()}))
            answer = site.pages.get(self.path, Answer(b"Nothing here.", status=404))
            try:
                if callable(answer):
                    answer(self)
                else:
                    self.give(answer)
            except (BrokenPipeError, ConnectionResetError):
                pass  # the client has had enough, as it may

        def give(self, answer: Answer) -> None:
            tag = answer.headers.get("ETag")
            fresh = tag is not None and self.headers["If-None-Match"] == tag
            self.send_response(304 if fresh else answer.status)
            body = b"" if fresh else answer.body
            for name, value in {**answer.headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Requests)
    server.daemon_threads = True
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    site.address = f"http{'s' if tls else ''}://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield site
    site.stopped.set()
    server.shutdown()
    thread.join()
    server.server_close()


def redirect(to: str, status: int = 302) -> Answer:
    return Answer(headers={"Location": to}, status=status)
