import json

import numpy as np
import pytest
from chromadb import Collection

from assistant.store.index import Index


def unit(*numbers):
    vector = np.array(numbers, np.float32)
    return vector / np.linalg.norm(vector)


ENTRIES = [
    (1, "fr", unit(1, 0, 0)),
    (2, "fr", unit(0, 1, 0)),
    (3, "en", unit(0, 0, 1)),
]


@pytest.fixture
def index(tmp_path):
    made = Index(tmp_path)
    made.rebuild([ENTRIES[:2], ENTRIES[2:]], revision=7)
    yield made
    made.close()


def test_every_language_gets_its_chance(index):
    assert sorted(index.query(unit(1, 0.1, 0), 1, 7)) == [1, 3]


def test_it_does_not_answer_for_another_state_of_the_library(index):
    assert index.query(unit(1, 0, 0), 1, 6) is None
    index.apply({1: "fr"}, [], revision=8)
    assert index.query(unit(1, 0, 0), 1, 7) is None


def test_passages_are_added_and_dropped_in_place(index):
    index.apply({1: "fr"}, [(4, "de", unit(1, 0, 0))], revision=8)
    assert sorted(index.query(unit(1, 0, 0), 5, 8)) == [2, 3, 4]
    assert index.ids() == {2: "fr", 3: "en", 4: "de"}
    assert set(index.ids().values()) == {"de", "en", "fr"}


def test_a_language_of_few_passages_is_known_without_a_search(index, monkeypatch):
    searched = []
    query = Collection.query
    monkeypatch.setattr(
        Collection,
        "query",
        lambda self, **asked: searched.append(self.name) or query(self, **asked),
    )
    for _ in range(2):
        assert sorted(index.query(unit(1, 0.1, 0), 1, 7)) == [1, 3]
    assert searched == ["language-fr", "language-fr"]
    index.apply({3: "en"}, [(4, "en", unit(1, 0, 0)), (5, "en", unit(0, 1, 0))], revision=8)
    assert sorted(index.query(unit(1, 0.1, 0), 2, 8)) == [1, 2, 4, 5]
    assert sorted(index.query(unit(1, 0.1, 0), 1, 8)) == [1, 4]
    index.rebuild([[(6, "en", unit(1, 0, 0))]], revision=9)
    assert index.query(unit(1, 0.1, 0), 1, 9) == [6]


def test_it_opens_where_it_was_left(index, tmp_path):
    index.close()
    again = Index(tmp_path)
    assert again.open(7, {"fr": 2, "en": 1})
    assert sorted(again.query(unit(0, 1, 0), 1, 7)) == [2, 3]


def test_slots_without_a_vector_hold_nothing_of_the_process(index, tmp_path):
    graphs = list(tmp_path.glob("*/*/data_level0.bin"))
    assert len(graphs) == 2
    assert not any(any(path.read_bytes()) for path in graphs)  # Chroma has not filled them yet
    for path in graphs:
        path.write_bytes(b"a removed text  " * (path.stat().st_size // 16))
    added = [(n, "fr", unit(np.cos(n), np.sin(n), 1)) for n in range(10, 310)]
    index.apply({}, added, revision=8)
    index.close()
    assert not any(b"a removed text" in path.read_bytes() for path in graphs)
    again = Index(tmp_path)
    assert again.open(8, {"fr": 302, "en": 1})
    assert not again.lost(ENTRIES + added)
    again.close()


def test_a_missing_index_is_not_whole(tmp_path):
    assert not Index(tmp_path).open(0, {})


def test_an_index_of_another_revision_or_size_is_not_whole(index, tmp_path):
    index.close()
    assert not Index(tmp_path).open(8, {"fr": 2, "en": 1})
    assert not Index(tmp_path).open(7, {"fr": 3, "en": 1})


def test_a_damaged_index_is_not_whole_and_can_be_rebuilt(index, tmp_path):
    generation = json.loads((tmp_path / "CURRENT").read_text())["generation"]
    index.close()
    for file in (tmp_path / generation).rglob("*"):
        if file.is_file():
            file.write_bytes(b"\x00garbage" * 50)
    again = Index(tmp_path)
    assert not again.open(7, {"fr": 2, "en": 1})
    again.rebuild([ENTRIES], revision=7)
    assert 3 in again.query(unit(0, 0, 1), 1, 7)


def test_a_rebuild_leaves_one_generation(index, tmp_path):
    index.rebuild([ENTRIES], revision=9)
    assert len([entry for entry in tmp_path.iterdir() if entry.is_dir()]) == 1
    assert sorted(index.query(unit(1, 0, 0), 5, 9)) == [1, 2, 3]


def test_a_file_in_the_place_of_the_index_does_not_stop_it(tmp_path):
    (tmp_path / "index").write_text("in the way")
    made = Index(tmp_path / "index")
    assert not made.open(7, {})
    made.rebuild([ENTRIES], revision=7)
    assert 3 in made.query(unit(0, 0, 1), 1, 7)
    made.close()
