from __future__ import annotations

import json
import shutil
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from assistant.embedding.sentence_transformer import SentenceTransformerEmbedder
from assistant.support.errors import ModelError

pytestmark = pytest.mark.slow  # PyTorch is loaded

WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "ask", "tell", "the", "ferry", "leaves", "at", "nine"]
TEXTS = ["the ferry leaves", "at nine", "the ferry leaves at nine", ""]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A model of sixteen dimensions with random weights and prompts of its own."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.models import Pooling, Transformer
    from transformers import BertConfig, BertModel, BertTokenizerFast

    base = tmp_path_factory.mktemp("base")
    torch.manual_seed(7)
    shape = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2}
    sizes = {"intermediate_size": 16, "max_position_embeddings": 12, "vocab_size": len(WORDS)}
    BertModel(BertConfig(**shape, **sizes)).save_pretrained(base)
    vocabulary = {word: i for i, word in enumerate(WORDS)}
    BertTokenizerFast(vocab=vocabulary, model_max_length=12).save_pretrained(base)
    prompts = {"query": "ask ", "document": "tell "}
    model = SentenceTransformer(
        modules=[Transformer(str(base), max_seq_length=12), Pooling(16)], prompts=prompts
    )
    folder = tmp_path_factory.mktemp("tiny")
    model.save(str(folder))
    return folder


@pytest.fixture(scope="module")
def embedder(folder):
    return SentenceTransformerEmbedder(str(folder))


def changed(folder, target, **changes):
    shutil.copytree(folder, target)
    path = target / "config_sentence_transformers.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))
    return SentenceTransformerEmbedder(str(target))


def test_the_prompts_of_the_model_are_used(folder, embedder):
    from sentence_transformers import SentenceTransformer

    plain = SentenceTransformer(str(folder), prompts={"query": "", "document": ""})
    told = plain.encode([f"tell {text}" for text in TEXTS], normalize_embeddings=True)
    assert np.allclose(embedder.embed_passages(TEXTS), told, atol=1e-6)
    asked = plain.encode(["ask at nine"], normalize_embeddings=True)[0]
    assert np.allclose(embedder.embed_query("at nine"), asked, atol=1e-6)


def test_vectors_have_length_one_and_the_named_shape(embedder):
    vectors = embedder.embed_passages(TEXTS)
    assert vectors.shape == (4, embedder.dimension) == (4, 16)
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-5)
    assert embedder.embed_passages([]).shape == (0, 16)


def test_tokens_are_counted_without_prompt_marks_or_limit(embedder):
    assert embedder.max_tokens == 12
    assert embedder.count_tokens(["", "at nine", "ferry " * 40]) == [0, 2, 40]
    assert embedder.count_tokens([]) == []


def test_several_threads_may_call_at_once(embedder):
    alone = [embedder.embed_query(text) for text in TEXTS]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(embedder.embed_query, TEXTS * 5))
        counts = list(pool.map(embedder.count_tokens, [TEXTS] * 20))
    assert np.allclose(together, alone * 5, atol=1e-6)
    assert counts == [[3, 2, 5, 0]] * 20


def test_identity_changes_with_prompts_and_not_with_reloading(folder, embedder, tmp_path):
    assert SentenceTransformerEmbedder(str(folder)).identity == embedder.identity
    prompts = {"query": "tell ", "document": "tell "}
    other = changed(folder, tmp_path / "other", prompts=prompts)
    assert other.identity.split(":")[-1] != embedder.identity.split(":")[-1]


def test_identity_changes_with_the_weights(folder, embedder, tmp_path):
    from safetensors.numpy import load_file, save_file

    target = tmp_path / "other"
    shutil.copytree(folder, target)
    weights = load_file(target / "model.safetensors")
    weights["embeddings.LayerNorm.bias"] = weights["embeddings.LayerNorm.bias"] + 1
    save_file(weights, target / "model.safetensors", metadata={"format": "pt"})
    other = SentenceTransformerEmbedder(str(target))
    assert other.identity.split(":")[-1] != embedder.identity.split(":")[-1]


def test_a_broken_folder_is_explained(tmp_path):
    with pytest.raises(ModelError, match=r"cannot be loaded.*ASSISTANT_EMBEDDING_MODEL"):
        SentenceTransformerEmbedder(str(tmp_path))


def test_a_name_that_cannot_be_reached_is_explained(monkeypatch):
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(ModelError, match=r"(?s)'nobody/nothing'.*or to bundled"):
        SentenceTransformerEmbedder("nobody/nothing")


def test_usage_is_not_reported_to_the_hub(embedder):
    from huggingface_hub import constants

    assert constants.HF_HUB_DISABLE_TELEMETRY


def test_a_static_model_without_a_transformer_counts_its_tokens(folder, tmp_path):
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.models import StaticEmbedding
    from tokenizers import Tokenizer

    words = StaticEmbedding(Tokenizer.from_file(str(folder / "tokenizer.json")), embedding_dim=8)
    SentenceTransformer(modules=[words]).save(str(tmp_path / "static"))
    static = SentenceTransformerEmbedder(str(tmp_path / "static"))
    assert static.count_tokens(["", "at nine", "ferry " * 40]) == [0, 2, 40]
    assert static.embed_passages(TEXTS[:3]).shape == (3, static.dimension) == (3, 8)
