"""The formats that are read, each by one function from the bytes of a file to a ``Draft``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from assistant.ingest.readers.containers import ARCHIVES
from assistant.ingest.readers.converted import CONVERTED, libreoffice
from assistant.ingest.readers.delimited import read_csv
from assistant.ingest.readers.draft import Draft
from assistant.ingest.readers.epub import read_epub
from assistant.ingest.readers.feeds import read_feed
from assistant.ingest.readers.json_records import read_json
from assistant.ingest.readers.mail import read_mail
from assistant.ingest.readers.markdown import read_markdown
from assistant.ingest.readers.markups import read_asciidoc, read_latex, read_org, read_rst
from assistant.ingest.readers.mhtml import read_mhtml
from assistant.ingest.readers.notebook import read_notebook
from assistant.ingest.readers.opendocument import read_ods, read_odt
from assistant.ingest.readers.outlook import read_msg
from assistant.ingest.readers.pdf import read_pdf
from assistant.ingest.readers.pdf.ocr import OFF
from assistant.ingest.readers.plain import read_text
from assistant.ingest.readers.rtf import read_rtf
from assistant.ingest.readers.signatures import looks_readable
from assistant.ingest.readers.slides import read_pptx
from assistant.ingest.readers.spreadsheet import read_xlsx
from assistant.ingest.readers.webpage import read_html
from assistant.ingest.readers.word import read_docx

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


def is_readable(path: Path, ocr: str = OFF) -> bool:
    """Whether ``read_file`` may read this file, as ``is_readable_kind`` tells."""

    def head() -> bytes:
        if not path.is_file():  # opening a pipe would block forever
            return b""
        with path.open("rb") as file:
            return file.read(_HEAD)

    try:
        return is_readable_kind(path.suffix.lower(), head, ocr)
    except OSError:
        return False  # neither the name nor the content tells


def is_readable_kind(suffix: str, head: Callable[[], bytes], ocr: str = OFF) -> bool:
    """Whether files with this suffix are read, or, if it tells nothing, with these first bytes.
    ``ocr`` is as in ``read_pdf``.
    """
    if suffix in CONVERTED:
        return libreoffice() is not None
    if suffix in PICTURES:
        return ocr != OFF
    if suffix in SUFFIXES or suffix in PROGRAMS:
        return suffix in SUFFIXES
    return looks_readable(head()[:_HEAD])
