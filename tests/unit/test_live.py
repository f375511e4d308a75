"""What answers while another process syncs, or a library is made beside the one in use."""

import threading
import time

import pytest

from assistant.assistant import Assistant
from assistant.store.generations import Generations
from assistant.store.storage import writer_of
from assistant.support.errors import LibraryBusyError, ModelError
from assistant.support.settings import Settings
from tests.support.tiny import TinyEmbedder, tiny_assistant

PATIENCE_S = 30


def until(condition):
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, "it did not come to pass"
        time.sleep(0.05)


@pytest.fixture
def serving(corpus, tmp_path):
    """An assistant as a server keeps it."""
    made = tiny_assistant(corpus, tmp_path / "data")
    made.start_sync()
    made._worker._background.join()
    yield made
    made.close()


@pytest.fixture
def other(corpus, tmp_path):
    """The command line beside it: nothing is shared but the data folder."""
    made = tiny_assistant(corpus, tmp_path / "data")
    yield made
    made.close()


def test_a_sync_of_another_process_is_answered_from_at_once(serving, other, corpus):
    (corpus / "mill.txt").write_text("The windmill of Kinderdijk pumps water since 1740.")
    (corpus / "bees.md").unlink()
    assert other.sync().added == 1
    found = {hit.source for hit in serving.search("windmill of Kinderdijk")}
    assert "mill.txt" in found
    assert "bees.md" not in found


def test_the_index_follows_a_sync_of_another_process_in_place(serving, other, corpus):
    index = serving._live.engine().index
    generation = index._generation
    (corpus / "mill.txt").write_text("The windmill of Kinderdijk pumps water since 1740.")
    other.sync()
    until(lambda: index.revision == serving.library.revision)
    assert index._generation == generation
    assert index.ids() == serving.library.passages.languages()


def test_another_process_takes_nothing_from_the_server(serving, other):
    other.sync()
    other.search("lighthouse")
    other.close()
    assert serving._live.engine().index.revision == serving.library.revision
    assert serving.search("lighthouse of Cordouan").hits[0].source == "lighthouse.txt"


def test_the_old_model_answers_until_the_new_library_is_whole(corpus, tmp_path, embedder):
    """The old library was made with the bundled model, which its name loads again."""
    settings = Settings(corpus=corpus, data=tmp_path / "data")
    old = Assistant(settings, embedder)
    old.sync()
    expected = old.search("Why is there a tide?")
    old.close()
    held, go_on = threading.Event(), threading.Event()

    class Slow(TinyEmbedder):
        def embed_passages(self, texts):
            held.set()
            assert go_on.wait(PATIENCE_S)
            return super().embed_passages(texts)

    new = Assistant(settings, Slow())
    new.start_sync()
    assert held.wait(PATIENCE_S)
    during = new.search("Why is there a tide?")
    assert [(hit.source, hit.score) for hit in during] == [(h.source, h.score) for h in expected]
    assert new.status().ready
    go_on.set()
    new._worker._background.join()
    assert new._live.engine().embedder is new.embedder
    assert Generations(settings.data).current() != settings.data
    after = new.search("Why is there a tide?")
    assert [hit.score for hit in after] != [hit.score for hit in expected]
    until(lambda: not (settings.data / "library.sqlite3").exists())
    new.close()


def test_a_library_of_a_model_that_is_gone_is_said_so_until_it_is_made_anew(
    corpus, tmp_path, monkeypatch
):
    def refuse(name, *_, **__):
        raise ModelError(f"There is no model {name}.")

    monkeypatch.setattr("assistant.store.engine.load_embedder", refuse)
    old = tiny_assistant(corpus, tmp_path / "data", "tiny-gone")
    old.sync()
    old.close()
    held, go_on = threading.Event(), threading.Event()
    new = tiny_assistant(corpus, tmp_path / "data", "tiny-new")
    embed = new.embedder.embed_passages

    def slowly(texts):
        held.set()
        assert go_on.wait(PATIENCE_S)
        return embed(texts)

    new.embedder.embed_passages = slowly
    new.start_sync()
    assert held.wait(PATIENCE_S)
    with pytest.raises(LibraryBusyError, match=r"another embedding model.*Ask again"):
        new.search("lighthouse")
    assert not new.status().ready
    go_on.set()
    new._worker._background.join()
    assert new.search("lighthouse of Cordouan").hits
    new.close()


def test_a_new_library_that_fails_leaves_the_old_one_in_use(corpus, tmp_path):
    old = tiny_assistant(corpus, tmp_path / "data", "tiny-1")
    old.sync()
    old.close()
    new = tiny_assistant(corpus, tmp_path / "data", "tiny-2")

    def fail(texts):
        raise ZeroDivisionError

    new.embedder.embed_passages = fail
    with pytest.raises(ZeroDivisionError):
        new.sync()
    new.close()
    again = tiny_assistant(corpus, tmp_path / "data", "tiny-1")
    assert again.sync().embedded == 0
    again.close()


def test_a_sync_waits_for_another_and_says_so(serving, other, tmp_path, caplog):
    held, release = threading.Event(), threading.Event()

    def hold():
        with writer_of(other.settings).held():
            held.set()
            release.wait(PATIENCE_S)

    holder = threading.Thread(target=hold)
    holder.start()
    assert held.wait(PATIENCE_S)
    with pytest.raises(LibraryBusyError):
        other.sync()
    waiting = threading.Thread(target=other.sync, kwargs={"wait": True})
    waiting.start()
    until(lambda: "Waiting for another process" in caplog.text)
    assert waiting.is_alive()
    release.set()
    waiting.join(PATIENCE_S)
    holder.join()
    assert not waiting.is_alive()
