"""Translation on this machine, by models in the format of CTranslate2.

OPUS-MT has a model a pair of languages, in a folder whose name ends in the pair ("opus-mt-fr-en")
with ``source.spm`` and ``target.spm``; NLLB has one for all, in a folder with ``nllb`` in its name
and ``sentencepiece.bpe.model``.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from assistant.language.sentences import split_sentences
from assistant.support.errors import ModelError

_PAIR = re.compile(r"(?:^|[-_])([a-z]{2,3})[-_]([a-z]{2,3})$")
_END = "</s>"

LONGEST = 256
"""Pieces of a translated sentence."""

# The codes of NLLB: ISO 639-3 and the script.
_NLLB = {
    "ar": "arb_Arab", "cs": "ces_Latn", "da": "dan_Latn", "de": "deu_Latn", "el": "ell_Grek",
    "en": "eng_Latn", "es": "spa_Latn", "fi": "fin_Latn", "fr": "fra_Latn", "he": "heb_Hebr",
    "hi": "hin_Deva", "hu": "hun_Latn", "id": "ind_Latn", "it": "ita_Latn", "ja": "jpn_Jpan",
    "ko": "kor_Hang", "nl": "nld_Latn", "no": "nob_Latn", "pl": "pol_Latn", "pt": "por_Latn",
    "ro": "ron_Latn", "ru": "rus_Cyrl", "sv": "swe_Latn", "tr": "tur_Latn", "uk": "ukr_Cyrl",
    "vi": "vie_Latn", "zh": "zho_Hans",
}  # fmt: skip


class LocalModels:
    """The models in ``folder``; each is loaded when it is first needed. Many threads may use one.

    ``folder`` is a model or holds several. Raises ``ModelError`` if it holds none.
    """

    def __init__(self, folder: Path) -> None:
        models = [file.parent for file in sorted(folder.glob("**/model.bin"))]
        self._pairs = {m.groups(): path for path in models if (m := _PAIR.search(path.name))}
        self._of_all = next((path for path in models if "nllb" in path.name.lower()), None)
        if not self._pairs and self._of_all is None:
            raise ModelError(
                f"{folder} holds no translation model that is known: a folder with model.bin whose "
                'name ends in two languages ("opus-mt-fr-en") or has "nllb" in it. Convert one '
                "with ct2-transformers-converter, or unset ASSISTANT_TRANSLATOR."
            )
        self._loaded: dict[Path, _Model] = {}
        self._loading = threading.Lock()

    def translate(self, text: str, source: str, target: str) -> str | None:
        """``text`` in the language ``target``; None if no model has this pair of languages.

        Raises ``ModelError`` if the model cannot be loaded, or fails.
        """
        path = self._pairs.get((source, target))
        codes: tuple[str, str] | None = None
        if path is None:
            if self._of_all is None or source not in _NLLB or target not in _NLLB:
                return None
            path, codes = self._of_all, (_NLLB[source], _NLLB[target])
        sentences = [text[start:end] for start, end in split_sentences(text, source)]
        return " ".join(self._model(path).translate(sentences, codes))

    def _model(self, path: Path) -> _Model:
        with self._loading:
            if path not in self._loaded:
                self._loaded[path] = _Model(path)
            return self._loaded[path]


class _Model:
    def __init__(self, path: Path) -> None:
        try:
            # An optional extra, and half a second to load.
            import ctranslate2
            from sentencepiece import SentencePieceProcessor
        except ImportError as error:
            raise ModelError(
                "Translating needs the extra translate: pip install 'article-assistant[translate]'."
            ) from error
        shared = path / "sentencepiece.bpe.model"
        source, target = path / "source.spm", path / "target.spm"
        try:
            self._source: Any = SentencePieceProcessor(str(shared if shared.exists() else source))
            self._target: Any = SentencePieceProcessor(str(shared if shared.exists() else target))
            self._translator: Any = ctranslate2.Translator(str(path), device="cpu")
        except (OSError, RuntimeError, ValueError) as error:
            raise ModelError(f"The translation model {path} cannot be loaded: {error}") from error

    def translate(self, sentences: Sequence[str], codes: tuple[str, str] | None) -> list[str]:
        """``sentences`` translated; ``codes`` name the languages where the model has several."""
        begin, prefix = ([codes[0]], [[codes[1]]] * len(sentences)) if codes else ([], None)
        pieces = [[*begin, *self._source.encode(one, out_type=str), _END] for one in sentences]
        try:
            results = self._translator.translate_batch(
                pieces, target_prefix=prefix, max_decoding_length=LONGEST
            )
        except RuntimeError as error:  # of a sentence too long for it, for one
            raise ModelError(f"The translation model failed: {error}") from error
        skip = 1 if codes else 0
        return [str(self._target.decode(one.hypotheses[0][skip:])) for one in results]
