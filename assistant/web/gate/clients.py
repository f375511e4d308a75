"""Where a request comes from, and whose questions it counts among."""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address, ip_network

from starlette.requests import HTTPConnection
from starlette.types import Scope

from assistant.access import OWNER
from assistant.web.gate.principal import principal_of

_IPV6_SITE = 64
"""Bits of an IPv6 address that one subscriber has in common; the rest are theirs to choose."""

_FORWARDED = (b"x-forwarded-for", b"forwarded")


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
    if any(name in _FORWARDED for name, _ in scope["headers"]):
        return False
    try:
        return ip_address(client_address(scope)).is_loopback
    except ValueError:
        return False


def asker(scope: Scope) -> str | None:
    """Whose questions are counted together: a user's, or an address's if nobody signed in.

    None if they are not counted: those of who runs the assistant.
    """
    principal = principal_of(HTTPConnection(scope))
    if principal == OWNER or (principal.name is None and is_local(scope)):
        return None
    return f"user {principal.name}" if principal.name is not None else f"from {network(scope)}"
