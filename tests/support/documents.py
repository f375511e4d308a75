"""Small files of each format, made for the tests; each holds ``HEADING`` and ``SENTENCE``."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import cache

import docx
import pptx
from openpyxl import Workbook
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

HEADING = "The bridge at Cordouan"
SENTENCE = "The council decided on Tuesday to rebuild the old bridge before the winter comes."


def pdf(draw: Callable[[Canvas], None], **information: str) -> bytes:
    """A PDF whose pages ``draw`` draws."""
    file = io.BytesIO()
    canvas = Canvas(file, pagesize=A4, invariant=1)
    for name, value in information.items():
        getattr(canvas, f"set{name.capitalize()}")(value)
    draw(canvas)
    canvas.save()
    return file.getvalue()


def lines(canvas: Canvas, texts: Sequence[str], left: float = 72, top: float = 760) -> None:
    """Draw ``texts`` below each other; those that begin with # as headings."""
    for text in texts:
        canvas.setFont("Helvetica-Bold" if text.startswith("#") else "Helvetica", 11)
        if text.startswith("# "):
            canvas.setFontSize(18)
        canvas.drawString(left, top, text.lstrip("# "))
        top -= 26 if text.startswith("#") else 14


def simple_pdf() -> bytes:
    def draw(canvas: Canvas) -> None:
        lines(canvas, [f"# {HEADING}", SENTENCE])

    return pdf(draw, title=HEADING, author="Ada Keeper")


def scanned_pdf(text: str = "A lighthouse") -> bytes:
    """A page with nothing on it but the picture of ``text``."""
    from PIL import Image, ImageDraw, ImageFont
    from reportlab.lib.utils import ImageReader

    image = Image.new("L", (1240, 400), 255)
    ImageDraw.Draw(image).text((60, 120), text, 0, ImageFont.load_default(80))

    return pdf(lambda canvas: canvas.drawImage(ImageReader(image), 40, 500, 500, 160))


def archive(files: Mapping[str, str | bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in files.items():
            stored = zipfile.ZIP_STORED if name == "mimetype" else zipfile.ZIP_DEFLATED
            made.writestr(name, content, stored)
    return file.getvalue()


def files_of(data: bytes) -> dict[str, bytes]:
    """The files of an archive, by name."""
    with zipfile.ZipFile(io.BytesIO(data)) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def simple_docx() -> bytes:
    document = docx.Document()
    document.core_properties.title = HEADING
    document.core_properties.author = "Ada Keeper"
    document.core_properties.created = datetime(2024, 5, 17)
    document.add_heading(HEADING, 1)
    document.add_paragraph(SENTENCE)
    document.add_paragraph("First item", style="List Bullet")
    document.add_paragraph("Second item", style="List Bullet")
    table = document.add_table(2, 2)
    for cell, text in zip(table._cells, ("Year", "Ships", "1611", "27"), strict=True):
        cell.text = text
    document.add_paragraph("After the table.")
    return saved(document)


def saved(document: object) -> bytes:
    file = io.BytesIO()
    document.save(file)  # type: ignore[attr-defined]
    return file.getvalue()


def simple_pptx() -> bytes:
    presentation = pptx.Presentation()
    presentation.core_properties.title = "PowerPoint Presentation"
    for title, body in ((HEADING, SENTENCE), ("The keepers", "They left the tower in 2012.")):
        slide = presentation.slides.add_slide(presentation.slide_layouts[1])
        slide.shapes.title.text = title
        slide.placeholders[1].text = body
    slide.notes_slide.notes_text_frame.text = "Say that there were four of them."
    return saved(presentation)


ODF = " ".join(
    f'xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for prefix, name in (
        ("office", "office"), ("text", "text"), ("table", "table"), ("meta", "meta"),
        ("draw", "drawing"),
    )
)  # fmt: skip


def odt(body: str, meta: str = "") -> bytes:
    return archive(
        {
            "mimetype": "application/vnd.oasis.opendocument.text",
            "content.xml": f"<office:document-content {ODF}><office:body><office:text>{body}"
            "</office:text></office:body></office:document-content>",
            "meta.xml": f'<office:document-meta {ODF} xmlns:dc="http://purl.org/dc/elements/1.1/">'
            f"<office:meta>{meta}</office:meta></office:document-meta>",
        }
    )


def simple_odt() -> bytes:
    return odt(
        f"<text:h>{HEADING}</text:h><text:p>{SENTENCE}</text:p>"
        "<text:list><text:list-item><text:p>First item</text:p></text:list-item>"
        "<text:list-item><text:p>Second<text:s text:c='2'/>item</text:p></text:list-item>"
        "</text:list><table:table><table:table-row><table:table-cell><text:p>1611</text:p>"
        "</table:table-cell><table:table-cell><text:p>27</text:p></table:table-cell>"
        "</table:table-row></table:table>",
        f"<dc:title>{HEADING}</dc:title><meta:initial-creator>Ada Keeper</meta:initial-creator>"
        "<meta:creation-date>2024-05-17T09:30:00</meta:creation-date>",
    )


def epub(chapters: Mapping[str, str], metadata: str = "", **more: str) -> bytes:
    """A book of ``chapters``, in their order; the manifest names them in another."""
    manifest = "".join(
        f'<item id="{name}" href="{name}.xhtml" media-type="application/xhtml+xml"/>'
        for name in sorted(chapters)
    )
    spine = "".join(f'<itemref idref="{name}"/>' for name in chapters)
    return archive(
        {
            "mimetype": "application/epub+zip",
            "META-INF/container.xml": "<container><rootfiles>"
            '<rootfile full-path="OPS/book.opf"/></rootfiles></container>',
            "OPS/book.opf": '<package xmlns:dc="http://purl.org/dc/elements/1.1/"><metadata>'
            f"{metadata}</metadata><manifest>{manifest}</manifest><spine>{spine}</spine></package>",
            **{
                f"OPS/{name}.xhtml": f"<html><body>{body}</body></html>"
                for name, body in chapters.items()
            },
            **more,
        }
    )


def simple_epub() -> bytes:
    return epub(
        {
            "z": f"<h1>{HEADING}</h1><p>{SENTENCE}</p><ul><li>First item</li><li>Second</li></ul>",
            "a": "<h2>The keepers</h2><p>They left<br/>in <i>2012</i>.</p>"
            "<table><tr><td>1611</td><td>27</td></tr></table>",
        },
        f"<dc:title>{HEADING}</dc:title><dc:creator>Ada Keeper</dc:creator>"
        "<dc:date>2024-05-17</dc:date><dc:language>en</dc:language>",
    )


def simple_rtf() -> bytes:
    return (
        r"{\rtf1\ansi\ansicpg1252\deff0{\fonttbl{\f0 Arial;}}"
        r"{\stylesheet{\s0 Normal;}{\s1\sb240\b heading 1;}}"
        rf"{{\info{{\title {HEADING}}}{{\author Ada Keeper}}{{\creatim\yr2024\mo5\dy17}}}}"
        rf"{{\header A running header}}\pard\s1\b {HEADING}\b0\par\pard {SENTENCE}\par "
        r"Caf\'e9 \u8364? 5.\par\trowd\cellx1000\cellx2000 1611\cell 27\cell\row\pard End.\par}"
    ).encode("ascii")


def simple_mhtml() -> bytes:
    return (
        "From: <Saved by a browser>\r\nSnapshot-Content-Location: https://example.org/bridge\r\n"
        f"Subject: {HEADING}\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/related; type="text/html"; boundary="--b"\r\n\r\n'
        "----b\r\nContent-Type: text/html; charset=utf-8\r\n"
        "Content-Transfer-Encoding: quoted-printable\r\n"
        "Content-Location: https://example.org/bridge\r\n\r\n"
        f"<html><body><article><h1>{HEADING}</h1><p>{SENTENCE} Caf=C3=A9 =\r\nnear it.</p>"
        "</article></body></html>\r\n"
        "----b\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\niVBORw0K\r\n"
        "----b--\r\n"
    ).encode("ascii")


def simple_rss() -> bytes:
    return (
        '<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel>'
        "<title>The harbour &amp; the sea</title><link>https://example.org/</link>"
        "<language>en-gb</language>"
        f"<item><title>{HEADING}</title><pubDate>Fri, 17 May 2024 09:30:00 +0000</pubDate>"
        f"<description>&lt;p&gt;{SENTENCE}&lt;/p&gt;&lt;p&gt;It is old.&lt;/p&gt;</description>"
        "</item><item><title>The keepers</title><description>They left.</description></item>"
        "</channel></rss>"
    ).encode()


def simple_atom() -> bytes:
    return (
        '<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en"><title>The harbour</title>'
        f"<entry><title>{HEADING}</title><updated>2024-05-17T09:30:00Z</updated>"
        "<author><name>Ada Keeper</name></author><summary>Short.</summary>"
        f'<content type="html">&lt;p&gt;{SENTENCE}&lt;/p&gt;</content></entry></feed>'
    ).encode()


def simple_eml() -> bytes:
    return (
        "From: Ada Keeper <ada@example.org>\r\nTo: Bo Lamp <bo@example.org>\r\n"
        "Subject: =?utf-8?q?The_harbour_of_Cordouan?=\r\n"
        "Date: Fri, 17 May 2024 09:30:00 +0200\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/alternative; boundary="--b"\r\n\r\n'
        "----b\r\nContent-Type: text/plain; charset=iso-8859-1\r\n"
        "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
        f"{HEADING}\r\n\r\n{SENTENCE} Caf=E9 =\r\nnear it.\r\n"
        "----b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
        f"<p>{SENTENCE}</p>\r\n----b--\r\n"
    ).encode("ascii")


def simple_json() -> bytes:
    record = {"note": SENTENCE, "ships": 27, "weight_t": 1.50, "open": True, "gone": None}
    return json.dumps({"title": "The harbour", HEADING: [record, {"note": "Closed."}]}).encode()


@cache  # each would say when it was made
def simple_xlsx() -> bytes:
    book = Workbook()
    book.active.title = HEADING
    for row in ([SENTENCE], [], ["Year", "Ships"], [1611, 27]):
        book.active.append(row)
    return saved(book)


def ods(rows: str, name: str = "Costs") -> bytes:
    """A spreadsheet of one sheet."""
    table = f'<table:table table:name="{name}">{rows}</table:table>'
    return archive(
        {
            "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
            "content.xml": f"<office:document-content {ODF}><office:body><office:spreadsheet>"
            f"{table}</office:spreadsheet></office:body></office:document-content>",
        }
    )


def simple_ods() -> bytes:
    cell = "<table:table-cell><text:p>{}</text:p></table:table-cell>"
    rows = ([SENTENCE], [""], ["Year", "Ships"], ["1611", "27"])
    lines = ("".join(map(cell.format, row)) for row in rows)
    return ods("".join(f"<table:table-row>{line}</table:table-row>" for line in lines), HEADING)


SIMPLE: dict[str, Callable[[], bytes]] = {
    ".pdf": simple_pdf,
    ".docx": simple_docx,
    ".pptx": simple_pptx,
    ".odt": simple_odt,
    ".xlsx": simple_xlsx,
    ".ods": simple_ods,
    ".epub": simple_epub,
    ".rtf": simple_rtf,
    ".mhtml": simple_mhtml,
    ".eml": simple_eml,
    ".json": simple_json,
    ".rss": simple_rss,
    ".atom": simple_atom,
}
