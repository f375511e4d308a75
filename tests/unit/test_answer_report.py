import re

from assistant.evaluation.answer_report import to_html
from assistant.evaluation.question_sets import UNRELATED
from tests.support.evaluation import RED, WARM, Page, answer, cite, evaluate, golden, refusal

PAIRS = [
    (golden("a", WARM), answer(cite(RED, "warm"), confidence=0.9)),
    (golden("b", WARM), refusal(confidence=0.4)),
    (golden("c", WARM), answer(cite(RED, "loud"), unsupported=[1], confidence=0.7)),
    (golden("d", kind="unanswerable"), answer(cite(RED, "warm"), confidence=0.6)),
    (golden("e", kind=UNRELATED), refusal(confidence=0.1)),
]


def test_the_page_asks_for_nothing_and_escapes_everything():
    attack = golden("<script>alert(1)</script>", WARM, kind='"><img src=x>', turns=("<b>x</b>",))
    both = (attack, refusal()), (golden("<b>x</b>"), refusal())
    page = Page(to_html(evaluate(*PAIRS, *both), "A & B <title>"))
    names = {tag for tag, _ in page.tags}
    assert not {"script", "img", "link", "b", "iframe"} & names
    assert not any(key in ("src", "href") for _, attrs in page.tags for key in attrs)
    assert not re.search(r"""url\(["']?+(?!data:)""", page.text)
    assert "<script>alert(1)</script>" in page.text
    assert "A & B <title>" in page.text


def test_each_way_to_fail_has_its_heading_and_its_questions():
    page = Page(to_html(evaluate(*PAIRS), "Answers"))
    assert "1 refused, though the articles answer" in page.text
    assert "1 answered without the evidence" in page.text
    assert "1 answered, though the articles do not answer" in page.text
    assert "1 answers with a sentence that no source supports" in page.text
    assert [tag for tag, _ in page.tags].count("details") == 4


def test_the_refusal_curve_has_the_strictness_in_use_as_a_ring():
    page = Page(to_html(evaluate(*PAIRS, strictness=0.55), "Answers"))
    rings = [attrs for tag, attrs in page.tags if attrs.get("class") == "now" and tag == "circle"]
    # One on the line of unanswerable questions, one on that of unrelated ones, over one third.
    assert [round(float(ring["cx"]), 1) for ring in rings] == [171.3, 171.3]
    assert rings[0]["cy"] != rings[1]["cy"]
    assert "strictness 0.55: 1.000 unrelated refused, 0.333 by mistake" in page.text


def test_words_that_were_found_and_answer_are_marked():
    near = refusal(cite(RED, "Red is loud."), cite(RED, "is warm"))
    page = to_html(evaluate((golden("a", WARM), near)), "Answers")
    assert re.findall("<mark>(.*?)</mark>", page) == ["is warm"]


def test_without_a_question_to_refuse_there_is_no_curve():
    assert "<svg" not in to_html(evaluate(*PAIRS[:3]), "Answers")


def test_unrelated_questions_alone_make_a_page():
    page = to_html(evaluate(PAIRS[-1]), "Answers")
    assert len(re.findall("<svg", page)) == 2
    assert "Unrelated refused" in page


def test_the_page_shows_what_was_promised_and_the_tones_of_each_group():
    page = to_html(evaluate(*PAIRS), "Answers")
    assert "1 questions: confidence 0.900, 1.000 answerable" in page
    rows = re.findall('<th scope="row">([a-z ]+)</th>((?:<td>[^<]*</td>)+)', page)
    cells = {name: re.findall("<td>([^<]*)</td>", row) for name, row in rows}
    assert cells["all"] == ["4", "0.750", "0.000", "0.250", "0.667"]
    assert cells["unrelated"] == ["1", "0.000", "0.000", "1.000", "–"]
