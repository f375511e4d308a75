"""Example responses for the reference; a test checks each against its schema."""

from __future__ import annotations

from typing import Any

from assistant.web.api.events import MEDIA_TYPE, event

_ID = "6b0f3c2f9d1e4a57"
_QUOTE = "Les tensions ont monté au milieu de l’année 2023."
_PLACE = {
    "article": _ID,
    "title": "La montée des tensions",
    "source": "microsoft-openai/03-la-montee-des-tensions.md",
    "sources": ["microsoft-openai/03-la-montee-des-tensions.md"],
    "language": "fr",
    "published": "2025-01-24",
    "start": 0,
    "end": len(_QUOTE),
}
_CITATION = {"number": 1, **_PLACE, "quote": _QUOTE}
_SENTENCE = {"text": _QUOTE, "supported": True, "citations": [1]}
_LEAD = "From the articles, in their own words (French):"
_ANSWER = {
    "question": "Why did tensions rise?",
    "language": "en",
    "refused": False,
    "answer": f"{_LEAD}\n{_QUOTE} [1]",
    "sentences": [_SENTENCE],
    "citations": [_CITATION],
    "nearest": [],
    "related": [],
    "certainty": "sure",
    "confidence": 0.9312,
    "timings_ms": {"start": 0.0, "understand": 6.1, "retrieve": 8.4, "answer": 4.2, "total": 18.7},
}
_EVENTS = (
    event("sources", {"citations": [_CITATION], "nearest": []})
    + event("sentence", {"index": 0, **_SENTENCE})
    + event("answer", _ANSWER)
)
_HIT = {"rank": 1, "score": 0.8714, **_PLACE, "text": _QUOTE, "why": {"meaning": 0.91}}
_ENTRY = {
    "id": _ID,
    "title": _PLACE["title"],
    "language": "fr",
    "published": _PLACE["published"],
    "source": _PLACE["source"],
    "sources": [_PLACE["source"]],
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
    **_example({"question": "Why did tensions rise?", "language": "en", "hits": [_HIT]}),
}
ARTICLES = {
    "description": "One page of the list.",
    **_example({"total": 1, "next": None, "articles": [_ENTRY]}),
}
ARTICLE = {
    "description": "The article.",
    **_example(
        {
            "id": _ID,
            "title": _PLACE["title"],
            "language": "fr",
            "source": _PLACE["source"],
            "published": _PLACE["published"],
            "author": "Claire Vasseur",
            "url": "https://journal.example/tensions",
            "text": _QUOTE,
        }
    ),
}
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
                        f"[{_PLACE['title']}]({_LINK}), 24 January 2025",
                        "annotations": [
                            {
                                "type": "url_citation",
                                "url_citation": {
                                    "start_index": len(_BEFORE),
                                    "end_index": len(_BEFORE) + len("[1]"),
                                    "title": _PLACE["title"],
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
