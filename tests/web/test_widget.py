"""What other pages get from the server: the script, the chat in a frame, and who may use them."""

from __future__ import annotations

import gzip
import json
import re
import socket
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from assistant.language.locales import locales
from assistant.models.conversation import Turn
from assistant.models.filters import Filters
from assistant.support.settings import Settings
from assistant.web import app as web_app
from assistant.web import demo
from assistant.web.chat.messages import answer_message
from assistant.web.widget import script
from tests.support.fakes import DIVORCE, FakeAssistant
from tests.support.web import serving

MOST_BYTES = 8_000
MOST_OPENED = 40_000
MOST_REQUESTS = 5
"""Besides the script."""

ALLOWED = "https://intranet.example"
FOREIGN = "https://elsewhere.example"


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with serving(FakeAssistant(), (ALLOWED,)) as address:
        yield address


@pytest.fixture
def web(address: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=address) as client:
        yield client


def ancestors(response: httpx.Response) -> str:
    policy = response.headers["content-security-policy"]
    return re.search(r"frame-ancestors ([^;]*)", policy)[1]


def test_the_script_is_under_eight_kilobytes_compressed(web: httpx.Client) -> None:
    response = web.get("widget.js", headers={"accept-encoding": "gzip"})
    assert response.headers["content-encoding"] == "gzip"
    assert int(response.headers["content-length"]) < MOST_BYTES
    assert response.text == script()
    assert len(gzip.compress(script().encode())) < MOST_BYTES


def test_the_script_says_its_words_in_every_language() -> None:
    for locale in locales().values():
        assert locale.text("widget.denied") in script()
        assert locale.text("panel.close") in script()


def test_the_script_asks_no_host_but_its_own_and_touches_no_cookie() -> None:
    assert set(re.findall(r"https?://[^\s\"'`]+", script())) == {"http://www.w3.org/2000/svg"}
    assert "cookie" not in script()


def test_the_script_is_loaded_by_any_page_and_kept_for_an_hour(web: httpx.Client) -> None:
    response = web.get("widget.js", headers={"origin": FOREIGN})
    assert response.headers["content-type"].startswith("text/javascript")
    assert response.headers["cross-origin-resource-policy"] == "cross-origin"
    assert response.headers["cache-control"] == "public, max-age=3600"
    again = web.get("widget.js", headers={"if-none-match": response.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert web.get("widget.js", headers={"if-none-match": '"other"'}).status_code == 200


def opened(web: httpx.Client) -> dict[str, bytes]:
    """What a browser asks for when the widget is opened, as it is sent: compressed."""
    page = web.get("embed?language=fr&name=a")
    parts = re.findall(r'(?:src|<link[^>]* href)="([^"]+)"', page.text)  # no links to follow
    asked = ("embed?language=fr", *(part for part in parts if part != "data:,"), "embed/opening")
    sent = {}
    for path in asked:
        with web.stream("GET", path, headers={"accept-encoding": "gzip"}) as response:
            assert response.status_code == 200
            sent[path] = b"".join(response.iter_raw())
    return sent


def test_an_opened_widget_is_few_and_small_requests(web: httpx.Client) -> None:
    sent = opened(web)
    assert len(sent) <= MOST_REQUESTS
    assert sum(map(len, sent.values())) < MOST_OPENED
    assert "gradio" not in web.get("embed").text


def test_the_page_in_the_frame_is_the_same_until_it_changes(web: httpx.Client) -> None:
    page = web.get("embed?language=fr")
    assert '<html lang="fr">' in page.text
    known = {"if-none-match": page.headers["etag"]}
    again = web.get("embed?language=fr", headers=known)
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == page.headers["etag"]
    assert web.get("embed?language=de", headers=known).status_code == 200
    assert '<html lang="en" class="dark">' in web.get("embed?language=en&__theme=dark").text
    assert "<x" not in web.get("embed", params={"language": "en", "__theme": '"><x'}).text


def events(web: httpx.Client, question: str, **more: object) -> list[tuple[str, Any]]:
    return parsed(web.post("embed/ask?language=en", json={"question": question, **more}))


def parsed(response: httpx.Response) -> list[tuple[str, Any]]:
    parts = [part.split("\n") for part in response.text.strip().split("\n\n")]
    return [(name.removeprefix("event: "), json.loads(data[6:])) for name, data in parts]


def test_a_question_of_the_frame_is_answered_with_the_chat_s_own_html(web: httpx.Client) -> None:
    question = "Pourquoi les tensions montent ?"
    (put, shown), *said, (after, offered) = events(web, question)
    assert (put, after) == ("put", "next")
    assert shown["text"] == question
    assert [name for name, _ in said] == ["said"] * len(said)
    assert [one["state"] for _, one in said] == ["growing"] * (len(said) - 1) + ["complete"]
    (*_, answer) = FakeAssistant().stream(question)
    assert said[-1][1]["html"] == answer_message(answer, locales()["en"]).html
    assert offered
    assert question not in offered


def test_a_question_of_the_frame_comes_with_its_conversation_and_filters() -> None:
    fake = FakeAssistant()
    history = [{"role": "user", "content": "Before?"}, {"role": "assistant", "content": " "}]
    with serving(fake) as address, httpx.Client(base_url=address) as web:
        *_, (_, said), _ = events(
            web, "Capital of Peru?", history=history, filters={"language": "fr"}
        )
    assert fake.asked == [("Capital of Peru?", (Turn("user", "Before?"),))]
    assert fake.narrowed == [Filters(language="fr")]
    assert "Searched only&#58; French" in said["html"]


def test_what_cannot_be_asked_is_told_in_the_frame_s_words(web: httpx.Client) -> None:
    ((name, told),) = events(web, "why " * 600)
    assert name == "refused"
    assert "at most 2&#44;000 are read" in told["html"]
    *_, (_, none), _ = events(web, "?!")
    assert "not a question yet" in none["html"]
    assert web.post("embed/ask", json={"question": 1}).status_code == 422


def test_before_the_first_question_the_frame_is_told_what_there_is(web: httpx.Client) -> None:
    *_, (name, told) = parsed(web.get("embed/opening?language=fr"))
    assert (name, told["changing"]) == ("opening", False)
    assert told["welcome"] == "Posez une question, dans n’importe quelle langue"
    assert told["library"].startswith("2 articles en français et anglais")
    assert told["languages"] == {"en": "anglais", "fr": "français"}
    assert told["examples"]


@pytest.mark.parametrize("path", ["", "embed", "articles", f"articles/{DIVORCE.id}"])
def test_only_allowed_pages_may_frame_the_assistant(web: httpx.Client, path: str) -> None:
    assert ancestors(web.get(path)) == f"'self' {ALLOWED}"


@pytest.mark.parametrize("path", ["embed", "articles"])
def test_no_other_page_may_frame_it_by_default(path: str) -> None:
    with serving(FakeAssistant()) as address:
        response = httpx.get(address + path, headers={"origin": ALLOWED})
        assert ancestors(response) == "'self'"
        assert "access-control-allow-origin" not in response.headers


def test_allowed_pages_alone_may_read_answers(web: httpx.Client) -> None:
    asking = {"access-control-request-method": "POST"}
    for path in ("embed", "embed/opening", "config", "gradio_api/info"):
        allowed = web.get(path, headers={"origin": ALLOWED})
        assert allowed.headers["access-control-allow-origin"] == ALLOWED
        assert "access-control-allow-credentials" not in allowed.headers
        assert (
            "access-control-allow-origin" not in web.get(path, headers={"origin": FOREIGN}).headers
        )
        assert web.options(path, headers={"origin": ALLOWED} | asking).status_code == 200
        assert web.options(path, headers={"origin": FOREIGN} | asking).status_code == 400


def test_the_address_of_a_frame_names_the_language_of_what_it_shows(web: httpx.Client) -> None:
    span = {"start": 0, "end": 9, "language": "de"}
    page = web.get(f"citations/{DIVORCE.id}", params=span, headers={"accept-language": "fr"}).text
    assert "24. Januar 2025" in page


def test_the_demo_page_allows_the_assistant_of_its_host_and_nothing_else() -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    with listener, demo.serving(listener, 7860):
        for path in ("", "alliance", "reading-room"):
            page = httpx.get(f"http://localhost:{port}/{path}")
            assert 'src="http://localhost:7860/widget.js"' in page.text
            policy = page.headers["content-security-policy"]
            assert "default-src 'none'" in policy
            assert "frame-src http://localhost:7860;" in policy
        assert httpx.get(f"http://127.0.0.1:{port}/intranet.css").status_code == 200
        assert httpx.get(f"http://127.0.0.1:{port}/__init__.py").status_code == 404


def test_the_demo_is_allowed_on_the_next_free_port() -> None:
    given = Settings(port=0, allowed_origins=(ALLOWED,))
    with socket.create_server(("127.0.0.1", 0)) as taken:
        before = taken.getsockname()[1] - 1
        with web_app._demo(given, before) as settings:
            kept, *added = settings.allowed_origins
            assert kept == ALLOWED
            for origin in added:
                assert origin != f"http://127.0.0.1:{before + 1}"
                assert f":{before}/widget.js" in httpx.get(origin).text
