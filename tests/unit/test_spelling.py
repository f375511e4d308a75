import pytest

from assistant.models.clearance import Clearance
from assistant.search.spelling import is_slip


@pytest.mark.parametrize(
    ("typed", "meant", "is_name", "slip"),
    [
        ("fiinished", "finished", False, True),
        ("finshed", "finished", False, True),
        ("finidhed", "finished", False, True),
        ("fniished", "finished", False, True),
        ("hwat", "what", False, True),
        ("finishes", "finished", False, False),  # another form
        ("finish", "finished", False, False),
        ("olson", "olsen", False, True),
        ("olson", "olsen", True, False),  # another name
        ("oslen", "olsen", True, True),
        ("olsen", "olsen", True, False),
    ],
)
def test_one_slip_of_the_keys_is_told_from_another_word(typed, meant, is_name, slip):
    assert is_slip(typed, meant, is_name=is_name) == slip


@pytest.fixture
def ready(small):
    small.sync()
    return small


@pytest.fixture
def retriever(ready):
    return ready._asking.retriever(ready._answering())


def test_mistyped_words_become_those_of_the_articles(retriever):
    typed = "Wehn was the lihgthouse of Cordouan finsihed?"
    assert retriever.spelt(typed) == "When was the lighthouse of Cordouan finished?"


@pytest.mark.parametrize(
    "text",
    [
        "When was the lighthouse of Cordouan finished?",
        "How much does a concert ticket cost?",
        "Who is Cordovan?",
        "Which shades did the painter use?",
        "¿Cuántas galerías tiene el faro?",
        "灯塔是什么时候建成的？",
        "",
        "?!",
    ],
)
def test_what_is_spelt_right_stays(retriever, text):
    assert retriever.spelt(text) == text


def test_a_word_of_hidden_articles_is_not_given_away(retriever):
    nothing = Clearance(frozenset())
    assert retriever.spelt("Where is the lihgthouse?", nothing) == "Where is the lihgthouse?"


def test_a_mistyped_question_is_answered_and_shown_as_it_was_understood(ready):
    answer = ready.ask("When was the lihgthouse of Cordouan finsihed?")
    assert "1611" in answer.citations[0].quote
    assert answer.understood == "When was the lighthouse of Cordouan finished?"
    assert answer.question == "When was the lihgthouse of Cordouan finsihed?"
