"""What the server of a chat model tells about itself: its models, and how much they can read.

Ollama, llama.cpp, vLLM and LM Studio each say it at an address of their own.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx2

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
        """The tokens that prompt and answer may have together, if the server tells."""
        if not self.base or self.asks_for_context:
            return None
        told = (self._of_llama_cpp(), self._of_models(), self._of_ollama())
        return next((count for count in told if count), None)

    def models(self) -> list[str]:
        """The names of the models that the server has, [] if it does not tell."""
        listed = self._get("/v1/models") if self.base else None
        return sorted(_texts(listed, "data", "id"))

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
        """The JSON at ``path``, asked with a POST if there is a body; None if there is none."""
        headers = {"Authorization": f"Bearer {self.key}"} if self.key else {}
        method = "GET" if body is None else "POST"
        host = urlsplit(self.base).hostname or ""
        try:
            with httpx2.Client(
                trust_env=host not in ("localhost", "127.0.0.1", "::1"), timeout=PATIENCE_S
            ) as client:
                said = client.request(method, f"{self.base}{path}", json=body, headers=headers)
            return said.json() if said.is_success else None
        except (httpx2.HTTPError, json.JSONDecodeError, UnicodeDecodeError):
            return None


def on_this_machine() -> Iterator[tuple[str, str]]:
    """The settings ``ASSISTANT_LLM`` and ``ASSISTANT_LLM_BASE_URL`` of the models found here.

    The second is "" for Ollama, which needs none.
    """
    for name in ModelServer("", OLLAMA).models():
        yield f"ollama:{name}", ""
    for name in ModelServer("", LLAMA_CPP).models():
        yield name, f"{LLAMA_CPP}/v1"


def _texts(listed: Any, *path: str) -> Iterable[str]:
    rows = listed.get(path[0]) if isinstance(listed, dict) else None
    for row in rows if isinstance(rows, list) else ():
        if isinstance(row, dict) and isinstance(row.get(path[1]), str):
            yield row[path[1]]


def _count(told: Any, *path: str) -> int | None:
    for name in path:
        told = told.get(name) if isinstance(told, dict) else None
    return told if isinstance(told, int) and told > 0 else None
