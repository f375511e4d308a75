"""Text that the chat must not take for markup.

The chat renders Markdown, then cleans the HTML. A title or a question could trick either step, so
each character that could be read as markup is written as a numeric entity.
"""

from __future__ import annotations

import re

from assistant.support.unseen import sound

_MARKUP = re.compile(r"[!-/:-@\[-`{-~]")
# Not the no-break spaces, which French typography puts before a colon and inside quotes.
_BREAKS = re.compile(r"[\s\u2028\u2029]+", re.ASCII)


def escape(text: str) -> str:
    """Text on one line that neither a Markdown nor an HTML reader takes for markup, and that turns
    nothing round (``support.unseen``).
    """
    line = _BREAKS.sub(" ", sound(text).strip())
    return _MARKUP.sub(lambda found: f"&#{ord(found[0])};", line)
