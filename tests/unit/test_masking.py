"""Secrets in whatever someone may read: canaries through every way that they could take."""

from __future__ import annotations

import json
import logging
import sys
from typing import Any

import pytest

from assistant.support.errors import LibraryError, SettingsError
from assistant.support.logs import LineFormatter
from assistant.support.masking import MASKED, keep_secret, mask, secrets_among
from assistant.support.settings import Settings

CANARY = "kAnArY7bird0"


@pytest.mark.parametrize(
    "text",
    [
        f"http://ada:{CANARY}@llm.example/v1",
        f"https://{CANARY}@host/",
        f"cannot reach 'https://ada:p@{CANARY}@host:8443/path?x=1'",
        f"https://feed.example/rss?token={CANARY}&page=2",
        f"https://feed.example/rss?page=2&api_key={CANARY}",
        f"https://feed.example/rss?key={CANARY}",
        f"https://store.example/a?X-Amz-Signature={CANARY}",
        f"ASSISTANT_LLM_API_KEY={CANARY}",
        f"password='{CANARY}'",
        f"Authorization: Bearer {CANARY}",
        f"authorization: Basic {CANARY}==",
        f"[(b'authorization', b'Bearer {CANARY}'), (b'host', b'x')]",
        f"{{'Authorization': 'Token {CANARY}'}}",
        f"Cookie: session={CANARY}; other={CANARY}",
        f"Set-Cookie: session={CANARY}; HttpOnly",
        f"x-api-key: {CANARY}",
        f"the key Bearer {CANARY} is wrong",
        json.dumps({"api_key": CANARY, "question": "why"}),
        str({"client_secret": CANARY}),
        f"Incorrect API key provided: sk-proj-{CANARY}",
        f"ghp_{CANARY}{CANARY}",
        f"eyJ{CANARY}.eyJ{CANARY}.{CANARY}",
    ],
)
def test_what_looks_like_a_secret_is_masked(text: str) -> None:
    assert CANARY not in mask(text)
    assert MASKED in mask(text)


@pytest.mark.parametrize(
    "text",
    [
        "The file report.pdf is protected by a password: it cannot be read.",
        "See that its key is in OPENAI_API_KEY.",
        "The token limit of the model is 512 tokens.",
        "https://example.org/a?page=2&monkey=7#fragment",
        "http://127.0.0.1:7860/articles/0123abcd?start=1&end=2",
        "Write to ada@example.org.",
        "The chat model openai:gpt-5-mini cannot be set up.",
        "ASSISTANT_PORT='many': it is no number.",
        "Basic authentication is not asked for; a bearer of news came.",
        "task-force, risk-averse, desk-bound",
    ],
)
def test_other_words_stay_as_they_are(text: str) -> None:
    assert mask(text) == text


def test_values_of_variables_named_as_secrets_are_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", f"no-shape-{CANARY}")
    monkeypatch.setenv("HF_TOKEN", "short")
    Settings()
    assert CANARY not in mask(f"wrong: no-shape-{CANARY}!")
    assert mask("a short text") == "a short text"
    named = {"DB_PASSWORD": "a", "MY_SECRET": "b", "SSH_KEY": "c", "KEYBOARD": "d", "PATH": "e"}
    assert secrets_among(named) == ["a", "b", "c"]


def test_the_folders_of_a_shell_are_no_passwords() -> None:
    named = {"PWD": "/srv/articles", "OLDPWD": "/home/ada", "DB_PWD": "a", "pwd": "b"}
    assert secrets_among(named) == ["a", "b"]


def test_a_secret_within_another_leaves_no_rest() -> None:
    keep_secret(["longer-secret-value", "secret-value"])
    assert mask("longer-secret-value") == MASKED


def test_errors_tell_none() -> None:
    error = LibraryError(f"http://ada:{CANARY}@host/ cannot be reached.")
    assert str(error) == f"http://{MASKED}@host/ cannot be reached."
    assert CANARY not in f"{error}"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ASSISTANT_PORT", f"sk-{CANARY}"),
        ("ASSISTANT_ALLOWED_ORIGINS", f"https://ada:{CANARY}@host"),
        ("ASSISTANT_ALLOWED_HOSTS", f"https://ada:{CANARY}@host"),
        ("ASSISTANT_FETCH_HOSTS", f"http://ada:{CANARY}@host/"),
        ("ASSISTANT_API_KEY", CANARY),
    ],
)
def test_settings_that_are_wrong_are_named_without_them(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=name) as raised:
        Settings()
    assert CANARY not in str(raised.value)


def logged(make: Any) -> str:
    record = logging.LogRecord("x", logging.ERROR, "f", 1, "%s", (make,), None)
    return LineFormatter("%(levelname)s %(message)s").format(record)


def test_logs_tell_none_not_even_in_a_traceback() -> None:
    assert CANARY not in logged(f"Authorization: Bearer {CANARY}")
    try:
        raise ValueError(f"http://ada:{CANARY}@host")
    except ValueError:
        trace = sys.exc_info()
    record = logging.LogRecord("x", logging.ERROR, "f", 1, "failed", (), trace)
    record.exc_text = f"left by another formatter: {CANARY}"
    told = LineFormatter().format(record)
    assert "ValueError" in told
    assert CANARY not in told
