import json
import os
import subprocess
import sys

import pytest

from assistant.cli import main


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
        "added", "updated", "removed", "unchanged", "failed", "articles", "passages", "sentences",
        "embedded", "seconds",
    ]  # fmt: skip
    assert report["embedded"] == 0
    assert report["unchanged"] == report["articles"] >= 12


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


def test_retrieval_is_evaluated_on_the_golden_questions_of_the_corpus(run, tmp_path):
    report = tmp_path / "report.html"
    status, out, _ = run("evaluate", "retrieval", "--report", str(report), "--json")
    assert status == 0
    assert json.loads(out)["rows"][0]["questions"] >= 30
    assert report.read_text("utf-8").startswith("<!doctype html>")
    status, out, _ = run("evaluate", "retrieval")
    assert status == 0
    assert "R@1" in out


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
    assert "empty" in lines[2]["error"]


@pytest.mark.parametrize(
    "line",
    [
        "{broken",
        '{"question": null}',
        '{"id": 1}',
        '{"question": "x", "history": [{"role": "system", "content": ""}]}',
    ],
)
def test_a_malformed_line_of_questions_is_named(run, tmp_path, line):
    file = tmp_path / "questions.jsonl"
    file.write_text('{"question": "fine?"}\n' + line)
    status, out, err = run("search", "--questions", str(file), "--json")
    assert (status, out) == (1, "")
    assert "line 2" in err


def test_a_file_of_questions_may_have_a_mark_and_other_line_ends_in_a_text(run, tmp_path):
    file = tmp_path / "questions.jsonl"
    file.write_text('{"question": "Why did\u2028tensions rise?"}\n', encoding="utf-8-sig")
    status, out, _ = run("search", "--questions", str(file), "--json")
    assert (status, out.count("\n")) == (0, 1)


def test_a_search_that_finds_nothing_says_so(run):
    _, out, _ = run("search", "Microsoft", "--source", "nowhere")
    assert "No passage" in out


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
        ["ask", "x", "--colour", "red"],
    ],
)
def test_wrong_usage_exits_with_2(arguments, capsys):
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    assert stopped.value.code == 2
    assert "usage" in capsys.readouterr().err


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


def test_help_imports_nothing_heavy():
    code = (
        "import sys\n"
        "from assistant.cli import main\n"
        "try:\n"
        "    main(['--help'])\n"
        "except SystemExit:\n"
        "    heavy = {'torch', 'chromadb', 'gradio', 'sentence_transformers', 'langchain_core',"
        " 'onnxruntime', 'trafilatura'}\n"
        "    sys.exit(', '.join(sorted(heavy & set(sys.modules))) or 0)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=os.environ, check=False
    )
    assert done.returncode == 0, done.stderr
