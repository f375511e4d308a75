"""Which hosts may be spoken to: public ones, and those of one's own network that are allowed.

A list of web sources, a feed or a redirect can name any host. Without this guard it could make the
assistant read what only this machine can reach (a router, a database, the credentials of a cloud
server) and quote it in the chat.

Kept by hand, as the address that was checked must be the one connected to: safehttpx, which sees to
that, asks a public resolver about names that lead to private addresses.
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
"""The numeric addresses of a host name. Raises ``OSError`` if it has none."""

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
"""What ``is_global`` of some version of Python lets through."""


def resolve(host: str, port: int) -> list[str]:
    """The addresses that the system's resolver gives, in its order, each once."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def is_public(address: Address) -> bool:
    """Whether ``address``, and every IPv4 address wrapped in it, is one of the public internet."""
    return all(
        one.is_global
        and not (one.is_multicast or one.is_reserved or one.is_unspecified)
        and not any(one in network for network in _REFUSED)
        for one in _with_embedded(address)
    )


def _with_embedded(address: Address) -> Iterator[Address]:
    """What a packet to ``address`` can reach: where IPv6 only wraps IPv4, that is what counts."""
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
    """Looks a host up and lets only addresses through that may be spoken to.

    Whoever connects must connect to one of these addresses, not to the name: a name can lead
    elsewhere when it is looked up again.
    """

    allowed: Allowed = field(default_factory=Allowed)
    resolve: Resolve = resolve

    def addresses(self, host: str, port: int) -> list[str]:
        """The addresses of ``host``, at least one. Raises ``FetchError`` if it has none, or if one
        of them may not be spoken to.
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
