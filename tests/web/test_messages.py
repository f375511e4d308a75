"""The chat's HTML, and what it says as plain text."""

from __future__ import annotations

import html
from dataclasses import replace
from datetime import date

import pytest

from assistant.language.locales import locales
from assistant.models.answer import Answer, AnswerSentence, Certainty, Citation, Part, Short
from assistant.web.chat.escaping import escape
from assistant.web.chat.masthead import masthead, welcome
from assistant.web.chat.messages import (
    answer_message,
    notice_message,
    question_message,
    stopped,
)
from assistant.web.chat.said import turns
from tests.support.fakes import ATTACK, DIVORCE, HOSTILE, FakeAssistant

ENGLISH = locales()["en"]
FRENCH = locales()["fr"]


def answer(text: str, *, supported: bool = True, title: str = "A title") -> Answer:
    citation = Citation(
        "abc", title, "a.md", "fr", date(2025, 1, 24), 3, 3 + len(text), text, number=1
    )
    sentence = AnswerSentence(text, supported, (1,))
    return Answer("Why?", "en", False, "From the articles:", (sentence,), (citation,))


@pytest.mark.parametrize(
    "text", [ATTACK, "a & b", "1. one", "<b>", "\\(x\\)", "é — « q »\u00a0: ١"]
)
def test_escaped_text_holds_no_markup_and_reads_the_same(text: str) -> None:
    escaped = escape(text)
    assert not set("<>\"'`*_[]()!#$\\|~") & set(escaped.replace("&#", ""))
    assert html.unescape(escaped) == text


def test_a_question_comes_back_as_it_was_asked() -> None:
    asked = f"First line?\n{ATTACK}"
    (turn,) = turns([question_message(asked)])
    assert (turn.role, turn.content) == ("user", asked)


def test_an_answer_comes_back_as_its_words_without_titles() -> None:
    quote = "Les deux partenaires <vendent> la même chose."
    (turn,) = turns([answer_message(answer(quote), ENGLISH)])
    assert turn.content == f"From the articles:\n{quote} [1]"


def test_a_message_is_one_line_so_that_no_part_of_it_is_read_as_markdown() -> None:
    content = answer_message(answer("One.\n\n# Two\n\n    three"), ENGLISH).message()["content"]
    assert "\n" not in content
    assert content.startswith("<div")


def test_each_sentence_shows_its_number_title_and_date() -> None:
    content = answer_message(answer("Oui."), FRENCH).message()["content"]
    assert 'href="articles/abc?start=3&amp;end=7#quote"' in content
    assert "<footer><bdi>A title</bdi>, 24 janvier 2025</footer>" in content
    assert 'lang="fr"' in content


def test_a_sentence_without_support_says_so() -> None:
    content = answer_message(answer("Oui.", supported=False), ENGLISH).message()["content"]
    assert 'class="quote unsupported"' in content
    assert "Not confirmed by the articles" in content
    assert "unsupported" not in answer_message(answer("Oui."), ENGLISH).message()["content"]


def test_the_reason_against_a_sentence_is_told_before_it() -> None:
    given = answer("In 1999.", supported=False)
    doubted = replace(given.sentences[0], reason="No source holds <1999>.")
    shown = answer_message(replace(given, sentences=(doubted,)), ENGLISH)
    content = html.unescape(shown.message()["content"])
    assert "Not confirmed by the articles</strong> · No source holds <1999>." in content
    assert content.index("No source holds") < content.index("In 1999.")
    assert turns([shown])[0].content == "From the articles:\nIn 1999. [1]"


def test_how_an_answer_came_about_is_told_and_is_no_part_of_the_history() -> None:
    given = replace(answer("Oui."), understood="And in <France>?", notice="The model is silent.")
    shown = answer_message(given, ENGLISH, within="French · from 1 May 2024")
    content = html.unescape(shown.message()["content"])
    assert "Understood as: And in <France>?" in content
    assert "The model is silent." in content
    assert "Searched only: French · from 1 May 2024" in content
    assert "<France>" not in shown.message()["content"]
    assert turns([shown])[0].content == "From the articles:\nOui. [1]"
    plain = answer_message(answer("Oui."), ENGLISH).message()["content"]
    assert not any(word in plain for word in ("Understood", "Searched", "heed", "doubt"))


def test_what_is_not_an_answer_is_no_part_of_the_history() -> None:
    said = [question_message("Why?"), notice_message("The server is busy."), question_message("?!")]
    assert [turn.content for turn in turns(said)] == ["Why?", "?!"]


def test_a_refusal_shows_the_nearest_passages_with_their_links() -> None:
    (refusal,) = FakeAssistant(library=(DIVORCE,)).stream("Capital of Peru?")
    content = answer_message(refusal, ENGLISH).message()["content"]
    assert "Closest passages" in content
    assert f'href="articles/{DIVORCE.id}?start=0' in content


def test_an_attack_in_a_title_stays_text() -> None:
    content = answer_message(answer(ATTACK, title=HOSTILE.title), ENGLISH).message()["content"]
    assert "<img" not in content
    assert "<script" not in content
    assert "](http" not in content


def test_an_answer_knows_its_language_and_the_places_it_shows() -> None:
    said = answer_message(answer("Oui."), ENGLISH)
    assert (said.language, said.places, said.state) == ("en", (("abc", 3),), "complete")
    assert '<div class="answer complete" lang="en">' in said.message()["content"]


def test_what_was_stopped_is_left_as_it_is_and_says_so() -> None:
    growing = answer_message(replace(answer("Oui."), complete=False), ENGLISH)
    left = stopped(growing, ENGLISH)
    assert (left.state, left.text) == ("complete", growing.text)
    assert "Stopped before the end" in left.html
    assert stopped(notice_message("Searching…", growing=True), ENGLISH).state == ""


def test_masthead_says_what_is_there_or_how_far_the_reading_is() -> None:
    status = FakeAssistant().state
    assert "2 articles in French and English&#44; up to 24 January 2025" in masthead(
        status, ENGLISH
    )
    assert "index is being rebuilt" in masthead(replace(status, rebuilding=True), ENGLISH)
    reading = replace(status, syncing=True, done=12, total=1400)
    assert html.unescape(masthead(reading, FRENCH)).count(
        "Lecture des articles : 12 sur 1\u202f400…"
    )
    embedding = replace(reading, done=1400, by_words=12_400, in_full=3_100)
    assert "12,400 passages are known by their words, 3,100 in full" in html.unescape(
        masthead(embedding, ENGLISH)
    )
    failed = masthead(replace(status, error="<b>Disk</b> full."), ENGLISH)
    assert "&#60;b&#62;Disk" in failed


def test_an_empty_chat_says_why_there_is_nothing_to_ask() -> None:
    empty = replace(FakeAssistant().state, articles=0, ready=False)
    assert "nothing to answer from yet" in html.unescape(welcome(empty, ENGLISH))
    failed = replace(empty, error="No such folder.")
    assert "could not be read. No such folder." in html.unescape(welcome(failed, ENGLISH))
    reading = replace(empty, syncing=True, done=1, total=4)
    assert "Reading the articles: 1 of 4…" in html.unescape(welcome(reading, ENGLISH))


ROW = Citation(
    "abc", "Leave", "a.md", "en", None, 0, 11, "6 to 10 | 29",
    number=1, section="1. Annual leave", columns="Years of service | Days",
)  # fmt: skip


def shown(*citations: Citation, **more: object) -> str:
    sentences = tuple(AnswerSentence(one.quote, True, (one.number,)) for one in citations)
    given = Answer("Q?", "en", False, "", sentences, citations, **more)
    return html.unescape(answer_message(given, ENGLISH).html)


def test_a_row_is_a_table_under_its_headings_with_its_section() -> None:
    content = shown(ROW, short=Short(1, "29", 10, 12))
    assert '<th scope="col">Years of service</th> <th scope="col">Days</th>' in content
    assert "<td>6 to 10</td> <td><mark>29</mark></td>" in content
    assert "<bdi>Leave</bdi> · <bdi>1. Annual leave</bdi>" in content


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Do this:\n1. One.\n2. Two.", "Do this: <ol><li>One.</li> <li>Two.</li> </ol>"),
        ("One.\n3. Two.", "<ol><li>One.</li> <li>Two.</li> </ol>"),
        ("- One\n- Two", "<ul><li>One</li> <li>Two</li> </ul>"),
        ("4. One\n5. Two", '<ol start="4"><li>One</li> <li>Two</li> </ol>'),
        ("No list.\nAt all.", "No list. <br>At all."),
        ("We need:\n\nOil.\n\nSalt.", "We need: <ul><li>Oil.</li> <li>Salt.</li> </ul>"),
    ],
)
def test_a_list_is_shown_as_one(text: str, expected: str) -> None:
    cited = Citation("abc", "Steps", "a.md", "en", None, 0, len(text), text, number=1)
    assert expected in shown(cited)


def test_the_best_quote_stands_out_and_a_title_is_told_once() -> None:
    second = replace(ROW, number=2, text="over 10 | 31")
    content = shown(ROW, second)
    assert content.count("quote best") == 1
    assert content.count("<bdi>Leave</bdi>") == 1
    assert content.index("<bdi>Leave</bdi>") < content.index("31")


def test_of_quotes_from_one_article_that_follow_the_sections_alone_are_told() -> None:
    rain = replace(ROW, text="It rained.", section="Rain", columns="")
    more = [replace(rain, number=number) for number in (2, 3)]
    content = shown(ROW, *more)
    assert content.count("<bdi>Leave</bdi>") == 1
    assert content.count("<footer><bdi>Rain</bdi></footer>") == 1


def test_the_number_of_a_table_stands_with_its_title() -> None:
    content = shown(ROW)
    assert (
        content.index("</table><footer>") < content.index('class="cite"') < content.index("<bdi>")
    )
    assert content.count('class="cite"') == 1


def test_a_date_that_the_title_says_is_not_told_again() -> None:
    dated = replace(ROW, title="Minutes, 4 March 2025", published=date(2025, 3, 4))
    assert shown(dated).count("4 March 2025</bdi> · <bdi>1. Annual leave</bdi></footer>") == 1
    assert ", 5 March 2025</footer>" in shown(replace(dated, published=date(2025, 3, 5)))


def test_what_merely_relates_is_folded_and_no_part_of_what_was_said() -> None:
    related = replace(ROW, number=2, text="It rained.", columns="")
    given = Answer("Q?", "en", False, "", (), (), related=(related,))
    said = answer_message(given, ENGLISH)
    assert "Related in the articles &#40;1&#41;</summary>" in said.html
    assert "It rained" not in said.text
    assert ("abc", 0) in said.places


def test_each_of_several_questions_stands_before_its_answer() -> None:
    parts = (Part("How long?", Certainty.SURE, (1,)), Part("Where?", Certainty.NONE, ()))
    content = shown(ROW, parts=parts)
    assert content.index('<p class="part">How long?</p>') < content.index("<table>")
    assert "Where?" not in content


def test_of_several_questions_only_those_not_sure_are_said_to_be_so() -> None:
    parts = (Part("How long?", Certainty.SURE, (1,)), Part("Where?", Certainty.UNSURE, (2,)))
    second = replace(ROW, number=2, text="over 10 | 31")
    given = Answer(
        "Q?", "en", False, "Nearest:",
        tuple(AnswerSentence(one.quote, True, (one.number,)) for one in (ROW, second)),
        (ROW, second), certainty=Certainty.UNSURE, parts=parts,
    )  # fmt: skip
    content = html.unescape(answer_message(given, ENGLISH).html)
    assert content.count("Nearest:") == 1
    assert content.index("Where?") < content.index("Nearest:") < content.index("31")


def test_an_unsure_answer_says_so() -> None:
    given = replace(answer("Oui."), lead_in="Nearest:", certainty=Certainty.UNSURE)
    assert '<p class="lead unsure">Nearest&#58;</p>' in answer_message(given, ENGLISH).html


def test_a_table_that_a_model_wrote_is_one_table_with_numbers_and_doubts_in_its_rows() -> None:
    citation = Citation("abc", "A title", "a.md", "en", None, 3, 8, "words", number=1)
    rows = (
        AnswerSentence("Amazon | $8", True, (1,), columns="Who | Sum | Source"),
        AnswerSentence("<b> | $2", False, (), "No source.", columns="Who | Sum | Source"),
    )
    said = Answer("Why?", "en", False, "Written:", rows, (citation,))
    shown = answer_message(said, ENGLISH).html
    assert shown.count("<table>") == 1
    assert shown.count("<tr>") == 3
    assert [shown.count(f'<th scope="col">{name}</th>') for name in ("Who", "Sum", "Source")] == [
        1
    ] * 3
    assert shown.count("<td>") == 6
    assert shown.count('class="cite"') == 1
    assert "No source&#46;" in shown
    assert "<b>" not in shown
    assert "Who: Amazon | Sum: $8 [1]\nWho: <b> | Sum: $2" in answer_message(said, ENGLISH).text
