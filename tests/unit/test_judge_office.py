"""Sets of office documents that the judge learns from."""

import json

from tools.judge.office import read_office


def test_office_questions_point_at_the_sentences_that_answer(tmp_path):
    folder = tmp_path / "bakery"
    (folder / "articles/staff").mkdir(parents=True)
    (folder / "articles/staff/rules.md").write_text(
        "# Rules\n\nOvens are lit at 3:30. The dough rests for 120 minutes, not 20.\n", "utf-8"
    )
    (folder / "articles/prices.csv").write_text("Bread,Price\nRye,4.20\nSpelt,14.20\n", "utf-8")
    asked = [
        {"id": "1", "question": "How long does the dough rest?", "first": [["20"]],
         "expect": "answer", "lang": "en", "sources": ["staff/rules.md"]},
        {"id": "2", "question": "Was kostet Roggenbrot?", "first": [["4.20", "4,20"], ["Rye"]],
         "expect": "answer", "lang": "de", "sources": ["prices.csv"]},
        {"id": "3", "question": "Who owns the mill?", "expect": "refuse", "lang": "en"},
        {"id": "4", "question": "And then?", "first": [["3:30"]], "expect": "answer", "lang": "en",
         "sources": ["staff/rules.md"], "history": [{"role": "user", "content": "Ovens?"}]},
        {"id": "5", "question": "Hello", "expect": "talk", "lang": "en"},
    ]  # fmt: skip
    lines = "".join(json.dumps(one) + "\n" for one in asked)
    (folder / "questions.jsonl").write_text(lines, "utf-8")

    office = read_office(folder)

    texts = {one.source: one.text for one in office.articles}
    assert (office.name, sorted(texts)) == ("bakery", ["prices.csv", "staff/rules.md"])
    pointed = {
        one.id: [texts[one.source][start:end] for start, end in one.spans]
        for one in office.questions
        if one.answerable
    }
    assert pointed == {
        "1": ["The dough rests for 120 minutes, not 20."],
        "2": ["Rye | 4.20"],
    }
    assert [one.id for one in office.questions if not one.answerable] == ["3"]
