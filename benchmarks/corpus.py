"""Generates any number of distinct articles from the sentences of our own.

Sentences are drawn at random, their numbers are changed, and some of their longer words are
replaced by invented ones, so that the vocabulary grows with the text as in real articles, and no
system gains by having seen a word, sentence or passage before. The order of sentences makes no
sense, which does not matter to any of the systems.
"""

from __future__ import annotations

import random
import re
from collections import defaultdict
from pathlib import Path

from assistant.ingest.readers.formats import is_readable
from assistant.language.sentences import split_sentences
from tests.support.reading import read_article

ARTICLE_CHARACTERS = 3_000
_SENTENCES_IN_PARAGRAPH = 5
_FOLDER_SIZE = 1_000

# The vocabulary of French and English articles holds some 7,600 words after 200,000 characters and
# grows with the power 0.7 of their length (measured on encyclopedia and news texts).
_WORDS_AT = 7_600
_AT = 200_000
_GROWTH = 0.7
_INVENTED = 0.5  # of the words of seven letters and more

_ASKED_WORDS = 8

_FIGURE = re.compile(r"\d")
_LONG_WORD = re.compile(r"[^\W\d_]{7,}")


def build(
    folder: Path, articles: Path, characters: int, size: int = ARTICLE_CHARACTERS, seed: int = 0
) -> int:
    """Write text files of about ``size`` characters to ``folder`` until they hold ``characters``.

    ``articles`` is the folder with the source sentences. Deterministic. Returns the number of
    characters written.
    """
    source = _Source(articles, seed)
    written = number = 0
    while written < characters:
        text = source.article(min(size, characters - written), written)
        path = folder / f"{number // _FOLDER_SIZE:03}" / f"{number:06}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        written += len(text)
        number += 1
    return written


def questions(folder: Path, count: int, seed: int = 1) -> list[str]:
    """Questions about the articles in ``folder``, each from another one if there are as many: a
    sentence of eight words or more, of which every third is left out.
    """
    draw = random.Random(seed)
    files = sorted(folder.rglob("*.txt"))
    asked = []
    for file in draw.sample(files, min(count, len(files))):
        sentences = [s.split() for s in file.read_text("utf-8").split(". ")]
        words = draw.choice([s for s in sentences if len(s) >= _ASKED_WORDS] or sentences)
        asked.append(" ".join(word for place, word in enumerate(words) if place % 3 != 2))
    return asked


class _Source:
    """Sentences and words by language, and the random generator."""

    def __init__(self, articles: Path, seed: int) -> None:
        self._random = random.Random(seed)
        self._sentences: dict[str, list[str]] = defaultdict(list)
        for path in sorted(articles.rglob("*")):
            if path.is_file() and is_readable(path):
                article = read_article(path, path.name)
                for block in article.blocks:
                    text = article.text[block.start : block.end]
                    spans = split_sentences(text, article.language)
                    self._sentences[article.language] += [text[a:b] for a, b in spans]
        self._languages = sorted(self._sentences)
        self._shares = [len(self._sentences[language]) for language in self._languages]
        self._words = {
            language: sorted({w for s in sentences for w in _LONG_WORD.findall(s.lower())})
            for language, sentences in self._sentences.items()
        }

    def article(self, size: int, before: int) -> str:
        """A title and paragraphs, ``size`` characters or a sentence more, all in one language.

        ``before`` is the number of characters written so far: the vocabulary grows with it.
        """
        language = self._random.choices(self._languages, self._shares)[0]
        vocabulary = round(_WORDS_AT * ((before + size) / _AT) ** _GROWTH)
        title = " ".join(self._invent(language, vocabulary).capitalize() for _ in range(4))
        paragraphs: list[list[str]] = []
        length = len(title)
        while length < size:
            if not paragraphs or len(paragraphs[-1]) == _SENTENCES_IN_PARAGRAPH:
                paragraphs.append([])
            sentence = self._sentence(language, vocabulary)
            paragraphs[-1].append(sentence)
            length += len(sentence) + 1
        return "\n\n".join([title, *(" ".join(sentences) for sentences in paragraphs)]) + "\n"

    def _sentence(self, language: str, vocabulary: int) -> str:
        def other_word(found: re.Match[str]) -> str:
            if self._random.random() >= _INVENTED:
                return found[0]
            word = self._invent(language, vocabulary)
            return word.capitalize() if found[0][0].isupper() else word

        sentence = self._random.choice(self._sentences[language])
        sentence = _FIGURE.sub(lambda _: str(self._random.randrange(10)), sentence)
        return _LONG_WORD.sub(other_word, sentence)

    def _invent(self, language: str, vocabulary: int) -> str:
        """One of ``vocabulary`` invented words: the head of a word and the tail of another."""
        words = self._words[language]
        tail, head = divmod(self._random.randrange(vocabulary), len(words))
        first, second = words[head], words[(head * 7 + tail * 31) % len(words)]
        return f"{first[: (len(first) + 1) // 2]}{second[len(second) // 2 :]}"
