"""The file of users and keys, and who may ask by it."""

from __future__ import annotations

import json
import os
import stat
import threading
from pathlib import Path
from typing import Any

import pytest

from assistant.access import passwords
from assistant.access.accounts import Accounts, Key, User, clean_groups, clean_name, new_key
from assistant.access.accounts_file import AccountsFile
from assistant.access.policy import Policy, choose
from assistant.store.storage import accounts_of
from assistant.support.errors import AccessError, SettingsError
from assistant.support.settings import Settings
from assistant.web.app import serve
from tests.support.access import KEPT, PASSWORD
from tests.support.fakes import FakeAssistant

PROXY = {"proxy_header": "Remote-User", "proxy_addresses": "10.0.0.9"}


@pytest.fixture
def file(tmp_path: Path) -> AccountsFile:
    return AccountsFile(tmp_path / "kept" / "users.json")


def test_what_is_written_is_read(file: AccountsFile) -> None:
    user = User(KEPT, ("board", "staff"), is_admin=True, created="2026-11-23")
    _, key = new_key("admin", ("staff",), "2026-11-23")
    file.change(lambda a: a.with_user("anna", user).with_key("ci", key))
    again = AccountsFile(Path(file.name)).read()
    assert again.users == {"anna": user}
    assert again.keys == {"ci": key}
    assert len(again.secret) == 64
    file.change(lambda a: a.without_key("ci"))
    assert file.read().secret == again.secret


def test_nobody_else_can_read_it_and_it_holds_no_password_and_no_key(file: AccountsFile) -> None:
    text, key = new_key("ask", (), "")
    file.change(lambda a: a.with_user("anna", User(KEPT)).with_key("ci", key))
    assert stat.S_IMODE(Path(file.name).stat().st_mode) == 0o600
    kept = Path(file.name).read_text()
    assert PASSWORD not in kept
    assert text not in kept
    assert "$argon2id$" in kept


def test_it_stays_readable_for_the_group_that_may_but_never_for_all(file: AccountsFile) -> None:
    file.change(lambda a: a.with_user("anna", User(KEPT)))
    for before, after in ((0o640, 0o640), (0o666, 0o640), (0o600, 0o600)):
        Path(file.name).chmod(before)
        file.change(lambda a: a.with_password("anna", KEPT))
        assert stat.S_IMODE(Path(file.name).stat().st_mode) == after


def test_two_writers_lose_nothing(file: AccountsFile) -> None:
    def add(start: int) -> None:
        own = AccountsFile(Path(file.name))
        for number in range(start, start + 10):
            own.change(lambda a, n=number: a.with_user(f"user{n}", User(KEPT)))  # type: ignore[misc]

    threads = [threading.Thread(target=add, args=(start,)) for start in (0, 10, 20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(file.read().users) == 30


def test_a_change_that_fails_leaves_the_file_as_it_was(file: AccountsFile) -> None:
    file.change(lambda a: a.with_user("anna", User(KEPT)))
    before = Path(file.name).read_bytes()
    for edit in (
        lambda a: a.with_user("anna", User("")),
        lambda a: a.without_user("ben"),
        lambda a: a.with_password("ben", ""),
        lambda a: a.without_key("ci"),
    ):
        with pytest.raises(AccessError, match=r"anna|ben|ci"):
            file.change(edit)
    assert Path(file.name).read_bytes() == before
    assert {one.name for one in Path(file.name).parent.iterdir()} <= {
        "users.json",
        "users.json.lock",
    }


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", '{"users": {"anna": 1}}', '{"keys": {"x": {"digest": "1", "scope": "all"}}}'],
)  # fmt: skip
def test_a_file_that_is_none_lets_nobody_in_and_is_told(
    file: AccountsFile, text: str, caplog: pytest.LogCaptureFixture
) -> None:
    file.change(lambda a: a.with_user("anna", User(KEPT)))
    assert file.current().users
    Path(file.name).write_text(text)
    assert not file.current()
    assert not file.current()
    assert caplog.text.count("Nobody can sign in") == 1
    with pytest.raises(AccessError, match=r"users\.json"):
        file.read()


def test_what_is_wrong_with_it_is_told_without_what_it_holds(file: AccountsFile) -> None:
    Path(file.name).parent.mkdir()
    Path(file.name).write_text(json.dumps({"users": {"anna": {"password": ["hunter2"]}}}))
    with pytest.raises(AccessError) as caught:
        file.read()
    assert "hunter2" not in str(caught.value)
    assert "users.anna.password" in str(caught.value)


def test_a_change_is_seen_at_once(file: AccountsFile) -> None:
    other = AccountsFile(Path(file.name))
    assert not other.current()
    file.change(lambda a: a.with_user("anna", User(KEPT)))
    assert set(other.current().users) == {"anna"}
    assert other.current() is other.current()  # not read again
    file.change(lambda a: a.without_user("anna"))
    assert not other.current()


def test_a_key_belongs_to_its_holder_alone() -> None:
    text, key = new_key("admin", ("staff",), "")
    accounts = Accounts(keys={"other": Key("0" * 64), "ci": key})
    holder = accounts.holder(text)
    assert holder is not None
    assert (holder.name, holder.groups, holder.is_admin) == ("key:ci", {"staff"}, True)
    for wrong in ("", text[:-1], f"{text}x", text.upper(), key.digest, "0" * 64, "\ud800"):
        assert accounts.holder(wrong) is None


def test_keys_are_long_and_never_the_same() -> None:
    texts = {new_key("ask", (), "")[0] for _ in range(100)}
    assert len(texts) == 100
    assert all(len(text) >= 43 + len("assistant_") for text in texts)


def test_a_password_fits_only_its_hash() -> None:
    assert passwords.fits(PASSWORD, KEPT)
    assert not passwords.fits("correct horse batter", KEPT)
    assert not passwords.fits("", KEPT)
    assert not passwords.fits(PASSWORD, None)
    assert not passwords.fits(PASSWORD, "no hash")
    assert passwords.fits("ｃorrect horse battery", KEPT)  # another keyboard's letter


@pytest.mark.parametrize("password", ["", "short", "x" * 1001])
def test_a_password_has_a_sensible_length(password: str) -> None:
    with pytest.raises(AccessError, match="characters"):
        passwords.hashed(password)


def test_names_and_groups_are_plain() -> None:
    assert clean_name(" Anna.Bauer@example.com ") == "anna.bauer@example.com"
    assert clean_groups("staff, board,,staff ") == ("board", "staff")
    assert clean_groups("") == ()
    for name in ("", ".x", "a b", "key:x", "a\nb", "x" * 65, "<b>"):
        with pytest.raises(AccessError):
            clean_name(name)
    with pytest.raises(AccessError):
        clean_groups("a\nb")


def policy(folder: Path, **given: Any) -> Policy:
    settings = Settings(data=folder, **given)
    return choose(settings, accounts_of(settings))


def with_anna(folder: Path) -> Path:
    path = folder / "users.json"
    AccountsFile(path).change(lambda a: a.with_user("anna", User(KEPT)))
    return path


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.9.1", "::1", "localhost"])
def test_on_this_machine_no_choice_is_needed(tmp_path: Path, host: str) -> None:
    assert not policy(tmp_path, host=host).closed


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.5", "intranet.example", "128.0.0.1"])
def test_where_others_reach_it_a_choice_is_needed(tmp_path: Path, host: str) -> None:
    with pytest.raises(SettingsError, match=r"user add.*key add.*PROXY_HEADER.*--public"):
        policy(tmp_path, host=host)
    assert policy(tmp_path, host=host, public=True).public
    assert policy(tmp_path, host=host, **PROXY).sign_on
    with_anna(tmp_path)
    assert policy(tmp_path, host=host).closed


def test_users_close_it_on_this_machine_too(tmp_path: Path) -> None:
    with_anna(tmp_path)
    assert policy(tmp_path).closed


def test_a_named_file_without_users_is_no_way_to_stay_open(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="no user and no key"):
        policy(tmp_path, users=tmp_path / "none.json")
    assert policy(tmp_path, users=with_anna(tmp_path)).closed


def test_a_file_that_cannot_be_understood_is_no_way_to_stay_open(tmp_path: Path) -> None:
    (tmp_path / "users.json").write_text("{")
    with pytest.raises(AccessError):
        policy(tmp_path)


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"proxy_header": "Remote-User"}, "PROXY_ADDRESSES"),
        ({"proxy_groups_header": "Remote-Groups"}, "PROXY_HEADER"),
        ({"proxy_header": "Remote User"}, "PROXY_HEADER"),
        ({"proxy_addresses": "10.0.0.1/8"}, "PROXY_ADDRESSES"),
        ({"proxy_addresses": "proxy.example"}, "PROXY_ADDRESSES"),
        ({"public": "perhaps"}, "PUBLIC"),
    ],
)
def test_a_proxy_that_anyone_could_be_is_refused(
    tmp_path: Path, given: dict[str, str], named: str
) -> None:
    with pytest.raises(SettingsError, match=f"ASSISTANT_{named}"):
        policy(tmp_path, **given)


def test_a_proxy_is_known_by_its_address() -> None:
    sign_on = policy(Path(os.devnull).parent / "none", proxy_header="Remote-User",
                     proxy_addresses="10.0.0.9, 10.1.0.0/16,2001:db8::/32").sign_on  # fmt: skip
    assert sign_on is not None
    for peer in ("10.0.0.9", "10.1.2.3", "2001:db8::7", "::ffff:10.0.0.9"):
        assert sign_on.trusts(peer)
    for peer in ("10.0.0.8", "127.0.0.1", "", "unix", "::1", "10.2.0.1"):
        assert not sign_on.trusts(peer)


def test_serving_refuses_before_anything_is_begun(tmp_path: Path) -> None:
    for settings, told in (
        (Settings(data=tmp_path, host="0.0.0.0", port=0), "nobody has chosen who may ask"),
        (Settings(data=tmp_path, host="0.0.0.0", port=0, public=True), "demo page"),
    ):
        with pytest.raises(SettingsError, match=told):
            serve(FakeAssistant(), settings, with_demo=True)  # type: ignore[arg-type]
