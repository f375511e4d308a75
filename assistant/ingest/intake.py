"""Files and web addresses that are put into the corpus folder."""

from __future__ import annotations

import json
import re
import unicodedata
from pathlib import Path

from assistant.ingest.readers import MAX_BYTES, PICTURES, PROGRAMS, SUFFIXES
from assistant.ingest.readers.pdf.ocr import OFF
from assistant.ingest.readers.signatures import looks_readable
from assistant.ingest.watcher import is_temporary
from assistant.ingest.web.source_list import SourceKind, WebSource, read_source_list, web_url
from assistant.models.corpus_files import NO_ARTICLES, SOURCES_FILE
from assistant.support.atomic_files import replace_bytes, replace_text
from assistant.support.errors import CorpusError, IntakeError

LONGEST_NAME = 200
"""Bytes of a file's name; most systems take 255, and more is written behind it for a moment."""

_HEAD = 4_096  # bytes that tell what a file without a telling name is
_UNSAFE = re.compile(r'[\x00-\x1f\x7f<>:"|?*\\/]+')
_PAGES = re.compile(r"^pages:[ \t]*(?:#.*)?\n(?P<indent>[ \t]*)(?=- )", re.M)


def put_file(
    corpus: Path,
    name: str,
    data: bytes,
    *,
    folder: str = "",
    replace: bool = False,
    ocr: str = OFF,
) -> str:
    """Write ``data`` to the file ``name`` in a folder of the corpus; returns its source.

    Only the last part of ``name`` counts, without what some system does not take. Raises
    ``IntakeError`` for a name or content that would not be read, for a folder outside of the
    corpus, and for a file that is there already unless it is to ``replace`` it.
    """
    named = _safe_name(name)
    if not _is_readable(Path(named).suffix.lower(), data, ocr):
        raise IntakeError(
            f"{named}: files of this kind are not read. Convert it to one of "
            f"{', '.join(sorted(SUFFIXES))}."
        )
    if not data.strip():
        raise IntakeError(f"{named}: it is empty. Put in a file with text.")
    if len(data) > MAX_BYTES:
        raise IntakeError(
            f"{named}: it is {len(data) / 1e6:.0f} MB, more than the {MAX_BYTES / 1e6:.0f} MB that "
            "are read. Split it into smaller files."
        )
    path = _place(corpus, folder) / named
    if path.exists() and not replace:
        raise IntakeError(
            f"{named}: such a file is there already. Replace it, or give this one another name."
        )
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_bytes(path, data)
    except OSError as error:
        raise IntakeError(
            f"{named}: it cannot be written to {path.parent}: {error.strerror or error}. Allow "
            "writing there, or make room."
        ) from error
    return path.relative_to(corpus.resolve()).as_posix()


def put_address(corpus: Path, address: str) -> str:
    """List a web page among the sources of the corpus; returns its address in its normal form.

    Raises ``IntakeError`` for what is no address of a page, or if the list cannot be written.
    """
    try:
        url = web_url(address)
    except ValueError as error:
        raise IntakeError(f"{address}: {error}.") from error
    file = corpus / SOURCES_FILE
    try:
        wanted = WebSource(SourceKind.PAGE, url)
        listed = read_source_list(file)
        if wanted not in listed:
            _write_list(file, url, [*listed, wanted])
    except (CorpusError, OSError) as error:
        raise IntakeError(f"{url}: it cannot be listed: {error}") from error
    return url


def _safe_name(name: str) -> str:
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    named = " ".join(_UNSAFE.sub(" ", last).split()).lstrip(".~ ")
    suffix = Path(named).suffix
    while len(named.encode()) > LONGEST_NAME:
        named = f"{named[: -len(suffix) - 1].rstrip()}{suffix}"
    if not named or is_temporary(named) or named.casefold() in NO_ARTICLES:
        raise IntakeError(f"{name!r} is no name for an article. Give the file another.")
    return named


def _is_readable(suffix: str, data: bytes, ocr: str) -> bool:
    if suffix in PICTURES:
        return ocr != OFF
    return suffix in SUFFIXES or (suffix not in PROGRAMS and looks_readable(data[:_HEAD]))


def _place(corpus: Path, folder: str) -> Path:
    """The folder of the corpus of that name, which need not be there yet."""
    root = corpus.resolve()
    if not root.is_dir():
        raise IntakeError(f"The corpus folder {corpus} does not exist. Make it first.")
    place = (root / folder.strip("/")).resolve()
    inside = place.is_relative_to(root)
    if not inside or any(part.startswith(".") for part in place.relative_to(root).parts):
        raise IntakeError(f"{folder!r} is no folder of the corpus. Name one in it.")
    return place


def _write_list(file: Path, url: str, wanted: list[WebSource]) -> None:
    """Add ``url`` to the pages of the list, and keep what else a person wrote there."""
    text = file.read_text("utf-8") if file.exists() else ""
    entry = f"- {json.dumps(url)}\n"
    pages = _PAGES.search(text)
    if pages is not None:
        text = f"{text[: pages.end()]}{entry}{pages['indent']}{text[pages.end() :]}"
    else:
        text += f"{'' if not text or text.endswith(chr(10)) else chr(10)}pages:\n  {entry}"
    draft = file.with_name(f"{file.name}.tmp")
    try:
        replace_text(draft, text)
        if set(read_source_list(draft)) != set(wanted):
            raise CorpusError(f"{file} is written in an unusual way. Add it there by hand.")
        draft.replace(file)
    finally:
        draft.unlink(missing_ok=True)
