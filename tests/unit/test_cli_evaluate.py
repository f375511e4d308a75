import json

import pytest

from assistant.cli import main

CORPUS = (
    {"id": "a", "text": "The lighthouse was finished in 1611.", "lang": "en"},
    {"id": "b", "text": "Bees make honey from nectar.", "lang": "en"},
)
QUESTIONS = (
    {"doc_id": "b", "lang": "en", "question": "What do bees make from nectar?"},
    {"answerable": False, "lang": "en", "question": "Who painted the ceiling of the opera?"},
)


@pytest.fixture
def files(tmp_path):
    """A corpus file, a file of questions about it, and one of unrelated questions."""
    written = {}
    for name, records in (
        ("corpus", CORPUS),
        ("questions", QUESTIONS),
        ("unrelated", ({"question": "How fast is light?"},)),
    ):
        written[name] = tmp_path / f"{name}.jsonl"
        written[name].write_text("\n".join(json.dumps(record) for record in records))
    return written


@pytest.fixture
def run(tmp_path, capsysbinary, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def run_command(*arguments):
        status = main(["evaluate", *arguments, "--data", str(tmp_path / "data")])
        out, err = capsysbinary.readouterr()
        return status, out.decode("utf-8"), err.decode("utf-8")

    return run_command


def flags(files):
    return ["--corpus-file", str(files["corpus"]), "--questions", str(files["questions"])]


def test_answers_are_evaluated_with_a_report(run, files, tmp_path):
    report = tmp_path / "report.html"
    more = ["--unrelated", str(files["unrelated"]), "--report", str(report), "--json"]
    status, out, _ = run("answers", *flags(files), *more)
    result = json.loads(out)
    assert status == 0
    assert [row["group"] for row in result["rows"]] == ["all", "en unanswerable", "unrelated"]
    assert result["citations"]["exact"] == result["citations"]["of"] > 0
    assert len(result["refused_by_strictness"]) == 21
    assert report.read_text("utf-8").startswith("<!doctype html>")


def test_misses_are_listed_if_they_are_wanted(run, files):
    files["questions"].write_text('{"doc_id": "a", "question": "What do bees make from nectar?"}')
    _, without, _ = run("answers", *flags(files))
    status, out, _ = run("answers", *flags(files), "--misses")
    assert status == 0
    assert "evidence@3" in without
    assert "expected:" not in without
    assert "What do bees make from nectar? [1, " in out


def test_the_search_is_evaluated_on_the_same_files(run, files):
    files["questions"].write_text('{"doc_id": "b", "question": "What do bees make?"}')
    status, out, _ = run("retrieval", *flags(files))
    assert status == 0
    assert out.split()[:2] == ["n", "R@1"]


def test_unrelated_questions_are_not_for_the_search(run, files):
    status, _, err = run("retrieval", *flags(files), "--unrelated", str(files["unrelated"]))
    assert status == 1
    assert "evaluate answers" in err


@pytest.mark.parametrize(
    ("name", "line", "told"),
    [
        ("questions", '{"question": "q"}', "line 1: 'evidence' is missing"),
        ("questions", '{"question": "Who?", "doc_id": "z"}', "line 1: the evidence in z cannot"),
        ("unrelated", '{"text": "q"}', "line 1: 'question' is missing"),
        ("corpus", '{"id": "q"}', "line 1: 'text' is missing"),
    ],
)
def test_a_bad_file_is_one_clear_error(run, files, name, line, told):
    files[name].write_text(line)
    status, out, err = run(
        "answers", *flags(files), "--unrelated", str(files["unrelated"]), "--json"
    )
    assert (status, out) == (1, "")
    assert f"{files[name]}, {told}" in err


def test_a_report_that_cannot_be_written_is_an_error(run, files, tmp_path):
    status, _, err = run("answers", *flags(files), "--report", str(tmp_path / "no" / "report.html"))
    assert status == 1
    assert "report.html cannot be written" in err


def test_a_fit_says_what_the_strictness_refuses_and_what_refuses_few(run, files, monkeypatch):
    yes, no = {"doc_id": "b", "question": "What do bees make?"}, {"answerable": False}
    asked = [yes, {**no, "question": "Who keeps bees in Rome?"}] * 10
    files["questions"].write_text("\n".join(map(json.dumps, asked)))
    _, _, err = run("answers", *flags(files), "--fit")
    assert "At strictness 0.65, 0% of the questions that the articles answer are refused.\n" in err
    monkeypatch.setenv("ASSISTANT_STRICTNESS", "1")
    _, _, err = run("answers", *flags(files), "--fit")
    assert "At strictness 1, 100% of" in err
    assert "are refused; at 0.95, 0%. Set ASSISTANT_STRICTNESS" in err


def test_help_says_how_to_tune_the_strictness(capsys):
    with pytest.raises(SystemExit):
        main(["evaluate", "--help"])
    assert "ASSISTANT_STRICTNESS" in capsys.readouterr().out
