"""Nothing is imported before it is needed: by commands, and from reading articles to an answer."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from tests.support.repository import ROOT

FLOW = """
import importlib.abc, json, sys, threading, time, urllib.request

HEAVY = {"torch", "transformers", "sentence_transformers", "optimum", "tensorflow", "mcp", "openai",
         "psycopg", "psycopg_pool", "ray"}
looked_for = set()

class Watch(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        looked_for.add(name.partition(".")[0])

sys.meta_path.insert(0, Watch())

from assistant import Assistant, Settings
from assistant.cli import main
from assistant.web.app import create_app
import uvicorn

corpus, data = sys.argv[1:]
flags = ["--corpus", corpus, "--data", data]
assert main(["sync", *flags]) == 0
assert main(["search", "Why do tides rise?", *flags]) == 0
assert main(["ask", "Why do tides rise?", *flags]) == 0

settings = Settings(corpus=corpus, data=data)
assistant = Assistant(settings)
assistant.start_sync()
server = uvicorn.Server(uvicorn.Config(create_app(assistant, settings), port=0, log_level="error"))
thread = threading.Thread(target=server.run, daemon=True)
thread.start()
while not server.started:
    time.sleep(0.05)
address = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}/"

def fetch(path, body=None):
    data = json.dumps(body).encode() if body else None
    request = urllib.request.Request(address + path, data, {"Content-Type": "application/json"})
    return urllib.request.urlopen(request).read().decode()

assert "Article assistant" in fetch("")
question = ["When was it finished?", [], "", "", "", ""]
asked = json.loads(fetch("gradio_api/call/ask", {"data": question}))
answered = fetch("gradio_api/call/ask/" + asked["event_id"])
server.should_exit = True
thread.join()
assistant.close()
assert "event: complete" in answered, answered
sys.stdout.write(json.dumps({
    "answer": answered,
    "imported": sorted(HEAVY & set(sys.modules)),
    "looked_for": sorted(looked_for & {"optimum"}),
}))
"""


@pytest.mark.short
def test_the_default_way_imports_neither_torch_nor_what_only_programs_need(corpus, tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", FLOW, str(corpus), str(tmp_path / "data")],
        cwd=ROOT,
        env=os.environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    assert "1611" in told["answer"]
    assert told["imported"] == []
    assert told["looked_for"] == []


def test_help_imports_nothing_heavy():
    code = (
        "import sys\n"
        "from assistant.cli import main\n"
        "try:\n"
        "    main(['--help'])\n"
        "except SystemExit:\n"
        "    heavy = {'torch', 'chromadb', 'gradio', 'sentence_transformers', 'langchain_core',"
        " 'onnxruntime', 'trafilatura'}\n"
        "    sys.exit(', '.join(sorted(heavy & set(sys.modules))) or 0)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=os.environ, check=False
    )
    assert done.returncode == 0, done.stderr


def test_detection_loads_no_downloader() -> None:
    code = (
        "import sys; from assistant.language.detection import detect_language\n"
        "detect_language('one two')\n"
        "print(sorted({'requests', 'urllib3', 'robust_downloader', 'torch'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_importing_the_interface_imports_no_engine():
    code = (
        "import sys, assistant.embedding; "
        "print([m for m in ('onnxruntime', 'onnx', 'torch', 'langchain_core') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "[]"


def test_looking_loads_nothing_heavy(corpus, tmp_path):
    code = (
        "import sys\nfrom assistant.web.server import preflight\n"
        "from assistant.support.settings import Settings\n"
        f"preflight.problems(Settings(corpus={str(corpus)!r}, data='data', port=0,"
        " llm='m', llm_base_url='http://127.0.0.1:1'))\n"
        "print(sorted({'torch', 'chromadb', 'gradio', 'langchain', 'langchain_core', 'openai',"
        " 'onnxruntime'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True, text=True, env=os.environ, check=True, cwd=tmp_path,
    )  # fmt: skip
    assert done.stdout.strip() == "[]"
