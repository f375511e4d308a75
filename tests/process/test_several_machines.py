"""Several processes over PostgreSQL and a Chroma server, behind nginx: each part may fail."""

from __future__ import annotations

import random
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import httpx
import pytest

from assistant.store.feedback import FILE, FeedbackLog
from assistant.store.storage import generations_of, log_of
from assistant.support.settings import Settings
from tests.support import chroma, postgres
from tests.support.process import PATIENCE_S, Served, served, until
from tests.support.repository import program
from tests.support.tiny import write_article

ASKERS = 100
ANSWERING = 3
TAKEN_OVER_S = 30

NGINX = """
daemon off; master_process off; pid {folder}/pid; error_log {folder}/error.log;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/a; proxy_temp_path {folder}/b; fastcgi_temp_path {folder}/c;
    uwsgi_temp_path {folder}/d; scgi_temp_path {folder}/e;
    upstream assistant {{ {servers} }}
    server {{
        listen 127.0.0.1:{port};
        location / {{
            proxy_pass http://assistant;
            proxy_http_version 1.1;
            proxy_set_header Host $http_host;
            proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
            proxy_read_timeout 300s;
            proxy_next_upstream error timeout http_502 http_503 non_idempotent;
        }}
    }}
}}
"""
"""As in docs/deploy.md: no visitor belongs to a process, and what one drops another takes up."""

QUESTIONS = (
    "When was the lighthouse of Cordouan finished?",
    "When did its last keepers leave the lighthouse of Cordouan?",
    "Where does the lighthouse of Cordouan stand?",
)


@dataclass
class Askers:
    """People who ask without pause, and one who says what they think of the answers."""

    url: str
    statuses: Counter[str] = field(default_factory=Counter)
    opinions: list[str] = field(default_factory=list)
    stopped: threading.Event = field(default_factory=threading.Event)

    def ask(self, number: int) -> None:
        draw = random.Random(number)
        with httpx.Client(base_url=self.url, timeout=PATIENCE_S) as web:
            while not self.stopped.is_set():
                body = {"question": draw.choice(QUESTIONS)}
                self.count(partial(web.post, "/api/ask", json=body))

    def rate(self) -> None:
        opinion = {"question": "Why?", "answer": "So.", "citations": [], "thumb": "up"}
        with httpx.Client(base_url=self.url, timeout=PATIENCE_S) as web:
            while not self.stopped.wait(0.3):
                kept = self.count(partial(web.post, "/feedback", json=opinion))
                if kept is not None:
                    self.opinions.append(kept.json()["id"])

    def count(self, send) -> httpx.Response | None:
        try:
            response = send()
        except httpx.HTTPError as error:
            self.statuses[repr(error)] += 1
            return None
        told = "" if response.is_success else f" {response.text[:200]}"
        self.statuses[f"{response.status_code}{told}"] += 1
        return response if response.is_success else None

    @contextmanager
    def asking(self) -> Iterator[None]:
        threads = [threading.Thread(target=self.ask, args=(n,)) for n in range(ASKERS)]
        threads.append(threading.Thread(target=self.rate))
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self.stopped.set()
            for thread in threads:
                thread.join()

    def wait(self, answers: int) -> None:
        """Until so many more answers have come."""
        before = self.statuses.total()
        until(lambda: self.statuses.total() >= before + answers)


@dataclass
class Cluster:
    """What runs: ``syncing`` are two, of which one waits for the other's lock."""

    corpus: Path
    settings: Settings
    database: postgres.Server
    chroma: ExitStack
    syncing: list[Served]
    answering: list[Served]
    url: str


@pytest.fixture
def cluster(corpus: Path, tmp_path: Path) -> Iterator[Cluster]:
    with ExitStack() as opened:
        database = opened.enter_context(postgres.running())
        index = opened.enter_context(ExitStack())
        address = index.enter_context(chroma.running(tmp_path / "chroma"))
        url = database.new_database()
        shared = {"database_url": url, "chroma_url": address, "public": "true", "rate": "0"}

        def start(name: str, role: str) -> Served:
            running = served(corpus, tmp_path / name, role=role, **shared)
            return opened.enter_context(running)

        syncing = [start(f"sync{n}", "sync") for n in range(2)]
        until(lambda: syncing[0].ready() is not None)
        answering = [start(f"answer{n}", "answer").ready() for n in range(ANSWERING)]
        settings = Settings(data=tmp_path / "here", database_url=url)
        front = opened.enter_context(balanced(answering, tmp_path))
        yield Cluster(corpus, settings, database, index, syncing, answering, front)


@contextmanager
def balanced(answering: list[Served], folder: Path) -> Iterator[str]:
    """The address of an nginx in front of all that answer."""
    port, config = chroma.free_port(), folder / "nginx.conf"
    servers = " ".join(
        f"server {one.url.removeprefix('http://').replace('localhost', '127.0.0.1')} "
        "max_fails=1 fail_timeout=2s;"
        for one in answering
    )
    config.write_text(NGINX.format(folder=folder, port=port, servers=servers))
    command = [program("nginx", "/usr/sbin:/usr/bin"), "-c", str(config), "-e",
               str(folder / "error.log")]  # fmt: skip
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    try:
        until(lambda: httpx.get(f"{url}/healthz", timeout=PATIENCE_S).status_code == 200)
        yield url
    finally:
        process.terminate()
        process.wait()


def test_a_hundred_askers_see_no_error_whichever_part_fails(cluster: Cluster) -> None:
    askers = Askers(cluster.url)
    with askers.asking():
        askers.wait(50)

        cluster.answering[0].process.kill()  # one that answers
        askers.wait(50)

        draw = random.Random(1)
        for number in range(12):
            write_article(cluster.corpus, f"new{number}.md", draw)
        until(lambda: articles(cluster) > 3)
        cluster.syncing[0].process.kill()  # one that syncs, perhaps in the middle
        killed = time.monotonic()
        until(lambda: articles(cluster) == 15)
        write_article(cluster.corpus, "later.md", draw)
        until(lambda: articles(cluster) == 16)
        assert time.monotonic() - killed < TAKEN_OVER_S * 4  # and reads what was left

        cluster.database.stop()  # PostgreSQL
        time.sleep(2)
        cluster.database.start()
        askers.wait(50)

        cluster.chroma.close()  # the index
        askers.wait(50)

    assert set(askers.statuses) == {"200"}, askers.statuses
    kept = FeedbackLog(log_of(cluster.settings, FILE, "feedback")).entries()
    assert {one["id"] for one in kept} >= set(askers.opinions)
    assert len(askers.opinions) > 3


def articles(cluster: Cluster) -> int:
    _, library = generations_of(cluster.settings).open()
    try:
        return library.counts()["articles"]
    finally:
        library.close()
