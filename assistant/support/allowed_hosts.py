"""Hosts of one's own network that may be fetched from, as the settings list them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network


@dataclass(frozen=True, slots=True)
class Allowed:
    """Hosts that may be spoken to though they are not public.

    ``names`` are whole names, ``endings`` begin with a dot and stand for every name that ends so,
    ``networks`` for every address in them, whatever name leads there.
    """

    names: frozenset[str] = frozenset()
    endings: tuple[str, ...] = ()
    networks: tuple[Network, ...] = ()

    @classmethod
    def of(cls, entries: Iterable[str]) -> Allowed:
        """The hosts that ``entries`` list. Raises ``ValueError`` for one that is no host."""
        names, endings, networks = set(), [], []
        for entry in entries:
            host = entry.strip().strip("[]").lower()
            if "/" in host or ":" in host or host.replace(".", "").isdigit():
                networks.append(ip_network(host, strict=False))
            elif not host.strip(".") or "*" in host:
                raise ValueError(
                    f"{entry!r} is no host: write a name, an ending such as .intra.example, an "
                    "address, or a network such as 10.1.0.0/16"
                )
            elif host.startswith("."):
                endings.append(host)
            else:
                names.add(host)
        return cls(frozenset(names), tuple(endings), tuple(networks))

    def admits(self, host: str, address: Address) -> bool:
        """Whether ``address`` may be spoken to as ``host``."""
        name = host.lower().rstrip(".")
        plain = getattr(address, "ipv4_mapped", None) or address
        return (
            name in self.names
            or name.endswith(self.endings)
            or any(plain in network for network in self.networks)
        )
