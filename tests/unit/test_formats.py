import zipfile
from datetime import date
from io import BytesIO
from pathlib import Path

import docx
import pptx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.util import Inches

from assistant.ingest.readers.mending import joined, mend
from assistant.ingest.readers.metadata import plausible_author, plausible_date, plausible_title
from assistant.support.errors import ArticleError
from tests.support.documents import (
    HEADING,
    SENTENCE,
    SIMPLE,
    archive,
    epub,
    odt,
    saved,
    simple_docx,
    simple_odt,
)
from tests.support.reading import blocks, read, read_article, refusal

ENTITY = '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>'


def changed(data: bytes, name: str, content: str | bytes) -> bytes:
    """The archive ``data`` with another file ``name`` in it."""
    with zipfile.ZipFile(BytesIO(data)) as before:
        files = {entry: before.read(entry) for entry in before.namelist()}
    return archive({**files, name: content})


@pytest.mark.parametrize("suffix", SIMPLE)
def test_each_format_gives_its_headings_and_sentences(tmp_path: Path, suffix: str) -> None:
    article = read(tmp_path, f"a{suffix}", SIMPLE[suffix]())
    assert HEADING in blocks(article, heading=True)
    assert any(SENTENCE in block for block in blocks(article, heading=False))
    assert article.language == "en"


@pytest.mark.parametrize("suffix", [".docx", ".odt", ".epub", ".rtf"])
def test_what_a_file_says_of_itself_is_taken(tmp_path: Path, suffix: str) -> None:
    article = read(tmp_path, f"a{suffix}", SIMPLE[suffix]())
    assert (article.title, article.author) == (HEADING, "Ada Keeper")
    assert article.published == date(2024, 5, 17)


def test_hidden_text_of_word_is_left_out(tmp_path: Path) -> None:
    document = docx.Document()
    paragraph = document.add_paragraph("The tower is open to visitors.")
    paragraph.add_run(" Nobody reads this.").font.hidden = True
    paragraph.add_run(" Bring a lamp.").font.hidden = False
    text = read(tmp_path, "a.docx", saved(document)).text
    assert text == "The tower is open to visitors. Bring a lamp."


@pytest.mark.parametrize("suffix", [".docx", ".odt", ".epub", ".rtf", ".xlsx", ".ods"])
def test_the_rows_of_tables_are_lines_of_parted_cells(tmp_path: Path, suffix: str) -> None:
    assert "1611 | 27" in blocks(read(tmp_path, f"a{suffix}", SIMPLE[suffix]()))


@pytest.mark.parametrize("suffix", SIMPLE)
def test_the_content_decides_where_the_suffix_lies(tmp_path: Path, suffix: str) -> None:
    if suffix not in (".rss", ".atom", ".mhtml", ".eml", ".json"):  # those are text to the eye
        honest = read(tmp_path, f"a{suffix}", SIMPLE[suffix]())
        assert read(tmp_path, "a.txt", SIMPLE[suffix]()).text == honest.text


def test_a_page_named_as_a_document_is_read_as_a_page(tmp_path: Path) -> None:
    page = f"<!DOCTYPE html><html><body><h1>{HEADING}</h1><p>{SENTENCE}</p></body></html>"
    assert SENTENCE in read(tmp_path, "a.docx", page.encode()).text


def test_bytes_that_begin_otherwise_are_no_document(tmp_path: Path) -> None:
    assert "damaged" in refusal(tmp_path, "a.docx", b"\x7fELF" + bytes(99))
    assert "damaged" in refusal(tmp_path, "a.pdf", b"\x7fELF" + bytes(99))
    assert "damaged" in refusal(tmp_path, "a.rtf", SENTENCE.encode())
    assert "neither" in refusal(tmp_path, "a.xml", b"<catalogue><item>Words</item></catalogue>")


# What is refused


def test_a_document_protected_by_a_password_is_refused(tmp_path: Path) -> None:
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512)
    encrypted = ole + "EncryptedPackage".encode("utf-16-le")
    assert "password" in refusal(tmp_path, "a.docx", encrypted)
    assert "old format" in refusal(tmp_path, "b.docx", ole)
    manifest = (
        '<manifest:file-entry xmlns:manifest="m"><manifest:encryption-data/></manifest:file-entry>'
    )
    locked = changed(simple_odt(), "META-INF/manifest.xml", manifest)
    assert "password" in refusal(tmp_path, "a.odt", locked)


def test_the_macros_of_a_document_are_no_part_of_its_text(tmp_path: Path) -> None:
    article = read(tmp_path, "a.docx", changed(simple_docx(), "word/vbaProject.bin", "Sub Run()"))
    assert article.text == read(tmp_path, "b.docx", simple_docx()).text


def test_a_bomb_is_refused_before_it_is_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assistant.ingest.readers.archive.LARGEST", 5_000_000)
    bomb = changed(simple_docx(), "word/media/a.png", bytes(8_000_000))
    assert len(bomb) < 100_000
    assert "more than the 5 MB" in refusal(tmp_path, "a.docx", bomb)


@pytest.mark.parametrize(
    ("suffix", "name"),
    [(".docx", "word/document.xml"), (".odt", "content.xml"), (".epub", "OPS/book.opf")],
)
def test_entities_are_refused(tmp_path: Path, suffix: str, name: str) -> None:
    with zipfile.ZipFile(BytesIO(SIMPLE[suffix]())) as before:
        content = before.read(name).decode()
    spy = ENTITY + content.partition("?>")[2] if content.startswith("<?xml") else ENTITY + content
    told = refusal(tmp_path, f"a{suffix}", changed(SIMPLE[suffix](), name, spy))
    assert "entities" in told
    utf16 = changed(
        SIMPLE[suffix](), name, spy.replace('"1.0"', '"1.0" encoding="utf-16"', 1).encode("utf-16")
    )
    assert "entities" in refusal(tmp_path, f"b{suffix}", utf16)


def test_entities_of_a_feed_are_refused(tmp_path: Path) -> None:
    assert "entities" in refusal(tmp_path, "a.rss", ENTITY.encode() + b"<rss><channel/></rss>")


def test_a_relation_of_no_kind_is_left_out(tmp_path: Path) -> None:
    name = "word/_rels/document.xml.rels"
    with zipfile.ZipFile(BytesIO(simple_docx())) as made:
        said = made.read(name).decode()
    broken = said.replace("</Relationships>", '<Relationship Id="x" Target="a"/></Relationships>')
    article = read(tmp_path, "a.docx", changed(simple_docx(), name, broken))
    assert article.text == read(tmp_path, "b.docx", simple_docx()).text


def test_a_feed_that_its_parser_cannot_bear_is_damaged(tmp_path: Path) -> None:
    feed = b'<rss version="2.0"><channel><title>A &#99999999999999999999;</title><item><title>B'
    assert "damaged" in refusal(tmp_path, "a.rss", feed)


def test_a_book_protected_against_copying_is_refused(tmp_path: Path) -> None:
    reference = '<e><CipherReference xmlns="x" URI="OPS/a.xhtml"/></e>'
    book = epub({"a": f"<p>{SENTENCE}</p>"}, **{"META-INF/encryption.xml": reference})
    assert "copying" in refusal(tmp_path, "a.epub", book)


@pytest.mark.parametrize("suffix", SIMPLE)
@settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_a_damaged_file_is_read_or_refused(
    tmp_path: Path, suffix: str, data: st.DataObject
) -> None:
    content = bytearray(SIMPLE[suffix]())
    for place in data.draw(st.lists(st.integers(0, len(content) - 1), max_size=12)):
        content[place] = data.draw(st.integers(0, 255))
    end = data.draw(st.one_of(st.just(len(content)), st.integers(0, len(content))))
    path = tmp_path / f"a{suffix}"
    path.write_bytes(content[:end])
    try:
        article = read_article(path, path.name)
    except ArticleError:
        return
    position = 0
    for block in article.blocks:
        assert article.text[position : block.start].strip() == ""
        position = block.end
    assert article.text[position:].strip() == ""


# Word


def test_a_word_document_is_read_with_changes_notes_and_controls(tmp_path: Path) -> None:
    document = docx.Document()
    paragraph = document.add_paragraph("It was ")
    xml = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    from docx.oxml import parse_xml

    for tag, text in (("ins", "<w:t>new</w:t>"), ("del", "<w:delText>old</w:delText>")):
        paragraph._p.append(parse_xml(f"<w:{tag} {xml}><w:r>{text}</w:r></w:{tag}>"))
    inner = "<w:p><w:r><w:t>Controlled</w:t></w:r></w:p>"
    control = f"<w:sdt {xml}><w:sdtContent>{inner}</w:sdtContent></w:sdt>"
    document.element.body.insert(0, parse_xml(control))
    assert blocks(read(tmp_path, "a.docx", saved(document))) == ["Controlled", "It was new"]


def test_the_items_of_a_list_follow_each_other_line_by_line(tmp_path: Path) -> None:
    assert "First item\nSecond item" in read(tmp_path, "a.docx", simple_docx()).text


# Slides


def test_slides_are_pages(tmp_path: Path) -> None:
    article = read(tmp_path, "a.pptx", SIMPLE[".pptx"]())
    assert article.page(article.text.index(SENTENCE)) == 1
    assert article.page(article.text.index("They left")) == 2
    assert blocks(article)[-1] == "Say that there were four of them."
    assert article.title == HEADING  # the program's own is none


def test_the_tables_and_charts_of_slides_are_read_row_by_row(tmp_path: Path) -> None:
    presentation = pptx.Presentation()
    slide = presentation.slides.add_slide(presentation.slide_layouts[6])
    area = (Inches(1), Inches(1), Inches(4), Inches(2))
    table = slide.shapes.add_table(1, 2, *area).table
    table.cell(0, 0).text, table.cell(0, 1).text = "1611", "27"
    figures = CategoryChartData()
    figures.categories = ["East", "West"]
    figures.add_series("Ships", (1.5, 2))
    area = (Inches(1), Inches(4), Inches(4), Inches(2))
    slide.shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, *area, figures)
    found = blocks(read(tmp_path, "a.pptx", saved(presentation)))
    assert found[0] == "1611 | 27"
    assert found[-2:] == ["East | 1.5", "West | 2"]


# Books, OpenDocument, feeds, pages


def test_a_book_is_read_in_the_order_of_its_spine(tmp_path: Path) -> None:
    article = read(tmp_path, "a.epub", SIMPLE[".epub"]())
    assert blocks(article, heading=True) == [HEADING, "The keepers"]
    assert "They left\nin 2012." in article.text


def book_with(**files: str) -> bytes:
    """A book of a chapter "a", with other files in it."""
    made = epub({"a": "<p>The captain lost it in 1843.</p>"})
    for name, content in files.items():
        made = changed(made, f"OPS/{name}", content)
    return made


def test_a_chapter_that_is_missing_costs_no_other(tmp_path: Path) -> None:
    package = (
        '<package><manifest><item id="a" href="a.xhtml"/><item id="b" href="gone.xhtml"/>'
        "</manifest>"
        '<spine><itemref idref="b"/><itemref idref="a"/></spine></package>'
    )
    text = read(tmp_path, "a.epub", book_with(**{"book.opf": package})).text
    assert text == "The captain lost it in 1843."


def test_a_chapter_of_another_media_type_is_read(tmp_path: Path) -> None:
    package = (
        '<package><manifest><item id="a" href="a.xhtml" media-type="text/plain"/></manifest>'
        '<spine><itemref idref="a"/></spine></package>'
    )
    text = read(tmp_path, "a.epub", book_with(**{"book.opf": package})).text
    assert text == "The captain lost it in 1843."


def test_entities_that_stand_for_letters_are_harmless(tmp_path: Path) -> None:
    page = (
        '<?xml version="1.0"?><!DOCTYPE html [<!ENTITY nbsp "&#160;"><!ENTITY ship "Ada &#233;">]>'
        "<html><body><p>Forty&nbsp;sailors of the &ship;.</p></body></html>"
    )
    text = read(tmp_path, "a.epub", book_with(**{"a.xhtml": page})).text
    assert text == "Forty sailors of the Ada é."
    grows = page.replace("&#160;", "&ship;&ship;")
    assert "entities" in refusal(tmp_path, "b.epub", book_with(**{"a.xhtml": grows}))


def test_what_was_deleted_is_not_in_an_opendocument_text(tmp_path: Path) -> None:
    body = (
        "<text:tracked-changes><text:p>Deleted</text:p></text:tracked-changes>"
        "<text:p>Kept<text:note><text:note-citation>1</text:note-citation>"
        "<text:note-body><text:p>A note</text:p></text:note-body></text:note> words</text:p>"
    )
    assert blocks(read(tmp_path, "a.odt", odt(body))) == ["Kept words", "A note"]


def test_a_feed_is_one_article_with_a_heading_for_each_entry(tmp_path: Path) -> None:
    article = read(tmp_path, "a.xml", SIMPLE[".rss"]())
    assert blocks(article) == [
        HEADING, "2024-05-17", SENTENCE, "It is old.", "The keepers", "They left.",
    ]  # fmt: skip
    assert (article.title, article.published) == ("The harbour & the sea", date(2024, 5, 17))
    assert article.url == "https://example.org/"


def test_an_entry_is_read_in_full_where_it_is(tmp_path: Path) -> None:
    article = read(tmp_path, "a.atom", SIMPLE[".atom"]())
    assert "Short." not in article.text
    assert "2024-05-17, Ada Keeper" in blocks(article)


def test_a_page_saved_whole_knows_its_address(tmp_path: Path) -> None:
    article = read(tmp_path, "a.mht", SIMPLE[".mhtml"]())
    assert article.url == "https://example.org/bridge"
    assert "Café near it." in article.text


@pytest.mark.parametrize("charset", [b"none-such", b"idna", b'"utf\0-8"'])
def test_a_page_saved_whole_may_tell_an_encoding_that_there_is_not(
    tmp_path: Path, charset: bytes
) -> None:
    data = SIMPLE[".mhtml"]().replace(b"charset=utf-8", b"charset=" + charset)
    assert "Café near it." in read(tmp_path, "a.mht", data).text


# What they share


def test_letters_of_the_printer_are_made_those_that_people_type() -> None:
    assert mend("\ufb01ne e\u0301t\u00ade\xa0\uf0b7 a\r\nb\x00") == "fine éte • a\nb"
    assert mend("\ufefb") == "لا"


@pytest.mark.parametrize(
    ("before", "after", "whole"),
    [
        ("an impor-", "tant thing", "an important thing"),
        ("peut-", "être bien", "peut-être bien"),
        ("COVID-", "19 came", "COVID-19 came"),
        ("a pause -", "and on", "a pause - and on"),
        ("one", "two", "one two"),
        ("建て", "直す", "建て直す"),
    ],
)
def test_lines_are_joined(before: str, after: str, whole: str) -> None:
    assert joined(before, after) == whole


@pytest.mark.parametrize(
    "title",
    ["Microsoft Word - x.doc", "untitled", "Document1", "report_final.pdf", "2024", "", None],
)
def test_what_programs_write_is_no_title(title: str | None) -> None:
    assert plausible_title(title) is None


@pytest.mark.parametrize(
    "title", ["Titanic", "The title page", "Slides of tectonic plates", "1984 revisited"]
)
def test_what_people_write_is_a_title(title: str) -> None:
    assert plausible_title(title) == title


def test_accounts_are_no_authors_and_the_future_is_no_date() -> None:
    assert plausible_author("Administrator") is None
    assert plausible_author("Marie Curie") == "Marie Curie"
    assert plausible_date("D:20240517093000+02'00'") == date(2024, 5, 17)
    assert plausible_date("D:99990101") is None
    assert plausible_date("D:20241399") is None
