"""What PostgreSQL gives, SQLite gives; several processes share what is in it."""

import json
import random
import subprocess
import sys
import time
from contextlib import closing
from functools import partial

import pytest
from starlette.testclient import TestClient

from assistant.access import ANYONE
from assistant.access.accounts import User
from assistant.assistant import Assistant
from assistant.cli import main
from assistant.evaluation.question_sets import read_questions
from assistant.models.corpus_files import ACCESS_FILE, QUESTIONS_FILE
from assistant.store import migration
from assistant.store.feedback import Opinion
from assistant.store.migration import TABLES, digest_of, migrate
from assistant.store.postgres_generations import PostgresGenerations
from assistant.store.postgres_shared import Shared, shared_at
from assistant.store.schema import SCHEMA_VERSION
from assistant.store.storage import accounts_of, document_of, generations_of, spent_of, writer_of
from assistant.support.errors import LibraryBusyError, LibraryError
from assistant.support.settings import Settings
from assistant.web.app import create_app
from assistant.web.gate.attempts import PER_NAME, Attempts
from assistant.web.gate.rates import Rate
from assistant.web.gate.sessions import Sessions
from benchmarks.rephrased import keywords, mistyped
from tests.support.access import KEPT
from tests.support.repository import CORPUS, ROOT
from tests.support.tiny import TinyEmbedder, found

TAKEN_OVER_S = 30
PATIENCE_S = 30
SEEN_S = 2

HOLD = """
import sys, time
from assistant.store.storage import writer_of
from assistant.support.settings import Settings
with writer_of(Settings(database_url=sys.argv[1])).held():
    print("held", flush=True)
    time.sleep(600)
"""


@pytest.fixture(scope="module")
def moved(synced, postgres, tmp_path_factory):
    """The library over the repository's corpus, in PostgreSQL."""
    data = tmp_path_factory.mktemp("moved")
    settings = Settings(corpus=CORPUS, data=data, database_url=postgres.new_database())
    migrate(Settings(corpus=CORPUS, data=synced), settings)
    return settings


@pytest.fixture
def tiny(corpus, tmp_path, postgres):
    """Makes assistants over one database, each as on a machine of its own."""
    url, made = postgres.new_database(), []

    def make(name, identity="tiny-1"):
        data = tmp_path / name
        settings = Settings(corpus=corpus, data=data, cache=tmp_path, database_url=url)
        made.append(Assistant(settings, TinyEmbedder(identity)))
        return made[-1]

    yield make
    for one in made:
        one.close()


def without_times(answer):
    return {name: value for name, value in answer.items() if name != "timings_ms"}


def until(condition, patience=SEEN_S):
    started = time.monotonic()
    while not condition():
        assert time.monotonic() - started < patience, "it did not come to pass"
        time.sleep(0.02)


def asked(most):
    """The golden questions, then as many of them mistyped, or as keywords alone."""
    golden, draw = read_questions(CORPUS / QUESTIONS_FILE), random.Random(1)
    ways = (rephrase(one, draw) for one in golden for rephrase in (mistyped, keywords))
    return list(dict.fromkeys([*(one.question for one in golden), *filter(None, ways)]))[:most]


@pytest.mark.slow  # asks them all twice
def test_three_hundred_questions_find_the_same_and_are_answered_the_same(
    assistant, moved, embedder
):
    questions = asked(300)
    assert len(questions) == 300
    with closing(Assistant(moved, embedder)) as other:
        for question in questions:
            assert other.search(question).to_json() == assistant.search(question).to_json()
            answers = [one.ask(question).to_json() for one in (assistant, other)]
            assert without_times(answers[0]) == without_times(answers[1])


def test_keywords_rank_the_same_to_the_last_bit(assistant, moved):
    with closing(generations_of(moved).open()[1]) as library:
        terms = sorted(dict(library.query("SELECT term, doc FROM vocabulary")))
        known = assistant.library.keywords.document_frequencies(terms, 10_000)
        assert library.keywords.document_frequencies(terms, 10_000) == known
        for at in range(0, len(terms) - 5, 29):
            some, language = terms[at : at + 5], ("en", "fr", "de")[at % 3]
            expected = assistant.library.keywords.matching(some, language, 50)
            assert library.keywords.matching(some, language, 50) == expected


def test_doctor_finds_nothing_wrong_with_a_library_that_was_moved(moved, monkeypatch, capsys):
    monkeypatch.setenv("ASSISTANT_DATABASE_URL", str(moved.database_url))
    main(["doctor", "--corpus", str(CORPUS), "--data", str(moved.data), "--json"])
    told = json.loads(capsys.readouterr().out)
    wrong = [one["check"] for one in told["checks"] if not one["ok"]]
    assert set(wrong) <= {"index"}  # it is made at the first question, not copied


def test_a_sync_on_one_machine_is_seen_on_another_within_two_seconds(tiny, corpus):
    writing, answering = tiny("writing"), tiny("answering")
    writing.sync()
    assert answering.search("lighthouse of Cordouan").hits[0].source == "lighthouse.txt"
    (corpus / "mill.txt").write_text("The windmill of Kinderdijk pumps water since 1740.")
    (corpus / "bees.md").unlink()
    writing.sync()
    until(lambda: "mill.txt" in {hit.source for hit in answering.search("windmill")})
    assert "bees.md" not in {hit.source for hit in answering.search("ruches")}
    assert found(answering, ["windmill", "tides"]) == found(writing, ["windmill", "tides"])


def test_another_model_makes_a_library_beside_the_old_one_which_goes_when_nobody_reads_it(tiny):
    old = tiny("old")
    old.sync()
    before = old.library
    new = tiny("new", "tiny-2")
    new.sync()
    generations = generations_of(new.settings)
    assert generations.current().name.startswith("library-")
    assert generations.others()  # the old one is still open
    until(lambda: old.library is not before)
    before.close()
    # A connection that was closed here is known to be so there a moment later.
    until(lambda: generations.remove_others() or not generations.others(), PATIENCE_S)
    assert new.search("lighthouse of Cordouan").hits[0].source == "lighthouse.txt"


def test_one_process_writes_and_when_it_is_killed_another_does(postgres):
    url = postgres.new_database()
    writer = writer_of(Settings(database_url=url))
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, url], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(LibraryBusyError), writer.held():
            pass
    finally:
        holder.kill()
        holder.wait()
        holder.stdout.close()
    started = time.monotonic()
    with writer.held(wait=True):
        assert time.monotonic() - started < TAKEN_OVER_S


def test_users_and_sign_outs_count_in_every_process(tmp_path, postgres):
    settings = Settings(data=tmp_path, database_url=postgres.new_database())
    mine, other = (accounts_of(settings) for _ in range(2))
    assert not other.current()
    mine.change(lambda a: a.with_user("anna", User(KEPT)))
    until(lambda: "anna" in other.current().users)
    here, there = (Sessions(one, document_of(settings, "ended")) for one in (mine, other))
    value = here.begin("anna")
    assert there.holder(value) is not None
    here.end(value)
    until(lambda: there.holder(value) is None)
    assert list(tmp_path.iterdir()) == []


def test_a_change_is_told_at_once_and_looked_for_each_second(postgres):
    url = postgres.new_database()
    here, there = Shared(url), Shared(url)
    time.sleep(0.3)  # until both listen
    started = time.monotonic()
    here.change("news", lambda before: "new")
    until(lambda: there.document("news") == (1, "new"))
    assert time.monotonic() - started < SEEN_S / 4
    here.run("UPDATE assistant.documents SET content = 'newer'")  # without a word
    until(lambda: there.document("news") == (1, "newer"))


def test_a_migration_is_continued_where_it_was_cut_off_and_comes_back_the_same(
    corpus, tmp_path, postgres, monkeypatch
):
    data = Settings(corpus=corpus, data=tmp_path / "data", cache=tmp_path)
    with closing(Assistant(data, TinyEmbedder())) as made:
        made.sync()
        made.add_feedback(Opinion("Why?", "So.", (), "up"))
        digest = digest_of(made.library)
        accounts_of(data).change(lambda a: a.with_user("anna", User(KEPT)))
        database = data.model_copy(update={"database_url": postgres.new_database()})
        monkeypatch.setitem(migration.TABLES, "words", "no_such_column")
        with pytest.raises(LibraryError):
            migrate(data, database)
        monkeypatch.undo()
        assert not generations_of(database).holds_articles()
        done = migrate(data, database)
        assert (done.digest, done.documents, done.entries) == (digest, 1, 1)
        assert done.rows["articles"] == 3
        assert made.search("lighthouse").hits  # it goes on serving
    with pytest.raises(LibraryError, match="--force"):
        migrate(data, database)
    back = Settings(corpus=corpus, data=tmp_path / "back", cache=tmp_path)
    assert migrate(database, back).digest == digest
    assert set(accounts_of(back).read().users) == {"anna"}
    with closing(Assistant(back, TinyEmbedder())) as made:
        assert [entry["question"] for entry in made.feedback.entries()] == ["Why?"]
        assert made.sync().embedded == 0
    with closing(Assistant(database, TinyEmbedder())) as made:
        (corpus / "mill.txt").write_text("The windmill of Kinderdijk pumps water since 1740.")
        assert made.sync().added == 1  # its ids follow those that were copied


def test_what_pg_dump_writes_pg_restore_brings_back(moved, postgres, tmp_path):
    again = moved.model_copy(update={"database_url": postgres.new_database()})
    file = tmp_path / "library.dump"
    postgres.run("pg_dump", "-Fc", "-f", str(file), moved.database_url)
    postgres.run("pg_restore", "-d", again.database_url, str(file))
    shared_at.cache_clear()  # as in another process: the pointer came from outside
    with (
        closing(generations_of(moved).open()[1]) as old,
        closing(generations_of(again).open()[1]) as new,
    ):
        assert digest_of(new) == digest_of(old)
        terms = sorted(dict(old.query("SELECT term, doc FROM vocabulary")))[:50]
        assert new.keywords.matching(terms, "fr", 20) == old.keywords.matching(terms, "fr", 20)


def test_a_migration_copies_every_column(synced):
    with closing(generations_of(Settings(data=synced)).open()[1]) as library:
        for table, columns in TABLES.items():
            rows = library.query(f"SELECT name FROM pragma_table_info('{table}')")
            named = [one.strip(' "') for one in columns.split(",")]
            assert named == [name for (name,) in rows] or table == "keywords"


def test_a_schema_of_a_newer_format_is_refused_and_left_alone(tmp_path, postgres):
    generations = PostgresGenerations(tmp_path, postgres.new_database())
    with closing(generations.open()[1]) as library:
        library.query("UPDATE format SET version = 99")
    with pytest.raises(LibraryError, match="format 99"):
        generations.open()


def test_a_schema_of_format_8_is_migrated_in_place_with_its_vocabulary(tmp_path, postgres):
    generations = PostgresGenerations(tmp_path, postgres.new_database())
    with closing(generations.open()[1]) as library:
        library.query("UPDATE format SET version = 8")
    with closing(generations.open()[1]) as library:
        assert library.query("SELECT version FROM format") == [(SCHEMA_VERSION,)]
        assert library.keywords.document_frequencies(["phare"], 9) == {}


def test_a_server_that_is_not_there_is_an_error_without_the_password(tmp_path):
    url = f"postgresql://anna:hunter2hunter2@127.0.0.1:1/x?host={tmp_path}"
    with pytest.raises(LibraryError, match="PostgreSQL runs") as raised:
        generations_of(Settings(data=tmp_path, database_url=url)).open()
    assert "hunter2" not in str(raised.value)


def test_a_rate_is_counted_over_all_processes(tmp_path, postgres):
    settings = Settings(data=tmp_path, database_url=postgres.new_database())
    now = [0.0]
    here, there = (Rate(6, clock=lambda: now[0]) for _ in range(2))
    shared = spent_of(settings, "questions", 6)
    assert [here.wait("anna") for _ in range(4)] == [0] * 4
    here.correct(shared.settle(here.spent()))
    assert there.wait("anna") == 0
    there.correct(shared.settle(there.spent()))
    assert [there.wait("anna") for _ in range(2)] == [0, pytest.approx(10, abs=1)]
    assert there.wait("ben") == 0
    shared.settle(there.spent())
    kept = shared_at(settings.database_url).run("SELECT asker FROM assistant.spent")
    assert len(kept) == 2
    assert "anna" not in kept[0][0] + kept[1][0]


def test_login_attempts_are_counted_over_all_processes(tmp_path, postgres):
    settings = Settings(data=tmp_path, database_url=postgres.new_database())
    now = [0.0]
    here, there = (Attempts(lambda: now[0], shared=partial(spent_of, settings)) for _ in range(2))

    def settled(attempts):
        for rate in attempts.rates:
            rate.correct(rate.shared.settle(rate.spent()))

    assert not any(here.begin("anna", "10.0.0.1") for _ in range(PER_NAME - 1))
    settled(here)
    assert not there.begin("anna", "10.0.0.2")
    settled(there)
    assert there.begin("anna", "10.0.0.2") > 0
    assert not there.begin("ben", "10.0.0.2")
    settled(there)
    here.succeed("anna", "10.0.0.1")  # with the right password: its failures are forgotten
    settled(here)
    there.take_back("anna", "10.0.0.2")  # only so that it looks
    settled(there)
    assert not there.begin("anna", "10.0.0.2")


def test_a_process_that_only_answers_reads_nothing_and_follows_the_rules_of_who_does(tiny, corpus):
    writing = tiny("writing")
    settings = writing.settings.model_copy(update={"role": "answer", "corpus": corpus / "none"})
    with closing(Assistant(settings, TinyEmbedder())) as answering:
        with pytest.raises(LibraryBusyError, match="another process"):
            answering.search("lighthouse")
        (corpus / ACCESS_FILE).write_text("folders: {sea: [crew]}")
        writing.sync()
        answering.start_following()
        assert answering.status().ready
        stranger = answering.seen_by(ANYONE)
        sources = {hit.source for hit in stranger.search("Gezeiten tides").hits}
        assert sources == {"lighthouse.txt", "bees.md"}
        (corpus / ACCESS_FILE).write_text("folders: {}")
        writing.sync()
        until(lambda: len(stranger.articles()) == 3)


def test_a_process_that_only_syncs_serves_health_and_metrics_alone(tiny, corpus):
    made = tiny("writing")
    settings = made.settings.model_copy(update={"role": "sync"})
    made.sync()
    app = create_app(made, settings)
    with TestClient(app, "http://localhost", client=("127.0.0.1", 1)) as web:
        assert web.get("/healthz").text == "ok"
        assert web.get("/readyz").text == "ready"
        assert "assistant_library_passages" in web.get("/metrics").text
        assert web.get("/").status_code == 404
        assert web.post("/api/ask", json={"question": "Why?"}).status_code == 404
