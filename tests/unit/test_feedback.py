import json
from dataclasses import replace

import pytest

from assistant.cli import main
from assistant.models.answer import Citation
from assistant.store.feedback import FILE, FeedbackLog, Opinion
from assistant.support.errors import LibraryError

CITED = Citation("abc", "Title", "a.md", "fr", None, 3, 7, "Oui.", number=1)
OPINION = Opinion("Why?", "From the articles:\nOui. [1]", (CITED,), "up", language="en")


@pytest.fixture
def log(tmp_path):
    return FeedbackLog(tmp_path)


def test_an_opinion_is_kept_with_what_it_is_about_and_nothing_about_the_reader(log):
    log.add(replace(OPINION, reason="Just what I needed — “merci”"))
    (entry,) = log.entries()
    assert set(entry) == {
        "id", "time", "thumb", "reason", "question", "answer", "citations", "language",
    }  # fmt: skip
    assert entry["reason"] == "Just what I needed — “merci”"
    assert entry["citations"] == [CITED.to_json()]
    assert (entry["thumb"], entry["question"], entry["language"]) == ("up", "Why?", "en")


def test_a_reason_given_later_takes_the_place_of_the_thumb_alone(log):
    named = log.add(OPINION)
    log.add(replace(OPINION, question="Another?"))
    assert log.add(replace(OPINION, id=named, thumb="down", reason="Old.")) == named
    assert [(e["question"], e["thumb"]) for e in log.entries()] == [
        ("Another?", "up"),
        ("Why?", "down"),
    ]


def test_a_line_cut_short_spoils_neither_the_others_nor_the_next(log, tmp_path, caplog):
    log.add(OPINION)
    with (tmp_path / FILE).open("a") as file:
        file.write('{"id": "cut sho')
    log.add(replace(OPINION, question="After?"))
    assert [entry["question"] for entry in log.entries()] == ["Why?", "After?"]
    assert "Line 2" in caplog.text


def test_all_can_be_forgotten(log, tmp_path):
    assert log.clear() == 0
    log.add(OPINION)
    assert log.clear() == 1
    assert log.entries() == []
    assert not (tmp_path / FILE).exists()


def test_a_log_that_is_full_takes_no_more(log, monkeypatch):
    monkeypatch.setattr("assistant.store.feedback.FeedbackLog.MOST_BYTES", 100)
    log.add(OPINION)
    with pytest.raises(LibraryError, match="--clear"):
        log.add(OPINION)
    assert len(log.entries()) == 1


def test_a_log_that_cannot_be_written_says_why(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(LibraryError, match="cannot be written"):
        FeedbackLog(tmp_path / "file").add(OPINION)


def test_the_command_line_prints_the_opinions_and_forgets_them(tmp_path, capsysbinary):
    def run(*arguments):
        assert main(["feedback", "--data", str(tmp_path), *arguments]) == 0
        return capsysbinary.readouterr().out.decode()

    assert json.loads(run("--json")) == []
    FeedbackLog(tmp_path).add(replace(OPINION, thumb="down", reason="Too short."))
    (entry,) = json.loads(run("--json"))
    assert (entry["thumb"], entry["reason"], entry["answer"]) == (
        "down",
        "Too short.",
        OPINION.answer,
    )
    assert "down  Why? (Too short.)" in run()
    assert "0 up, 1 down" in run()
    assert json.loads(run("--clear", "--json")) == {"cleared": 1}
    assert json.loads(run("--json")) == []
