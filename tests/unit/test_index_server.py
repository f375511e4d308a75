"""The index on a real Chroma server finds what the one in a folder does."""

from contextlib import closing

import numpy as np
import pytest

from assistant.assistant import Assistant
from assistant.store.index_server import ServerIndex
from assistant.store.process_lock import FileProcessLock
from assistant.support.documents import FileDocument
from assistant.support.errors import LibraryError, SettingsError
from assistant.support.settings import Settings
from tests.support import chroma
from tests.support.tiny import TinyEmbedder, found, tiny_assistant


def unit(*numbers):
    vector = np.array(numbers, np.float32)
    return vector / np.linalg.norm(vector)


ENTRIES = [(1, "fr", unit(1, 0, 0)), (2, "fr", unit(0, 1, 0)), (3, "en", unit(0, 0, 1))]
QUESTIONS = ["lighthouse of Cordouan", "windmill", "Gezeiten", "ruches"]


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with chroma.running(tmp_path_factory.mktemp("chroma")) as address:
        yield address


@pytest.fixture
def connect(server, tmp_path):
    """Connects to the index of the test, as a process that may change it or one that may not."""

    def connect(owner="mine", address=server):
        lock = FileProcessLock(tmp_path / "owner.lock") if owner else None
        current = FileDocument(tmp_path / "index.json")
        return ServerIndex(address, {"X-Token": "t"}, current, lock)

    return connect


@pytest.fixture
def index(connect):
    made = connect()
    made.rebuild([ENTRIES[:2], ENTRIES[2:]], revision=7)
    yield made
    made.close()


def test_every_language_gets_its_chance_in_every_process(index, connect):
    for one in (index, connect(owner=None)):
        assert sorted(one.query(unit(1, 0.1, 0), 1, 7)) == [1, 3]
        assert one.query(unit(1, 0, 0), 1, 6) is None
        assert one.ids() == {1: "fr", 2: "fr", 3: "en"}
        assert one.lost(ENTRIES) == []


def test_a_change_counts_in_every_process(index, connect):
    other = connect(owner=None)
    assert other.revision == 7
    index.apply({1: "fr"}, [(4, "de", unit(1, 0, 0))], revision=8)
    assert sorted(other.query(unit(1, 0, 0), 5, 8)) == [2, 3, 4]
    assert other.query(unit(1, 0, 0), 5, 7) is None
    assert index.ids() == other.ids() == {2: "fr", 3: "en", 4: "de"}


def test_one_process_changes_it(index, connect):
    assert index.own()
    assert not connect().own()
    other = connect(owner=None)
    assert not other.own()
    other.apply({1: "fr"}, [], revision=9)
    assert index.revision == 7
    with pytest.raises(LibraryError, match="Another process"):
        other.rebuild([ENTRIES], revision=9)
    index.close()
    again = connect()
    assert again.open(7, {"fr": 2, "en": 1})
    assert not again.open(7, {"fr": 9, "en": 1})
    again.close()


def test_a_new_generation_takes_the_place_of_the_old_one(index):
    def collections():
        names = (one.name for one in index._connected().list_collections())
        return [name for name in names if name.startswith(before)]

    before = index._look().name
    assert len(collections()) == 2
    index.rebuild([ENTRIES[:2]], revision=8)
    assert index.query(unit(0, 1, 0), 1, 8) == [2]
    assert not collections()


def test_a_server_that_is_away_leaves_the_search_to_the_library(connect, caplog):
    index = connect(address=f"http://127.0.0.1:{chroma.free_port()}")
    with pytest.raises(LibraryError, match="Chroma server runs"):
        index.rebuild([ENTRIES], revision=7)
    assert index.query(unit(1, 0, 0), 1, 7) is None
    index.close()


def test_answers_are_the_same_with_a_server_without_one_and_when_it_goes_away(corpus, tmp_path):
    with closing(tiny_assistant(corpus, tmp_path / "data")) as made:
        made.sync()
        expected = found(made, QUESTIONS)
    with chroma.running(tmp_path / "chroma") as address:
        settings = Settings(
            corpus=corpus, data=tmp_path / "other", cache=tmp_path / "cache", chroma_url=address
        )
        with closing(Assistant(settings, TinyEmbedder())) as made:
            made.sync()
            index = made._live.engine().index
            assert index.revision == made.library.revision
            assert found(made, QUESTIONS) == expected
            (corpus / "mill.txt").write_text("The windmill of Kinderdijk pumps water since 1740.")
            made.sync()
            assert index.ids() == made.library.passages.languages()
            assert not (tmp_path / "other" / "index" / "CURRENT").exists()
    with closing(Assistant(settings, TinyEmbedder())) as made:  # the server is gone
        assert made.search("windmill").hits[0].source == "mill.txt"


@pytest.mark.parametrize("header", ["token", ": secret", "X Token: secret", "X-Token:"])
def test_a_header_has_a_name_and_a_value(header):
    assert Settings(chroma_header="X-Token: secret").chroma_header == ("X-Token", "secret")
    with pytest.raises(SettingsError, match="X-Chroma-Token: secret"):
        Settings(chroma_header=header)
