"""A small assistant that works: it finds quotes by shared words in a few articles held in memory.

It stands in for the real one where a test needs articles that attack the page, or a library that
is still being read, or answers that no real library gives.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from threading import Event
from typing import Any

from assistant.access import Principal
from assistant.answer.suggestions import TopicQuestion
from assistant.models.answer import Answer, AnswerSentence, Citation
from assistant.models.article import Article, Block
from assistant.models.clearance import ALL, Clearance
from assistant.models.conversation import Turn, check_question
from assistant.models.filters import EVERYTHING, Filters
from assistant.models.records import ArticleSummary
from assistant.models.status import Figures, Status
from assistant.store.feedback import FeedbackLog, Opinion
from assistant.support.errors import LibraryError

PATIENCE_S = 30

ATTACK = (
    '<img src=x onerror="window.pwned=1"><script>window.pwned=2</script> **bold** `code` $$x^2$$ '
    "[link](http://evil.example/a) ![](http://evil.example/b.png) http://evil.example/c &lt;b&gt; #"
)


def article(title: str, text: str, language: str, **more: object) -> Article:
    """An article whose blocks are the lines of ``text``; one without a full stop is a heading."""
    blocks = [
        Block(found.start(), found.end(), heading="." not in found[0])
        for found in re.finditer(r"\S[^\n]*", text)
    ]
    source = f"{title[:12]}.md"
    return Article(title, text, language, source, blocks=tuple(blocks), **more)  # type: ignore[arg-type]


DIVORCE = article(
    "Chronique d’un divorce annoncé",
    "L’accord de 2019 prévoyait un partage simple : l’un cherche, l’autre vend et héberge.\n\n"
    "Depuis le milieu de l’année 2023, les tensions montent : les deux partenaires vendent le même "
    "genre de produit aux mêmes entreprises. Les commerciaux se croisent désormais chez les mêmes "
    "clients.\n\n"
    "Le bref départ forcé du directeur général, à la fin de la même année, a laissé des tensions "
    "dans les équipes.\n\n"
    "Et maintenant\n\n"
    "Personne ne parle de rupture, mais chacun prépare la sienne.",
    "fr",
    published=date(2025, 1, 24),
    author="Claire Vasseur",
    url="https://journal.example/divorce",
)
LIGHTHOUSE = article(
    "The lighthouse keepers",
    "The lighthouse of Kermorvan was lit for the first time in 1849.\n\n"
    "Its last keeper left in 1994. Since then a computer has watched over the lamp.",
    "en",
    published=date(2024, 3, 1),
)
HOSTILE = article(
    f"Title {ATTACK}",
    f"The first line of the hostile article.\n\nHostile words: {ATTACK} and the end.",
    "en",
    url="javascript:window.pwned=3",
)


@dataclass
class FakeAssistant:
    """See the module. ``state`` is what ``status`` answers; tests change it.

    The last part of an answer waits until ``finish`` is set, which it is at first.
    """

    library: Sequence[Article] = (DIVORCE, LIGHTHOUSE)
    state: Status = field(
        default_factory=lambda: Status(
            articles=2,
            languages=("fr", "en"),
            newest=date(2025, 1, 24),
            syncing=False,
            done=2,
            total=2,
            failures=(),
            error=None,
            ready=True,
        )
    )
    asked: list[tuple[str, tuple[Turn, ...]]] = field(default_factory=list)
    narrowed: list[Filters] = field(default_factory=list)
    finish: Event = field(default_factory=Event)
    feedback: FeedbackLog | None = None
    translates: bool = False
    groups: None = None

    def __post_init__(self) -> None:
        self.finish.set()

    def seen_by(self, principal: Principal) -> FakeAssistant:
        """Itself: it hides nothing."""
        return self

    @property
    def clearance(self) -> Clearance:
        """Everything."""
        return ALL

    @property
    def editor(self) -> FakeAssistant:
        """Itself: it has a bin."""
        return self

    def removed(self) -> tuple[()]:
        """Nothing was removed."""
        return ()

    def add_feedback(self, opinion: Opinion) -> str:
        """Keep it in ``feedback``, which the test has set."""
        assert self.feedback is not None
        return self.feedback.add(opinion)

    def status(self) -> Status:
        """What the test said."""
        return self.state

    def figures(self) -> Figures:
        """Of an assistant that has never read anything."""
        return Figures({}, 0, 0, 0, False, False, None, None)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """One a word."""
        return [len(text.split()) for text in texts]

    def stream(
        self, question: str, history: Sequence[Turn] = (), filters: Filters = EVERYTHING,
        *, translate: bool = False,
    ) -> Iterator[Answer]:  # fmt: skip
        """Quotes of the sentences that share a long word with the question, one more each time."""
        question = check_question(question)
        self.asked.append((question, tuple(history)))
        self.narrowed.append(filters)
        if not self.state.ready:
            raise LibraryError("There is nothing to answer from yet.")
        citations = [c for c in self._matches(question) if filters.language in (None, c.language)]
        if not citations:
            yield self._refusal(question)
            return
        whole = Answer(
            question,
            "en",
            refused=False,
            lead_in="From the articles, in their own words:",
            sentences=tuple(AnswerSentence(c.quote, True, (c.number,)) for c in citations),
            citations=tuple(citations),
        )
        for count in range(len(citations) + 1):
            last = count == len(citations)
            if last and not self.finish.wait(PATIENCE_S):
                raise TimeoutError("No test let the answer finish.")
            yield replace(whole, sentences=whole.sentences[:count], complete=last)

    def article(self, id: str) -> Article:
        """The article with that id. Raises ``LibraryError`` when there is none."""
        for found in self.library:
            if found.id == id:
                return found
        raise LibraryError(f"No article has the id {id!r}.")

    def history(self, id: str) -> None:
        """Nothing has changed."""

    def original(self, article: Article) -> None:
        """There are no files."""

    def has_page_views(self, article: Article) -> bool:
        """Nor pictures of their pages."""
        return False

    def articles(self) -> list[ArticleSummary]:
        """All of them."""
        return [
            ArticleSummary(a.id, a.title, a.language, a.published, (a.source,), len(a.blocks))
            for a in self.library
        ]

    def examples(self, language: str, count: int = 6) -> list[TopicQuestion]:
        """Two questions, whatever the language."""
        questions = ["Pourquoi les tensions montent ?", "When did the last keeper leave?"]
        return [TopicQuestion("News", one) for one in questions][:count]

    def suggestions(
        self,
        shown: Sequence[tuple[str, int]],
        language: str,
        asked: Iterable[str] = (),
        filters: Filters = EVERYTHING,
        count: int = 3,
    ) -> list[str]:
        """The examples that were not asked, and one that attacks."""
        said = set(asked)
        return [
            one
            for one in (*(e.question for e in self.examples(language)), ATTACK)
            if one not in said
        ][:count]

    def _matches(self, question: str) -> list[Citation]:
        wanted = set(re.findall(r"\w{6,}", question.lower()))
        found = []
        for source in self.library:
            for sentence in re.finditer(r"[^.\n]*\w[^.\n]*\.?", source.text):
                if wanted & set(re.findall(r"\w{6,}", sentence[0].lower())):
                    start = sentence.start() + len(sentence[0]) - len(sentence[0].lstrip())
                    found.append(citation_of(len(found) + 1, source, start, sentence.end()))
        return found

    def _refusal(self, question: str) -> Answer:
        nearest = citation_of(1, self.library[0], 0, self.library[0].blocks[0].end)
        text = "The articles do not answer this question."
        return Answer(question, "en", refused=True, lead_in=text, nearest=(nearest,))


class Failing(FakeAssistant):
    """Answers with one state, then fails with ``error``."""

    error: Exception = LibraryError("The disk is gone. Plug it in.")

    def stream(self, *given: Any, **options: Any) -> Generator[Answer, None, None]:
        yield next(iter(super().stream(*given, **options)))
        raise self.error


def citation_of(number: int, of: Article, start: int, end: int) -> Citation:
    quote = of.text[start:end]
    return Citation(
        of.id, of.title, of.source, of.language, of.published, start, end, quote, number=number
    )
