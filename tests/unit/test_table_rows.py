import pytest

from assistant.language.entries import Term
from assistant.language.facts import facts
from assistant.language.labels import is_named_by, labels
from assistant.language.ranges import rows_in_range
from assistant.language.tables import rows_asked_for
from tests.support.excerpts import found

LEAVE = ["Less than 2 | 25", "2 to 5 | 27", "6 to 10 | 29", "More than 10 | 31"]
SIGNED = ["Moins de 500 € | chef", "De 500 à 5 000 € | service", "Plus de 5 000 € | direction"]
PAUSE = ["Mehr als 9 Stunden | 45", "Mehr als 6 bis 9 Stunden | 30", "Bis 6 Stunden | keine"]


@pytest.mark.parametrize(
    ("rows", "question", "language", "inside"),
    [
        (LEAVE, "How many days after 7 years?", "en", [2]),
        (LEAVE, "How many days after half a year and 1 day?", "en", [0]),
        (LEAVE, "Wie viele Tage nach elf Jahren?", "de", [3]),
        (LEAVE, "How many days?", "en", []),
        (SIGNED, "Qui signe une commande de 3 000 euros ?", "fr", [1]),
        (SIGNED, "Qui signe pour 8 000 euros ?", "fr", [2]),
        (PAUSE, "Wie lang ist die Pause nach acht Stunden?", "de", [1]),
        (["Dinner | 35", "Hotel | 140"], "A hotel for 100 euros?", "en", []),
    ],
)
def test_the_row_whose_range_holds_the_number(rows, question, language, inside):
    of_rows = {"fr": "fr", "de": "de"}.get(language, "en") if rows is not LEAVE else "en"
    assert rows_in_range(rows, facts(question, language), of_rows) == inside


def test_a_unit_that_the_range_does_not_have_is_another_thing():
    assert rows_in_range(PAUSE, facts("Kostet das 8 Euro?", "de"), "de") == []


def named(question, *rows, language="en"):
    hit = found(*((row, 0.5) for row in rows), between="\n", language=language)
    (table,) = hit.layout.groups
    lines = rows_asked_for(question, "en", hit.layout, table, language)
    return [hit.layout.text(line) for line in lines]


def test_the_row_with_most_cells_in_the_question():
    rows = ["Region | Quarter | Units", "DACH | Q1 | 2100", "DACH | Q2 | 1980", "Nordics | Q1 | 12"]
    assert named("What did DACH sell in Q1?", *rows) == ["DACH | Q1 | 2100"]
    assert named("What did DACH sell?", *rows) == ["DACH | Q1 | 2100", "DACH | Q2 | 1980"]
    assert named("What was sold?", *rows) == []


def test_labels_are_codes_versions_and_numbered_things():
    assert labels("Does the HX-400 have 3.2.1 in Room 12?") >= {"hx-400", "3.2.1", "room12"}
    assert labels("It is 12 % more.") == set()


@pytest.mark.parametrize(
    ("question", "heading", "named"),
    [
        ("What changed in 3.2.1?", "3.2.1 (2025-02-01)", True),
        ("What changed in 3.2.1?", "3.2.10 (2025-06-01)", False),
        ("What does § 9 say?", "§ 9 Notice", True),
        ("How many seats has room 12?", "Room 12", True),
        ("How many seats has room 12?", "Room 120", False),
        ("What does code E3 mean?", "2.1 Code E3", True),
        ("What risks has Beacon 3?", "What is new in Beacon 3", False),
    ],
)
def test_a_section_is_named_by_its_label(question, heading, named):
    assert is_named_by(heading, labels(question)) is named


@pytest.mark.parametrize(
    ("asked", "language", "text", "explained"),
    [
        ("What does VGR stand for?", "en", "VGR - the very good river", True),
        ("C'est quoi une berge ?", "fr", "Berges : les bords", True),
        ("What is a barge?", "en", "Push barge: it is pushed", False),
        ("What is a push barge?", "en", "Barge: it floats", False),
        ("How long is a barge?", "en", "Barge: it floats", False),
        ("What is a hull?", "en", "We paint the body of a ship (hull).", True),
        ("Who may paint the hull?", "en", "We paint the body of a ship (hull).", False),
    ],
)
def test_an_entry_explains_the_term_that_is_all_of_a_question(asked, language, text, explained):
    assert Term(asked, language).is_explained_by(text, language) is explained
