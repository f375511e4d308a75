"""Bounded decompression of gzip: a few kilobytes can expand to gigabytes."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator

from assistant.support.errors import FetchError

GZIP = b"\x1f\x8b"
"""The magic bytes of gzip."""

_GZIP_WINDOW = 16 + zlib.MAX_WBITS
_PIECE = 1 << 16


def unpacked(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Decompress the chunks of a gzip stream lazily, in pieces of at most 64 KiB. Raises
    ``FetchError`` if the stream is damaged or truncated.
    """
    unpacker = zlib.decompressobj(_GZIP_WINDOW)
    try:
        for chunk in chunks:
            waiting = chunk
            while waiting:
                if unpacker.eof:  # a file may contain several concatenated streams
                    unpacker = zlib.decompressobj(_GZIP_WINDOW)
                yield unpacker.decompress(waiting, _PIECE)
                waiting = unpacker.unconsumed_tail or unpacker.unused_data
    except zlib.error as error:
        raise FetchError(f"the content is not valid gzip: {error}.") from error
    if not unpacker.eof:
        raise FetchError("the content is cut off.")


def joined(chunks: Iterable[bytes], most: int) -> bytes:
    """Concatenate ``chunks``. Raises ``FetchError`` as soon as they exceed ``most`` bytes."""
    whole = bytearray()
    for chunk in chunks:
        whole += chunk
        if len(whole) > most:
            raise FetchError(f"it is larger than the {most / 1e6:.1f} MB that are read.")
    return bytes(whole)
