"""What the poisoned articles do in a real browser: they are read, and nothing else happens."""

from __future__ import annotations

import json
from collections.abc import Iterator
from textwrap import shorten
from urllib.parse import urlsplit

import pytest
from markdown_it import MarkdownIt
from playwright.sync_api import Browser, Page, Request, expect, sync_playwright

from assistant.language.locales import locales
from assistant.models.answer import Answer
from assistant.models.table import BAR
from assistant.support.unseen import sound
from assistant.web.chat.messages import answer_message, link, question_message
from assistant.web.chat.overview import TOPIC
from assistant.web.chat.said import MOST_KEPT, Said, write
from tests.support.browser import FLAGS, ask, shown_answers
from tests.support.poison import HOSTILE_FOLDER, cases, sample
from tests.support.poison_answers import LINKED, MODES, TAGS, asked, cited, line, marks
from tests.support.poison_service import Mode, Poisoned
from tests.support.repository import program
from tests.support.site import Site
from tests.support.site import served as site_served
from tests.support.web import serving
from tests.support.widget import box, chat, hosting

ENGLISH = locales()["en"]
PATIENCE_MS = 60_000


class Visited:
    """A page of the assistant's, and what was asked of the network for it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.hosts: set[str | None] = set()
        page.set_default_timeout(PATIENCE_MS)
        page.on("request", self._asked)

    def unharmed(self, foreign: Site) -> None:
        """Nothing ran, nothing was asked of another host, and our own parts are there once."""
        assert self.page.evaluate("window.pwned") is None
        assert self.hosts == {"127.0.0.1"}
        assert {*foreign.paths} <= {"/favicon.ico"}  # which a visit before may still ask for
        for part in ("#panel", "#memory", "#question", ".masthead", "#chat"):
            assert self.page.locator(part).count() == 1

    def _asked(self, request: Request) -> None:
        if not request.url.startswith(("data:", "blob:")):
            self.hosts.add(urlsplit(request.url).hostname)


@pytest.fixture(scope="module")
def foreign() -> Iterator[Site]:
    """The host that the poison names."""
    with site_served() as site:
        yield site


@pytest.fixture(scope="module")
def browser(foreign: Site) -> Iterator[Browser]:
    """A browser that finds the foreign host."""
    there = urlsplit(foreign.address).netloc
    expect.set_options(timeout=PATIENCE_MS)
    flags = [*FLAGS, f"--host-resolver-rules=MAP *.example {there}"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program("chromium"), args=flags)
        yield browser
        browser.close()


@pytest.fixture
def visited(browser: Browser) -> Iterator[Visited]:
    """A page without the policy that would stop what comes through."""
    context = browser.new_context(locale="en-GB", bypass_csp=True)
    yield Visited(context.new_page())
    context.close()


def test_the_foreign_host_would_be_seen(visited: Visited, foreign: Site) -> None:
    visited.page.goto("http://evil.example/seen")
    assert foreign.paths[:1] == ["/seen"]  # a browser may ask for an icon, too
    foreign.asked.clear()


READ = """async () => {
  const address = document.querySelector("link[href$='transcript.js']").href;
  const transcript = await import(address);
  const parts = [...document.querySelectorAll("#chat .message-row *")];
  const answers = [...document.querySelectorAll("#chat .answer")];
  return {
    tags: [...new Set(parts.map((one) => one.localName))],
    links: [...document.querySelectorAll("#chat .message-row a")].map((one) => one.href),
    classes: answers.map((one) => one.className),
    texts: answers.map((one) => transcript.asText(transcript.read(one))),
    markdown: transcript.conversationAsMarkdown(),
    turns: JSON.parse(transcript.conversationAsJson()).turns,
  };
}"""


def in_parts(answers: list[Answer]) -> Iterator[list[Answer]]:
    """``answers``, as many at a time as a browser keeps of a conversation."""
    part: list[Answer] = []
    for answer in answers:
        if len(write([*conversation(part), *conversation([answer])])) > 0.9 * MOST_KEPT:
            yield part
            part = []
        part.append(answer)
    yield part


def conversation(answers: list[Answer]) -> list[Said]:
    return [
        said
        for answer in answers
        for said in (question_message(answer.question), answer_message(answer, ENGLISH))
    ]


@MODES
def test_the_browser_shows_every_answer_as_text(
    mode: Mode, visited: Visited, foreign: Site
) -> None:
    answers = [mode.assistant.ask(q) for case in cases() for q in asked(case, mode)]
    for part in in_parts(answers):
        kept = json.dumps(["conversation ", write(conversation(part))])
        visited.page.add_init_script(f"sessionStorage.setItem(...{kept})")
        visited.page.goto(mode.address)
        check_page(visited.page, part, mode.address)
        visited.unharmed(foreign)
        shown = shown_answers(visited.page, len(part))
        visited.page.goto(f"{mode.address}embed")
        assert shown_answers(visited.page, len(part)) == shown
        assert visited.page.evaluate("window.pwned") is None


def check_page(page: Page, answers: list[Answer], address: str) -> None:
    """The page shows these answers as text, and what is saved of them is text too."""
    expect(page.locator("#chat .tools")).to_have_count(len(answers))
    read = page.evaluate(READ)
    assert set(read["tags"]) <= {*TAGS, "button", "svg", "path", "h1"}
    citations = [c for one in answers for c in (*cited(one), *one.nearest, *one.related)]
    assert read["links"] == [address + link(citation) for citation in citations]
    assert set(read["classes"]) == {"answer complete"}
    for answer, text, turn in zip(answers, read["texts"], read["turns"], strict=True):
        shown = turn["answer"]
        given = [s.text for s in answer.sentences] + [c.quote for c in answer.nearest]
        # Between the cells of a row the page has a bar, or the border of a table.
        read_off = [line(one["text"].replace(BAR, " ")) for one in shown["sentences"]]
        assert read_off == [line(sound(t).replace(BAR, " ")) for t in given]
        assert [one["supported"] for one in shown["sentences"]][: len(answer.sentences)] == [
            sentence.supported for sentence in answer.sentences
        ]
        marked = [f"[{n}]" for one in shown["sentences"] for n in one["citations"]]
        listed = [f"[{one['number']}]" for one in shown["citations"]]
        assert marks(text.replace(shown["lead"], "", 1)) == marked + listed
    check_transcript(read["markdown"], address)


def check_transcript(markdown: str, address: str) -> None:
    """A conversation saved as Markdown leads to our articles alone."""
    blocks = MarkdownIt("commonmark", {"html": True}).enable(["table"]).parse(markdown)
    parts = [part for block in blocks for part in block.children or ()]
    kinds = {block.type for block in blocks} | {part.type for part in parts}
    assert not kinds & {
        "html_block", "html_inline", "image", "fence", "code_block", "hr", "table_open",
        "bullet_list_open", "em_open", "hardbreak",
    }  # fmt: skip
    for part in parts:
        if part.type == "link_open":
            assert str(part.attrs["href"]).startswith(f"{address}articles/")
        elif part.type.startswith("text"):
            assert not LINKED.search(part.content)


def test_asked_and_opened_in_the_browser_it_is_text(
    poisoned: Poisoned, visited: Visited, foreign: Site
) -> None:
    page = visited.page
    poisoned.quotes.assistant.ask(sample()[0].bait)  # opens the library, as a sync would
    page.goto(poisoned.quotes.address)
    offered = poisoned.quotes.assistant.examples("en")
    assert any("onerror" in one.question for one in offered)
    topics = [shorten(one.topic, TOPIC, placeholder="…") for one in offered]
    shown = [
        f"{line(topic)} {line(one.question)}" for topic, one in zip(topics, offered, strict=True)
    ]
    expect(page.locator("#chat .example")).to_have_text(shown)
    page.get_by_role("button", name="Filters").click()
    page.get_by_label("Folder").click()
    expect(page.get_by_role("option", name=HOSTILE_FOLDER)).to_be_visible()
    page.keyboard.press("Escape")
    for case in sample()[::3]:
        answer = ask(page, case.bait)
        expected = poisoned.quotes.assistant.ask(case.bait).citations[0]
        expect(answer.locator("blockquote").first).to_contain_text(line(expected.quote)[:200])
        answer.locator("a.cite").first.click()
        expect(page.locator("#panel mark").first).to_be_visible()
        quoted = "".join(page.locator("#panel mark").all_text_contents())
        assert "".join(quoted.split()) == "".join(expected.quote.split())
        assert page.locator("#panel :is(img, script, iframe, svg, form, style)").count() == 0
        page.keyboard.press("Escape")
        answer.locator("a.cite").first.hover()
        expect(page.get_by_role("tooltip").locator("mark").first).to_be_visible()
        assert page.get_by_role("tooltip").locator("a, img, script").count() == 0
        page.mouse.move(2, 2)
    visited.unharmed(foreign)


def test_in_the_widget_it_is_text_and_stays_there(
    poisoned: Poisoned, visited: Visited, foreign: Site
) -> None:
    page = visited.page
    case = next(case for case in cases() if case.id == "en-script")
    with hosting() as host, serving(poisoned.model.assistant, (host.neighbour,)) as address:
        host.assistant = address
        host.add("/", "", host.script(data_open="1"))
        page.goto(f"{host.neighbour}/")
        typed = box(page)
        typed.fill(case.ask)
        typed.press("Enter")
        answer = chat(page).locator(".answer.complete")
        expect(answer.locator("blockquote.unsupported")).to_contain_text("<svg onload=")
        assert answer.locator("img, svg, script").count() == 0
        assert page.evaluate("window.pwned") is None
        assert chat(page).locator("body").evaluate("window.pwned") is None
    assert visited.hosts == {"127.0.0.1"}
    assert {*foreign.paths} <= {"/favicon.ico"}  # which a visit before may still ask for
