import logging
import os
import threading
import time
from contextlib import contextmanager
from queue import Empty, Queue

import pytest

from assistant.ingest import watcher as watching
from assistant.ingest.watcher import Watch, is_temporary
from assistant.store.storage import writer_of


@pytest.fixture(autouse=True)
def _quickly(monkeypatch):
    monkeypatch.setattr(watching, "QUIET_MS", 150)
    monkeypatch.setattr(watching, "LOOK_S", 0.1)


@contextmanager
def following(folder, apart):
    """The items of a watch, in a queue, past those of its beginning."""
    items = Queue()
    with Watch(folder, apart) as watch:

        def gather():
            for item in watch:
                items.put(item)

        thread = threading.Thread(target=gather)
        thread.start()
        count(items)
        yield items
    thread.join(5)
    assert not thread.is_alive()


def count(items, most_s=5.0, quiet_s=0.8):
    """How many items come, until none has for ``quiet_s``."""
    found, wait = 0, most_s
    while True:
        try:
            items.get(timeout=wait)
        except Empty:
            return found
        found, wait = found + 1, quiet_s


@pytest.mark.parametrize(
    "name",
    [".x.md.swp", ".hidden", "x.md~", ".#x.md", "#x.md#", "4913", "~$letter.docx", "x.swp", "x.tmp",
     "x.pdf.part", "x.html.crdownload", ".goutputstream-ABC", ".DS_Store"],
)  # fmt: skip
def test_files_of_programs_at_work_are_temporary(name):
    assert is_temporary(name)


@pytest.mark.parametrize(
    "name", ["x.md", "#1 of ten.txt", "a~b.md", "4913.txt", "swp", "tmp", "a.b.html"]
)
def test_articles_are_not_temporary(name):
    assert not is_temporary(name)


def test_a_burst_of_changes_is_one(corpus, tmp_path):
    with following(corpus, tmp_path / "data") as items:
        for number in range(20):
            (corpus / f"{number}.txt").write_text("Words.")
            time.sleep(0.01)
        assert count(items) == 1
        (corpus / "0.txt").unlink()
        assert count(items) == 1


def test_a_file_saved_in_the_way_of_editors_is_one_change(corpus, tmp_path):
    file = corpus / "bees.md"
    with following(corpus, tmp_path / "data") as items:
        (corpus / "4913").touch()  # vim asks whether it may write here
        (corpus / "4913").unlink()
        (corpus / ".bees.md.swp").write_text("")
        file.rename(corpus / "bees.md~")
        file.write_text("New words.")
        (corpus / "bees.md~").unlink()
        assert count(items) == 1
        written = corpus / ".bees.md.Xy12"
        written.write_text("Newer words.")
        os.replace(written, file)
        assert count(items) == 1


def test_temporary_files_and_the_data_folder_are_no_change(corpus):
    data = corpus / "data"
    data.mkdir()
    with following(corpus, data) as items:
        (corpus / ".bees.md.swp").write_text("x")
        (corpus / "bees.md~").write_text("x")
        (corpus / ".git").mkdir()
        (corpus / ".git" / "x.txt").write_text("x")
        (data / "x.html").write_text("x")
        assert count(items, most_s=1.0) == 0


def test_a_folder_moved_in_or_out_is_a_change(corpus, tmp_path):
    with following(corpus, tmp_path / "data") as items:
        (corpus / "sea").rename(tmp_path / "sea")
        assert count(items) == 1
        (tmp_path / "sea").rename(corpus / "sea")
        assert count(items) == 1


def test_a_folder_that_goes_is_no_change_but_its_return_is(corpus, tmp_path, caplog):
    with following(corpus, tmp_path / "data") as items:
        away = corpus.rename(tmp_path / "away")
        assert count(items, most_s=1.0) == 0
        assert caplog.text.count("missing") == 1
        away.rename(corpus)
        assert count(items) == 1
        (corpus / "new.txt").write_text("Words.")
        assert count(items) == 1


def test_a_folder_may_come_after_the_watch(tmp_path):
    with following(tmp_path / "later", tmp_path / "data") as items:
        (tmp_path / "later").mkdir()
        assert count(items) == 1


def test_what_cannot_be_watched_is_looked_at_now_and_then(corpus, tmp_path, monkeypatch, caplog):
    import watchfiles

    real = watchfiles.watch

    def full(*paths, force_polling=None, **more):
        if not force_polling:
            raise OSError("OS file watch limit reached")
        yield from real(*paths, force_polling=True, **more)

    monkeypatch.setattr(watchfiles, "watch", full)
    with following(corpus, tmp_path / "data") as items:
        (corpus / "new.txt").write_text("Words.")
        assert count(items) >= 1
    assert "limit reached" in caplog.text


def until(condition):
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline, "it did not come to pass"
        time.sleep(0.05)


def test_an_assistant_that_follows_its_folder_answers_from_what_is_there(small, corpus, caplog):
    caplog.set_level(logging.INFO)
    small.start_sync(follow=True)
    until(lambda: small.status().articles == 3 and not small.status().syncing)
    (corpus / "mills.txt").write_text("The windmills of Kinderdijk were finished in 1740.")
    until(lambda: small.status().articles == 4 and not small.status().syncing)
    assert small.search("windmills of Kinderdijk").hits[0].source == "mills.txt"
    summaries = [r for r in caplog.messages if "1 added" in r]
    assert len(summaries) == 1


def test_following_survives_an_emptied_folder(small, corpus):
    small.start_sync(follow=True)
    until(lambda: small.status().articles == 3 and not small.status().syncing)
    kept = {path: path.read_bytes() for path in corpus.rglob("*.*")}
    for path in kept:
        path.unlink()
    until(lambda: small.status().error)
    assert "--allow-empty" in small.status().error
    assert small.status().articles == 3
    for path, data in kept.items():
        path.write_bytes(data)
    until(lambda: small.status().error is None and not small.status().syncing)
    assert small.status().articles == 3


def test_following_waits_for_another_process_that_syncs(small, corpus, caplog):
    with caplog.at_level("INFO"), writer_of(small.settings).held():
        small.start_sync(follow=True)
        until(lambda: "Waiting for another process" in caplog.text)
        assert small.status().syncing
    until(lambda: small.status().articles == 3 and not small.status().syncing)
    assert small.status().error is None
