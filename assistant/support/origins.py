"""Parses web origins, as browsers write them (scheme, host, non-default port), and host names."""

from __future__ import annotations

import re

_ORIGIN = re.compile(r"(https?)://(\[[0-9a-f:]+\]|[^][/?#@:]+)(?::([0-9]{1,5}))?")
_HOST = re.compile(r"\[[0-9a-f:]+\]|[a-z0-9-]+(\.[a-z0-9-]+)*")
_USUAL = {"http": 80, "https": 443}


def parse_origin(text: str) -> str:
    """Normalize the origin ``text`` as browsers send it: lower case, without the default port.

    Raises ``ValueError`` for anything but ``scheme://host[:port]`` with http or https.
    """
    found = _ORIGIN.fullmatch(text.strip().lower())
    host = _ascii(found[2]) if found else ""
    if not found or not _HOST.fullmatch(host) or int(found[3] or 0) > 65535:
        raise ValueError(
            f"{text!r} is not the origin of a page: write scheme, host and, if needed, port, "
            "as in https://intranet.example or http://10.0.0.5:8080"
        )
    port = int(found[3]) if found[3] else _USUAL[found[1]]
    return f"{found[1]}://{host}" + ("" if port == _USUAL[found[1]] else f":{port}")


def parse_host(text: str) -> str:
    """Normalize a host name as browsers send it; ".name" is a suffix, "*" matches any.

    Raises ``ValueError`` for anything else, such as an address with scheme or port.
    """
    name = text.strip().lower()
    if name == "*":
        return name
    host = _ascii(name.removeprefix("."))
    if not _HOST.fullmatch(host):
        raise ValueError(
            f"{text!r} is not the name of a host: write it without scheme and port, as in "
            "chat.intranet.example; .intranet.example stands for every name that ends so"
        )
    return f".{host}" if name.startswith(".") else host


def _ascii(host: str) -> str:
    """The host in IDNA's ASCII form; "" if it cannot be one."""
    try:
        return host if host.startswith("[") else host.encode("idna").decode("ascii")
    except UnicodeError:
        return ""
