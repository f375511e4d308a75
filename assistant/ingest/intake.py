"""Files and web addresses that are put into the corpus folder, and found in it."""

from __future__ import annotations

import json
import os
import re
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from assistant.ingest.bin import Bin
from assistant.ingest.readers.formats import MAX_BYTES, is_readable_kind
from assistant.ingest.readers.pdf.ocr import OFF
from assistant.ingest.watcher import is_temporary
from assistant.ingest.web.source_list import SourceKind, WebSource, read_source_list, web_url
from assistant.models.clearance import ALL, Clearance
from assistant.models.corpus_files import NO_ARTICLES, SOURCES_FILE, source_name
from assistant.support.atomic_files import replace_bytes, replace_text
from assistant.support.errors import CorpusError, IntakeError, Refusal

LONGEST_NAME = 200
"""Bytes of a file's name; most systems take 255, and more is written behind it for a moment."""

_UNSAFE = re.compile(
    r'[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff<>:"|?*\\/]+'
)
_NO_FOLDER = "{!r} is no folder that files can be put into. Name one of the corpus."
_ENTRY = re.compile(r"""[ \t]*-[ \t]+(?:url:[ \t]*)?["']?(\S+?)["']?[ \t]*(?:(?<=[ \t])#.*)?\n?""")
_PAGES = re.compile(r"^pages:[ \t]*(?:#.*)?\n(?P<indent>[ \t]*)(?=- )", re.M)


def put_file(
    corpus: Path,
    name: str,
    data: bytes,
    *,
    folder: str = "",
    replace: bool = False,
    ocr: str = OFF,
    clearance: Clearance = ALL,
) -> str:
    """Write ``data`` to the file ``name`` in a folder of the corpus; returns its source.

    Only the last part of ``name`` counts, without what some system does not take. A file that it
    is to ``replace`` goes to the bin. Raises ``IntakeError`` for a name or content that would not
    be read, for a folder outside of the corpus or of ``clearance``, and for a file that is there
    already unless it is to be replaced.
    """
    named = _checked(name, data, ocr)
    path = _place(corpus, folder) / named
    place = path.relative_to(corpus.resolve()).as_posix()
    source = "/".join(map(source_name, place.split("/")))
    if not clearance.shows(source):
        raise IntakeError(_NO_FOLDER.format(folder), Refusal.MISSING)
    try:
        if path.is_dir() or (os.path.lexists(path) and not replace):
            raise IntakeError(
                f"{named}: such a file is there already. Replace it, or give this one another "
                "name.",
                Refusal.EXISTS,
            )
        if os.path.lexists(path):
            Bin(corpus.resolve()).put(source, place, {})
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_bytes(path, data)
    except OSError as error:
        raise IntakeError(
            f"{named}: it cannot be written to {path.parent}: {error.strerror or error}. Allow "
            "writing there, or make room.",
            Refusal.UNWRITABLE,
        ) from error
    return source


def put_address(corpus: Path, address: str) -> str:
    """List a web page among the sources of the corpus; returns its address in its normal form.

    Raises ``IntakeError`` for what is no address of a page, or if the list cannot be written.
    """
    try:
        url = web_url(address)
    except ValueError as error:
        raise IntakeError(f"{address}: {error}.") from error
    file = corpus / SOURCES_FILE
    wanted = WebSource(SourceKind.PAGE, url)
    with _changing(file, url):
        listed = read_source_list(file)
        if wanted not in listed:
            text = file.read_text("utf-8") if file.exists() else ""
            _replace_list(file, _with_page(text, url), [*listed, wanted])
    return url


def drop_address(corpus: Path, url: str) -> None:
    """Take a web page from the sources of the corpus.

    Raises ``IntakeError`` if it is not listed there itself, but by a feed or sitemap, or if the
    list cannot be written.
    """
    file = corpus / SOURCES_FILE
    page = WebSource(SourceKind.PAGE, url)
    with _changing(file, url):
        listed = read_source_list(file)
        if page not in listed:
            raise IntakeError(
                f"{url}: it comes with a feed or sitemap. Exclude it in {SOURCES_FILE}."
            )
        left = [one for one in listed if one != page]
        _replace_list(file, _without_page(file.read_text("utf-8"), url), left)


def located(corpus: Path, source: str) -> Path | None:
    """The file of the corpus that ``source`` names, or None: never one that is hidden, configures
    the corpus, or lies outside.
    """
    path = corpus.resolve()
    for part in source.split("/"):
        if not part or part.startswith(".") or path.is_symlink():
            return None
        child = path / part
        if not os.path.lexists(child):  # its name may be shown with escapes
            alike = (path / name for name in _names(path) if source_name(name) == part)
            child = next(alike, child)
        path = child
    return None if path.name in NO_ARTICLES or not path.is_file() else path


def _names(folder: Path) -> list[str]:
    try:
        return os.listdir(folder)
    except OSError:
        return []


def _checked(name: str, data: bytes, ocr: str) -> str:
    """The name that the file gets. Raises ``IntakeError`` for what would not be read."""
    named = _safe_name(name)
    if not is_readable_kind(Path(named).suffix.lower(), lambda: data, ocr):
        raise IntakeError(
            f"{named}: files of this kind are not read. Save it as PDF, Word, a web page or text.",
            Refusal.UNSUPPORTED,
        )
    if not data.strip():
        raise IntakeError(f"{named}: it is empty. Put in a file with text.")
    if len(data) > MAX_BYTES:
        raise IntakeError(
            f"{named}: it is {len(data) / 1e6:.0f} MB, more than the {MAX_BYTES / 1e6:.0f} MB that "
            "are read. Split it into smaller files.",
            Refusal.TOO_LARGE,
        )
    return named


def _safe_name(name: str) -> str:
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    named = " ".join(_UNSAFE.sub(" ", last).split()).lstrip(".~ ")
    suffix = Path(named).suffix
    while len(named.encode()) > LONGEST_NAME:
        named = f"{named[: -len(suffix) - 1].rstrip()}{suffix}"
    if not named or is_temporary(named) or named.casefold() in NO_ARTICLES:
        raise IntakeError(f"{name!r} is no name for an article. Give the file another.")
    return named


def _place(corpus: Path, folder: str) -> Path:
    """The folder of the corpus of that name, which need not be there yet."""
    root = corpus.resolve()
    if not root.is_dir():
        raise IntakeError(
            f"The corpus folder {corpus} does not exist. Make it first.", Refusal.UNWRITABLE
        )
    parts = [part for part in folder.split("/") if part]
    hidden = any(part.startswith(".") for part in parts)
    place = root if hidden or "\0" in folder else root.joinpath(*parts).resolve()
    new = not place.is_dir() and (_UNSAFE.search("".join(parts)) or len(folder) > LONGEST_NAME)
    if hidden or new or not place.is_relative_to(root):
        raise IntakeError(_NO_FOLDER.format(folder))
    return place


@contextmanager
def _changing(file: Path, url: str) -> Iterator[None]:
    """Tell in an ``IntakeError`` why the list could not be changed."""
    try:
        yield
    except (CorpusError, OSError) as error:
        raise IntakeError(
            f"{url}: {file} cannot be changed: {error}", Refusal.UNWRITABLE
        ) from error


def _with_page(text: str, url: str) -> str:
    """The list with one more page; what else a person wrote there stays."""
    entry = f"- {json.dumps(url)}\n"
    pages = _PAGES.search(text)
    if pages is not None:
        return f"{text[: pages.end()]}{entry}{pages['indent']}{text[pages.end() :]}"
    return text + f"{'' if not text or text.endswith(chr(10)) else chr(10)}pages:\n  {entry}"


def _without_page(text: str, url: str) -> str:
    """The list without the lines of that page."""
    lines = text.splitlines(keepends=True)
    kept = [line for line in lines if not ((found := _ENTRY.fullmatch(line)) and found[1] == url)]
    return "".join(kept)


def _replace_list(file: Path, text: str, wanted: list[WebSource]) -> None:
    """Replace the list by ``text`` if that is read as the ``wanted`` sources."""
    draft = file.with_name(f"{file.name}.tmp")
    try:
        replace_text(draft, text)
        if set(read_source_list(draft)) != set(wanted):
            raise CorpusError("it is written in an unusual way. Change it by hand.")
        draft.replace(file)
    finally:
        draft.unlink(missing_ok=True)
