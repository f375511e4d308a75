"""Behind a real reverse proxy: under a path, with answers that come as they grow."""

import re
import shutil
import socket
import subprocess
import threading
from contextlib import contextmanager

import httpx
import pytest

from assistant.support.settings import Settings
from tests.support.browser import FLAGS
from tests.support.chat_server import chat_server
from tests.support.process import PATIENCE_S, QUESTION, served, until, writes_with, written
from tests.support.repository import program

NGINX = """
daemon off; master_process off; pid {folder}/pid; error_log {folder}/error.log;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/a; proxy_temp_path {folder}/b; fastcgi_temp_path {folder}/c;
    uwsgi_temp_path {folder}/d; scgi_temp_path {folder}/e;
    server {{
        listen 127.0.0.1:{port};
        location = /assistant {{ return 301 /assistant/; }}
        location /assistant/ {{
            proxy_pass {to}/;
            proxy_http_version 1.1;
            proxy_set_header Host $http_host;
            proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
            proxy_set_header X-Forwarded-Proto $scheme;
            proxy_set_header X-Request-ID $request_id;
        }}
    }}
}}
"""
"""As in docs/deploy.md, but for ``proxy_buffering off``: our own header must be enough."""

CADDY = """
{{
	admin off
	auto_https off
}}
http://127.0.0.1:{port} {{
	redir /assistant /assistant/
	handle_path /assistant/* {{
		reverse_proxy {address} {{
			flush_interval -1
		}}
	}}
}}
"""

OPEN = {"public": "true"} if "public" in Settings.model_fields else {}


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return taken.getsockname()[1]


@contextmanager
def proxied(kind, to, folder):
    """The address of the assistant at ``to`` under a path of the proxy."""
    port, path = free_port(), shutil.which(kind, path="/usr/sbin:/usr/bin:/usr/local/bin")
    config = folder / kind
    text = NGINX if kind == "nginx" else CADDY
    config.write_text(
        text.format(folder=folder, port=port, to=to, address=to.removeprefix("http://"))
    )
    command = {
        "nginx": [path, "-c", str(config), "-e", str(folder / "error.log")],
        "caddy": [path, "run", "--adapter", "caddyfile", "--config", str(config)],
    }[kind]
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        env={"HOME": str(folder), "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)},
    )  # fmt: skip
    url = f"http://127.0.0.1:{port}/assistant"
    try:
        until(lambda: httpx.get(f"{url}/healthz", timeout=PATIENCE_S).status_code == 200)
        yield url
    finally:
        process.terminate()
        process.wait()


@pytest.fixture(scope="module")
def gate():
    return threading.Event()


@pytest.fixture(scope="module")
def model(gate):
    with chat_server(answer=written, gate=gate) as model:
        yield model


@pytest.fixture(scope="module")
def app(tmp_path_factory, model):
    """A server that knows the path that it is shown under."""
    folder = tmp_path_factory.mktemp("proxied")
    corpus = folder / "corpus"
    corpus.mkdir()
    (corpus / "lighthouse.txt").write_text(
        "The lighthouse of Cordouan\nThe lighthouse of Cordouan stands in the Gironde. "
        "It was finished in 1611 after years of work. Its last keepers left the tower in 2012.\n"
    )
    settings = {**writes_with(model), "root_path": "/assistant", **OPEN}
    with served(corpus, folder / "data", **settings) as app:
        app.ready()
        yield app


@pytest.fixture(params=["nginx", "caddy"])
def url(request, app, tmp_path):
    if not shutil.which(request.param, path="/usr/sbin:/usr/bin:/usr/local/bin"):
        program(request.param)
    with proxied(request.param, app.url, tmp_path) as url:
        yield url


def test_every_address_that_a_page_names_is_beneath_the_path(url, gate):
    gate.set()
    page = httpx.get(f"{url}/", headers={"Accept-Language": "en"}, timeout=PATIENCE_S)
    assert page.status_code == 200
    root = re.search(r'"root":\s*"([^"]*)"', page.text)
    assert root[1] in ("", url, "/assistant")
    listed = httpx.get(f"{url}/articles", timeout=PATIENCE_S).text
    for html, base in ((page.text, f"{url}/"), (listed, f"{url}/articles")):
        for address in re.findall(r'(?:src|href)="([^"#]+)"', html):
            target = httpx.URL(base).join(address)
            if target.host != "127.0.0.1" or address == "/manifest.json":
                continue  # the latter is of Gradio's own page, for what is switched off
            assert target.path.startswith("/assistant/"), address
            assert httpx.get(target, timeout=PATIENCE_S).status_code == 200, address
    for path in ("widget.js", "embed", "docs", "openapi.json", "api/status"):
        assert httpx.get(f"{url}/{path}", timeout=PATIENCE_S).status_code == 200, path
    switched = httpx.get(f"{url}/language/fr", timeout=PATIENCE_S)
    assert httpx.URL(url).join(switched.headers["location"]).path == "/assistant/"


def test_links_in_answers_for_other_programs_lead_beneath_the_path(url, gate):
    gate.set()
    chat = {"model": "x", "messages": [{"role": "user", "content": QUESTION}]}
    answer = httpx.post(f"{url}/v1/chat/completions", json=chat, timeout=PATIENCE_S).json()
    (first, *_) = answer["choices"][0]["message"]["annotations"]
    address = first["url_citation"]["url"]
    assert address.startswith(f"{url}/articles/")
    assert httpx.get(address, timeout=PATIENCE_S).status_code == 200


def test_an_answer_is_not_held_back_until_it_is_whole(url, gate):
    gate.clear()
    events, asked = {"Accept": "text/event-stream"}, {"question": QUESTION}
    with httpx.stream(
        "POST", f"{url}/api/ask", json=asked, headers=events, timeout=PATIENCE_S
    ) as answer:
        lines = answer.iter_lines()
        assert next(line for line in lines if line) == "event: sources"  # the model still writes
        gate.set()
        assert "event: answer" in list(lines)


def test_the_chat_answers_word_by_word(url, gate):
    gate.clear()
    data = {"data": [QUESTION, [], "", "", "", ""]}
    begun = httpx.post(f"{url}/gradio_api/call/ask", json=data, timeout=PATIENCE_S).json()
    address = f"{url}/gradio_api/call/ask/{begun['event_id']}"
    with httpx.stream("GET", address, timeout=PATIENCE_S) as answer:
        lines = answer.iter_lines()
        assert next(line for line in lines if "event: generating" in line)
        gate.set()
        assert "event: complete" in list(lines)


def test_a_person_asks_and_opens_a_source_beneath_the_path(url, gate):
    from playwright.sync_api import expect, sync_playwright

    gate.set()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program("chromium"), args=FLAGS)
        page = browser.new_page(locale="en")
        asked = []
        page.on("request", lambda sent: asked.append(sent.url))
        page.goto(f"{url}/")
        page.locator("#question textarea").fill(QUESTION)
        page.locator("#send").click()
        expect(page.locator("#chat")).to_contain_text("1611", timeout=60_000)
        page.locator("a.cite").first.click()
        expect(page.locator("mark").first).to_contain_text("1611", timeout=60_000)
        browser.close()
    assert [one for one in asked if one.startswith("http") and not one.startswith(url)] == []
