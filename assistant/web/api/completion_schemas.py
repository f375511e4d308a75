"""Request and response models of OpenAI's chat completions, as far as they apply."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from assistant.web.api.schemas import Narrowed, Text, Told

MODEL = "article-assistant"


class MessagePart(BaseModel):
    """A part of a message; parts other than text are ignored."""

    type: str = "text"
    text: Text | None = None


class ChatMessage(BaseModel):
    """One message of a chat."""

    role: str = Field(description="`user` or `assistant`; messages of other roles are ignored.")
    content: Text | list[MessagePart] | None = Field(
        None, description="A text, or parts of type `text`."
    )

    def text(self) -> str:
        """The message's text."""
        if not isinstance(self.content, list):
            return self.content or ""
        return "\n".join(part.text or "" for part in self.content if part.type == "text")


class StreamOptions(BaseModel):
    """Options of a stream."""

    include_usage: bool = Field(False, description="Whether a last chunk holds the usage.")


class CompletionRequest(BaseModel):
    """A chat to complete; unlisted parameters are accepted and ignored."""

    model_config = ConfigDict(
        extra="ignore",
        json_schema_extra={
            "example": {
                "model": MODEL,
                "messages": [{"role": "user", "content": "Why did tensions rise?"}],
            }
        },
    )

    messages: list[ChatMessage] = Field(min_length=1)
    model: str = Field(MODEL, description="Any name; the assistant answers.")
    stream: bool | None = Field(False, description="Whether to send the text as it comes.")
    stream_options: StreamOptions | None = None
    n: Literal[1] | None = Field(1, description="How many answers: there is one.")
    filters: Narrowed = Field(default_factory=Narrowed, description="Which articles to ask.")


class UrlCitation(BaseModel):
    """The place of a mark such as "[1]" in the text, and the words it cites."""

    start_index: int
    end_index: int
    title: str = Field(description="The title of the article.")
    url: str = Field(description="The page of the article, with the cited words marked.")


class Annotation(BaseModel):
    """A citation."""

    type: Literal["url_citation"]
    url_citation: UrlCitation


class CompletedMessage(Told):
    """The assistant's message."""

    role: Literal["assistant"]
    content: str = Field(description="Markdown.")
    annotations: list[Annotation]


class Choice(Told):
    """The one answer."""

    index: int
    message: CompletedMessage
    finish_reason: Literal["stop"]


class Usage(BaseModel):
    """Tokens, as the embedding model counts them."""

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int


class Completion(Told):
    """A completed chat."""

    id: str
    object: Literal["chat.completion"]
    created: int
    model: str
    choices: list[Choice]
    usage: Usage


class Model(BaseModel):
    """A model that can be asked."""

    id: str
    object: Literal["model"] = "model"
    created: int = Field(description="When the server was started, in seconds since 1970.")
    owned_by: str = "article-assistant"


class Models(BaseModel):
    """All models."""

    object: Literal["list"] = "list"
    data: list[Model]


class OpenAIProblem(BaseModel):
    """What went wrong."""

    message: str
    type: str
    param: Any = None
    code: str | None


class OpenAIFailure(BaseModel):
    """An error, as OpenAI's clients expect it."""

    error: OpenAIProblem
