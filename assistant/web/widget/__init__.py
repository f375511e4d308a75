"""The widget: the script that other pages load, which shows the chat in a frame.

``/widget.js`` is built from ``widget.js``, ``widget.css`` and the texts of each language. The frame
is ``embed.py``'s.
"""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path

from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from assistant.language.locales import Locale, locales
from assistant.web.widget.embed import revalidated

FOLDER = Path(__file__).parent
AN_HOUR = 3600
"""Seconds for which browsers may cache the script."""

_COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)|^ *//[^\n]*$", re.DOTALL | re.MULTILINE)


def routes() -> list[BaseRoute]:
    """The route of the script."""
    return [Route("/widget.js", _serve_script, middleware=[Middleware(GZipMiddleware)])]


@cache
def script() -> str:
    """The whole script, without comments and indentation."""
    style = _plain((FOLDER / "widget.css").read_text(encoding="utf-8")).replace("\n", "")
    texts = {code: _words(locale) for code, locale in locales().items()}
    source = _plain((FOLDER / "widget.js").read_text(encoding="utf-8"))
    source = source.replace('STYLE = ""', f"STYLE = {json.dumps(style)}")
    return source.replace("WORDS = {}", f"WORDS = {json.dumps(texts, ensure_ascii=False)}")


def _words(locale: Locale) -> dict[str, str]:
    """The script's texts, by its names for them."""
    own = {key.removeprefix("widget."): text for key, text in locale.under("widget.").items()}
    return {"title": locale.texts["title"], "close": locale.texts["panel.close"], **own}


async def _serve_script(request: Request) -> Response:
    headers = {
        "Cache-Control": f"public, max-age={AN_HOUR}",
        # Pages that isolate themselves (COEP) may load it too.
        "Cross-Origin-Resource-Policy": "cross-origin",
    }
    return revalidated(request, Response(script(), media_type="text/javascript", headers=headers))


def _plain(source: str) -> str:
    lines = (line.strip() for line in _COMMENT.sub("", source).splitlines())
    return "\n".join(line for line in lines if line)
