"""The chat's page: which Gradio components it has, and which of ``Chat``'s handlers they call.

Imports Gradio, which takes seconds, at the top, as ``chat`` must.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import gradio as gr

from assistant.locales import choose
from assistant.web import assets, filter_row
from assistant.web.chat import POLL_S, Chat

if TYPE_CHECKING:
    from assistant.assistant import Assistant

AT_ONCE = 16
"""Questions answered at the same time; others wait."""

MOST_WAITING = 256
"""Questions that wait at the same time; others are turned away."""


def build(assistant: Assistant) -> gr.Blocks:
    """The chat, ready to be mounted at the root of an app."""
    chat = Chat(assistant)
    title = choose(None).text("title")
    with gr.Blocks(title=title, analytics_enabled=False, fill_width=True) as blocks:
        clock = gr.Timer(POLL_S, active=False)
        with gr.Row(elem_id="masthead"):
            masthead = gr.Markdown(container=False)
            new = gr.Button("", elem_id="new-chat")
        talk = _talk()
        row = filter_row.build()
        with gr.Row(elem_id="ask"):
            # No ``max_length``: a browser would cut a longer question without a word.
            question = gr.Textbox(
                elem_id="question", show_label=False, container=False, max_lines=6, autofocus=True
            )
            send = gr.Button("", elem_id="send", variant="primary")
        note = gr.Markdown(elem_id="note", container=False)
        # What the page's script keeps for a reload, and what it gives back after one.
        memory = gr.Textbox(elem_id="memory", visible="hidden")
        recalled = gr.Textbox(elem_id="recalled", visible="hidden")

        changing = [clock, masthead, talk, *row.offered]
        page = [*changing, *row.summary, new, question, send, note]
        quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
        at_once = quiet | {"queue": False}
        # What comes back from the browser may hold anything; Gradio would build the components
        # that a chat names. Unprepared, it is data that ``messages`` and ``filters`` pick from.
        raw = {"preprocess": False}
        blocks.load(chat.arrive, None, page, **at_once)
        clock.tick(chat.progress, None, changing, **at_once)
        recalled.change(chat.remember, recalled, [talk, memory], **raw, **at_once)
        for choice in row.chosen:
            choice.change(chat.narrow, row.chosen, row.summary, **raw, **at_once)
        row.clear.click(chat.widen, None, [*row.chosen, *row.summary], **at_once)
        asking = gr.on(
            [question.submit, send.click, talk.example_select],
            chat.reply,
            [question, talk, *row.chosen],
            [talk, question, memory],
            **raw,
            **quiet,
        )
        new.click(lambda: ([], "", ""), None, [talk, question, memory], cancels=[asking], **at_once)
        gr.api(chat.ask, api_name="ask")
    blocks.queue(api_open=False, max_size=MOST_WAITING, default_concurrency_limit=AT_ONCE)
    return blocks


def head() -> str:
    """What the page's head needs for our own style and script."""
    styles = (assets.address(name) for name in ("look.css", "chat.css", "filters.css", "panel.css"))
    return (
        f'<link rel="icon" type="image/svg+xml" href="{assets.address("icon.svg")}">'
        + "".join(f'<link rel="stylesheet" href="{style}">' for style in styles)
        + f'<script src="{assets.address("chat.js")}" defer></script>'
    )


def theme() -> gr.themes.Base:
    """A theme that asks no other host for its fonts.

    The colours are in ``static/look.css``; the ground is here too, for the first moment of a page.
    """
    fonts = ["system-ui", "Segoe UI", "Roboto", "sans-serif"]
    return gr.themes.Base(font=fonts, font_mono=["ui-monospace", "monospace"]).set(
        body_background_fill="#f6f7fa", body_background_fill_dark="#10141d"
    )


def _talk() -> gr.Chatbot:
    return gr.Chatbot(
        elem_id="chat",
        show_label=False,
        container=False,
        height=None,
        buttons=[],
        feedback_options=None,
        group_consecutive_messages=False,
        latex_delimiters=[],
        allow_tags=False,
    )
