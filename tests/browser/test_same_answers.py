"""The page and the widget show the same answers: one renderer, two ways into the browser."""

from __future__ import annotations

import json

from playwright.sync_api import BrowserContext

from assistant.answer.suggestions import golden_questions
from assistant.assistant import Assistant
from assistant.language.locales import locales
from assistant.web.chat.messages import answer_message, question_message
from assistant.web.chat.said import write
from tests.support.browser import shown_answers
from tests.support.repository import CORPUS

ENGLISH = locales()["en"]
ASKED = 50
AT_ONCE = 17
BESIDE = (
    "Hello!", "Who are you?", "How many articles are there?", "Which is the newest article?",
    "What is there about Microsoft?", "What is the capital of Peru?", "thanks",
    "Who wrote the report, and when?", "Qui a écrit cela ?", "What is new since 2024?",
)  # fmt: skip


def test_the_page_and_the_widget_show_the_same_html(
    desktop: BrowserContext, real_address: str, assistant: Assistant
) -> None:
    golden = [one.text for code in ("en", "fr") for one in golden_questions(CORPUS, code)]
    questions = [*golden, *BESIDE][-ASKED:]
    answers = [assistant.ask(one) for one in questions]
    for first in range(0, len(answers), AT_ONCE):
        part = answers[first : first + AT_ONCE]
        said = [
            message
            for one in part
            for message in (question_message(one.question), answer_message(one, ENGLISH))
        ]
        kept = json.dumps(["conversation ", write(said)])
        page = desktop.new_page()
        page.add_init_script(f"sessionStorage.setItem(...{kept})")
        page.goto(real_address)
        shown = shown_answers(page, len(part))
        page.goto(f"{real_address}embed?language=en")
        assert shown_answers(page, len(part)) == shown
        page.close()
    assert len(answers) >= ASKED
