from contextlib import closing

import numpy as np
import pytest

from assistant.answer.judge.model import OWN, bundled, own
from assistant.assistant import Assistant
from assistant.evaluation.judge_fit import FEWEST, fit
from assistant.evaluation.question_sets import UNRELATED, GoldenQuestion, GoldEvidence
from assistant.language.keywords import words
from assistant.support.errors import QuestionError
from assistant.support.settings import Settings

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


OTHER = [
    "How do I bake sourdough bread without a starter?",
    "Quelle équipe a gagné la Coupe du monde de football ?",
    "¿Qué temperatura tiene el núcleo del Sol?",
    "Who composed the opera about the barber?",
    "Which metals melt below three hundred degrees?",
]


def golden(text, answerable, kind=""):
    evidence = (GoldEvidence("a", "b"),) if answerable else ()
    return GoldenQuestion("", text, text, "en", kind, evidence)


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
    mine = own(tmp_path, three_articles.embedder.identity)
    assert np.allclose(mine.answer.weights, learnt.weights.answer.weights, atol=1e-3)
    assert own(tmp_path, "another model") is bundled()
    assert learnt.weights.sentence is bundled().sentence
    assert learnt.weights.about is bundled().about


def test_questions_about_other_things_teach_what_the_articles_are_about(three_articles, questions):
    others = [golden(text, False, UNRELATED) for text in OTHER]
    learnt = fit(three_articles, [*questions, *others]).weights.about
    stretch = learnt.weights.sum() / bundled().about.weights.sum()
    assert stretch > 1  # they are told apart well, so the odds may be bolder
    assert np.allclose(learnt.weights, bundled().about.weights * stretch, atol=1e-3)


def test_few_questions_move_the_odds_a_little(three_articles, questions):
    before, after = bundled().answer, fit(three_articles, questions).weights.answer
    stretch = after.weights.sum() / before.weights.sum()
    assert 0.2 < stretch < 1
    assert np.allclose(after.weights, before.weights * stretch, atol=1e-3)
    assert after.bias < before.bias


@pytest.mark.slow
def test_another_embedding_model_learns_of_its_own(three_articles, questions, tmp_path):
    """A static model of sentence-transformers that knows words and no translations."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import StaticEmbedding
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

    library = three_articles.library
    texts = [library.article(one.id).text for one in three_articles.articles()]
    known = sorted({word for text in [*texts, *ANSWERED, *NEARLY] for word in words(text)})
    tokenizer = Tokenizer(models.WordLevel({w: i for i, w in enumerate(["?", *known])}, "?"))
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    vectors = np.random.default_rng(3).normal(size=(len(known) + 1, 64)).astype(np.float32)
    made = SentenceTransformer(modules=[StaticEmbedding(tokenizer, embedding_weights=vectors)])
    made.save(str(tmp_path / "static"))
    settings = Settings(
        corpus=three_articles.settings.corpus, data=tmp_path / "data", cache=tmp_path / "cache",
        embedding_model=str(tmp_path / "static"),
    )  # fmt: skip
    with closing(Assistant(settings)) as other:
        other.sync()
        learnt = fit(other, questions)
        assert learnt.better
        learnt.keep(settings.data)
        assert own(settings.data, other.embedder.identity) is not bundled()
    assert own(settings.data, three_articles.embedder.identity) is bundled()


def test_too_few_questions_and_questions_of_one_kind_teach_nothing(three_articles, questions):
    with pytest.raises(QuestionError, match=f"at least {FEWEST}"):
        fit(three_articles, questions[:10])
    with pytest.raises(QuestionError, match="of which 20 are"):
        fit(three_articles, [one for one in questions if one.answerable] * 2)
