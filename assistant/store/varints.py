"""Small numbers in few bytes: LEB128, seven bits a byte, the lowest first."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

_BITS = 7
_MORE = 1 << _BITS
_LONGEST = 5


def pack(numbers: NDArray[np.int64]) -> bytes:
    """``numbers``, from 0 and below 2**35, in as few bytes each as they need."""
    sizes = np.ones(len(numbers), np.int64)
    for longer in range(1, _LONGEST):
        sizes += numbers >> (_BITS * longer) > 0
    places = _places(sizes)
    digits = np.repeat(numbers, sizes) >> (_BITS * places) & (_MORE - 1)
    goes_on = places < np.repeat(sizes, sizes) - 1
    return (digits | goes_on * _MORE).astype(np.uint8).tobytes()


def unpack(packed: Sequence[bytes]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The numbers in each of ``packed``, one after the other, and how many are in each."""
    digits = np.frombuffer(b"".join(packed), np.uint8).astype(np.int64)
    ends = np.flatnonzero(digits < _MORE)
    sizes = np.diff(ends, prepend=-1)
    values = (digits & (_MORE - 1)) << (_BITS * _places(sizes))
    begins = ends - sizes + 1
    numbers = np.add.reduceat(values, begins) if len(begins) else values
    reached = np.searchsorted(begins, np.cumsum([len(one) for one in packed]))
    return numbers, np.diff(reached, prepend=0)


def _places(sizes: NDArray[np.int64]) -> NDArray[np.int64]:
    """The place of each digit in its number."""
    return np.arange(sizes.sum()) - np.repeat(np.cumsum(sizes) - sizes, sizes)
