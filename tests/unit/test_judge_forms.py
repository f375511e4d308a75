import random

from assistant.language.facts import facts
from tools.judge.forms import exchanged, introduced, mistyped, premise
from tools.judge.sets import Asked


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


def test_a_premise_is_true_as_its_sentence_says_it_and_false_with_a_fact_exchanged():
    text = "It rained. The ferry sank in 1912 near the coast. Nobody was hurt."
    start = text.index("1912")
    asked = Asked("1", "When did the ferry sink?", "en", True, "a", [(start, start + 4)])
    (said, true), (changed, false) = premise(asked, text, "en", (), random.Random(5))
    assert "The ferry sank in 1912 near the coast" in said
    assert true
    assert changed != said
    assert not false
    assert not list(premise(asked, text, "tr", (), random.Random(5)))
