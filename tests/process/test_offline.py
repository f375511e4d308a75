"""Nothing of the assistant speaks to another host: seen from the kernel, native code included."""

import os
import re
import subprocess
import sys

from tests.support.repository import ROOT, program

FLOW = """
import sys, threading, time, urllib.request
from pathlib import Path
from assistant import Assistant, Settings
from assistant.web.app import create_app
import uvicorn

corpus, data = map(Path, sys.argv[1:])
settings = Settings(corpus=corpus, data=data)
assistant = Assistant(settings)
assistant.sync()
assert assistant.search("Why do tides rise?").hits
assistant.ask("Why do tides rise?")
assistant.as_retriever(top=2).invoke("honey")
server = uvicorn.Server(uvicorn.Config(create_app(assistant, settings), port=0, log_level="error"))
thread = threading.Thread(target=server.run, daemon=True)
thread.start()
while not server.started:
    time.sleep(0.05)
port = server.servers[0].sockets[0].getsockname()[1]
with urllib.request.urlopen(f"http://127.0.0.1:{port}/") as page:
    assert page.status == 200
server.should_exit = True
thread.join()
assistant.close()
"""


def test_no_connection_to_another_host_is_tried_from_import_to_answer(corpus, tmp_path):
    trace = tmp_path / "trace"
    environment = {
        name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")
    }
    done = subprocess.run(
        [
            program("strace"), "-f", "-qq", "-e", "trace=connect,sendto,sendmsg", "-o", str(trace),
            sys.executable, "-c", FLOW, str(corpus), str(tmp_path / "data"),
        ],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    calls = trace.read_text(errors="replace")
    reached = set(re.findall(r'(?:inet_addr\(|inet_pton\(AF_INET6, )"([^"]+)"', calls))
    assert "127.0.0.1" in reached, "the trace saw not even the page being fetched"
    assert reached <= {"127.0.0.1", "::1"}
