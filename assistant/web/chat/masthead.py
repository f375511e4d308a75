"""What the chat's page shows around the conversation, as HTML: its top, and the empty chat."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant.language.locales import Locale, locales
from assistant.web.chat.escaping import escape
from assistant.web.gate.principal import means_of, principal_of

if TYPE_CHECKING:
    from starlette.requests import HTTPConnection

    from assistant.models.status import Status


def masthead(status: Status, locale: Locale, reader: HTTPConnection | None = None) -> str:
    """The top of the page as HTML: the name, what the library holds, where else to go, and whose
    request ``reader`` is.
    """
    line = locale.library(status.articles, status.languages, status.newest)
    if status.syncing:
        line = locale.progress(status.done, status.total)
    elif status.rebuilding:
        line = locale.text("status.rebuilding")
    elif status.error and not status.ready:
        line = ""  # the empty chat says why; that there are no articles would not be true
    alert = ""
    if status.error and status.ready:
        failed = locale.text("status.failed", error=status.error)
        alert = f'<p class="alert" role="alert">{escape(failed)}</p>'
    others = "".join(
        f'<a href="language/{other.code}" lang="{other.code}">{escape(other.text("name"))}</a>'
        for other in locales().values()
        if other is not locale
    )
    name = escape(locale.text("name"))
    languages = f'<details class="menu"><summary>{name}</summary><div>{others}</div></details>'
    return (
        f'<div class="masthead" lang="{locale.code}"><h1>{escape(locale.text("title"))}</h1>'
        f'<p role="status">{escape(line)}</p>{alert}'
        f'<nav><a href="articles">{escape(locale.text("nav.articles"))}</a>{_export(locale)}'
        f"{languages}{_account(reader, locale)}</nav></div>"
    )


def welcome(status: Status, locale: Locale) -> str:
    """What an empty chat shows, as HTML."""
    return f'<p class="welcome">{escape(welcoming(status, locale))}</p>'


def welcoming(status: Status, locale: Locale) -> str:
    """What an empty chat says: an invitation, or why there is nothing to ask yet."""
    if status.ready:
        return locale.text("ask.welcome")
    if status.syncing:
        return locale.progress(status.done, status.total)
    if status.error:
        return locale.text("status.failed", error=status.error)
    return locale.text("status.empty")


def _account(reader: HTTPConnection | None, locale: Locale) -> str:
    """Who has signed in, with a menu to sign out; where a proxy knows them, that is its business.

    The page's script follows the link with a POST, as no link can.
    """
    name, means = principal_of(reader).name, means_of(reader)
    if means == "session":
        out = f'<a href="logout">{escape(locale.text("login.out"))}</a>'
        return (
            f'<details class="menu account"><summary>{escape(name or "")}</summary>'
            f"<div>{out}</div></details>"
        )
    return f'<span class="account">{escape(name or "")}</span>' if means == "proxy" else ""


def _export(locale: Locale) -> str:
    """The menu that the page's script saves the conversation from."""
    kinds = "".join(
        f'<a href="#{kind}">{escape(locale.text(key))}</a>'
        for kind, key in (("markdown", "export.markdown"), ("json", "export.json"))
    )
    name = escape(locale.text("export"))
    return f'<details class="menu export"><summary>{name}</summary><div>{kinds}</div></details>'
