"""Formats that people have beside those of offices: what is read of them."""

from __future__ import annotations

import json
import struct
from datetime import date, datetime
from pathlib import Path

import pytest

from assistant.ingest.readers import read_file
from assistant.ingest.readers.formats import PICTURES, is_readable
from tests.support.documents import HEADING, SENTENCE, simple_pdf
from tests.support.ole import ole
from tests.support.reading import blocks, read, refusal


def outlook() -> bytes:
    ticks = int((datetime(2024, 5, 17, 9) - datetime(1601, 1, 1)).total_seconds() * 10_000_000)
    sent = struct.pack("<HHIQ", 0x0040, 0x0039, 6, ticks)

    def text(name: str, words: str) -> tuple[str, bytes]:
        return f"__substg1.0_{name}001F", words.encode("utf-16-le")

    attached = "__attach_version1.0_#00000000"
    return ole(
        dict(
            [
                text("0037", "The offer"), text("0C1A", "Ada Keeper"),
                text("0C1F", "ada@example.org"), text("0E04", "Bo Lamp"),
                text("1000", f"{HEADING}\r\n\r\n{SENTENCE}"),
                ("__properties_version1.0", bytes(32) + sent),
                (f"{attached}/__substg1.0_3707001F", "prices.txt".encode("utf-16-le")),
                (f"{attached}/__substg1.0_37010102", b"Pears cost 3 euros.".ljust(5_000)),
            ]
        )
    )  # fmt: skip


def test_mail_of_outlook_is_read_with_its_attachments(tmp_path: Path) -> None:
    article = read(tmp_path, "a.msg", outlook())
    assert blocks(article) == [
        "From: Ada Keeper <ada@example.org>", "To: Bo Lamp", "Subject: The offer",
        "Date: 2024-05-17", HEADING, SENTENCE,
    ]  # fmt: skip
    assert (article.title, article.published) == ("The offer", date(2024, 5, 17))
    assert read_file(tmp_path / "a.msg", "a").parts == ("prices.txt",)
    part = read_file(tmp_path / "a.msg", "p", inside=["prices.txt"]).article
    assert part is not None
    assert part.text.strip() == "Pears cost 3 euros."
    assert "damaged" in refusal(tmp_path, "b.msg", outlook()[:1_500] + outlook()[:40])


def test_a_notebook_is_read_cell_by_cell(tmp_path: Path) -> None:
    cells = [
        {"cell_type": "markdown", "source": [f"# {HEADING}\n", "\n", f"{SENTENCE} 10<sup>6</sup>"]},
        {"cell_type": "code", "source": "total = 27", "outputs": [
            {"output_type": "stream", "text": ["27 ships\n"]},
            {"output_type": "execute_result", "data": {"text/plain": "1611", "image/png": "iVBO"}},
        ]},
    ]  # fmt: skip
    article = read(tmp_path, "a.ipynb", json.dumps({"cells": cells}).encode())
    assert blocks(article) == [HEADING, f"{SENTENCE} 10⁶", "total = 27", "27 ships", "1611"]
    assert article.title == HEADING
    assert "no cells" in refusal(tmp_path, "b.ipynb", b'{"a": 1}')


def test_restructured_text_is_read_without_what_it_includes(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("Nobody may read this.")
    text = (
        f"{HEADING}\n{'=' * 30}\n\n{SENTENCE} 10\\ :sup:`6`\n\nKeepers\n-------\n\n"
        "3. Close\n4. Lock\n\n* Item\n\n.. include:: secret.txt\n\n"
        ".. raw:: html\n\n   <b>raw</b>\n\n"
        "=====  =====\nFruit  Price\n=====  =====\nPear   3.40\n=====  =====\n"
    )
    article = read(tmp_path, "a.rst", text.encode())
    found = blocks(article)
    assert blocks(article, heading=True) == [HEADING, "Keepers"]
    assert f"{SENTENCE} 10⁶" in found
    assert {"3. Close", "4. Lock", "Item", "Pear | 3.40"} <= set(found)
    assert "Nobody" not in article.text
    assert "raw" not in article.text


def test_asciidoc_is_read_without_its_marks(tmp_path: Path) -> None:
    text = (
        f"= {HEADING}\n:author: Ada\n\n{SENTENCE} It is *old* and\n_grey_, see "
        "https://example.org[the map].\n\n== Keepers\n\n* One\n* Two\n\n|===\n|Fruit |Price\n"
        "|Pear |3.40\n|===\n\n// hidden\ninclude::secret.txt[]\n"
    )
    article = read(tmp_path, "a.adoc", text.encode())
    assert blocks(article) == [
        HEADING, f"{SENTENCE} It is old and grey, see the map.", "Keepers", "* One", "* Two",
        "Fruit | Price", "Pear | 3.40",
    ]  # fmt: skip
    assert blocks(article, heading=True) == [HEADING, "Keepers"]


def test_an_org_file_is_read_without_its_marks(tmp_path: Path) -> None:
    text = (
        f"#+TITLE: {HEADING}\n#+AUTHOR: Ada\n* TODO Keepers  :old:\n:PROPERTIES:\n:ID: 7\n:END:\n"
        f"{SENTENCE} It is /old/, see [[https://example.org][the map]].\n- One\n- Two\n"
        "| Pear | 3.40 |\n|------+------|\n"
    )
    article = read(tmp_path, "a.org", text.encode())
    assert blocks(article) == [
        HEADING, "Keepers", f"{SENTENCE} It is old, see the map.", "- One", "- Two", "Pear | 3.40",
    ]  # fmt: skip
    assert article.title == HEADING


def test_latex_is_read_as_text_with_headings(tmp_path: Path) -> None:
    text = (
        r"\documentclass{article}\title{" + HEADING + r"}\begin{document}\maketitle"
        "\n\\section{Keepers}\n% hidden\n" + SENTENCE + r" It cost 5\,\% of $10^6$, l'\'et\'e. "
        r"\cite{a}\textbf{Old}." "\n\n"
        r"\begin{itemize}\item One\item Two\end{itemize}\input{/etc/passwd}\end{document} after"
    )  # fmt: skip
    article = read(tmp_path, "a.tex", text.encode())
    found = blocks(article)
    assert found[0] == "Keepers"
    assert SENTENCE in found[1]
    assert "10^6" in found[1]
    assert "l'été" in found[1]
    assert found[1].endswith("Old.")
    assert [line.strip("* ") for line in found[2:]] == ["One", "Two"]
    assert "root:" not in article.text
    assert "hidden" not in article.text
    assert article.title == HEADING


def test_pages_in_xhtml_are_pages(tmp_path: Path) -> None:
    page = (
        '<?xml version="1.0" encoding="utf-8"?><html xmlns="http://www.w3.org/1999/xhtml"><body>'
        f"<h1>{HEADING}</h1><p>{SENTENCE}</p></body></html>"
    )
    assert blocks(read(tmp_path, "a.xhtml", page.encode())) == [HEADING, SENTENCE]


# Names that tell nothing


@pytest.mark.parametrize("name", ["README", "notes.log2", "page.unknown", "b.pages"])
def test_a_file_of_an_unknown_name_is_looked_into(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    for content, text in ((SENTENCE.encode(), SENTENCE), (simple_pdf(), SENTENCE)):
        path.write_bytes(content)
        assert is_readable(path)
        assert text in read(tmp_path, name, content).text
    path.write_bytes(b"\x7fELF\x02\x01\x01" + bytes(400))
    assert not is_readable(path)


def test_programs_are_no_articles(tmp_path: Path) -> None:
    for name in ("a.py", "a.css", "a.yaml"):
        (tmp_path / name).write_text("print('words that are many enough to read')\n")
        assert not is_readable(tmp_path / name)
    assert not is_readable(tmp_path / "nothing")


def test_a_text_named_as_a_document_is_a_text(tmp_path: Path) -> None:
    for name in ("a.pdf", "a.docx", "a.odt", "a.pptx"):
        assert read(tmp_path, name, SENTENCE.encode()).text == SENTENCE


def test_pictures_are_articles_where_their_words_are_wanted(tmp_path: Path) -> None:
    for suffix in PICTURES:
        assert not is_readable(tmp_path / f"a{suffix}")
        assert is_readable(tmp_path / f"a{suffix}", "on")
    assert "ASSISTANT_OCR" in refusal(tmp_path, "a.png", b"\x89PNG\r\n\x1a\n" + bytes(99))


def test_the_words_on_a_picture_are_read_by_tesseract(tmp_path: Path) -> None:
    pytest.importorskip("PIL")
    from PIL import Image, ImageDraw, ImageFont

    image = Image.new("L", (1240, 400), 255)
    ImageDraw.Draw(image).text((60, 120), "A lighthouse of 1611", 0, ImageFont.load_default(80))
    path = tmp_path / "a.png"
    image.save(path)
    found = read_file(path, "a.png", "eng").article
    assert found is not None
    assert found.text == "A lighthouse of 1611"
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(99))
    with pytest.raises(Exception, match="could not read the picture"):
        read_file(path, "a.png", "eng")


def test_entities_in_titles_are_decoded(tmp_path: Path) -> None:
    matter = f"---\ntitle: Fish &amp; chips\n---\n{SENTENCE}\n"
    assert read(tmp_path, "a.md", matter.encode()).title == "Fish & chips"
    page = f"<html><head><title>Fish &amp;amp; chips</title></head><body><p>{SENTENCE}</p></body>"
    assert read(tmp_path, "a.html", page.encode()).title == "Fish & chips"


def test_links_and_what_is_not_understood_of_latex_cost_no_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = (
        r"\documentclass{article}\begin{document}\section{Access}"
        "\n\n"
        r"See \href{https://a.example/b_c}{the \texttt{guide}} for more."
        "\n\n"
        r"The tower is \emph{open}."
        "\n"
        r"\end{document}"
    )
    text = read(tmp_path, "a.tex", source.encode()).text
    assert text.endswith("See the guide for more.\n\nThe tower is open.")

    def fail(*_: object) -> str:
        raise IndexError("list index out of range")

    monkeypatch.setattr("pylatexenc.latex2text.LatexNodes2Text.latex_to_text", fail)
    assert "The tower is open" in read(tmp_path, "a.tex", source.encode()).text


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("a.org", "* Prices\nA rope costs +50 euros+ 60 euros, 2+3 is 5.\n"),
        (
            "a.tex",
            r"\section{Prices} A rope costs \sout{50 euros} 60 euros, 2+3 is 5.",
        ),
    ],
)
def test_what_is_struck_out_is_marked(tmp_path: Path, name: str, source: str) -> None:
    text = read(tmp_path, name, source.encode()).text
    assert text.endswith("A rope costs ~~50 euros~~ 60 euros, 2+3 is 5.")
