"""The README's examples for programs run as they stand, but for the port and the program's path."""

import asyncio
import json
import re
import subprocess
import sys

import pytest
from mcp import Client, StdioServerParameters
from mcp.client.stdio import stdio_client

from tests.support.repository import ROOT, program

SECTION = re.search(
    r"^## For programs$(.*?)^## ", (ROOT / "README.md").read_text("utf-8"), re.MULTILINE | re.DOTALL
)[1]
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", SECTION, re.MULTILINE | re.DOTALL)
ANSWER = "Les tensions entre Microsoft et OpenAI ont monté au milieu de l’année 2023"


def blocks(kind):
    return [text for language, text in BLOCKS if language == kind]


def output(command):
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    return done.stdout


def at(served, text):
    assert "http://127.0.0.1:7860/" in text
    return text.replace("http://127.0.0.1:7860/", served)


@pytest.mark.parametrize("client", ["httpx", "openai", "mcp"])
def test_the_example_of_each_client_prints_the_answer(served, client):
    imported = re.compile(rf"^(import|from) {client}\b", re.MULTILINE)
    (example,) = [text for text in blocks("python") if imported.search(text)]
    printed = output([sys.executable, "-c", at(served, example)])
    assert ANSWER in printed
    if client == "openai":
        assert f"{served}articles/" in printed.splitlines()[-1]


def test_the_command_of_the_example_prints_json(served):
    program("curl")
    (example,) = blocks("sh")
    answer = json.loads(output(["sh", "-c", at(served, example)]))
    assert answer["sentences"][0]["text"].startswith(ANSWER)
    assert {citation["language"] for citation in answer["citations"]} == {"fr"}


def test_the_host_of_agents_in_the_example_gets_the_tools(assistant):
    (example,) = blocks("json")
    (server,) = json.loads(example)["mcpServers"].values()
    assert server["command"] == ".venv/bin/assistant"
    folders = {"corpus": str(assistant.settings.corpus), "data": str(assistant.settings.data)}
    arguments = ["-m", "assistant", *(folders.get(one, one) for one in server["args"])]

    async def run():
        parameters = StdioServerParameters(command=sys.executable, args=arguments, cwd=ROOT)
        async with Client(stdio_client(parameters)) as client:
            return await client.list_tools()

    assert sorted(tool.name for tool in asyncio.run(run()).tools) == ["ask", "search"]
