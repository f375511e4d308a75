"""An answer as the text of one chat message, with its sources at the end and its citations' places.

The text is Markdown, which chat front ends show. What comes from articles or a chat model is kept
from being read as Markdown or HTML: a front end would fetch images from wherever they name, make
links of bare addresses, and show a forged list of sources as it shows ours.
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
"""What makes a line the item of a list, a heading or a quotation; a backslash belongs after it."""

_SOURCES = re.compile(r"\n\n\*\*[^\n]+\*\*\n(?:- \[\d+\] \[[^\n]*(?:\n|\Z))+\Z")


class ChatText:
    """The text so far. ``base`` is the address of the server, with a slash at its end."""

    def __init__(self, base: str) -> None:
        self._base = base
        self._sentences: tuple[AnswerSentence, ...] = ()
        self.text = ""
        self.annotations: list[dict[str, Any]] = []
        """OpenAI's ``url_citation`` for each mark such as "[1]": ``start_index`` and ``end_index``
        are such that ``text[start_index:end_index]`` is the mark."""

    def grow(self, answer: Answer) -> str:
        """Add what ``answer`` has beyond the state before, and return what was added.

        Nothing can be taken back: where quotes take the place of what a failing chat model wrote,
        they come after it, below the notice that says so.
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
        self._paragraph(_plain(sentence.text))
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
        """The page of the article with the cited words marked."""
        span = f"start={citation.start}&end={citation.end}"
        return f"{self._base}articles/{citation.article}?{span}#quote"


def without_sources(text: str) -> str:
    """A message as ``ChatText`` wrote it, without the list of sources at its end."""
    return _SOURCES.sub("", text)


def _plain(text: str) -> str:
    """``text``, which is not ours, as ``_shown`` writes it, and citing nothing."""
    return _shown(unmarked(text))


def _shown(text: str) -> str:
    """``text`` on one line, as Markdown that shows it as it is and never leads elsewhere.

    Addresses are shown as code, which alone no reader makes a link of.
    """
    line = " ".join(text.split())
    written, begun = "", 0
    for start, end in addresses(line):
        written += f"{_escaped(line[begun:start])}`{line[start:end]}`"
        begun = end
    return _OPENING.sub(r"\g<0>\\", written + _escaped(line[begun:]))


def _escaped(text: str) -> str:
    return _ACTIVE.sub(r"\\\g<0>", text)
