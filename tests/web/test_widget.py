"""What other pages get from the server: the script, the chat in a frame, and who may use them."""

from __future__ import annotations

import gzip
import re
import socket
from collections.abc import Iterator

import httpx
import pytest

from assistant.language.locales import locales
from assistant.support.settings import Settings
from assistant.web import app as web_app
from assistant.web import demo
from assistant.web.widget import script
from tests.support.fakes import DIVORCE, FakeAssistant
from tests.support.web import serving

MOST_BYTES = 6_000
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


def test_the_script_is_under_six_kilobytes_compressed(web: httpx.Client) -> None:
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


def test_embed_is_the_page_of_the_chat_marked_compact(web: httpx.Client) -> None:
    page, embedded = web.get(""), web.get("embed?language=fr&name=a")
    assert embedded.status_code == 200
    assert '<html class="compact"' in embedded.text
    assert "compact" not in page.text
    assert "embed.js" not in page.text
    assert "window.gradio_config" in embedded.text
    assert len(embedded.text) - len(page.text) < 250


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
    for path in ("embed", "config", "gradio_api/info"):
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
