"""The page's language for a request."""

from __future__ import annotations

import gradio as gr

from assistant.language.locales import COOKIE, Locale, choose


def reader(request: gr.Request) -> Locale:
    """The locale for the sender of ``request``."""
    # A page that embeds the chat passes its language in the URL.
    chosen = request.query_params.get("language") or request.cookies.get(COOKIE)
    return choose(request.headers.get("accept-language"), chosen)
