"""Names, rules and libraries from others: shown safely, obeyed when whole, refused if wrong."""

from __future__ import annotations

import os
import time
from contextlib import closing
from pathlib import Path

import pytest

from assistant.access import groups
from assistant.access.groups import Access, top_folders
from assistant.assistant import Assistant
from assistant.ingest.folder import scan
from assistant.models.article import Article, Block
from assistant.models.corpus_files import source_name
from assistant.store import maintenance
from assistant.store.backup import back_up
from assistant.store.library import Library
from assistant.store.sqlite import FILE
from assistant.support.errors import LibraryError
from assistant.support.settings import Settings
from tests.support.tiny import DIMENSION, TinyEmbedder

BOTH = "folders:\n  board: [b]\n  staff: [s]\n"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        (b"plain \xc3\xa9.txt", "plain é.txt"),
        (b"latin\xe9.txt", r"latin\xe9.txt"),
        (b"two\nlines.txt", r"two\nlines.txt"),
        ("turned\u202egpj.txt".encode(), r"turned\u202egpj.txt"),
    ],
)
def test_a_name_is_shown_safely(name: bytes, shown: str) -> None:
    assert source_name(os.fsdecode(name)) == shown


def test_names_that_differ_in_one_byte_are_two_articles(tmp_path: Path) -> None:
    folder = os.fsencode(tmp_path / "corpus")
    os.makedirs(folder + b"/in\xe9")
    for byte, text in ((b"\xe9", "The shovel is red."), (b"\xea", "The broom is black.")):
        Path(os.fsdecode(folder + b"/latin" + byte + b".txt")).write_text(text)
    corpus = tmp_path / "corpus"
    assert top_folders(corpus) == {r"in\xe9"}
    files = scan(corpus, tmp_path / "data").files
    assert list(files) == [r"latin\xe9.txt", r"latin\xea.txt"]
    assert {path.read_text() for path in files.values()} == {
        "The shovel is red.", "The broom is black.",
    }  # fmt: skip


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    for folder in ("board", "staff"):
        (tmp_path / folder).mkdir()
    return tmp_path


def rewritten(corpus: Path, text: str, age: float) -> None:
    file = corpus / "access.yaml"
    file.write_text(text)
    os.utime(file, (time.time() - age,) * 2)


def test_rules_that_are_still_being_written_open_nothing(
    corpus: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(groups, "QUIET_S", 1.0)
    rewritten(corpus, BOTH, 10)
    access = Access(corpus, lambda: None)
    whole = access.rules()
    cut = BOTH[: BOTH.index("  staff")]
    rewritten(corpus, cut, 0.2)
    assert access.rules() == whole
    assert access.note() == whole.to_json()
    rewritten(corpus, cut, 1.5)
    assert access.rules().clearance(frozenset()).open is not None
    assert "staff" in (access.rules().clearance(frozenset()).open or ())
    assert "limits fewer folders than before. No longer limited: staff" in caplog.text


def test_the_first_rules_are_waited_for(corpus: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(groups, "QUIET_S", 1.0)
    rewritten(corpus, BOTH, 0.8)
    began = time.monotonic()
    assert Access(corpus, lambda: None).rules().places is not None
    assert time.monotonic() - began > 0.1


def test_an_article_s_id_is_made_once() -> None:
    article = Article("Title", "A text. " * 500_000, "en", "a.txt")
    named = article.id
    began = time.process_time()
    for _ in range(10_000):
        assert article.id == named
    assert time.process_time() - began < 1
    assert named == Article("Title", article.text, "en", "b.txt").id


def test_a_heading_is_found_among_many(tmp_path: Path) -> None:
    from assistant.ingest.pipeline import _is_in_heading

    blocks = tuple(Block(10 * n, 10 * n + 8, n % 2 == 0) for n in range(100_000))
    found = [_is_in_heading(blocks, start) for start in (0, 7, 8, 10, 999_980, 2_000_000)]
    assert found == [True, True, False, False, True, False]


@pytest.fixture
def synced(tmp_path: Path) -> Settings:
    settings = Settings(corpus=tmp_path / "corpus", data=tmp_path / "data", jobs=1)
    settings.corpus.mkdir()
    for name in ("tower", "bridge"):
        text = f"The {name} was built in 1887 and painted red. It stands by the harbour.\n"
        (settings.corpus / f"{name}.txt").write_text(text)
    with closing(Assistant(settings, TinyEmbedder())) as made:
        made.sync()
    return settings


@pytest.mark.parametrize("numbers", [[0] * DIMENSION, [3, 4], []])
def test_a_backup_whose_vectors_are_none_is_refused(
    synced: Settings, tmp_path: Path, numbers: list[int]
) -> None:
    import sqlite3

    with closing(sqlite3.connect(synced.data / FILE)) as db, db:
        db.execute("UPDATE passages SET vector = ?", (bytes(numbers),))
    with closing(Library(synced.data)) as library:
        back_up(library, tmp_path / "kept.zip")
    with pytest.raises(LibraryError, match="invalid vectors"):
        maintenance.restore(synced, tmp_path / "kept.zip", force=True)


def test_a_damaged_library_is_no_fault_of_a_file(synced: Settings) -> None:
    import sqlite3

    with closing(sqlite3.connect(synced.data / FILE)) as db, db:
        db.execute("UPDATE articles SET blocks = 'not JSON'")
        db.execute("UPDATE files SET digest = ''")
    for file in synced.corpus.iterdir():
        os.utime(file, (1, 1))
    with (
        closing(Assistant(synced, TinyEmbedder())) as made,
        pytest.raises(LibraryError, match="damaged"),  # with which the command ends with 1
    ):
        made.sync()
