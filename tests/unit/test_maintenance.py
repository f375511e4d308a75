import json
import sqlite3
import threading
import zipfile
from contextlib import closing
from pathlib import Path

import pytest

from assistant.store import backup as backups
from assistant.store.checks import broken_words
from assistant.store.maintenance import backup, compact, restore
from assistant.store.sqlite import FILE, PAGE_BYTES
from assistant.support.errors import LibraryError
from tests.support.tiny import TinyEmbedder, tiny_assistant

SECRET = "Zanzibarquux"


@pytest.fixture
def made(corpus, tmp_path):
    assistant = tiny_assistant(corpus, tmp_path / "data")
    yield assistant
    assistant.close()


@pytest.fixture
def file(made, tmp_path):
    """A backup of three articles."""
    made.sync()
    backup(made.library, tmp_path / "library.zip")
    return tmp_path / "library.zip"


def everything(folder):
    """The bytes of all files in ``folder``, in small letters."""
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file()).lower()


def test_no_byte_of_a_removed_article_is_left_after_a_compaction(made, corpus, tmp_path):
    secret = corpus / "secret.txt"
    secret.write_text(f"The {SECRET} papers were sealed by the notary in a drawer of oak. " * 40)
    made.sync()
    assert SECRET.lower().encode() in everything(tmp_path / "data")
    secret.write_text("Nothing is sealed here any more.")
    made.sync()
    assert made.library.query("SELECT count(*) FROM versions") == [(1,)]
    secret.unlink()
    made.sync()
    assert made.library.query("SELECT count(*) FROM versions") == [(0,)]
    held = made.library.counts()
    made.close()
    done = compact(made.settings, TinyEmbedder())
    assert done.left == ()
    content = everything(tmp_path / "data")
    for word in (SECRET, "notary", "drawer", "secret.txt"):
        assert word.lower().encode() not in content, word
    assert b"lighthouse" in content
    again = tiny_assistant(corpus, tmp_path / "data")
    assert again.library.counts() == held
    assert not list(broken_words(again.library, again.embedder.dimension))
    assert again.sync().embedded == 0
    assert again.search("lighthouse of Cordouan").hits[0].source == "lighthouse.txt"
    again.close()


def test_a_library_of_small_pages_gets_large_ones_with_a_compaction(made, corpus, tmp_path):
    made.sync()
    assert made.library.query("PRAGMA page_size") == [(PAGE_BYTES,)]
    made.close()
    with closing(sqlite3.connect(tmp_path / "data" / FILE, isolation_level=None)) as db:
        for statement in ("PRAGMA journal_mode = DELETE", "PRAGMA page_size = 4096", "VACUUM"):
            db.execute(statement)
    compact(made.settings, TinyEmbedder())
    with closing(tiny_assistant(corpus, tmp_path / "data")) as again:
        assert again.library.query("PRAGMA page_size") == [(PAGE_BYTES,)]
        assert again.search("lighthouse of Cordouan").hits


def test_no_byte_of_what_an_article_said_before_is_left_after_a_compaction(made, corpus, tmp_path):
    changed = corpus / "changed.txt"
    changed.write_text(f"The {SECRET} papers were sealed. The office is open every day.")
    made.sync()
    changed.write_text("The office is open every day.")
    made.sync()
    made.close()
    compact(made.settings, TinyEmbedder())
    assert SECRET.lower().encode() not in everything(tmp_path / "data")
    again = tiny_assistant(corpus, tmp_path / "data")
    assert again.library.query("SELECT count(*) FROM versions") == [(0,)]
    again.close()


def test_a_compaction_beside_a_server_is_taken_over_by_it(made, corpus, tmp_path):
    made.start_sync()
    made._worker._background.join()
    expected = made.search("lighthouse of Cordouan").hits[0].text
    embedded = len(made.embedder.texts)
    assert compact(made.settings, TinyEmbedder()).left == ()
    assert not (tmp_path / "data" / "library.sqlite3").exists()
    assert made.search("lighthouse of Cordouan").hits[0].text == expected
    assert len(made.embedder.texts) == embedded


def test_a_backup_comes_back_as_it_was(made, corpus, tmp_path, file):
    held = [made.library.article(summary.id) for summary in made.articles()]
    settings = made.settings.model_copy(update={"data": tmp_path / "other"})
    manifest = restore(settings, file, force=False)
    assert manifest.articles == 3
    other = tiny_assistant(corpus, tmp_path / "other")
    assert [other.library.article(summary.id) for summary in other.articles()] == held
    assert other.sync().embedded == 0
    assert other.search("lighthouse of Cordouan").hits[0].source == "lighthouse.txt"
    other.close()


def test_a_backup_comes_back_to_a_folder_named_from_where_one_is(made, tmp_path, file, monkeypatch):
    monkeypatch.chdir(tmp_path)
    settings = made.settings.model_copy(update={"data": Path("other")})
    assert restore(settings, Path(file.name), force=False).articles == 3


def test_a_restore_replaces_articles_only_when_it_is_told_to(made, corpus, tmp_path, file):
    (corpus / "mill.txt").write_text("The windmill of Kinderdijk pumps water since 1740.")
    made.sync()
    with pytest.raises(LibraryError, match=r"4 articles.*--force"):
        restore(made.settings, file, force=False)
    assert len(made.articles()) == 4
    made.start_sync()
    made._worker._background.join()
    restore(made.settings, file, force=True)
    assert len(made.articles()) == 3


def test_a_backup_during_a_sync_is_whole(made, corpus, tmp_path, monkeypatch):
    monkeypatch.setattr("assistant.ingest.sync.BATCH_FILES", 1)
    monkeypatch.setattr("assistant.ingest.sync.BATCH_PASSAGES", 1)
    for number in range(60):
        (corpus / f"{number}.txt").write_text(f"The village number {number} has a mill. " * 3)
    syncing = threading.Thread(target=made.sync)
    syncing.start()
    counts = []
    for number in range(5):
        backup(made.library, tmp_path / f"{number}.zip")
        settings = made.settings.model_copy(update={"data": tmp_path / f"data-{number}"})
        counts.append(restore(settings, tmp_path / f"{number}.zip", force=False).articles)
    syncing.join()
    assert counts == sorted(counts)


def test_what_is_no_backup_is_not_written_over(made, file, tmp_path):
    (tmp_path / "thesis.doc").write_text("years of work")
    with pytest.raises(LibraryError, match="not a backup"):
        backup(made.library, tmp_path / "thesis.doc")
    assert (tmp_path / "thesis.doc").read_text() == "years of work"
    backup(made.library, file)
    left = {path.name for path in tmp_path.iterdir()}
    assert left == {"cache", "corpus", "data", "library.zip", "thesis.doc"}


def rewritten(file, **changed):
    """The backup again, with other content under some names, or others names beside."""
    with zipfile.ZipFile(file) as archive:
        content = {name: archive.read(name) for name in archive.namelist()}
    content |= {name.replace("__", "."): data for name, data in changed.items()}
    with zipfile.ZipFile(file, "w") as archive:
        for name, data in content.items():
            archive.writestr(name, data)


def manifest_of(file, **changed):
    with zipfile.ZipFile(file) as archive:
        return json.dumps(json.loads(archive.read("manifest.json")) | changed).encode()


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda file: rewritten(file, **{"../../evil.txt": b"x"}), "other files"),
        (lambda file: rewritten(file, **{"/etc/evil": b"x"}), "other files"),
        (lambda file: rewritten(file, library__sqlite3=b"SQLite format 3"), "damaged"),
        (lambda file: rewritten(file, library__sqlite3=bytes(9_000_000)), "damaged"),
        (lambda file: rewritten(file, manifest__json=b"[]"), "not a backup"),
        (lambda file: rewritten(file, manifest__json=manifest_of(file, schema=99)), "newer"),
        (lambda file: rewritten(file, manifest__json=manifest_of(file, format=9)), "newer"),
        (lambda file: file.write_bytes(file.read_bytes()[:-900]), "cannot be restored"),
        (lambda file: file.write_text("not a zip"), "cannot be restored"),
        (lambda file: file.unlink(), "cannot be restored"),
    ],
)
def test_a_backup_that_is_not_right_changes_nothing(made, file, tmp_path, spoil, told):
    spoil(file)
    before = {path.name for path in tmp_path.iterdir()}
    with pytest.raises(LibraryError, match=told):
        restore(made.settings, file, force=True)
    assert made.search("lighthouse of Cordouan").hits[0].source == "lighthouse.txt"
    assert list((tmp_path / "data").glob("library-*")) == []
    assert {path.name for path in tmp_path.iterdir()} == before


def test_a_library_with_a_trigger_is_not_restored(made, file, tmp_path):
    spoilt = tmp_path / "spoilt.sqlite3"
    with zipfile.ZipFile(file) as archive:
        spoilt.write_bytes(archive.read("library.sqlite3"))
    with closing(sqlite3.connect(spoilt)) as db:
        db.execute("CREATE TRIGGER t AFTER INSERT ON files BEGIN DELETE FROM articles; END")
        db.commit()
    described = json.dumps(backups.asdict(backups._describe(spoilt))).encode()
    rewritten(file, library__sqlite3=spoilt.read_bytes(), manifest__json=described)
    with pytest.raises(LibraryError, match="no intact library"):
        restore(made.settings, file, force=True)


@pytest.mark.parametrize("name", ["missing", "file"])
def test_a_backup_that_cannot_be_written_names_the_folder_and_leaves_nothing(made, tmp_path, name):
    made.sync()
    (tmp_path / "file").touch()
    before = sorted(tmp_path.iterdir())
    with pytest.raises(LibraryError) as raised:
        backup(made.library, tmp_path / name / "library.zip")
    assert f"in the folder {tmp_path / name}: N" in str(raised.value)
    assert "sqlite3" not in str(raised.value)
    assert sorted(tmp_path.iterdir()) == before
