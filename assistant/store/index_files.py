"""The index's folder: its generations, and checksums of their files."""

from __future__ import annotations

import json
import shutil
import struct
import zlib
from dataclasses import dataclass
from pathlib import Path

from assistant.support.atomic_files import replace_text

POINTER = "CURRENT"

_READ_AT_ONCE = 1 << 20

_GRAPHS = "*/header.bin"
"""The headers of Chroma's graphs, each beside the file of its vectors."""

_GRAPH = struct.Struct("<i4Q")
"""How a header begins: version, offset, slots, slots in use, bytes of a slot."""


@dataclass(frozen=True, slots=True)
class Generation:
    """The generation in use, the library revision it holds, and each file's checksum."""

    name: str
    revision: int
    sums: dict[str, int]


class IndexFiles:
    """The generations in ``folder``, one folder each, and the pointer to the one in use."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._known: dict[Path, tuple[int, int, int]] = {}

    def current(self) -> Generation:
        """The generation in use.

        Raises ``FileNotFoundError`` if there is none, ``ValueError``, ``LookupError`` or
        ``TypeError`` if the pointer is damaged.
        """
        found = json.loads((self.folder / POINTER).read_text("utf-8"))
        name = str(found["generation"])
        if not (self.folder / name).is_dir():
            raise FileNotFoundError(self.folder / name)
        return Generation(name, int(found["revision"]), dict(found["files"]))

    def point(self, name: str, revision: int) -> None:
        """Make ``name`` the generation in use, with its files' current checksums."""
        self._blank_unused_slots(name)
        current = {"generation": name, "revision": revision, "files": self.sums(name)}
        replace_text(self.folder / POINTER, json.dumps(current))

    def _blank_unused_slots(self, name: str) -> None:
        """Write zeros over the slots of the graphs of a generation that hold no vector.

        Chroma writes them as they are in memory: with whatever the process had there before, such
        as the text of an article removed since. Files of an unknown layout are left as they are.
        """
        for header in (self.folder / name).glob(_GRAPHS):
            vectors = header.with_name("data_level0.bin")
            begins = header.read_bytes()[: _GRAPH.size].ljust(_GRAPH.size, b"\0")
            _, _, slots, used, size = _GRAPH.unpack(begins)
            if slots * size != vectors.stat().st_size:
                continue
            with vectors.open("r+b") as file:
                file.seek(used * size)
                if file.read().strip(b"\0"):
                    file.seek(used * size)
                    file.write(bytes((slots - used) * size))

    def sums(self, name: str) -> dict[str, int]:
        """The checksum of each file of a generation; unchanged files are read only once."""
        folder = self.folder / name
        return {
            path.relative_to(folder).as_posix(): self._sum(path)
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        }

    def remove_others(self, name: str) -> None:
        """Remove every generation but ``name``, left by a swap or a killed build."""
        for path in self.folder.iterdir():
            if path.is_dir() and path.name != name:
                shutil.rmtree(path, ignore_errors=True)

    def _sum(self, path: Path) -> int:
        status = path.stat()
        size, changed, checksum = self._known.get(path, (-1, -1, 0))
        if (size, changed) != (status.st_size, status.st_mtime_ns):
            checksum = 0
            with path.open("rb") as file:
                while part := file.read(_READ_AT_ONCE):
                    checksum = zlib.crc32(part, checksum)
            self._known[path] = status.st_size, status.st_mtime_ns, checksum
        return checksum
