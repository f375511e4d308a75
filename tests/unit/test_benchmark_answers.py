"""The benchmark of answers: which questions it asks, and what it keeps of them."""

import json

import pytest

from assistant.support.settings import Settings
from benchmarks import answers


def write(file, *records):
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("\n".join(map(json.dumps, records)), "utf-8")


@pytest.fixture
def sets(tmp_path):
    """Question sets in the places and formats that the benchmark expects."""
    folder = tmp_path / "eval"
    tower = {"question": "When was the tower finished?", "evidence": [{"quote": "in 1611"}]}
    write(folder / "seed/questions.jsonl", {**tower, "lang": "en"})
    write(
        folder / "wikinews/questions.jsonl",
        {"question": "Who left it?", "turns": [tower["question"]], "lang": "en",
         "kind": "follow-up", "evidence": [{"file": "tower.txt", "quote": "the keepers left"}]},
        {"question": "Who painted it?", "lang": "en", "answerable": False, "evidence": []},
    )  # fmt: skip
    write(
        folder / "clapnq/records.jsonl",
        *(
            {"id": str(n), "question": f"What is number {n}?", "text": f"It is number {n}.",
             "gold_sentences": [f"It is number {n}."], "answerable": True}
            for n in range(3)
        ),
    )  # fmt: skip
    write(folder / "belebele/questions.jsonl", {"question": "What is hot?", "doc_id": "x"})
    for name in ("seed", "wikinews-fr"):
        (tmp_path / "corpora" / name).mkdir(parents=True)
        text = "The tower was finished in 1611. In 2012 the keepers left."
        (tmp_path / "corpora" / name / "tower.txt").write_text(text)
    return tmp_path


def test_the_sets_are_measured_in_one_table_and_a_file(sets, capsys):
    where = ["--eval", str(sets / "eval"), "--corpora", str(sets / "corpora")]
    kept = ["--data", str(sets / "data"), "--results", str(sets / "results")]
    assert answers.main([*where, *kept, "--only", "seed", "wikinews", "clapnq"]) == 0
    shown = capsys.readouterr().out
    assert f"Answered with quotes, strictness {Settings().strictness:g}" in shown
    lines = [line.split("  ")[0] for line in shown.splitlines()]
    assert {"seed", "wikinews", "wikinews en follow-up", "wikinews unrelated", "clapnq"} <= {*lines}
    (file,) = (sets / "results").iterdir()
    assert file.name.startswith("answers-quotes-")
    found = json.loads(file.read_text("utf-8"))
    assert {"commit", "processor", "versions", "mode", "sets"} <= found.keys()
    unrelated = found["sets"]["wikinews"]["rows"][-1]
    assert (unrelated["group"], unrelated["questions"]) == ("unrelated", 4)


def test_no_text_of_the_sets_is_kept(sets):
    where = ["--eval", str(sets / "eval"), "--corpora", str(sets / "corpora")]
    kept = ["--data", str(sets / "data"), "--results", str(sets / "results"), "--only", "wikinews"]
    answers.main([*where, *kept])
    (file,) = (sets / "results").iterdir()
    text = file.read_text("utf-8")
    assert "painted" not in text
    assert "keepers" not in text
