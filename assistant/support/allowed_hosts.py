"""The hosts on the private network that the settings allow fetching from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network


@dataclass(frozen=True, slots=True)
class Allowed:
    """Hosts that may be contacted although they are not public.

    ``names`` are full host names, ``endings`` begin with a dot and match every name with that
    suffix, ``networks`` match every address in them, whatever name resolves to it.
    """

    names: frozenset[str] = frozenset()
    endings: tuple[str, ...] = ()
    networks: tuple[Network, ...] = ()

    @classmethod
    def of(cls, entries: Iterable[str]) -> Allowed:
        """Parse ``entries``. Raises ``ValueError`` for one that is not a host."""
        names, endings, networks = set(), [], []
        for entry in entries:
            host = entry.strip().strip("[]").lower()
            if "/" in host or ":" in host or host.replace(".", "").isdigit():
                networks.append(ip_network(host, strict=False))
            elif not host.strip(".") or "*" in host:
                raise ValueError(
                    f"{entry!r} is not a host: write a name, an ending such as .intra.example, an "
                    "address, or a network such as 10.1.0.0/16"
                )
            elif host.startswith("."):
                endings.append(host)
            else:
                names.add(host)
        return cls(frozenset(names), tuple(endings), tuple(networks))

    def admits(self, host: str, address: Address) -> bool:
        """Whether ``address`` may be contacted as ``host``."""
        name = host.lower().rstrip(".")
        plain = getattr(address, "ipv4_mapped", None) or address
        return (
            name in self.names
            or name.endswith(self.endings)
            or any(plain in network for network in self.networks)
        )
