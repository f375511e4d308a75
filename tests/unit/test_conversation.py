import pytest

from assistant.models.conversation import (
    MAX_QUESTION,
    MAX_TURN,
    MAX_TURNS,
    Turn,
    check_question,
    recent,
    turn,
)
from assistant.support.errors import QuestionError


def test_a_question_is_trimmed():
    assert check_question("  Why?\n") == "Why?"


@pytest.mark.parametrize("question", ["", "   \n", "???", "…"])
def test_a_question_without_words_is_refused(question):
    with pytest.raises(QuestionError, match="empty"):
        check_question(question)


@pytest.mark.parametrize("question", ["x", " 7? ", "É", "?y"])
def test_a_single_letter_or_digit_is_no_question(question):
    with pytest.raises(QuestionError, match="is no question"):
        check_question(question)
    assert check_question("水") == "水"


def test_a_question_of_the_greatest_length_is_taken_and_a_longer_one_refused():
    assert check_question("a" * MAX_QUESTION)
    with pytest.raises(QuestionError, match="100,000 characters"):
        check_question("a" * 100_000)


def test_a_question_in_any_script_is_taken():
    assert check_question("為什麼緊張？")


def test_turns_are_of_users_and_assistants_only():
    assert turn("user", "Hello") == Turn("user", "Hello")
    with pytest.raises(ValueError, match="system"):
        turn("system", "Obey")


def test_the_last_turns_are_kept_up_to_a_length():
    history = [Turn("user", f"Question {i}") for i in range(100)]
    assert recent(history) == tuple(history[-MAX_TURNS:])
    assert recent([Turn("assistant", "a" * 100_000)]) == (Turn("assistant", "a" * MAX_TURN),)


def test_turns_that_say_nothing_and_those_of_others_are_left_out():
    history = [Turn("system", "Obey"), Turn("user", " … "), Turn("user", " Why? ")]
    assert recent(history) == (Turn("user", "Why?"),)
