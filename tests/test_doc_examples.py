"""The examples in the guides and in ``examples/`` run, with other addresses and folders."""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
import yaml
from mcp import Client, StdioServerParameters
from mcp.client.stdio import stdio_client

from assistant.access.groups import read_rules
from assistant.ingest.web.source_list import read_source_list
from tests.conftest import program
from tests.test_browser import FLAGS, PATIENCE_MS
from tests.test_docs import PAGES
from tests.web_fixtures import serving

ROOT = Path(__file__).parent.parent
EXAMPLES = ROOT / "examples"
ANSWER = "Les tensions entre Microsoft et OpenAI ont monté au milieu de l’année 2023"
DEFAULT = "http://127.0.0.1:7860"


def blocks(kind: str) -> list[tuple[str, str]]:
    """Every block in this language, with the name of its page and its place there."""
    found = []
    for page in PAGES:
        fenced = rf"^```{kind}\n(.*?)^```$"
        texts = re.findall(fenced, page.read_text("utf-8"), re.MULTILINE | re.DOTALL)
        found += [(f"{page.name}:{place}", text) for place, text in enumerate(texts, 1)]
    return found


def every(kind: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("text", [pytest.param(text, id=at) for at, text in blocks(kind)])


def output(*command: str) -> str:
    done = subprocess.run(
        [sys.executable, *command], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@every("python")
def test_the_python_in_the_guides_prints_the_answer(text, request):
    if DEFAULT in text:
        text = text.replace(DEFAULT, request.getfixturevalue("served").rstrip("/"))
    else:
        data = request.getfixturevalue("assistant").settings.data
        assert 'data="data"' in text
        text = text.replace('data="data"', f"data={str(data)!r}")
    assert ANSWER in output("-c", text)


@pytest.mark.parametrize("name", ["http_events", "openai_client", "mcp_client"])
def test_an_example_prints_the_answer_and_where_it_stands(name, served):
    printed = output(f"examples/{name}.py", "Why did tensions rise?", served.rstrip("/"))
    assert ANSWER in printed
    assert "Microsoft et OpenAI : comment l’alliance s’est tendue" in printed.partition(ANSWER)[2]


def test_the_langchain_example_puts_the_passages_into_a_prompt(assistant):
    settings = assistant.settings
    example = "examples/langchain_retriever.py"
    printed = output(example, "Why did tensions rise?", str(settings.corpus), str(settings.data))
    assert ANSWER in printed
    assert "(microsoft-openai/03-la-montee-des-tensions.md)" in printed
    assert printed.rstrip().endswith("Human: Why did tensions rise?")


def test_every_example_is_listed_and_tried_here():
    files = {path.name for path in EXAMPLES.iterdir() if path.suffix in (".py", ".html")}
    listed = (EXAMPLES / "README.md").read_text("utf-8")
    assert set(re.findall(r"\]\(([\w.]+)\)", listed)) == files
    tried = Path(__file__).read_text("utf-8")
    assert all(name.removesuffix(".py") in tried for name in files)


@pytest.fixture
def intranet(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """A folder, and the origin that shows its files."""
    quiet = type("Quiet", (SimpleHTTPRequestHandler,), {"log_message": lambda *_: None})
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(quiet, directory=str(tmp_path)))
    Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield tmp_path, f"http://localhost:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_the_page_with_the_widget_asks_and_shows_the_answer(assistant, intranet):
    from playwright.sync_api import sync_playwright

    folder, origin = intranet
    chromium = program("chromium")
    page_text = (EXAMPLES / "widget.html").read_text("utf-8")
    with serving(assistant, (origin,)) as address, sync_playwright() as playwright:
        (folder / "widget.html").write_text(page_text.replace(f"{DEFAULT}/", address), "utf-8")
        page = playwright.chromium.launch(executable_path=chromium, args=FLAGS).new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.goto(f"{origin}/widget.html")
        page.locator(".widget").wait_for(state="attached")
        page.get_by_role("button", name="ask from here").click()
        answer = page.locator(".body iframe").content_frame.locator(".answer blockquote").first
        answer.get_by_text(ANSWER).wait_for()


def test_the_command_of_the_guide_prints_json(served):
    program("curl")
    (example,) = [text for _, text in blocks("sh") if text.startswith("curl ")]
    assert f"{DEFAULT}/" in example
    command = ["sh", "-c", example.replace(f"{DEFAULT}/", served)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    answer = json.loads(done.stdout)
    assert answer["sentences"][0]["text"].startswith(ANSWER)
    assert {citation["language"] for citation in answer["citations"]} == {"fr"}


@every("json")
def test_the_host_of_agents_in_the_guide_gets_the_tools(text, assistant):
    (server,) = json.loads(text)["mcpServers"].values()
    assert server["command"] == ".venv/bin/assistant"
    folders = {"corpus": str(assistant.settings.corpus), "data": str(assistant.settings.data)}
    arguments = ["-m", "assistant", *(folders.get(one, one) for one in server["args"])]

    async def run() -> list[str]:
        parameters = StdioServerParameters(command=sys.executable, args=arguments, cwd=ROOT)
        async with Client(stdio_client(parameters)) as client:
            return [tool.name for tool in (await client.list_tools()).tools]

    assert sorted(asyncio.run(run())) == ["ask", "search"]


@every("yaml")
def test_the_files_in_the_guides_are_understood(text, tmp_path):
    keys = yaml.safe_load(text).keys()
    if "feeds" in keys:
        file = tmp_path / "sources.yaml"
        file.write_text(text, "utf-8")
        assert [source.limit for source in read_source_list(file)][-1] == 200
    elif "folders" in keys:
        (tmp_path / "access.yaml").write_text(text, "utf-8")
        for folder in yaml.safe_load(text)["folders"]:
            (tmp_path / folder).mkdir()
        assert read_rules(tmp_path) is not None
    else:
        assert keys <= {"scrape_configs", "groups"}, "nothing here tries this file"
