"""A translation model for tests: real, but small and untaught."""

from __future__ import annotations

import json
from pathlib import Path

from assistant.language.reference import reference_sentences


def make_model(made: Path, folder: Path) -> None:
    """Make an OPUS-MT model from French to English in ``made`` and convert it into ``folder``."""
    import ctranslate2
    import sentencepiece
    import torch
    from transformers import MarianConfig, MarianMTModel

    texts = [*reference_sentences("fr"), *reference_sentences("en")]
    for side in ("source", "target"):
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(texts), model_prefix=str(made / side), vocab_size=200,
            character_coverage=1.0, hard_vocab_limit=False,
        )  # fmt: skip
        (made / f"{side}.model").rename(made / f"{side}.spm")
    pieces = sentencepiece.SentencePieceProcessor(str(made / "source.spm"))
    listed = (pieces.id_to_piece(place) for place in range(pieces.get_piece_size()))
    every = dict.fromkeys(("</s>", "<unk>", *(p for p in listed if p != "<s>"), "<pad>"))
    vocabulary = {piece: place for place, piece in enumerate(every)}
    (made / "vocab.json").write_text(json.dumps(vocabulary), "utf-8")
    (made / "tokenizer_config.json").write_text('{"source_lang": "fr", "target_lang": "en"}')
    torch.manual_seed(1)
    config = MarianConfig(
        vocab_size=len(vocabulary), d_model=16, encoder_layers=1, decoder_layers=1,
        encoder_attention_heads=2, decoder_attention_heads=2, encoder_ffn_dim=16,
        decoder_ffn_dim=16, max_position_embeddings=512, eos_token_id=0, forced_eos_token_id=0,
        pad_token_id=vocabulary["<pad>"], decoder_start_token_id=vocabulary["<pad>"],
    )  # fmt: skip
    MarianMTModel(config).save_pretrained(made)
    converter = ctranslate2.converters.TransformersConverter(
        str(made), copy_files=["source.spm", "target.spm"]
    )
    converter.convert(str(folder / "opus-mt-fr-en"))
