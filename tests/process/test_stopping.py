"""A real process that is told to stop while it answers."""

import logging
import signal
import threading
from concurrent.futures import ThreadPoolExecutor

import httpx
import uvicorn

from assistant.web.server import run as server
from assistant.web.server.run import Server
from assistant.web.turns.outcomes import Way
from assistant.web.turns.questions import Questions
from tests.support.chat_server import chat_server
from tests.support.process import PATIENCE_S, QUESTION, served, until, writes_with, written


def ask_as_events(url):
    events = {"Accept": "text/event-stream"}
    return httpx.post(
        f"{url}/api/ask", json={"question": QUESTION}, headers=events, timeout=PATIENCE_S
    ).text


def ask_in_the_chat(url):
    data = {"data": [QUESTION, [], "", "", "", ""]}
    begun = httpx.post(f"{url}/gradio_api/call/ask", json=data, timeout=PATIENCE_S).json()
    return httpx.get(f"{url}/gradio_api/call/ask/{begun['event_id']}", timeout=PATIENCE_S).text


def test_answers_under_way_are_finished_and_further_questions_turned_away(corpus, tmp_path):
    gate = threading.Event()
    with (
        chat_server(answer=written, gate=gate) as model,
        served(corpus, tmp_path / "data", **writes_with(model)) as app,
        ThreadPoolExecutor() as pool,
    ):
        app.ready()
        running = [
            pool.submit(app.ask, QUESTION),
            pool.submit(ask_as_events, app.url),
            pool.submit(ask_in_the_chat, app.url),
        ]
        until(lambda: len(model.requests) == 3)
        app.process.send_signal(signal.SIGTERM)
        until(lambda: app.get("/readyz").status_code == 503)
        assert app.get("/readyz").text == "stopping"
        refused = app.ask("And when did its keepers leave?")
        assert refused.status_code == 503
        assert refused.headers["retry-after"]
        assert app.get("/healthz").status_code == 200
        gate.set()
        whole, events, chat = (answer.result() for answer in running)
        status = app.process.wait(PATIENCE_S)
    assert [s["text"] for s in whole.json()["sentences"]][-1].startswith("Its keepers left")
    assert "event: answer" in events
    assert "Its keepers left" in events
    assert "event: complete" in chat
    assert "Its keepers left" in chat
    assert status == 128 + signal.SIGTERM
    assert "finishing 3 answers" in app.log
    assert "Traceback" not in app.log


def test_a_second_signal_ends_it_at_once(corpus, tmp_path):
    gate = threading.Event()
    with (
        chat_server(answer=written, gate=gate) as model,
        served(corpus, tmp_path / "data", **writes_with(model)) as app,
        ThreadPoolExecutor() as pool,
    ):
        app.ready()
        running = pool.submit(app.ask, QUESTION)
        until(lambda: len(model.requests) == 1)
        app.process.send_signal(signal.SIGTERM)
        until(lambda: app.get("/readyz").status_code == 503)
        app.process.send_signal(signal.SIGTERM)
        assert app.process.wait(PATIENCE_S) == -signal.SIGTERM
        assert isinstance(running.exception(), httpx.TransportError)
        gate.set()


def test_a_sync_under_way_stops_after_its_batch_and_goes_on_at_the_next_start(corpus, tmp_path):
    for n in range(400):
        (corpus / f"{n}.txt").write_text(f"Station {n}\nStation {n} was built in {1500 + n}.")
    with served(corpus, tmp_path / "data", jobs="1") as app:
        until(lambda: app.get("/api/status").json()["articles"] > 0)
        app.process.send_signal(signal.SIGTERM)
        assert app.process.wait(PATIENCE_S) == 128 + signal.SIGTERM
    assert "Traceback" not in app.log
    assert "INFO The sync was stopped." in app.log
    with served(corpus, tmp_path / "data") as app:
        assert app.get("/readyz").status_code in (200, 503)
        until(lambda: app.get("/api/status").json()["articles"] == 403)


def test_an_answer_that_takes_too_long_is_cut_off(monkeypatch, caplog):
    caplog.set_level(logging.INFO)
    questions, stopped = Questions(), []
    stopping = Server(uvicorn.Config(None), lambda: stopped.append(True))
    running = questions.begin(Way.API, "Why?", (answer for answer in ()))
    monkeypatch.setattr(server, "STOP_S", 1000)
    assert not stopping._is_finished(questions)
    assert not stopping._is_finished(questions)
    stopping._deadline = 0
    assert stopping._is_finished(questions)
    assert stopped == [True]
    assert "Cancelled 1 answers" in caplog.text
    running.close()


def test_nobody_who_asks_nothing_keeps_it_from_stopping():
    stopping = Server(uvicorn.Config(None))
    assert stopping._is_finished(Questions())
