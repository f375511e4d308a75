"""Renders the top of the chat's page, and the empty chat, as HTML."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant.language.locales import Locale, locales
from assistant.web.brand import Brand
from assistant.web.chat.escaping import escape
from assistant.web.gate.principal import means_of, principal_of

if TYPE_CHECKING:
    from starlette.requests import HTTPConnection

    from assistant.models.status import Status

OWN = Brand()


def masthead(
    status: Status, locale: Locale, reader: HTTPConnection | None = None, brand: Brand = OWN
) -> str:
    """The top of the page: name, the library's content, links, and the account of ``reader``."""
    line = locale.library(status.articles, status.languages, status.newest)
    if status.syncing:
        line = locale.progress(status)
    elif status.rebuilding:
        line = locale.text("status.rebuilding")
    elif status.error and not status.ready:
        line = ""  # the empty chat says why; "no articles" would be wrong
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
    languages = (
        f'<details class="menu languages"><summary>{name}</summary><div>{others}</div></details>'
    )
    return (
        f'<div class="masthead" lang="{locale.code}"><h1>{escape(brand.name(locale))}</h1>'
        f'<p role="status">{escape(line)}</p>{alert}'
        f'<nav><a class="conversations-switch" href="#conversations">'
        f"{escape(locale.text('nav.conversations'))}</a>"
        f'<a href="articles">{escape(locale.text("nav.articles"))}</a>{_export(locale)}'
        f'{languages}<a class="look-switch" href="#look">{escape(locale.text("nav.look"))}</a>'
        f"{_account(reader, locale)}</nav></div>"
    )


def welcome(status: Status, locale: Locale, greeting: str = "") -> str:
    """The empty chat: what to do, and what the library holds."""
    shown = f'<p class="welcome">{escape(welcoming(status, locale, greeting))}</p>'
    if not status.ready:
        return shown
    held = locale.library(status.articles, status.languages, status.newest)
    return f'{shown}<p class="holds">{escape(held)}</p>'


def welcoming(status: Status, locale: Locale, greeting: str = "") -> str:
    """The text of an empty chat: an invitation, or why nothing can be asked yet."""
    if status.ready:
        return greeting or locale.text("ask.welcome")
    if status.syncing:
        return locale.progress(status)
    if status.error:
        return locale.text("status.failed", error=status.error)
    return locale.text("status.empty")


def _account(reader: HTTPConnection | None, locale: Locale) -> str:
    """The signed-in user, with a menu to sign out, unless a proxy signed them in.

    The page's script sends the link as a POST.
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
    """The menu for exporting the conversation, which the page's script handles."""
    kinds = "".join(
        f'<a href="#{kind}">{escape(locale.text(key))}</a>'
        for kind, key in (("markdown", "export.markdown"), ("json", "export.json"))
    )
    name = escape(locale.text("export"))
    return f'<details class="menu export"><summary>{name}</summary><div>{kinds}</div></details>'
