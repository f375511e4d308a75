"""Original files, pages of PDFs, and articles that changed since they were cited, over HTTP."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from assistant.assistant import Assistant
from assistant.ingest.web import FOLDER
from assistant.ingest.web.source_list import SourceKind
from assistant.ingest.web.store import Record, Store
from assistant.models.corpus_files import ACCESS_FILE, SOURCES_FILE
from tests.support.access import SIGN_ON, signed_on
from tests.support.documents import lines, pdf, simple_pdf
from tests.support.tiny import tiny_assistant
from tests.support.web import serving

PLAN = "The merger plan names the harbour of Kermorvan. The new office opens in May."
FETCHED = "https://harbour.example/tide"
TIDE = "The tide turns at noon in the outer basin, and the lock opens an hour later."
HURTFUL = "<p>The tea kitchen is cleaned on Monday.</p><script>pwned = 1</script>"
STAFF, BOARD = signed_on(["staff"]), signed_on(["board"])


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Assistant]:
    corpus = tmp_path_factory.mktemp("originals") / "corpus"
    for folder in ("hr", "open"):
        (corpus / folder).mkdir(parents=True)
    (corpus / ACCESS_FILE).write_text("folders:\n  hr: [board]\n")
    (corpus / "hr" / "plan.txt").write_text(PLAN)
    (corpus / "open" / "tea.html").write_text(HURTFUL)
    (corpus / "open" / "bridge.pdf").write_bytes(simple_pdf())
    (corpus / SOURCES_FILE).write_text(f"pages: [{FETCHED}]\n")
    store = Store(corpus.parent / "data" / FOLDER)
    kept = store.keep(FETCHED, pdf(lambda canvas: lines(canvas, ["# Tide", TIDE])), ".pdf")
    now = "2026-01-01T00:00:00Z"
    store.put(Record(SourceKind.PAGE, FETCHED, FETCHED, fetched=now, status=200, file=kept))
    assistant = tiny_assistant(corpus, corpus.parent / "data")
    assistant.sync()
    yield assistant
    assistant.close()


@pytest.fixture(scope="module")
def client(made: Assistant) -> Iterator[httpx.Client]:
    with serving(made, **SIGN_ON) as address, httpx.Client(base_url=address) as client:
        yield client


def article(made: Assistant, source: str) -> str:
    (found,) = (one.id for one in made.articles() if one.source == source)
    return found


def test_an_original_is_saved_and_never_run(made: Assistant, client: httpx.Client) -> None:
    one = article(made, "open/tea.html")
    given = client.get(f"articles/{one}/file", headers=STAFF)
    assert given.content == HURTFUL.encode()
    assert given.headers["content-type"] == "application/octet-stream"
    assert given.headers["content-disposition"] == 'attachment; filename="tea.html"'
    assert given.headers["x-content-type-options"] == "nosniff"
    policy = given.headers["content-security-policy"]
    assert "script-src 'none'; sandbox;" in policy
    assert given.headers["cache-control"] == "private, no-cache"
    assert f'href="/articles/{one}/file"' in client.get(f"articles/{one}", headers=STAFF).text


def test_a_page_shows_the_cited_words(made: Assistant, client: httpx.Client) -> None:
    one = made.article(article(made, "open/bridge.pdf"))
    start = one.text.index("The council")
    cited = f"start={start}&end={len(one.text)}"
    whole = client.get(f"articles/{one.id}?{cited}", headers=STAFF).text
    assert f'href="/articles/{one.id}/pages/1?start={start}&amp;end={len(one.text)}#quote"' in whole
    page = client.get(f"articles/{one.id}/pages/1?{cited}", headers=STAFF)
    assert page.status_code == 200
    assert page.text.count('class="box"') == 1
    assert "data:image/webp;base64," in page.text
    assert "not found on this page" not in page.text
    assert client.get(f"articles/{one.id}/pages/2?{cited}", headers=STAFF).status_code == 404


def test_a_page_of_a_fetched_pdf_shows_the_cited_words(
    made: Assistant, client: httpx.Client
) -> None:
    one = made.article(article(made, FETCHED))
    cited = f"start={one.text.index('The tide')}&end={len(one.text)}"
    whole = client.get(f"articles/{one.id}?{cited}", headers=STAFF).text
    assert f'href="/articles/{one.id}/pages/1' in whole
    assert f'href="/articles/{one.id}/file"' not in whole  # its address is there instead
    assert f'href="{FETCHED}"' in whole
    page = client.get(f"articles/{one.id}/pages/1?{cited}", headers=STAFF)
    assert page.status_code == 200
    assert 'class="box"' in page.text
    assert "not found on this page" not in page.text


def test_words_that_are_not_on_the_page_are_told(made: Assistant, client: httpx.Client) -> None:
    one = made.article(article(made, "open/bridge.pdf"))
    file = made.original(one)
    assert file is not None
    before = file.read_bytes()
    file.write_bytes(pdf(lambda canvas: lines(canvas, ["Something else entirely."])))
    try:
        page = client.get(f"articles/{one.id}/pages/1?start=0&end=20", headers=STAFF)
        assert "not found on this page" in page.text
        assert 'class="box"' not in page.text
        file.write_bytes(b"%PDF-1.7 damaged")
        page = client.get(f"articles/{one.id}/pages/1?start=0&end=20", headers=STAFF)
        assert (page.status_code, "cannot be shown" in page.text) == (404, True)
    finally:
        file.write_bytes(before)


@pytest.mark.parametrize("path", ["file", "pages/1", ""])
def test_what_one_may_not_see_is_not_there(
    made: Assistant, client: httpx.Client, path: str
) -> None:
    one = article(made, "hr/plan.txt")
    address = f"articles/{one}/{path}".rstrip("/")
    assert client.get(address, headers=STAFF).status_code == 404
    unknown = client.get(address.replace(one, "0" * 16), headers=STAFF)
    assert client.get(address, headers=STAFF).text == unknown.text
    if path != "pages/1":
        assert client.get(address, headers=BOARD).status_code == 200


def test_a_changed_article_says_what_became_of_a_citation(
    made: Assistant, client: httpx.Client
) -> None:
    folder = made.settings.corpus / "hr"
    one = article(made, "hr/plan.txt")
    start = PLAN.index("The new office")
    (folder / "plan.txt").write_text("A plan.\n\n" + PLAN.replace("in May", "in June"))
    made.sync()
    try:
        for kind in ("articles", "citations"):
            moved = client.get(f"{kind}/{one}?start=0&end={start - 1}", headers=BOARD)
            assert moved.status_code == 200
            marked = '<mark id="quote">The merger plan names the harbour of Kermorvan.</mark>'
            assert marked in moved.text
            assert "still the same" in moved.text
            changed = client.get(f"{kind}/{one}?start={start}&end={len(PLAN)}", headers=BOARD).text
            assert "These words were changed on" in changed
            assert "<del>May</del>" in changed
            assert "<ins>June</ins>" in changed
            assert "The new office opens in June.</mark>" in changed
            assert client.get(f"{kind}/{one}?start=0&end=5", headers=STAFF).status_code == 404
        (folder / "plan.txt").unlink()
        made.sync()
        assert client.get(f"articles/{one}?start=0&end=5", headers=BOARD).status_code == 404
    finally:
        (folder / "plan.txt").write_text(PLAN)
        made.sync()
