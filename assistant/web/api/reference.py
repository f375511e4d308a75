"""The OpenAPI description as a page to read: each operation with its fields and its examples."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from markdown_it import MarkdownIt
from markupsafe import Markup

Schema = Mapping[str, Any]

DEEPEST = 3
"""Levels of fields within fields that are listed."""


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a body, or a parameter; ``name`` is dotted where it is within another."""

    name: str
    kind: str
    required: bool
    about: Markup


@dataclass(frozen=True, slots=True)
class Outcome:
    """A response: its status, when it comes, and an example by media type."""

    status: str
    about: Markup
    examples: Mapping[str, str]
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Operation:
    """What can be done at an address."""

    method: str
    path: str
    summary: str
    about: Markup
    given: tuple[Field, ...]
    command: str
    outcomes: tuple[Outcome, ...]

    @property
    def anchor(self) -> str:
        """What the address of its place on the page ends with."""
        name = "".join(letter if letter.isalnum() else "-" for letter in self.path.strip("/"))
        return f"{self.method.lower()}-{name.strip('-')}"


@dataclass(frozen=True, slots=True)
class Reference:
    """All of it, by the operations' tags."""

    about: Markup
    groups: Mapping[str, tuple[Operation, ...]]


def reference(openapi: Schema, base: str) -> Reference:
    """The description ``openapi`` as it is shown; ``base`` is the server's address."""
    reader = _Reader(openapi, base)
    groups: dict[str, tuple[Operation, ...]] = {}
    for path, methods in openapi["paths"].items():
        for method, operation in methods.items():
            (tag,) = operation["tags"]
            groups[tag] = (*groups.get(tag, ()), reader.operation(method.upper(), path, operation))
    return Reference(_markdown(openapi["info"]["description"]), groups)


class _Reader:
    def __init__(self, openapi: Schema, base: str) -> None:
        self._schemas = openapi["components"]["schemas"]
        self._base = base

    def operation(self, method: str, path: str, described: Schema) -> Operation:
        parameters = tuple(map(self._parameter, described.get("parameters", ())))
        content = described.get("requestBody", {}).get("content", {}).get("application/json", {})
        schema = content.get("schema", {})
        return Operation(
            method,
            path,
            described["summary"],
            _markdown(described["description"]),
            (*parameters, *self._fields(schema)),
            self._command(method, path, self._example(schema) if schema else None),
            tuple(self._outcome(status, one) for status, one in described["responses"].items()),
        )

    def _parameter(self, one: Schema) -> Field:
        required = one.get("required", False)
        about = one.get("description", "")
        return Field(one["name"], self._kind(one["schema"]), required, _markdown(about))

    def _outcome(self, status: str, one: Schema) -> Outcome:
        content = one.get("content", {})
        examples = {kind: _pretty(of["example"]) for kind, of in content.items() if "example" in of}
        schema = content.get("application/json", {}).get("schema", {}) if status == "200" else {}
        return Outcome(status, _markdown(one["description"]), examples, tuple(self._fields(schema)))

    def _fields(self, schema: Schema, prefix: str = "", depth: int = 1) -> Iterator[Field]:
        """The fields of an object, each followed by those within it."""
        whole = self._resolve(schema)
        for name, one in whole.get("properties", {}).items():
            required = name in whole.get("required", ())
            about = one.get("description") or self._resolve(one).get("description", "")
            yield Field(f"{prefix}{name}", self._kind(one), required, _markdown(about))
            if depth < DEEPEST:
                items = one.get("items")
                inner = f"{prefix}{name}[]." if items else f"{prefix}{name}."
                yield from self._fields(items or one, inner, depth + 1)

    def _resolve(self, schema: Schema) -> Schema:
        name = schema.get("$ref", "").rpartition("/")[2]
        found: Schema = self._schemas[name] if name else schema
        return found

    def _kind(self, schema: Schema) -> str:
        """The type in a word or two."""
        if "anyOf" in schema:
            return " or ".join(self._kind(one) for one in schema["anyOf"])
        whole = self._resolve(schema)
        if "const" in whole or "enum" in whole:
            values = whole.get("enum", [whole.get("const")])
            return " or ".join(json.dumps(value) for value in values)
        if whole.get("type") == "array":
            return f"array of {self._kind(whole['items'])}"
        kind = str(whole.get("format") or whole.get("type", "any"))
        bounds = [whole.get(name) for name in ("minimum", "maximum")]
        limits = "–".join("" if bound is None else f"{bound:,}" for bound in bounds)
        return f"{kind} {limits}" if any(bound is not None for bound in bounds) else kind

    def _example(self, schema: Schema) -> Any:
        """What to send: the schema's own example, or its fields' first ones."""
        whole = self._resolve(schema)
        if "example" in whole:
            return whole["example"]
        fields = whole.get("properties", {})
        given = {name: one["examples"][0] for name, one in fields.items() if "examples" in one}
        nested = {name: self._example(one) for name, one in fields.items() if "$ref" in one}
        return given | {name: value for name, value in nested.items() if value}

    def _command(self, method: str, path: str, given: Any) -> str:
        """A command that does it; it can be pasted into a shell."""
        address = shlex.quote(f"{self._base}{path}")
        if method == "GET":
            return f"curl {address}"
        data = shlex.quote(json.dumps(given, ensure_ascii=False))
        return f"curl {address} \\\n  -H 'Content-Type: application/json' \\\n  -d {data}"


def _pretty(example: Any) -> str:
    return (
        example if isinstance(example, str) else json.dumps(example, indent=2, ensure_ascii=False)
    )


def _markdown(text: str) -> Markup:
    """Our own Markdown as HTML; HTML within it stays text."""
    return Markup(MarkdownIt("commonmark", {"html": False}).render(text))
