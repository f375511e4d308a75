from datetime import date

import numpy as np
import pytest

from assistant.models.answer import Hit
from assistant.models.records import StoredPassage
from assistant.search.found import Found
from assistant.search.rerank import RERANKED, Reranker
from assistant.search.word_match import Held
from assistant.support.errors import ModelError
from tests.support.excerpts import SCALE

pytestmark = pytest.mark.slow  # PyTorch is loaded

WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "when", "does", "the", "ferry", "leave", "at", "nine"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A cross-encoder with random weights."""
    import torch
    from transformers import BertConfig, BertForSequenceClassification, BertTokenizerFast

    made = tmp_path_factory.mktemp("cross-encoder")
    torch.manual_seed(3)
    shape = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2}
    sizes = {"intermediate_size": 16, "max_position_embeddings": 32, "vocab_size": len(WORDS)}
    config = BertConfig(**shape, **sizes, num_labels=1, initializer_range=1.0)
    BertForSequenceClassification(config).save_pretrained(made)
    vocabulary = {word: i for i, word in enumerate(WORDS)}
    BertTokenizerFast(vocab=vocabulary, model_max_length=32).save_pretrained(made)
    return made


def found(rank: int, text: str) -> Found:
    nothing = np.zeros(4, np.float32)
    passage = StoredPassage(
        "a", "ferry", "a.md", "en", date(2024, 1, 1), 0, len(text), text, id=rank, vector=nothing,
        bounds=np.array([[0, len(text)]], np.int32), headings=np.zeros(1, bool),
        sentence_vectors=nothing[None], terms=(),
    )  # fmt: skip
    why = {"passage": 0.5}
    hit = Hit(
        "a", "ferry", "a.md", "en", None, 0, len(text), text,
        rank=rank, score=0.5, passage_id=rank, why=why,
    )  # fmt: skip
    return Found(hit, passage, np.zeros(2, np.float32), Held.nothing(1), SCALE)


TEXTS = ["nine nine", "the ferry", "at the ferry at nine", "leave", "does the"]


def test_the_order_is_that_of_the_model(folder):
    from sentence_transformers import CrossEncoder

    given = [found(rank, text) for rank, text in enumerate(TEXTS, 1)]
    ranked = Reranker(str(folder)).rerank("when does the ferry leave", given)
    pairs = [("when does the ferry leave", f"ferry\n{text}") for text in TEXTS]
    scores = CrossEncoder(str(folder), num_labels=1).predict(pairs)
    assert [one.hit.text for one in ranked] == [TEXTS[i] for i in np.argsort(-scores)]
    assert [one.hit.rank for one in ranked] == [1, 2, 3, 4, 5]
    assert ranked[0].hit.why["reranker"] == pytest.approx(float(scores.max()), abs=1e-5)
    assert ranked[0].hit.why["passage"] == 0.5


def test_those_beyond_the_first_keep_their_order(folder):
    given = [found(rank, TEXTS[rank % 5]) for rank in range(1, RERANKED + 4)]
    ranked = Reranker(str(folder)).rerank("when", given)
    assert [one.hit.passage_id for one in ranked[RERANKED:]] == [21, 22, 23]
    assert sorted(one.hit.passage_id for one in ranked) == list(range(1, 24))


def test_nothing_is_loaded_for_nothing():
    assert Reranker("/no/such/folder").rerank("when", []) == []


def test_a_folder_without_a_model_says_what_to_do(tmp_path):
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(ModelError, match="ASSISTANT_RERANKER"):
        Reranker(str(tmp_path)).load()
