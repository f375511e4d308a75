"""IP addresses, as sockets, headers and settings name them."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address

Address = IPv4Address | IPv6Address


def parse_address(text: str) -> Address | None:
    """The address ``text``, in IPv4 if IPv6 only maps it; None if it is not an address."""
    try:
        found = ip_address(text)
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach what listens on ``host``."""
    address = parse_address(host)
    return host == "localhost" if address is None else address.is_loopback
