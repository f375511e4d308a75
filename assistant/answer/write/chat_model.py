"""Sets up the chat model through LangChain: any provider, any local server."""

from __future__ import annotations

import ipaddress
import os
from functools import partial
from importlib.util import find_spec
from typing import Any
from urllib.parse import urlsplit

from assistant.answer.write.model_server import ModelServer
from assistant.answer.write.model_stream import (
    ANSWER_TOKENS,
    DEFAULT_CONTEXT,
    ChatModel,
    Patience,
)
from assistant.support.errors import ModelError, SettingsError
from assistant.support.settings import Settings

KEYS = {
    "openai": "OPENAI_API_KEY",
    "anthropic": "ANTHROPIC_API_KEY",
    "mistralai": "MISTRAL_API_KEY",
    "ollama": "",
}
"""The providers with an extra of their name, and the environment variables of their keys."""


def load_chat_model(settings: Settings) -> ChatModel:
    """Create the chat model that ``settings.llm`` names as "provider:model".

    With ``settings.llm_base_url``, a name without a known provider is that of a model on an
    OpenAI-compatible server. Keys come from the provider's own environment variable. Nothing is
    sent yet. Takes seconds, for the provider's library. Raises ``SettingsError`` if the setting
    cannot be understood, ``ModelError`` if the library or a key is missing.
    """
    provider, model, base_url = _named(settings)
    from langchain.chat_models import init_chat_model

    name = f"{provider}:{model}"
    options = _options(provider, base_url, settings.llm_context or DEFAULT_CONTEXT)
    try:
        chat = init_chat_model(model, model_provider=provider, **options)
    except ImportError as error:
        package = f"'.[{provider}]'" if provider in KEYS else f"langchain-{provider}"
        raise ModelError(
            f"The chat model {name} needs a package that is not installed. "
            f"Run: pip install {package}"
        ) from error
    except Exception as error:
        # Without the error's text and cause, which may contain the key.
        variable = KEYS.get(provider) or "the provider's environment variable"
        raise ModelError(
            f"The chat model {name} cannot be set up ({type(error).__name__}). See that the "
            f"provider is one that LangChain knows, and that its key is in {variable}."
        ) from None
    if base_url:
        # Do not show a password in the address.
        name += f" at {urlsplit(base_url).netloc.rpartition('@')[2]}"
    server = server_of(settings)
    return ChatModel(
        chat,
        name,
        Patience(settings.llm_first_timeout, settings.llm_timeout),
        options=partial(_request, provider, base_url),
        ask_context=lambda: settings.llm_context or server.context(),
    )


def server_of(settings: Settings) -> ModelServer:
    """The server of the chat model in ``settings``. Raises ``SettingsError`` as above."""
    return ModelServer.of(*_named(settings))


def missing(settings: Settings) -> str | None:
    """Why the chat model in ``settings`` cannot be set up, checked without loading it.

    For providers without an extra the key's variable is unknown, so it is not checked.
    """
    if settings.llm is None:
        return None
    try:
        provider, _, _ = _named(settings)
    except SettingsError as error:
        return str(error)
    said = f"ASSISTANT_LLM={settings.llm!r}"
    if provider not in KEYS:
        return _missing_elsewhere(said, provider)
    if find_spec(f"langchain_{provider}") is None:
        return f"{said}: a package is not installed. Run: pip install '.[{provider}]'"
    key = KEYS[provider]
    if key and not settings.llm_base_url and not os.environ.get(key):
        return f"{said}: there is no key. Put it into the environment variable {key}."
    return None


def _missing_elsewhere(said: str, provider: str) -> str | None:
    """What a ``provider`` without an extra lacks. Takes a second, to load LangChain."""
    from langchain.chat_models import base

    # LangChain has no public list, and trying means to set up a client, which may use the network.
    # If a later version renames this one, the check is skipped.
    packages = {
        name: made[0].partition(".")[0]
        for name, made in getattr(base, "_BUILTIN_PROVIDERS", {}).items()
    }
    if packages and provider not in packages:
        known = ", ".join(sorted(packages))
        return f"{said}: LangChain knows no provider {provider!r}. Write one of these: {known}."
    if packages and find_spec(packages[provider]) is None:
        package = packages[provider].replace("_", "-")
        return f"{said}: a package is not installed. Run: pip install {package}"
    return None


def _named(settings: Settings) -> tuple[str, str, str | None]:
    """The provider, its name of the model, and the address of its server, if one is given.

    "qwen3:8b" on a server of one's own is one name, whatever slashes and colons it has.
    """
    llm, base_url = settings.llm or "", settings.llm_base_url
    if base_url and urlsplit(base_url).scheme not in ("http", "https"):
        raise SettingsError("ASSISTANT_LLM_BASE_URL must begin with http:// or https://.")
    provider, _, model = llm.partition(":")
    if base_url and llm and not (provider in KEYS and model):
        provider, model = "openai", llm
    if not (provider and model):
        raise SettingsError(
            f"ASSISTANT_LLM={llm!r} names no chat model. Write provider:model, such as "
            "openai:gpt-5-mini or ollama:qwen3, or give ASSISTANT_LLM_BASE_URL too."
        )
    return provider, model, _address(provider, base_url)


def _address(provider: str, base_url: str | None) -> str | None:
    """``base_url`` with the path that the provider's client expects."""
    if base_url is None:
        return None
    base_url = base_url.rstrip("/")
    if provider == "openai" and not urlsplit(base_url).path:
        return f"{base_url}/v1"
    return base_url.removesuffix("/v1") if provider == "ollama" else base_url


def _options(provider: str, base_url: str | None, context: int) -> dict[str, Any]:
    """How the provider's client is set up."""
    options: dict[str, Any] = {"max_retries": 0}  # ChatModel retries by itself
    if base_url:
        options["base_url"] = base_url
    if provider == "openai":
        options["stream_chunk_timeout"] = 0  # ChatModel has a limit of its own
    if provider == "openai" and base_url:
        options["use_responses_api"] = False
        if not os.environ.get(KEYS[provider]):
            options["api_key"] = "none"  # the client insists on one, most servers do not
        if _is_local(base_url):
            import httpx

            # A proxy from the environment must not see requests to this machine.
            options["http_async_client"] = httpx.AsyncClient(trust_env=False, timeout=None)
    if provider in ("anthropic", "mistralai"):
        options["max_tokens"] = ANSWER_TOKENS
    if provider == "ollama":
        # Ollama's own context may be too short for the sources.
        options |= {"temperature": 0, "num_ctx": context, "num_predict": ANSWER_TOKENS}
        if _is_local(base_url) or not (base_url or os.environ.get("OLLAMA_HOST")):
            options["client_kwargs"] = {"trust_env": False}
    return options


def _request(provider: str, base_url: str | None, limit: int) -> dict[str, Any]:
    """The options of each request, which a server may refuse."""
    if provider != "openai":
        return {}
    if not base_url:
        return {"max_completion_tokens": ANSWER_TOKENS}
    # In the body as it is: the client would send the newer name, which few servers know.
    options: dict[str, Any] = {"extra_body": {"max_tokens": limit}}
    if _is_local(base_url):
        options["temperature"] = 0  # local servers sample at a high one by default
    return options


def _is_local(base_url: str | None) -> bool:
    host = urlsplit(base_url or "").hostname or ""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
