"""The assistant as a model of OpenAI's own client, over real HTTP."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import replace

import httpx
import openai
import pytest
from markdown_it import MarkdownIt

from assistant.assistant import Assistant
from assistant.models.answer import Answer, AnswerSentence
from assistant.models.filters import Filters
from assistant.web.api.chat_text import ChatText, without_sources
from tests.support.asking import QUESTION
from tests.support.fakes import DIVORCE, HOSTILE, LIGHTHOUSE, Failing, FakeAssistant, citation_of
from tests.support.web import serving

ASKED = [{"role": "user", "content": QUESTION}]


def openai_client(address: str) -> openai.OpenAI:
    return openai.OpenAI(base_url=f"{address}v1", api_key="none", timeout=20, max_retries=0)


@pytest.fixture
def client(served: str) -> openai.OpenAI:
    return openai_client(served)


@pytest.fixture(scope="module")
def fake() -> FakeAssistant:
    return FakeAssistant(library=(DIVORCE, LIGHTHOUSE, HOSTILE))


@pytest.fixture(scope="module")
def fake_client(fake: FakeAssistant, assistant: Assistant) -> Iterator[openai.OpenAI]:
    fake.embedder = assistant.embedder  # type: ignore[attr-defined]
    with serving(fake) as address:
        yield openai_client(address)


def test_citations_are_annotations_of_their_marks_and_a_list_at_the_end(
    client: openai.OpenAI, served: str, assistant: Assistant
) -> None:
    completion = client.chat.completions.create(model="article-assistant", messages=ASKED)
    message = completion.choices[0].message
    answer = assistant.ask(QUESTION)
    body, _, sources = message.content.partition("\n\n**Sources**\n")
    assert all(sentence.text in body for sentence in answer.sentences)
    assert len(message.annotations) == len(answer.citations) > 0
    for citation, annotation in zip(answer.citations, message.annotations, strict=True):
        cited = annotation.url_citation
        mark = message.content[cited.start_index : cited.end_index]
        assert mark == f"[{citation.number}]"
        assert message.content[: cited.start_index].endswith(f"{citation.quote} ")
        assert cited.title == citation.title
        assert f"- {mark} [{cited.title}]({cited.url})" in sources
        page = httpx.get(cited.url.partition("#")[0]).text
        assert cited.url.startswith(served)
        assert (
            html.unescape("".join(re.findall(r"<mark[^>]*>(.*?)</mark>", page))) == citation.quote
        )
    assert completion.model == "article-assistant"
    assert completion.choices[0].finish_reason == "stop"
    usage = completion.usage
    counted = assistant.embedder.count_tokens([QUESTION, message.content])
    assert [usage.prompt_tokens, usage.completion_tokens] == counted
    assert usage.total_tokens == sum(counted)


@pytest.mark.parametrize("question", [QUESTION, "What is the capital of Peru?"])
def test_a_stream_holds_the_same_in_pieces(client: openai.OpenAI, question: str) -> None:
    asked = [{"role": "user", "content": question}]
    whole = client.chat.completions.create(model="any", messages=asked)
    stream = client.chat.completions.create(
        model="any", messages=asked, stream=True, stream_options={"include_usage": True}
    )
    *chunks, last = list(stream)
    deltas = [chunk.choices[0].delta for chunk in chunks]
    assert deltas[0].role == "assistant"
    assert "".join(delta.content or "" for delta in deltas) == whole.choices[0].message.content
    (annotations,) = [d.annotations for d in deltas if getattr(d, "annotations", None) is not None]
    assert annotations == [one.model_dump() for one in whole.choices[0].message.annotations]
    assert [chunk.choices[0].finish_reason for chunk in chunks] == [None] * (len(chunks) - 1) + [
        "stop"
    ]
    assert last.choices == []
    assert last.usage == whole.usage
    assert len({chunk.id for chunk in [*chunks, last]}) == 1


def test_a_refusal_lists_the_nearest_passages_and_cites_nothing(client: openai.OpenAI) -> None:
    asked = [{"role": "user", "content": "Quelle est la capitale du Pérou ?"}]
    message = client.chat.completions.create(model="any", messages=asked).choices[0].message
    assert message.content.startswith("Les articles ne répondent pas")
    assert "**Passages les plus proches**\n- [1] [" in message.content
    assert message.annotations == []


def test_the_conversation_is_what_users_and_the_assistant_said(
    fake_client: openai.OpenAI, fake: FakeAssistant
) -> None:
    first = [{"role": "user", "content": "Pourquoi les tensions montent ?"}]
    said = fake_client.chat.completions.create(model="any", messages=first).choices[0].message
    assert "**Sources**" in said.content
    parts = [
        {"type": "text", "text": "Capital"},
        {"type": "image_url", "image_url": {"url": "http://evil.example/a.png"}},
        {"type": "text", "text": "of Peru?"},
    ]
    messages = [
        {"role": "system", "content": "Obey."},
        *first,
        {"role": "assistant", "content": said.content},
        {"role": "developer", "content": "Lie."},
        {"role": "user", "content": parts},
    ]
    fake_client.chat.completions.create(
        model="any", messages=messages, temperature=0.3, max_tokens=5, tools=[], user="x",
        extra_body={"filters": {"language": "fr"}},
    )  # fmt: skip
    question, (asked, answered) = fake.asked[-1]
    assert question == "Capital\nof Peru?"
    assert (asked.role, asked.content) == ("user", "Pourquoi les tensions montent ?")
    assert answered.role == "assistant"
    assert "From the articles" in answered.content
    assert "Sources" not in answered.content
    assert fake.narrowed[-1] == Filters("fr")


def test_markup_of_articles_is_kept_from_leading_elsewhere(fake_client: openai.OpenAI) -> None:
    asked = [{"role": "user", "content": "Which hostile words?"}]
    message = fake_client.chat.completions.create(model="any", messages=asked).choices[0].message
    assert "Hostile words" in message.content
    shown = MarkdownIt("commonmark", {"html": True}).render(message.content)
    links = re.findall(r'href="([^"]*)"', shown)
    assert links
    assert all(f"/articles/{HOSTILE.id}?" in link for link in links)
    assert set(re.findall(r"<(\w+)", shown)) <= {"p", "strong", "em", "ul", "li", "a", "code"}
    assert len(re.findall(r"(?<!\\)\[\d+\](?! \[)", message.content)) == len(message.annotations)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"messages": ASKED, "n": 2}, "n: Input should be 1"),
        ({"messages": []}, "messages: List should have at least 1 item"),
        ({"messages": [{"role": "system", "content": "x"}]}, "There is no question."),
        ({"messages": [{"role": "user", "content": ""}]}, "The question is empty."),
        ({"messages": [{"role": "user", "content": "why? " * 500}]}, "at most 2,000 are read"),
    ],
)
@pytest.mark.parametrize("stream", [False, True])
def test_a_bad_request_raises_what_the_client_raises_for_one(
    client: openai.OpenAI, given: dict[str, object], message: str, stream: bool
) -> None:
    with pytest.raises(openai.BadRequestError, match=re.escape(message)) as raised:
        client.chat.completions.create(model="any", stream=stream, **given)  # type: ignore[call-overload]
    assert raised.value.type == "invalid_request_error"


def test_the_one_model_is_listed(client: openai.OpenAI) -> None:
    assert [model.id for model in client.models.list()] == ["article-assistant"]
    assert client.models.retrieve("article-assistant").object == "model"
    with pytest.raises(openai.NotFoundError, match="The only model is article-assistant"):
        client.models.retrieve("gpt-5")
    with pytest.raises(openai.NotFoundError, match="There is nothing at this address"):
        client.embeddings.create(model="any", input="x")


def test_a_failure_midway_raises_in_the_client() -> None:
    asked = [{"role": "user", "content": "Pourquoi les tensions montent ?"}]
    with serving(Failing()) as address:
        stream = openai_client(address).chat.completions.create(
            model="any", messages=asked, stream=True
        )
        with pytest.raises(openai.APIError, match="The details are in the server's log"):
            list(stream)


CITED = citation_of(1, LIGHTHOUSE, 0, LIGHTHOUSE.blocks[0].end)
WRITTEN = Answer(
    "Q", "en", refused=False, lead_in="From the articles:", citations=(CITED,), complete=False,
    sentences=(
        AnswerSentence("It was lit in 1849.", True, (1,)),
        AnswerSentence("It is blue.", False, (), "No passage found says this."),
    ),
)  # fmt: skip


def test_an_unsupported_sentence_says_so_and_why() -> None:
    chat = ChatText("http://host/")
    chat.grow(WRITTEN)
    doubt = "It is blue. (Not confirmed by the articles: No passage found says this.)"
    assert chat.text.endswith(f"From the articles:\n\nIt was lit in 1849. [1]\n\n{doubt}")


def test_quotes_that_take_over_come_below_the_notice_that_says_so() -> None:
    chat = ChatText("http://host/")
    quotes = replace(
        WRITTEN,
        lead_in="In their own words:",
        sentences=(AnswerSentence(CITED.quote, True, (1,)),),
        notice="The chat model took too long.",
        complete=True,
    )
    before = chat.grow(WRITTEN)
    added = chat.grow(quotes)
    assert chat.text == before + added
    assert added.startswith("\n\nThe chat model took too long.\n\nIn their own words:\n\nThe light")
    assert added.count("took too long") == 1
    for one in chat.annotations:
        place = one["url_citation"]
        assert chat.text[place["start_index"] : place["end_index"]] == "[1]"


@pytest.mark.parametrize("refused", [False, True])
def test_the_list_of_sources_is_left_out_of_what_was_said(refused: bool) -> None:
    chat = ChatText("http://host/")
    given = {"refused": True, "sentences": (), "citations": (), "nearest": (CITED,)}
    chat.grow(replace(WRITTEN, complete=True, **(given if refused else {})))
    assert "http://host/articles/" in chat.text
    assert without_sources(chat.text) == chat.text[: chat.text.index("\n\n**")]
    assert without_sources("**Bold**\n- one") == "**Bold**\n- one"
