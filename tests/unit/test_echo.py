"""Sentences that only say the question again, with the real embedding model."""

import pytest

from assistant.answer.verify.verifier import Source, Verdict, Verifier
from assistant.embedding.centring import Centring
from assistant.support.settings import Settings

BELL = [
    Source("La cloche de Vernay mesure 2,4 mètres de haut, trop pour le clocher.", "fr"),
    Source("Elle fut coulée à Lyon en 1852.", "fr"),
    Source("Google rachète la jeune société DeepMind en 2014.", "fr", 1),
    Source(
        "En mai, le journal lance Vernay Plus, un abonnement à vingt dollars par mois.", "fr", 2
    ),
]


@pytest.fixture(scope="module")
def verifier(embedder):
    return Verifier(embedder, Centring(embedder, Settings().cache / "means"))


@pytest.mark.parametrize(
    ("question", "language", "sentence", "cited"),
    [
        (
            "How much does the bell of Vernay weigh?",
            "en",
            "The bell of Vernay weighs 2.4 metres.",
            0,
        ),
        ("Combien pèse la cloche de Vernay ?", "fr", "La cloche de Vernay pèse 2,4 mètres.", 0),
        ("When was the bell stolen?", "en", "The bell was stolen in Lyon in 1852.", 1),
    ],
)
def test_what_only_the_question_says_is_not_supported(
    verifier, question, language, sentence, cited
):
    verdict = verifier.check(sentence, language, [cited], BELL, question)
    assert verdict == Verdict(False, (), "meaning", "question")
    assert verifier.check(sentence, language, [cited], BELL).supported  # the facts are all there


@pytest.mark.parametrize(
    ("question", "language", "sentence", "cited"),
    [
        ("When did Google buy DeepMind?", "en", "Google bought DeepMind in 2014.", 2),
        ("When did Google acquire DeepMind?", "en", "Google acquired DeepMind in 2014.", 2),
        ("Wann kaufte Google DeepMind?", "de", "Google kaufte DeepMind im Jahr 2014.", 2),
        ("Quand la cloche fut-elle coulée ?", "fr", "La cloche fut coulée en 1852.", 1),
        # What a price says, "costs" or "for", is said by the amount.
        ("How much is Vernay Plus?", "en", "Vernay Plus costs twenty dollars a month.", 3),
        ("¿Cuánto cuesta Vernay Plus?", "es", "Vernay Plus cuesta veinte dólares al mes.", 3),
    ],
)
def test_an_answer_in_the_words_of_the_question_is_supported(
    verifier, question, language, sentence, cited
):
    assert verifier.check(sentence, language, [cited], BELL, question).supported


def test_a_cause_that_sources_state_does_not_carry_what_the_question_says(verifier):
    told = (
        "Le lundi 20 mai, Anna Keller annonce que Paul Weber et Jean Morel vont rejoindre Google "
        "pour y diriger une nouvelle équipe."
    )
    source, question = Source(told, "fr"), "Why did Google sack Anna Keller?"
    sentence = (
        "Google sacked Anna Keller because she announced that Paul Weber and Jean Morel would join "
        "Google to lead a new team."
    )
    verdict = verifier.check(sentence, "en", [0], [source], question)
    assert verdict == Verdict(False, (), "meaning", "question")
    assert verifier.check(sentence, "en", [0], [source]).supported


def test_a_sentence_with_words_of_its_own_is_judged_by_its_meaning_alone(verifier):
    question, own = "When did Google sue DeepMind?", "Google took over the young firm DeepMind."
    assert verifier.check(own, "en", [2], BELL, question).supported
