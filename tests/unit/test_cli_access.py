"""The commands ``user`` and ``key``."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from assistant.access import passwords
from assistant.access.accounts_file import AccountsFile
from assistant.cli import main
from tests.support.access import PASSWORD

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes]
) -> Run:
    monkeypatch.chdir(tmp_path)

    def run_command(*arguments: str, typed: str = f"{PASSWORD}\n") -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
        status = main([*arguments, "--data", str(tmp_path / "data")])
        out, err = capsysbinary.readouterr()
        return status, out.decode(), err.decode()

    return run_command


def kept(tmp_path: Path) -> AccountsFile:
    return AccountsFile(tmp_path / "data" / "users.json")


def test_a_user_is_added_changed_listed_and_removed(run: Run, tmp_path: Path) -> None:
    status, out, _ = run("user", "add", "Anna", "--groups", "staff,board", "--admin", "--edit")
    assert status == 0
    assert out.startswith("Added anna. From now on everyone has to sign in")
    _, out, _ = run("user", "add", "Ben")
    assert out == "Added ben.\n"
    run("user", "remove", "Ben")
    user = kept(tmp_path).read().users["anna"]
    assert (user.groups, user.is_admin, user.may_edit) == (("board", "staff"), True, True)
    assert passwords.fits(PASSWORD, user.password)
    assert run("user", "password", "anna", typed="another password\n")[0] == 0
    assert passwords.fits("another password", kept(tmp_path).read().users["anna"].password)
    listed = json.loads(run("user", "list", "--json")[1])
    rights = {"groups": ["board", "staff"], "admin": True, "edit": True}
    assert listed == [{"user": "anna", **rights, "created": user.created}]
    assert run("user", "list")[1].startswith("anna  groups: board, staff  admin: yes")
    assert run("user", "remove", "ANNA")[0] == 0
    assert run("user", "list")[1] == ""


def test_a_key_is_printed_once_alone_and_revoked(run: Run, tmp_path: Path) -> None:
    status, out, err = run("key", "add", "ci", "--scope", "admin", "--groups", "staff")
    assert status == 0
    holder = kept(tmp_path).read().holder(out.strip())
    assert holder is not None
    assert (holder.is_admin, holder.groups) == (True, {"staff"})
    assert "cannot be shown again" in err
    assert out.strip() not in run("key", "list")[1] + run("key", "list", "--json")[1]
    made = json.loads(run("key", "add", "bot", "--scope", "ask", "--json")[1])
    assert kept(tmp_path).read().holder(made["key"])
    assert run("key", "revoke", "ci")[0] == 0
    assert kept(tmp_path).read().holder(out.strip()) is None


@pytest.mark.parametrize(
    ("arguments", "typed", "told"),
    [
        (["user", "add", "a b"], PASSWORD, "not a valid name"),
        (["user", "add", "anna"], "short", "characters"),
        (["user", "add", "anna"], "", "characters"),
        (["user", "add", "anna", "--groups", "a/b"], PASSWORD, "not a valid group"),
        (["user", "password", "ben"], PASSWORD, "no user 'ben'"),
        (["user", "remove", "ben"], "", "no user 'ben'"),
        (["key", "revoke", "ben"], "", "no key 'ben'"),
    ],
)
def test_what_cannot_be_done_is_told(
    run: Run, tmp_path: Path, arguments: list[str], typed: str, told: str
) -> None:
    status, out, err = run(*arguments, typed=typed)
    assert (status, out) == (1, "")
    assert told in err
    assert not kept(tmp_path).read()


@pytest.mark.parametrize(
    "arguments",
    [["user"], ["user", "add"], ["key", "add", "ci"], ["key", "add", "ci", "--scope", "all"],
     ["user", "add", "anna", "--password", "x"]],
)  # fmt: skip
def test_wrong_usage_has_its_own_status(run: Run, arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        run(*arguments)
    assert ended.value.code == 2


def test_another_file_can_be_named(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ASSISTANT_USERS", str(tmp_path / "elsewhere.json"))
    assert run("user", "add", "anna")[0] == 0
    assert set(AccountsFile(tmp_path / "elsewhere.json").read().users) == {"anna"}
    assert not (tmp_path / "data" / "users.json").exists()


def test_serving_where_others_reach_it_fails_until_it_is_chosen_who_may(run: Run) -> None:
    status, _, err = run("serve", "--host", "0.0.0.0", "--port", "0")
    assert status == 1
    assert "assistant user add NAME" in err
