import json

import pytest

from assistant.evaluation.question_sets import (
    UNRELATED,
    GoldEvidence,
    read_cases,
    read_corpus,
    read_questions,
    read_unrelated,
)
from assistant.models.conversation import Turn
from assistant.support.errors import CorpusError, QuestionError


@pytest.fixture
def written(tmp_path):
    """Writes records as a file of JSON lines."""

    def write(*records, name="questions.jsonl"):
        file = tmp_path / name
        file.write_text("\n".join(json.dumps(record) for record in records) + "\n\n", "utf-8-sig")
        return file

    return write


def test_cases_are_read_from_evidence_or_doc_id(written):
    file = written(
        {
            "id": "1",
            "question": "Who?",
            "lang": "fr",
            "evidence": [{"file": "a.html", "quote": "x"}],
        },
        {
            "id": "2",
            "question": "Who?",
            "evidence": [{"source": "a"}, {"source": "b"}],
            "kind": "why",
        },
        {"id": "3", "question": "Who?", "answerable": False, "evidence": []},
        {"id": "4", "question": "Who?", "turns": ["Really?"], "evidence": [{"source": "a"}]},
        {"question": "Who?", "doc_id": "d"},
        {"question": "Who?", "history": [{"role": "user", "content": "Really?"}], "doc_id": "d"},
    )
    cases = read_cases(file)
    assert [(c.id, sorted(c.gold)) for c in cases] == [
        ("1", ["a.html"]),
        ("2", ["a", "b"]),
        ("5", ["d"]),
    ]
    assert (cases[0].language, cases[1].language, cases[1].kind) == ("fr", "und", "why")


def test_a_case_needs_a_source(written):
    file = written({"question": "Who?", "evidence": [{"quote": "x"}]})
    with pytest.raises(QuestionError, match=r"line 1.*no source"):
        read_cases(file)


def test_evidence_is_read_in_each_of_its_forms(written):
    file = written(
        {"question": "Who?", "evidence": [{"source": "a.md", "quote": "x"}]},
        {"question": "Who?", "evidence": [{"file": "a.html", "quote": "x"}]},
        {"question": "Who?", "evidence": [{"start": 3, "end": 4, "text": "x"}]},
        {"question": "Who?", "doc_id": 7, "start": 3, "end": 9},
        {"question": "Who?", "id": "me", "text": "x. y.", "gold_sentences": ["x.", "y."]},
        {"question": "Who?", "id": "no", "text": "x.", "gold_sentences": [], "answerable": False},
    )
    assert [one.evidence for one in read_questions(file)] == [
        (GoldEvidence("a.md", "x"),),
        (GoldEvidence("a.html", "x"),),
        (GoldEvidence("", "x", 3, 4),),
        (GoldEvidence("7", "", 3, 9),),
        (GoldEvidence("me", "x."), GoldEvidence("me", "y.")),
        (),
    ]


def test_turns_before_a_question_leave_the_question_itself_out(written):
    said = [{"role": "user", "content": "o"}, {"role": "assistant", "content": "a"}]
    first, second = read_questions(
        written(
            {"question": "Who?", "turns": ["Really?", "Who?"], "doc_id": "d"},
            {"question": "Who?", "turns": ["Really?"], "history": said, "doc_id": "d"},
        )
    )
    assert (first.turns, first.history) == (("Really?",), ())
    assert (second.turns, second.history) == (
        ("Really?",),
        (Turn("user", "o"), Turn("assistant", "a")),
    )


def test_a_question_without_answer_has_a_kind(written):
    named, unnamed, answered = read_questions(
        written(
            {"question": "Who?", "answerable": False, "kind": "false-premise"},
            {"question": "Who?", "answerable": False, "evidence": []},
            {"question": "Who?", "doc_id": "d"},
        )
    )
    assert [one.kind for one in (named, unnamed, answered)] == ["false-premise", "unanswerable", ""]
    assert [one.answerable for one in (named, unnamed, answered)] == [False, False, True]


def test_of_unrelated_questions_only_the_words_are_read(written):
    file = written(
        {"id": "x", "question": "Who?", "doc_id": "elsewhere", "kind": "why"},
        {"question": "Where?"},
    )
    first, second = read_unrelated(file)
    assert (first.question, first.kind, first.answerable) == ("Who?", UNRELATED, False)
    assert (first.id, second.id) == ("x", "2")


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("{", "not JSON"),
        ("[]", "JSON object"),
        ('{"doc_id": "d"}', "'question' is missing"),
        ('{"question": 3, "doc_id": "d"}', "3 is not a text"),
        ('{"question": " ", "doc_id": "d"}', "empty"),
        ('{"question": "Who?"}', "'evidence' is missing"),
        ('{"question": "Who?", "evidence": []}', "without evidence"),
        ('{"question": "Who?", "evidence": ["a"]}', "has no attribute"),
        ('{"question": "Who?", "evidence": [{}]}', "neither source nor quote"),
        ('{"question": "Who?", "doc_id": "d", "start": 9, "end": 3}', "start 9 and end 3"),
        ('{"question": "Who?", "doc_id": "d", "turns": [1]}', "1 is not a text"),
        ('{"question": "Who?", "doc_id": "d", "history": [{"role": "user"}]}', "'content'"),
        ('{"question": "Who?", "doc_id": "d", "history": [{"role": "x", "content": ""}]}', "'x'"),
    ],
)
@pytest.mark.parametrize("read", [read_questions, read_cases])
def test_a_malformed_question_is_named_with_what_was_expected(tmp_path, line, told, read):
    file = tmp_path / "questions.jsonl"
    file.write_text('{"question": "Who?", "doc_id": "d"}\n' + line)
    with pytest.raises(QuestionError, match="line 2") as caught:
        read(file)
    assert told in str(caught.value)
    assert "xpected" in str(caught.value) or "JSON" in str(caught.value)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(QuestionError, match=r"none\.jsonl cannot be read"):
        read_questions(tmp_path / "none.jsonl")
    with pytest.raises(CorpusError, match=r"none\.jsonl cannot be read"):
        read_corpus(tmp_path / "none.jsonl")


@pytest.mark.parametrize(
    ("second", "told"), [({"id": "a"}, "'text' is missing"), ({"id": 1, "text": "y"}, "twice")]
)
def test_a_malformed_corpus_is_named(written, second, told):
    file = written({"id": "1", "text": "x"}, second, name="corpus.jsonl")
    with pytest.raises(CorpusError, match=f"line 2.*{told}"):
        read_corpus(file)


def test_an_article_keeps_its_places_and_its_block_is_without_space_around(written):
    (article,) = read_corpus(written({"id": 1, "text": " It was\u2028finished. ", "lang": "en"}))
    assert article.text == " It was\u2028finished. "
    assert [article.text[b.start : b.end] for b in article.blocks] == ["It was\u2028finished."]


def test_a_quote_is_found_wherever_it_stands_whatever_the_space():
    text = "Red  or\ngreen. Blue. Red or\u00a0green."
    assert GoldEvidence("a", "Red or green.").spans(text) == [(0, 14), (21, 34)]
    assert GoldEvidence("a").spans(text) == [(0, len(text))]
    with pytest.raises(ValueError, match=r"'Red\.' are not in it"):
        GoldEvidence("a", "Red.").spans(text)


def test_evidence_names_itself():
    shown = [
        str(GoldEvidence("a", "x", 1, 2)),
        str(GoldEvidence("a", "", 1, 2)),
        str(GoldEvidence("a")),
    ]
    assert shown == ["x", "1 to 2", "the whole article"]


def test_places_are_checked_against_the_quote():
    text = "Red or green."
    assert GoldEvidence("a", "or  green", 4, 12).spans(text) == [(4, 12)]
    for wrong in (GoldEvidence("a", "or", 0, 3), GoldEvidence("a", "", 40, 50)):
        with pytest.raises(ValueError, match="holds"):
            wrong.spans(text)
