"""Exports the bundled model as a sentence-transformers folder: for torch, and as a reference.

``SentenceTransformer(folder)`` runs the unpacked weights in float32, so it shows what the
quantization of ``assistant.embedding.onnx_model`` costs. It needs the package ``safetensors``.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assistant.embedding.bundled_model import (
    PASSAGE_PROMPT,
    QUERY_PROMPT,
    BundledModel,
    find_weights,
    read_weights,
)
from assistant.embedding.unigram import Vocabulary

_LAYER_NAMES = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}


def export_model(folder: Path) -> None:
    """Write the bundled model to ``folder`` (490 MB), created if missing.

    Raises ``ModelError`` if the bundled model is not installed, ``OSError`` if the folder cannot
    be written.
    """
    from safetensors.numpy import save_file

    model = read_weights(find_weights())
    folder.mkdir(parents=True, exist_ok=True)
    save_file(_weights(model), folder / "model.safetensors", metadata={"format": "pt"})
    _tokenizer(model.vocabulary).save(str(folder / "tokenizer.json"))
    for name, content in _configurations(model).items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def _weights(model: BundledModel) -> dict[str, NDArray[np.float32]]:
    """The tensors under their names in transformers' ``BertModel``."""
    shape = model.shape
    hidden = shape.hidden
    weights = {
        "embeddings.word_embeddings.weight": model.matrix("emb.word", hidden).dense(),
        "embeddings.position_embeddings.weight": model.vector("emb.pos").reshape(-1, hidden),
        "embeddings.token_type_embeddings.weight": model.vector("emb.type").reshape(-1, hidden),
        "embeddings.LayerNorm.weight": model.vector("emb.ln.w"),
        "embeddings.LayerNorm.bias": model.vector("emb.ln.b"),
        # The pooler is never used, but transformers warns if a checkpoint lacks it.
        "pooler.dense.weight": np.zeros((hidden, hidden), np.float32),
        "pooler.dense.bias": np.zeros(hidden, np.float32),
    }
    for layer in range(shape.layers):
        for short, long in _LAYER_NAMES.items():
            name, target = f"l{layer}.{short}", f"encoder.layer.{layer}.{long}"
            columns = shape.inner if short == "fo" else hidden
            weights[f"{target}.weight"] = (
                model.vector(f"{name}.w")
                if short.endswith("ln")
                else model.matrix(f"{name}.w", columns).dense()
            )
            weights[f"{target}.bias"] = model.vector(f"{name}.b")
    return weights


def _tokenizer(vocabulary: Vocabulary) -> Any:
    """A ``tokenizers`` tokenizer equivalent to our own."""
    from tokenizers import (
        AddedToken,
        Regex,
        Tokenizer,
        decoders,
        models,
        normalizers,
        pre_tokenizers,
        processors,
    )

    pieces = vocabulary.pieces
    tokenizer = Tokenizer(
        models.Unigram(list(zip(pieces, vocabulary.scores, strict=True)), unk_id=vocabulary.unknown)
    )
    replaced = [
        normalizers.Replace(Regex(f"[{''.join(characters)}]"), text)
        for text, characters in _by_replacement(vocabulary).items()
    ]
    tokenizer.normalizer = normalizers.Sequence([*replaced, normalizers.NFKC()])
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace()]
    )
    tokenizer.decoder = decoders.Metaspace()
    begin, end = pieces[vocabulary.begin], pieces[vocabulary.end]
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{begin} $A {end}",
        pair=f"{begin} $A {end} {end} $B {end}",
        special_tokens=[(begin, vocabulary.begin), (end, vocabulary.end)],
    )
    tokenizer.add_special_tokens(
        [AddedToken(pieces[i], normalized=False) for i in sorted(vocabulary.markup)]
    )
    return tokenizer


def _by_replacement(vocabulary: Vocabulary) -> dict[str, list[str]]:
    grouped: dict[str, list[str]] = {}
    for character, text in vocabulary.rules.items():
        grouped.setdefault(text, []).append(character)
    return grouped


def _configurations(model: BundledModel) -> dict[str, Any]:
    shape, vocabulary = model.shape, model.vocabulary
    pieces = vocabulary.pieces
    return {
        "config.json": {
            "architectures": ["BertModel"],
            "model_type": "bert",
            "hidden_act": "gelu",
            "hidden_size": shape.hidden,
            "intermediate_size": shape.inner,
            "layer_norm_eps": 1e-12,
            "max_position_embeddings": shape.positions,
            "num_attention_heads": shape.heads,
            "num_hidden_layers": shape.layers,
            "pad_token_id": vocabulary.pad,
            "type_vocab_size": 2,
            "vocab_size": shape.vocabulary,
        },
        "tokenizer_config.json": {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "model_max_length": shape.positions,
            "bos_token": pieces[vocabulary.begin],
            "cls_token": pieces[vocabulary.begin],
            "eos_token": pieces[vocabulary.end],
            "sep_token": pieces[vocabulary.end],
            "pad_token": pieces[vocabulary.pad],
            "unk_token": pieces[vocabulary.unknown],
            "mask_token": "<mask>",
        },
        "sentence_bert_config.json": {"max_seq_length": shape.positions, "do_lower_case": False},
        "config_sentence_transformers.json": {
            "prompts": {"query": QUERY_PROMPT, "document": PASSAGE_PROMPT},
            "default_prompt_name": None,
            "similarity_fn_name": "cosine",
        },
        "modules.json": [
            {"idx": i, "name": str(i), "path": path, "type": f"sentence_transformers.models.{kind}"}
            for i, (path, kind) in enumerate(
                [("", "Transformer"), ("1_Pooling", "Pooling"), ("2_Normalize", "Normalize")]
            )
        ],
        "1_Pooling/config.json": {
            "word_embedding_dimension": shape.hidden,
            "pooling_mode_mean_tokens": True,
        },
        "2_Normalize/config.json": {},
    }
