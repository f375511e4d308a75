"""Where a request comes from, and whose questions it counts among."""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.types import Scope

from assistant.access import OWNER
from assistant.web.gate.forwarded import PEER
from assistant.web.gate.principal import principal_of

_IPV6_SITE = 64
"""Bits of an IPv6 address that one subscriber has in common; the rest are theirs to choose."""

_PROXY = ("via", "forwarded", "client-ip", "true-client-ip", "front-end-https")
_PROXY_KINDS = ("x-", "cf-", "cdn-", "fastly-", "fly-", "remote-")
"""Headers that proxies add, and what the names of others begin with."""

_CLIENT_KINDS = ("x-gradio-", "x-request-id", "x-requested-with", "x-stainless-")
"""Those among them that browsers and programs send by themselves."""


def client_address(scope: Scope) -> str:
    """The address that a request was sent from, or "" if it has none."""
    client = scope.get("client")
    return client[0] if client else ""


def network(scope: Scope) -> str:
    """The address, or for IPv6 the network, that counts as one sender."""
    given = client_address(scope).partition("%")[0]
    try:
        address = ip_address(given)
    except ValueError:
        return given
    if not isinstance(address, IPv6Address):
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ip_network((address, _IPV6_SITE), strict=False))


def is_local(scope: Scope) -> bool:
    """Whether the request was made on this machine, and not handed on by a proxy there."""
    return _is_loopback(client_address(scope)) and not _is_handed_on(scope)


def is_of_this_machine(scope: Scope) -> bool:
    """Whether somebody at this machine made the request, to an address that only it can reach.

    Nothing says so for certain. A proxy that hides itself would still have to connect from here, to
    name this machine as the host, and to write like the browser whose name it passes on.
    """
    peer = scope.get(PEER, client_address(scope))
    host = Headers(scope=scope).get("host", "")
    name = urlsplit(f"//{host}").hostname or ""
    own = name == "localhost" or name.endswith(".localhost") or _is_loopback(name)
    return own and _is_loopback(peer) and is_local(scope)


def _is_handed_on(scope: Scope) -> bool:
    """Whether anything about a request tells that a proxy sent it."""
    if scope.get("http_version") == "1.0":  # no browser speaks it, nginx does unless told otherwise
        return True
    headers = Headers(scope=scope)
    for name in headers:
        if name in _PROXY or (name.startswith(_PROXY_KINDS) and not name.startswith(_CLIENT_KINDS)):
            return True
    # A browser keeps its connection and says so; nginx passes neither on.
    is_browser = headers.get("user-agent", "").startswith("Mozilla/")
    return is_browser and headers.get("connection", "").lower() != "keep-alive"


def _is_loopback(address: str) -> bool:
    try:
        found = ip_address(address)
    except ValueError:
        return False
    return (getattr(found, "ipv4_mapped", None) or found).is_loopback


def asker(scope: Scope) -> str | None:
    """Whose questions are counted together: a user's, or an address's if nobody signed in.

    None if they are not counted: those of who runs the assistant.
    """
    principal = principal_of(HTTPConnection(scope))
    if principal == OWNER or (principal.name is None and is_local(scope)):
        return None
    return f"user {principal.name}" if principal.name is not None else f"from {network(scope)}"
