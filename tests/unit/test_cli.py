import json
import threading
from pathlib import Path

import pytest

from assistant.cli import _given, _parser, main
from assistant.cli import filters as cli_filters
from assistant.cli.questions import _answer as answer_as_text
from assistant.models.answer import Answer, AnswerSentence, Citation
from assistant.store.storage import writer_of
from assistant.support.settings import Settings


@pytest.fixture
def run(assistant, capsysbinary, tmp_path, monkeypatch):
    """Runs a command in this process over the shared library; gives status, JSON lines, stderr."""
    monkeypatch.chdir(tmp_path)

    def run_command(*arguments):
        folders = [
            "--corpus",
            str(assistant.settings.corpus),
            "--data",
            str(assistant.settings.data),
        ]
        status = main([arguments[0], *folders, *arguments[1:]])
        out, err = capsysbinary.readouterr()
        return status, out.decode("utf-8"), err.decode("utf-8")

    return run_command


def test_sync_prints_its_report_as_json_alone(run):
    status, out, _ = run("sync", "--json")
    report = json.loads(out)
    assert status == 0
    assert list(report) == [
        "added", "updated", "removed", "unchanged", "failed", "skipped", "partial",
        "articles", "passages", "sentences", "embedded", "answerable_seconds", "stages",
        "seconds",
    ]  # fmt: skip
    assert report["embedded"] == 0
    assert report["unchanged"] == report["articles"] >= 12


def test_a_sync_may_fail_at_once_instead_of_waiting_for_another(run, assistant):
    held, release = threading.Event(), threading.Event()

    def hold():
        with writer_of(assistant.settings).held():
            held.set()
            release.wait(60)

    holder = threading.Thread(target=hold)
    holder.start()
    assert held.wait(60)
    status, out, err = run("sync", "--no-wait", "--json")
    release.set()
    holder.join()
    assert (status, out) == (1, "")
    assert "Another process is writing" in err


def test_a_library_goes_into_one_file_and_back(run, assistant, tmp_path):
    status, out, _ = run("backup", "library.zip", "--json")
    assert status == 0
    assert json.loads(out)["articles"] == len(assistant.articles())
    status, out, err = run("restore", "library.zip", "--json")
    assert (status, out) == (1, "")
    assert "--force" in err
    status, out, _ = run("restore", "library.zip", "--data", str(tmp_path / "data"), "--json")
    assert status == 0
    assert json.loads(out)["articles"] == len(assistant.articles())


def test_search_prints_hits_whose_places_hold(run):
    status, out, _ = run("search", "When did Notre-Dame reopen?", "--top", "3", "--json")
    found = json.loads(out)
    assert status == 0
    assert found["question"] == "When did Notre-Dame reopen?"
    assert found["language"] == "en"
    assert [hit["rank"] for hit in found["hits"]] == [1, 2, 3]
    hit = found["hits"][0]
    assert {
        "rank",
        "score",
        "article",
        "title",
        "source",
        "language",
        "start",
        "end",
        "text",
    } <= set(hit)
    _, shown, _ = run("show", hit["article"], "--json")
    assert json.loads(shown)["text"][hit["start"] : hit["end"]] == hit["text"]


def test_ask_prints_an_answer_whose_citations_hold(run):
    status, out, _ = run("ask", "Quand Notre-Dame a-t-elle rouvert ?", "--json")
    answer = json.loads(out)
    assert status == 0
    assert {
        "question", "language", "refused", "answer", "sentences", "citations", "timings_ms",
    } <= set(answer)  # fmt: skip
    assert answer["citations"]
    for citation in answer["citations"]:
        _, shown, _ = run("show", citation["source"], "--json")
        text = json.loads(shown)["text"]
        assert text[citation["start"] : citation["end"]] == citation["quote"]


def test_filters_narrow_the_search_down(run):
    _, out, _ = run("search", "Microsoft", "--language", "en", "--after", "2025-01-01", "--json")
    hits = json.loads(out)["hits"]
    assert hits
    assert {hit["language"] for hit in hits} == {"en"}
    assert all(hit["published"] >= "2025-01-01" for hit in hits)
    _, out, _ = run("ask", "Microsoft", "--source", "nature", "--json")
    answer = json.loads(out)
    cited = [*answer["citations"], *answer["nearest"]]
    assert {citation["source"].split("/")[0] for citation in cited} == {"nature"}


def test_a_source_may_be_written_with_the_folder_of_the_corpus_before_it(run, assistant):
    corpus = assistant.settings.corpus
    source = "nature/gypaete-barbu.md"
    _, plain, _ = run("show", source, "--json")
    _, prefixed, _ = run("show", str(corpus / source), "--json")
    assert json.loads(plain)["source"] == json.loads(prefixed)["source"] == source
    _, out, _ = run("search", "Microsoft", "--source", str(corpus / "nature"), "--json")
    assert {hit["source"].split("/")[0] for hit in json.loads(out)["hits"]} == {"nature"}
    _, out, _ = run("search", "Microsoft", "--source", str(corpus), "--top", "50", "--json")
    assert len({hit["source"].split("/")[0] for hit in json.loads(out)["hits"]}) > 1


def test_a_path_is_read_as_within_the_corpus_first(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "corpus" / "corpus" / "nature").mkdir(parents=True)
    (tmp_path / "corpus" / "law").mkdir()
    corpus = Path("corpus")
    for written, meant in {
        "law": "law",
        "./law/": "law",
        "corpus/law": "law",
        "corpus": "corpus",
        "corpus/nature": "corpus/nature",
        "corpus/corpus/nature": "corpus/nature",
        "corpus/gone": "gone",
        "elsewhere/x": "elsewhere/x",
        "../x": "../x",
        str(tmp_path / "corpus" / "law"): "law",
        str(tmp_path / "corpus"): "",
        ".": "",
    }.items():
        assert cli_filters.in_corpus(written, corpus) == meant, written


@pytest.mark.slow  # searches for each of the corpus's questions
def test_retrieval_is_evaluated_on_the_golden_questions_of_the_corpus(run, tmp_path):
    report = tmp_path / "report.html"
    status, out, _ = run("evaluate", "retrieval", "--report", str(report), "--json")
    assert status == 0
    assert json.loads(out)["rows"][0]["questions"] >= 30
    assert report.read_text("utf-8").startswith("<!doctype html>")


def test_retrieval_is_evaluated_on_a_file_of_articles(run, tmp_path):
    articles, questions = tmp_path / "corpus.jsonl", tmp_path / "questions.jsonl"
    articles.write_text(
        '{"id": "a", "text": "The lighthouse was finished in 1611.", "lang": "en"}\n'
        '{"id": "b", "text": "Bees make honey from nectar.", "lang": "en"}\n'
    )
    questions.write_text('{"id": 1, "doc_id": "b", "lang": "en", "question": "What do bees make?"}')
    flags = ["--corpus-file", str(articles), "--questions", str(questions), "--json"]
    status, out, _ = run("evaluate", "retrieval", *flags)
    assert status == 0
    assert json.loads(out)["rows"][0]["R@1"][0] == 1.0
    status, out, _ = run("evaluate", "retrieval", *flags[:-1])
    assert status == 0
    assert "R@1" in out


def test_a_file_of_questions_is_answered_in_order_one_line_each(run, tmp_path):
    file = tmp_path / "questions.jsonl"
    questions = [
        {"id": "a", "question": "Why did tensions rise?", "history": []},
        {"question": "Qui est Mustafa Suleyman ?"},
        {"id": 3, "question": " "},
        {"id": "d", "question": "And then?", "history": [{"role": "user", "content": "Hello"}]},
    ]
    file.write_text("\n".join(map(json.dumps, questions)) + "\n\n")
    status, out, _ = run("ask", "--questions", str(file), "--json")
    lines = [json.loads(line) for line in out.splitlines()]
    assert status == 1
    assert [line.get("id") for line in lines] == ["a", None, 3, "d"]
    assert [line["question"] for line in lines] == [q["question"] for q in questions]
    assert lines[2]["error"].startswith(f"{file}, line 3: The question is empty")


def test_a_person_sees_each_question_of_a_file_before_its_answer(run, tmp_path):
    file = tmp_path / "questions.jsonl"
    file.write_text('{"question": "Why did tensions\\nrise?"}\n{"question": "?"}\n')
    status, out, _ = run("ask", "--questions", str(file))
    assert status == 1
    assert out.startswith("> Why did tensions\n> rise?\n")
    assert out.index("[1]") < out.index(f"> ?\nerror: {file}, line 2: The question is empty")


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("{broken", "this is not JSON: "),
        ('{"question": "x", "id": NaN}', "NaN is not JSON; write null"),
        ('{"question": "x", "id": 1e999}', "1e999 is not JSON; write null"),
        ("[" * 100_000, "this is nested too deeply"),
        ('"text"', "this is not a JSON object"),
        ("[1]", "this is not a JSON object"),
        ('{"question": null}', "question is not a text"),
        ('{"question": 3}', "question is not a text"),
        ('{"id": 1}', "question is missing"),
        ('{"question": "x", "history": "y"}', "history is not a list"),
        ('{"question": "x", "history": ["y"]}', "history holds something other than objects"),
        ('{"question": "x", "history": [{"role": "user"}]}', "history holds something other than"),
        (
            '{"question": "x", "history": [{"role": "system", "content": ""}]}',
            "the role 'system' is neither user nor assistant",
        ),
    ],
)
def test_a_malformed_line_of_questions_is_named_with_what_is_wrong(run, tmp_path, line, told):
    file = tmp_path / "questions.jsonl"
    file.write_text('{"question": "fine?"}\n\n' + line)
    status, out, err = run("search", "--questions", str(file), "--json")
    assert (status, out) == (1, "")
    assert f"{file}, line 3: {told}" in err
    assert "Error" not in err


def test_a_file_of_questions_may_have_a_mark_and_other_line_ends_in_a_text(run, tmp_path):
    file = tmp_path / "questions.jsonl"
    file.write_text('{"question": "Why did\u2028tensions rise?"}\n', encoding="utf-8-sig")
    status, out, _ = run("search", "--questions", str(file), "--json")
    assert (status, out.count("\n")) == (0, 1)


def test_a_search_that_finds_nothing_says_so(run):
    _, out, _ = run("search", "Microsoft", "--after", "2999-01-01")
    assert "No passage" in out


def test_a_person_is_told_what_an_answer_carries():
    citation = Citation("abc", "A title", "a.md", "en", None, 3, 7, "Yes.", number=1)
    sentences = (AnswerSentence("Yes.", True, (1,)), AnswerSentence("In 1999.", False, (), "no"))
    answer = Answer(
        "And then?", "en", False, "In short:", sentences, (citation,),
        understood="And then, in France?", notice="The chat model is silent.",
    )  # fmt: skip
    assert answer_as_text(answer).splitlines() == [
        "(The chat model is silent.)",
        "Understood as: And then, in France?",
        "In short:",
        "Yes. [1]",
        "In 1999. (NOT CONFIRMED: no)",
        "",
        "[1] A title (a.md:3-7)",
    ]


def test_a_person_reads_answers_without_json(run):
    status, out, _ = run("ask", "Why did tensions rise?")
    assert status == 0
    assert "[1]" in out
    assert "microsoft-openai/" in out


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["ask", "", "--json"], "empty"),
        (["ask", "x" * 100_000, "--json"], "100,000 characters"),
        (["show", "nothing", "--json"], "nothing"),
        (["search", "--questions", "missing.jsonl"], "missing.jsonl"),
    ],
)
def test_what_fails_says_why_and_exits_with_1(run, arguments, told):
    status, out, err = run(*arguments)
    assert (status, out) == (1, "")
    assert told in err


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["fly"],
        ["evaluate", "taste"],
        ["ask", "x", "--after", "yesterday"],
        ["ask"],
        ["search", "x", "--top", "0"],
        ["sync", "--jobs", "many"],
        ["model", "export"],
        ["model", "import", "folder"],
        ["ask", "x", "--colour", "red"],
    ],
)
def test_wrong_usage_exits_with_2(arguments, capsys):
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    assert stopped.value.code == 2
    told = capsys.readouterr().err
    assert "usage" in told
    assert "_" not in told, "a name of the code was shown"


def test_a_wrong_flag_shows_the_usage_of_its_command(capsys):
    for command in ("ask x", "key list"):
        with pytest.raises(SystemExit):
            main([*command.split(), "--colour"])
        assert f"usage: assistant {command.removesuffix(' x')} " in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["ask", "Why?", "--language", "xx"], "language 'xx'. Known are de, en"),
        (["search", "Why?", "--source", "nowhere"], "No article is at 'nowhere'."),
        (
            ["ask", "Why?", "--source", "03-la-montee-des-tensions.md"],
            "Did you mean microsoft-openai/03-la-montee-des-tensions.md?",
        ),
        (
            ["show", "03-la-montee-des-tensions.md"],
            "Did you mean microsoft-openai/03-la-montee-des-tensions.md?",
        ),
    ],
)
def test_what_is_not_there_is_an_error_that_names_what_is(run, arguments, told):
    status, out, err = run(*arguments)
    assert (status, out) == (1, "")
    assert told in err


def test_without_articles_or_questions_it_says_what_to_do(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "corpus").mkdir()
    assert main(["ask", "Why is that?"]) == 0
    assert "Put articles into corpus" in capsys.readouterr().err
    assert main(["evaluate", "answers"]) == 1
    assert '{"question": "…", "answerable": false}' in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [["sync", "--corpus", "none"], ["ask", "Why?", "--corpus", "none"], ["show", "x"],
     ["serve", "--host", "0.0.0.0"], ["serve", "--port", "99999"]],
)  # fmt: skip
def test_a_failed_start_leaves_no_folder_behind(tmp_path, capsys, monkeypatch, arguments):
    monkeypatch.chdir(tmp_path)
    assert main([*arguments, "--data", "made"]) in (1, 2)
    assert not (tmp_path / "made").exists()
    (tmp_path / "own").mkdir()
    main([*arguments, "--data", "own"])
    assert (tmp_path / "own").exists()


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [("STRICTNESS", "abc", "a number"), ("STRICTNESS", "7", "at most 1"),
     ("PORT", "x", "a whole number"), ("UNSUPPORTED", "x", "'mark' or 'drop'")],
)  # fmt: skip
def test_a_malformed_setting_says_plainly_what_is_expected(monkeypatch, capsys, name, value, told):
    monkeypatch.setenv(f"ASSISTANT_{name}", value)
    assert main(["sync"]) == 2
    assert f"ASSISTANT_{name}='{value}': must be {told}" in capsys.readouterr().err


def test_jobs_are_a_setting_that_the_flag_overrides(monkeypatch):
    monkeypatch.setenv("ASSISTANT_JOBS", "1")
    assert Settings(**_given(_parser().parse_args(["sync", "--jobs", "3"]))).jobs == 3
    assert Settings(**_given(_parser().parse_args(["sync"]))).jobs == 1


def test_the_chat_follows_the_folder_unless_told_not_to():
    assert _parser().parse_args(["serve"]).watch
    assert not _parser().parse_args(["serve", "--no-watch"]).watch


def test_a_wrong_setting_exits_with_2_and_is_named(monkeypatch, capsys):
    monkeypatch.setenv("ASSISTANT_CORPSE", "x")
    assert main(["sync"]) == 2
    assert "ASSISTANT_CORPSE" in capsys.readouterr().err


def test_a_corpus_that_does_not_exist_fails_and_makes_nothing_of_it(tmp_path, capsys):
    missing = tmp_path / "missing"
    assert main(["sync", "--corpus", str(missing), "--data", str(tmp_path / "data"), "--json"]) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert str(missing) in captured.err
    assert not missing.exists()


@pytest.mark.parametrize(
    "command",
    ["sync", "search x", "ask x", "show x", "feedback", "compact", "backup b.zip",
     "restore b.zip", "doctor", "user list", "key list", "mcp"],
)  # fmt: skip
@pytest.mark.parametrize("beneath", ["", "/folder"])
def test_a_data_folder_that_is_a_file_is_named(command, beneath, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").touch()
    assert main([*command.split(), "--data", f"file{beneath}"]) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith(
        f"error: The data folder file{beneath} cannot be used: file is not a folder."
    )


def test_the_model_is_not_exported_into_a_folder_that_holds_something(tmp_path, capsys):
    (tmp_path / "mine.txt").write_text("keep me")
    assert main(["model", "export", str(tmp_path), "--json"]) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "mine.txt" in captured.err
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]
    assert main(["model", "export", str(tmp_path / "mine.txt")]) == 1
    assert "not a folder" in capsys.readouterr().err


def test_an_export_that_fails_leaves_nothing_behind(tmp_path, capsys, monkeypatch):
    def fill_the_disk(folder):
        (folder / "part").mkdir(parents=True)
        (folder / "config.json").touch()
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("assistant.embedding.bundled_export.export_model", fill_the_disk)
    assert main(["model", "export", str(tmp_path / "model")]) == 1
    assert "No space left" in capsys.readouterr().err
    assert list((tmp_path / "model").iterdir()) == []
