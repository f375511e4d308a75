import json

from assistant.examples import QUESTIONS_FILE, example_questions
from assistant.storage.records import ArticleSummary

ARTICLES = [ArticleSummary("1", "Les abeilles", "fr", None, ("bees.md",), 1)]


def golden(lang, question, source="a/x.md", answerable=True):
    evidence = [{"source": source, "quote": "…"}] if answerable else []
    return json.dumps(
        {"lang": lang, "question": question, "answerable": answerable, "evidence": evidence}
    )


def test_examples_are_answerable_golden_questions_of_the_asked_language(tmp_path):
    lines = [
        golden("en", "First?"),
        golden("en", "Same folder?"),
        golden("en", "Not answered?", answerable=False),
        golden("fr", "Première ?"),
        golden("en", "Other folder?", "b/y.md"),
    ]
    (tmp_path / QUESTIONS_FILE).write_text("\n".join(lines), encoding="utf-8")
    assert example_questions(tmp_path, lambda: ARTICLES, "en", 2) == ["First?", "Other folder?"]
    assert example_questions(tmp_path, lambda: ARTICLES, "en", 9) == [
        "First?",
        "Other folder?",
        "Same folder?",
    ]
    assert example_questions(tmp_path, lambda: ARTICLES, "fr", 2) == ["Première ?"]


def test_without_golden_questions_the_titles_are_asked_about(tmp_path):
    (question,) = example_questions(tmp_path, lambda: ARTICLES, "en", 4)
    assert "Les abeilles" in question


def test_a_malformed_file_is_passed_over(tmp_path, caplog):
    (tmp_path / QUESTIONS_FILE).write_text("{not json")
    (question,) = example_questions(tmp_path, lambda: ARTICLES, "fr", 4)
    assert "Les abeilles" in question
    assert QUESTIONS_FILE in caplog.text
