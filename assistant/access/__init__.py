"""Who asks, and what they may see."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Principal:
    """A person who signed in, a program with a key, or anyone at all.

    ``name`` is None for those nobody knows. ``groups`` are those whose articles it may see besides
    the articles that are open to all; None stands for every group. ``is_admin`` lets it see how the
    service is doing.
    """

    name: str | None = None
    groups: frozenset[str] | None = frozenset()
    is_admin: bool = False


ANYONE = Principal()
"""Sees only what is open to all."""

OWNER = Principal("owner", groups=None, is_admin=True)
"""Who runs the assistant for themselves: on the command line, or on a loopback address."""
