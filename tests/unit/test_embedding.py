from __future__ import annotations

import numpy as np
import pytest

from assistant.embedding import RecentQueries, load_embedder
from assistant.search.langchain import LangChainEmbeddings
from assistant.support.errors import ModelError
from assistant.support.settings import BUNDLED_MODEL


class CountingEmbedder:
    """Two numbers a text: its length, and whether it is a question; not of length 1."""

    identity = "counting"
    dimension = 2
    max_tokens = 100

    def embed_passages(self, texts):
        return np.array([[len(text), 0] for text in texts], np.float32).reshape(-1, 2)

    def embed_query(self, text):
        return self.embed_queries([text])[0]

    def embed_queries(self, texts):
        return np.array([[len(text), 1] for text in texts], np.float32).reshape(-1, 2)

    def count_tokens(self, texts):
        return [len(text.split()) for text in texts]


def test_the_bundled_model_is_chosen_by_its_name(tmp_path_factory):
    embedder = load_embedder(BUNDLED_MODEL, tmp_path_factory.getbasetemp() / "cache", threads=1)
    assert embedder.dimension == 384
    assert embedder.max_tokens == 512
    assert embedder.identity.startswith("intfloat/multilingual-e5-small:")


@pytest.mark.slow  # PyTorch is loaded
def test_another_name_is_a_sentence_transformers_model(tmp_path):
    with pytest.raises(ModelError, match=r"absent.*ASSISTANT_EMBEDDING_MODEL"):
        load_embedder(str(tmp_path / "absent"), tmp_path)


def test_langchain_takes_an_embedder_as_its_own():
    from langchain_core.embeddings import Embeddings

    embeddings = LangChainEmbeddings(CountingEmbedder())
    assert isinstance(embeddings, Embeddings)
    assert embeddings.embed_documents(["one", "three"]) == [[3.0, 0.0], [5.0, 0.0]]
    assert embeddings.embed_documents([]) == []
    assert embeddings.embed_query("one") == [3.0, 1.0]
    assert type(embeddings.embed_query("one")[0]) is float


class Told(CountingEmbedder):
    """Remembers which questions it was given."""

    def __init__(self):
        self.asked = []

    def embed_queries(self, texts):
        self.asked += texts
        return super().embed_queries(texts)


def test_a_question_asked_again_is_not_embedded_again():
    model = Told()
    recent = RecentQueries(model)
    vector = recent.embed_query("one")
    vector[0] = 99  # what a caller does to its vector is its own affair
    assert recent.embed_queries(["three", "one", "three"]).tolist() == [[5, 1], [3, 1], [5, 1]]
    assert recent.embed_query("three").tolist() == [5, 1]
    assert model.asked == ["one", "three"]
    assert recent.embed_queries([]).shape == (0, 2)


def test_the_question_longest_not_asked_is_forgotten_first():
    model = Told()
    recent = RecentQueries(model, most=2)
    for text in ("a", "b", "a", "c", "a", "b"):
        recent.embed_query(text)
    assert model.asked == ["a", "b", "c", "b"]
