"""Signing in and out, with keys and through a proxy, over real HTTP."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import openai
import pytest
from gradio_client import Client

from assistant.access import accounts as accounts_module
from assistant.access.accounts import User
from assistant.access.accounts_file import AccountsFile
from assistant.web.gate.attempts import PER_ADDRESS, PER_NAME, WINDOW_S, Attempts
from assistant.web.gate.login import local
from assistant.web.gate.sessions import LIFETIME_S, Sessions
from tests.support.access import KEPT, PASSWORD, Known, known
from tests.support.fakes import FakeAssistant
from tests.support.web import serving

PROXIED = {"proxy_header": "Remote-User", "proxy_groups_header": "Remote-Groups"}
QUESTION = "When did the last keeper leave?"


@pytest.fixture(scope="module")
def accounts(tmp_path_factory: pytest.TempPathFactory) -> Known:
    return known(tmp_path_factory.mktemp("access") / "users.json")


@pytest.fixture(scope="module")
def address(accounts: Known) -> Iterator[str]:
    with serving(FakeAssistant(), users=Path(accounts.file.name)) as address:
        yield address


@pytest.fixture
def web(address: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=address) as client:
        yield client


def sign_in(web: httpx.Client, name: str = "anna", password: str = PASSWORD, **more: Any) -> Any:
    form = {"name": name, "password": password, "next": more.pop("next", "/")}
    return web.post("login", data=form, **more)


def test_signing_in_leads_on_and_signing_out_ends_the_session(web: httpx.Client) -> None:
    page = web.get("login", params={"next": "/articles"})
    assert page.headers["cache-control"] == "no-store"
    assert "private" not in page.headers["cache-control"]
    response = sign_in(web, next="/articles")
    assert (response.status_code, response.headers["location"]) == (303, "/articles")
    told = response.headers["set-cookie"].lower()
    assert "httponly" in told
    assert "samesite=lax" in told
    assert f"max-age={LIFETIME_S}" in told
    assert "secure" not in told
    assert web.get("articles").status_code == 200
    assert web.get("login").headers["location"] == "/"
    kept = dict(web.cookies)
    assert web.post("logout").headers["location"] == "/login"
    assert web.get("articles").status_code == 401
    web.cookies.update(kept)
    assert web.get("articles").status_code == 401  # a copy of the cookie is worth nothing either


def test_a_name_is_the_same_however_it_is_written(web: httpx.Client) -> None:
    assert sign_in(web, " ANNA ").status_code == 303


def test_over_https_the_cookie_is_secure_and_of_this_host_alone(
    web: httpx.Client, address: str
) -> None:
    response = sign_in(web, headers={"x-forwarded-proto": "https"})
    told = response.headers["set-cookie"]
    assert told.startswith("__Host-assistant-")
    assert "Secure" in told
    assert "Path=/" in told
    assert "Domain" not in told
    kept = {"cookie": told.partition(";")[0]}
    assert httpx.get(f"{address}articles", headers=kept).status_code == 401
    over_https = {**kept, "x-forwarded-proto": "https"}
    assert httpx.get(f"{address}articles", headers=over_https).status_code == 200


def test_a_wrong_password_and_an_unknown_user_look_the_same(web: httpx.Client) -> None:
    pages = [sign_in(web, name, "wrong password") for name in ("anna", "nobody")]
    assert [page.status_code for page in pages] == [401, 401]
    assert all('role="alert"' in page.text for page in pages)
    first, second = (re.sub("anna|nobody", "", page.text) for page in pages)
    assert first == second
    assert "wrong password" not in first
    assert "set-cookie" not in pages[0].headers


def test_what_was_typed_is_shown_as_text(web: httpx.Client) -> None:
    page = sign_in(web, '"><script>1</script>', "x").text
    assert "<script>1" not in page


@pytest.mark.parametrize(
    "elsewhere",
    ["https://evil.example/", "//evil.example/", "/\\evil.example", "\\\\evil.example", "evil",
     "javascript:alert(1)", "/\t/evil.example", "/x\r\nSet-Cookie: a=b", "", "/ /evil.example"],
)  # fmt: skip
def test_nobody_is_led_to_another_site(web: httpx.Client, elsewhere: str) -> None:
    assert local(elsewhere) == "/"
    assert sign_in(web, next=elsewhere).headers["location"] == "/"


def test_an_address_of_ours_is_led_to_as_it_is(web: httpx.Client) -> None:
    wanted = "/embed?language=fr&origin=http%3A%2F%2Fwiki.example%3A80&name=corner+1"
    assert sign_in(web, next=wanted).headers["location"] == wanted


def test_the_form_of_another_page_signs_nobody_in(web: httpx.Client) -> None:
    for headers in ({"sec-fetch-site": "cross-site"}, {"origin": "http://evil.example"}):
        response = sign_in(web, headers=headers)
        assert response.status_code == 403
        assert "set-cookie" not in response.headers


@pytest.mark.parametrize(
    "body",
    [b"", b"name=anna", b"x" * 30_000, b"&".join(b"a=%d" % n for n in range(99)), b"\xff=\xfe",
     b'{"name": "anna"}'],
)  # fmt: skip
def test_a_form_that_is_none_signs_nobody_in(web: httpx.Client, body: bytes) -> None:
    kind = {"content-type": "application/x-www-form-urlencoded"}
    assert web.post("login", content=body, headers=kind).status_code in (401, 413, 429)


def test_the_page_speaks_the_reader_s_language_and_needs_nothing_else(web: httpx.Client) -> None:
    page = web.get("login", headers={"accept-language": "de"}).text
    assert '<html lang="de">' in page
    assert "Benutzername" in page
    assert "Mot de passe" in web.get("login", params={"language": "fr"}).text
    assert not re.search(r"""(src|@import|url\()\s*=?\s*["']?+(?!data:)""", page)
    assert re.findall(r'<link[^>]*href="([^"]*)"', page) == ["data:,"]


def test_a_removed_user_a_changed_password_and_a_revoked_key_end_at_once(tmp_path: Path) -> None:
    mine = known(tmp_path / "users.json")
    with serving(FakeAssistant(), users=Path(mine.file.name)) as address:
        anna, root = httpx.Client(base_url=address), httpx.Client(base_url=address)
        sign_in(anna)
        sign_in(root, "root")
        key = {"authorization": f"Bearer {mine.ask}"}
        assert [web.get("articles").status_code for web in (anna, root)] == [200, 200]
        assert httpx.get(f"{address}api/articles", headers=key).status_code == 200
        mine.file.change(lambda a: a.without_user("anna"))
        assert [web.get("articles").status_code for web in (anna, root)] == [401, 200]
        other = accounts_module.User(KEPT).password + "x"
        mine.file.change(lambda a: a.with_password("root", other))
        assert root.get("articles").status_code == 401
        mine.file.change(lambda a: a.without_key("ci"))
        assert httpx.get(f"{address}api/articles", headers=key).status_code == 401
        mine.file.change(lambda a: a.with_user("anna", User(KEPT)))
        Path(mine.file.name).unlink()
        assert sign_in(anna).status_code == 401  # nobody is left, and nothing is open
        anna.close()
        root.close()


def test_a_session_outlives_a_restart(tmp_path: Path) -> None:
    mine = known(tmp_path / "users.json")
    value = Sessions(mine.file).begin("anna")
    again = Sessions(AccountsFile(Path(mine.file.name)))
    holder = again.holder(value)
    assert holder is not None
    assert (holder.name, holder.groups) == ("anna", frozenset({"staff"}))


def test_a_session_is_over_when_its_time_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sessions, now = Sessions(known(tmp_path / "users.json").file), time.time()
    value = sessions.begin("anna")
    for moved, valid in ((LIFETIME_S - 60, True), (LIFETIME_S + 60, False), (-3600, False)):
        monkeypatch.setattr(time, "time", lambda moved=moved: now + moved)
        assert (sessions.holder(value) is not None) is valid


@pytest.mark.slow  # checks dozens of passwords
def test_too_many_attempts_have_to_wait(tmp_path: Path) -> None:
    mine = known(tmp_path / "users.json")
    with (
        serving(FakeAssistant(), users=Path(mine.file.name)) as address,
        httpx.Client(base_url=address) as web,
    ):
        found = [sign_in(web, "anna", "wrong") for _ in range(PER_NAME + 1)]
        assert [one.status_code for one in found] == [401] * PER_NAME + [429]
        assert 0 < int(found[-1].headers["retry-after"]) <= WINDOW_S
        assert sign_in(web).status_code == 429  # the right password is not even looked at
        assert sign_in(web, "root").status_code == 303


def test_attempts_are_counted_by_name_and_by_address() -> None:
    now = [0.0]
    attempts = Attempts(lambda: now[0])
    assert not any(attempts.begin("anna", f"10.0.0.{n}") for n in range(PER_NAME))
    again = WINDOW_S / PER_NAME
    assert attempts.begin("anna", "10.0.1.1") == again
    assert not attempts.begin("ben", "10.0.1.1")
    now[0] = again - 10
    assert attempts.begin("anna", "10.0.1.1") == 10
    now[0] = again
    assert not attempts.begin("anna", "10.0.1.1")
    assert attempts.begin("anna", "10.0.1.1") == again
    network = [attempts.begin(f"user {n}", "2001:db8::/64") for n in range(PER_ADDRESS + 1)]
    assert network == [0] * PER_ADDRESS + [WINDOW_S / PER_ADDRESS]
    assert not attempts.begin("other", "2001:db8:1::/64")


def test_an_attempt_that_succeeds_is_taken_back() -> None:
    attempts = Attempts(lambda: 0.0)
    for _ in range(PER_ADDRESS * 2):
        assert not attempts.begin("anna", "10.0.0.1")
        attempts.succeed("anna", "10.0.0.1")


def test_a_key_asks_through_each_interface_for_programs(address: str, accounts: Known) -> None:
    key = {"authorization": f"Bearer {accounts.ask}"}
    asked = httpx.post(f"{address}api/ask", json={"question": QUESTION}, headers=key)
    assert asked.json()["citations"]
    client = openai.OpenAI(base_url=f"{address}v1", api_key=accounts.ask, max_retries=0)
    assert [model.id for model in client.models.list()] == ["article-assistant"]
    start = {
        "jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {},
    }  # fmt: skip
    accepted = {**key, "accept": "application/json, text/event-stream"}
    listed = httpx.post(f"{address}mcp", json=start, headers=accepted, timeout=60)
    assert [tool["name"] for tool in listed.json()["result"]["tools"]] == ["search", "ask"]


def test_a_wrong_key_is_told_so_to_openai_s_client(address: str) -> None:
    client = openai.OpenAI(base_url=f"{address}v1", api_key="none", max_retries=0)
    with pytest.raises(openai.AuthenticationError) as caught:
        client.models.list()
    assert caught.value.code == "unauthorized"


def test_a_key_comes_before_a_session_even_if_it_is_wrong(web: httpx.Client) -> None:
    sign_in(web)
    assert web.get("articles", headers={"authorization": "Bearer x"}).status_code == 401


@pytest.fixture(scope="module")
def behind(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server behind a proxy on this machine that signs people in."""
    data = tmp_path_factory.mktemp("data")
    with serving(FakeAssistant(), data=data, proxy_addresses="127.0.0.1", **PROXIED) as address:
        yield address


def test_a_proxy_names_the_user(behind: str) -> None:
    signed_on = {"remote-user": "Zoë".encode(), "remote-groups": "staff, board"}
    states = _arrive(behind, signed_on)
    assert "Zoë" in states
    assert "logout" not in states
    assert httpx.get(f"{behind}articles").status_code == 401


def test_a_proxy_s_user_who_is_named_twice_is_nobody(behind: str) -> None:
    twice = [("remote-user", "anna"), ("remote-user", "root")]
    assert httpx.get(f"{behind}articles", headers=twice).status_code == 401
    for odd in ("", "x" * 300, "a\tb"):
        assert httpx.get(f"{behind}articles", headers={"remote-user": odd}).status_code == 401


def test_a_user_that_no_proxy_named_is_nobody(tmp_path: Path) -> None:
    with serving(
        FakeAssistant(), data=tmp_path, proxy_addresses="10.0.0.9,10.1.0.0/16", **PROXIED
    ) as address:
        for forged in ({}, {"x-forwarded-for": "10.0.0.9"}, {"forwarded": "for=10.0.0.9"}):
            headers = {"remote-user": "anna", **forged}
            assert httpx.get(f"{address}articles", headers=headers).status_code == 401


def test_without_users_the_page_says_that_nobody_can_sign_in_there(behind: str) -> None:
    page = httpx.get(f"{behind}login").text
    assert "<form" not in page
    assert "Nobody can sign in on this page" in page


def test_in_public_everyone_may_ask_and_whoever_signs_in_is_known(tmp_path: Path) -> None:
    mine = known(tmp_path / "users.json")
    with (
        serving(FakeAssistant(), users=Path(mine.file.name), public=True) as address,
        httpx.Client(base_url=address) as web,
    ):
        assert web.get("articles").status_code == 200
        assert web.get("metrics").status_code == 403
        assert "anna" not in _arrive(address, {})
        sign_in(web)
        assert ">anna<" in _arrive(address, {"cookie": _cookies(web)})


def test_another_user_cannot_read_along_in_a_tab(web: httpx.Client, address: str) -> None:
    """Anna's tab has a name that Root knows: he gets nothing by it, and cannot end it."""
    sign_in(web)
    with httpx.Client(base_url=address) as other:
        sign_in(other, "root")
        join = {"data": [QUESTION, [], "", "", "", ""], "session_hash": "anna-s-tab",
                "fn_index": _index(web, "ask")}  # fmt: skip
        event = web.post("gradio_api/queue/join", json=join).json()["event_id"]
        tab = {"session_hash": "anna-s-tab"}
        spied = _heard(other, tab)
        guessed = _heard(other, {}, "gradio_api/call/ask/anna-s-tab")
        cancel = {**tab, "fn_index": join["fn_index"], "event_id": "guessed"}
        other.post("gradio_api/cancel", json=cancel)
        assert "1994" not in spied + guessed
        assert '"session_not_found":true' in spied
        own = _heard(web, tab)
        assert "1994" in own
        assert event in own


def test_gradio_s_own_client_works_with_a_session(address: str) -> None:
    with httpx.Client(base_url=address) as web:
        sign_in(web)
        cookies = dict(web.cookies)
    client = Client(address, httpx_kwargs={"cookies": cookies}, verbose=False)
    found = client.predict(QUESTION, api_name="/ask")
    assert "1994" in str(found)


def _cookies(web: httpx.Client) -> str:
    return "; ".join(f"{name}={value}" for name, value in web.cookies.items())


def _index(web: httpx.Client, name: str) -> int:
    found = [d["id"] for d in web.get("config").json()["dependencies"] if d["api_name"] == name]
    return int(found[0])


def _arrive(address: str, headers: dict[str, Any]) -> str:
    """What the chat's page is filled with for the request's principal."""
    with httpx.Client(base_url=address, headers=headers) as web:
        (load,) = (
            d["id"] for d in web.get("config").json()["dependencies"]
            if any(target[1] == "load" for target in d["targets"])
        )  # fmt: skip
        tab = {"session_hash": f"tab{time.monotonic_ns()}"}
        web.post("gradio_api/queue/join", json={"data": [], "fn_index": load, **tab})
        lines = [line for line in _heard(web, tab).splitlines() if line.startswith("data: ")]
    return json.dumps([json.loads(line[6:]) for line in lines], ensure_ascii=False)


def _heard(web: httpx.Client, tab: dict[str, str], path: str = "gradio_api/queue/data") -> str:
    """What the stream of a tab says until it ends; Gradio cuts one off that it does not know."""
    said = b""
    with (
        suppress(httpx.RemoteProtocolError),
        web.stream("GET", path, params=tab) as stream,
    ):
        for part in stream.iter_bytes():
            said += part
    return said.decode()


def test_the_cookie_is_another_for_each_assistant(tmp_path: Path) -> None:
    names = {Sessions(known(tmp_path / f"{n}.json").file).cookie(secure=False) for n in range(2)}
    assert len(names) == 2
