"""How much memory the threads of a server keep."""

from __future__ import annotations

import ctypes
import os
import sys
from contextlib import suppress

_M_ARENA_MAX = -8  # of glibc's malloc.h
_HEAPS = 2


def share_heaps() -> None:
    """Let the threads that are still to come allocate from two heaps, where glibc allocates.

    By default it gives each thread one of its own, up to eight for each processor, and each heap
    keeps what the largest answer took. ``MALLOC_ARENA_MAX`` in the environment stays in force.
    """
    if sys.platform == "linux" and "MALLOC_ARENA_MAX" not in os.environ:
        with suppress(AttributeError):  # another library than glibc
            ctypes.CDLL(None).mallopt(_M_ARENA_MAX, _HEAPS)
