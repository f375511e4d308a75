"""Files of the kind that Outlook saves a message in, made for the tests."""

from __future__ import annotations

import struct
from collections.abc import Mapping

_SECTOR = 512
_SMALLEST = 4_096  # bytes of a stream that is kept in sectors of its own
_END, _FREE, _FAT, _NONE = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD, 0xFFFFFFFF


def ole(streams: Mapping[str, bytes]) -> bytes:
    """An OLE file with ``streams`` by their paths, each filled up with zeros to a fixed size."""
    names: dict[str, dict[str, int]] = {}
    for path in streams:
        folder, _, name = path.rpartition("/")
        names.setdefault(folder, {})[name] = 0
    entries: list[list[object]] = [["Root Entry", 5, _NONE, _END, 0]]

    def add(folder: str) -> int:
        """Add what lies in ``folder``, each the right neighbour of the one before; the first."""
        first = _NONE
        inner = {path for path in names if path and folder == ""} if folder == "" else set()
        for name in [*sorted(inner), *names.get(folder, {})]:
            entries.append([name, 1, _NONE, _END, 0, first])
            first = place = len(entries) - 1
            if name in inner:
                entries[place][2] = add(name)
            else:
                names[folder][name] = first
                entries[first][1] = 2
        return first

    entries[0][2] = add("")
    fat: list[int] = []
    body = b""
    for path, content in streams.items():
        folder, _, name = path.rpartition("/")
        filled = content.ljust(_SMALLEST, b"\0")
        filled += bytes(-len(filled) % _SECTOR)
        count = len(filled) // _SECTOR
        start = len(fat)
        fat += [*range(start + 1, start + count), _END]
        entries[names[folder][name]][3:5] = [start, max(len(content), _SMALLEST)]
        body += filled
    listed = b"".join(_entry(*entry) for entry in entries)
    listed += bytes(-len(listed) % _SECTOR)
    directory = len(fat)
    count = len(listed) // _SECTOR
    fat += [*range(directory + 1, directory + count), _END]
    tables = -(-(len(fat) + 1) // (_SECTOR // 4 - 1))
    first_table = len(fat)
    fat += [_FAT] * tables
    fat += [_FREE] * (-len(fat) % (_SECTOR // 4))
    places = [*range(first_table, first_table + tables)] + [_FREE] * (109 - tables)
    header = struct.pack(
        "<8s16s5H6x9I", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", bytes(16), 0x3E, 3, 0xFFFE, 9, 6,
        0, tables, directory, 0, _SMALLEST, _END, 0, _END, 0,
    )  # fmt: skip
    return (
        header + struct.pack("<109I", *places) + body + listed + struct.pack(f"<{len(fat)}I", *fat)
    )


def _entry(name: str, kind: int, child: int, start: int, size: int, left: int = _NONE) -> bytes:
    written = name.encode("utf-16-le")
    return struct.pack(
        "<64sHBBIII16sI8s8sIQ", written, len(written) + 2, kind, 1, left, _NONE, child, bytes(16),
        0, bytes(8), bytes(8), start, size,
    )  # fmt: skip
