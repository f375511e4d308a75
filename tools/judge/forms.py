"""Other ways to ask a question, and questions that are no longer answered."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Mapping, Sequence

from assistant.language.facts import Fact, facts
from assistant.language.sentences import split_sentences
from tools.judge.sets import Asked

_INTRODUCTIONS: Mapping[str, Sequence[str]] = {
    "en": ("Hello, I have been reading about this since yesterday and could use some help.",
           "Good morning! Sorry to bother you. My colleague and I were wondering about something.",
           "Hi there, quick thing before my meeting.", "Could you please tell me:"),
    "fr": ("Bonjour, je lis ces textes depuis hier et j'aurais besoin d'aide.",
           "Bonjour ! Excusez-moi de vous déranger. Un collègue m'a posé une question hier.",
           "Salut, juste une chose rapide avant ma réunion.", "Pourriez-vous me dire :"),
    "de": ("Hallo, ich lese seit gestern darüber und könnte etwas Hilfe gebrauchen.",
           "Guten Morgen! Entschuldigen Sie die Störung. Ein Kollege hat mich gestern gefragt.",
           "Hi, nur kurz vor meiner Besprechung.", "Können Sie mir bitte sagen:"),
    "es": ("Hola, llevo desde ayer leyendo sobre esto y necesito un poco de ayuda.",
           "¡Buenos días! Perdone la molestia. Un compañero me preguntó algo ayer.",
           "Hola, una cosa rápida antes de mi reunión.", "¿Podría decirme, por favor:"),
}  # fmt: skip

_PREMISES: Mapping[str, Sequence[str]] = {
    "en": ("Is it true that {}?", "Why is it said that {}?", "Who says that {}?"),
    "fr": ("Est-il vrai que {} ?", "Pourquoi dit-on que {} ?", "Qui affirme que {} ?"),
    "de": ("Stimmt es, dass {}?", "Warum heißt es: {}?", "Wer sagt, dass {}?"),
    "es": ("¿Es verdad que {}?", "¿Por qué se dice que {}?", "¿Quién afirma que {}?"),
}

_PREMISE = range(30, 200)
"""Characters of a sentence that is asked about."""


def introduced(text: str, language: str, chance: random.Random) -> str | None:
    """The question after a polite introduction; None in a language without one."""
    known = _INTRODUCTIONS.get(language)
    return f"{chance.choice(known)} {text}" if known else None


def mistyped(text: str, chance: random.Random) -> str | None:
    """The question with two letters swapped, left out or doubled; None if it has no long words."""
    long = list(re.finditer(r"[^\W\d_]{4,}", text))
    if len(long) < 2:
        return None
    for match in sorted(chance.sample(long, 2), key=lambda one: -one.start()):
        at = match.start() + chance.randrange(1, len(match[0]) - 1)
        change = chance.choice(("swap", "drop", "double"))
        if change == "swap":
            text = text[:at] + text[at + 1] + text[at] + text[at + 2 :]
        else:
            text = text[:at] + (text[at] * 2 if change == "double" else "") + text[at + 1 :]
    return text


def exchanged(
    text: str, language: str, others: Sequence[Fact], chance: random.Random
) -> str | None:
    """The question with one of its names, numbers or dates replaced by another of its kind."""
    own = [fact for fact in facts(text, language) if fact.certain]
    if not own:
        return None
    fact = chance.choice(own)
    fits = [
        one for one in others
        if one.kind == fact.kind and one.unit == fact.unit and one.value != fact.value
    ] or [one for one in others if one.kind == fact.kind and one.value != fact.value]  # fmt: skip
    if not fits or (chance.random() < 0.4 and fact.text[-1:].isdigit()):
        figures = re.search(r"\d+", fact.text)
        if not figures:
            return None
        other = str(int(figures[0]) + chance.choice((-3, -2, -1, 1, 2, 3, 10)))
        new = fact.text[: figures.start()] + other + fact.text[figures.end() :]
    else:
        new = chance.choice(fits).text
    return text[: fact.start] + new + text[fact.end :]


def premise(
    asked: Asked, text: str, language: str, others: Sequence[Fact], chance: random.Random
) -> Iterator[tuple[str, bool]]:
    """Questions that suppose what the sentence with the answer says, and whether they do so truly.

    ``language`` is that of the article's ``text``. Nothing in a language without templates.
    """
    templates = _PREMISES.get(language, ())
    for start, end in split_sentences(text, language) if templates and asked.spans else ():
        if start <= asked.spans[0][0] < end and end - start in _PREMISE:
            said = text[start:end].strip().rstrip(".!?…")
            template = chance.choice(templates)
            changed = exchanged(said, language, others, chance)
            if changed:
                yield template.format(said), True
                yield template.format(changed), False
