"""The commands ``user`` and ``key``: access control."""

from __future__ import annotations

import argparse
import sys
import time
from getpass import getpass
from typing import TYPE_CHECKING, Any

from assistant.access import passwords
from assistant.access.accounts import User, clean_groups, clean_name, new_key
from assistant.access.accounts_file import AccountsFile
from assistant.cli.output import dump, report, say
from assistant.support.errors import AccessError

if TYPE_CHECKING:
    from assistant.assistant import Assistant
    from assistant.support.settings import Settings


CLOSED = (
    " From now on everyone has to sign in, also where the assistant is already being served and on "
    "this machine itself."
)


def add_user_arguments(parser: argparse.ArgumentParser, common: argparse.ArgumentParser) -> None:
    """Add the subcommands of ``user``."""
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    adding = _action(actions, common, "add", add_user, "Add a user, asking for the password.")
    _add_groups(adding)
    adding.add_argument("--admin", action="store_true", help="may see health and metrics")
    adding.add_argument(
        "--edit", action="store_true", help="may put in, remove and change the articles it sees"
    )
    _action(actions, common, "password", change_password, "Change a user's password.")
    _action(actions, common, "remove", remove_user, "Remove a user and end their sessions at once.")
    _action(actions, common, "list", list_users, "List the users.", named=False)


def add_key_arguments(parser: argparse.ArgumentParser, common: argparse.ArgumentParser) -> None:
    """Add the subcommands of ``key``."""
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    adding = _action(actions, common, "add", add_key, "Create a key and print it, only this once.")
    adding.add_argument(
        "--scope",
        choices=["ask", "edit", "admin"],
        required=True,
        help="ask: questions only; edit: articles may be put in, removed and changed as well; "
        "admin: health and metrics as well",
    )
    _add_groups(adding)
    _action(actions, common, "revoke", revoke_key, "Revoke a key at once.")
    _action(actions, common, "list", list_keys, "List the keys by name.", named=False)


def add_user(assistant: Assistant, options: argparse.Namespace) -> int:
    """Add a user; prompts for the password, or reads the first line of standard input."""
    name, groups = clean_name(options.name), clean_groups(options.groups)
    file = _file(assistant.settings)
    _refuse_known(file, name)
    first = not file.read()
    user = User(passwords.hashed(_password(name)), groups, options.admin, options.edit, _today())
    file.change(lambda accounts: accounts.with_user(name, user))
    return report(
        options,
        {"user": name, **_rights(user)},
        f"Added {name}.{CLOSED if first else ''}",
    )


def change_password(assistant: Assistant, options: argparse.Namespace) -> int:
    """Change a password, which ends the user's sessions."""
    name, file = clean_name(options.name), _file(assistant.settings)
    file.read().with_password(name, "")  # checks that the user exists before asking
    kept = passwords.hashed(_password(name))
    file.change(lambda accounts: accounts.with_password(name, kept))
    return report(options, {"user": name}, f"Changed the password of {name}.")


def remove_user(assistant: Assistant, options: argparse.Namespace) -> int:
    """Remove a user, which ends their sessions."""
    name = clean_name(options.name)
    _file(assistant.settings).change(lambda accounts: accounts.without_user(name))
    return report(options, {"removed": name}, f"Removed {name}.")


def list_users(assistant: Assistant, options: argparse.Namespace) -> int:
    """Print the users by name."""
    users = sorted(_file(assistant.settings).read().users.items())
    listed = [{"user": name, **_rights(user), "created": user.created} for name, user in users]
    return _list(options, listed)


def add_key(assistant: Assistant, options: argparse.Namespace) -> int:
    """Create a key and print it alone on standard output: it is stored nowhere."""
    name, groups = clean_name(options.name), clean_groups(options.groups)
    text, key = new_key(options.scope, groups, _today())
    first = not _file(assistant.settings).read()
    _file(assistant.settings).change(lambda accounts: accounts.with_key(name, key))
    if options.json:
        say(dump({"key": text, "name": name, "scope": key.scope, "groups": list(groups)}))
    else:
        sys.stderr.write(f"Keep this key now: it cannot be shown again.{CLOSED if first else ''}\n")
        say(text)
    return 0


def revoke_key(assistant: Assistant, options: argparse.Namespace) -> int:
    """Revoke a key."""
    name = clean_name(options.name)
    _file(assistant.settings).change(lambda accounts: accounts.without_key(name))
    return report(options, {"revoked": name}, f"Revoked {name}.")


def list_keys(assistant: Assistant, options: argparse.Namespace) -> int:
    """Print the names of the keys with their rights."""
    keys = sorted(_file(assistant.settings).read().keys.items())
    listed = [
        {"key": name, "scope": key.scope, "groups": list(key.groups), "created": key.created}
        for name, key in keys
    ]
    return _list(options, listed)


def _action(
    actions: Any,
    common: argparse.ArgumentParser,
    name: str,
    run: Any,
    text: str,
    *,
    named: bool = True,
) -> argparse.ArgumentParser:
    added: argparse.ArgumentParser = actions.add_parser(
        name, parents=[common], help=text, description=text
    )
    added.set_defaults(command=run)
    if named:
        added.add_argument("name", metavar="NAME")
    return added


def _add_groups(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--groups", default="", metavar="A,B", help="whose articles it may see, with commas between"
    )


def _file(settings: Settings) -> AccountsFile:
    from assistant.store.storage import accounts_of

    return accounts_of(settings)


def _refuse_known(file: AccountsFile, name: str) -> None:
    """Raise ``AccessError`` before asking for a password in vain."""
    file.read().with_user(name, User(""))


def _password(name: str) -> str:
    """Prompt for the password twice; or read the first line of standard input if not a terminal.

    Never a command-line argument: other users of the machine can see those, and shells keep them.
    """
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    password = getpass(f"Password of {name}: ")
    if password != getpass("The same again: "):
        raise AccessError("The two passwords are not the same. Nothing was changed.")
    return password


def _rights(user: User) -> dict[str, Any]:
    return {"groups": list(user.groups), "admin": user.is_admin, "edit": user.may_edit}


def _today() -> str:
    return time.strftime("%Y-%m-%d", time.gmtime())


def _list(options: argparse.Namespace, listed: list[dict[str, Any]]) -> int:
    return report(options, listed, *map(_line, listed))


def _line(one: dict[str, Any]) -> str:
    (_, name), *rest = one.items()
    return "  ".join([name, *(f"{key}: {_shown(value)}" for key, value in rest)])


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(value) or "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)
