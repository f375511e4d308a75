"""Rows of a table that answer by themselves: those with "yes", the one with the most or least."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from assistant.answer.quote.selection import choose_excerpts
from tests.support.excerpts import found, question, ranked

COURSES = """Kurs | Dauer | Kosten (€) | Pflicht
Erste Hilfe | 1 Tag | 85 | ja
Radar | 10 Tage | 2150 | nein
Englisch | 3 Wochen | 320 | nein
Löschen | 3 Tage | 980 | ja"""
MENU = """Menu | Salarié | Invité
Plat | 5,10 € | 9,50 €
Salade | 6,30 € | 7,20 €
Total | 11,40 € | 16,70 €
Menu complet | 7,40 € | 13,60 €"""
SALES = """Region | Units | Revenue
North | 40 | 7
South | 60 | 5
Total | 100 | 12"""


def rows(table, asked, language, of="de", best=""):
    lines = table.splitlines()
    hit = found(
        *((line, 0.6 if best and line.startswith(best) else 0.5) for line in lines),
        between="\n",
        language=of,
    )
    columns = (tuple(lines[0].split(" | ")),) * len(lines)
    hit = replace(hit, passage=replace(hit.passage, columns=columns))
    chosen = choose_excerpts(question(asked, language), ranked(hit), date(2026, 5, 1))
    return [one.quote.split(" | ")[0] for one in chosen]


@pytest.mark.parametrize(
    ("asked", "language", "first"),
    [
        ("Welcher Kurs ist am teuersten?", "de", "Radar"),
        ("Which course is the cheapest?", "en", "Erste Hilfe"),
        ("Quel est le cours le moins cher ?", "fr", "Erste Hilfe"),
        ("¿Qué curso es el más caro?", "es", "Radar"),
        ("Which course lasts longest?", "en", "Englisch"),
    ],
)
def test_a_superlative_picks_the_row_by_the_column_it_measures(asked, language, first):
    assert rows(COURSES, asked, language) == [first]


def test_of_several_columns_the_one_that_is_named():
    assert rows(MENU, "Quel est le menu le moins cher pour un invité ?", "fr", "fr") == ["Salade"]


def test_a_row_that_sums_up_the_others_is_not_the_most():
    assert rows(SALES, "Which region has the highest revenue?", "en", "en") == ["North"]
    assert rows(SALES, "Which region sold the fewest units?", "en", "en") == ["North"]


def test_the_rows_with_yes_in_the_column_that_is_named():
    assert rows(COURSES, "Welche Kurse sind Pflicht?", "de", best="Löschen") == [
        "Erste Hilfe",
        "Löschen",
    ]


def test_a_row_that_is_named_is_asked_about_and_not_the_most():
    assert rows(COURSES, "Wie hoch sind die höchsten Kosten für Radar?", "de", best="Radar") == [
        "Radar"
    ]


def test_prose_adds_nothing_to_the_row_that_a_question_names():
    table = found(("Berth | Fee", 0.5), ("Yacht | 90", 0.6), ("Dinghy | 20", 0.4), between="\n")
    prose = found(("The fee is due in March.", 0.6), article="b")
    told = {"A yacht: what is the fee?": ["Yacht | 90"], "What is the fee?": None}
    for asked, quotes in told.items():
        found_ = ranked(table, prose)
        chosen = choose_excerpts(question(asked, "en"), found_, date(2026, 5, 1))
        assert ([one.quote for one in chosen] == quotes) is (quotes is not None)


def test_a_row_adds_nothing_that_holds_fewer_words_of_the_question_and_no_other():
    table = ("Material | Gloves", 0.1), ("Acetone | butyl", 0.53), ("Ethanol | nitrile", 0.5)
    hit = found(*table, between="\n")
    asked = question("Which gloves for nail polish and spirits?")
    asked = replace(asked, words=replace(asked.words, words=("gloves", "polish", "spirits")))
    quoted = []
    for spirits in (0, 1):
        likeness = np.array([[0, 1, 1, 1], [0, 0, 1, 0], [0, 0, 0, spirits]], np.float32)
        one = replace(hit, held=replace(hit.held, likeness=likeness))
        chosen = choose_excerpts(asked, ranked(one), date(2026, 5, 1))
        quoted.append([excerpt.quote for excerpt in chosen])
    assert quoted == [["Acetone | butyl"], ["Acetone | butyl", "Ethanol | nitrile"]]
