"""Users and keys for the tests of who may ask."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from assistant.access import passwords
from assistant.access.accounts import User, new_key
from assistant.access.accounts_file import AccountsFile

PASSWORD = "correct horse battery"
KEPT = passwords.hashed(PASSWORD)
SIGN_ON = {
    "proxy_header": "X-User", "proxy_groups_header": "X-Groups", "proxy_addresses": ("127.0.0.1",),
}  # fmt: skip
"""Settings with which a proxy says who asks: the test."""


@dataclass(frozen=True)
class Known:
    """A file of accounts: users "anna" (of the group staff) and "root", and the keys' text."""

    file: AccountsFile
    ask: str
    admin: str


def known(path: Path) -> Known:
    """A new file at ``path``."""
    file = AccountsFile(path)
    ask, ask_key = new_key("ask", ("staff",), "2026-11-23")
    admin, admin_key = new_key("admin", (), "2026-11-23")
    file.change(lambda a: a.with_user("anna", User(KEPT, ("staff",))))
    file.change(lambda a: a.with_user("root", User(KEPT, (), is_admin=True)))
    file.change(lambda a: a.with_key("ci", ask_key).with_key("prometheus", admin_key))
    return Known(file, ask, admin)


def signed_on(groups: Iterable[str]) -> dict[str, str]:
    """The headers of a request of someone in these groups."""
    return {"x-user": "someone", "x-groups": ",".join(sorted(groups))}
