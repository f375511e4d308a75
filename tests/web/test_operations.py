"""Health, figures and log of the served app, through real HTTP."""

import logging
from contextlib import suppress
from dataclasses import replace

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from starlette.testclient import TestClient

from assistant.assistant import Assistant
from assistant.support.logs import JsonLines
from assistant.support.settings import Settings
from assistant.web.app import create_app
from assistant.web.server.health import readiness
from assistant.web.server.request_log import Requests
from tests.support.chat_server import Reply, chat_server
from tests.support.fakes import FakeAssistant
from tests.support.tiny import TinyEmbedder
from tests.support.web import NOWHERE, serving

HERE = "http://127.0.0.1"
OWNER = ("127.0.0.1", 50_000)
"""Whom requests come from: someone on this machine."""
QUESTION = "When was the lighthouse of Cordouan finished?"
SECRET = "xylophonic"  # a word that is in no article and no code


@pytest.fixture
def followed(corpus, tmp_path):
    """An assistant over the small corpus that has synced as a server does."""
    made = Assistant(Settings(corpus=corpus, data=tmp_path / "data"), TinyEmbedder())
    made.start_sync()
    made._worker._background.join()
    yield made
    made.close()


def client(assistant, **settings):
    """Whoever runs the assistant, or anyone with ``public=True``."""
    app = create_app(assistant, Settings(data=NOWHERE, **settings))
    return TestClient(app, base_url=HERE, client=OWNER)


def figures(web):
    """The value of each sample by its name and labels."""
    told = web.get("/metrics")
    assert told.status_code == 200
    assert told.headers["content-type"].startswith("text/plain")
    return {
        (sample.name, *sorted(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(told.text)
        for sample in family.samples
    }


def counted(told, way, outcome):
    return told["assistant_questions_total", *sorted((way, outcome))]


def test_health_is_one_word_for_everybody():
    web = client(FakeAssistant(), public=True)
    assert web.get("/healthz").text == "ok"
    assert web.head("/healthz").status_code == 200
    assert web.get("/readyz").text == "ready"


@pytest.mark.parametrize(
    ("state", "word"),
    [
        ({"ready": False, "articles": 0, "syncing": True}, "reading"),
        ({"ready": False, "articles": 0, "error": "The folder is gone."}, "empty"),
        ({"ready": False, "articles": 0}, "starting"),
        ({"ready": False}, "starting"),
        ({"syncing": True, "rebuilding": True}, "ready"),
    ],
)
def test_readiness_says_why_not_in_a_word(state, word):
    fake = FakeAssistant()
    fake.state = replace(fake.state, **state)
    assert readiness(fake) == word
    answer = client(fake, public=True).get("/readyz")
    assert answer.text == word
    assert answer.status_code == (200 if word == "ready" else 503)
    assert ("retry-after" in answer.headers) == (word != "ready")


def test_an_empty_corpus_that_was_read_is_ready_and_a_damaged_library_is_not(tmp_path):
    (tmp_path / "corpus").mkdir()
    settings = Settings(corpus=tmp_path / "corpus", data=tmp_path / "data")
    empty = Assistant(settings, TinyEmbedder())
    empty.sync()
    assert readiness(empty) == "ready"
    empty.close()
    (tmp_path / "data" / "library.sqlite3").write_bytes(b"no library" * 999)
    broken = Assistant(settings, TinyEmbedder())
    assert readiness(broken) == "broken"
    broken.close()


def test_a_service_that_stops_is_not_ready():
    app = create_app(FakeAssistant(), Settings())
    app.state.questions.stop()
    answer = TestClient(app, base_url=HERE, client=OWNER).get("/readyz")
    assert (answer.status_code, answer.text) == (503, "stopping")


@pytest.mark.parametrize("path", ["/metrics", "/docs"])
def test_whether_a_page_is_there_can_be_asked_without_reading_it(path):
    answer = client(FakeAssistant()).head(path)
    assert (answer.status_code, answer.content) == (200, b"")


def test_figures_are_for_administrators():
    assert client(FakeAssistant(), public=True).get("/metrics").status_code == 403


def test_questions_are_counted_by_way_and_outcome_and_timed_by_stage(followed):
    web = client(followed)
    before = figures(web)
    assert counted(before, "api", "answered") == 0
    assert web.post("/api/ask", json={"question": QUESTION}).status_code == 200
    assert web.post("/api/ask", json={"question": " "}).status_code == 422
    chat = {"model": "x", "messages": [{"role": "user", "content": QUESTION}]}
    assert web.post("/v1/chat/completions", json=chat).status_code == 200
    after = figures(web)
    done = {
        way: counted(after, way, "answered") + counted(after, way, "refused")
        for way in ("api", "openai", "mcp", "chat")
    }
    assert done == {"api": 1, "openai": 1, "mcp": 0, "chat": 0}
    assert (counted(after, "api", "invalid"), counted(after, "api", "failed")) == (1, 0)
    for stage in ("wait", "understand", "retrieve", "answer", "total"):
        assert after["assistant_stage_seconds_count", stage] == 2
    assert after["assistant_http_responses_total", "422"] == 1
    assert after["assistant_questions_running",] == 0
    assert after["assistant_questions_waiting", "chat"] == 0


def test_agents_and_the_chat_are_counted_too(followed):
    app = create_app(followed, Settings())
    with TestClient(app, base_url=HERE, client=OWNER) as web:
        call = {"name": "ask", "arguments": {"question": QUESTION}}
        message = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": call}
        headers = {"Accept": "application/json, text/event-stream"}
        assert web.post("/mcp", json=message, headers=headers).status_code == 200
        data = {"data": [QUESTION, [], "", "", "", ""]}
        event = web.post("/gradio_api/call/ask", json=data).json()["event_id"]
        assert "event: complete" in web.get(f"/gradio_api/call/ask/{event}").text
        after = figures(web)
    for way in ("mcp", "chat"):
        assert counted(after, way, "answered") + counted(after, way, "refused") == 1, way


def test_library_and_sync_are_told(followed, corpus):
    web = client(followed)
    told = figures(web)
    assert told["assistant_library_articles", "fr"] == 1
    assert sum(v for (name, *_), v in told.items() if name == "assistant_library_articles") == 3
    assert told["assistant_library_passages",] == 3
    assert told["assistant_library_failures",] == 0
    assert told["assistant_library_bytes",] > 10_000
    assert told["assistant_sync_running",] == 0
    assert told["assistant_sync_last_ok",] == 1
    assert told["assistant_sync_last_duration_seconds",] > 0
    synced = followed.status().synced.timestamp()
    assert told["assistant_sync_last_success_timestamp_seconds",] == synced
    assert told["process_resident_memory_bytes",] > 10_000_000


def test_a_sync_that_failed_is_told_and_the_last_good_one_stays(followed, corpus):
    web = client(followed)
    good = figures(web)["assistant_sync_last_success_timestamp_seconds",]
    corpus.rename(corpus.with_name("away"))
    followed.start_sync()
    followed._worker._background.join()
    told = figures(web)
    assert told["assistant_sync_last_ok",] == 0
    assert told["assistant_sync_last_success_timestamp_seconds",] == good


def test_a_library_that_cannot_be_read_is_told_as_such(tmp_path):
    data = tmp_path / "data"
    data.mkdir()
    (data / "library.sqlite3").write_bytes(b"no library" * 999)
    broken = Assistant(Settings(corpus=tmp_path, data=data), TinyEmbedder())
    assert figures(client(broken))["assistant_library_readable",] == 0
    broken.close()


def test_the_chat_model_is_counted_with_its_failures_and_fallbacks(corpus, tmp_path):
    with chat_server(Reply(status=401)) as model:
        settings = Settings(
            corpus=corpus, data=tmp_path / "data", llm="m", llm_base_url=model.url, strictness=0
        )
        made = Assistant(settings, TinyEmbedder())
        made.sync()
        web = client(made)
        assert web.post("/api/ask", json={"question": QUESTION}).json()["notice"]
        told = figures(web)
        made.close()
    assert told["assistant_chat_model_calls_total",] == 1
    assert told["assistant_chat_model_failures_total", "unauthorised"] == 1
    assert told["assistant_chat_model_failures_total", "timeout"] == 0
    assert told["assistant_chat_model_fallbacks_total", "unauthorised"] == 1


def test_several_apps_in_a_process_count_for_themselves(followed):
    one, other = client(followed), client(followed)
    one.post("/api/ask", json={"question": QUESTION})
    assert figures(one)["assistant_http_responses_total", "200"] >= 1
    assert ("assistant_http_responses_total", "200") not in figures(other)


def answered(text):
    async def app(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": text})
        await send({"type": "http.response.body", "body": b"12345"})

    return app


@pytest.mark.parametrize("given", ["abc-1.2_3", "A" * 64])
def test_a_sane_request_id_is_kept_and_sent_back(given):
    web = TestClient(Requests(answered([]), lambda status: None))
    assert web.get("/", headers={"X-Request-ID": given}).headers["x-request-id"] == given


@pytest.mark.parametrize("given", ["", "A" * 65, "a b", "a;b", "<script>", "%0d%0aX: y"])
def test_another_one_is_replaced(given):
    web = TestClient(Requests(answered([]), lambda status: None))
    made = web.get("/", headers={"X-Request-ID": given}).headers["x-request-id"]
    assert made != given
    assert len(made) == 16


def test_an_unforeseen_error_is_found_by_its_id_in_the_log(caplog):
    class Defective(FakeAssistant):
        def articles(self):
            raise RuntimeError("a defect")

    app = create_app(Defective(), Settings(data=NOWHERE))
    web = TestClient(app, base_url=HERE, client=OWNER, raise_server_exceptions=False)
    for path in ("/articles", "/api/articles"):
        failed = web.get(path, headers={"X-Request-ID": "find-me"})
        assert failed.status_code == 500
        assert failed.headers["x-request-id"] == "find-me"
        assert "find-me" in failed.text


def test_each_request_has_one_line_without_its_query_and_health_is_quiet(caplog):
    caplog.set_level(logging.INFO, "assistant.web.server.request_log")
    web = client(FakeAssistant())
    web.get("/api/articles", params={"limit": 1, "secret": SECRET})
    web.get("/healthz")
    web.get("/readyz")
    web.get("/a%0AERROR%20forged")
    first, second = [record for record in caplog.records if record.name.endswith("request_log")]
    assert first.fields["path"] == "/api/articles"
    assert (first.fields["method"], first.fields["status"]) == ("GET", 200)
    assert first.fields["bytes"] > 100
    assert SECRET not in caplog.text
    assert second.fields["path"] == "/a%0AERROR%20forged"
    assert "\n" not in second.getMessage()


def test_what_is_asked_is_in_no_log_whichever_way_it_comes(followed, caplog, capfd):
    caplog.set_level(logging.INFO)
    logging.getLogger("assistant").setLevel(logging.DEBUG)
    try:
        with serving(followed) as address, httpx.Client(base_url=address) as web:
            ask_in_every_way(web)
    finally:
        logging.getLogger("assistant").setLevel(logging.NOTSET)
    written = "\n".join(map(JsonLines().format, caplog.records))
    assert '"way": "chat"' in written
    assert '"way": "api"' in written
    assert '"way": "mcp"' in written
    assert SECRET not in written
    assert SECRET not in "".join(capfd.readouterr())


def ask_in_every_way(web):
    """Well-formed and malformed."""
    asked = f"{SECRET} tensions"
    agent = {"Accept": "application/json, text/event-stream"}
    for body in ({"question": asked}, {"question": [asked]}, {asked: 1}, {"question": asked * 999}):
        web.post("api/ask", json=body)
        web.post("api/ask", json=body, headers={"Accept": "text/event-stream"})
        web.post("api/search", json=body)
        call = {"name": "ask", "arguments": body}
        message = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": call}
        web.post("mcp", json=message, headers=agent)
        web.post("mcp", json={"jsonrpc": asked}, headers=agent)
    for content in (f'{{"question": "{asked}"', f'"{asked}"'):
        for path in ("api/ask", "v1/chat/completions", "mcp", "gradio_api/queue/join", "feedback"):
            web.post(path, content=content, headers={"Content-Type": "application/json", **agent})
    for data in ([asked, [], "", "", "", ""], [asked], [asked, asked, asked, 1, 2, 3]):
        began = web.post("gradio_api/call/ask", json={"data": data})
        web.get(f"gradio_api/call/ask/{began.json().get('event_id')}")
    for number in range(12):
        join = {"data": [asked], "fn_index": number, "session_hash": f"s{number}"}
        web.post("gradio_api/run/predict", json=join)
        if web.post("gradio_api/queue/join", json=join).status_code == 200:
            until_completed(web, f"s{number}")
    web.get("articles/none")


def until_completed(web, session):
    address = "gradio_api/queue/data"
    with (
        suppress(httpx.ReadTimeout),
        web.stream("GET", address, params={"session_hash": session}, timeout=20) as events,
    ):
        for line in events.iter_lines():
            if "process_completed" in line:
                break
