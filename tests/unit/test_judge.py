import pytest

from assistant.answer.judge import judge
from assistant.assistant import Assistant
from assistant.support.settings import Settings

REFUSED_BELOW = Settings.model_fields["strictness"].default


@pytest.fixture
def sure(small: Assistant):
    """How sure the small corpus makes one of the answer to a question."""
    small.sync()
    retriever = small._asking.retriever(small._answering())

    def ask(text, *, passages=None):
        question = retriever.understand(text)
        count = passages or small.library.passages.count()
        return judge(question, retriever.find(question, 8), count).confidence

    return ask


ANSWERED = [
    "When was the lighthouse of Cordouan finished?",
    "Quand le phare de Cordouan a-t-il été achevé ?",
    "Wie viel Honig erntet ein Imker je Bienenstock?",
    "¿Cuánto sube el agua en la bahía de Fundy?",
    "How high does the water rise in the Bay of Fundy?",
]
UNRELATED = [
    "How do I bake sourdough bread without a starter?",
    "Quelle équipe a gagné la Coupe du monde de football ?",
    "Wer schrieb den Roman über den Prozess?",
    "¿Qué temperatura tiene el núcleo del Sol?",
]


def test_what_an_article_says_is_answered_in_any_language(sure):
    assert [question for question in ANSWERED if not REFUSED_BELOW <= sure(question) <= 1] == []


def test_what_no_article_is_about_is_refused(sure):
    assert [question for question in UNRELATED if not 0 <= sure(question) < REFUSED_BELOW] == []


def test_nothing_found_is_not_sure_at_all(small):
    small.sync()
    question = small._asking.retriever(small._answering()).understand(
        "When was the lighthouse finished?"
    )
    assert judge(question, [], 3).confidence == 0


def test_the_more_passages_the_nearer_chance_comes(sure):
    question = ANSWERED[1]
    assert sure(question, passages=1_000_000) < sure(question, passages=3)


def test_a_year_that_no_article_states_is_refused(sure):
    asked = "What happened at the lighthouse of Cordouan in {}?"
    assert sure(asked.format(2012)) >= REFUSED_BELOW
    assert sure(asked.format(1999)) < REFUSED_BELOW


def test_the_date_of_an_article_counts_as_said_by_it(sure):
    assert sure("How many beehives are there on the roofs in 2024?") > 0
    assert sure("Que deviennent les ruches sur les toits en mai 2024 ?") >= REFUSED_BELOW


def test_an_amount_that_no_article_gives_is_refused(sure):
    questions = [
        "How much did the lighthouse of Cordouan cost?",
        "How tall is the lighthouse of Cordouan?",
        "Combien pèse le phare de Cordouan ?",
        "Wie schnell steigt das Wasser in der Bucht von Fundy?",
    ]
    assert [question for question in questions if sure(question) >= REFUSED_BELOW] == []
