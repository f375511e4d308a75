"""Stage 1: a file becomes an ``Article``. A format is one function and one row of ``READERS``.

A reader takes the bytes of a file and gives a ``Draft``. What it cannot read it refuses with an
``ArticleError`` whose message does not name the file: ``read_article`` puts the name in front.
"""

from __future__ import annotations

import stat
from collections.abc import Callable
from pathlib import Path, PurePosixPath

from assistant.ingest.readers.delimited import read_csv
from assistant.ingest.readers.draft import Draft
from assistant.ingest.readers.epub import read_epub
from assistant.ingest.readers.feeds import read_feed
from assistant.ingest.readers.json_records import read_json
from assistant.ingest.readers.mail import read_mail
from assistant.ingest.readers.markdown import read_markdown
from assistant.ingest.readers.mhtml import read_mhtml
from assistant.ingest.readers.opendocument import read_ods, read_odt
from assistant.ingest.readers.pdf import read_pdf
from assistant.ingest.readers.pdf.ocr import OFF
from assistant.ingest.readers.plain import read_text
from assistant.ingest.readers.rtf import read_rtf
from assistant.ingest.readers.signatures import kind_of
from assistant.ingest.readers.slides import read_pptx
from assistant.ingest.readers.spreadsheet import read_xlsx
from assistant.ingest.readers.webpage import read_html
from assistant.ingest.readers.word import read_docx
from assistant.language.detection import detect_language, language_code
from assistant.models.article import UNKNOWN_LANGUAGE, Article
from assistant.support.errors import ArticleError

__all__ = ["MAX_BYTES", "READERS", "SUFFIXES", "is_readable", "read_article"]

MAX_BYTES = 20_000_000
"""Largest file that is read: some 5,000 pages of text, an hour of embedding."""

READERS: dict[str, Callable[[bytes], Draft]] = {
    ".txt": read_text,
    ".md": read_markdown,
    ".markdown": read_markdown,
    ".html": read_html,
    ".htm": read_html,
    ".mhtml": read_mhtml,
    ".mht": read_mhtml,
    ".pdf": read_pdf,
    ".docx": read_docx,
    ".docm": read_docx,
    ".dotx": read_docx,
    ".dotm": read_docx,
    ".pptx": read_pptx,
    ".odt": read_odt,
    ".xlsx": read_xlsx,
    ".ods": read_ods,
    ".csv": read_csv,
    ".tsv": read_csv,
    ".epub": read_epub,
    ".rtf": read_rtf,
    ".eml": read_mail,
    ".json": read_json,
    ".jsonl": read_json,
    ".ndjson": read_json,
    ".rss": read_feed,
    ".atom": read_feed,
    ".xml": read_feed,
}
SUFFIXES = frozenset(READERS)

LONGEST_TITLE = 300
"""Characters of a title or an author's name: what is longer is cut, as each citation shows it."""


def is_readable(path: Path) -> bool:
    """Whether a file of that name is of a format that ``read_article`` reads. Touches no disk."""
    return path.suffix.lower() in SUFFIXES


def read_article(path: Path, source: str, ocr: str = OFF) -> Article:
    """The article in the file ``path``; ``source`` is the name it is known by.

    A file whose first bytes tell its format is read as what it is, whatever its suffix. The title
    is what the file says it is, else its name made readable, at most ``LONGEST_TITLE`` of it; the
    language what Markdown front matter says, else what the text is found to be in, else what the
    file says. ``ocr`` is as in ``read_pdf``. Raises ``ArticleError``, which begins with ``source``,
    for a file that is missing, forbidden, empty, over ``MAX_BYTES``, of another format, damaged,
    protected, or without text.
    """
    try:
        return _read(path, source, ocr)
    except ArticleError as error:
        raise ArticleError(f"{source}: {error}") from error


def _read(path: Path, source: str, ocr: str) -> Article:
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise ArticleError(
            f"files of this kind are not read. Convert it to one of {', '.join(sorted(SUFFIXES))}."
        )
    data = _load(path)
    reader = READERS[kind_of(data, suffix)]
    draft = read_pdf(data, ocr) if reader is read_pdf else reader(data)
    if not any(char.isalnum() for char in draft.text):
        raise ArticleError("it holds no text. Write some, or remove it from the corpus.")
    return Article(
        title=_cut(draft.title or _readable_name(PurePosixPath(source))),
        text=draft.text,
        language=_language(draft, reader),
        source=source,
        published=draft.published,
        author=_cut(draft.author) if draft.author else None,
        url=draft.url,
        blocks=draft.blocks,
        pages=draft.pages,
    )


def _cut(line: str) -> str:
    return line if len(line) <= LONGEST_TITLE else f"{line[: LONGEST_TITLE - 1].rstrip()}…"


def _language(draft: Draft, reader: Callable[[bytes], Draft]) -> str:
    """Programs declare the language of their menus, so that only Markdown is taken at its word."""
    if reader is read_markdown and draft.language:
        return draft.language
    found = detect_language(draft.text)
    return (language_code(draft.language) if found == UNKNOWN_LANGUAGE else None) or found


def _load(path: Path) -> bytes:
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):  # opening a pipe would wait for ever
            raise ArticleError("it is not a regular file. Remove it from the corpus.")
        if status.st_size > MAX_BYTES:
            raise ArticleError(
                f"it is {status.st_size / 1e6:.0f} MB, more than the {MAX_BYTES / 1e6:.0f} MB "
                "that are read. Split it into smaller files."
            )
        with path.open("rb") as file:
            data = file.read(MAX_BYTES)  # a file that grows meanwhile is read again by a later sync
    except FileNotFoundError as error:
        raise ArticleError("it is gone. Put it back, or sync again to forget it.") from error
    except PermissionError as error:
        raise ArticleError("it may not be read. Give this user the right to read it.") from error
    except OSError as error:
        raise ArticleError(f"it cannot be read: {error.strerror or error}.") from error
    if not data.strip():
        raise ArticleError("it is empty. Write some text, or remove it from the corpus.")
    return data


def _readable_name(path: PurePosixPath) -> str:
    """The file's name as a title: without its suffix, words parted by spaces."""
    name = " ".join(path.stem.replace("_", " ").replace("-", " ").split())
    return name[:1].upper() + name[1:] or path.name
