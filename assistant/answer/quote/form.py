"""The form of answer a question wants: one thing, several, a way to do it, two sides, a summary.

Read from the question's words in English, French, German and Spanish. In other languages one thing
is assumed unless the layout of what is found says otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum

from assistant.answer.judge.answer_kind import asks_for_many
from assistant.language.facts import Kind, facts
from assistant.language.facts.fact import folded

MOST_COUNTED = 12
"""Of how many things a question may say that it asks for them."""


class Form(StrEnum):
    """What a question wants for an answer."""

    ONE = "one"
    SEVERAL = "several"
    WAY = "way"
    SIDES = "sides"
    SUMMARY = "summary"


_SUMMARY: Mapping[str, str] = {
    "en": r"\bsummar(?:y|ies|i[sz]e)\b|\boverview\b|\bsum up\b|\bkey (?:points|findings)\b|"
    r"\bmain (?:points|findings)\b|\bin (?:short|brief|a nutshell)\b|"
    r"^what(?:'s| is| are| does| do)\b.*\b(?:about|deal with|say)$|\boutline\b|\btl;?dr\b",
    "fr": r"\bresum(?:e|er|ez|es)\b|\bsynthese\b|\bapercu\b|\bvue d'ensemble\b|\bpoints (?:cles|"
    r"principaux)\b|\ben bref\b|\bde quoi (?:parle|traite|s'agit)|\bgrandes lignes\b",
    "de": r"\bzusammenfass\w*|\bfass\w*\b.*\bzusammen\b|\buberblick\b|\bubersicht\b|\bworum geht\b|"
    r"\bwovon handelt\b|\bkurzfassung\b|\bkernpunkte\b|\bwichtigste[nr]? punkte\b|"
    r"\bdas wichtigste\b",
    "es": r"\bresum(?:en|e|ir|eme|a)\b|\bsintesis\b|\bpanorama\b|\bvision general\b|"
    r"\bpuntos (?:clave|principales)\b|\ben pocas palabras\b|\bde que (?:trata|va|habla)",
}
_SIDES: Mapping[str, str] = {
    "en": r"\bdifferen(?:ce|t|ces)\b|\bcompar\w+|\bversus\b|\bvs\b|\w+er than\b|\bmore\b.*\bthan\b|"
    r"\bless\b.*\bthan\b|^(?:which|what|who|is|are|did|does|do|was|were)\b.*\bor\b",
    "fr": r"\bdifferen(?:ce|ces|t|te)\b|\bcompar\w+|\b(?:plus|moins|aussi)\b.*\bque?\b|"
    r"^(?:quel|quelle|lequel|laquelle|qui|est)\b.*\bou\b",
    "de": r"\bunterschied\w*|\bvergleich\w*|\w+er als\b|^(?:welche\w*|was|wer|ist|sind|hat|haben|"
    r"war)\b.*\boder\b|\bmehr\b.*\bals\b",
    "es": r"\bdiferencia\w*|\bcompar\w+|\b(?:mas|menos|mayor|menor|mejor|peor)\b.*\bque\b|"
    r"^(?:cual|que|quien|es)\b.*\bo\b",
}
_WAY: Mapping[str, str] = {
    "en": r"^how (?:do|can|could|should|must|may|to|does one|would)\b|"
    r"^what (?:do|must|should|can|shall) (?:i|we|you|one) (?:have to |need to )?do\b|"
    r"^what to do\b|\bsteps\b",
    "fr": r"^comment\b|^que (?:faire|dois|doit|devons|faut)|\betapes\b|"
    r"^qu'est-ce que je dois faire",
    "de": r"^wie (?!viel|lang|hoch|alt|weit|oft|schwer|teuer|heiss|gross)\w+ (?:ich|man|wir)\b|"
    r"^was (?:muss|soll|kann|sollte|ist)\b.*\b(?:tun|machen)\b|\bschritte\b",
    "es": r"^como (?!se llam)\b|^que (?:hacer|debo|hago|hay que|tengo que)|\bpasos\b",
}
_BEFORE_COUNT: Mapping[str, str] = {
    "en": r"(?:which|what|the|name|list)", "fr": r"(?:quel(?:le)?s|les|cite|citez)",
    "de": r"(?:welche[nr]?|die|nenne|den)", "es": r"(?:cuales(?: son)?|que|los|las)",
}  # fmt: skip


def form(question: str, language: str) -> Form:
    """The form of answer that ``question`` wants."""
    text = folded(question).replace("’", "'").strip(' ?!.¿¡"«»')
    for wanted, patterns in ((Form.SUMMARY, _SUMMARY), (Form.SIDES, _SIDES)):
        if language in patterns and re.search(patterns[language], text):
            return wanted
    if asks_for_many(question, language) or _counts(question, text, language):
        return Form.SEVERAL
    if language in _WAY and re.search(_WAY[language], text):
        return Form.WAY
    return Form.ONE


def _counts(question: str, text: str, language: str) -> bool:
    """Whether a question says how many things it asks for, as "which three causes" does."""
    before = _BEFORE_COUNT.get(language)
    return before is not None and any(
        fact.kind is Kind.NUMBER
        and not fact.unit
        and fact.value.isdigit()
        and 2 <= int(fact.value) <= MOST_COUNTED
        and re.search(rf"\b{before}\s+{re.escape(folded(fact.text))}\s+\w+", text) is not None
        for fact in facts(question, language)
    )
