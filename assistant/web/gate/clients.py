"""Identifies the client of a request, and whose rate limit it counts towards."""

from __future__ import annotations

from ipaddress import IPv6Address, ip_network
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.types import Scope

from assistant.access import OWNER
from assistant.support.addresses import is_loopback, parse_address
from assistant.web.gate.principal import principal_of

PEER = "peer"
"""Scope key of the connection's own peer address: the proxy's, if there is one."""

_IPV6_SITE = 64
"""Bits of an IPv6 prefix that identify a subscriber."""

_PROXY = ("via", "forwarded", "client-ip", "true-client-ip", "front-end-https")
_PROXY_KINDS = ("x-", "cf-", "cdn-", "fastly-", "fly-", "remote-")
"""Headers that proxies add, and prefixes of others."""

_CLIENT_KINDS = ("x-gradio-", "x-request-id", "x-requested-with", "x-stainless-")
"""The ones among them that browsers and programs also send themselves."""


def client_address(scope: Scope) -> str:
    """The address a request was sent from; "" if it has none."""
    client = scope.get("client")
    return client[0] if client else ""


def network(scope: Scope) -> str:
    """The address, or for IPv6 the network, that counts as one client."""
    given = client_address(scope).partition("%")[0]
    address = parse_address(given)
    if isinstance(address, IPv6Address):
        return str(ip_network((address, _IPV6_SITE), strict=False))
    return str(address or given)


def is_local(scope: Scope) -> bool:
    """Whether the request was made on this machine and not forwarded by a proxy."""
    return is_loopback(client_address(scope)) and not _is_handed_on(scope)


def is_of_this_machine(scope: Scope) -> bool:
    """Whether the request came from this machine, to an address that only it can reach.

    There is no certain sign. A proxy that hides itself would still have to connect from here, name
    this machine as the host, and write like the browser whose name it passes on.
    """
    peer = scope.get(PEER, client_address(scope))
    host = Headers(scope=scope).get("host", "")
    name = urlsplit(f"//{host}").hostname or ""
    own = name.endswith(".localhost") or is_loopback(name)
    return own and is_loopback(peer) and is_local(scope)


def _is_handed_on(scope: Scope) -> bool:
    """Whether anything shows that a proxy sent the request."""
    if scope.get("http_version") == "1.0":  # browsers never use it, nginx does by default
        return True
    headers = Headers(scope=scope)
    for name in headers:
        if name in _PROXY or (name.startswith(_PROXY_KINDS) and not name.startswith(_CLIENT_KINDS)):
            return True
    # Browsers send Connection: keep-alive; nginx does not forward it.
    is_browser = headers.get("user-agent", "").startswith("Mozilla/")
    return is_browser and headers.get("connection", "").lower() != "keep-alive"


def asker(scope: Scope) -> str | None:
    """The rate limit's key: a user, or an address if nobody is logged in.

    None for the person who runs the assistant, who is not limited.
    """
    principal = principal_of(HTTPConnection(scope))
    if principal == OWNER or (principal.name is None and is_local(scope)):
        return None
    return f"user {principal.name}" if principal.name is not None else f"from {network(scope)}"
