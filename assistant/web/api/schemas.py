"""Request and response models of the API, described for its users.

The response models describe the output of the package's ``to_json`` methods, which is what is sent;
they allow more fields. Dates are ISO 8601 days; languages are ISO 639-1 codes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, JsonValue

from assistant.ingest.details import LONGEST_TITLE, UNDATED
from assistant.models.conversation import MAX_QUESTION, MAX_TURN, MAX_TURNS, Turn
from assistant.models.filters import Filters
from assistant.support.unseen import sound

MOST_HITS = 100
MOST_ARTICLES = 1_000

EXAMPLE: dict[str, JsonValue] = {"question": "Why did tensions rise?"}
"""The example request in the reference."""

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _written(day: object) -> object:
    """``day`` if it is a string: a number would be taken for seconds since 1970."""
    if isinstance(day, date) or (isinstance(day, str) and _DAY.fullmatch(day)):
        return day
    raise ValueError("expected a day such as 2024-12-31")


def _day_or_none(day: str | None) -> str | None:
    if day is None or day == UNDATED:
        return day
    if not _DAY.fullmatch(day):
        raise ValueError(f'expected a day such as 2024-12-31, or "{UNDATED}"')
    return date.fromisoformat(day).isoformat()


Text = Annotated[str, AfterValidator(sound)]
Question = Annotated[
    Text,
    Field(
        description="The question, in any language, whatever language the articles are in. "
        f"At most {MAX_QUESTION:,} characters.",
        examples=[EXAMPLE["question"]],
    ),
]
Language = Annotated[
    Text | None,
    Field(description="Only articles in this language: an ISO 639-1 code.", examples=["fr"]),
]
Day = Annotated[date, BeforeValidator(_written)]
After = Annotated[
    Day | None,
    Field(description="Only articles published on this day or later.", examples=["2023-01-01"]),
]
Before = Annotated[
    Day | None,
    Field(description="Only articles published on this day or earlier.", examples=["2024-12-31"]),
]
Source = Annotated[
    Text | None,
    Field(
        description="Only this file, or the files of this folder, named by its path in the corpus.",
        examples=["microsoft-openai"],
    ),
]
Top = Annotated[
    int, Field(ge=1, le=MOST_HITS, description="How many passages at most.", examples=[3])
]


class RequestBody(BaseModel):
    """Base of requests: an unknown field is an error, as it is usually a typo."""

    model_config = ConfigDict(extra="forbid")


class Narrowed(RequestBody):
    """Which articles to answer from; omitted or null fields do not filter."""

    language: Language = None
    after: After = None
    before: Before = None
    source: Source = None

    def filters(self) -> Filters:
        """Convert to the assistant's type. An empty text counts as omitted."""
        return Filters(self.language or None, self.after, self.before, self.source or None)


class Message(RequestBody):
    """One message of the conversation before the question."""

    role: Literal["user", "assistant"]
    content: Text = Field(description=f"Its text; {MAX_TURN:,} characters of it are read.")

    def turn(self) -> Turn:
        """Convert to the assistant's type."""
        return Turn(self.role, self.content)


class AskRequest(RequestBody):
    """A question, the conversation before it, and which articles to answer from."""

    model_config = ConfigDict(json_schema_extra={"example": EXAMPLE})

    question: Question
    history: list[Message] = Field(
        default_factory=list,
        description=f"The conversation so far, oldest first; the last {MAX_TURNS} messages count. "
        "A follow-up such as “and what did he say then?” is understood from it.",
    )
    filters: Narrowed = Field(default_factory=Narrowed)
    translate: bool = Field(
        False,
        description="Whether quotes in other languages get a machine's translation, if the server "
        "has what translates.",
    )


class SearchRequest(RequestBody):
    """A question, how many passages to find, and in which articles."""

    model_config = ConfigDict(json_schema_extra={"example": {**EXAMPLE, "top": 3}})

    question: Question
    top: Top = 10
    filters: Narrowed = Field(default_factory=Narrowed)


class Told(BaseModel):
    """Base of responses; later versions may add fields."""

    model_config = ConfigDict(extra="allow", from_attributes=True)


class NamedArticle(Told):
    """An article that a reply names."""

    article: str = Field(description="The article's id.")
    title: str
    source: str = Field(description="Its path in the corpus, or its address on the web.")
    sources: list[str] = Field(description="All files that hold this text.")
    language: str
    published: date | None


class PlaceBody(NamedArticle):
    """Exact words of an article: characters ``start`` to ``end`` (exclusive) of its text."""

    start: int
    end: int


class Translated(Told):
    """Words with a machine's translation, if they are in another language than the question."""

    translation: str | None = Field(
        None, description="A machine's translation into the asker's language, if it was asked for."
    )
    translation_differs: list[str] | None = Field(
        None, description="Numbers, dates and names that only one of the two states."
    )


class CitationBody(PlaceBody, Translated):
    """The words that a sentence rests on: `article.text[start:end] == quote`, always."""

    number: int = Field(description="The number that sentences name it by, from 1.")
    quote: str
    section: str | None = Field(None, description="The heading it stands under, if there is one.")
    columns: str | None = Field(
        None, description="For a table row: the headings of its cells, separated like them."
    )


class ShortBody(Told):
    """The words within a quote that answer by themselves: a date, an amount, a name or a place."""

    citation: int = Field(description="The number of the citation whose article holds them.")
    text: str
    start: int
    end: int


class PartBody(Told):
    """One of several questions in a message."""

    question: str
    certainty: Literal["sure", "unsure", "none"]
    citations: list[int] = Field(description="The numbers of the citations that answer it.")


class SentenceBody(Translated):
    """One sentence of an answer."""

    text: str
    supported: bool = Field(description="Whether the articles were found to say this.")
    citations: list[int] = Field(description="The numbers of the citations that it rests on.")
    reason: str | None = Field(None, description="Why it is not supported, if it is not.")
    columns: str | None = Field(
        None, description="For a row of a table: the headings of its cells, separated like them."
    )


class AnswerBody(Told):
    """An answer with the exact words that it rests on, or a refusal with the nearest passages."""

    question: str
    language: str = Field(description="The language of the question.")
    refused: bool = Field(description="True if the articles do not answer the question.")
    answer: str = Field(description="The whole answer as plain text, with numbers in brackets.")
    sentences: list[SentenceBody]
    citations: list[CitationBody]
    nearest: list[CitationBody] = Field(description="Of a refusal: the closest passages.")
    related: list[CitationBody] = Field(
        default=[], description="Further quotes that relate to the question without answering it."
    )
    certainty: Literal["sure", "unsure", "none"] = Field(
        description="Whether the articles answer it outright, perhaps, or not at all."
    )
    short: ShortBody | None = Field(
        None, description="The words that answer by themselves, if that is sure."
    )
    parts: list[PartBody] | None = Field(
        None, description="The questions of the message, if it holds several."
    )
    relevance: float = Field(
        description="How likely the articles are about what is asked, from 0 to 1."
    )
    confidence: float = Field(description="How sure it is that the articles answer, from 0 to 1.")
    understood: str | None = Field(
        None, description="The question with what an earlier turn supplies, if it needed that."
    )
    notice: str | None = Field(
        None, description="Remarks on the answer, such as articles that contradict each other."
    )
    articles: list[NamedArticle] | None = Field(
        None, description="Of a reply about the library: the articles that it names."
    )
    timings_ms: dict[str, float] = Field(description="Where the time went, in milliseconds.")


class HitBody(PlaceBody):
    """A passage that fits the question."""

    rank: int = Field(description="From 1, the best first.")
    score: float
    text: str
    why: dict[str, float] = Field(description="What the score is made of.")


class Hits(Told):
    """The passages that fit best, best first."""

    question: str
    language: str = Field(description="The language of the question.")
    hits: list[HitBody]


class ArticleEntry(Told):
    """An article without its text."""

    id: str
    title: str
    language: str
    published: date | None
    source: str = Field(description="Its path in the corpus.")
    sources: list[str] = Field(description="All files that hold this text.")
    passages: int


class Articles(Told):
    """A page of the articles, ordered by source."""

    total: int = Field(description="How many articles there are.")
    next: int | None = Field(description="The `offset` of the next page; null on the last one.")
    articles: list[ArticleEntry]


class WholeArticle(Told):
    """An article with its text."""

    id: str
    title: str
    language: str
    source: str = Field(description="Its path in the corpus.")
    published: date | None
    author: str | None
    url: str | None = Field(description="Where it was published, if it says so.")
    text: str


class Put(Told):
    """A file or web address that was put in."""

    given: str = Field(description="The name or address that was sent.")
    source: str = Field(description="Its path in the corpus, or its address.")


class Refused(Told):
    """A file or web address that was not put in, and why."""

    given: str
    code: str
    message: str


class Intake(Told):
    """What became of the files and addresses that were sent. The articles are read after this:
    `/api/files` says how far each is.
    """

    added: list[Put]
    refused: list[Refused]


class FileBody(Told):
    """What became of a file or web address."""

    source: str
    state: Literal["waiting", "read", "failed"]
    error: str | None = Field(description="Why it could not be read.")
    article: ArticleEntry | None = Field(description="The article that it holds.")


class RemovedFile(Told):
    """Something in the bin."""

    id: str = Field(description="Its id in the bin.")
    source: str
    removed: str = Field(description="When it was removed, in UTC.")


class BinBody(Told):
    """What was removed, newest first."""

    removed: list[RemovedFile]


class ChangedSources(Told):
    """The files whose articles are read anew."""

    sources: list[str]


class DetailsRequest(RequestBody):
    """Details that take the place of what the file says. Fields that are left out stay as they
    are; null lets the file count again.
    """

    title: Text | None = Field(None, max_length=LONGEST_TITLE, examples=["Annual report 2023"])
    published: Annotated[str | None, AfterValidator(_day_or_none)] = Field(
        None, description='The day, or "none" if it has none.', examples=["2023-12-31"]
    )
    language: Text | None = Field(
        None, description="An ISO 639-1 code.", max_length=3, examples=["fr"]
    )


class Unread(Told):
    """A file of the corpus that could not be read, and why."""

    source: str
    error: str


class SkippedFile(Told):
    """A file of the corpus that is not read, or not all of it, and why."""

    source: str
    reason: str


class ProgressBody(Told):
    """The stage of a sync: reading, passages, sentences, words."""

    stage: str
    done: int = Field(description="Files, passages or words that are done.")
    total: int
    per_second: float
    seconds_left: float | None = Field(description="Until the end of the stage, if known.")
    paused: bool


class PauseRequest(BaseModel):
    """Whether to pause the sync, or to let it go on."""

    paused: bool


class LibraryBody(Told):
    """The library's content and status."""

    ready: bool = Field(description="Whether questions are answered.")
    articles: int
    languages: list[str]
    newest: date | None = Field(description="The day of the newest article.")
    syncing: bool = Field(description="Whether the articles are being read.")
    done: int = Field(description="Files read in the current or last sync.")
    total: int = Field(description="Files to read in it.")
    by_words: int = Field(0, description="Passages that are found by their words alone so far.")
    in_full: int = Field(0, description="Passages with all their vectors.")
    progress: ProgressBody | None = Field(None, description="Of the sync that runs, if one does.")
    failures: list[Unread]
    partial: list[SkippedFile] = Field(
        [], description="Files of which something was left out, such as a damaged part."
    )
    skipped: list[SkippedFile] = Field(
        [], description="Files that are not read, such as pictures; of many, the first thousand."
    )
    error: str | None = Field(description="Why the last sync failed as a whole.")


class ProblemBody(BaseModel):
    """What went wrong, for programs (`code`) and for people (`message`)."""

    code: str
    message: str


class FailureBody(BaseModel):
    """Every error of this interface has this shape."""

    error: ProblemBody


def failures(
    told: Mapping[int | str, str], model: type[BaseModel] = FailureBody
) -> dict[int | str, dict[str, Any]]:
    """The responses of a route that fails, described by their status."""
    return {status: {"model": model, "description": text} for status, text in told.items()}
