import json
import shutil
import sqlite3
from contextlib import closing

import numpy as np
import pytest

from assistant.cli import main
from assistant.cli.doctor import examine
from assistant.store.storage import writer_of
from tests.support.tiny import TinyEmbedder, tiny_assistant


@pytest.fixture
def settings(corpus, tmp_path):
    """Those of a library that is in order, and that nobody uses."""
    made = tiny_assistant(corpus, tmp_path / "data")
    made.sync()
    made.close()
    return made.settings


def wrong(settings, identity="tiny-1"):
    """What is wrong, by check."""
    findings = list(examine(settings, TinyEmbedder(identity)))
    assert len({finding.check for finding in findings}) == len(findings)
    assert all(finding.remedy for finding in findings if not finding.ok)
    return {finding.check: finding.problem for finding in findings if not finding.ok}


def test_nothing_is_wrong_with_a_library_in_order(settings):
    assert wrong(settings) == {}


@pytest.mark.parametrize(
    ("statement", "values", "checks", "told"),
    [
        ("UPDATE articles SET text = replace(text, 'the', 'teh')", (), {"articles"}, "the one"),
        ("UPDATE passages SET start = start + 1", (), {"passages"}, "is not what its article"),
        ("UPDATE passages SET vector = zeroblob(24)", (), {"passages"}, "zero"),
        ("UPDATE passages SET vector = x'00' WHERE id = 1", (), {"passages"}, "1 bytes, not 24"),
        ("UPDATE passages SET sentence_vectors = x''", (), {"passages"}, "0 bytes, not"),
        ("UPDATE passages SET sentence_vectors = NULL", (), {"last sync"}, "complete"),
        ("UPDATE passages SET digest = ?", (b"x" * 16,), {"passages"}, "not embedded from"),
        ("UPDATE passages SET bounds = ?", (np.array([0, 9999, 0], np.int32).tobytes(),),
         {"passages"}, "sentence at 0-9999"),
        ("UPDATE keywords SET terms = 'other'", (), {"keywords"}, "not of its text"),
        ("DELETE FROM keywords", (), {"orphans"}, "has no keywords"),
        ("DELETE FROM files WHERE source = 'bees.md'", (), {"orphans", "articles", "corpus"},
         "has no file"),
        ("DELETE FROM words", (), {"words"}, "words that are not there"),
        ("UPDATE words SET vector = x'00'", (), {"words"}, "not of 24 numbers"),
        ("UPDATE words SET vector = NULL", (), {"last sync"}, "complete"),
        ("UPDATE files SET article = 'gone' WHERE source = 'bees.md'", (),
         {"library file", "orphans", "articles"}, "belongs to nothing"),
        ("UPDATE files SET error = 'no text', article = NULL WHERE source = 'bees.md'", (),
         {"failed files", "orphans", "articles"}, "no text"),
        ("UPDATE manifest SET value = '999' WHERE key = 'revision'", (), {"index"}, "out of date"),
    ],
)  # fmt: skip
def test_what_is_broken_is_found(settings, statement, values, checks, told):
    with closing(sqlite3.connect(settings.data / "library.sqlite3")) as db:
        db.execute(statement, values)
        db.commit()
    found = wrong(settings)
    assert checks <= set(found)
    assert told in " ".join(found.values())


def test_an_index_that_is_gone_is_found(settings):
    shutil.rmtree(settings.data / "index")
    assert set(wrong(settings)) == {"index"}


def test_changes_of_the_corpus_and_failed_files_are_found(settings):
    (settings.corpus / "new.txt").write_text("A new article about windmills.")
    (settings.corpus / "bees.md").unlink()
    told = wrong(settings)["corpus"]
    assert "new.txt" in told
    assert "bees.md is no longer there" in told


def test_another_model_is_found(settings, monkeypatch):
    monkeypatch.setattr(
        "assistant.store.engine.load_embedder", lambda *_, **__: TinyEmbedder("tiny-3")
    )
    assert "tiny-2" in wrong(settings, "tiny-2")["model"]


def test_a_left_over_is_found_unless_a_sync_is_at_work(settings):
    (settings.data / "library-0123456789ab").mkdir()
    assert "library-0123456789ab" in wrong(settings)["left-overs"]
    with writer_of(settings).held():
        assert wrong(settings) == {}


def test_a_damaged_file_and_a_missing_library_are_found(settings, tmp_path):
    elsewhere = settings.model_copy(update={"data": tmp_path / "nothing"})
    assert "holds no library" in wrong(elsewhere)["library"]
    (settings.data / "library.sqlite3").write_bytes(b"no database" * 999)
    assert "damaged" in wrong(settings)["library"]


def test_the_command_prints_json_and_exits_with_1(tmp_path, capsys):
    flags = ["--corpus", str(tmp_path), "--data", str(tmp_path / "data"), "--json"]
    assert main(["doctor", *flags]) == 1
    report = json.loads(capsys.readouterr().out)
    assert report["ok"] is False
    assert [check["check"] for check in report["checks"]] == ["settings", "library"]
    assert report["checks"][1]["remedy"] == "Run assistant sync."
