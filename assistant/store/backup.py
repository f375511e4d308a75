"""Backup and restore: a zip archive of a manifest and the SQLite file.

The index is left out: it is rebuilt from the library. Everything in an archive is checked before it
is trusted, and no name in it is ever used as a path.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import shutil
import sqlite3
import time
import zipfile
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path

from assistant.store.checks import broken_vectors
from assistant.store.copies import copy_library
from assistant.store.library import Library
from assistant.store.schema import SCHEMA_VERSION
from assistant.store.sqlite import FILE
from assistant.support.atomic_files import keep_private
from assistant.support.errors import LibraryError
from assistant.support.version import __version__

logger = logging.getLogger(__name__)

FORMAT = 1
"""Format of the archive; ``schema`` in its manifest is the format of the library."""

_MANIFEST = "manifest.json"
_LARGEST_MANIFEST = 10_000


@dataclass(frozen=True, slots=True)
class Manifest:
    """Describes a backup; ``bytes`` and ``sha256`` are those of the library's file."""

    format: int
    version: str
    schema: int
    created: str
    articles: int
    bytes: int
    sha256: str


def back_up(library: Library, file: Path) -> Manifest:
    """Write a snapshot of the library to ``file``, atomically; others may use it meanwhile.

    An older backup is replaced. Raises ``LibraryError``, leaving nothing behind, if ``file`` is
    something else or cannot be written.
    """
    if not library.files():
        logger.warning("The library is still empty, and so is this backup.")
    if file.exists() and not zipfile.is_zipfile(file):
        raise LibraryError(f"{file} is not a backup and is not overwritten. Name another file.")
    copied = file.with_name(f"{file.name}.{os.getpid()}.sqlite3")
    written = file.with_name(f"{file.name}.{os.getpid()}.tmp")
    try:
        keep_private(written)  # first, because an error of the copy would name a temporary file
    except OSError as error:
        raise LibraryError(
            f"The backup {file} cannot be written in the folder {file.parent}: {error.strerror}. "
            "Make the folder, allow writing there, or name another place."
        ) from error
    try:
        copy_library(library.database, copied)
        keep_private(copied)
        manifest = _describe(copied)
        with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            archive.writestr(_MANIFEST, json.dumps(asdict(manifest), indent=1))
            archive.write(copied, FILE)
        with written.open("rb+") as whole:
            os.fsync(whole.fileno())
        written.replace(file)
    except OSError as error:
        raise LibraryError(
            f"The backup {file} cannot be written: {error}. Make room, or name another place."
        ) from error
    finally:
        copied.unlink(missing_ok=True)
        written.unlink(missing_ok=True)
    return manifest


def unpack(file: Path, folder: Path) -> Manifest:
    """Unpack and check the backup ``file`` in the new ``folder``.

    Raises ``LibraryError``, leaving nothing behind, if it is not a backup, damaged, or of a newer
    version.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            manifest = _manifest(archive, file)
            folder.mkdir(parents=True)
            _copy(archive, folder / FILE, manifest)
        _check(folder / FILE, manifest)
        with closing(Library(folder)) as library:  # migrates one of an older version
            _check_vectors(library)
    except (OSError, EOFError, RuntimeError, NotImplementedError, zipfile.BadZipFile,
            sqlite3.Error) as error:  # fmt: skip
        shutil.rmtree(folder, ignore_errors=True)
        raise LibraryError(
            f"The backup {file} cannot be restored: {error}. The library is unchanged."
        ) from error
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return manifest


def _describe(copied: Path) -> Manifest:
    with closing(sqlite3.connect(copied)) as db:
        (schema,) = db.execute("PRAGMA user_version").fetchone()
        (articles,) = db.execute("SELECT count(*) FROM articles").fetchone()
    with copied.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    created = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    size = copied.stat().st_size
    return Manifest(FORMAT, __version__, schema, created, articles, size, digest)


def _manifest(archive: zipfile.ZipFile, file: Path) -> Manifest:
    if sorted(archive.namelist()) != sorted((FILE, _MANIFEST)):
        raise LibraryError(f"{file} is not a backup of this program: it holds other files.")
    if archive.getinfo(_MANIFEST).file_size > _LARGEST_MANIFEST:
        raise LibraryError(f"{file} is not a backup of this program: its manifest is too long.")
    try:
        manifest = Manifest(**json.loads(archive.read(_MANIFEST)))
        newer = manifest.format > FORMAT or manifest.schema > SCHEMA_VERSION
    except (ValueError, TypeError) as error:
        raise LibraryError(f"{file} is not a backup of this program: {error}.") from error
    if newer:
        raise LibraryError(
            f"The backup {file} was made by version {manifest.version}, which is newer than this "
            f"one, {__version__}. Restore it with that version or a later one."
        )
    return manifest


def _copy(archive: zipfile.ZipFile, to: Path, manifest: Manifest) -> None:
    """Unpack the library, if it has the size in the manifest: no more is ever unpacked."""
    digest = ""
    if archive.getinfo(FILE).file_size == manifest.bytes:
        with archive.open(FILE) as packed, to.open("wb+") as out:
            shutil.copyfileobj(packed, out)
            out.seek(0)
            digest = hashlib.file_digest(out, "sha256").hexdigest()
    if digest != manifest.sha256:
        raise LibraryError(
            "The backup is damaged: its library does not match its manifest. The library in use "
            "is unchanged. Use another backup."
        )


def _check_vectors(library: Library) -> None:
    """Raise ``LibraryError`` if a passage has anything but unit vectors of one size."""
    if wrong := next(broken_vectors(library), ""):
        raise LibraryError(
            f"The backup holds invalid vectors ({wrong}). The library in use is unchanged. "
            "Use another backup, or sync: that makes the library from the articles."
        )


def _check(copied: Path, manifest: Manifest) -> None:
    """Raise ``LibraryError`` unless the file is an intact library with nothing else in it."""
    address = f"{copied.absolute().as_uri()}?mode=ro"
    with closing(sqlite3.connect(address, uri=True)) as db:
        (state,) = db.execute("PRAGMA integrity_check(1)").fetchone()
        (schema,) = db.execute("PRAGMA user_version").fetchone()
        acting = db.execute("SELECT 1 FROM sqlite_master WHERE type IN ('trigger', 'view')")
        if state != "ok" or schema != manifest.schema or acting.fetchone():
            raise LibraryError(
                f"The backup holds no intact library ({state}, format {schema}). The library in "
                "use is unchanged. Use another backup."
            )
