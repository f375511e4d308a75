"""How much of a file's text is read: word recall and precision against pandoc and pdftotext.

The files are made here, of the repository's own Markdown: by pandoc in each format that it writes,
and as PDF by Chromium. ``--files`` measures those of a folder instead. What pandoc cannot read
well (PowerPoint, RTF) is compared with the Markdown that it was made of.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import subprocess
import sys
import tempfile
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from assistant.ingest.readers import read_file
from assistant.support.errors import ArticleError

ROOT = Path(__file__).parent.parent
FORMATS = {
    ".docx": "docx", ".odt": "odt", ".rtf": "rtf", ".epub": "epub", ".pptx": "pptx",
    ".html": "html", ".ipynb": "ipynb", ".rst": "rst", ".org": "org", ".tex": "latex",
}  # fmt: skip
"""What pandoc writes, by suffix; ``.pdf`` is made of its HTML."""

UNREADABLE = (".pptx", ".rtf")
"""What pandoc writes and does not read, or, as RTF, without letters that follow accents."""

PROGRAM_S = 60
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Measured:
    """The mean recall and precision of the words of ``files`` files of one format; ``refused`` were
    not read at all, and count as 0.
    """

    format: str
    files: int
    recall: float
    precision: float
    refused: int


def main(arguments: Sequence[str] | None = None) -> None:
    """Make or find the files, measure, and print a table."""
    parser = argparse.ArgumentParser(prog="benchmarks reading", description=__doc__)
    parser.add_argument("--files", type=Path, metavar="DIR", help="a folder of files to measure")
    parser.add_argument("--json", type=Path, metavar="FILE", help="where to write the figures")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        made = () if options.files else make(Path(folder))
        pairs = [(file, file) for file in files_in(options.files)] if options.files else list(made)
        measured = measure(pairs)
    sys.stdout.write("| format | files | recall | precision | refused |\n|---|---|---|---|---|\n")
    for one in measured:
        figures = f"{one.recall:.3f} | {one.precision:.3f} | {one.refused}"
        sys.stdout.write(f"| {one.format} | {one.files} | {figures} |\n")
    if options.json:
        options.json.write_text(json.dumps([asdict(one) for one in measured], indent=1) + "\n")


def make(folder: Path) -> Iterator[tuple[Path, Path]]:
    """Write each Markdown file of the repository in each format; yields the file, and what its
    words are known from: itself, or the Markdown.
    """
    sources = sorted({*ROOT.glob("corpus/**/*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("*.md")})
    for number, source in enumerate(sources):
        for suffix, kind in FORMATS.items():
            made = folder / f"{number:03}-{source.stem}{suffix}"
            run("pandoc", "--standalone", "--to", kind, "--output", str(made), str(source))
            yield made, source if suffix in UNREADABLE else made
    pages = sorted(folder.glob("*.html"))
    for made in print_pages(pages):
        yield made, made


def print_pages(pages: Sequence[Path]) -> Iterator[Path]:
    """Print web pages to PDF files beside them, in Chromium."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        page = browser.new_page()
        for source in pages:
            page.goto(source.as_uri())
            page.pdf(path=source.with_suffix(".pdf"), format="A4")
            yield source.with_suffix(".pdf")
        browser.close()


def files_in(folder: Path) -> list[Path]:
    """The files below a folder that pandoc or pdftotext reads."""
    known = {*FORMATS, ".pdf"} - {*UNREADABLE}
    return sorted(file for file in folder.rglob("*") if file.suffix.lower() in known)


def measure(pairs: Sequence[tuple[Path, Path]]) -> list[Measured]:
    """Compare what we read of each file with the independent reading, by format."""
    found: defaultdict[str, list[tuple[float, float, bool]]] = defaultdict(list)
    for file, reference in pairs:
        expected = words(reading(reference))
        if not expected:
            continue
        try:
            got = words(read_file(file, file.name).article.text)
        except ArticleError as error:
            sys.stderr.write(f"{error}\n")
            got = Counter()
        same = (got & expected).total()
        recall, precision = same / expected.total(), same / max(1, got.total())
        found[file.suffix.lower()].append((recall, precision, not got))
    return [
        Measured(
            suffix,
            len(rows),
            round(sum(recall for recall, _, _ in rows) / len(rows), 4),
            round(sum(precision for _, precision, _ in rows) / len(rows), 4),
            sum(refused for _, _, refused in rows),
        )
        for suffix, rows in sorted(found.items())
    ]


def reading(file: Path) -> str:
    """The text of a file as another program reads it."""
    if file.suffix.lower() == ".pdf":
        return run("pdftotext", "-layout", str(file), "-")
    return run("pandoc", "--to", "plain", "--wrap", "none", str(file))


def words(text: str) -> Counter[str]:
    """The words of a text with their numbers, however they are written."""
    return Counter(_WORD.findall(unicodedata.normalize("NFKC", text).casefold()))


def run(*command: str) -> str:
    """The standard output of another program; "" if it fails."""
    done = subprocess.run(command, capture_output=True, timeout=PROGRAM_S, check=False)
    return done.stdout.decode("utf-8", "replace") if done.returncode == 0 else ""


if __name__ == "__main__":
    main()
