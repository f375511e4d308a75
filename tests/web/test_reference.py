"""The OpenAPI description and the page made of it."""

from __future__ import annotations

import html
import re
from typing import Any

import httpx
import pytest

from assistant.web.api import completion_schemas, examples, schemas
from assistant.web.api.reference import reference


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
        ("/api/articles/{id}", "get"),
        ("/api/ask", "post"),
        ("/api/search", "post"),
        ("/api/status", "get"),
        ("/v1/chat/completions", "post"),
        ("/v1/models", "get"),
        ("/v1/models/{id}", "get"),
    ]
    assert "HTTPValidationError" not in openapi["components"]["schemas"]
    for path, _, operation in operations(openapi):
        shape = "OpenAIFailure" if path.startswith("/v1") else "Failure"
        for status, response in operation["responses"].items():
            if status != "200":
                assert response["content"]["application/json"]["schema"]["$ref"].endswith(
                    f"/{shape}"
                )


@pytest.mark.parametrize(
    ("model", "response"),
    [
        (schemas.Answer, examples.ANSWER),
        (schemas.Hits, examples.HITS),
        (schemas.Articles, examples.ARTICLES),
        (schemas.WholeArticle, examples.ARTICLE),
        (schemas.Library, examples.LIBRARY),
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
        (schemas.Answer, answer),
        (schemas.Citation, answer["citations"][0]),
        (schemas.Sentence, answer["sentences"][0]),
        (schemas.WholeArticle, whole),
        (schemas.Hits, hits),
        (schemas.Hit, hits["hits"][0]),
    ):
        model.model_validate(sent)
        assert set(sent) <= set(model.model_fields), model


def test_the_page_shows_each_operation_and_asks_nothing_of_other_hosts(
    served: str, openapi: dict[str, Any]
) -> None:
    response = httpx.get(f"{served}docs")
    assert response.status_code == 200
    page = html.unescape(response.text)
    for path, method, operation in operations(openapi):
        assert f"<code>{method.upper()} {path}</code></a> {operation['summary']}" in page
    anchors = re.findall(r'href="#([^"]+)"', page)
    assert len(set(anchors)) == len(operations(openapi))
    assert all(f'id="{anchor}"' in page for anchor in anchors)
    assert "filters.language" in page
    assert f"curl {served}api/ask" in page
    assert re.findall(r'(?:src|href)="(?:https?:)?//', page) == []
    assert "<script" not in page


def test_text_in_a_description_stays_text() -> None:
    operation = {
        "tags": ["T"], "summary": "<i>", "description": "<script>x</script>",
        "responses": {"200": {"description": "<b>"}},
    }  # fmt: skip
    described = {
        "info": {"description": "d"},
        "paths": {"/x": {"get": operation}},
        "components": {"schemas": {}},
    }
    (shown,) = reference(described, "http://host").groups["T"]
    assert "<script>" not in shown.about
    assert "<b>" not in shown.outcomes[0].about
