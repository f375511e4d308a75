"""The Model Context Protocol over the standard streams of a process of its own."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from typing import Any

import pytest
from mcp import Client, StdioServerParameters
from mcp.client.stdio import stdio_client

from assistant.assistant import Assistant
from tests.support.asking import QUESTION, untimed
from tests.support.repository import ROOT


def told(value: Any) -> Any:
    """``value`` without what has no value, as the tools' typed output names that too."""
    if isinstance(value, dict):
        return {name: told(one) for name, one in value.items() if one is not None}
    return [told(one) for one in value] if isinstance(value, list) else value


@pytest.fixture
def command(assistant: Assistant) -> list[str]:
    settings = assistant.settings
    folders = ["--corpus", str(settings.corpus), "--data", str(settings.data)]
    return [sys.executable, "-m", "assistant", "mcp", *folders]


def test_over_standard_input_and_output_it_answers_alike(
    command: list[str], assistant: Assistant
) -> None:
    async def run() -> Any:
        server = StdioServerParameters(command=command[0], args=command[1:], env=dict(os.environ))
        async with Client(stdio_client(server)) as client:
            return await client.call_tool("ask", {"question": QUESTION})

    answer = asyncio.run(run()).structured_content
    assert untimed(told(answer)) == untimed(told(assistant.ask(QUESTION).to_json()))


def initialize(process: subprocess.Popen[bytes]) -> bytes:
    """The first line that the server answers, once it is there."""
    client = {"name": "test", "version": "1"}
    given = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": client}
    message = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": given}
    process.stdin.write(json.dumps(message).encode() + b"\n")
    process.stdin.flush()
    return process.stdout.readline()


@pytest.mark.parametrize(
    ("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (None, 0)]
)
def test_it_ends_with_its_input_or_a_signal_and_says_nothing_else(
    command: list[str], number: int | None, status: int
) -> None:
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        cwd=ROOT,
    )  # fmt: skip
    try:
        assert b'"serverInfo"' in initialize(process)
        if number is None:
            process.stdin.close()
        else:
            process.send_signal(number)
        assert process.wait(20) == status
        assert process.stdout.read() == b""
    finally:
        process.kill()
        process.wait()
