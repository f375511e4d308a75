"""The language of whoever reads the chat's page."""

from __future__ import annotations

import gradio as gr

from assistant.language.locales import COOKIE, Locale, choose


def reader(request: gr.Request) -> Locale:
    """The locale in which the page is shown to whoever sent ``request``."""
    # A page that shows the chat in a frame names its language in the address.
    chosen = request.query_params.get("language") or request.cookies.get(COOKIE)
    return choose(request.headers.get("accept-language"), chosen)
