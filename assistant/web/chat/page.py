"""The chat's page: its Gradio components, and the handlers they call.

Imports Gradio, which takes seconds, at the top, like ``handlers``.
"""

from __future__ import annotations

import logging
import traceback
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import gradio as gr

from assistant.language.locales import choose
from assistant.web import assets
from assistant.web.brand import Brand
from assistant.web.chat import filter_row
from assistant.web.chat.filter_row import FilterRow
from assistant.web.chat.handlers import AGAIN, Chat
from assistant.web.chat.mailboxes import Mailboxes
from assistant.web.chat.masthead import OWN
from assistant.web.chat.opening import LOOK_S, Opening
from assistant.web.chat.overview import Overview
from assistant.web.gate.rates import Rate
from assistant.web.turns.workers import AT_ONCE, MOST_WAITING

if TYPE_CHECKING:
    from assistant.web.gate.principal import Seen
    from assistant.web.turns.questions import Questions

log = logging.getLogger(__name__)

UNUSABLE = "The server could not handle this. The details are in its log."

_LOOK_S = 0.02
_SELDOM_S = 1.0

START = "chat.js"
MODULES = (
    "conversations.js", "keys.js", "look.js", "page.js", "panel.js", "pending.js", "preview.js",
    "reading.js", "tools.js", "transcript.js", "translate.js",
)  # fmt: skip
"""The page's script, and its imports, preloaded in parallel."""


@dataclass(frozen=True, slots=True)
class Parts:
    """The components of the page, in reading order; the last six are hidden.

    ``memory`` is the conversation, which the page's script keeps for a reload, ``growing`` its
    newest question and answer while that grows; ``recalled`` is what the script gives back after a
    reload, ``texts`` its texts; ``again`` asks the last question again; ``offers`` holds what can
    be asked next.
    """

    clock: gr.Timer
    masthead: gr.Markdown
    new: gr.Button
    talk: gr.Chatbot
    row: FilterRow
    question: gr.Textbox
    send: gr.Button
    stop: gr.Button
    note: gr.Markdown
    memory: gr.Textbox
    growing: gr.Textbox
    recalled: gr.Textbox
    texts: gr.Textbox
    again: gr.Button
    offers: gr.Markdown


class Page(gr.Blocks):  # type: ignore[misc]
    """Blocks that do not print the values of a failed event, which may be a reader's words."""

    async def process_api(self, *given: Any, **more: Any) -> dict[str, Any]:
        """Handle an event; log the traceback of a failure without the values."""
        try:
            handled: dict[str, Any] = await super().process_api(*given, **more)
            return handled
        except gr.Error:
            raise
        except Exception as error:
            where = "".join(traceback.format_tb(error.__traceback__))
            log.error("An event of the page failed: %s\n%s", type(error).__name__, where)
            raise gr.Error(UNUSABLE, print_exception=False) from error


def build(
    seen: Seen, questions: Questions, opening: Opening, rate: Rate, brand: Brand = OWN
) -> gr.Blocks:
    """The chat, ready to be mounted at the root of an app. ``rate`` limits each asker."""
    chat, overview = Chat(seen, questions, rate), Overview(seen, opening, brand)
    title = brand.name(choose(None))
    with Page(title=title, analytics_enabled=False, fill_width=True) as blocks:
        parts = _draw()
        _connect_questions(chat, parts)
        _connect_page(blocks, overview, parts)
        gr.api(chat.ask, api_name="ask", **_IN_ONE_QUEUE)
    # Gradio's default is 40 threads; further events would wait there, unseen by our own queue.
    blocks.max_threads = 2 * (AT_ONCE + MOST_WAITING)
    blocks.queue(api_open=False, max_size=MOST_WAITING, default_concurrency_limit=AT_ONCE)
    # Gradio polls a thousand times a second for events and a hundred for progress, of which there
    # is none here: an idle server would never sleep.
    blocks._queue.sleep_when_free = _LOOK_S
    blocks._queue.progress_update_sleep_when_free = _SELDOM_S
    blocks._queue.pending_messages_per_session = Mailboxes(blocks._queue)
    return blocks


def _draw() -> Parts:
    """Create the components, empty; ``Overview.arrive`` fills them in the reader's language."""
    clock = gr.Timer(LOOK_S, active=False)
    with gr.Row(elem_id="masthead"):
        masthead = gr.Markdown(container=False)
        new = gr.Button("", elem_id="new-chat")
    talk = _talk()
    row = filter_row.build()
    with gr.Row(elem_id="ask"):
        # No ``max_length``: browsers silently truncate a longer question.
        question = gr.Textbox(
            elem_id="question", show_label=False, container=False, max_lines=6, autofocus=True
        )
        send = gr.Button("", elem_id="send", variant="primary")
        stop = gr.Button("", elem_id="stop")
    note = gr.Markdown(elem_id="note", container=False)
    memory, growing, recalled, texts = (
        gr.Textbox(elem_id=name, visible="hidden")
        for name in ("memory", "growing", "recalled", "texts")
    )
    again = gr.Button(elem_id=AGAIN, visible="hidden")
    offers = gr.Markdown(elem_id="offers", visible="hidden")
    return Parts(
        clock, masthead, new, talk, row, question, send, stop, note,
        memory, growing, recalled, texts, again, offers,
    )  # fmt: skip


_QUIET: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
_AT_ONCE = _QUIET | {"queue": False}
# Those that wait do so in the workers' queue, where all questions do, wherever they were asked.
_IN_ONE_QUEUE = {"concurrency_limit": None}
_ASKING = _QUIET | _IN_ONE_QUEUE
# What comes back from the browser may hold anything; Gradio would build the components that a chat
# names. Unprepared, it is data that ``said`` and ``filters`` pick from.
_RAW = {"preprocess": False}


def _connect_page(blocks: gr.Blocks, overview: Overview, parts: Parts) -> None:
    """Connect the events that fill the page and the filters."""
    row = parts.row
    changing = [parts.clock, parts.masthead, parts.talk, *row.offered]
    labelled = [parts.new, parts.question, parts.send, parts.stop, parts.note, parts.texts]
    blocks.load(overview.arrive, None, [*changing, *row.summary, *labelled], **_AT_ONCE)
    parts.clock.tick(overview.progress, None, changing, **_AT_ONCE)
    for choice in row.chosen:
        choice.change(overview.narrow, row.chosen, row.summary, **_RAW, **_AT_ONCE)
    row.clear.click(overview.widen, None, [*row.chosen, *row.summary], **_AT_ONCE)


def _connect_questions(chat: Chat, parts: Parts) -> None:
    """Connect the events that ask, stop, and follow an answer."""
    talk, memory, growing = parts.talk, parts.memory, parts.growing
    narrowed, answered = [memory, *parts.row.chosen], [talk, parts.question, memory, growing]
    triggers = [parts.question.submit, parts.send.click, parts.again.click, talk.example_select]
    asking = gr.on(triggers, chat.reply, [parts.question, *narrowed], answered, **_RAW, **_ASKING)
    recall = parts.recalled.change(
        chat.remember, parts.recalled, [talk, memory], **_RAW, **_AT_ONCE
    )
    for done in (asking, recall):
        done.then(chat.suggest, narrowed, parts.offers, **_RAW, **_ASKING)
    stopping = {"cancels": [asking], **_RAW, **_AT_ONCE}
    parts.stop.click(chat.stop, [memory, growing], [talk, memory, growing], **stopping)
    parts.new.click(lambda: ([], "", "", ""), None, answered, cancels=[asking], **_AT_ONCE)


def head(brand: Brand = OWN) -> str:
    """The HTML for the page's head: our style and script."""
    preloads = (f'<link rel="modulepreload" href="{assets.address(name)}">' for name in MODULES)
    return (
        # Otherwise browsers send no origin with a POST of this page over plain http.
        '<meta name="referrer" content="same-origin">'
        f'<link rel="icon" type="image/svg+xml" href="{assets.address("icon.svg")}">'
        f'<link rel="stylesheet" href="{assets.address("chat.css")}">{"".join(preloads)}'
        f"<style>{brand.style}{_logo(brand)}</style>"
        f'<script type="module" src="{assets.address(START)}"></script>'
    )


def _logo(brand: Brand) -> str:
    """CSS that shows the picture before the name; Gradio's Markdown would not keep an image."""
    if brand.logo is None:
        return ""
    return ".masthead h1::before{border-radius:0;background:url(logo) center/contain no-repeat}"


def theme() -> gr.themes.Base:
    """A theme that loads no fonts from other hosts.

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
        autoscroll=False,  # the page's script keeps the question in view
        allow_tags=False,
    )
