"""The tool that learns the judge's weights, end to end over a library of six articles."""

import json

import numpy as np
import pytest

from assistant.answer.judge import evidence, sentences
from tools.judge.cases import collect
from tools.judge.fit import calibrated, learn, prepare
from tools.judge.report import left_out, table, to_json
from tools.judge.sets import Asked, QuestionSet, article

FACTS = {
    "ferry": ("The ferry sank in 1912 near the coast.", "When did the ferry sink?"),
    "mill": ("The old mill grinds forty tonnes of rye.", "How much rye does the mill grind?"),
    "bridge": ("Anna Berg designed the stone bridge.", "Who designed the stone bridge?"),
    "tower": ("The tower is ninety metres high.", "How high is the tower?"),
    "school": ("The school opened on 3 May 1950.", "When did the school open?"),
    "bakery": ("The bakery sells bread made of spelt.", "What bread does the bakery sell?"),
}


def question_set(name, keys):
    """A set of these articles, asked about each."""
    articles, asked = [], []
    for key in keys:
        said, question = FACTS[key]
        text = f"Many people walk past it. {said} Nobody knows what comes next."
        start = text.index(said)
        articles.append(article(key, text, "en"))
        asked.append(Asked(key, question, "en", True, key, [(start, start + len(said))], key))
    return QuestionSet(name, name, articles, asked)


@pytest.fixture
def prepared(embedder, tmp_path):
    """The cases of two sets, each asked about the other's articles, too."""
    some, others = question_set("a", list(FACTS)[:3]), question_set("b", list(FACTS)[3:])
    cases = collect(some, others.questions, embedder, tmp_path)
    cases += collect(others, some.questions, embedder, tmp_path)
    assert {case.kind for case in cases} >= {"asked", "removed", "unrelated"}
    assert [case.id for case in collect(some, (), embedder, tmp_path)] == [
        case.id for case in cases if case.set == "a"
    ]  # kept in the folder: not asked again
    return prepare(cases)


def test_what_is_learnt_tells_the_sentence_that_answers_and_what_is_not_answered(prepared):
    weights = learn(prepared)
    for one in prepared:
        odds = np.where(one.every.answers, weights.sentence.odds(one.features), -np.inf)
        if one.right.any() and one.case.kind == "asked":
            assert one.right[odds.argmax()]
    unseen = left_out(prepared)
    answered = np.array([one.case.answerable for one in prepared])
    unrelated = np.array([one.case.kind == "unrelated" for one in prepared])
    for odds in (unseen.about, unseen.answer):
        assert odds[answered].mean() > odds[unrelated].mean()
    final = calibrated(weights, prepared, unseen.about, unseen.answer)
    written = json.loads(to_json(final, prepared, "figures"))
    assert list(written["sentence"]["weights"]) == list(sentences.NAMES)
    assert list(written["about"]["weights"]) == list(evidence.ABOUT_NAMES)
    assert list(written["answer"]["weights"]) == list(evidence.NAMES)
    assert "unrelated" in table(prepared, unseen)
