"""Folders of the corpus limited to groups: the rules, what keeps them in force, who sees what."""

from __future__ import annotations

import ast
import json
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest
from gradio_client import Client

from assistant.access import ANYONE, OWNER, Principal
from assistant.access.groups import Access, read_rules
from assistant.assistant import Assistant
from assistant.cli import main
from assistant.cli.doctor import examine
from assistant.models.clearance import ALL, TOP, WEB, Clearance, place_of
from assistant.models.corpus_files import ACCESS_FILE, QUESTIONS_FILE
from assistant.store.database import bound, visible
from assistant.store.sqlite import SQLiteDatabase
from assistant.support.errors import CorpusError, LibraryBusyError, LibraryError
from assistant.support.settings import Settings
from assistant.web.app import serve
from tests.support.access import SIGN_ON, signed_on
from tests.support.group_worlds import FOLDERS
from tests.support.repository import ROOT
from tests.support.tiny import TinyEmbedder, tiny_assistant
from tests.support.web import serving

PLAN = "The merger plan names the harbour of Kermorvan as the place of the new office."
TEA = "The tea kitchen of the office is cleaned on Monday and on Thursday by everyone."
ASKED = "When is the tea kitchen of the office cleaned?"
NO_RULES = "folders: {}\n"
LIMITED = "folders:\n  hr: [staff, board]\n"
STAFF = Principal("ann", frozenset({"staff"}))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A corpus with a plan in ``hr`` and a page for all in ``open``."""
    corpus = tmp_path / "corpus"
    for place, name, text in (("hr", "plan", PLAN), ("open", "tea", TEA)):
        (corpus / place).mkdir(parents=True)
        (corpus / place / f"{name}.md").write_text(
            f"---\ntitle: The {name}\n---\n{text}\n", "utf-8"
        )
    return corpus


@pytest.fixture
def made(folder: Path) -> Iterator[Assistant]:
    """An assistant over ``folder``, with ``hr`` limited, synced."""
    (folder / ACCESS_FILE).write_text(LIMITED, "utf-8")
    assistant = tiny_assistant(folder, folder.parent / "data")
    assistant.sync()
    yield assistant
    assistant.close()


def sources(view: Assistant) -> list[str]:
    return [source for one in view.articles() for source in one.sources]


# The file.


@pytest.mark.parametrize(
    ("text", "open_to_all", "open_to_board"),
    [
        ("folders: {hr: [board]}", {"open"}, {"open", "hr"}),
        ("folders:\n  hr: board\n  open:\n    - staff\n", set(), {"hr"}),
        ("folders: {hr/: []}", {"open"}, {"open"}),
        ("folders: {hr: [no, 2024]}", {"open"}, {"open"}),
    ],
)
def test_folders_are_limited_to_groups(folder, text, open_to_all, open_to_board) -> None:
    (folder / ACCESS_FILE).write_text(text, "utf-8")
    rules = read_rules(folder)
    assert rules is not None
    assert rules.clearance(frozenset()).open == open_to_all | {TOP, WEB}
    assert rules.clearance(frozenset({"board", "else"})).open == open_to_board | {TOP, WEB}
    assert rules.clearance(None) == ALL


def test_what_was_fetched_can_be_limited_as_a_whole(folder: Path) -> None:
    (folder / ACCESS_FILE).write_text("web: [staff]", "utf-8")
    rules = read_rules(folder)
    assert rules is not None
    assert not rules.clearance(frozenset()).shows("https://site.example/open/a")
    assert rules.clearance(frozenset()).shows("open/a.md")
    assert rules.clearance(frozenset({"staff"})).shows("https://site.example/open/a")


@pytest.mark.parametrize("text", [NO_RULES, "web:\n  - a\n"])
def test_nothing_is_limited_without_a_file_or_by_one_that_says_so(folder: Path, text: str) -> None:
    assert read_rules(folder) is None
    (folder / ACCESS_FILE).write_text(text, "utf-8")
    clearance = read_rules(folder).clearance(frozenset({"a"}))
    assert all(clearance.shows(source) for source in ("hr/a.md", "a.md", "https://a.example/"))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "it is empty.*folders: {}"),
        ("# hr: [staff]\n", "it is empty"),
        ("hr: [staff]\n", "line 1: unknown key 'hr'; known here: folders and web"),
        ("folders:\n  hr: [a]\nweb: [a]\nfolder: {}\n", "line 4: unknown key 'folder'"),
        ("folders:\n", "line 1: expected keys"),
        ("folders: [hr]\n", "line 1: expected keys"),
        ("folders:\n  hr:\n", "line 2: say which groups hr is limited to"),
        ("folders:\n  hr: staff, board\n", "line 2: several groups are written"),
        ("folders:\n  hr: [[staff]]\n", "line 2: expected one word"),
        ("folders:\n  hr: {a: b}\n", "line 2: expected one word"),
        ("folders:\n  hr: [a]\n  hr: [b]\n", "line 3: duplicate key 'hr'"),
        ("folders:\n  hr: [a]\n  hr/: [b]\n", "line 3: duplicate folder 'hr'"),
        ("folders:\n  HR: [a]\n", "there is no folder 'HR' in the corpus; there is 'hr'"),
        ("folders:\n  finance: [a]\n", "there is no folder 'finance'"),
        ("folders:\n  hr/salaries: [a]\n", "'hr/salaries' is not a top-level folder"),
        ("folders:\n  ..: [a]\n", "there is no folder '..'"),
        ("folders:\n  hr: [a\n", "is not YAML"),
        ("folders: " + "[" * 5_000, "is not YAML"),
        ("folders: {hr: [\x07]}", "is not YAML"),
        ("web:\n", "say which groups web is limited to"),
    ],
)
def test_what_is_not_understood_is_an_error_that_names_it(folder: Path, text: str, told: str):
    (folder / ACCESS_FILE).write_text(text, "utf-8")
    with pytest.raises(CorpusError, match=told):
        read_rules(folder)


def test_a_file_that_is_no_text_is_an_error(folder: Path) -> None:
    (folder / ACCESS_FILE).write_bytes(b"folders: {hr: [caf\xe9]}")
    with pytest.raises(CorpusError, match="UTF-8"):
        read_rules(folder)
    (folder / ACCESS_FILE).unlink()
    (folder / ACCESS_FILE).mkdir()
    with pytest.raises(CorpusError, match="cannot be read"):
        read_rules(folder)


def test_an_accent_that_is_stored_apart_is_the_same_name(folder: Path) -> None:
    apart = unicodedata.normalize("NFD", "público")
    (folder / apart).mkdir()
    (folder / ACCESS_FILE).write_text("folders: {público: [a]}", "utf-8")
    assert not read_rules(folder).clearance(frozenset()).shows(f"{apart}/a.md")
    (folder / "público").mkdir()
    (folder / ACCESS_FILE).write_text(f"folders: {{público: [a], {apart}: [b]}}", "utf-8")
    for group, mine, other in (("a", "público", apart), ("b", apart, "público")):
        clearance = read_rules(folder).clearance(frozenset({group}))
        assert clearance.shows(f"{mine}/x.md")
        assert not clearance.shows(f"{other}/x.md")


@pytest.mark.parametrize("folder_name", FOLDERS)
def test_sql_and_python_find_the_same_place(tmp_path: Path, folder_name: str) -> None:
    database = SQLiteDatabase(tmp_path / "library.sqlite3")
    places = [folder_name, f"https://a.example/{folder_name}", f"x/{folder_name}", ""]
    for place in places:
        source = f"{place}/a.md".removeprefix("/")
        for closed in (Clearance(frozenset()), Clearance(frozenset({place_of(source)}))):
            statement = f"SELECT 1 FROM (SELECT ?2 AS source) AS files WHERE {visible('?1')}"
            found = database.execute(statement, (bound(closed), source))
            assert bool(found) == closed.shows(source)
    database.close()


# What keeps the rules in force.


class Memory:
    kept: str | None = None


def access(folder: Path, memory: Memory) -> Access:
    return Access(folder, lambda: memory.kept)


def closed(of: Access) -> bool:
    return not of.rules().clearance(frozenset()).shows("hr/plan.md")


def test_a_changed_file_counts_at_the_next_question(folder: Path) -> None:
    rules = access(folder, Memory())
    assert not closed(rules)
    (folder / ACCESS_FILE).write_text(LIMITED, "utf-8")
    assert closed(rules)
    (folder / ACCESS_FILE).write_text(NO_RULES, "utf-8")
    assert not closed(rules)


@pytest.mark.parametrize("broken", ["", "folders: {hr: [", "folders: {nothing: [a]}", None])
def test_a_broken_or_vanished_file_opens_nothing(folder: Path, broken: str | None, caplog) -> None:
    file = folder / ACCESS_FILE
    file.write_text(LIMITED, "utf-8")
    rules = access(folder, Memory())
    assert closed(rules)
    if broken is None:
        file.unlink()
    else:
        file.write_text(broken, "utf-8")
    (folder / "new").mkdir()
    clearance = rules.rules().clearance(frozenset({"staff"}))
    assert clearance.shows("hr/plan.md")
    assert clearance.shows("open/tea.md")
    assert not clearance.shows("new/a.md")  # it may be what the change was about
    assert closed(rules)
    assert str(file) in caplog.text
    assert rules.failures() == [(ACCESS_FILE, rules.problem)]
    assert caplog.text.count("stay in force") == 1  # not again at every question
    file.write_text(NO_RULES, "utf-8")
    assert not closed(rules)
    assert not rules.failures()


def test_a_new_folder_is_open_and_one_that_is_gone_is_closed_until_a_sync_forgets_it(folder):
    (folder / ACCESS_FILE).write_text(LIMITED, "utf-8")
    rules = access(folder, Memory())
    assert closed(rules)
    (folder / "hr").rename(folder / "people")
    (folder / "new").mkdir()
    (folder / ACCESS_FILE).write_text("folders: {people: [staff]}", "utf-8")
    assert closed(rules)
    shown = rules.rules().clearance(frozenset())
    assert shown.shows("new/a.md")
    assert not shown.shows("people/plan.md")


def test_the_library_remembers_the_rules_for_a_start_without_the_file(folder: Path) -> None:
    (folder / ACCESS_FILE).write_text(LIMITED, "utf-8")
    memory = Memory()
    memory.kept = access(folder, memory).note()
    (folder / ACCESS_FILE).rename(folder.parent / "unmounted")
    assert closed(access(folder, memory))
    assert closed(access(folder.parent / "gone", memory))
    assert access(folder, memory).note() == memory.kept  # nor does a sync forget them


def test_a_start_with_a_broken_file_and_no_memory_shows_nothing(folder: Path) -> None:
    (folder / ACCESS_FILE).write_text("folders: {", "utf-8")
    clearance = access(folder, Memory()).rules().clearance(frozenset({"staff"}))
    assert not any(clearance.shows(one) for one in ("hr/a.md", "open/a.md", "a.md", "http://a/"))
    with pytest.raises(CorpusError, match="is not YAML"):
        access(folder, Memory()).check()


def test_serving_refuses_to_start_with_a_broken_file(folder: Path) -> None:
    (folder / ACCESS_FILE).write_text("folders: {hr: [", "utf-8")
    assistant = tiny_assistant(folder, folder.parent / "data")
    with pytest.raises(CorpusError, match="is not YAML"):
        serve(assistant, Settings(port=0))


# Who sees what.


def test_each_sees_the_folders_of_their_groups(made: Assistant) -> None:
    staff, anyone = made.seen_by(STAFF), made.seen_by(ANYONE)
    assert sources(staff) == sources(made.seen_by(OWNER)) == ["hr/plan.md", "open/tea.md"]
    assert sources(anyone) == ["open/tea.md"]
    question = "merger plan harbour Kermorvan"
    assert staff.ask(question).citations[0].quote == PLAN
    assert "Kermorvan" not in json.dumps(anyone.ask(question).to_json()["nearest"])
    assert {hit.source for hit in anyone.search(question)} == {"open/tea.md"}
    hidden = next(one.id for one in made.articles() if one.source == "hr/plan.md")
    with pytest.raises(LibraryError) as closed_one:
        anyone.article(hidden)
    with pytest.raises(LibraryError) as none_such:
        anyone.article("0123456789abcdef")
    assert str(closed_one.value).replace(hidden, "0123456789abcdef") == str(none_such.value)
    assert (anyone.status().articles, staff.status().articles) == (1, 2)


def test_the_rules_hold_at_question_time_without_a_sync(made: Assistant, folder: Path) -> None:
    anyone = made.seen_by(ANYONE)
    (folder / ACCESS_FILE).write_text("folders: {open: [staff]}", "utf-8")
    assert sources(anyone) == ["hr/plan.md"]


def test_a_sync_keeps_the_rules_and_tells_what_is_wrong_with_them(made, folder: Path) -> None:
    (folder / ACCESS_FILE).unlink()
    (failure,) = made.sync().failed
    assert (failure.source, made.status().failures) == (ACCESS_FILE, (failure,))
    assert made.seen_by(ANYONE).status().failures == ()
    again = tiny_assistant(folder, made.settings.data)
    assert sources(again.seen_by(ANYONE)) == ["open/tea.md"]
    again.close()
    (folder / ACCESS_FILE).write_text("folders: {hr: []", "utf-8")
    wrong = [one for one in examine(made.settings, TinyEmbedder()) if not one.ok]
    assert "groups" in {one.check for one in wrong}


def test_a_file_in_two_folders_is_shown_where_it_is_open_and_named_there_only(made, folder):
    tea = (folder / "open" / "tea.md").read_text("utf-8")
    (folder / "hr" / "a copy of tea.md").write_text(tea, "utf-8")
    made.sync()
    anyone = made.seen_by(ANYONE)
    assert sources(anyone) == ["open/tea.md"]
    (hit,) = anyone.search("tea kitchen")
    assert (hit.source, hit.sources) == ("open/tea.md", ("open/tea.md",))
    assert anyone.article(hit.article).source == "open/tea.md"
    assert len(sources(made.seen_by(STAFF))) == 3


def test_a_copy_under_another_title_is_another_article(made: Assistant, folder: Path) -> None:
    text = f"---\ntitle: Whom to dismiss\nauthor: The board\n---\n{TEA}\n"
    (folder / "hr" / "a.md").write_text(text, "utf-8")
    made.sync()
    (seen,) = made.seen_by(ANYONE).articles()
    assert (seen.title, len(made.articles())) == ("The tea", 3)
    assert made.seen_by(ANYONE).article(seen.id).author is None


@pytest.mark.parametrize(
    ("evidence", "offered"),
    [
        (["open/tea.md"], {ANYONE, STAFF}),
        (["hr/plan.md"], {STAFF}),
        (["open/../hr/plan.md"], set()),
        (["open/tea.md", "hr/plan.md"], {STAFF}),
        (["hr\\plan.md"], set()),
    ],
)
def test_a_question_is_an_example_only_for_those_who_may_see_all_its_evidence(
    made, folder, evidence, offered
):
    golden = {
        "question": ASKED, "lang": "en", "answerable": True,
        "evidence": [{"source": source} for source in evidence],
    }  # fmt: skip
    (folder / QUESTIONS_FILE).write_text(json.dumps(golden), "utf-8")

    def sees(view: Assistant) -> bool:
        return ASKED in [one.question for one in view.examples("en")]

    assert {who for who in (ANYONE, STAFF) if sees(made.seen_by(who))} == offered
    assert sees(made)


def test_an_example_is_answered_for_sure_to_each_from_what_they_may_see(made, folder) -> None:
    asked = "Which place does the merger plan name for the new office?"
    golden = {
        "question": asked, "lang": "en", "answerable": True,
        "evidence": [{"source": "open/tea.md"}],
    }  # fmt: skip
    (folder / QUESTIONS_FILE).write_text(json.dumps(golden), "utf-8")
    for who, seen in ((OWNER, [asked]), (STAFF, [asked]), (ANYONE, [])):
        assert [one.question for one in made.seen_by(who).examples("en")] == seen


def test_an_error_of_the_corpus_names_no_file_of_it_to_others(folder: Path, monkeypatch) -> None:
    (folder / ACCESS_FILE).write_text(LIMITED, "utf-8")
    assistant = tiny_assistant(folder, folder.parent / "data")
    told = [CorpusError("hr/secret"), LibraryBusyError("3 of 99")]
    for error in told:

        def fail(error: Exception = error) -> None:
            raise error

        monkeypatch.setattr(assistant, "_answering", fail)
        with pytest.raises(LibraryError) as raised:
            assistant.seen_by(ANYONE).ask("Why?")
        assert str(error) not in str(raised.value)
        with pytest.raises(type(error), match=str(error)):
            assistant.seen_by(OWNER).ask("Why?")
    assistant.close()


def test_the_command_line_can_look_with_the_eyes_of_a_group(made, folder, monkeypatch, capfdbinary):
    monkeypatch.setattr("assistant.store.live.load_embedder", lambda *_, **__: TinyEmbedder())
    where = ["--corpus", str(folder), "--data", str(made.settings.data), "--json"]

    def found(*flags: str) -> set[str]:
        assert main(["search", "office", *flags, *where]) == 0
        hits = json.loads(capfdbinary.readouterr().out)["hits"]
        return {hit["source"] for hit in hits}

    assert found() == found("--groups", "else, staff") == {"hr/plan.md", "open/tea.md"}
    assert found("--groups", "else") == found("--groups", "") == {"open/tea.md"}
    (folder / ACCESS_FILE).write_text("folders: {", "utf-8")
    assert main(["search", "office", "--groups", "staff", *where]) == 1
    assert b"is not YAML" in capfdbinary.readouterr().err


# The web.


def test_the_parts_of_the_web_never_hold_the_assistant_itself() -> None:
    web = ROOT / "assistant" / "web"
    # They make what is seen by whoever sent a request, the third for standard input and output; the
    # last two count for administrators.
    allowed = {"app.py", "principal.py", "mcp_server.py", "health.py", "metrics.py"}
    for module in web.rglob("*.py"):
        for node in ast.walk(ast.parse(module.read_text("utf-8"))):
            given = isinstance(node, ast.arg) and node.arg == "assistant"
            assert not given or module.name in allowed, f"{module} takes the owner's assistant"


def test_a_real_server_tells_each_what_their_groups_may_see(made: Assistant) -> None:
    with serving(made, **SIGN_ON) as address:
        for groups, seen in (([], False), (["staff"], True)):
            client = Client(address, headers=signed_on(groups), verbose=False)
            answer = client.predict("merger plan harbour Kermorvan", api_name="/ask")
            assert ("Kermorvan" in json.dumps([answer["citations"], answer["nearest"]])) == seen
            client.close()
