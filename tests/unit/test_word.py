"""Word documents whose text is more than the words of their runs."""

from __future__ import annotations

from pathlib import Path

import docx
import pytest
from docx.document import Document
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from tests.support.documents import HEADING, SENTENCE, archive, files_of, saved, simple_docx
from tests.support.reading import blocks, read

MATH = 'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"'


def document(*paragraphs: str) -> Document:
    """A document of ``paragraphs``, each the XML of what is in it."""
    made = docx.Document()
    for inner in paragraphs:
        made.element.body.insert(-1, parse_xml(f"<w:p {nsdecls('w')} {MATH}>{inner}</w:p>"))
    return made


def run(text: str, look: str = "") -> str:
    return f'<w:r><w:rPr>{look}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


def raised(text: str) -> str:
    return run(text, '<w:vertAlign w:val="superscript"/>')


def texts(folder: Path, made: Document) -> list[str]:
    return blocks(read(folder, "a.docx", saved(made)))


@pytest.mark.parametrize(
    ("inner", "shown"),
    [
        (run("It holds 10") + raised("6") + run(" cells"), "It holds 10⁶ cells"),
        (run("25 m") + raised("2"), "25 m²"),
        (run("H") + run("2", '<w:vertAlign w:val="subscript"/>') + run("O"), "H₂O"),
        (run("Since 1905") + raised("3") + run(" it is"), "Since 1905 ³ it is"),
        (run("le 1") + raised("er") + run(" mai"), "le 1er mai"),
        (run("e") + raised("2x"), "e^(2x)"),
        (run("10") + run("6", '<w:position w:val="8"/>'), "10⁶"),
        (run("It costs ") + run("50", "<w:strike/>") + run(" euros", "<w:strike/>") + run(" 40"),
         "It costs ~~50 euros~~ 40"),
        (run("20 ") + '<w:r><w:sym w:font="Symbol" w:char="F0B0"/></w:r>' + run("C"), "20 °C"),
        ('<w:r><w:sym w:font="Symbol" w:char="F061"/></w:r>' + run(" = 3"), "α = 3"),
        ('<w:r><w:ruby><w:rt><w:r><w:t>とうきょう</w:t></w:r></w:rt><w:rubyBase><w:r><w:t>東京'
         "</w:t></w:r></w:rubyBase></w:ruby></w:r>", "東京(とうきょう)"),
        ('<w:r><w:fldChar w:fldCharType="begin"><w:ffData><w:checkBox><w:default w:val="0"/>'
         "<w:checked/></w:checkBox></w:ffData></w:fldChar></w:r>" + run(" gas"), "☒ gas"),
        ('<w:r><w:fldChar w:fldCharType="begin"><w:ffData><w:checkBox><w:default w:val="0"/>'
         "</w:checkBox></w:ffData></w:fldChar></w:r>" + run(" wood"), "☐ wood"),
    ],
)  # fmt: skip
def test_what_a_run_looks_like_keeps_its_meaning(tmp_path: Path, inner: str, shown: str) -> None:
    assert texts(tmp_path, document(inner)) == [shown]


def test_a_bold_paragraph_over_text_is_a_heading(tmp_path: Path) -> None:
    bold = run("Opening", "<w:b/>") + run(" hours", "<w:b/>")
    partly = run("Mind", "<w:b/>") + run(" the step")
    not_bold = run("Prices", '<w:b w:val="0"/>')
    made = document(bold, run("From 8 to 20."), partly, run("It is high."), not_bold, run("All 2."))
    article = read(tmp_path, "a.docx", saved(made))
    assert [article.text[b.start : b.end] for b in article.blocks if b.heading] == ["Opening hours"]


def math(inner: str) -> str:
    return f"<m:oMath>{inner}</m:oMath>"


def part(name: str, text: str) -> str:
    return f"<m:{name}><m:r><m:t>{text}</m:t></m:r></m:{name}>"


@pytest.mark.parametrize(
    ("inner", "shown"),
    [
        (f"<m:f>{part('num', '12')}{part('den', '40')}</m:f>", "12/40"),
        (f"<m:f>{part('num', 'a+b')}{part('den', '2')}</m:f>", "(a+b)/2"),
        (f"<m:sSup>{part('e', '3')}{part('sup', '2')}</m:sSup>", "3²"),
        (f"<m:sSub>{part('e', 'v')}{part('sub', '0')}</m:sSub>", "v₀"),
        (f"<m:rad><m:radPr/>{part('deg', '')}{part('e', '16')}</m:rad>", "√16"),
        (f"<m:d>{part('e', 'x+1')}</m:d>", "(x+1)"),
        (f'<m:nary><m:naryPr><m:chr m:val="∑"/></m:naryPr>{part("sub", "1")}{part("sup", "9")}'
         f"{part('e', 'x')}</m:nary>", "∑₁⁹ x"),
    ],
)  # fmt: skip
def test_formulas_are_written_on_a_line(tmp_path: Path, inner: str, shown: str) -> None:
    assert texts(tmp_path, document(run("Take ") + math(inner))) == [f"Take {shown}"]


def numbered(level: int, number: int = 90) -> str:
    return f'<w:pPr><w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{number}"/></w:numPr></w:pPr>'


def with_list(made: Document, *levels: tuple[str, str]) -> Document:
    """``made`` with a list of number 90, whose levels have these formats and texts."""
    shown = "".join(
        f'<w:lvl w:ilvl="{index}"><w:start w:val="1"/><w:numFmt w:val="{form}"/>'
        f'<w:lvlText w:val="{text}"/></w:lvl>'
        for index, (form, text) in enumerate(levels)
    )
    numbering = made.part.numbering_part.element
    kind = f'<w:abstractNum {nsdecls("w")} w:abstractNumId="90">{shown}</w:abstractNum>'
    numbering.insert(0, parse_xml(kind))
    for number, more in ((90, ""), (91, '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="7"/>'
                                        "</w:lvlOverride>")):  # fmt: skip
        numbering.append(
            parse_xml(
                f'<w:num {nsdecls("w")} w:numId="{number}"><w:abstractNumId w:val="90"/>{more}'
                "</w:num>"
            )
        )
    return made


def test_automatic_numbers_are_read(tmp_path: Path) -> None:
    made = document(
        numbered(0) + run("Lease"), numbered(1) + run("Rent"), numbered(1) + run("Term"),
        numbered(0) + run("End"), numbered(1) + run("Notice"), numbered(0, 91) + run("More"),
    )  # fmt: skip
    with_list(made, ("upperRoman", "Article %1"), ("lowerLetter", "%2)"))
    assert texts(tmp_path, made) == [
        "Article I Lease", "a) Rent", "b) Term", "Article II End", "a) Notice", "Article VII More",
    ]  # fmt: skip


def test_a_level_without_numbers_shows_none(tmp_path: Path) -> None:
    made = document(numbered(0) + run("Lease"), numbered(1) + run("Rent"))
    with_list(made, ("none", "%1"), ("decimal", "%1%2."))
    assert texts(tmp_path, made) == ["Lease", "1. Rent"]


def test_bullets_are_no_numbers(tmp_path: Path) -> None:
    made = with_list(document(numbered(0) + run("Lease")), ("bullet", "•"))
    assert texts(tmp_path, made) == ["Lease"]


def test_a_large_first_letter_belongs_to_its_word(tmp_path: Path) -> None:
    made = document(
        '<w:pPr><w:framePr w:dropCap="drop"/></w:pPr>' + run("L"), run("ighthouses shine.")
    )
    assert texts(tmp_path, made) == ["Lighthouses shine."]


def test_a_row_that_was_deleted_is_not_read(tmp_path: Path) -> None:
    made = docx.Document()
    table = made.add_table(2, 2)
    for cell, text in zip(table._cells, ("Left", "10", "Gone", "99"), strict=True):
        cell.text = text
    mark = f'<w:trPr {nsdecls("w")}><w:del w:id="9" w:author="a"/></w:trPr>'
    table.rows[1]._tr.insert(0, parse_xml(mark))
    assert texts(tmp_path, made) == ["Left | 10"]


def test_the_head_of_the_pages_is_read_once(tmp_path: Path) -> None:
    made = document(run("Switch it off."))
    for _ in range(2):
        header = made.add_section().header
        header.is_linked_to_previous = False
        header.paragraphs[0].text = "Procedure PR-77 of 12 May 2024"
    field = f'<w:p {nsdecls("w")}><w:r><w:t>Page </w:t></w:r><w:fldSimple w:instr=" PAGE "/></w:p>'
    header._element.append(parse_xml(field))
    assert texts(tmp_path, made) == ["Procedure PR-77 of 12 May 2024", "Switch it off."]


def test_what_leads_nowhere_is_left_out(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    files = files_of(simple_docx())
    del files["word/styles.xml"]
    files["word/numbering.xml"] = b"<broken"
    text = read(tmp_path, "a.docx", archive(files)).text
    assert SENTENCE in text
    assert HEADING in text
    assert "numbering.xml" in caplog.text


def test_a_strict_document_is_read(tmp_path: Path) -> None:
    usual = "http://schemas.openxmlformats.org/"
    files = {
        name: data.replace(f"{usual}officeDocument/2006/".encode(), b"http://purl.oclc.org/ooxml/officeDocument/")
        .replace(f"{usual}wordprocessingml/2006/main".encode(), b"http://purl.oclc.org/ooxml/wordprocessingml/main")
        for name, data in files_of(simple_docx()).items()
    }  # fmt: skip
    article = read(tmp_path, "a.docx", archive(files))
    assert article.text == read(tmp_path, "b.docx", simple_docx()).text


@pytest.mark.parametrize(
    ("suffix", "kind"),
    [
        (".docm", "application/vnd.ms-word.document.macroEnabled.main+xml"),
        (
            ".dotx",
            "application/vnd.openxmlformats-officedocument.wordprocessingml.template.main+xml",
        ),
    ],
)
def test_templates_and_documents_with_macros_are_read(
    tmp_path: Path, suffix: str, kind: str
) -> None:
    files = files_of(simple_docx())
    usual = b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    files["[Content_Types].xml"] = files["[Content_Types].xml"].replace(usual, kind.encode())
    article = read(tmp_path, f"a{suffix}", archive({**files, "word/vbaProject.bin": b"Sub"}))
    assert article.text == read(tmp_path, "b.docx", simple_docx()).text
