"""The row above the question that narrows down which articles are asked, as Gradio components.

Imports Gradio at the top, so it is imported when the chat is built, like ``chat``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import gradio as gr

from assistant.language.locales import Locale
from assistant.models.filters import Filters
from assistant.web.chat.filters import Choices, describe

NOTHING = ("", "", "", "")
"""What the choices hold when nothing is chosen, in the order of ``FilterRow.chosen``."""


@dataclass(frozen=True, slots=True)
class FilterRow:
    """The components: a fold that holds the choices, and a button that undoes them."""

    fold: gr.Accordion
    language: gr.Dropdown
    source: gr.Dropdown
    after: gr.Textbox
    before: gr.Textbox
    clear: gr.Button

    @property
    def chosen(self) -> list[Any]:
        """The components that hold a choice, as ``filters.read`` takes their values."""
        return [self.language, self.after, self.before, self.source]

    @property
    def offered(self) -> list[Any]:
        """The components that ``offer`` fills."""
        return [self.fold, *self.chosen]

    @property
    def summary(self) -> list[Any]:
        """The components that tell what is chosen, as ``tell`` gives them."""
        return [self.fold, self.clear]


def build() -> FilterRow:
    """The row, with nothing to choose yet, in the blocks that are being built."""
    with gr.Row(elem_id="filters"):
        fold = gr.Accordion("", open=False, visible=False, elem_id="fold")
        with fold, gr.Row(elem_id="choices"):
            language = gr.Dropdown([""], value="", filterable=False, min_width=140)
            source = gr.Dropdown([""], value="", min_width=140)
            # The page's script makes these calendars; without it they take 2024-12-31.
            after = gr.Textbox(max_lines=1, elem_classes="day", min_width=130)
            before = gr.Textbox(max_lines=1, elem_classes="day", min_width=130)
        clear = gr.Button("", visible=False, elem_id="clear-filters", size="sm")
    return FilterRow(fold, language, source, after, before, clear)


def offer(choices: Choices, locale: Locale) -> tuple[Any, ...]:
    """What ``FilterRow.offered`` shows; a part that would leave nothing out is not shown."""
    text = locale.text
    languages = sorted((locale.language(code), code) for code in choices.languages)
    folders = [(folder, folder) for folder in choices.folders]
    return (
        gr.Accordion(visible=bool(choices)),
        gr.Dropdown(
            [(text("filters.every.language"), ""), *languages],
            label=text("filters.language"),
            visible=bool(choices.languages),
        ),
        gr.Textbox(label=text("filters.after"), visible=choices.dated),
        gr.Textbox(label=text("filters.before"), visible=choices.dated),
        gr.Dropdown(
            [(text("filters.every.source"), ""), *folders],
            label=text("filters.source"),
            visible=bool(choices.folders),
        ),
    )


def tell(filters: Filters, locale: Locale) -> tuple[gr.Accordion, gr.Button]:
    """The summary: what is chosen, in place of the row's name, and the button to undo it."""
    chosen = describe(filters, locale)
    label = locale.text("filters.on", filters=chosen) if chosen else locale.text("filters")
    return (
        gr.Accordion(label=label, elem_classes="on" if chosen else ""),
        gr.Button(locale.text("filters.clear"), visible=bool(chosen)),
    )
