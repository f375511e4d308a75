"""Guards against private addresses: only public hosts, and allowed ones of the own network.

A list of web sources, a feed or a redirect can name any host. Without this guard the assistant
could be made to read what only this machine can reach (a router, a database, a cloud server's
credentials) and quote it in the chat.

Written by hand, because the address that was checked must be the one connected to: safehttpx, which
ensures that, asks a public resolver about names that resolve to private addresses.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from ipaddress import (
    IPv4Address,
    ip_address,
    ip_network,
)

from assistant.support.allowed_hosts import Address, Allowed
from assistant.support.errors import FetchError

Resolve = Callable[[str, int], Sequence[str]]
"""Resolves a host name to IP addresses. Raises ``OSError`` if it has none."""

_NAT64 = ip_network("64:ff9b::/96")
_IPV4_COMPATIBLE = ip_network("::/96")
_REFUSED = tuple(
    map(
        ip_network,
        (
            "64:ff9b:1::/48",  # NAT64 within one network
            "fec0::/10",  # site-local, the older private addresses
            "192.0.0.0/24",  # protocol assignments; one cloud's metadata among them
            "192.88.99.0/24",  # relays of 6to4
            "168.63.129.16/32",  # a public address at which Azure serves its machines' metadata
        ),
    )
)
"""Networks that ``is_global`` of some Python version lets through."""


def resolve(host: str, port: int) -> list[str]:
    """The addresses from the system's resolver, in its order, each once."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def is_public(address: Address) -> bool:
    """Whether ``address``, and any IPv4 address embedded in it, is public."""
    return all(
        one.is_global
        and not (one.is_multicast or one.is_reserved or one.is_unspecified)
        and not any(one in network for network in _REFUSED)
        for one in _with_embedded(address)
    )


def _with_embedded(address: Address) -> Iterator[Address]:
    """The addresses a packet to ``address`` can reach, including embedded IPv4 ones."""
    if isinstance(address, IPv4Address):
        yield address
    elif address.ipv4_mapped is not None:
        yield address.ipv4_mapped
    elif address in _NAT64 or address in _IPV4_COMPATIBLE:
        yield IPv4Address(int(address) & 0xFFFF_FFFF)
    elif address.sixtofour is not None:
        yield address.sixtofour
    else:
        yield address
        yield from address.teredo or ()


@dataclass(frozen=True, slots=True)
class AddressGuard:
    """Resolves hosts and lets only permitted addresses through.

    Connect to one of the returned addresses, not to the name: it may resolve differently the next
    time.
    """

    allowed: Allowed = field(default_factory=Allowed)
    resolve: Resolve = resolve

    def addresses(self, host: str, port: int) -> list[str]:
        """The addresses of ``host``, at least one. Raises ``FetchError`` if it has none, or if one
        of them is not permitted.
        """
        try:
            found = [ip_address(host)]
        except ValueError:
            try:
                found = [ip_address(address) for address in self.resolve(host, port)]
            except (OSError, UnicodeError) as error:
                raise FetchError(f"the host {host} was not found: {error}.") from error
        if not found:
            raise FetchError(f"the host {host} was not found: it has no address.")
        for address in found:
            if not (is_public(address) or self.allowed.admits(host, address)):
                raise FetchError(
                    f"the host {host} is not on the public internet ({address}). If it is one of "
                    "your own, list it in ASSISTANT_FETCH_HOSTS."
                )
        return [str(address) for address in found]
