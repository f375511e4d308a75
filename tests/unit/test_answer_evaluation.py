import json

import pytest

from assistant.evaluation.answer_outcomes import ANYWAY, ELSEWHERE, MISTAKEN
from assistant.evaluation.answers import QUOTES, evaluate_answers
from assistant.evaluation.question_sets import UNRELATED, GoldEvidence
from assistant.support.errors import QuestionError
from tests.support.evaluation import (
    BLEU,
    FROID,
    RED,
    WARM,
    Scripted,
    answer,
    cite,
    evaluate,
    golden,
    refusal,
)


def values(row):
    return {name: measure.value for name, measure in row.measures.items() if measure}


def test_evidence_is_among_the_first_three_citations():
    loud = cite(RED, "Red is loud.")
    fourth = [loud, loud, loud, cite(RED, "is warm", 4)]
    result = evaluate(
        (golden("a", WARM), answer(loud, cite(RED, "is warm", 2))),
        (golden("b", WARM), answer(*fourth)),
        (golden("c", WARM), answer(cite(BLEU, "Le bleu est froid."))),
        (golden("d", WARM), refusal(cite(RED, "Red is warm."))),
    )
    assert [one.found for one in result.outcomes] == [True, False, False, False]
    assert [one.failure for one in result.outcomes] == ["", ELSEWHERE, ELSEWHERE, MISTAKEN]
    (row,) = result.rows()
    assert values(row)["evidence@3"] == 0.25
    assert values(row)["refused by mistake"] == 0.25
    assert "refused rightly" not in values(row)


def test_an_article_is_the_same_under_each_of_its_sources():
    result = evaluate((golden("a", FROID), answer(cite(BLEU, "bleu est froid"))))
    assert result.outcomes[0].found
    assert result.outcomes[0].pair == "en-fr"


def test_words_that_touch_the_evidence_without_overlap_are_not_it():
    result = evaluate((golden("a", WARM), answer(cite(RED, " Red is loud."))))
    assert not result.outcomes[0].found


def test_sentences_are_supported_or_not_and_cite_the_evidence_or_not():
    warm, loud = cite(RED, "Red is warm."), cite(RED, "Red is loud.", 2)
    result = evaluate(
        (golden("a", WARM), answer(warm, loud, unsupported=[2])),
        (golden("b", WARM), answer(loud)),
        (golden("c", kind="unanswerable"), answer(warm, unsupported=[1])),
    )
    overall = values(result.rows()[0])
    assert overall["supported"] == pytest.approx(2 / 4)
    assert overall["cites evidence"] == pytest.approx(1 / 3)


def test_unrelated_questions_are_a_row_of_their_own():
    result = evaluate(
        (golden("a", WARM), answer(cite(RED, "Red is warm."))),
        (golden("b", kind="unanswerable"), refusal()),
        (golden("c", kind=UNRELATED, language="und"), answer(cite(RED, "Red is warm."))),
        (golden("d", kind=UNRELATED, language="und"), refusal()),
    )
    rows = {row.group: row for row in result.rows()}
    assert list(rows) == ["all", "en unanswerable", "unrelated"]
    assert (rows["all"].count, values(rows["all"])["refused rightly"]) == (2, 1)
    assert values(rows["unrelated"])["refused rightly"] == 0.5
    assert [one.failure for one in result.outcomes] == ["", "", ANYWAY, ""]


def test_languages_and_pairs_are_rows_where_there_are_several():
    yes = answer(cite(RED, "Red is warm."))
    result = evaluate(
        (golden("a", WARM), yes),
        (golden("b", FROID), yes),
        (golden("c", FROID, language="fr", kind="why"), yes),
        (golden("d", language="fr", kind="unanswerable"), yes),
    )
    groups = {row.group: row.count for row in result.rows()}
    assert groups == {
        "all": 4, "en": 2, "en-en": 1, "en-fr": 1, "fr": 2, "fr unanswerable": 1, "fr why": 1,
    }  # fmt: skip


def test_every_citation_is_compared_with_its_article_nearest_ones_too():
    result = evaluate(
        (golden("a", WARM), answer(cite(RED, "warm"), cite(RED, "loud", 2, shift=1))),
        (golden("b", kind="x"), refusal(cite(BLEU, "froid"), cite(BLEU, "calme", shift=-1))),
    )
    assert [one.exact for one in result.outcomes] == [(True, False), (True, False)]
    assert result.exactness() == (2, 4)


def test_refusals_are_worked_out_for_every_strictness():
    result = evaluate(
        (golden("a", WARM), answer(cite(RED, "warm"), confidence=0.9)),
        (golden("b", WARM), refusal(confidence=0.4)),
        (golden("c", kind="unanswerable"), answer(cite(RED, "warm"), confidence=0.6)),
        (golden("d", kind=UNRELATED), refusal(confidence=0.1)),
    )
    points = {p.strictness: (p.mistaken, p.unanswerable, p.unrelated) for p in result.refusals()}
    assert points[0] == (0, 0, 0)
    assert points[0.4] == (0, 0, 1)
    assert points[0.5] == (0.5, 0, 1)
    assert points[0.7] == (0.5, 1, 1)
    assert points[1] == (1, 1, 1)


def test_a_refusal_for_another_reason_than_confidence_stays_one():
    result = evaluate((golden("a", WARM), refusal(confidence=0.9)), strictness=0.5)
    assert result.refusals([0, 0.95])[0].mistaken == 1
    assert result.refusals([0])[0].unanswerable is None


def test_earlier_turns_are_asked_in_order_and_their_answers_are_the_history():
    scripted = Scripted({"p": refusal(), "q": refusal(), "r": answer(cite(RED, "warm"))})
    evaluate_answers(scripted, [golden("r", WARM, turns=("p", "q"))])
    first, second = [("user", "p"), ("assistant", "No.")], [("user", "q"), ("assistant", "No.")]
    assert scripted.asked[1:] == [("p", []), ("q", first), ("r", first + second)]


def test_the_time_is_that_of_the_questions_after_a_warm_up():
    pairs = [(golden(str(n), WARM), answer(cite(RED, "warm"), ms=float(n))) for n in range(101)]
    result = evaluate(*pairs)
    assert result.latency() == {"p50": 50.0, "p95": 95.0}


def test_progress_is_told():
    told = []
    scripted = Scripted({"a": refusal()})
    evaluate_answers(scripted, [golden("a"), golden("a")], lambda *count: told.append(count))
    assert told == [(1, 2), (2, 2)]


@pytest.mark.parametrize(
    ("evidence", "told"),
    [
        (GoldEvidence("green.md", "x"), "in green.md cannot be found: no article has this source"),
        (
            GoldEvidence("red.md", "Red is cold."),
            "in red.md .* the words 'Red is cold.' are not in it",
        ),
        (GoldEvidence("", "Red is warm."), "names no source, and there are 2 articles"),
    ],
)
def test_evidence_that_is_not_there_is_named_before_anything_is_asked(evidence, told):
    scripted = Scripted({})
    with pytest.raises(QuestionError, match=f"f, line a: .*{told}"):
        evaluate_answers(scripted, [golden("a", evidence)])
    assert scripted.asked == []


def test_nothing_to_ask_is_an_error():
    with pytest.raises(QuestionError, match="no question"):
        evaluate_answers(Scripted({}), [])


def test_the_table_says_what_answered_and_what_a_strictness_costs():
    result = evaluate(
        (golden("a", WARM), answer(cite(RED, "warm"), confidence=0.65, notice="The model failed.")),
        (golden("b", kind="unanswerable"), refusal(confidence=0.4)),
        strictness=0.45,
    )
    shown = result.to_table()
    assert f"Answered with {QUOTES} at strictness 0.45. 1 of 1 citations are exact." in shown
    assert "1 answers came with a notice" in shown
    by_strictness, by_certainty, by_confidence, by_group = shown.split("\n\n")[-4:]
    assert "sure        1          0.650       1.000       1.000" in by_certainty
    assert "none        1          0.400       0.000       –" in by_certainty
    assert "0.6         1          0.650       1.000       1.000" in by_confidence
    assert "0.4         1          0.400       0.000" in by_confidence
    groups = {line.split("  ")[0]: line.split()[-9:] for line in by_group.splitlines()[1:]}
    # The shares of each tone, of the sure ones that are answerable, and refused at each strictness.
    assert groups["all"] == [
        "0.500",
        "0.000",
        "0.500",
        "1.000",
        "0.500",
        "0.500",
        "1.000",
        "1.000",
        "1.000",
    ]
    assert groups["en unanswerable"][:4] == ["0.000", "0.000", "1.000", "–"]
    lines = {line.split()[0]: line.split()[1:] for line in by_strictness.splitlines()[1:]}
    assert lines["0.4"] == ["0.000", "0.000", "–"]
    assert lines["0.5"] == ["0.000", "1.000", "–"]
    assert lines["0.7"] == ["1.000", "1.000", "–"]


def test_json_and_list_hold_each_miss_with_what_was_expected_and_cited():
    result = evaluate(
        (golden("a", WARM, kind="why"), answer(cite(RED, "loud"), confidence=0.75)),
        (golden("b", WARM), refusal(cite(RED, "warm"))),
        (golden("c", WARM), answer(cite(RED, "warm"))),
    )
    written = json.loads(json.dumps(result.to_json(), allow_nan=False))
    assert [miss["id"] for miss in written["misses"]] == ["a", "b"]
    assert written["misses"][0]["failure"] == ELSEWHERE
    assert written["misses"][0]["cited"] == [{"source": "red.md", "quote": "loud"}]
    assert written["citations"] == {"exact": 3, "of": 3}
    assert written["rows"][0]["refused rightly"] is None
    assert written["mode"] == QUOTES
    listed = result.list_misses().splitlines()
    assert listed[0] == "other words cited: a [a, why, confidence 0.75]"
    assert "  expected: Red is warm. (red.md)" in listed
    assert "  nearest: warm (red.md)" in listed


def test_the_mode_is_the_chat_model_if_one_answers():
    assert evaluate((golden("a"), refusal()), llm="openai:tiny").mode == "openai:tiny"


def test_a_real_assistant_is_measured_on_its_articles(three_articles):
    finished = GoldEvidence("lighthouse.txt", "It was finished in 1611")
    honey = GoldEvidence("bees.md", "Un apiculteur récolte environ dix kilos de miel par ruche")
    questions = [
        golden("When was the lighthouse of Cordouan finished?", finished),
        golden("How much honey does a hive give a year?", honey),
    ]
    result = evaluate_answers(three_articles, questions)
    assert [one.found for one in result.outcomes] == [True, True]
    assert [one.pair for one in result.outcomes] == ["en-en", "en-fr"]
    exact, of = result.exactness()
    assert exact == of > 0
    assert result.latency()["p95"] > 0
