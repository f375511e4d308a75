import json
from pathlib import Path

import numpy as np
import pytest

from assistant.answer.judge import Certainty, judge, model
from assistant.answer.judge import evidence as of_answers
from assistant.answer.judge import sentences as of_sentences
from assistant.answer.judge.model import OWN, Logistic, Weights, bundled, own
from assistant.assistant import Assistant
from assistant.support.errors import SettingsError
from assistant.support.settings import STRICTNESS
from tests.support.excerpts import found, question


@pytest.fixture
def judged(three_articles: Assistant):
    """What is judged of what the three articles hold for a question."""
    retriever = three_articles._asking.retriever(three_articles._answering())

    def ask(text, *, passages=None, strictness=STRICTNESS):
        asked = retriever.understand(text)
        count = passages or three_articles.library.passages.count()
        return judge(asked, retriever.find(asked, 8), count, strictness=strictness)

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


def test_what_an_article_says_is_answered_outright_in_any_language(judged):
    sure = [text for text in ANSWERED if judged(text).certainty is Certainty.SURE]
    assert len(sure) >= len(ANSWERED) - 1
    assert Certainty.NONE not in {judged(text).certainty for text in ANSWERED}


def test_what_no_article_is_about_is_not_answered_outright(judged):
    assert {judged(text).certainty for text in UNRELATED} == {Certainty.NONE}
    likeliest = max(judged(text).relevance for text in UNRELATED)
    assert likeliest < min(judged(text).relevance for text in ANSWERED) - 0.2


def test_what_the_articles_are_about_but_do_not_say_is_not_refused_outright(judged):
    asked = "Why was the lighthouse of Cordouan sold?"
    assert judged(asked).certainty is Certainty.UNSURE
    assert judged(asked).relevance > 0.9


def test_of_nothing_found_nothing_is_sure():
    assert judge(question(), [], 3).certainty is Certainty.NONE
    assert judge(question(), [], 3).confidence == 0


def test_the_more_passages_the_nearer_chance_comes(judged):
    few, many = judged(ANSWERED[1]), judged(ANSWERED[1], passages=1_000_000)
    assert many.confidence < few.confidence
    assert many.relevance < few.relevance


def test_a_year_that_no_article_states_speaks_against_an_answer(judged):
    asked = "What happened at the lighthouse of Cordouan in {}?"
    said, never = (judged(asked.format(year)).confidence for year in (2012, 1999))
    assert never < said - 0.05


def test_strictness_moves_what_is_refused_and_what_is_sure(judged):
    text = ANSWERED[1]
    assert judged(text).certainty is Certainty.SURE
    assert judged(text, strictness=0.9).certainty is Certainty.UNSURE
    assert judged(text, strictness=1.0).certainty is Certainty.NONE
    assert judged(UNRELATED[3], strictness=0.0).certainty is Certainty.SURE


def test_a_why_that_takes_for_granted_what_no_article_speaks_of_is_not_answered_for_sure(judged):
    assert judged("Why was Cordouan sold?", strictness=0.0).certainty is Certainty.UNSURE
    assert judged("Was Cordouan sold?", strictness=0.0).certainty is Certainty.SURE
    in_french = judged("Why does a hive yield so many kilos of honey?", strictness=0.0)
    assert in_french.sentences[0].passage.language == "fr"
    assert in_french.certainty is Certainty.SURE


def test_sentences_come_likeliest_first_and_stand_at_their_places(judged):
    ranked = judged(ANSWERED[0]).sentences
    odds = [one.odds for one in ranked]
    assert odds == sorted(odds, reverse=True)
    assert any("1611" in one.quote for one in ranked[:2])
    for one in ranked:
        assert one.passage.start <= one.start < one.end <= one.passage.end
        assert one.quote == one.passage.text[one.start - one.passage.start :][: len(one.quote)]


def test_headings_and_questions_answer_nothing():
    hit = found(("Rooms", 0.9), ("How big is it?", 0.9), ("It is big enough.", 0.4), headings=[0])
    assert [one.quote for one in judge(question(), [hit], 9).sentences] == ["It is big enough."]


def test_a_heading_speaks_for_the_sentences_under_it():
    hit = found(
        ("It is here.", 0.4), ("The pool", 0.9), ("It is there.", 0.4), between="\n\n", headings=[1]
    )
    assert judge(question(), [hit], 9).sentences[0].quote == "It is there."


def test_the_weights_of_the_package_name_every_feature_and_say_where_they_are_from():
    kept = json.loads((Path(model.__file__).parent / model.WEIGHTS).read_text("utf-8"))
    assert list(kept["sentence"]["weights"]) == list(of_sentences.NAMES)
    assert list(kept["about"]["weights"]) == list(of_answers.ABOUT_NAMES)
    assert list(kept["answer"]["weights"]) == list(of_answers.NAMES)
    assert kept["learnt"]
    assert sum(kept["from"].values()) > 3_000


def test_a_users_own_weights_take_the_place_of_the_packages(tmp_path):
    assert own(tmp_path, "model") is bundled()
    start = bundled()
    moved = Weights(start.sentence, start.about, Logistic(start.answer.weights * 2, 1.0), 0.7)
    kept = moved.to_json()
    del kept["about"]  # as an earlier version kept them
    (tmp_path / OWN).write_text(json.dumps(kept), "utf-8")
    assert np.allclose(own(tmp_path, "model").answer.weights, moved.answer.weights, atol=1e-3)
    assert own(tmp_path, "model").sure == 0.7
    assert np.allclose(own(tmp_path, "model").about.weights, start.about.weights)


def test_weights_that_cannot_be_read_are_told_with_what_to_do(tmp_path):
    (tmp_path / OWN).write_text("{}", "utf-8")
    with pytest.raises(SettingsError, match="Remove the file"):
        own(tmp_path, "model")
