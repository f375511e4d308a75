"""A chat model asked by a process of its own: whom it speaks to."""

import os
import re
import socket
import subprocess
import sys

import pytest

from tests.support.chat_server import Reply, chat_server
from tests.support.repository import ROOT, program

ALONE = """
import sys
from assistant.answer.write.chat_model import load_chat_model
from assistant.support.settings import Settings
model = load_chat_model(Settings(llm="m", llm_base_url=sys.argv[1]))
assert model.complete([("user", "Why?")]) == "Yes."
model.close()
"""


def run_alone(server, *before, **environment):
    done = subprocess.run(
        [*before, sys.executable, "-c", ALONE, server.url],
        env=os.environ | environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=90,
    )
    assert done.returncode == 0, done.stderr
    assert len(server.requests) == 1


def test_tracing_variables_do_not_matter():
    with chat_server(Reply(["Yes."])) as server, socket.create_server(("127.0.0.1", 0)) as tracer:
        address = f"http://127.0.0.1:{tracer.getsockname()[1]}"
        names = [
            f"LANG{of}_{name}" for of in ("SMITH", "CHAIN") for name in ("TRACING", "TRACING_V2")
        ]
        elsewhere = {"LANGSMITH_ENDPOINT": address, "LANGSMITH_GATEWAY": address}
        keys = {"LANGSMITH_API_KEY": "lsv2_x", "LANGCHAIN_HANDLER": "langchain"}
        run_alone(server, **dict.fromkeys(names, "true"), **elsewhere, **keys)
        tracer.setblocking(False)
        with pytest.raises(BlockingIOError):
            tracer.accept()


def test_no_host_but_the_named_one_is_tried(tmp_path):
    trace = tmp_path / "trace"
    watch = [program("strace"), "-f", "-qq", "-e", "trace=connect,sendto,sendmsg", "-o", str(trace)]
    with chat_server(Reply(["Yes."])) as server:
        run_alone(server, *watch)
    calls = trace.read_text(errors="replace")
    reached = re.findall(r'(?:inet_addr\(|inet_pton\(AF_INET6, )"([^"]+)"', calls)
    assert set(reached) == {"127.0.0.1"}
