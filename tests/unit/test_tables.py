"""Tables of every format: a row stands in the text once, and its headings are its context."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Sequence
from datetime import date, datetime
from io import BytesIO
from pathlib import Path

import docx
import pptx
import pytest
from docx.oxml import OxmlElement
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook
from openpyxl.styles import Font
from pptx.util import Inches
from reportlab.pdfgen.canvas import Canvas

from assistant.assistant import Assistant
from assistant.ingest.passages import LONGEST_ROW, split_article
from assistant.ingest.readers import tables
from assistant.ingest.readers.draft import compose
from assistant.ingest.readers.tables import Cell, table_pieces
from assistant.models.article import Article
from assistant.models.table import row_cells, row_text, with_headings
from assistant.support.errors import ArticleError
from assistant.support.settings import Settings
from tests.support.documents import SIMPLE, archive, ods, odt, pdf, saved
from tests.support.reading import read_article

CITIES = """Amsterdam Athens Barcelona Berlin Bern Bologna Bremen Brussels Budapest Cologne Dublin
Edinburgh Florence Geneva Glasgow Hamburg Helsinki Lisbon London Lyon Madrid Milan Munich Nantes
Oslo Paris Porto Prague Rome Stockholm Turin Vienna Warsaw Zurich"""
HOTELS = [["City", "Hotel", "Meals"], ["Zurich", "190", "55"], ["Lyon", "140", "35"]]


def read(folder: Path, name: str, content: bytes | str) -> Article:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_article(path, name)


def in_words(article: Article) -> list[str]:
    """The rows of an article, each cell behind its heading."""
    return [
        with_headings(headings, article.text[block.start : block.end])
        for block, headings in article.column_headings()
        if block.shape == "row"
    ]


def article_of(rows: Sequence[Sequence[Cell]], headings: int = 0) -> Article:
    text, blocks = compose(table_pieces(rows, headings))
    return Article("Title", text, "en", "a.md", blocks=blocks)


def words(texts: Sequence[str]) -> list[int]:
    return [len(text.split()) for text in texts]


def markdown() -> str:
    lines = [" | ".join(row) for row in HOTELS]
    return "\n".join(f"| {line} |" for line in [lines[0], "--|--|--", *lines[1:]])


def html() -> str:
    rows = "".join(
        f"<tr>{''.join(f'<{tag}>{cell}</{tag}>' for cell in row)}</tr>"
        for tag, row in zip(("th", "td", "td"), HOTELS, strict=True)
    )
    return f"<table>{rows}</table>"


def word() -> bytes:
    document = docx.Document()
    table = document.add_table(3, 3)
    for row, texts in zip(table.rows, HOTELS, strict=True):
        for cell, text in zip(row.cells, texts, strict=True):
            cell.text = text
    return saved(document)


def slides() -> bytes:
    presentation = pptx.Presentation()
    slide = presentation.slides.add_slide(presentation.slide_layouts[6])
    table = slide.shapes.add_table(3, 3, 0, 0, Inches(6), Inches(2)).table
    for row, texts in enumerate(HOTELS):
        for column, text in enumerate(texts):
            table.cell(row, column).text = text
    return saved(presentation)


def opendocument_rows(rows: Sequence[Sequence[str]]) -> str:
    cells = "<table:table-cell><text:p>{}</text:p></table:table-cell>"
    lines = ("".join(map(cells.format, row)) for row in rows)
    return "".join(f"<table:table-row>{line}</table:table-row>" for line in lines)


def text_document() -> bytes:
    head, body = opendocument_rows(HOTELS[:1]), opendocument_rows(HOTELS[1:])
    marked = f"<table:table-header-rows>{head}</table:table-header-rows>"
    return odt(f"<table:table>{marked}{body}</table:table>")


def drawn_pdf() -> bytes:
    def draw(canvas: Canvas) -> None:
        canvas.drawString(72, 760, "What a journey may cost in one of the cities below.")
        for row, texts in enumerate(HOTELS):
            for column, text in enumerate(texts):
                canvas.drawString(72 + 150 * column, 730 - 16 * row, text)

    return pdf(draw)


def rich_text() -> str:
    rows = ("".join(cell + r"\cell " for cell in row) for row in HOTELS)
    table = "".join(rf"\trowd {row}\row" + "\n" for row in rows)
    return r"{\rtf1\ansi Costs.\par " + table + r"\pard Text after it.\par}"


def workbook(*rows: Sequence[object], title: str = "Sheet1") -> bytes:
    book = Workbook()
    book.active.title = title
    for row in rows:
        book.active.append(row)
    return saved(book)


FORMATS: dict[str, Callable[[], bytes | str]] = {
    "a.md": markdown,
    "b.md": lambda: f"# Costs\n\n{html()}\n\nText.",
    "a.html": lambda: f"<article><h1>Costs</h1><p>{'Journeys cost. ' * 40}</p>{html()}</article>",
    "a.docx": word,
    "a.pptx": slides,
    "a.odt": text_document,
    "a.pdf": drawn_pdf,
    "a.rtf": rich_text,
    "a.csv": lambda: "\n".join(map(",".join, HOTELS)),
    "a.tsv": lambda: "\n".join(map("\t".join, HOTELS)),
    "a.xlsx": lambda: workbook(["City", "Hotel", "Meals"], ["Zurich", 190, 55], ["Lyon", 140, 35]),
    "a.ods": lambda: ods(opendocument_rows(HOTELS)),
}


@pytest.mark.parametrize("name", FORMATS)
def test_rows_have_the_headings_of_their_columns(tmp_path: Path, name: str) -> None:
    article = read(tmp_path, name, FORMATS[name]())
    assert in_words(article) == [
        "City: Zurich | Hotel: 190 | Meals: 55",
        "City: Lyon | Hotel: 140 | Meals: 35",
    ]
    assert article.text.count("Hotel") == 1  # the row is in the text once, the headings too


cells = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zs", "Zl", "Zp"]), max_size=9)


@given(st.lists(cells.filter(lambda cell: "|" not in cell), min_size=1, max_size=6))
def test_a_row_is_taken_apart_as_it_was_put_together(row: list[str]) -> None:
    while row and not row[-1]:
        row.pop()
    assert row_cells(row_text(row)) == (row or [""])


def test_a_bar_in_a_cell_parts_no_cells() -> None:
    assert row_cells(row_text(["a | b", "c"])) == ["a|b", "c"]


def test_headings_above_each_other_are_one() -> None:
    rows = [
        [Cell("Prices", 3)],
        [Cell("Item", rows=2), Cell("2025", 2)],
        [Cell("Q1"), Cell("Q2")],
        [Cell("Rope"), Cell("6"), Cell("8")],
    ]
    article = article_of(rows, headings=3)
    assert article.text.startswith("Prices\n\nItem | 2025 | 2025\n")
    assert in_words(article) == ["Item: Rope | 2025 Q1: 6 | 2025 Q2: 8"]


def test_a_label_that_spans_rows_stands_in_each() -> None:
    rows = [
        [Cell("Area"), Cell("2022"), Cell("2023")],
        [Cell("North", rows=2), Cell("5"), Cell("7")],
        [Cell("6"), Cell("8")],
        [Cell("Total", columns=2), Cell("26")],
    ]
    assert article_of(rows).text.split("\n")[1:] == [
        "North | 5 | 7",
        "North | 6 | 8",
        "Total |  | 26",
    ]


@pytest.mark.parametrize(
    "rows",
    [
        [["Name:", "Bob"], ["Role:", "Guard"]],
        [["Forbach", "12"], ["Toul", "7"]],
        [["Bob", "Ann"], ["Eve", "Dan"]],
        [["Name", "", "Age"], ["Bob", "x", "3"]],
        [["Year", "Ships"]],
    ],
)
def test_a_first_row_that_names_nothing_is_a_row(rows: list[list[str]]) -> None:
    blocks = article_of(rows).blocks
    assert [block.shape for block in blocks] == ["row"] * len(rows)


def test_a_table_of_one_column_is_text() -> None:
    article = article_of([[Cell("A notice.")], [Cell("Another.")]])
    assert {block.shape for block in article.blocks} <= {"text", "item"}


def test_a_merged_cell_of_word_stands_in_each_row(tmp_path: Path) -> None:
    document = docx.Document()
    table = document.add_table(3, 2)
    for cell, text in zip(table._cells, ["Area", "Ships", "North", "5", "", "6"], strict=True):
        cell.text = text
    table.cell(1, 0).merge(table.cell(2, 0))
    mark = table.rows[0]._tr.get_or_add_trPr()
    mark.append(OxmlElement("w:tblHeader"))
    assert in_words(read(tmp_path, "a.docx", saved(document))) == [
        "Area: North | Ships: 5",
        "Area: North | Ships: 6",
    ]


@pytest.mark.parametrize(
    "inner", ["9 h<br>17 h", "<p>9 h</p><p>17 h</p>", "<ul><li>9 h<li>17 h</ul>"]
)
@pytest.mark.parametrize("name", ["a.html", "a.md"])
def test_lines_in_a_cell_are_parted(tmp_path: Path, name: str, inner: str) -> None:
    table = f"<table><tr><th>Day<th>Hours</tr><tr><td>Monday<td>{inner}</tr></table>"
    before = f"<article><p>{'The library is open. ' * 30}</p>" if name == "a.html" else ""
    assert in_words(read(tmp_path, name, before + table)) == ["Day: Monday | Hours: 9 h 17 h"]


def test_a_table_that_arranges_a_page_is_no_table(tmp_path: Path) -> None:
    page = (
        "<table><tr><td><h2>The mill</h2><p>It turns.</p></td><td><p>Beside.</p></td></tr></table>"
    )
    article = read(tmp_path, "a.md", page)
    assert article.text == "The mill\n\nIt turns.\n\nBeside."
    assert {block.shape for block in article.blocks} == {"text"}


def test_wrapped_cells_of_a_pdf_are_one_row(tmp_path: Path) -> None:
    def draw(canvas: Canvas) -> None:
        for left, top, text in [
            (72, 700, "Work"), (160, 700, "What is done"), (420, 700, "Price"),
            (160, 680, "All tiles of the northern side are"),
            (72, 674, "Roof"), (420, 674, "12,400"),
            (160, 668, "taken off and put on again"),
            (72, 648, "Cellar"), (160, 648, "It is drained"), (420, 648, "3,020"),
        ]:  # fmt: skip
            canvas.drawString(left, top, text)

    assert in_words(read(tmp_path, "a.pdf", pdf(draw))) == [
        "Work: Roof | What is done: All tiles of the northern side are taken off and put on again "
        "| Price: 12,400",
        "Work: Cellar | What is done: It is drained | Price: 3,020",
    ]


def test_a_table_goes_on_over_pages_whose_heads_repeat_its_headings(tmp_path: Path) -> None:
    def draw(canvas: Canvas) -> None:
        for rows in ([("Forbach", "12"), ("Bitche", "9")], [("Toul", "7"), ("Verdun", "14")]):
            for row, texts in enumerate([("Town", "Schools"), *rows]):
                for column, text in enumerate(texts):
                    canvas.drawString(72 + 150 * column, 800 - 30 * row, text)
            canvas.showPage()

    article = read(tmp_path, "a.pdf", pdf(draw))
    assert article.text == "Town | Schools\nForbach | 12\nBitche | 9\nToul | 7\nVerdun | 14"
    assert in_words(article)[-1] == "Town: Verdun | Schools: 14"
    assert article.page(article.text.index("Toul")) == 2


def drawn_table(rows: list[list[str]], pages: int = 1, pitch: int = 16) -> bytes:
    def draw(canvas: Canvas) -> None:
        for _ in range(pages):
            for row, texts in enumerate(rows):
                for column, text in enumerate(texts):
                    canvas.drawString(72 + 120 * column, 780 - pitch * row, text)
            canvas.showPage()

    return pdf(draw)


def test_a_label_between_rows_and_empty_cells_of_a_pdf_stay_in_the_table(tmp_path: Path) -> None:
    rows = [["Area", "2024", "2025"], ["North"], ["Lille", "", "6"], ["Arras", "7", "8"]]
    article = read(tmp_path, "a.pdf", drawn_table(rows))
    assert article.text == "Area | 2024 | 2025\nNorth\nLille |  | 6\nArras | 7 | 8"
    assert in_words(article) == [
        "Area: North",
        "Area: Lille | 2025: 6",
        "Area: Arras | 2024: 7 | 2025: 8",
    ]


def test_two_rows_of_headings_are_recognised_by_their_looks() -> None:
    rows = [["", "Sales", "", "Staff"], ["Area", "2024", "2025", "2025"], ["North", "5", "6", "7"]]
    article = article_of([*rows, ["South", "8", "9", "10"]])
    assert in_words(article)[1] == "Area: South | Sales 2024: 8 | 2025: 9 | Staff 2025: 10"


def test_passages_cut_a_table_between_rows_and_carry_its_headings() -> None:
    rows = [["Town", "Schools", "Classes"], *([f"Town {n}", f"{n}", "31"] for n in range(40))]
    article = article_of(rows)
    passages = split_article(article, words, target=60)
    assert len(passages) > 2
    for passage in passages[1:]:
        assert passage.in_context == f"Town | Schools | Classes\n{passage.text}"
        assert all(article.text[s.start : s.end] == s.text for s in passage.sentences)
        assert all(s.in_context.startswith("Town: Town ") for s in passage.sentences)
    assert passages[0].in_context == passages[0].text


def test_parts_of_a_long_row_keep_the_headings_of_their_cells() -> None:
    story = "The keeper lit the lamp. " * (LONGEST_ROW // 20)
    article = article_of([["Name", "Story", "Age"], ["Bob", story, "31"]], 1)
    sentences = split_article(article, words)[0].sentences
    assert sentences[1].in_context.startswith("Name: Bob | Story: The keeper lit the lamp.")
    assert sentences[2].in_context == "Story: The keeper lit the lamp."
    assert sentences[-1].in_context.endswith("Age: 31")


def test_a_csv_is_read_whatever_its_delimiter_and_encoding(tmp_path: Path) -> None:
    written = 'Artikel;Preis;Größe\n"Seil, rot";12,50;"groß\nund lang"\nÖse;1,20;klein\n'
    for encoding in ("utf-8-sig", "cp1252", "utf-16"):
        article = read(tmp_path, "a.csv", written.encode(encoding))
        assert in_words(article) == [
            "Artikel: Seil, rot | Preis: 12,50 | Größe: groß und lang",
            "Artikel: Öse | Preis: 1,20 | Größe: klein",
        ]


def test_a_table_with_too_many_rows_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "MOST_ROWS", 3)
    with pytest.raises(ArticleError, match="more than the 3 rows"):
        read(tmp_path, "a.csv", "a,b\n" * 4)


def test_the_sheets_of_a_workbook_are_sections(tmp_path: Path) -> None:
    book = Workbook()
    book.active.title = "Prices"
    for row in (["Prices of 2026"], [], ["Item", "Price"], ["Rope", 12], [], ["Eyelet", 1.5]):
        book.active.append(row)
    book.create_sheet("Notes").append(["They hold until May."])
    book.create_sheet("Secret").append(["Not for you."])
    book["Secret"].sheet_state = "hidden"
    article = read(tmp_path, "a.xlsx", saved(book))
    assert article.text == (
        "Prices\n\nPrices of 2026\n\nItem | Price\nRope | 12\nEyelet | 1.5\n\n"
        "Notes\n\nThey hold until May."
    )
    assert in_words(article)[-1] == "Item: Eyelet | Price: 1.5"
    headings = [article.text[b.start : b.end] for b in article.blocks if b.heading]
    assert headings == ["Prices", "Notes"]


@pytest.mark.parametrize(
    ("value", "number_format", "shown"),
    [
        (299, "General", "299"), (0.1 + 0.2, "General", "0.3"), (1234.5, "#,##0.00", "1234.50"),
        (0.19, "0%", "19%"), (0.195, "0.0%", "19.5%"), (12, '#,##0.00\\ "€"', "12.00 €"),
        (12, '[$€-407]\\ #,##0', "€ 12"), (7, "00000", "00007"), (-3, "0.0", "-3.0"),
        (date(2026, 3, 14), "dd.mm.yyyy", "2026-03-14"),
        (datetime(2026, 3, 14, 8, 30), "dd.mm.yyyy hh:mm", "2026-03-14 08:30"),
        (True, "General", "TRUE"), ("a\nb", "General", "a b"),
    ],
)  # fmt: skip
def test_cells_are_read_as_they_are_shown(
    tmp_path: Path, value: object, number_format: str, shown: str
) -> None:
    book = Workbook()
    for at, content in (("A1", "Item"), ("B1", "Value"), ("A2", "Rope"), ("B2", value)):
        book.active[at] = content
    book.active["B2"].number_format = number_format
    assert read(tmp_path, "a.xlsx", saved(book)).text.endswith(f"Rope | {shown}")


def test_the_results_of_formulas_and_merged_cells_are_read(tmp_path: Path) -> None:
    book = Workbook()
    for row in (["Area", "Ships"], ["North", 5], ["", 6], ["South", "=B2+B3"]):
        book.active.append(row)
    book.active.merge_cells("A2:A3")
    with zipfile.ZipFile(BytesIO(saved(book))) as made:
        files = {name: made.read(name) for name in made.namelist()}
    sheet = files["xl/worksheets/sheet1.xml"]
    files["xl/worksheets/sheet1.xml"] = sheet.replace(b"<v></v>", b"<v>11</v>").replace(
        b"<v />", b"<v>11</v>"
    )
    text = read(tmp_path, "a.xlsx", archive(files)).text
    assert text == "Area | Ships\nNorth | 5\nNorth | 6\nSouth | 11"


@pytest.mark.parametrize(
    ("suffix", "kind"),
    [
        (".xlsm", b"application/vnd.ms-excel.sheet.macroEnabled.main+xml"),
        (".xltx", b"application/vnd.openxmlformats-officedocument.spreadsheetml.template.main+xml"),
        (".xltm", b"application/vnd.ms-excel.template.macroEnabled.main+xml"),
    ],
)
def test_workbooks_with_macros_and_templates_are_read(
    tmp_path: Path, suffix: str, kind: bytes
) -> None:
    with zipfile.ZipFile(BytesIO(workbook(*HOTELS))) as made:
        files = {name: made.read(name) for name in made.namelist()}
    plain = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
    files["[Content_Types].xml"] = files["[Content_Types].xml"].replace(plain, kind)
    files["xl/vbaProject.bin"] = b"Sub Main()"
    assert in_words(read(tmp_path, f"a{suffix}", archive(files))) == [
        "City: Zurich | Hotel: 190 | Meals: 55",
        "City: Lyon | Hotel: 140 | Meals: 35",
    ]


def test_what_is_struck_out_in_a_sheet_is_marked(tmp_path: Path) -> None:
    book = Workbook()
    for row in (["Item", "Price"], ["Rope", "50 euros"], ["Net", 60]):
        book.active.append(row)
    for cell in ("B2", "B3"):
        book.active[cell].font = Font(strike=True)
    text = read(tmp_path, "a.xlsx", saved(book)).text
    assert text == "Item | Price\nRope | ~~50 euros~~\nNet | ~~60~~"


@pytest.mark.parametrize("suffix", [".xlsx", ".ods"])
def test_the_day_on_which_a_sheet_was_made_is_not_one_of_publication(
    tmp_path: Path, suffix: str
) -> None:
    assert read(tmp_path, f"a{suffix}", SIMPLE[suffix]()).published is None


GROUPED = [
    ["Sales of ropes", "", "", "", ""],
    ["Region", "2023", "", "2024", ""],
    ["", "Spring", "Autumn", "Spring", "Autumn"],
    ["North", 11, 12, 13, 14],
    ["South", 21, 22, 23, 24],
]


def grouped_xlsx() -> bytes:
    book = Workbook()
    for row in GROUPED:
        book.active.append([cell or None for cell in row])
    for cells in ("A1:H1", "A2:A3", "B2:C2", "D2:E2"):
        book.active.merge_cells(cells)
    return saved(book)


def grouped_ods() -> bytes:
    spans = {"Sales of ropes": (8, 1), "Region": (1, 2), "2023": (2, 1), "2024": (2, 1)}
    rows = ""
    for row in GROUPED:
        rows += "<table:table-row>"
        for cell in row:
            columns, lines = spans.get(str(cell), (1, 1))
            of = f'table:number-columns-spanned="{columns}" table:number-rows-spanned="{lines}"'
            rows += (
                f"<table:table-cell {of}><text:p>{cell}</text:p></table:table-cell>"
                if cell
                else "<table:covered-table-cell/>"
            )
        rows += "</table:table-row>"
    return ods(rows, "Sheet1")


@pytest.mark.parametrize(("suffix", "make"), [(".xlsx", grouped_xlsx), (".ods", grouped_ods)])
def test_a_heading_over_several_columns_stands_for_each_of_them(
    tmp_path: Path, suffix: str, make: Callable[[], bytes]
) -> None:
    article = read(tmp_path, f"a{suffix}", make())
    assert article.text.startswith("Sales of ropes\n\nRegion | 2023 | 2023 | 2024 | 2024\n")
    assert in_words(article)[-1] == (
        "Region: South | 2023 Spring: 21 | 2023 Autumn: 22 | 2024 Spring: 23 | 2024 Autumn: 24"
    )


def test_cells_of_an_opendocument_sheet_may_stand_for_several(tmp_path: Path) -> None:
    rows = opendocument_rows([["Item", "Price"], ["Rope", "12 €"]]) + (
        '<table:table-row table:number-rows-repeated="1048000"><table:table-cell '
        'table:number-columns-repeated="16000"/></table:table-row>'
        '<table:table-row table:number-rows-repeated="2"><table:table-cell '
        'table:number-columns-repeated="2"><text:p>7</text:p></table:table-cell></table:table-row>'
    )
    text = read(tmp_path, "a.ods", ods(rows)).text
    assert text == "Costs\n\nItem | Price\nRope | 12 €\n7 | 7\n7 | 7"


def test_the_text_of_a_shape_follows_its_paragraph(tmp_path: Path) -> None:
    shape = "<draw:custom-shape><draw:title>Name</draw:title><text:p>In it.</text:p>"
    body = f"<text:p>Before {shape}</draw:custom-shape>and after.</text:p>"
    assert read(tmp_path, "a.odt", odt(body)).text == "Before and after.\n\nIn it."


def test_a_question_finds_the_row_by_a_heading(tmp_path: Path) -> None:
    corpus = tmp_path / "articles"
    corpus.mkdir()
    cities = CITIES.split()
    rows = [["City", "Meals per day", "Hotel per night"]]
    rows += [[city, f"{30 + n}", f"{100 + n}"] for n, city in enumerate(cities)]
    (corpus / "travel.csv").write_text("\n".join(map(";".join, rows)))
    assistant = Assistant(Settings(corpus=corpus, data=tmp_path / "data"))
    assistant.sync()
    answer = assistant.ask("How much can I spend on a hotel in Zurich?")
    hits = assistant.search("How much can I spend on a hotel in Zurich?").hits
    row = f"Zurich | {29 + len(cities)} | {99 + len(cities)}"
    assert row in hits[0].text
    first = (answer.citations or answer.nearest)[0]
    assert first.quote == row
    assert first.to_json()["columns"] == "City | Meals per day | Hotel per night"
    whole = assistant.article(first.article).text
    assert whole[first.start : first.end] == first.quote
    assert assistant.sync().embedded == 0
    assistant.close()
