"""The words on pictures of pages, by Tesseract, where it is installed."""

from __future__ import annotations

import logging
import shutil
import subprocess
from functools import reduce
from typing import TYPE_CHECKING

from assistant.ingest.readers.draft import one_line
from assistant.ingest.readers.mending import joined, mend
from assistant.support.errors import ArticleError

if TYPE_CHECKING:
    from pypdfium2 import PdfPage

logger = logging.getLogger(__name__)

OFF = "off"
ON = "on"
_DPI = 300
_MOST_PIXELS = 20_000_000  # A4 at 400 dpi, 20 MB in shades of grey
_NOT_A_LANGUAGE = frozenset({"osd", "equ"})


def tesseract_languages(wanted: str) -> str:
    """The languages to look for, as Tesseract takes them; all that it has where ``wanted`` is "on".

    Raises ``ArticleError`` where Tesseract, or its data for one of them, is not installed.
    """
    if shutil.which("tesseract") is None:
        raise ArticleError(
            "it holds pictures of pages and no text, and Tesseract, which reads them, is not "
            "installed. Install it (on Debian apt-get install tesseract-ocr)."
        )
    listed = subprocess.run(
        ["tesseract", "--list-langs"], capture_output=True, text=True, check=False
    )
    installed = [name for name in listed.stdout.splitlines()[1:] if name not in _NOT_A_LANGUAGE]
    languages = installed if wanted == ON else wanted.split("+")
    missing = [name for name in languages if name not in installed]
    if missing or not languages:
        raise ArticleError(
            f"it holds pictures of pages and no text, and Tesseract has no data for "
            f"{', '.join(missing) or 'any language'}. Install it (on Debian "
            f"apt-get install tesseract-ocr-{missing[0] if missing else 'eng'})."
        )
    return "+".join(languages)


def recognised(page: PdfPage, languages: str) -> list[str]:
    """The paragraphs on the picture of ``page``, in reading order."""
    width, height = page.get_size()
    scale = min(_DPI / 72, (_MOST_PIXELS / max(1.0, width * height)) ** 0.5)
    bitmap = page.render(scale=scale, grayscale=True)
    picture = b"P5 %d %d 255\n" % (bitmap.width, bitmap.height) + bitmap.to_numpy().tobytes()
    bitmap.close()
    return recognised_in(picture, languages, "--dpi", str(round(72 * scale)))


def recognised_in(picture: bytes, languages: str, *options: str) -> list[str]:
    """The paragraphs on a picture in a format that Tesseract knows.

    Raises ``ArticleError`` where it cannot be read.
    """
    done = subprocess.run(
        ["tesseract", "stdin", "stdout", "-l", languages, *options],
        input=picture,
        capture_output=True,
        check=False,
    )
    if done.returncode:
        reason = done.stderr.decode("utf-8", "replace").strip().splitlines()[-1:] or ["no reason"]
        raise ArticleError(f"Tesseract could not read the picture: {reason[0]}.")
    text = done.stdout.decode("utf-8", "replace").replace("\f", "")
    return [_on_one_line(part.strip()) for part in text.split("\n\n") if part.strip()]


def _on_one_line(paragraph: str) -> str:
    return reduce(joined, (one_line(mend(line)) or "" for line in paragraph.split("\n")), "")
