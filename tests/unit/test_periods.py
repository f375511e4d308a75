from datetime import date

import pytest

from assistant.answer.questions import understand
from assistant.answer.quote.times import of_period, pick
from assistant.language.periods import Period, stated_period
from assistant.models.filters import EVERYTHING
from tests.support.excerpts import found

TODAY = date(2026, 5, 1)
YEAR = Period(date(2023, 1, 1), date(2023, 12, 31))


@pytest.mark.parametrize(
    ("text", "language", "first", "last", "left"),
    [
        ("What was built in 2023?", "en", "2023-01-01", "2023-12-31", None),
        (
            "What was decided before June 2025?",
            "en",
            "0001-01-01",
            "2025-05-31",
            "What was decided?",
        ),
        ("What was built since March?", "en", "2026-03-01", "9999-12-31", "What was built?"),
        ("What was built since August?", "en", "2025-08-01", "9999-12-31", "What was built?"),
        (
            "Was wurde seit dem 3. März 2026 gebaut?",
            "de",
            "2026-03-03",
            "9999-12-31",
            "Was wurde gebaut?",
        ),
        (
            "Qu'a-t-on construit avant juin 2025 ?",
            "fr",
            "0001-01-01",
            "2025-05-31",
            "Qu'a-t-on construit ?",
        ),
        (
            "¿Qué se construyó desde abril de 2024?",
            "es",
            "2024-04-01",
            "9999-12-31",
            "¿Qué se construyó?",
        ),
        ("What was built on 29 February 2024?", "en", "2024-02-29", "2024-02-29", None),
    ],
)
def test_a_question_states_a_period(text, language, first, last, left):
    stated = stated_period(text, language, TODAY)
    assert stated is not None
    assert stated.period == Period(date.fromisoformat(first), date.fromisoformat(last))
    assert stated.bounded == (left is not None)
    if left is not None:
        assert text[: stated.start].rstrip() + text[stated.end :] == left


@pytest.mark.parametrize(
    ("text", "language", "first", "last"),
    [
        ("How many came last year?", "en", "2025-01-01", "2025-12-31"),
        ("Was ist im nächsten Monat geplant?", "de", "2026-06-01", "2026-06-30"),
        ("Qui est venu cette semaine ?", "fr", "2026-04-27", "2026-05-03"),
        ("¿Cuántos vinieron el año pasado?", "es", "2025-01-01", "2025-12-31"),
    ],
)
def test_a_period_may_be_told_from_today(text, language, first, last):
    stated = stated_period(text, language, TODAY)
    period = Period(date.fromisoformat(first), date.fromisoformat(last), any_year=True)
    assert stated is not None
    assert stated.period == period
    assert pick(text, language) is None


@pytest.mark.parametrize(
    "text", ["What was built?", "Was 2021 drier than 2022?", "Open on Monday?"]
)
def test_none_or_several_dates_are_no_period(text):
    assert stated_period(text, "en", TODAY) is None


def test_articles_of_another_time_are_left_out_unless_they_name_the_period():
    of_then = found(("It burnt.", 0.5), article="a", published=date(2023, 4, 1))
    later = found(("It was dry.", 0.5), article="b", published=date(2024, 4, 1))
    looks_back = found(("In May 2023 it rained.", 0.5), article="c", published=date(2024, 4, 1))
    undated = found(("It rains.", 0.5), article="d", published=None)
    every = [of_then, later, looks_back, undated]
    assert [one.passage.article for one in of_period(every, YEAR)] == ["a", "c", "d"]
    assert of_period([later], YEAR) == [later]


def test_what_happened_since_is_searched_without_the_date(small):
    small.sync()
    retriever = small._asking.retriever(small._answering())
    text = "Who left the lighthouse of Cordouan since March 2011?"
    ((question, shown),) = understand(retriever, text, (), EVERYTHING)
    assert question.text == "Who left the lighthouse of Cordouan?"
    assert question.period == Period(date(2011, 3, 1), date.max)
    assert shown == ""
