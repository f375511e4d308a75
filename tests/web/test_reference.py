"""The OpenAPI description, and the page that shows it."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urljoin

import httpx
import pytest

from assistant.web.api import completion_schemas, examples, schemas


@pytest.fixture(scope="module")
def openapi(served: str) -> dict[str, Any]:
    return dict(httpx.get(f"{served}openapi.json").json())


def operations(openapi: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (path, method, operation)
        for path, methods in openapi["paths"].items()
        for method, operation in methods.items()
    ]


def test_it_describes_the_interface_and_nothing_of_the_chat(openapi: dict[str, Any]) -> None:
    assert sorted((path, method) for path, method, _ in operations(openapi)) == [
        ("/api/articles", "get"),
        ("/api/articles", "post"),
        ("/api/articles/{id}", "delete"),
        ("/api/articles/{id}", "get"),
        ("/api/articles/{id}", "patch"),
        ("/api/ask", "post"),
        ("/api/bin", "get"),
        ("/api/bin/{id}", "delete"),
        ("/api/bin/{id}", "post"),
        ("/api/files", "delete"),
        ("/api/files", "get"),
        ("/api/search", "post"),
        ("/api/status", "get"),
        ("/api/sync", "post"),
        ("/v1/chat/completions", "post"),
        ("/v1/models", "get"),
        ("/v1/models/{id}", "get"),
    ]
    assert "HTTPValidationError" not in openapi["components"]["schemas"]
    for path, _, operation in operations(openapi):
        shape = "OpenAIFailure" if path.startswith("/v1") else "FailureBody"
        for status, response in operation["responses"].items():
            if not status.startswith("2"):
                assert response["content"]["application/json"]["schema"]["$ref"].endswith(
                    f"/{shape}"
                )


@pytest.mark.parametrize(
    ("model", "response"),
    [
        (schemas.AnswerBody, examples.ANSWER),
        (schemas.Hits, examples.HITS),
        (schemas.Articles, examples.ARTICLES),
        (schemas.WholeArticle, examples.ARTICLE),
        (schemas.LibraryBody, examples.LIBRARY),
        (completion_schemas.Completion, examples.COMPLETION),
    ],
)
def test_every_example_is_valid(model: Any, response: dict[str, Any]) -> None:
    example = response["content"]["application/json"]["example"]
    model.model_validate(example)
    assert set(example) <= set(model.model_fields)


def test_what_the_server_sends_is_as_described(served: str) -> None:
    answer = httpx.post(f"{served}api/ask", json={"question": "Why did tensions rise?"}).json()
    whole = httpx.get(f"{served}api/articles/{answer['citations'][0]['article']}").json()
    hits = httpx.post(f"{served}api/search", json={"question": "Why?", "top": 1}).json()
    for model, sent in (
        (schemas.AnswerBody, answer),
        (schemas.CitationBody, answer["citations"][0]),
        (schemas.SentenceBody, answer["sentences"][0]),
        (schemas.WholeArticle, whole),
        (schemas.Hits, hits),
        (schemas.HitBody, hits["hits"][0]),
    ):
        model.model_validate(sent)
        assert set(sent) <= set(model.model_fields), model


def test_the_page_and_its_files_come_from_here(served: str) -> None:
    response = httpx.get(f"{served}docs")
    assert response.status_code == 200
    files = re.findall(r'(?:src|href)="([^"]+)"', response.text)
    assert len(files) == 3
    for file in files:
        assert httpx.get(urljoin(served, file)).status_code == 200, file
    assert not re.search(r"https?:", response.text)
