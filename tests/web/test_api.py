"""The interface for programs through real HTTP: questions, articles, errors, limits."""

from __future__ import annotations

import threading
import time
from collections.abc import Generator, Iterator
from datetime import date
from typing import Any

import httpx
import pytest

from assistant.assistant import Assistant
from assistant.embedding import Embedder
from assistant.models.answer import Answer
from assistant.models.filters import Filters
from assistant.support.errors import LibraryError
from assistant.support.settings import Settings
from assistant.web.gate.headers import SECURITY
from tests.support.asking import EVENTS, QUESTION, events, untimed
from tests.support.fakes import ATTACK, DIVORCE, HOSTILE, LIGHTHOUSE, Failing, FakeAssistant
from tests.support.web import serving

PATIENCE_S = 20


@pytest.fixture
def web(served: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=served, timeout=PATIENCE_S) as client:
        yield client


@pytest.fixture(scope="module")
def fake() -> FakeAssistant:
    return FakeAssistant(library=(DIVORCE, LIGHTHOUSE, HOSTILE))


@pytest.fixture(scope="module")
def fake_web(fake: FakeAssistant) -> Iterator[httpx.Client]:
    with serving(fake) as address, httpx.Client(base_url=address, timeout=PATIENCE_S) as client:
        yield client


@pytest.mark.parametrize("question", [QUESTION, "What is the capital of Peru?"])
def test_an_answer_is_what_the_command_line_prints(
    web: httpx.Client, assistant: Assistant, question: str
) -> None:
    response = web.post("api/ask", json={"question": question})
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/json"
    assert untimed(response.json()) == untimed(assistant.ask(question).to_json())


def test_events_bring_sources_then_sentences_then_the_answer(web: httpx.Client) -> None:
    response = web.post("api/ask", json={"question": QUESTION}, headers=EVENTS)
    assert response.headers["content-type"].startswith("text/event-stream")
    read = events(response.text)
    assert read[0][0] == "sources"
    known: set[int] = set()
    sentences = []
    for name, data in read[:-1]:
        if name == "sources":
            known = {citation["number"] for citation in data["citations"]}
        else:
            assert name == "sentence"
            assert known >= set(data["citations"]) != set()
            assert data.pop("index") == len(sentences)
            sentences.append(data)
    name, answer = read[-1]
    assert name == "answer"
    assert sentences
    assert answer["sentences"] == sentences
    assert untimed(answer) == untimed(web.post("api/ask", json={"question": QUESTION}).json())


def test_events_of_a_refusal_bring_the_nearest_passages(web: httpx.Client) -> None:
    given = {"question": "What is the capital of Peru?"}
    (first, nearest), (second, answer) = events(
        web.post("api/ask", json=given, headers=EVENTS).text
    )
    assert (first, second) == ("sources", "answer")
    assert answer["refused"]
    assert nearest == {"citations": [], "nearest": answer["nearest"]}


def test_history_and_filters_reach_the_assistant(
    fake_web: httpx.Client, fake: FakeAssistant
) -> None:
    history = [{"role": "user", "content": "Who?"}, {"role": "assistant", "content": "They."}]
    filters = {"language": "fr", "after": "2024-01-01", "before": None, "source": ""}
    given = {"question": "Capital of Peru?", "history": history, "filters": filters}
    assert fake_web.post("api/ask", json=given).json()["refused"]
    question, turns = fake.asked[-1]
    assert question == "Capital of Peru?"
    assert [(turn.role, turn.content) for turn in turns] == [
        ("user", "Who?"),
        ("assistant", "They."),
    ]
    assert fake.narrowed[-1] == Filters("fr", after=date(2024, 1, 1))


def test_a_search_is_what_the_command_line_prints(web: httpx.Client, assistant: Assistant) -> None:
    given = {"question": QUESTION, "top": 3, "filters": {"language": "fr"}}
    found = web.post("api/search", json=given).json()
    assert found == assistant.search(QUESTION, 3, Filters("fr")).to_json()
    assert [hit["rank"] for hit in found["hits"]] == [1, 2, 3]
    assert {hit["language"] for hit in found["hits"]} == {"fr"}


def test_articles_come_in_pages_and_each_with_its_text(
    web: httpx.Client, assistant: Assistant
) -> None:
    listed: list[dict[str, Any]] = []
    offset: int | None = 0
    while offset is not None:
        page = web.get("api/articles", params={"limit": 5, "offset": offset}).json()
        assert page["total"] == len(assistant.articles())
        listed += page["articles"]
        offset = page["next"]
    assert [entry["id"] for entry in listed] == [article.id for article in assistant.articles()]
    assert all(entry["source"] in entry["sources"] and entry["passages"] for entry in listed)
    whole = web.get(f"api/articles/{listed[0]['id']}").json()
    assert whole == assistant.article(listed[0]["id"]).to_json()


def test_status_tells_what_the_library_holds(web: httpx.Client, assistant: Assistant) -> None:
    status = web.get("api/status").json()
    held = assistant.status()
    assert status["ready"]
    assert status["articles"] == held.articles
    assert status["languages"] == list(held.languages)
    assert status["newest"] == str(held.newest)


@pytest.mark.parametrize(
    ("body", "status", "code", "message"),
    [
        ({"question": " "}, 422, "invalid_question", "The question is empty."),
        ({"question": "why? " * 500}, 422, "invalid_question", "at most 2,000 are read"),
        ({}, 422, "invalid_request", "question: Field required."),
        ({"question": 7}, 422, "invalid_request", "question: Input should be a valid string."),
        ([], 422, "invalid_request", "body: Input should be a valid dictionary"),
        ({"question": "a", "langauge": "fr"}, 422, "invalid_request", "langauge: Extra inputs"),
        ({"question": "a", "filters": {"after": "soon"}}, 422, "invalid_request", "filters.after:"),
        ({"question": "a", "filters": {"before": 0}}, 422, "invalid_request", "filters.before:"),
        ({"question": "a", "history": [{"role": "system", "content": "x"}]}, 422,
         "invalid_request", "history.0.role: Input should be 'user' or 'assistant'"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("headers", [{}, EVENTS], ids=["json", "events"])
def test_what_cannot_be_used_is_refused_with_the_reason(
    web: httpx.Client, headers: dict[str, str], body: Any, status: int, code: str, message: str
) -> None:
    response = web.post("api/ask", json=body, headers=headers)
    assert response.status_code == status
    error = response.json()["error"]
    assert set(error) == {"code", "message"}
    assert error["code"] == code
    assert message in error["message"]


@pytest.mark.parametrize(
    ("method", "path", "given", "status", "code"),
    [
        ("POST", "api/ask", {"content": "{", "headers": {"content-type": "application/json"}},
         400, "malformed_request"),
        ("POST", "api/ask", {"content": '{"question": "a"}'}, 415, "unsupported_media_type"),
        ("POST", "api/ask", {"data": {"question": "a"}}, 415, "unsupported_media_type"),
        ("GET", "api/ask", {}, 405, "method_not_allowed"),
        ("GET", "api", {}, 404, "not_found"),
        ("GET", "api/nothing/here", {}, 404, "not_found"),
        ("GET", "api/articles/0123456789abcdef", {}, 404, "not_found"),
        ("GET", "api/articles/%3Cb%3E", {}, 404, "not_found"),
        ("GET", "api/articles?limit=0", {}, 422, "invalid_request"),
        ("POST", "api/search", {"json": {"question": "a", "top": 101}}, 422, "invalid_request"),
    ],
)  # fmt: skip
def test_every_error_has_one_shape(
    web: httpx.Client, method: str, path: str, given: dict[str, Any], status: int, code: str
) -> None:
    response = web.request(method, path, **given)
    assert response.status_code == status
    assert response.headers["content-type"] == "application/json"
    assert set(response.json()) == {"error"}
    assert response.json()["error"]["code"] == code
    assert {name: response.headers.get(name) for name in SECURITY} == SECURITY
    assert "<b>" not in response.text


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_that_is_too_large_is_refused_and_the_next_one_read(
    web: httpx.Client, chunked: bool
) -> None:
    pieces = [b'{"question": "'] + [b"x" * 100_000] * 11
    body = iter(pieces) if chunked else b"".join(pieces)
    response = web.post("api/ask", content=body, headers={"content-type": "application/json"})
    assert response.status_code == 413
    assert response.json()["error"]["code"] == "request_too_large"
    assert web.post("api/ask", json={"question": QUESTION}).status_code == 200


def test_half_a_character_does_no_harm(web: httpx.Client) -> None:
    body = '{"question": "\\ud800 why", "history": [{"role": "user", "content": "\\ud800 w"}]}'
    response = web.post("api/ask", content=body, headers={"content-type": "application/json"})
    assert response.json()["question"] == "\ufffd why"


def test_what_articles_hold_stays_data(fake_web: httpx.Client) -> None:
    response = fake_web.get(f"api/articles/{HOSTILE.id}")
    assert ATTACK in response.json()["text"]
    assert response.headers["content-type"] == "application/json"
    assert response.headers["x-content-type-options"] == "nosniff"


class SlowEmbedder:
    """The bundled model, which waits before it reads articles."""

    def __init__(self, model: Embedder) -> None:
        self._model = model
        self.go_on = threading.Event()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._model, name)

    def embed_passages(self, texts: Any) -> Any:
        assert self.go_on.wait(PATIENCE_S)
        return self._model.embed_passages(texts)


def test_until_the_articles_are_read_it_says_when_to_ask_again(
    corpus: Any, tmp_path: Any, embedder: Embedder
) -> None:
    slow = SlowEmbedder(embedder)
    made = Assistant(Settings(corpus=corpus, data=tmp_path / "data"), slow)  # type: ignore[arg-type]
    asked = {"json": {"question": "When was the lighthouse finished?"}}
    try:
        with serving(made) as address, httpx.Client(base_url=address, timeout=PATIENCE_S) as web:
            made.start_sync()
            for path in ("api/ask", "api/search"):
                early = web.post(path, **asked)
                assert early.status_code == 503
                assert early.json()["error"]["code"] == "library_not_ready"
                assert int(early.headers["retry-after"]) > 0
            assert web.get("api/status").json()["syncing"]
            slow.go_on.set()
            deadline = time.monotonic() + PATIENCE_S
            while web.get("api/status").json()["syncing"]:
                assert time.monotonic() < deadline
                time.sleep(0.05)
            assert "1611" in web.post("api/ask", **asked).text
    finally:
        slow.go_on.set()
        made.close()


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        (LibraryError("secret"), "unavailable", "The details are in the server's log."),
        (ValueError("secret"), "internal_error", "The details are in its log."),
    ],
)
def test_a_failure_midway_is_told_without_a_traceback(
    error: Exception, code: str, message: str
) -> None:
    failing = Failing()
    failing.error = error
    with serving(failing) as address, httpx.Client(base_url=address) as web:
        given = {"question": "Pourquoi les tensions montent ?"}
        streamed = web.post("api/ask", json=given, headers=EVENTS)
        name, data = events(streamed.text)[-1]
        whole = web.post("api/ask", json=given)
    assert name == "error"
    assert whole.status_code >= 500
    for told in (data, whole.json()):
        assert told["error"]["code"] == code
        assert message in told["error"]["message"]
        assert "secret" not in str(told)
        assert "Traceback" not in str(told)


class Endless(FakeAssistant):
    """An answer that goes on until it is closed."""

    def stream(self, *given: Any, **options: Any) -> Generator[Answer, None, None]:
        self.closed = threading.Event()
        state = next(iter(super().stream(*given, **options)))
        try:
            while True:
                yield state
                time.sleep(0.02)
        finally:
            self.closed.set()


@pytest.mark.parametrize("headers", [EVENTS, {}], ids=["events", "json"])
def test_a_client_that_goes_away_stops_the_work(headers: dict[str, str]) -> None:
    endless = Endless()
    with serving(endless) as address:
        given = {"question": "Pourquoi les tensions montent ?"}
        with pytest.raises(httpx.ReadTimeout):
            httpx.post(f"{address}api/ask", json=given, headers=headers, timeout=0.5)
        assert endless.closed.wait(PATIENCE_S)


def test_answers_in_the_making_do_not_hold_up_the_server(
    fake_web: httpx.Client, fake: FakeAssistant
) -> None:
    fake.finish.clear()
    given = {"question": "Pourquoi les tensions montent ?"}
    asking = threading.Thread(target=fake_web.post, args=("api/ask",), kwargs={"json": given})
    asked = len(fake.asked)
    try:
        asking.start()
        while len(fake.asked) == asked:
            time.sleep(0.01)
        assert fake_web.get("api/status", timeout=5).status_code == 200
        assert asking.is_alive()
    finally:
        fake.finish.set()
        asking.join(PATIENCE_S)
