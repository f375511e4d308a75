"""Articles put in, removed, restored and changed through HTTP, by those who may."""

from __future__ import annotations

import html
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from assistant.access.accounts import User, new_key
from assistant.access.accounts_file import AccountsFile
from assistant.assistant import Assistant
from assistant.models.corpus_files import ACCESS_FILE, BIN, DETAILS_FILE
from tests.support.access import KEPT, PASSWORD, SIGN_ON, signed_on
from tests.support.tiny import tiny_assistant
from tests.support.web import serving

PATIENCE_S = 30
TEA = "The tea kitchen of the office is cleaned on Monday and on Thursday by everyone."
PLAN = "The merger plan names the harbour of Kermorvan as the place of the new office."
MILL = b"The old mill by the river was built in 1784 and still grinds wheat every autumn."


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    folder = tmp_path / "corpus"
    for place, name, text in (("hr", "plan", PLAN), ("open", "tea", TEA)):
        (folder / place).mkdir(parents=True)
        (folder / place / f"{name}.txt").write_text(text, "utf-8")
    return folder


@pytest.fixture
def made(corpus: Path) -> Iterator[Assistant]:
    assistant = tiny_assistant(corpus, corpus.parent / "data")
    assistant.sync()
    assistant.start_sync()
    yield assistant
    assistant.close()


@pytest.fixture
def web(made: Assistant) -> Iterator[httpx.Client]:
    """The owner's client."""
    with serving(made) as address, httpx.Client(base_url=address, timeout=PATIENCE_S) as client:
        yield client


@pytest.fixture
def limited(made: Assistant, corpus: Path, tmp_path: Path) -> Iterator[httpx.Client]:
    """A client over an assistant with users and keys, whose folder hr is for the board alone."""
    (corpus / ACCESS_FILE).write_text("folders:\n  hr: [board]\n", "utf-8")
    made.sync()
    accounts = AccountsFile(tmp_path / "users.json")
    for name, scope in (("reader", "ask"), ("editor", "edit")):
        text, key = new_key(scope, ("staff",), "2026-11-30")
        (tmp_path / name).write_text(text)
        accounts.change(lambda a, name=name, key=key: a.with_key(name, key))
    accounts.change(lambda a: a.with_user("anna", User(KEPT, ("staff",), may_edit=True)))
    accounts.change(lambda a: a.with_user("ben", User(KEPT, ("staff", "board"))))
    with (
        serving(made, users=Path(accounts.name)) as address,
        httpx.Client(base_url=address, timeout=PATIENCE_S) as client,
    ):
        yield client


def holding(tmp_path: Path, name: str) -> dict[str, str]:
    return {"authorization": f"Bearer {(tmp_path / name).read_text()}"}


def put(client: httpx.Client, name: str, data: bytes, **more: Any) -> httpx.Response:
    headers = more.pop("headers", None)
    return client.post("api/articles", files={"files": (name, data)}, data=more, headers=headers)


def read(client: httpx.Client, source: str, headers: Any = None) -> dict[str, Any]:
    """What became of a file, once it was read or failed."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        told = client.get("api/files", params={"source": source}, headers=headers).json()
        if told["state"] != "waiting":
            return told
        assert time.monotonic() < deadline, told
        time.sleep(0.05)


def sources(client: httpx.Client) -> list[str]:
    return [one["source"] for one in client.get("api/articles").json()["articles"]]


def gone(client: httpx.Client, source: str) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while source in sources(client):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def settled(client: httpx.Client) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while client.get("api/status").json()["syncing"]:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_file_is_put_in_read_removed_and_restored(web: httpx.Client, corpus: Path) -> None:
    response = put(web, "../the old mill.txt", MILL, folder="open/places")
    source = "open/places/the old mill.txt"
    assert response.status_code == 201
    assert response.json() == {
        "added": [{"given": "../the old mill.txt", "source": source}], "refused": []
    }  # fmt: skip
    told = read(web, source)
    assert (told["state"], told["error"]) == ("read", None)
    assert told["article"]["title"] == "The old mill"
    removed = web.delete(f"api/articles/{told['article']['id']}").json()["removed"]
    assert [one["source"] for one in removed] == [source]
    assert not (corpus / source).exists()
    gone(web, source)
    assert web.get("api/bin").json()["removed"] == removed
    assert web.post(f"api/bin/{removed[0]['id']}").json()["source"] == source
    assert read(web, source)["article"]["id"] == told["article"]["id"]
    assert web.get("api/bin").json() == {"removed": []}
    assert (corpus / source).read_bytes() == MILL


def test_a_sync_can_be_paused_and_goes_on(web: httpx.Client) -> None:
    settled(web)
    assert web.get("api/status").json()["progress"] is None
    assert web.post("api/sync", json={"paused": True}).json() == {"paused": True}
    put(web, "mill.txt", MILL)
    deadline = time.monotonic() + PATIENCE_S
    while not (progress := web.get("api/status").json()["progress"]):
        assert time.monotonic() < deadline
    assert (progress["stage"], progress["done"], progress["total"]) == ("reading", 2, 3)
    assert (progress["paused"], progress["seconds_left"]) == (True, None)
    page = web.get("articles").text
    assert 'data-act="resume"' in page
    assert "Reading: 2 of 3 files · paused" in page
    assert web.get("api/files", params={"source": "mill.txt"}).json()["state"] == "waiting"
    web.post("api/sync", json={"paused": False})
    assert read(web, "mill.txt")["state"] == "read"
    settled(web)


def test_nothing_is_overwritten_unasked_and_what_is_replaced_can_be_had_back(
    web: httpx.Client, corpus: Path
) -> None:
    refused = put(web, "tea.txt", MILL, folder="open")
    assert refused.status_code == 409
    assert refused.json()["error"]["code"] == "exists"
    assert "there already" in refused.json()["error"]["message"]
    assert (corpus / "open" / "tea.txt").read_text() == TEA
    assert put(web, "tea.txt", MILL, folder="open", replace="true").status_code == 201
    assert (corpus / "open" / "tea.txt").read_bytes() == MILL
    assert read(web, "open/tea.txt")["state"] == "read"
    (old,) = web.get("api/bin").json()["removed"]
    assert web.post(f"api/bin/{old['id']}").status_code == 409
    web.delete("api/files", params={"source": "open/tea.txt"})
    assert web.post(f"api/bin/{old['id']}").status_code == 200
    assert (corpus / "open" / "tea.txt").read_text() == TEA


@pytest.mark.parametrize(
    ("name", "data", "more", "status", "code"),
    [
        ("run.exe", b"MZ\x00\x01" * 9, {}, 415, "unsupported"),
        ("access.yaml", b"folders: {}", {}, 422, "invalid"),
        (".hidden.txt/", b"x", {}, 422, "invalid"),
        ("a.txt", b" ", {}, 422, "invalid"),
        ("a.txt", b"words", {"folder": "../outside"}, 422, "invalid"),
        ("a.txt", b"words", {"folder": BIN}, 422, "invalid"),
        ("big.txt", b"x" * 20_500_000, {}, 413, "too_large"),
        ("huge.txt", b"x" * 22_000_000, {}, 413, "request_too_large"),
    ],
)
def test_what_would_not_be_read_is_refused(
    web: httpx.Client, corpus: Path, name: str, data: bytes, more: Any, status: int, code: str
) -> None:
    before = sorted(corpus.rglob("*"))
    response = put(web, name, data, **more)
    assert (response.status_code, response.json()["error"]["code"]) == (status, code)
    assert sorted(corpus.rglob("*")) == before


def test_several_are_put_in_and_each_tells_what_became_of_it(web: httpx.Client) -> None:
    files = [("files", ("mill.txt", MILL)), ("files", ("run.exe", b"MZ\x00\x01" * 9))]
    response = web.post("api/articles", files=files, data={"addresses": ["ftp://x.example"]})
    assert response.status_code == 201
    assert [one["source"] for one in response.json()["added"]] == ["mill.txt"]
    assert [one["given"] for one in response.json()["refused"]] == ["run.exe", "ftp://x.example"]
    assert web.post("api/articles").status_code == 422


def test_a_broken_file_fails_by_itself_and_can_be_removed(web: httpx.Client) -> None:
    put(web, "report.pdf", b"%PDF-1.7 but nothing of it follows")
    told = read(web, "report.pdf")
    assert told["state"] == "failed"
    assert "report.pdf" in told["error"]
    assert web.delete("api/files", params={"source": "report.pdf"}).status_code == 200
    assert web.get("api/files", params={"source": "report.pdf"}).status_code == 404


def test_the_last_article_can_be_removed(web: httpx.Client) -> None:
    for source in sources(web):
        assert web.delete("api/files", params={"source": source}).status_code == 200
    for source in ("hr/plan.txt", "open/tea.txt"):
        gone(web, source)
    assert web.get("api/status").json()["error"] is None


def test_details_stay_when_the_file_is_read_again(
    web: httpx.Client, made: Assistant, corpus: Path, tmp_path: Path
) -> None:
    (article,) = (a for a in made.articles() if a.source == "open/tea.txt")
    changed = {"title": "Who cleans the kitchen", "published": "2024-02-29", "language": "en"}
    response = web.patch(f"api/articles/{article.id}", json=changed)
    assert response.json() == {"sources": ["open/tea.txt"]}
    told = read(web, "open/tea.txt")["article"]
    assert {name: told[name] for name in changed} == changed
    (corpus / "open" / "tea.txt").write_text(f"{TEA} {PLAN}", "utf-8")
    made.sync()
    anew = tiny_assistant(corpus, tmp_path / "elsewhere")
    anew.sync()
    for one in (made, anew):
        (kept,) = (a for a in one.articles() if a.source == "open/tea.txt")
        assert (kept.title, str(kept.published)) == (changed["title"], changed["published"])
    anew.close()
    undated = {"published": "none", "title": None}
    web.patch(f"api/articles/{kept.id}", json=undated)
    told = read(web, "open/tea.txt")["article"]
    assert (told["published"], told["title"]) == (None, "Tea")


@pytest.mark.parametrize(
    "given",
    [
        {"published": "2024-02-30"},
        {"published": 20240101},
        {"language": "tongue"},
        {"language": "xx"},
        {"title": " "},
        {"title": "x" * 400},
        {"text": "other"},
    ],
)
def test_wrong_details_are_refused(web: httpx.Client, made: Assistant, given: Any) -> None:
    article = made.articles()[0]
    assert web.patch(f"api/articles/{article.id}", json=given).status_code == 422
    assert not (made.settings.corpus / DETAILS_FILE).exists()


def test_a_removed_article_takes_its_details_along(
    web: httpx.Client, made: Assistant, corpus: Path
) -> None:
    article = next(a for a in made.articles() if a.source == "open/tea.txt")
    web.patch(f"api/articles/{article.id}", json={"title": "Tea for all"})
    read(web, "open/tea.txt")
    web.delete("api/files", params={"source": "open/tea.txt"})
    put(web, "tea.txt", MILL, folder="open")
    assert read(web, "open/tea.txt")["article"]["title"] == "Tea"
    web.delete("api/files", params={"source": "open/tea.txt"})
    old = web.get("api/bin").json()["removed"][-1]
    web.post(f"api/bin/{old['id']}")
    assert read(web, "open/tea.txt")["article"]["title"] == "Tea for all"


def test_what_is_deleted_for_good_is_gone(web: httpx.Client, corpus: Path) -> None:
    (removed,) = web.delete("api/files", params={"source": "open/tea.txt"}).json()["removed"]
    assert web.delete(f"api/bin/{removed['id']}").status_code == 200
    assert list((corpus / BIN).iterdir()) == []
    assert web.post(f"api/bin/{removed['id']}").status_code == 404


@pytest.mark.parametrize("id_", ["0" * 16, "..", "%2e%2e", "x"])
def test_nothing_but_the_bin_can_be_restored(web: httpx.Client, id_: str) -> None:
    assert web.post(f"api/bin/{id_}").status_code == 404
    assert web.delete(f"api/bin/{id_}").status_code in (404, 405)


@pytest.mark.parametrize(
    "source", ["../secret.txt", "/etc/passwd", ".removed/x", "access.yaml", ""]
)
def test_nothing_outside_of_the_articles_can_be_removed(
    web: httpx.Client, corpus: Path, source: str
) -> None:
    (corpus.parent / "secret.txt").write_text("secret")
    (corpus / ACCESS_FILE).write_text("folders: {}\n")
    assert web.delete("api/files", params={"source": source}).status_code == 404
    assert (corpus.parent / "secret.txt").exists()


def test_only_who_has_the_right_changes_anything(
    limited: httpx.Client, made: Assistant, tmp_path: Path
) -> None:
    reader = holding(tmp_path, "reader")
    article = next(a for a in made.articles() if a.source == "open/tea.txt")
    requests = [
        put(limited, "mill.txt", MILL, headers=reader),
        limited.delete(f"api/articles/{article.id}", headers=reader),
        limited.patch(f"api/articles/{article.id}", json={"title": "x"}, headers=reader),
        limited.delete("api/files", params={"source": "open/tea.txt"}, headers=reader),
        limited.get("api/files", params={"source": "open/tea.txt"}, headers=reader),
        limited.get("api/bin", headers=reader),
        limited.post("api/bin/0123456789abcdef", headers=reader),
        limited.post("api/sync", json={"paused": True}, headers=reader),
    ]
    assert [one.status_code for one in requests] == [403] * len(requests)
    assert put(limited, "mill.txt", MILL).status_code == 401
    assert (made.settings.corpus / "open" / "tea.txt").exists()


def test_an_editor_changes_only_what_they_may_see(
    limited: httpx.Client, made: Assistant, corpus: Path, tmp_path: Path
) -> None:
    editor = holding(tmp_path, "editor")
    plan = next(a for a in made.articles() if a.source == "hr/plan.txt")
    assert put(limited, "mill.txt", MILL, folder="open", headers=editor).status_code == 201
    assert read(limited, "open/mill.txt", editor)["state"] == "read"
    assert put(limited, "mill.txt", MILL, folder="hr", headers=editor).status_code == 404
    assert put(limited, "mill.txt", MILL, folder="newhr", headers=editor).status_code == 404
    assert limited.delete(f"api/articles/{plan.id}", headers=editor).status_code == 404
    told = limited.delete("api/files", params={"source": "hr/plan.txt"}, headers=editor)
    assert told.status_code == 404
    assert limited.get("api/files", params={"source": "hr/plan.txt"}, headers=editor).is_error
    (removed,) = made.editor.remove(["hr/plan.txt"])
    assert limited.get("api/bin", headers=editor).json() == {"removed": []}
    assert limited.post(f"api/bin/{removed.id}", headers=editor).status_code == 404
    assert not (corpus / "newhr").exists()


def test_a_user_with_the_right_edits_and_pages_of_other_sites_do_not(
    limited: httpx.Client, corpus: Path
) -> None:
    form = {"name": "anna", "password": PASSWORD}
    assert limited.post("login", data=form).status_code == 303
    foreign = {"origin": "https://evil.example"}
    assert put(limited, "a.txt", MILL, folder="open", headers=foreign).status_code == 403
    assert put(limited, "b.txt", MILL, folder="open").status_code == 201
    assert {path.name for path in (corpus / "open").iterdir()} == {"b.txt", "tea.txt"}


def test_pages_of_other_sites_cannot_use_the_owner_s_browser(
    web: httpx.Client, corpus: Path
) -> None:
    for headers in ({"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}):
        assert put(web, "a.txt", MILL, headers=headers).status_code == 403
    assert not (corpus / "a.txt").exists()


def test_members_of_the_editors_group_of_a_proxy_edit(made: Assistant) -> None:
    given = {**SIGN_ON, "proxy_editors": ("writers",)}
    with serving(made, **given) as address, httpx.Client(base_url=address) as client:
        staff, writers = signed_on({"staff"}), signed_on({"staff", "writers"})
        assert put(client, "a.txt", MILL, headers=staff).status_code == 403
        assert put(client, "a.txt", MILL, headers=writers).status_code == 201


def test_one_setting_turns_it_off(made: Assistant) -> None:
    with serving(made, editing=False) as address, httpx.Client(base_url=address) as client:
        assert put(client, "a.txt", MILL).status_code == 403
        assert client.get("api/bin").status_code == 403
        assert client.get("api/articles").status_code == 200
        assert "data-edits" not in client.get("articles").text


def test_words_of_a_poisoned_file_stay_text(web: httpx.Client) -> None:
    attack = b"<script>window.pwned=1</script><img src=x onerror=alert(1)> The mill is old."
    source = put(web, "<img src=x onerror=alert(1)>.txt", attack).json()["added"][0]["source"]
    assert "<" not in source
    assert read(web, source)["state"] == "read"
    page = web.get("articles").text
    assert "<img src=x" not in page
    article = read(web, source)["article"]["id"]
    shown = web.get(f"articles/{article}").text
    assert "<script>window" not in shown
    assert "&lt;script&gt;" in shown


def test_who_may_edit_is_told_that_the_chat_model_does_not_answer(
    web: httpx.Client, made: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = "The chat model’s server http://127.0.0.1:9 cannot be reached."
    assert "chat model" not in web.get("articles").text
    monkeypatch.setattr(made._asking, "trouble", told)
    assert html.escape(told, quote=False) in web.get("articles").text
