import random

from assistant.language.facts import facts
from tools.judge.forms import exchanged, introduced, mistyped


def test_one_fact_is_exchanged_for_another_of_its_kind():
    others = facts("Where did Marie Curie live?", "en")
    asked = "Where did Albert Einstein live?"
    changed = exchanged(asked, "en", others, random.Random(1))
    assert changed == "Where did Marie Curie live?"
    assert exchanged("Where did he live?", "en", others, random.Random(1)) is None


def test_a_figure_is_exchanged_for_one_near_it():
    changed = exchanged("What happened in 1912?", "en", (), random.Random(2))
    assert changed.startswith("What happened in 19")
    assert changed != "What happened in 1912?"


def test_a_mistyped_question_differs_in_few_letters():
    asked = "Where does the ferry leave tomorrow?"
    typed = mistyped(asked, random.Random(3))
    assert typed != asked
    assert abs(len(typed) - len(asked)) <= 2
    assert mistyped("Who is he?", random.Random(3)) is None


def test_an_introduction_stands_before_the_question():
    assert introduced("Wo ist es?", "de", random.Random(4)).endswith(" Wo ist es?")
    assert introduced("Где это?", "ru", random.Random(4)) is None
