"""A corpus in object storage is copied, by fsspec, before it is read."""

import shutil
from contextlib import closing

import fsspec
import pytest

from assistant.assistant import Assistant
from assistant.ingest.mirror import mirror
from assistant.models.corpus_files import MIRRORED
from assistant.support.errors import CorpusError, EmptiedCorpusError, SettingsError
from assistant.support.settings import Settings
from tests.support.tiny import TinyEmbedder

URL = "memory://bucket/articles"


@pytest.fixture
def storage(corpus):
    """An object store with the three articles of ``corpus``, whose folder is gone."""
    store = fsspec.filesystem("memory")
    store.put(f"{corpus}/", "/bucket/articles/", recursive=True)
    store.pipe("/bucket/elsewhere.md", b"Not in the corpus.")
    shutil.rmtree(corpus)
    yield store
    store.rm("/bucket", recursive=True)


def names(folder):
    found = (path for path in folder.rglob("*") if path.is_file() and path.name != MIRRORED)
    return sorted(str(path.relative_to(folder)) for path in found)


def test_a_sync_reads_what_is_in_storage_and_follows_its_changes(storage, corpus, tmp_path):
    settings = Settings(corpus=corpus, corpus_url=URL, data=tmp_path / "data", cache=tmp_path)
    with closing(Assistant(settings, TinyEmbedder())) as made:
        assert made.sync().added == 3
        assert names(corpus) == ["bees.md", "lighthouse.txt", "sea/tides.md"]
        assert made.sync().unchanged == 3
        storage.pipe("/bucket/articles/bees.md", b"The windmill of Kinderdijk pumps water.")
        storage.rm("/bucket/articles/lighthouse.txt")
        (corpus / "own.md").write_text("Put in by a person, and not from there.")
        report = made.sync()
        assert (report.updated, report.removed, report.added) == (1, 1, 1)
        assert made.search("windmill").hits[0].source == "bees.md"
        assert names(corpus) == ["bees.md", "own.md", "sea/tides.md"]
        (corpus / "own.md").unlink()
        storage.rm("/bucket/articles", recursive=True)
        storage.mkdirs("/bucket/articles")
        with pytest.raises(EmptiedCorpusError):
            made.sync()
        assert names(corpus) == ["bees.md", "sea/tides.md"]
        assert made.sync(allow_empty=True).removed == 3


def test_only_what_has_changed_is_copied_again(storage, corpus):
    mirror(URL, corpus)
    before = {name: (corpus / name).stat().st_mtime_ns for name in names(corpus)}
    (corpus / "bees.md").unlink()
    mirror(URL, corpus)
    again = {n for n, stamp in before.items() if (corpus / n).stat().st_mtime_ns != stamp}
    assert again == {"bees.md"}


def test_a_name_that_leads_out_of_the_folder_is_left_out(storage, corpus, tmp_path, caplog):
    storage.store["/bucket/articles/../../up.md"] = storage.store["/bucket/articles/bees.md"]
    mirror(URL, corpus)
    assert len(names(corpus)) == 3
    assert not list(tmp_path.parent.rglob("up.md"))
    del storage.store["/bucket/articles/../../up.md"]


def test_storage_that_cannot_be_read_is_an_error_and_removes_nothing(storage, corpus, tmp_path):
    mirror(URL, corpus)
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(CorpusError, match="memory"):
        mirror(URL, tmp_path / "file")
    with pytest.raises(CorpusError, match=r"http://127\.0\.0\.1:1"):
        mirror("http://127.0.0.1:1/articles/", corpus)
    assert len(names(corpus)) == 3


def test_a_storage_of_no_known_kind_is_an_error(corpus):
    with pytest.raises((SettingsError, CorpusError), match="nothing-known"):
        mirror("nothing-known://bucket", corpus)
