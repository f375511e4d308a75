"""The examples in the guides and in ``examples/`` run, with other addresses and folders."""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
import sys

import pytest
import yaml
from mcp import Client, StdioServerParameters
from mcp.client.stdio import stdio_client

from assistant.access.groups import read_rules
from assistant.ingest.details import read_details
from assistant.ingest.web.source_list import read_source_list
from assistant.models.corpus_files import DETAILS_FILE
from tests.support.repository import DEFAULT_ADDRESS, PAGES, ROOT, program

ANSWER = "Les tensions entre Microsoft et OpenAI ont monté au milieu de l’année 2023"


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


def test_the_question_of_the_front_page_is_answered_as_it_says(assistant):
    (question,) = re.findall(r'^Ask "(.+?)":', PAGES[0].read_text("utf-8"), re.MULTILINE)
    answer = assistant.ask(question)
    assert answer.language == "en"
    assert "22 juillet 2019" in answer.citations[0].quote
    assert answer.citations[0].language == "fr"


@every("python")
def test_the_python_in_the_guides_prints_the_answer(text, request):
    if DEFAULT_ADDRESS in text:
        text = text.replace(DEFAULT_ADDRESS, request.getfixturevalue("served").rstrip("/"))
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


def test_the_command_of_the_guide_prints_json(served):
    program("curl")
    (example,) = [text for _, text in blocks("sh") if text.startswith("curl ")]
    assert f"{DEFAULT_ADDRESS}/" in example
    command = ["sh", "-c", example.replace(f"{DEFAULT_ADDRESS}/", served)]
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
    elif all(isinstance(of, dict) for of in yaml.safe_load(text).values()):
        (tmp_path / DETAILS_FILE).write_text(text, "utf-8")
        assert read_details(tmp_path).keys() == keys
    else:
        assert keys <= {"scrape_configs", "groups"}, "nothing here tries this file"
