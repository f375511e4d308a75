"""The benchmark's own parts, and a run of it that is as small as can be."""

import json
import os
import re
import sys

import numpy as np
import pytest

from assistant.support.settings import Settings
from benchmarks import corpus as articles
from benchmarks import measures, serving, speed
from benchmarks.ours import Partial
from benchmarks.report import Row, table
from benchmarks.systems import Synthetic
from benchmarks.worker import peak_mb, resident_mb
from tests.support.repository import CORPUS

WORD = re.compile(r"[^\W\d_]+")


def texts(folder):
    return [path.read_text("utf-8") for path in sorted(folder.rglob("*.txt"))]


def test_articles_have_the_size_asked_for_and_are_the_same_each_time(tmp_path):
    written = articles.build(tmp_path / "one", CORPUS, 20_000, size=2_000)
    articles.build(tmp_path / "two", CORPUS, 20_000, size=2_000)
    assert texts(tmp_path / "one") == texts(tmp_path / "two")
    assert sum(map(len, texts(tmp_path / "one"))) == written
    assert 20_000 <= written < 21_000
    assert len(texts(tmp_path / "one")) == pytest.approx(10, abs=1)


def test_another_seed_gives_other_articles(tmp_path):
    articles.build(tmp_path / "one", CORPUS, 5_000)
    articles.build(tmp_path / "two", CORPUS, 5_000, seed=1)
    assert not set(texts(tmp_path / "one")) & set(texts(tmp_path / "two"))


def test_sentences_hardly_repeat_and_the_vocabulary_grows(tmp_path):
    articles.build(tmp_path, CORPUS, 200_000)
    written = "".join(texts(tmp_path))
    paragraphs = [p for text in texts(tmp_path) for p in text.split("\n\n")]
    assert len(set(paragraphs)) == len(paragraphs)
    half, whole = (len(set(WORD.findall(t.lower()))) for t in (written[:100_000], written))
    assert 5_000 < whole < 10_000
    assert whole > 1.4 * half


def test_made_up_vectors_are_the_texts_own_and_of_length_one(tmp_path):
    articles.build(tmp_path, CORPUS, 3_000, size=500)
    make = Synthetic(lambda some: np.random.default_rng(0).normal(size=(len(some), 8)), tmp_path)
    vectors = make(["one", "two", "one"])
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1)
    assert (vectors[0] == vectors[2]).all()
    assert (vectors[0] != vectors[1]).any()


def test_leaving_out_sentences_leaves_passages_and_words(embedder):
    whole = "The tide rises. It falls again."
    partial = Partial(embedder)
    partial.count_tokens(["The tide rises.", "It falls again."])
    vectors = partial.embed_passages([whole, "The tide rises.", "tide"])
    assert (vectors[0] == embedder.embed_passages([whole])[0]).all()
    assert not vectors[1].any()
    assert vectors[2].any()
    assert partial.left_out == 1


def test_the_table_gives_medians_and_ratios_that_are_above_one_when_better():
    rows = [
        Row("speed", {"ours": [30, 10, 20], "LangChain": [5, 4, 6]}, more_is_better=True),
        Row("seconds", {"ours": [0.5], "LangChain": [1.0]}),
        Row("alone", {"ours": [1234.5]}),
    ]
    lines = table(rows).splitlines()
    assert lines[0] == "|  | ours | LangChain |"
    assert lines[2] == "| speed | 20 (4×) | 5 |"
    assert lines[3] == "| seconds | 0.5 (2×) | 1 |"
    assert lines[4] == "| alone | 1,234 |  |"
    assert rows[0].to_json()["times better than LangChain"] == {"ours": 4, "LangChain": 1}


def test_memory_is_that_of_the_process():
    ballast = np.ones(30_000_000)
    assert 240 < resident_mb(os.getpid()) <= peak_mb() + 1
    assert ballast.all()


def test_a_server_that_ends_is_an_error():
    command = [sys.executable, "-c", "pass"]
    with serving.served(command, {}) as (process, address, _), pytest.raises(RuntimeError):
        serving.wait_for_page(process, address)


@pytest.mark.slow  # a server of its own
def test_a_small_run_measures_ours_and_writes_what_it_found(tmp_path, corpus, monkeypatch, capsys):
    question = {"question": "When was the lighthouse of Cordouan finished?"}
    (corpus / "questions.jsonl").write_text(json.dumps(question) + "\n", "utf-8")
    monkeypatch.setattr(speed, "ARTICLES", corpus)
    monkeypatch.setattr(measures, "ARTICLES", corpus)
    arguments = ["--only", "ingest", "ask", "resync", "--rounds", "1", "--size", "800"]
    arguments += ["--passages", "4", "--articles", "3"]
    arguments += ["--systems", "ours", "ours without sentence vectors"]
    arguments += ["--cache", str(Settings().cache), "--results", str(tmp_path / "results")]
    assert speed.main(arguments) == 0
    assert "characters a second, from files to answerable" in capsys.readouterr().out
    (file,) = (tmp_path / "results").iterdir()
    found = json.loads(file.read_text("utf-8"))
    assert {"commit", "processor", "versions", "rows", "raw"} <= found.keys()
    medians = {row["name"]: row["median"] for row in found["rows"]}
    assert all(value > 0 for some in medians.values() for value in some.values())
    assert "seconds of a sync of 3 unchanged articles" in medians
