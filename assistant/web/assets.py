"""The style and script of our own, and the addresses that they are served at."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent / "static"
PATH = "ui"
"""Gradio's own files are under ``assets`` and ``static``: ours must not hide them."""


@cache
def address(name: str) -> str:
    """The address of a file relative to the chat's page; it changes when the content does."""
    digest = hashlib.sha256((FOLDER / name).read_bytes()).hexdigest()[:12]
    return f"{PATH}/{name}?v={digest}"
