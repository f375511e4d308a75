"""No format makes a number of two: what is raised, lowered, parted or struck out stays apart."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from pathlib import Path

import docx
import pptx
import pytest
from pptx.util import Inches
from reportlab.pdfgen.canvas import Canvas

from tests.support.documents import epub, pdf, saved
from tests.support.opendocument import span, styled
from tests.support.reading import read

Line = Sequence[tuple[str, str]]
"""The parts of a line, each with its look: "", "sup", "sub" or "del"."""


def lines() -> list[Line]:
    """Twenty lines in which numbers of four digits stand beside others that are raised, lowered or
    struck out, all of them different.
    """
    draw = random.Random(20)
    numbers = iter(draw.sample(range(1000, 9999), 200))
    made: list[Line] = []
    for look in ("sup", "sub", "del", "") * 5:
        first, second, third = (str(next(numbers)) for _ in range(3))
        raised = second if look in ("del", "") else second[: draw.randint(1, 2)]
        gap = " " if look in ("del", "") else ""
        made.append([(f"Lot {first}{gap}", ""), (raised, look), (f" and {third} more", "")])
    return made


def html(line: Line) -> str:
    return "".join(f"<{look}>{text}</{look}>" if look else text for text, look in line)


def as_html(made: list[Line]) -> bytes:
    return ("<html><body>" + "".join(f"<p>{html(line)}.</p>" for line in made)).encode()


def as_markdown(made: list[Line]) -> bytes:
    return "\n\n".join(map(html, made)).encode()


def as_epub(made: list[Line]) -> bytes:
    return epub({"a": "".join(f"<p>{html(line)}</p>" for line in made)})


def as_docx(made: list[Line]) -> bytes:
    document = docx.Document()
    for line in made:
        paragraph = document.add_paragraph()
        for text, look in line:
            font = paragraph.add_run(text).font
            font.superscript, font.subscript = look == "sup", look == "sub"
            font.strike = look == "del"
    return saved(document)


def as_odt(made: list[Line]) -> bytes:
    names = {"sup": "U", "sub": "D", "del": "S"}
    return styled("".join(
        "<text:p>" + "".join(span(names[look], t) if look else t for t, look in line) + "</text:p>"
        for line in made
    ))  # fmt: skip


def as_rtf(made: list[Line]) -> bytes:
    words = {"sup": r"\super", "sub": r"\sub", "del": r"\strike", "": ""}
    body = "".join(
        "".join(rf"{{{words[look]} {text}}}" for text, look in line) + r"\par " for line in made
    )
    return rf"{{\rtf1\ansi {body}}}".encode("ascii")


def as_pptx(made: list[Line]) -> bytes:
    presentation = pptx.Presentation()
    for line in made:
        slide = presentation.slides.add_slide(presentation.slide_layouts[6])
        box = slide.shapes.add_textbox(Inches(1), Inches(1), Inches(5), Inches(1))
        for text, look in line:
            run = box.text_frame.paragraphs[0].add_run()
            run.text = text
            properties = run.font._rPr
            if look in ("sup", "sub"):
                properties.set("baseline", "30000" if look == "sup" else "-25000")
            elif look:
                properties.set("strike", "sngStrike")
    return saved(presentation)


def as_pdf(made: list[Line]) -> bytes:
    def draw(canvas: Canvas) -> None:
        for number, line in enumerate(made):
            left, top = 72.0, 780 - 30 * number
            for text, look in line:
                size = 7 if look in ("sup", "sub") else 11
                rise = {"sup": 4, "sub": -2}.get(look, 0)
                canvas.setFont("Helvetica", size)
                canvas.drawString(left, top + rise, text)
                left += canvas.stringWidth(text, "Helvetica", size)

    return pdf(draw)


@pytest.mark.parametrize(
    ("suffix", "written"),
    [
        (".html", as_html), (".md", as_markdown), (".epub", as_epub), (".docx", as_docx),
        (".odt", as_odt), (".rtf", as_rtf), (".pptx", as_pptx), (".pdf", as_pdf),
    ],
)  # fmt: skip
def test_every_number_of_the_text_is_one_of_the_document(
    tmp_path: Path, suffix: str, written: Callable[[list[Line]], bytes]
) -> None:
    made = lines()
    text = read(tmp_path, f"a{suffix}", written(made)).text
    numbers = {
        number for line in made for part, look in line if look not in ("sup", "sub")
        for number in re.findall(r"[0-9]+", part)
    }  # fmt: skip
    assert set(re.findall(r"[0-9]+", text)) == numbers
