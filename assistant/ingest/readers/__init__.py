"""Reads a file into an ``Article``. A format is one function and one row of ``READERS``.

A reader turns the bytes of a file into a ``Draft``, or raises an ``ArticleError`` whose message
does not name the file: ``read_file`` prepends the name, and takes any other error for damage.
"""

from __future__ import annotations

import logging
import stat
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from html import unescape
from pathlib import Path, PurePosixPath

from assistant.ingest.readers.archive import damaged
from assistant.ingest.readers.containers import ARCHIVES, DEEPEST, Content, part, part_names
from assistant.ingest.readers.converted import CONVERTED, libreoffice
from assistant.ingest.readers.delimited import read_csv
from assistant.ingest.readers.draft import Draft
from assistant.ingest.readers.epub import read_epub
from assistant.ingest.readers.feeds import read_feed
from assistant.ingest.readers.json_records import read_json
from assistant.ingest.readers.mail import read_mail
from assistant.ingest.readers.markdown import read_markdown
from assistant.ingest.readers.markups import read_asciidoc, read_latex, read_org, read_rst
from assistant.ingest.readers.metadata import day_in_name
from assistant.ingest.readers.mhtml import read_mhtml
from assistant.ingest.readers.notebook import read_notebook
from assistant.ingest.readers.opendocument import read_ods, read_odt
from assistant.ingest.readers.outlook import read_msg
from assistant.ingest.readers.pdf import read_pdf
from assistant.ingest.readers.pdf.ocr import OFF
from assistant.ingest.readers.pictures import read_picture
from assistant.ingest.readers.plain import read_text
from assistant.ingest.readers.rtf import read_rtf
from assistant.ingest.readers.signatures import kind_of, looks_readable
from assistant.ingest.readers.slides import read_pptx
from assistant.ingest.readers.spreadsheet import read_xlsx
from assistant.ingest.readers.webpage import read_html
from assistant.ingest.readers.word import read_docx
from assistant.language.detection import detect_language, language_code
from assistant.models.article import UNKNOWN_LANGUAGE, Article
from assistant.models.page_view import PageView, WordsOnPage
from assistant.support.errors import ArticleError
from assistant.support.unseen import sound

__all__ = [
    "ARCHIVES",
    "CONVERTED",
    "MAX_BYTES",
    "PICTURES",
    "READERS",
    "SUFFIXES",
    "is_readable",
    "is_readable_kind",
    "read_article",
    "read_file",
    "view_page",
]

logger = logging.getLogger(__name__)

MAX_BYTES = 20_000_000
"""Largest file: some 5,000 pages of text, an hour of embedding."""

READERS: dict[str, Callable[..., Draft]] = CONVERTED | {
    suffix: reader
    for suffixes, reader in (
        (".txt", read_text),
        (".md .markdown", read_markdown),
        (".html .htm .xhtml", read_html),
        (".mhtml .mht", read_mhtml),
        (".pdf", read_pdf),
        (".docx .docm .dotx .dotm", read_docx),
        (".pptx .pptm .potx .ppsx", read_pptx),
        (".xlsx .xlsm .xltx .xltm", read_xlsx),
        (".odt", read_odt),
        (".ods", read_ods),
        (".csv .tsv", read_csv),
        (".epub", read_epub),
        (".rtf", read_rtf),
        (".eml", read_mail),
        (".msg", read_msg),
        (".json .jsonl .ndjson", read_json),
        (".rss .atom .xml", read_feed),
        (".ipynb", read_notebook),
        (".rst", read_rst),
        (".adoc .asciidoc", read_asciidoc),
        (".org", read_org),
        (".tex", read_latex),
    )
    for suffix in suffixes.split()
}
"""The reader of each format, by suffix."""

PICTURES = frozenset({".png", ".jpg", ".jpeg", ".tif", ".tiff", ".webp", ".bmp", ".gif"})
"""Read only if ``ocr`` is on."""

SUFFIXES = frozenset(READERS) | ARCHIVES

PROGRAMS = frozenset(
    {
        ".bat", ".c", ".cfg", ".cpp", ".cs", ".css", ".go", ".h", ".ini", ".java", ".js", ".jsx",
        ".lock", ".map", ".php", ".pl", ".ps1", ".py", ".rb", ".rs", ".scss", ".sh", ".sql", ".svg",
        ".toml", ".ts", ".tsx", ".yaml", ".yml",
    }
)  # fmt: skip
"""Text files for programs: skipped, unlike other unknown text files."""

_HEAD = 4_096  # bytes that tell what a file without a telling name is

LONGEST_TITLE = 300
"""Characters of a title or an author's name: what is longer is cut, as each citation shows it."""


def is_readable(path: Path, ocr: str = OFF) -> bool:
    """Whether ``read_file`` may read this file: by its name, and where that tells nothing by its
    first bytes. ``ocr`` is as in ``read_pdf``.
    """
    known = is_readable_kind(path.suffix.lower(), ocr)
    if known is not None:
        return known
    try:
        if not path.is_file():
            return False
        with path.open("rb") as file:
            return looks_readable(file.read(_HEAD))
    except OSError:
        return False  # neither the name nor the content tells


def is_readable_kind(suffix: str, ocr: str) -> bool | None:
    """Whether files with this suffix are read here; None if only their content tells."""
    if suffix in CONVERTED:
        return libreoffice() is not None
    if suffix in PICTURES:
        return ocr != OFF
    if suffix in SUFFIXES or suffix in PROGRAMS:
        return suffix in SUFFIXES
    return None


def read_article(path: Path, source: str, ocr: str = OFF) -> Article:
    """The article in the file ``path``; ``source`` is the name it is known by.

    Raises ``ArticleError`` as ``read_file``, and for an archive, which is no article.
    """
    article = read_file(path, source, ocr).article
    if article is None:
        raise ArticleError(f"{source}: it is an archive. The files in it are articles.")
    return article


def read_file(path: Path, source: str, ocr: str = OFF, inside: Sequence[str] = ()) -> Content:
    """What is in the file ``path``, or in the part of it to which the names ``inside`` lead, each
    of a file in the one before; ``source`` is the name it is known by.

    A file whose first bytes tell its format is read as what it is, whatever its suffix. The title
    is what the file says it is, else its name made readable, at most ``LONGEST_TITLE`` of it; the
    language what Markdown front matter says, else what the text is found to be in, else what the
    file says. ``ocr`` is as in ``read_pdf``. Raises ``ArticleError``, which begins with ``source``,
    for a file that is missing, forbidden, empty, over ``MAX_BYTES``, of another format, damaged,
    protected, or without text.
    """
    with _named(source):
        return _read(path, source, ocr, inside)


def view_page(
    path: Path, source: str, inside: Sequence[str], number: int, wanted: WordsOnPage
) -> PageView:
    """A page of the PDF in ``path``, or in the part of it that ``inside`` leads to, as it looks.

    Raises ``ArticleError``, which begins with ``source``, as ``read_file``, and if it is no PDF or
    has no such page.
    """
    from assistant.ingest.readers.pdf.view import view_page as view

    with _named(source):
        data, kind = _opened(path, inside)
        if READERS.get(kind) is not read_pdf:
            raise ArticleError("it is no PDF, whose pages could be shown.")
        return view(data, number, wanted)


_DECLARE_DAYS = (read_markdown, read_mail, read_msg, read_html, read_mhtml, read_feed)


@contextmanager
def _named(source: str) -> Iterator[None]:
    """Raise all errors as an ``ArticleError`` that names the file, but for a lack of memory.

    The libraries fail in many ways on files that are out of order.
    """
    try:
        yield
    except MemoryError:
        raise
    except ArticleError as error:
        raise ArticleError(f"{source}: {error}") from error
    except OSError as error:
        raise ArticleError(f"{source}: it cannot be read: {error}.") from error
    except Exception as error:
        logger.debug("Reading %s failed", source, exc_info=True)
        raise ArticleError(f"{source}: {damaged(error)}") from error


def _opened(path: Path, inside: Sequence[str]) -> tuple[bytes, str]:
    """The bytes of a file, or of the part of it that ``inside`` leads to, and their kind."""
    data, name = _load(path), path.name
    for held in inside:
        data = part(_kind(data, name), data, held, MAX_BYTES)
        name = held
    if not data.strip():
        raise ArticleError("it is empty. Write some text, or remove it from the corpus.")
    return data, _kind(data, name)


def _read(path: Path, source: str, ocr: str, inside: Sequence[str]) -> Content:
    data, kind = _opened(path, inside)
    wanted = SUFFIXES | (PICTURES if ocr != OFF else frozenset())
    parts = part_names(kind, data, wanted) if len(inside) < DEEPEST else ()
    if kind not in ARCHIVES:
        return Content(_article(data, kind, source, ocr), parts)
    if not parts:
        raise ArticleError("it holds no file that is read. Remove it from the corpus.")
    return Content(None, parts)


def _kind(data: bytes, name: str) -> str:
    """The suffix that tells the reader of a file, by what is in it and its name."""
    suffix = PurePosixPath(name).suffix.lower()
    known = suffix in SUFFIXES or suffix in PICTURES
    kind = kind_of(data, suffix if known else "")
    if not kind:
        raise ArticleError(
            f"files of this kind are not read. Convert it to one of {', '.join(sorted(SUFFIXES))}."
        )
    return kind


def _article(data: bytes, kind: str, source: str, ocr: str) -> Article:
    reader = READERS.get(kind, read_picture)
    scanned = reader in (read_pdf, read_picture)
    draft = reader(data, ocr) if scanned else reader(data)
    if not any(char.isalnum() for char in draft.text):
        raise ArticleError("it holds no text. Write some, or remove it from the corpus.")
    return Article(
        title=_cut(unescape(draft.title or _readable_name(PurePosixPath(source)))),
        text=draft.text,
        language=_language(draft, reader),
        source=source,
        published=_published(draft, reader, source),
        author=_cut(draft.author) if draft.author else None,
        url=draft.url,
        blocks=draft.blocks,
        pages=draft.pages,
    )


def _published(draft: Draft, reader: Callable[..., Draft], source: str) -> date | None:
    """The day that the text declares, else one in the file's name, else that of its making."""
    declared = draft.published if reader in _DECLARE_DAYS else None
    return declared or day_in_name(source) or draft.published


def _cut(line: str) -> str:
    line = sound(line)
    return line if len(line) <= LONGEST_TITLE else f"{line[: LONGEST_TITLE - 1].rstrip()}…"


def _language(draft: Draft, reader: Callable[..., Draft]) -> str:
    """Only Markdown's declaration is trusted: programs declare the language of their menus."""
    if reader is read_markdown and draft.language:
        return draft.language
    found = detect_language(draft.text)
    return (language_code(draft.language) if found == UNKNOWN_LANGUAGE else None) or found


def _load(path: Path) -> bytes:
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):  # opening a pipe would block forever
            raise ArticleError("it is not a regular file. Remove it from the corpus.")
        if status.st_size > MAX_BYTES:
            raise ArticleError(
                f"it is {status.st_size / 1e6:.0f} MB, more than the {MAX_BYTES / 1e6:.0f} MB "
                "that are read. Split it into smaller files."
            )
        with path.open("rb") as file:
            data = file.read(MAX_BYTES)  # the next sync reads a file that grew meanwhile
    except FileNotFoundError as error:
        raise ArticleError("it is gone. Put it back, or sync again to forget it.") from error
    except PermissionError as error:
        raise ArticleError("it may not be read. Give this user the right to read it.") from error
    except OSError as error:
        raise ArticleError(f"it cannot be read: {error.strerror or error}.") from error
    return data


def _readable_name(path: PurePosixPath) -> str:
    """The file name as a title: without its suffix, words separated by spaces."""
    name = " ".join(path.stem.replace("_", " ").replace("-", " ").split())
    return name[:1].upper() + name[1:] or path.name
