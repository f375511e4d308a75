"""The quotes of an answer in the asker's language, each held against the original."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace

from assistant.language.facts import Fact, Kind, facts, holds
from assistant.models.answer import Answer, Citation, Translation
from assistant.models.article import UNKNOWN_LANGUAGE
from assistant.support.errors import ChatModelError, ModelError

logger = logging.getLogger(__name__)

Translate = Callable[[str, str, str], str | None]
"""A text, its language and the wanted one give the translation; None where there is none. May raise
``ChatModelError`` or ``ModelError``."""


def translated(answer: Answer, translate: Translate) -> Answer:
    """``answer`` with a translation beside each quote that is not in the asker's language."""

    def of(citations: tuple[Citation, ...]) -> tuple[Citation, ...]:
        return tuple(_translated(one, answer.language, translate) for one in citations)

    return replace(
        answer,
        citations=of(answer.citations),
        nearest=of(answer.nearest),
        related=of(answer.related),
    )


def translation_of(text: str, source: str, target: str, translate: Translate) -> Translation | None:
    """``text`` in the language ``target``, with the facts in which the two differ.

    None where both are one language or one is not known, and where nothing can translate it.
    """
    if source == target or UNKNOWN_LANGUAGE in (source, target):
        return None
    try:
        found = translate(text, source, target)
    except (ChatModelError, ModelError) as error:
        logger.warning("A quote is shown without a translation. %s", error)
        return None
    if not found or not found.strip():
        return None
    return Translation(found.strip(), target, _differing(text, source, found, target))


def _translated(citation: Citation, language: str, translate: Translate) -> Citation:
    found = translation_of(citation.quote, citation.language, language, translate)
    return replace(citation, translation=found)


def _differing(text: str, source: str, translation: str, target: str) -> tuple[str, ...]:
    """The numbers, dates and names, as written, that only one of the two states."""
    here, there = _stated(text, source), _stated(translation, target)
    lost = (fact.text for fact in here if not holds(there, fact))
    added = (fact.text for fact in there if not holds(here, fact))
    return tuple(dict.fromkeys((*lost, *added)))


def _stated(text: str, language: str) -> list[Fact]:
    return [fact for fact in facts(text, language) if fact.kind is not Kind.NAME or fact.certain]
