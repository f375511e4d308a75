"""Processes that are killed, disks that are full and files that are damaged: all ends well.

``DURABILITY_KILLS=100 pytest tests/process/test_durability.py`` kills as often as that.
"""

import json
import os
import random
import shutil
import threading
import time

import pytest

from assistant.cli.doctor import examine
from assistant.store.generations import Generations
from assistant.support.errors import AssistantError
from tests.support.tiny import (
    TinyEmbedder,
    duration,
    found,
    killed,
    process,
    tiny_assistant,
    vocabulary,
    write_article,
)

KILLS = int(os.environ.get("DURABILITY_KILLS", "4"))


@pytest.fixture
def draw():
    seed = int(os.environ.get("DURABILITY_SEED") or random.randrange(10**6))
    print("seed", seed)  # noqa: T201 - shown if the test fails
    return random.Random(seed)


@pytest.fixture
def corpus(tmp_path, draw):
    folder = tmp_path / "corpus"
    folder.mkdir()
    for number in range(24):
        write_article(folder, f"{number}.md", draw)
    return folder


@pytest.fixture
def data(tmp_path):
    return tmp_path / "data"


def change(corpus, draw):
    """Some articles are added, edited, moved, copied and removed."""
    names = sorted(path.name for path in corpus.iterdir())
    edited, moved, copied, *removed = draw.sample(names, 4 if len(names) < 26 else 6)
    write_article(corpus, f"{draw.randrange(10**9)}.md", draw)
    text = (corpus / edited).read_text("utf-8")
    (corpus / edited).write_text(text[:900] + " " + " ".join(draw.sample(vocabulary(), 9)) + ".")
    shutil.copy(corpus / copied, corpus / f"copy-{draw.randrange(10**9)}.md")
    (corpus / moved).rename(corpus / f"moved-{draw.randrange(10**9)}.md")
    for name in removed:
        (corpus / name).unlink()


def assert_as_fresh(corpus, data, draw, identity="tiny-1"):
    """A last sync leaves what a fresh library holds, and nothing for the doctor to find."""
    fresh = tiny_assistant(corpus, data.with_name(f"fresh-{draw.randrange(10**9)}"), identity)
    fresh.sync()
    again = tiny_assistant(corpus, data, identity)
    again.sync()
    questions = [" ".join(draw.sample(vocabulary(), 5)) for _ in range(12)]
    assert again._live.engine().index.revision == again.library.revision
    differing = [
        (question, sorted(set(one) ^ set(other)))
        for question, one, other in zip(
            questions, found(again, questions), found(fresh, questions), strict=True
        )
        if one != other
    ]
    assert differing == []
    again.close()
    fresh.close()
    findings = examine(again.settings, TinyEmbedder(identity))
    assert [finding for finding in findings if not finding.ok] == []
    current = Generations(data).current()
    assert len([path for path in (current / "index").iterdir() if path.is_dir()]) == 1


def test_a_sync_killed_at_random_over_a_changing_corpus_ends_as_a_fresh_one(corpus, data, draw):
    longest = duration("sync", corpus, data, "tiny-1")
    kills = 0
    while kills < KILLS:
        for _ in range(draw.randrange(1, 4)):
            change(corpus, draw)
        kills += killed(draw.uniform(0, longest), "sync", corpus, data, "tiny-1")
        if kills % 25 == 24:
            assert_as_fresh(corpus, data, draw)
    assert_as_fresh(corpus, data, draw)


def test_a_compaction_killed_at_random_leaves_the_old_library_or_the_new(corpus, data, draw):
    duration("sync", corpus, data, "tiny-1")
    change(corpus, draw)
    duration("sync", corpus, data, "tiny-1")
    longest = duration("compact", corpus, data, "tiny-1")
    for _ in range(KILLS):
        killed(draw.uniform(0, longest), "compact", corpus, data, "tiny-1")
    assert_as_fresh(corpus, data, draw)
    assert duration("compact", corpus, data, "tiny-1")
    assert_as_fresh(corpus, data, draw)


def test_a_change_of_model_killed_at_random_goes_on_and_ends_as_a_fresh_one(corpus, data, draw):
    """The kills fall into the reading, the building of the index, the swap and the clearing up."""
    longest = duration("sync", corpus, data, "tiny-1")
    for number in range(KILLS):
        if number % 10 == 9:
            duration("sync", corpus, data, f"tiny-{number}")
        killed(draw.uniform(0, longest), "sync", corpus, data, f"tiny-{number // 2}")
        change(corpus, draw)
    assert_as_fresh(corpus, data, draw, "tiny-last")


def test_the_building_of_a_lost_index_killed_at_random_ends_well(corpus, data, draw):
    duration("sync", corpus, data, "tiny-1")
    longest = duration("sync", corpus, data, "tiny-1")
    for _ in range(KILLS):
        shutil.rmtree(data / "index", ignore_errors=True)
        killed(draw.uniform(0, longest), "sync", corpus, data, "tiny-1")
    assert_as_fresh(corpus, data, draw)


def test_an_index_damaged_at_random_bytes_is_built_again_without_embedding(corpus, data, draw):
    duration("sync", corpus, data, "tiny-1")
    for _ in range(KILLS):
        files = [path for path in (data / "index").rglob("*") if path.is_file()]
        for path in draw.sample(files, draw.randrange(1, len(files) + 1)):
            content = bytearray(path.read_bytes())
            for at in draw.choices(range(len(content)), k=draw.randrange(1, 40)) if content else ():
                content[at] ^= draw.randrange(1, 256)
            path.write_bytes(content[: draw.randrange(len(content) + 1) or None])
        again = tiny_assistant(corpus, data)
        again.search("anything at all")
        assert again.sync().embedded == 0
        again.close()
    assert_as_fresh(corpus, data, draw)


def test_a_full_disk_stops_a_sync_and_loses_nothing(corpus, data, draw):
    duration("sync", corpus, data, "tiny-1")
    # More than SQLite's shared memory, less than the library will need.
    for most in (60_000, 300_000, 700_000):
        for _ in range(4):
            change(corpus, draw)
        running = process("sync", corpus, data, "tiny-1", most)
        running.join(60)
        assert running.exitcode is not None
    assert_as_fresh(corpus, data, draw)


def test_a_full_disk_stops_a_compaction_and_leaves_the_library_as_it_was(corpus, data, draw):
    duration("sync", corpus, data, "tiny-1")
    running = process("compact", corpus, data, "tiny-1", 200_000)
    running.join(60)
    assert running.exitcode == 1
    assert Generations(data).others() == []
    assert_as_fresh(corpus, data, draw)


def test_questions_during_a_full_resync_do_not_fail_and_do_not_mix_old_and_new(corpus, data, draw):
    serving = tiny_assistant(corpus, data)
    serving.sync()
    texts, of_file = remember(serving, {}, {})
    questions = [" ".join(draw.sample(vocabulary(), 5)) for _ in range(30)]
    failed, asked, done = [], [], threading.Event()

    def ask():
        while not done.is_set():
            try:
                hits = serving.search(draw.choice(questions), 8).hits
                asked.append((time.monotonic(), hits))
            except AssistantError as error:
                failed.append(error)

    asking = threading.Thread(target=ask)
    asking.start()
    for _ in range(3):
        for path in corpus.iterdir():
            write_article(corpus, path.name, draw)
        report = serving.sync()
        assert report.updated == 24
        remember(serving, texts, of_file)
    done.set()
    asking.join()
    serving.close()
    assert failed == []
    assert len(asked) > 20
    for _, hits in asked:
        assert len(hits) == 8
        assert all(hit.text == texts[hit.article][hit.start : hit.end] for hit in hits)
        versions = {(hit.source, hit.article) for hit in hits}
        assert len(versions) == len({source for source, _ in versions}), "old and new of one file"


def remember(assistant, texts, of_file):
    for summary in assistant.articles():
        texts[summary.id] = assistant.article(summary.id).text
        of_file.setdefault(summary.source, []).append(summary.id)
    return texts, of_file


def test_a_pointer_that_names_nothing_ends_in_a_library_made_anew(corpus, data, draw):
    duration("sync", corpus, data, "tiny-1")
    (data / "CURRENT").write_text("../elsewhere")
    assert_as_fresh(corpus, data, draw)


def test_a_killed_build_leaves_no_generation_behind(corpus, data):
    duration("sync", corpus, data, "tiny-1")
    left = data / "index" / "0123456789ab"
    left.mkdir()
    (left / "chroma.sqlite3").write_bytes(b"half")
    unfinished = data / "library-0123456789ab"
    unfinished.mkdir()
    (unfinished / "library.sqlite3").write_bytes(b"")
    again = tiny_assistant(corpus, data)
    assert again.sync().embedded == 0
    again.close()
    assert not left.exists()
    assert not unfinished.exists()
    assert json.loads((data / "index" / "CURRENT").read_text())["generation"]
