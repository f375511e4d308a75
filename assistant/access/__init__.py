"""Authentication and authorization: who asks, and what they may see."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Principal:
    """A signed-in person, a program with a key, or an anonymous visitor.

    ``name`` is None for anonymous visitors. ``groups`` grant access to articles beyond those open
    to all; None stands for every group. ``is_admin`` grants access to the service's health and
    metrics, ``may_edit`` to put in, remove and change the articles that they may see.
    """

    name: str | None = None
    groups: frozenset[str] | None = frozenset()
    is_admin: bool = False
    may_edit: bool = False


ANYONE = Principal()
"""An anonymous visitor: sees only what is open to all."""

OWNER = Principal("owner", groups=None, is_admin=True, may_edit=True)
"""The person who runs the assistant, on the command line or over loopback."""
