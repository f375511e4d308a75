"""Lists the files of the corpus folder: which are read, and why the others are skipped."""

from __future__ import annotations

import logging
import os
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from assistant.ingest.readers.converted import CONVERTED
from assistant.ingest.readers.formats import PICTURES, SUFFIXES, is_readable
from assistant.ingest.readers.pdf.ocr import OFF
from assistant.ingest.watcher import is_temporary
from assistant.models.corpus_files import BIN, NO_ARTICLES, source_name
from assistant.models.status import Skipped
from assistant.support.errors import CorpusError, MissingCorpusError

logger = logging.getLogger(__name__)

_SETTINGS = "it configures the corpus and is not an article"
_TEMPORARY = "hidden and temporary files are not read"
_HIDDEN = "hidden folders are not read"
_BIN = "it holds what was removed"
_APART = "the library is kept here"
_OUTSIDE = "the link leads out of the corpus"
_LINK = "links to folders are not followed"
_NO_KIND = "its format is not supported"
_PICTURE = "pictures are read if ASSISTANT_OCR is on"
_CONVERTED = "its format is read if LibreOffice is installed"
_EXPECTED = frozenset({_SETTINGS, _TEMPORARY, _HIDDEN, _BIN, _APART})
_SAME_NAME = "another file has this name, as it is written here"


@dataclass(frozen=True, slots=True)
class Listing:
    """All files of a corpus folder: ``files`` are read, by source, sorted; ``skipped`` are not,
    sorted; a skipped folder stands for its content, with a / at its end.
    """

    files: dict[str, Path]
    skipped: tuple[Skipped, ...]


def scan(corpus: Path, apart: Path, ocr: str = OFF) -> Listing:
    """List ``corpus``. The folder ``apart`` is left out; pictures are read with ``ocr``.

    Raises ``MissingCorpusError`` if there is no such folder, and ``CorpusError`` if it or one in it
    cannot be listed: continuing would treat its articles as removed.
    """

    def refuse(error: OSError) -> None:
        _check_there(corpus, error)  # it may have disappeared meanwhile
        raise CorpusError(
            f"A folder of the corpus cannot be listed: {error}. Nothing was changed. Allow reading "
            "it, or move it out of the corpus."
        ) from error

    _check_there(corpus)
    files: dict[str, Path] = {}
    skipped: dict[str, str] = {}
    apart, inside = apart.resolve(), os.path.realpath(corpus)
    for folder, folders, names in os.walk(corpus, onerror=refuse):
        here = Path(folder)
        for name in sorted(folders):
            if reason := _why_no_folder(here / name, apart):
                skipped[f"{_source(corpus, here / name)}/"] = reason
                folders.remove(name)
        for path in (here / name for name in sorted(names)):
            source = _source(corpus, path)
            reason = _why_no_article(path, inside, ocr) or (_SAME_NAME if source in files else "")
            if reason:
                skipped[source] = reason
            else:
                files[source] = path
    _tell(corpus, files, skipped)
    left_out = (Skipped(source, reason) for source, reason in sorted(skipped.items()))
    return Listing(dict(sorted(files.items())), tuple(left_out))


def _check_there(corpus: Path, cause: OSError | None = None) -> None:
    if not corpus.is_dir():
        raise MissingCorpusError(
            f"The corpus folder {corpus} does not exist (or is not a folder). Make it and put "
            "articles in it, or name another with --corpus or ASSISTANT_CORPUS."
        ) from cause


def _source(corpus: Path, path: Path) -> str:
    return "/".join(map(source_name, path.relative_to(corpus).parts))


def _why_no_folder(folder: Path, apart: Path) -> str:
    if folder.name.startswith("."):
        return _BIN if folder.name == BIN else _HIDDEN
    if folder.is_symlink():
        return _LINK
    return _APART if folder.resolve() == apart else ""


def _why_no_article(path: Path, inside: str, ocr: str) -> str:
    """Why a file is not read; "" if it is. Links must lead into the folder ``inside``."""
    if path.name in NO_ARTICLES:
        return _SETTINGS
    if is_temporary(path.name):
        return _TEMPORARY
    if path.is_symlink() and not Path(os.path.realpath(path)).is_relative_to(inside):
        return _OUTSIDE  # anyone who can write to the folder could expose any file of the machine
    if is_readable(path, ocr):
        return ""
    suffix = path.suffix.lower()
    if suffix in PICTURES:
        return _PICTURE
    if suffix in CONVERTED:
        return _CONVERTED
    return f"files of the kind {suffix} are not read" if suffix else _NO_KIND


def _tell(corpus: Path, files: dict[str, Path], skipped: dict[str, str]) -> None:
    told = Counter(reason for reason in skipped.values() if reason not in _EXPECTED)
    if told:
        kinds = "; ".join(f"{reason} ({count})" for reason, count in sorted(told.items()))
        logger.warning("%s: %d files are left out: %s.", corpus, told.total(), kinds)
    elif not files:
        read = ", ".join(sorted(SUFFIXES))
        logger.warning("The corpus folder %s holds no article. Put files in it: %s.", corpus, read)
