import threading

import numpy as np
import pytest

from assistant.embedding import priority
from assistant.embedding.priority import LARGE_PIECE, PIECE, BackgroundEmbedder, QuestionPriority
from tests.support.tiny import TinyEmbedder


@pytest.fixture
def polite():
    return QuestionPriority()


def test_work_waits_while_a_question_is_answered(polite):
    done = threading.Event()
    with polite.asking():
        threading.Thread(target=lambda: (polite.give_way(), done.set())).start()
        assert not done.wait(0.1)
    assert done.wait(5)


def test_work_goes_on_however_long_questions_take(polite, monkeypatch):
    monkeypatch.setattr(priority, "LONGEST_WAIT_S", 0.05)
    with polite.asking():
        assert polite.give_way() == PIECE


def test_after_a_question_work_is_done_in_small_pieces_for_a_while(polite, monkeypatch):
    assert polite.give_way() == LARGE_PIECE
    with polite.asking():
        pass
    assert polite.give_way() == PIECE
    monkeypatch.setattr(priority, "LIVELY_S", 0)
    assert polite.give_way() == LARGE_PIECE


def test_vectors_are_those_of_the_embedder(polite):
    plain = TinyEmbedder()
    texts = [f"text number {n}" for n in range(LARGE_PIECE // 20)]
    texts.insert(3, "long " * LARGE_PIECE)
    courteous = BackgroundEmbedder(TinyEmbedder(), polite)
    assert np.array_equal(courteous.embed_passages(texts), plain.embed_passages(texts))
    assert courteous.embed_passages([]).shape == (0, plain.dimension)
