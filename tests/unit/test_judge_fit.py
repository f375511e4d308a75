import numpy as np
import pytest

from assistant.answer.judge.model import OWN, bundled, own
from assistant.evaluation.judge_fit import FEWEST, fit
from assistant.evaluation.question_sets import GoldenQuestion, GoldEvidence
from assistant.support.errors import QuestionError

ANSWERED = [
    "When was the lighthouse of Cordouan finished?",
    "Quand le phare de Cordouan a-t-il été achevé ?",
    "Where does the lighthouse of Cordouan stand?",
    "How high does the water rise in the Bay of Fundy?",
    "¿Cuánto sube el agua en la bahía de Fundy?",
]
NEARLY = [
    "Who paid for the lighthouse of Cordouan?",
    "Qui a dessiné le phare de Cordouan ?",
    "How many ships sank at the lighthouse of Cordouan?",
    "How cold is the water in the Bay of Fundy?",
    "¿Quién descubrió la bahía de Fundy?",
]


def golden(text, answerable):
    evidence = (GoldEvidence("a", "b"),) if answerable else ()
    return GoldenQuestion("", text, text, "en", "", evidence)


@pytest.fixture
def questions():
    """Ten of each, in turn."""
    pairs = zip(ANSWERED * 2, NEARLY * 2, strict=True)
    return [golden(text, known) for yes, no in pairs for text, known in ((yes, True), (no, False))]


def test_near_misses_that_a_user_names_make_less_sure(three_articles, questions, tmp_path):
    learnt = fit(three_articles, questions)
    assert learnt.questions == 20
    assert learnt.after < learnt.before
    assert learnt.better
    assert learnt.keep(tmp_path) == tmp_path / OWN
    assert np.allclose(own(tmp_path).answer.weights, learnt.weights.answer.weights, atol=1e-3)
    assert learnt.weights.sentence is bundled().sentence


def test_few_questions_move_the_odds_a_little(three_articles, questions):
    before, after = bundled().answer, fit(three_articles, questions).weights.answer
    stretch = after.weights.sum() / before.weights.sum()
    assert 0.2 < stretch < 1
    assert np.allclose(after.weights, before.weights * stretch, atol=1e-3)
    assert after.bias < before.bias


def test_too_few_questions_and_questions_of_one_kind_teach_nothing(three_articles, questions):
    with pytest.raises(QuestionError, match=f"at least {FEWEST}"):
        fit(three_articles, questions[:10])
    with pytest.raises(QuestionError, match="of which 20 are"):
        fit(three_articles, [one for one in questions if one.answerable] * 2)
