"""What the server of a chat model tells about itself: its models, and how much they can read.

Ollama, llama.cpp, vLLM and LM Studio each say it at an address of their own.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx2

from assistant.answer.write.model_stream import DEFAULT_CONTEXT

PATIENCE_S = 2.0
"""Seconds that a server may take to describe itself."""

OLLAMA = "http://127.0.0.1:11434"
LLAMA_CPP = "http://127.0.0.1:8080"
_OLLAMA_CONTEXT = 4_096  # what Ollama gives where nobody asks for more


@dataclass(frozen=True, slots=True)
class ModelServer:
    """The server of the chat model ``model`` at ``base``, an address without a path; "" if unknown.

    ``asks_for_context``: the client tells the server how long the context shall be.
    """

    model: str
    base: str
    key: str = ""
    asks_for_context: bool = False

    @classmethod
    def of(cls, provider: str, model: str, base_url: str | None) -> ModelServer:
        """The server of a model that ``provider``'s client asks at ``base_url``."""
        if provider == "ollama":
            base_url = base_url or os.environ.get("OLLAMA_HOST") or OLLAMA
            base_url = base_url if "://" in base_url else f"http://{base_url}"
        if provider not in ("openai", "ollama") or not base_url:
            return cls(model, "")
        base = base_url.rstrip("/").removesuffix("/v1")
        key = os.environ.get("OPENAI_API_KEY", "") if provider == "openai" else ""
        return cls(model, base, key, provider == "ollama")

    def context(self) -> int | None:
        """The tokens that prompt and answer may have together; ``DEFAULT_CONTEXT`` if the server
        does not tell, None if it cannot be reached.
        """
        if not self.base or self.asks_for_context:
            return DEFAULT_CONTEXT
        try:
            told = self._of_llama_cpp() or self._of_models() or self._of_ollama()
        except httpx2.TransportError:
            return None
        return told or DEFAULT_CONTEXT

    def models(self) -> list[str]:
        """The names of the models that the server has, [] if it does not tell."""
        try:
            listed = self._get("/v1/models") if self.base else None
        except httpx2.TransportError:
            return []
        return sorted(_texts(listed, "data", "id"))

    def problem(self) -> str:
        """Why the model will not answer, as far as its server tells without being asked for a
        word; "" if it tells nothing of that.
        """
        if not self.base:
            return ""
        try:
            names = sorted(_texts(self._get("/v1/models"), "data", "id"))
        except httpx2.TransportError:
            return f"The chat model's server {self.base} cannot be reached. See that it runs."
        if not names or {self.model, f"{self.model}:latest"} & set(names):
            return ""
        return (
            f"The chat model's server {self.base} has no model {self.model!r}. It has: "
            f"{', '.join(names)}. Set ASSISTANT_LLM to one of them."
        )

    def _of_llama_cpp(self) -> int | None:
        return _count(self._get("/props"), "default_generation_settings", "n_ctx")

    def _of_models(self) -> int | None:
        """As vLLM tells it, beside the name."""
        listed = self._get("/v1/models")
        rows = listed.get("data") if isinstance(listed, dict) else None
        for row in rows if isinstance(rows, list) else ():
            if isinstance(row, dict) and row.get("id") == self.model:
                return _count(row, "max_model_len")
        return None

    def _of_ollama(self) -> int | None:
        shown = self._get("/api/show", {"model": self.model})
        if not isinstance(shown, dict) or "model_info" not in shown:
            return None
        set_to = re.search(r"num_ctx\s+(\d+)", str(shown.get("parameters", "")))
        return int(set_to[1]) if set_to else _OLLAMA_CONTEXT

    def _get(self, path: str, body: dict[str, str] | None = None) -> Any:
        """The JSON at ``path``, asked with a POST if there is a body; None if there is none.

        Raises ``httpx2.TransportError`` if the server cannot be reached.
        """
        headers = {"Authorization": f"Bearer {self.key}"} if self.key else {}
        method = "GET" if body is None else "POST"
        host = urlsplit(self.base).hostname or ""
        with httpx2.Client(
            trust_env=host not in ("localhost", "127.0.0.1", "::1"), timeout=PATIENCE_S
        ) as client:
            said = client.request(method, f"{self.base}{path}", json=body, headers=headers)
        try:
            return said.json() if said.is_success else None
        except ValueError:
            return None


def on_this_machine(places: Sequence[str] = (OLLAMA, LLAMA_CPP)) -> Iterator[str]:
    """The settings that use the models which servers at ``places`` of this machine have."""
    for place in places:
        for name in ModelServer("", place).models():
            yield f"ASSISTANT_LLM={name} ASSISTANT_LLM_BASE_URL={place}/v1"


def _texts(listed: Any, *path: str) -> Iterable[str]:
    rows = listed.get(path[0]) if isinstance(listed, dict) else None
    for row in rows if isinstance(rows, list) else ():
        if isinstance(row, dict) and isinstance(row.get(path[1]), str):
            yield row[path[1]]


def _count(told: Any, *path: str) -> int | None:
    for name in path:
        told = told.get(name) if isinstance(told, dict) else None
    return told if isinstance(told, int) and told > 0 else None
