"""What a person changes in the corpus: files put in, removed and restored, details of articles."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from filelock import FileLock, Timeout

from assistant.ingest.bin import Bin, Removed
from assistant.ingest.details import Details, DetailsBySource, read_details, write_details
from assistant.ingest.intake import drop_address, located, put_address, put_file
from assistant.ingest.pipeline import is_current
from assistant.ingest.web import FOLDER
from assistant.models.clearance import ALL, HELD, WEB, Clearance, file_of
from assistant.store.library import Library
from assistant.support.errors import CorpusError, IntakeError, LibraryBusyError, Refusal
from assistant.support.settings import Settings

LOCK_S = 10
"""Seconds that a change waits for another one of the same corpus."""

_MISSING = "There is no such article. It may have been changed or removed."


@dataclass(frozen=True, slots=True)
class FileState:
    """What became of a file of the corpus.

    ``article`` is the id of the article that it holds, once it was read; ``error`` says why it
    could not be.
    """

    source: str
    state: Literal["waiting", "read", "failed"]
    article: str | None = None
    error: str | None = None


class Editor:
    """Changes the corpus for someone who sees ``clearance`` of it. Many threads may use one.

    ``changed`` is called after each change, so that a sync takes it in; ``fetch`` gets the pages
    that were put in. Methods raise
    ``IntakeError`` for what is refused, and ``LibraryBusyError`` if another change takes too long.
    """

    def __init__(
        self,
        settings: Settings,
        library: Callable[[], Library],
        clearance: Clearance = ALL,
        changed: Callable[[], None] = lambda: None,
        fetch: Callable[[Sequence[str]], object] = lambda pages: None,
    ) -> None:
        self._corpus = settings.corpus
        self._settings = settings
        self._library = library
        self._clearance = clearance
        self._changed = changed
        self._fetch = fetch
        self._bin = Bin(settings.corpus.resolve())

    def put_file(self, name: str, data: bytes, *, folder: str = "", replace: bool = False) -> str:
        """Write a file into a folder of the corpus; returns its source. See ``put_file``."""
        with self._changing():
            return put_file(
                self._corpus, name, data, folder=folder, replace=replace,
                ocr=self._settings.ocr, clearance=self._clearance,
            )  # fmt: skip

    def put_address(self, address: str) -> str:
        """List and fetch a web page; returns its source. See ``put_address``.

        Raises ``LibraryError`` if it cannot be kept; why it cannot be fetched ``state`` says.
        """
        if not self._clearance.shows(WEB):
            raise IntakeError(f"{address}: you may not see what is fetched from the web.")
        with self._changing(syncs=False):
            url = put_address(self._corpus, address)
        self._fetch([url])
        self._changed()
        return url

    def state(self, source: str) -> FileState:
        """What became of the file or address that was put in as ``source``."""
        self._check(source)
        path = self._fetched(source) if WEB in source else self._file(file_of(source))
        if not isinstance(path, Path):
            return FileState(source, "failed", error=path) if path else FileState(source, "waiting")
        record = self._library().file(source)
        mark = DetailsBySource(self._details()).mark(file_of(source))
        if record is None or not is_current(path, record, mark):
            return FileState(source, "waiting")
        if record.error is not None:
            return FileState(source, "failed", error=record.error)
        return FileState(source, "read", record.article)

    def remove(self, sources: Iterable[str]) -> list[Removed]:
        """Move files to the bin, and take addresses from the list of web sources."""
        with self._changing():
            details, removed = self._details(), []
            for source in sources:
                removed.append(self._remove(source, details))
            self._write(details)
            return removed

    def removed(self) -> list[Removed]:
        """What is in the bin and may be shown, newest first."""
        return [one for one in self._bin.entries() if self._clearance.shows(one.source)]

    def restore(self, id_: str) -> Removed:
        """Take something back out of the bin, with its details."""
        with self._changing(syncs=False):
            entry = self._entry(id_)
            if not entry.place:
                put_address(self._corpus, entry.source)
            elif (self._corpus / entry.place).exists():
                raise IntakeError(
                    f"{entry.source}: another file is there now. Remove that one first.",
                    Refusal.EXISTS,
                )
            given = {source: Details(**one) for source, one in entry.details.items()}
            self._write(self._details() | given)
            self._bin.put_back(entry)
        if not entry.place:
            self._fetch([entry.source])
        self._changed()
        return entry

    def delete(self, id_: str) -> Removed:
        """Delete something in the bin for good."""
        with self._changing(syncs=False):
            entry = self._entry(id_)
            self._bin.delete(entry)
            return entry

    def edit(self, sources: Sequence[str], changes: dict[str, str | None]) -> None:
        """Give other details for the articles in ``sources``: ``changes`` are fields of
        ``Details``; None lets the file count again.
        """
        with self._changing():
            details = self._details()
            for source in sources:
                self._check(source)
                try:
                    details[source] = replace(details.get(source, Details()), **changes)
                except ValueError as error:
                    raise IntakeError(f"{source}: {error}.") from error
            self._write(details)

    def _remove(self, source: str, details: dict[str, Details]) -> Removed:
        """Put ``source`` into the bin, with what ``details`` has of it, which is taken out."""
        if HELD in source and WEB not in source:
            raise IntakeError(f"{source}: it is part of {file_of(source)}. Remove that.")
        self._check(source)
        place = "" if WEB in source else self._place(source)
        mine = [one for one in details if file_of(one) == source]
        taken = {one: details[one].to_dict() for one in mine}
        if not place:
            drop_address(self._corpus, source)
        removed = self._bin.put(source, place, taken)
        for one in mine:
            del details[one]
        return removed

    def _check(self, source: str) -> None:
        """Raise ``IntakeError`` for what may not be seen."""
        if not self._clearance.shows(source):
            raise IntakeError(_MISSING, Refusal.MISSING)

    def _file(self, source: str) -> Path:
        """The file of that name. Raises ``IntakeError`` if there is none."""
        path = located(self._corpus, source)
        if path is None:
            raise IntakeError(_MISSING, Refusal.MISSING)
        return path

    def _place(self, source: str) -> str:
        """The path in the corpus of a file."""
        return self._file(source).relative_to(self._corpus.resolve()).as_posix()

    def _fetched(self, address: str) -> Path | str | None:
        """The file with what was fetched; why there is none, or None if it was not tried yet."""
        from assistant.ingest.web.source_list import SourceKind
        from assistant.ingest.web.store import Store

        store = Store(self._settings.data / FOLDER)
        record = store.get(SourceKind.PAGE, address)
        return None if record is None else store.path(record) or record.error

    def _entry(self, id_: str) -> Removed:
        entry = self._bin.entry(id_)
        if not self._clearance.shows(entry.source):
            raise IntakeError("This is not in the bin any more.", Refusal.MISSING)
        return entry

    def _details(self) -> dict[str, Details]:
        try:
            return read_details(self._corpus)
        except CorpusError as error:
            raise IntakeError(str(error), Refusal.UNWRITABLE) from error

    def _write(self, details: dict[str, Details]) -> None:
        if details != self._details():
            write_details(self._corpus, details)

    @contextmanager
    def _changing(self, *, syncs: bool = True) -> Iterator[None]:
        """One change at a time; then ``changed``, if it ``syncs``."""
        data = self._settings.data
        try:
            data.mkdir(parents=True, exist_ok=True)
            with FileLock(data / "editor.lock", timeout=LOCK_S):
                yield
        except Timeout as error:  # a subclass of OSError, so it comes first
            raise LibraryBusyError(
                "Another change of the articles is under way. Try again."
            ) from error
        except OSError as error:
            raise IntakeError(
                f"The corpus {self._corpus} cannot be changed: {error}. Allow writing there.",
                Refusal.UNWRITABLE,
            ) from error
        if syncs:
            self._changed()
