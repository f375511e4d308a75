"""Example responses for the reference; a test checks each against its schema."""

from __future__ import annotations

from datetime import date
from typing import Any

from assistant.models.answer import Answer, AnswerSentence, Citation, Hit, SearchResults
from assistant.models.article import Article
from assistant.web.api.events import MEDIA_TYPE, event

_ID = "6b0f3c2f9d1e4a57"
_QUOTE = "Les tensions ont monté au milieu de l’année 2023."
_SOURCE = "microsoft-openai/03-la-montee-des-tensions.md"
_DAY = date(2025, 1, 24)
_ABOUT = (_ID, "La montée des tensions", _SOURCE, "fr", _DAY, 0, len(_QUOTE), _QUOTE)
_CITED = Citation(*_ABOUT, number=1)
_SENTENCE = AnswerSentence(_QUOTE, True, (1,))
_LEAD = "From the articles, in their own words (French):"
_TIMES = {"start": 0.0, "understand": 6.1, "retrieve": 8.4, "answer": 4.2, "total": 18.7}
_ANSWER = Answer(
    "Why did tensions rise?", "en", False, _LEAD, (_SENTENCE,), (_CITED,), relevance=0.9904,
    confidence=0.9312, timings_ms=_TIMES,
).to_json()  # fmt: skip
_EVENTS = (
    event("sources", {"citations": [_CITED.to_json()], "nearest": []})
    + event("sentence", {"index": 0, **_SENTENCE.to_json()})
    + event("answer", _ANSWER)
)
_HIT = Hit(*_ABOUT, rank=1, score=0.8714, passage_id=1, why={"meaning": 0.91})
_ARTICLE = Article(
    _CITED.title, _QUOTE, "fr", _SOURCE, _DAY, "Claire Vasseur", "https://journal.example/tensions"
)  # fmt: skip
_ENTRY = {
    "id": _ID,
    "title": _CITED.title,
    "language": "fr",
    "published": _DAY.isoformat(),
    "source": _SOURCE,
    "sources": [_SOURCE],
    "passages": 4,
}


def _example(value: Any) -> dict[str, Any]:
    return {"content": {"application/json": {"example": value}}}


ANSWER = {
    "description": "The answer, or a refusal.",
    "content": {
        "application/json": {"example": _ANSWER},
        MEDIA_TYPE: {"schema": {"type": "string"}, "example": _EVENTS},
    },
}
HITS = {
    "description": "What was found.",
    **_example(SearchResults("Why did tensions rise?", "en", (_HIT,)).to_json()),
}
ARTICLES = {
    "description": "One page of the list.",
    **_example({"total": 1, "next": None, "articles": [_ENTRY]}),
}
ARTICLE = {"description": "The article.", **_example(_ARTICLE.to_json() | {"id": _ID})}
LIBRARY = {
    "description": "The state of the library.",
    **_example(
        {
            "ready": True,
            "articles": 14,
            "languages": ["fr", "en"],
            "newest": "2026-05-02",
            "syncing": False,
            "done": 14,
            "total": 14,
            "by_words": 0,
            "in_full": 61,
            "progress": None,
            "failures": [],
            "skipped": [{"source": "photo.png", "reason": "files of the kind .png are not read"}],
            "error": None,
        }
    ),
}
_LINK = f"http://127.0.0.1:7860/articles/{_ID}?start=0&end={len(_QUOTE)}#quote"
_BEFORE = f"{_LEAD}\n\n{_QUOTE} "
COMPLETION: dict[str, Any] = {
    "description": "The completion; with `stream` its chunks, then `data: [DONE]`.",
    **_example(
        {
            "id": "chatcmpl-3f1c2a",
            "object": "chat.completion",
            "created": 1_790_000_000,
            "model": "article-assistant",
            "choices": [
                {
                    "index": 0,
                    "message": {
                        "role": "assistant",
                        "content": f"{_BEFORE}[1]\n\n**Sources**\n- [1] "
                        f"[{_CITED.title}]({_LINK}), 24 January 2025",
                        "annotations": [
                            {
                                "type": "url_citation",
                                "url_citation": {
                                    "start_index": len(_BEFORE),
                                    "end_index": len(_BEFORE) + len("[1]"),
                                    "title": _CITED.title,
                                    "url": _LINK,
                                },
                            }
                        ],
                    },
                    "finish_reason": "stop",
                }
            ],
            "usage": {"prompt_tokens": 6, "completion_tokens": 74, "total_tokens": 80},
        }
    ),
}
COMPLETION["content"][MEDIA_TYPE] = {}
