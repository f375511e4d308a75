"""Which names of the host are answered to: against pages whose name leads here."""

from __future__ import annotations

import socket

import httpx
import pytest

from assistant.support.errors import SettingsError
from assistant.support.settings import Settings
from assistant.web.gate.hosts import is_known, known_hosts
from tests.support.fakes import FakeAssistant
from tests.support.raw_http import request
from tests.support.web import serving

NAMES = {"localhost", "chat.example", ".intra.example"}


@pytest.mark.parametrize(
    ("host", "known"),
    [
        ("localhost", True),
        ("LOCALHOST:7860", True),
        ("localhost.", True),
        ("127.0.0.1:7860", True),
        ("192.168.1.7", True),
        ("[::1]:7860", True),
        ("[2001:db8::7]", True),
        ("chat.example", True),
        ("Chat.Example.:443", True),
        ("a.b.intra.example", True),
        ("intra.example", False),
        ("evil-intra.example", False),
        ("chat.example.evil.example", False),
        ("evil.example", False),
        ("localhost.evil.example", False),
        ("127.0.0.1.evil.example", False),
        ("0x7f000001", False),
        ("", None),
        (":7860", None),
        ("chat.example:port", None),
        ("chat.example/evil", None),
        ("evil.example@localhost", None),
        ("localhost\x00", None),
        ("[::1", None),
        ("locαlhost", None),
    ],
)
def test_names_are_compared_whole(host: str, known: bool | None) -> None:
    assert is_known(host, NAMES) is known


def test_any_name_if_that_is_what_is_wanted() -> None:
    assert is_known("evil.example", {"*"})
    assert is_known("evil example", {"*"}) is None


def test_beyond_loopback_the_machine_answers_to_its_own_name() -> None:
    own = socket.gethostname().lower()
    assert own not in known_hosts(Settings(host="127.0.0.1"))
    assert own in known_hosts(Settings(host="0.0.0.0"))
    listed = Settings(allowed_hosts=("chat.example", ".intra.example"))
    assert known_hosts(listed) == {"localhost", "chat.example", ".intra.example"}


def test_names_are_read_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSISTANT_ALLOWED_HOSTS", "Chat.Example, .intra.example bücher.example,*")
    expected = ("chat.example", ".intra.example", "xn--bcher-kva.example", "*")
    assert Settings().allowed_hosts == expected


@pytest.mark.parametrize("host", ["https://chat.example", "chat.example:80", "a/b", "*.example"])
def test_what_is_no_name_is_an_error_that_names_it(
    monkeypatch: pytest.MonkeyPatch, host: str
) -> None:
    monkeypatch.setenv("ASSISTANT_ALLOWED_HOSTS", host)
    with pytest.raises(SettingsError, match="ASSISTANT_ALLOWED_HOSTS"):
        Settings()


def test_every_address_is_closed_to_other_names() -> None:
    with serving(FakeAssistant(), allowed_hosts=("chat.example",), public=True) as address:
        for path in ("", "articles", "config", "api/status", "mcp", "openapi.json", "widget.js"):
            named = httpx.get(f"{address}{path}", headers={"host": "chat.example"})
            assert named.status_code in (200, 405)
            for headers in ({"host": "evil.example:7860"}, {"x-forwarded-host": "evil.example"}):
                refused = httpx.get(f"{address}{path}", headers=headers)
                assert refused.status_code == 421
                assert "ASSISTANT_ALLOWED_HOSTS" in refused.text
                assert "evil" not in refused.text
                assert refused.headers["x-content-type-options"] == "nosniff"
        rebound = {"host": "evil.example", "origin": "http://evil.example"}
        assert httpx.post(f"{address}mcp", json={}, headers=rebound).status_code == 421
        assert request(address, "GET /", "Host: a b")[0] == 400
