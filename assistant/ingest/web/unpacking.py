"""Gzip without surprises: a few kilobytes can unpack to gigabytes."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator

from assistant.support.errors import FetchError

GZIP = b"\x1f\x8b"
"""What a gzip file begins with."""

_GZIP_WINDOW = 16 + zlib.MAX_WBITS
_PIECE = 1 << 16


def unpacked(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """What ``chunks`` of a gzip stream hold, in pieces of at most 64 KiB, unpacked as they are
    taken. Raises ``FetchError`` where the stream is damaged or breaks off.
    """
    unpacker = zlib.decompressobj(_GZIP_WINDOW)
    try:
        for chunk in chunks:
            waiting = chunk
            while waiting:
                if unpacker.eof:  # a file may be several streams, one behind the other
                    unpacker = zlib.decompressobj(_GZIP_WINDOW)
                yield unpacker.decompress(waiting, _PIECE)
                waiting = unpacker.unconsumed_tail or unpacker.unused_data
    except zlib.error as error:
        raise FetchError(f"what came is not the gzip that it says it is: {error}.") from error
    if not unpacker.eof:
        raise FetchError("what came breaks off before its end.")


def joined(chunks: Iterable[bytes], most: int) -> bytes:
    """``chunks`` in one. Raises ``FetchError`` as soon as they are over ``most`` bytes."""
    whole = bytearray()
    for chunk in chunks:
        whole += chunk
        if len(whole) > most:
            raise FetchError(f"it is larger than the {most / 1e6:.1f} MB that are read.")
    return bytes(whole)
