from datetime import date

import pytest

from assistant.answer.quote.times import of_period, pick
from assistant.language.periods import Period, stated_period
from tests.support.excerpts import found

TODAY = date(2026, 5, 1)
YEAR = Period(date(2023, 1, 1), date(2023, 12, 31))


@pytest.mark.parametrize(
    ("text", "language", "first", "last"),
    [
        ("What was built in 2023?", "en", "2023-01-01", "2023-12-31"),
        ("What was decided before June 2025?", "en", "0001-01-01", "2025-05-31"),
        ("What was built since March?", "en", "2026-03-01", "9999-12-31"),
        ("What was built since August?", "en", "2025-08-01", "9999-12-31"),
        ("Was wurde seit dem 3. März 2026 gebaut?", "de", "2026-03-03", "9999-12-31"),
        ("Qu'a-t-on construit avant juin 2025 ?", "fr", "0001-01-01", "2025-05-31"),
        ("¿Qué se construyó desde abril de 2024?", "es", "2024-04-01", "9999-12-31"),
        ("What was built on 29 February 2024?", "en", "2024-02-29", "2024-02-29"),
    ],
)
def test_a_question_states_a_period(text, language, first, last):
    stated = stated_period(text, language, TODAY)
    assert stated is not None
    assert (stated.first, stated.last) == (date.fromisoformat(first), date.fromisoformat(last))


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
    period = Period(date.fromisoformat(first), date.fromisoformat(last), any_year=True)
    assert stated_period(text, language, TODAY) == period
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


def test_the_day_from_which_something_holds_is_searched_for(small, corpus):
    (corpus / "lockers.md").write_text("A lost locker key costs 20 euros.", "utf-8")
    (corpus / "mail.md").write_text(
        "From 1 March 2024 on, 35 euros are charged for a lost locker key.", "utf-8"
    )
    small.sync()
    answer = small.ask("What does a lost locker key cost from March 2024 on?")
    assert "35 euros" in answer.citations[0].quote
