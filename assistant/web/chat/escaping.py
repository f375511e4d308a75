"""Escapes text for the chat.

Gradio renders messages as Markdown, then sanitises the HTML. Titles and questions could abuse
either step, so every character with a meaning in markup becomes a numeric entity.
"""

from __future__ import annotations

import re

_MARKUP = re.compile(r"[!-/:-@\[-`{-~]")
# Except no-break spaces, which French typography needs before colons and inside quotes.
_BREAKS = re.compile(r"[\s\u2028\u2029]+", re.ASCII)


def escape(text: str) -> str:
    """``text`` on one line, literal in both Markdown and HTML."""
    line = _BREAKS.sub(" ", text.strip())
    return _MARKUP.sub(lambda found: f"&#{ord(found[0])};", line)
