"""Questions for a load test: of many kinds and languages, none repeated."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

SHARES = {"golden": 40, "made up": 30, "follow-up": 10, "foreign": 10, "elsewhere": 10}
"""The shares of kinds, in percent: golden questions of the corpus with an opening phrase; about
words from one sentence of an article; follow-ups to a golden one; the second kind in languages of
no article; about things in no article.
"""

_OPENINGS = {
    "en": ("", "Please tell me: ", "I would like to know: ", "In short: ", "A colleague asks: ",
           "For a report: ", "One more thing: ", "Quick question: ", "As a reminder: ",
           "According to the articles: "),
    "fr": ("", "Dites-moi : ", "J’aimerais savoir : ", "En bref : ", "Un collègue demande : ",
           "Pour un rapport : ", "Encore une chose : ", "Question rapide : ", "Pour rappel : ",
           "D’après les articles : "),
    "de": ("", "Bitte: ", "Ich wüsste gern: ", "Kurz gesagt: ", "Ein Kollege fragt: ",
           "Für einen Bericht: ", "Noch etwas: ", "Kurze Frage: ", "Zur Erinnerung: ",
           "Laut den Artikeln: "),
    "es": ("", "Dígame: ", "Me gustaría saber: ", "En resumen: ", "Un colega pregunta: ",
           "Para un informe: ", "Otra cosa: ", "Una pregunta rápida: ", "Como recordatorio: ",
           "Según los artículos: "),
}  # fmt: skip
_ABOUT = (
    "What is said about {} and {}?", "How do {} and {} go together?", "When did {} meet {}?",
    "Que dit-on de {} et de {} ?", "Pourquoi {} et {} vont-ils ensemble ?",
    "Quel est le lien entre {} et {} ?", "Was hat {} mit {} zu tun?", "Wer spricht von {} und {}?",
    "¿Qué se dice de {} y de {}?", "¿Cuándo se habla de {} y {}?",
)  # fmt: skip
_FOREIGN = (
    "Che cosa si dice di {} e di {}?", "O que se diz sobre {} e {}?",
    "Wat heeft {} met {} te maken?",
    "Co łączy {} i {}?", "Vad har {} med {} att göra?", "Что связывает {} и {}?",
    "{} ile {} arasındaki bağ nedir?", "{}和{}有什么关系？",
)  # fmt: skip
_ON = (
    "And when was that?", "Who paid for it?", "How many were there?", "Why?", "And after that?",
    "Et où était-ce ?", "Combien cela a-t-il coûté ?", "Qui l’a décidé ?", "Und warum?",
    "Wer war dabei?", "¿Y cuándo fue?", "¿Quién lo dijo?",
)  # fmt: skip
_ELSEWHERE = (
    "What is the capital of {}?", "How long does a flight to {} take?", "Wer regiert {}?",
    "Quel temps fait-il en {} ?", "¿Qué se come en {}?", "Which river flows through {}?",
    "Who won the football league of {}?", "Quelle est la monnaie de {} ?",
    "Wie viele Einwohner hat {}?", "How do I repair a bicycle in {}?",
)  # fmt: skip
_COUNTRIES = (
    "Peru Bolivia Chile Paraguay Uruguay Ecuador Kenya Uganda Rwanda Malawi Zambia Botswana "
    "Namibia Ghana Togo Benin Senegal Mongolia Nepal Bhutan Laos Vietnam Cambodia Malaysia Fiji "
    "Samoa Tonga Iceland Malta Cyprus Latvia Estonia Georgia Armenia Oman Qatar Yemen Jamaica "
    "Cuba Haiti"
)
_PLACES = _COUNTRIES.split()
_WORD = re.compile(r"[^\W\d_]{6,}")


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, the conversation before it, and its kind, one of ``SHARES``."""

    text: str
    history: tuple[str, ...]
    kind: str


class Questions:
    """Draws questions about the articles in ``corpus``, deterministically by ``seed``."""

    def __init__(self, corpus: Path, seed: int = 0) -> None:
        lines = (corpus / "questions.jsonl").read_text("utf-8").splitlines()
        self._golden = [json.loads(line) for line in lines]
        texts = [path.read_text("utf-8") for path in sorted(corpus.rglob("*.md"))]
        sentences = (s for text in texts for s in re.split(r"[.!?\n]+", text))
        self._words = [found for s in sentences if len(found := _WORD.findall(s)) > 1]
        self._random = random.Random(seed)
        self._drawn: set[tuple[str, tuple[str, ...]]] = set()
        self._kinds: dict[str, Callable[[], tuple[str, tuple[str, ...]]]] = {
            "golden": self._opened,
            "made up": lambda: self._about(_ABOUT),
            "follow-up": self._going_on,
            "foreign": lambda: self._about(_FOREIGN),
            "elsewhere": self._elsewhere,
        }

    def draw(self) -> Asked:
        """Draw a new question. When a kind runs out, others take its share."""
        while True:
            (kind,) = self._random.choices(list(SHARES), list(SHARES.values()))
            drawn = self._kinds[kind]()
            if drawn not in self._drawn:
                self._drawn.add(drawn)
                return Asked(*drawn, kind)

    def _opened(self) -> tuple[str, tuple[str, ...]]:
        one = self._random.choice(self._golden)
        openings = _OPENINGS.get(one["lang"], ("",))
        return self._random.choice(openings) + one["question"], ()

    def _about(self, forms: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
        words = self._random.sample(self._random.choice(self._words), 2)
        return self._random.choice(forms).format(*words), ()

    def _going_on(self) -> tuple[str, tuple[str, ...]]:
        before = self._random.choice(self._golden)["question"]
        return self._random.choice(_ON), (before,)

    def _elsewhere(self) -> tuple[str, tuple[str, ...]]:
        draw = self._random.choice
        return draw(_ELSEWHERE).format(draw(_PLACES)), ()
