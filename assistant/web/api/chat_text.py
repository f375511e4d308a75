"""Renders an answer as the text of one chat message, with its sources at the end.

The text is Markdown, which chat front ends render. Text from articles or a chat model is escaped so
that it is not rendered as Markdown or HTML: a front end would load images from any host, autolink
bare addresses, and show a forged list of sources like ours.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from assistant.language.locales import Locale, spoken
from assistant.models.answer import Answer, AnswerSentence, Citation
from assistant.models.citation_marks import unmarked
from assistant.support.links import addresses

_ACTIVE = re.compile(r"[\\`*\[\]~|$]|(?<!\w)_|_(?!\w)|<(?=[A-Za-z/!?])|&(?=#?\w+;)")
_OPENING = re.compile(r"^\d{1,9}(?=[.)](?:\s|$))|^(?=[#>+=-])")
"""Starts of lines that Markdown reads as a list item, heading or quotation; escaped by a backslash
after them."""

_SOURCES = re.compile(r"\n\n\*\*[^\n]+\*\*\n(?:- \[\d+\] \[[^\n]*(?:\n|\Z))+\Z")


class ChatText:
    """The text so far. ``base`` is the server's address, ending in a slash."""

    def __init__(self, base: str) -> None:
        self._base = base
        self._sentences: tuple[AnswerSentence, ...] = ()
        self.text = ""
        self.annotations: list[dict[str, Any]] = []
        """OpenAI's ``url_citation`` for each mark such as "[1]": ``start_index`` and ``end_index``
        are such that ``text[start_index:end_index]`` is the mark."""

    def grow(self, answer: Answer) -> str:
        """Append what ``answer`` adds to the previous state; return the addition.

        Sent text cannot be withdrawn: quotes that replace a failing chat model's output follow it,
        below the notice that says so.
        """
        before = len(self.text)
        known = len(self._sentences)
        restarted = answer.sentences[:known] != self._sentences
        if restarted:
            known = 0
            self._paragraph(_plain(answer.notice))
        if not known and (answer.sentences or answer.complete):
            self._paragraph(_shown(answer.lead_in))
        self._sentences = answer.sentences
        locale = spoken(answer.language)
        cited = {citation.number: citation for citation in answer.citations}
        for sentence in answer.sentences[known:]:
            self._add_sentence(sentence, cited, locale)
        if answer.complete:
            if not restarted:
                self._paragraph(_plain(answer.notice))
            for one in answer.articles:
                self._paragraph(f"- {_plain(one.title)}")
            self._add_sources("answer.sources", answer.citations, locale)
            self._add_sources("answer.nearest", answer.nearest, locale, quoted=True)
        return self.text[before:]

    def _add_sentence(
        self, sentence: AnswerSentence, cited: dict[int, Citation], locale: Locale
    ) -> None:
        self._paragraph(_plain(sentence.spelled))
        for number in sentence.citations:
            mark = f"[{number}]"
            self.text += "" if self.text.endswith("]") else " "
            start = len(self.text)
            self.text += mark
            self.annotations.append(self._annotation(cited[number], start, start + len(mark)))
        if not sentence.supported:
            why = f": {sentence.reason}" if sentence.reason else ""
            self.text += f" ({locale.text('answer.unsupported')}{_plain(why)})"

    def _add_sources(
        self, heading: str, citations: Iterable[Citation], locale: Locale, *, quoted: bool = False
    ) -> None:
        lines = []
        for citation in citations:
            when = f", {locale.day(citation.published)}" if citation.published else ""
            words = f": “{_plain(citation.quote)}”" if quoted else ""
            link = f"[{_plain(citation.title)}]({self._address(citation)})"
            lines.append(f"- [{citation.number}] {link}{when}{words}")
        if lines:
            self._paragraph(f"**{locale.text(heading)}**\n" + "\n".join(lines))

    def _paragraph(self, text: str) -> None:
        if text:
            self.text += f"\n\n{text}" if self.text else text

    def _annotation(self, citation: Citation, start: int, end: int) -> dict[str, Any]:
        where = {"title": citation.title, "url": self._address(citation)}
        return {
            "type": "url_citation",
            "url_citation": {"start_index": start, "end_index": end, **where},
        }

    def _address(self, citation: Citation) -> str:
        """The URL of the article's page with the cited words marked."""
        span = f"start={citation.start}&end={citation.end}"
        return f"{self._base}articles/{citation.article}?{span}#quote"


def without_sources(text: str) -> str:
    """A message written by ``ChatText``, without its list of sources."""
    return _SOURCES.sub("", text)


def _plain(text: str) -> str:
    """Foreign ``text``, escaped as by ``_shown`` and with its citation marks neutralized."""
    return _shown(unmarked(text))


def _shown(text: str) -> str:
    """``text`` on one line, as Markdown that renders literally and links nowhere.

    Addresses become code spans, the only form that no renderer autolinks.
    """
    line = " ".join(text.split())
    written, begun = "", 0
    for start, end in addresses(line):
        written += f"{_escaped(line[begun:start])}`{line[start:end]}`"
        begun = end
    return _OPENING.sub(r"\g<0>\\", written + _escaped(line[begun:]))


def _escaped(text: str) -> str:
    return _ACTIVE.sub(r"\\\g<0>", text)
