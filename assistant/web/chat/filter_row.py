"""The row of filters above the question, as Gradio components.

Imports Gradio, which takes seconds, at the top: import this only to build the chat.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import gradio as gr

from assistant.language.locales import Locale
from assistant.models.filters import Filters
from assistant.web.chat.filters import Choices, describe

NOTHING = ("", "", "", "")
"""The values of an unfiltered row, in the order of ``FilterRow.chosen``."""


@dataclass(frozen=True, slots=True)
class FilterRow:
    """The components: an accordion with the choices, and a button that clears them."""

    fold: gr.Accordion
    language: gr.Dropdown
    source: gr.Dropdown
    after: gr.Textbox
    before: gr.Textbox
    clear: gr.Button

    @property
    def chosen(self) -> list[Any]:
        """The components whose values are the arguments of ``filters.read``."""
        return [self.language, self.after, self.before, self.source]

    @property
    def offered(self) -> list[Any]:
        """The components that ``offer`` updates."""
        return [self.fold, *self.chosen]

    @property
    def summary(self) -> list[Any]:
        """The components that ``tell`` updates."""
        return [self.fold, self.clear]


def build() -> FilterRow:
    """Add the row, without choices yet, to the blocks being built."""
    with gr.Row(elem_id="filters"):
        fold = gr.Accordion("", open=False, visible=False, elem_id="fold")
        with fold, gr.Row(elem_id="choices"):
            language = gr.Dropdown([""], value="", filterable=False, min_width=140)
            source = gr.Dropdown([""], value="", min_width=140)
            # The page's script turns these into date pickers; without it they take 2024-12-31.
            after = gr.Textbox(max_lines=1, elem_classes="day", min_width=130)
            before = gr.Textbox(max_lines=1, elem_classes="day", min_width=130)
        clear = gr.Button("", visible=False, elem_id="clear-filters", size="sm")
    return FilterRow(fold, language, source, after, before, clear)


def offer(choices: Choices, locale: Locale) -> tuple[Any, ...]:
    """Updates for ``FilterRow.offered``; filters without choices are hidden."""
    text = locale.text
    languages = [(name, code) for code, name in locale.languages(choices.languages).items()]
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
    """Updates for ``FilterRow.summary``: the choice as the row's label, and the clear button."""
    chosen = describe(filters, locale)
    label = locale.text("filters.on", filters=chosen) if chosen else locale.text("filters")
    return (
        gr.Accordion(label=label, elem_classes="on" if chosen else ""),
        gr.Button(locale.text("filters.clear"), visible=bool(chosen)),
    )
