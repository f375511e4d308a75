import json
from contextlib import closing

import pytest

from assistant.answer.suggestions import (
    answered_anew,
    example_questions,
    golden_questions,
    in_time,
    next_questions,
)
from assistant.models.answer import Certainty
from assistant.models.article import Article, Block
from assistant.models.corpus_files import QUESTIONS_FILE
from assistant.models.records import ArticleSummary
from tests.support.fakes import DIVORCE
from tests.support.tiny import tiny_assistant

BEES = Article("Les abeilles", "Les abeilles.", "fr", "bees.md")
ARTICLES = [ArticleSummary("1", "Les abeilles", "fr", None, ("bees.md",), 1)]


def golden(lang, question, source="a/x.md", answerable=True):
    evidence = [{"source": source, "quote": "…"}] if answerable else []
    return json.dumps(
        {"lang": lang, "question": question, "answerable": answerable, "evidence": evidence}
    )


def examples(corpus, language, count):
    found = example_questions(
        golden_questions(corpus, language), lambda: ARTICLES, lambda _: BEES, language
    )
    return [(one.topic, one.question) for one in found][:count]


def test_examples_are_answerable_golden_questions_of_the_asked_language(tmp_path):
    lines = [
        golden("en", "First?"),
        golden("en", "Same folder?"),
        golden("en", "Not answered?", answerable=False),
        golden("fr", "Première ?"),
        golden("en", "Other folder?", "b/y.md"),
    ]
    (tmp_path / QUESTIONS_FILE).write_text("\n".join(lines), encoding="utf-8")
    assert examples(tmp_path, "en", 2) == [("A", "First?"), ("B", "Other folder?")]
    assert examples(tmp_path, "en", 9) == [
        ("A", "First?"),
        ("B", "Other folder?"),
        ("A", "Same folder?"),
    ]
    assert examples(tmp_path, "fr", 2) == [("A", "Première ?")]


def test_without_golden_questions_the_titles_are_asked_about(tmp_path):
    ((topic, question),) = examples(tmp_path, "en", 4)
    assert "Les abeilles" in question
    assert topic == "Les abeilles"  # outside of any folder


def test_a_question_that_an_article_answers_itself_comes_first(tmp_path):
    text = "FAQ\nQ: How do I reset it?\nHold the button."
    faq = Article("FAQ", text, "en", "it/faq.md", blocks=(Block(4, 25, heading=True),))
    folders = ("annual_reports/x.pdf", "annual_reports/y.pdf", "it/faq.md")
    held = [
        ArticleSummary(faq.id if source == faq.source else "0", "X", "en", None, (source,), 1)
        for source in folders
    ]
    read = {faq.id: faq, "0": Article("X", "X", "en", folders[0])}
    found = example_questions([], lambda: held, read.__getitem__, "en")
    assert [(one.topic, one.question) for one in found] == [
        ("IT", "How do I reset it?"),
        ("Annual reports", "What is “X” about?"),
        ("Annual reports", "What is “X” about?"),
    ]


def test_a_malformed_file_is_passed_over(tmp_path, caplog):
    (tmp_path / QUESTIONS_FILE).write_text("{not json")
    ((_, question),) = examples(tmp_path, "fr", 4)
    assert "Les abeilles" in question
    assert QUESTIONS_FILE in caplog.text


def test_what_comes_next_is_on_the_article_then_beside_it_then_after_its_headings(tmp_path):
    lines = [
        golden("en", "Beside?", "other.md"),
        golden("en", "Elsewhere?", "sea/x.md"),
        golden("en", "On it?", DIVORCE.source),
        golden("fr", "Dessus ?", DIVORCE.source),
    ]
    (tmp_path / QUESTIONS_FILE).write_text("\n".join(lines), encoding="utf-8")
    assert list(next_questions(golden_questions(tmp_path, "en"), [DIVORCE], "en")) == [
        "On it?",
        "Beside?",
    ]
    assert list(next_questions(golden_questions(tmp_path, "fr"), [DIVORCE], "fr")) == [
        "Dessus ?",
        "Que faut-il savoir sur « Et maintenant » ?",
    ]


def test_headings_become_questions_that_people_would_ask():
    lines = ["Firmware", "2.8.1 (2026-02-11)", "Q: Is it waterproof?", "3. Remote work", "It is."]
    starts = [sum(len(line) + 1 for line in lines[:n]) for n in range(len(lines))]
    blocks = [Block(s, s + len(t), t != "It is.") for s, t in zip(starts, lines, strict=True)]
    article = Article("Firmware", "\n".join(lines), "en", "a.md", blocks=tuple(blocks))
    assert list(next_questions([], [article], "en")) == [
        "Is it waterproof?",
        "What should I know about “Remote work”?",
    ]
    assert list(next_questions([], [article], "de")) == []


def test_changed_golden_questions_are_read_again(tmp_path):
    file = tmp_path / QUESTIONS_FILE
    file.write_text(golden("en", "First?"), encoding="utf-8")
    assert [one.text for one in golden_questions(tmp_path, "en")] == ["First?"]
    file.write_text(golden("en", "Second?"), encoding="utf-8")
    assert [one.text for one in golden_questions(tmp_path, "en")] == ["Second?"]


def test_only_questions_that_are_answered_with_new_words_are_offered():
    first_quotes = {
        "Why?": ("a", 0),
        "New?": ("a", 10),
        "New again?": ("a", 10),
        "Asked before?": ("a", 40),
        "Unsure?": None,
        "Newer?": ("a", 20),
    }
    found = answered_anew(first_quotes, first_quotes.get, [("a", 0)], ["Asked before?"])
    assert list(found) == ["New?", "Newer?"]


def test_the_search_for_questions_ends_in_time(monkeypatch):
    monkeypatch.setattr("assistant.answer.suggestions.LOOKING_S", -1)
    assert list(in_time(["New?"])) == []


@pytest.mark.parametrize("question", ["Why did tensions rise?", "What is the capital of Peru?"])
def test_what_is_offered_after_an_answer_is_answered_when_asked(assistant, question, monkeypatch):
    monkeypatch.setattr("assistant.answer.suggestions.LOOKING_S", 30)
    answer = assistant.ask(question)
    shown = [(one.article, one.start) for one in answer.citations or answer.nearest]
    offered = assistant.suggestions(shown, "en", [question])
    assert 1 <= len(offered) <= 3
    assert question not in offered
    assert {assistant.ask(one).certainty for one in offered} == {Certainty.SURE}


def test_what_is_offered_is_checked_anew_after_the_articles_have_changed(tmp_path):
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    lines = [
        golden("en", f"When is the {thing} cleaned?", "tea.md") for thing in ("kitchen", "hall")
    ]
    (corpus / QUESTIONS_FILE).write_text("\n".join(lines), "utf-8")

    def offered(assistant, *cleaned):
        text = "\n\n".join(f"The {one} of the office is cleaned on Monday." for one in cleaned)
        (corpus / "tea.md").write_text(f"# Cleaning\n\n{text}\n", "utf-8")
        assistant.sync()
        asked = [one.question for one in assistant.examples("en")]
        assert {assistant.ask(one).certainty for one in asked} <= {Certainty.SURE}
        return asked

    with closing(tiny_assistant(corpus, tmp_path / "data")) as assistant:
        assert offered(assistant, "kitchen") == ["When is the kitchen cleaned?"]
        assert offered(assistant, "hall") == ["When is the hall cleaned?"]
        assert offered(assistant, "kitchen", "hall") == [
            "When is the kitchen cleaned?",
            "When is the hall cleaned?",
        ]


def test_each_example_is_answered_for_sure(assistant):
    for language in ("en", "de"):
        offered = [one.question for one in assistant.examples(language, 3)]
        assert len(offered) >= 2
        assert {assistant.ask(one).certainty for one in offered} == {Certainty.SURE}


def test_an_answer_is_not_searched_again_for_what_was_checked_before(assistant, monkeypatch):
    shown = [(one.article, one.start) for one in assistant.ask("Why did tensions rise?").citations]
    before = assistant.suggestions(shown, "en")
    monkeypatch.setattr(assistant._sure, "_answers", None)
    assert assistant.suggestions(shown, "en") == before
