"""The benchmark of chat models, with a server that answers as a script says."""

import pytest

from assistant.evaluation.question_sets import read_questions
from assistant.support.settings import Settings
from benchmarks.model import choose, measure, table
from tests.support.chat_server import chat_server
from tests.support.repository import CORPUS


def test_a_sample_of_questions_has_as_many_without_an_answer_as_it_says():
    chosen = choose(read_questions(CORPUS / "questions.jsonl"), 20)
    assert [one.answerable for one in chosen].count(True) == 15
    assert chosen == choose(read_questions(CORPUS / "questions.jsonl"), 20)


@pytest.mark.slow  # reads the corpus, and makes a second index of it
def test_all_systems_are_asked_and_stand_in_the_table(tmp_path, monkeypatch):
    monkeypatch.setenv("ASSISTANT_CACHE", str(Settings().cache))
    with chat_server(answer=lambda request: "NO_ANSWER") as server:
        settings = Settings(corpus=CORPUS, data=tmp_path, llm="m", llm_base_url=server.url)
        chosen = choose(read_questions(CORPUS / "questions.jsonl"), 4)
        asked = {("quotes", chosen[1].question)}
        outcomes = list(measure(settings, chosen, asked=asked))
    assert [one.system for one in outcomes].count("quotes") == 3
    ours = [one for one in outcomes if one.system == "assistant" and one.tokens]
    assert ours
    lines = table(outcomes).splitlines()
    assert [line.split("  ")[0] for line in lines] == ["quotes", "assistant", "plain chain"]
    assert "plain chain  right 0/3, refused 3; unanswerable refused 1/1" in lines[-1]
