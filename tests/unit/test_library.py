import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from assistant.models.article import Article, Block
from assistant.models.clearance import ALL, Clearance
from assistant.models.filters import EVERYTHING, Filters
from assistant.models.records import Completeness, EmbeddedPassage, FileRecord
from assistant.store import passage_filters, schema, varints
from assistant.store.library import Library
from assistant.store.sqlite import PAGE_BYTES
from assistant.store.vectors import pack, pack_sentences
from assistant.store.version_store import MOST
from assistant.store.word_store import NO_WORD
from assistant.support.errors import LibraryError


@pytest.fixture
def opened(tmp_path, database):
    """Opens the library of the test, in either kind of database."""
    url = database()
    return lambda: Library(tmp_path, url)


@pytest.fixture
def library(opened):
    made = opened()
    yield made
    made.close()


@pytest.fixture
def in_file(tmp_path):
    made = Library(tmp_path)
    yield made
    made.close()


def article(text="Un phare. Une île.", source="a.txt", language="fr", title="Phares"):
    blocks = (Block(0, len(text), heading=True),)
    return Article(title, text, language, source, date(2024, 5, 2), "Anna", "https://x.org", blocks)


def passage(text, start=0, words=("phare",)):
    vector = np.zeros(4, np.float32)
    vector[len(text) % 4] = 1
    bounds = np.array([(start, start + len(text))], np.int32)
    digest = text.encode()[:16].ljust(16)
    return EmbeddedPassage(
        start,
        start + len(text),
        text,
        digest,
        pack(vector),
        bounds,
        np.array([False]),
        pack_sentences(vector[None], vector),
        words,
        [(), words],
    )


def put(library, one, *passages, source=None):
    with library.change():
        ids = library.put_article(one, passages)
        library.put_file(FileRecord(source or one.source, "d", 1, 2, one.id))
    return ids


def test_an_article_comes_back_as_it_was_put(library):
    put(library, article())
    assert library.article(article().id) == article()


def test_an_article_keeps_its_pages(library):
    paged = replace(article(), pages=(0, 9, 9))
    put(library, paged)
    kept = library.article(paged.id)
    assert kept == paged
    # The second page holds no text: what begins at 9 stands on the third.
    assert [kept.page(start) for start in (0, 8, 9, 17)] == [1, 1, 3, 3]
    assert article().page(0) is None


def test_an_unknown_article_is_an_error_that_names_it(library):
    with pytest.raises(LibraryError, match="beef"):
        library.article("beef")


def test_passages_come_back_with_their_vectors_and_their_article(library):
    (first, second) = put(library, article(), passage("Un phare."), passage("Une île.", 10))
    stored = library.passages.get([second, 999, first])
    assert [p.id for p in stored] == [second, first]
    assert stored[1].text == "Un phare." == article().text[stored[1].start : stored[1].end]
    assert (stored[1].title, stored[1].source, stored[1].language) == ("Phares", "a.txt", "fr")
    assert stored[1].published == date(2024, 5, 2)
    assert pack(stored[1].vector) == passage("Un phare.").vector
    np.testing.assert_array_equal(stored[1].bounds, [(0, 9)])
    assert stored[1].sentence_vectors.shape == (1, 4)


def test_vectors_of_a_text_are_found_again_by_digest(library):
    put(library, article(), passage("Un phare."))
    digest = passage("Un phare.").digest
    found = library.incomplete.embedded([digest, b"unknown"])
    assert list(found) == [digest]
    assert found[digest] == (passage("Un phare.").vector, passage("Un phare.").sentence_vectors)


def test_the_vectors_of_several_passages_come_by_language(library):
    ids = put(library, article(), passage("Un phare."), passage("Une île.", 10))
    put(library, article("Ein Turm", "b.txt", "de"), passage("Ein Turm"))
    found = library.passages.vectors_of([999, *range(1, 4)])
    assert sorted(found) == ["de", "fr"]
    assert found["fr"].ids.tolist() == ids
    assert pack(found["fr"].vectors[0]) == passage("Un phare.").vector
    np.testing.assert_array_equal(found["fr"].counts, [1, 1])
    assert found["fr"].sentence_vectors.shape == (2, 4)


def test_words_come_in_groups_and_have_no_vector_until_they_are_given_one(library, monkeypatch):
    (id_,) = put(library, article(), passage("Un phare.", words=("un", "phare")))
    words = library.passages.words_of([id_])[id_]
    assert words.counts.tolist() == [1, 2]
    assert words.ids[0] == NO_WORD
    assert [sorted(some) for some in library.words.without_vector(9)] == [["phare", "un"]]
    assert not library.words.vectors(words.ids, 4).any()
    vector = np.array([0.5, -0.5, 0.5, -0.5], np.float32)
    with library.change():
        library.words.put_vectors({"phare": vector, "un": None})
    assert list(library.words.without_vector(9)) == []
    ids = np.array([library.words.ids(["phare"])["phare"], 0, library.words.ids(["un"])["un"]])
    expected = [vector, [0] * 4, [0] * 4]
    np.testing.assert_allclose(library.words.vectors(ids, 4), expected, atol=0.01)
    # What is known, and what needs no vector, is not looked up again.
    monkeypatch.setattr(library.words._vectors, "_load", None)
    np.testing.assert_allclose(library.words.vectors(ids, 4), expected, atol=0.01)


def test_keywords_find_passages_of_one_language_only(library):
    (french,) = put(library, article(), passage("Un phare."))
    german = article("Ein Turm", "b.txt", "de")
    put(library, german, passage("Ein Turm", words=("phare", "turm")))
    assert library.keywords.matching(["phare", "nothing"], "fr", 10) == [french]
    assert library.keywords.matching([], "fr", 10) == []
    counted = library.keywords.document_frequencies(["phare", "turm", "x"], most=9)
    assert counted == {"phare": 2, "turm": 1}
    assert library.keywords.document_frequencies(["phare"], most=0)["phare"] > 0


def test_an_article_goes_with_its_last_file(library):
    (kept,) = put(library, article(), passage("Un phare."))
    put(library, article(), source="copy.txt")
    with library.change():
        dropped = library.drop_file("a.txt")
        assert library.drop_orphans([dropped]) == {}
    assert library.article(article().id).source == "copy.txt"
    with library.change():
        assert library.drop_orphans([library.drop_file("copy.txt")]) == {kept: "fr"}
    assert library.counts() == {"articles": 0, "passages": 0, "sentences": 0}
    assert library.keywords.matching(["phare"], "fr", 10) == []


def test_the_same_text_in_two_files_is_one_article_with_two_sources(library):
    put(library, article(), passage("Un phare."))
    put(library, article(), source="copy.txt")
    (summary,) = library.articles()
    assert summary.sources == ("a.txt", "copy.txt")
    assert (summary.source, summary.passages) == ("a.txt", 1)


def test_a_change_that_fails_changes_nothing(library):
    def fail():
        with library.change():
            library.put_article(article(), [passage("Un phare.")])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert library.counts()["articles"] == 0
    assert library.revision == 0


def test_a_change_of_passages_raises_the_revision(library):
    put(library, article(), passage("Un phare."))
    before = library.revision
    with library.change():
        library.drop_passages(article().id)
    assert library.revision > before > 0


def test_what_was_kept_is_there_after_reopening(library, opened):
    put(library, article(), passage("Un phare."))
    library.close()
    again = opened()
    assert again.counts() == {"articles": 1, "passages": 1, "sentences": 1}
    again.close()


def test_readers_in_other_threads_go_on_during_a_change(library):
    put(library, article())
    seen = []
    with library.change():
        library.drop_orphans([library.drop_file("a.txt")])
        reader = threading.Thread(target=lambda: seen.append(library.counts()["articles"]))
        reader.start()
        reader.join(5)
    assert seen == [1]


def test_a_file_that_is_no_library_is_refused_by_name(tmp_path):
    (tmp_path / "library.sqlite3").write_bytes(
        b"not a database, but long enough to be read as one" * 40
    )
    with pytest.raises(LibraryError, match=r"library\.sqlite3 is damaged.*sync again"):
        Library(tmp_path)


def test_a_library_of_an_older_format_is_made_anew(tmp_path, caplog):
    with sqlite3.connect(tmp_path / "library.sqlite3") as db:
        db.execute("CREATE TABLE articles (id)")
        db.execute("CREATE VIRTUAL TABLE keywords USING fts5(terms)")
        db.execute("CREATE TABLE passages (id INTEGER PRIMARY KEY, article REFERENCES articles)")
        db.execute("PRAGMA user_version = 1")
    made = Library(tmp_path)
    put(made, article(), passage("Un phare."))
    assert made.counts()["passages"] == 1
    assert "rebuilding it from the articles" in caplog.text
    made.close()


OF_FORMAT_2 = """
CREATE TABLE manifest (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE articles (
    id TEXT PRIMARY KEY, title TEXT NOT NULL, language TEXT NOT NULL, published TEXT, author TEXT,
    url TEXT, text TEXT NOT NULL, blocks TEXT NOT NULL);
CREATE TABLE files (
    source TEXT PRIMARY KEY, digest TEXT NOT NULL, size INTEGER NOT NULL,
    modified INTEGER NOT NULL, article TEXT REFERENCES articles(id), error TEXT);
CREATE INDEX files_article ON files(article);
CREATE TABLE passages (
    id INTEGER PRIMARY KEY AUTOINCREMENT, article TEXT NOT NULL REFERENCES articles(id),
    start INTEGER NOT NULL, "end" INTEGER NOT NULL, text TEXT NOT NULL, digest BLOB NOT NULL,
    vector BLOB NOT NULL, bounds BLOB NOT NULL, sentence_vectors BLOB NOT NULL,
    words BLOB NOT NULL);
CREATE INDEX passages_article ON passages(article);
CREATE INDEX passages_digest ON passages(digest);
CREATE TABLE words (
    id INTEGER PRIMARY KEY AUTOINCREMENT, word TEXT NOT NULL UNIQUE, vector BLOB);
CREATE INDEX words_without_vector ON words(id) WHERE vector IS NULL;
CREATE VIRTUAL TABLE keywords USING fts5(terms, tokenize = 'unicode61 remove_diacritics 0');
CREATE VIRTUAL TABLE vocabulary USING fts5vocab(keywords, 'row');
INSERT INTO articles VALUES ('1', 'Phares', 'fr', NULL, NULL, NULL, 'Un phare.', '[[0, 9, 0]]');
INSERT INTO files VALUES ('a.txt', 'd', 1, 2, '1', NULL);
PRAGMA user_version = 2;
"""


def test_a_library_of_format_2_is_upgraded_in_place(tmp_path):
    with closing(sqlite3.connect(tmp_path / "library.sqlite3")) as db:
        db.executescript(OF_FORMAT_2)
    made = Library(tmp_path)
    kept = made.article("1")
    assert (kept.text, kept.pages) == ("Un phare.", ())
    put(made, replace(article(), source="b.txt", pages=(0, 9)), passage("Un phare."))
    assert made.article(article().id).pages == (0, 9)
    assert made.query("PRAGMA user_version") == [(schema.SCHEMA_VERSION,)]
    assert not made.query("SELECT 1 FROM sqlite_master WHERE name = 'vocabulary'")
    made.close()


def test_vectors_in_half_precision_are_packed_and_no_id_is_used_again(tmp_path):
    half = np.array([[0.6, 0.8, 0, 0], [0, 0, -1, 0]], np.float16)
    places = np.array([(0, 2, 0), (3, 9, 0)], np.int32).tobytes()
    words = np.array([1, 1, 1, 0, 0, 0], np.int32).tobytes()
    with closing(sqlite3.connect(tmp_path / "library.sqlite3")) as db:
        db.executescript(OF_FORMAT_2)
        row = (
            7,
            "1",
            0,
            9,
            "Un phare.",
            b"digest",
            half[0].tobytes(),
            places,
            half.tobytes(),
            words,
        )
        db.execute(f"INSERT INTO passages VALUES ({', '.join('?' * 10)})", row)
        db.execute("INSERT INTO keywords (rowid, terms) VALUES (7, 'phar')")
        db.execute("UPDATE sqlite_sequence SET seq = 41 WHERE name = 'passages'")
        db.commit()
    made = Library(tmp_path)
    (kept,) = made.passages.get([7])
    np.testing.assert_allclose(kept.vector, half[0], atol=0.01)
    np.testing.assert_allclose(kept.sentence_vectors[0], half[0], atol=0.01)
    assert kept.sentence_vectors[1] @ half[1] > 0.85
    assert not made.incomplete.any()
    assert put(made, replace(article(), source="b.txt"), passage("Un phare.")) == [42]
    made.close()


def test_what_filters_allow_is_found_once_until_the_library_changes(library):
    found = []
    find = passage_filters.remembering(library.database, found.append)
    (id_,) = put(library, article(), passage("Un phare."), source="closed/a.txt")
    staff = Filters(clearance=Clearance(frozenset({"open"})))
    for _ in range(2):
        find(staff)
        find(EVERYTHING)
        assert not library.passages.within(staff)
        assert library.passages.within(EVERYTHING)["fr"][0].tolist() == [id_]
        assert library.passages.count(staff.clearance) == 0
    assert found == [staff, EVERYTHING]
    with library.change():
        library.put_file(FileRecord("open/a.txt", "d", 1, 2, article().id))
    assert library.passages.within(staff)["fr"][0].tolist() == [id_]
    assert library.passages.count(staff.clearance) == 1
    with library.change():
        library.drop_file("open/a.txt")
    assert not library.passages.within(staff)


@pytest.mark.parametrize("numbers", [[], [0], [127, 128, 0, 16_383, 16_384, 2**35 - 1, 5]])
def test_small_numbers_take_few_bytes_and_come_back(numbers):
    packed = varints.pack(np.array(numbers, np.int64))
    assert varints.unpack([packed])[0].tolist() == numbers
    assert len(packed) == sum(max(1, -(-n.bit_length() // 7)) for n in numbers)


def test_vectors_of_format_7_are_packed_tighter(tmp_path, embedder):
    texts = ["The lighthouse was lit in 1849.", "Its keeper lived alone there.", "lighthouse"]
    whole, sentence, word = embedder.embed_passages(texts)
    made = Library(tmp_path)
    kept = replace(passage("Un phare."), vector=pack(whole), sentence_vectors=pack(sentence[None]))
    (id_,) = put(made, article(), kept)
    with made.change():
        made.query("UPDATE words SET vector = ? WHERE word = 'phare'", pack(word))
        made.query("UPDATE words SET vector = ? WHERE word <> 'phare'", b"")
        counts_and_ids = np.array([1, 1, 0, 1], np.int32).tobytes()
        made.query("UPDATE passages SET words = ?", counts_and_ids)
        made.query("PRAGMA user_version = 7")
    made.close()
    made = Library(tmp_path)
    (found,) = made.passages.get([id_])
    words = made.passages.words_of([id_])[id_]
    assert (words.counts.tolist(), words.ids.tolist()) == ([1, 1], [NO_WORD, 1])
    assert found.sentence_vectors[0] @ sentence > 0.97
    assert made.words.get(["phare"])["phare"] @ word > 0.99
    assert made.query("SELECT length(sentence_vectors) FROM passages") == [(196,)]
    assert made.query("SELECT length(vector) FROM words") == [(192,)]
    made.close()


def test_vectors_that_are_still_to_be_made(library):
    text = "Un phare."
    made = passage(text)
    sketch = np.array([1, 0, 0, 0], np.float32)
    new = replace(made, vector=None, sentence_vectors=None, sketch=sketch)
    (id_,) = put(library, article(), new)
    passages, incomplete = library.passages, library.incomplete
    assert (incomplete.without_vector(), incomplete.without_sentences()) == ([id_], [id_])
    assert incomplete.sketched(EVERYTHING)["fr"][0].tolist() == [id_]
    assert not passages.within(EVERYTHING)
    assert not passages.vectors_of([id_])
    assert not incomplete.embedded([new.digest])
    assert incomplete.texts_of([id_])[id_].sentences == (text,)
    assert passages.completeness() == Completeness(1, 0, 0)
    before = library.revision
    with library.change():
        library.put_vectors({id_: made.vector, 999: made.vector})
    assert library.revision > before  # the index has something to take in
    assert not incomplete.sketched(EVERYTHING)
    assert passages.vectors_of([id_])["fr"].counts.tolist() == [0]
    assert incomplete.among([id_]) == {id_}
    with library.change():
        incomplete.put_sentence_vectors({id_: made.sentence_vectors})
    assert passages.completeness() == Completeness(0, 0, 1)
    assert passages.get([id_])[0].sentence_vectors.shape == (1, 4)


def test_an_upgrade_that_fails_midway_leaves_the_library_as_it_was(tmp_path, monkeypatch):
    with closing(sqlite3.connect(tmp_path / "library.sqlite3")) as db:
        db.executescript(OF_FORMAT_2)
    steps = (*schema._UPGRADES[2], "DROP TABLE keywords", "NO SUCH STATEMENT")
    monkeypatch.setitem(schema._UPGRADES, 2, steps)
    with pytest.raises(LibraryError):
        Library(tmp_path)
    monkeypatch.undo()
    with closing(sqlite3.connect(tmp_path / "library.sqlite3")) as db:
        assert db.execute("PRAGMA user_version").fetchone() == (2,)
        assert "pages" not in [row[1] for row in db.execute("PRAGMA table_info(articles)")]
    upgraded = Library(tmp_path)
    assert upgraded.article("1").text == "Un phare."
    upgraded.close()


def test_a_snapshot_sees_one_state_whatever_is_written(library):
    put(library, article(), passage("Un phare."))

    def remove():
        with library.change():
            library.drop_orphans([library.drop_file("a.txt")])

    with library.snapshot():
        assert library.counts()["articles"] == 1
        writer = threading.Thread(target=remove)
        writer.start()
        writer.join()
        assert library.counts()["articles"] == 1
        assert library.article(article().id) == article()
    assert library.counts()["articles"] == 0


def test_a_library_that_was_removed_does_not_come_back_empty(in_file, tmp_path):
    put(in_file, article())
    for file in tmp_path.iterdir():
        file.unlink()
    with in_file.snapshot(), ThreadPoolExecutor(1) as pool, pytest.raises(LibraryError):
        pool.submit(in_file.counts).result()  # by a new connection, as the other is in use
    assert list(tmp_path.iterdir()) == []


def test_a_library_of_a_newer_format_is_refused_and_left_alone(tmp_path):
    with sqlite3.connect(tmp_path / "library.sqlite3") as db:
        db.execute("PRAGMA user_version = 99")
    with pytest.raises(LibraryError, match="format 99"):
        Library(tmp_path)


def test_a_data_folder_that_cannot_be_made_is_an_error(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(LibraryError, match="--data"):
        Library(tmp_path / "file")


def test_a_library_damaged_in_the_middle_is_an_error_that_says_what_to_do(in_file, tmp_path):
    put(in_file, article("Un phare. " * 20_000), passage("Un phare."))
    in_file.close()
    file = tmp_path / "library.sqlite3"
    size = file.stat().st_size
    with file.open("r+b") as damaged:
        damaged.seek(PAGE_BYTES)
        damaged.write(b"\xff" * (size - PAGE_BYTES))
    again = Library(tmp_path)
    with pytest.raises(LibraryError, match="sync again"):
        again.articles()
    again.close()


def test_threads_that_come_and_go_share_few_connections(in_file):
    together = threading.Barrier(12)

    def read():
        with in_file.snapshot():
            together.wait(30)
            return in_file.files()

    for _ in range(3):
        with ThreadPoolExecutor(12) as threads:
            assert [one.result() for one in [threads.submit(read) for _ in range(12)]] == [{}] * 12
    assert 1 <= len(in_file.database._connections) <= 4


def test_a_connection_is_nobody_elses_during_a_snapshot(library):
    put(library, article("Un phare."), passage("Un phare."))
    with library.snapshot():
        assert len(library.articles()) == 1
        with ThreadPoolExecutor(1) as thread:
            thread.submit(
                put, library, article("Une tour.", source="b.txt"), passage("Une tour.")
            ).result()
        assert len(library.articles()) == 1
    assert len(library.articles()) == 2


def test_a_library_that_cannot_be_opened_leaves_no_file_open(in_file, tmp_path, monkeypatch):
    in_file.close()
    (tmp_path / "library.sqlite3").write_bytes(b"no in_file" * 1000)
    opened, connect = [], sqlite3.connect

    def watched(*arguments, **options):
        opened.append(connect(*arguments, **options))
        return opened[-1]

    monkeypatch.setattr(sqlite3, "connect", watched)
    with pytest.raises(LibraryError, match="damaged"):
        in_file.files()
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        opened[0].execute("SELECT 1")


def test_a_library_closed_while_it_is_read_opens_again(in_file):
    with in_file.database.connection():
        in_file.close()
    assert in_file.files() == {}
    assert len(in_file.database._connections) == 1


def test_few_versions_of_a_file_are_kept_and_go_with_it(library):
    ids = []
    for number in range(MOST + 3):
        one = replace(article(), text=f"Version {number}.", blocks=())
        put(library, one, passage(one.text))
        ids.append(one.id)
    assert library.versions.since(ids[0], ALL) is None
    history = library.versions.since(ids[-2], ALL)
    assert (history.now, [one.text for one in history.versions]) == (
        ids[-1],
        [f"Version {MOST + 1}."],
    )
    whole = library.versions.since(ids[-1 - MOST], ALL)
    assert len(whole.versions) == MOST
    assert library.versions.since(ids[-2], Clearance(frozenset({"elsewhere"}))) is None
    with library.change():
        library.drop_file(article().source)
    assert library.query("SELECT count(*) FROM versions") == [(0,)]
