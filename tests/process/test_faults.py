"""What docs/deploy.md says of faults, tried on a real process."""

import os
import random
import shutil
import signal
import threading

import httpx
import pytest

from assistant.assistant import Assistant
from assistant.support.settings import Settings
from tests.support.chat_server import Reply, chat_server
from tests.support.process import PATIENCE_S, QUESTION, served, until, writes_with, written
from tests.support.tiny import TinyEmbedder, write_article


def quoted(answer):
    return [citation["quote"] for citation in answer.json()["citations"]]


def articles(app):
    return app.get("/api/status").json()["articles"]


def test_killed_while_it_answers_it_answers_at_once_after_a_restart(corpus, tmp_path):
    gate = threading.Event()
    data = tmp_path / "data"
    with (
        chat_server(answer=written, gate=gate) as model,
        served(corpus, data, **writes_with(model)) as app,
    ):
        app.ready()
        events = {"Accept": "text/event-stream"}
        asked = {"question": QUESTION}
        with httpx.stream(
            "POST", f"{app.url}/api/ask", json=asked, headers=events, timeout=PATIENCE_S
        ) as answer:
            until(lambda: len(model.requests) == 1)
            os.kill(app.process.pid, signal.SIGKILL)
            with pytest.raises(httpx.TransportError):
                answer.read()
        gate.set()
    with served(corpus, data) as app:
        app.ready()
        assert any("1611" in quote for quote in quoted(app.ask(QUESTION)))
        # What was said before comes from the browser, so a conversation goes on.
        history = [{"role": "user", "content": QUESTION}, {"role": "assistant", "content": "1611."}]
        follow_up = {"question": "When did its last keepers leave?", "history": history}
        answer = httpx.post(f"{app.url}/api/ask", json=follow_up, timeout=PATIENCE_S)
        assert any("2012" in quote for quote in quoted(answer))


def test_on_a_full_disk_it_goes_on_answering_and_catches_up_when_there_is_room(corpus, tmp_path):
    data = tmp_path / "data"
    with served(corpus, data) as app:
        app.ready()
    used = max(path.stat().st_size for path in data.rglob("*") if path.is_file())
    draw = random.Random(1)
    for n in range(6):
        write_article(corpus, f"{n}.md", draw)
    # No file may grow beyond what there is: in blocks of 512 bytes.
    full = ("sh", "-c", f'ulimit -f {used // 512 + 100}; exec "$@"', "sh")
    with served(corpus, data, *full) as app:
        app.ready()
        until(lambda: app.get("/api/status").json()["error"])
        assert quoted(app.ask(QUESTION))
        assert app.get("/readyz").status_code == 200
    with served(corpus, data) as app:
        until(lambda: articles(app) == 9)
        assert quoted(app.ask(QUESTION))


def test_it_starts_and_answers_while_its_folder_is_away_and_reads_it_when_it_is_back(
    corpus, tmp_path
):
    data, away = tmp_path / "data", tmp_path / "away"
    with served(corpus, data) as app:
        app.ready()
    corpus.rename(away)
    with served(corpus, data) as app:
        app.ready()
        assert quoted(app.ask(QUESTION))
        (away / "mill.txt").write_text("The windmill of Kinderdijk was finished in 1740.")
        away.rename(corpus)
        until(lambda: articles(app) == 4)
        shutil.rmtree(corpus)  # and it may go again, while it runs
        until(lambda: "is missing" in app.log)
        assert articles(app) == 4
        assert quoted(app.ask(QUESTION))


@pytest.mark.parametrize(
    "reply",
    [
        Reply(hang=True),
        Reply(["It was "], hang=True),
        Reply(["It was "], drip=0.02),
        Reply(["It was "], drip=0.002),
    ],
    ids=["sends its headers", "begins to write", "never ends", "repeats itself"],
)
def test_a_chat_model_that_hangs_is_given_up_and_quotes_answer(corpus, tmp_path, reply):
    with chat_server(reply) as model:
        settings = Settings(
            corpus=corpus, data=tmp_path / "data", llm="m", llm_base_url=model.url,
            llm_timeout=0.3, llm_first_timeout=0.3, strictness=0,
        )  # fmt: skip
        made = Assistant(settings, TinyEmbedder())
        made.sync()
        answer = made.ask(QUESTION)
        made.close()
        assert model.dropped.wait(PATIENCE_S), "its connection was kept"
    assert answer.citations
    assert answer.trouble is not None
    assert answer.notice
