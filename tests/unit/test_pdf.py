from collections.abc import Callable
from pathlib import Path

import pytest
from reportlab.pdfgen.canvas import Canvas

from assistant.models.article import Article
from assistant.support.errors import ArticleError
from tests.support.documents import HEADING, SENTENCE, lines, pdf, scanned_pdf
from tests.support.reading import read_article
from tests.support.repository import program

PROSE = (
    "The keepers lit the lamp at dusk and",
    "watched the estuary until morning came,",
    "when the fog had gone and the ships",
    "went up the river with the tide again.",
)


def read(folder: Path, draw: Callable[[Canvas], None], **information: str) -> Article:
    path = folder / "a_file.pdf"
    path.write_bytes(pdf(draw, **information))
    return read_article(path, path.name)


def blocks(article: Article, heading: bool | None = None) -> list[str]:
    found = (block for block in article.blocks if heading in (None, block.heading))
    return [article.text[block.start : block.end] for block in found]


def test_lines_become_paragraphs_and_large_ones_headings(tmp_path: Path) -> None:
    article = read(tmp_path, lambda c: lines(c, [f"# {HEADING}", *PROSE, "#Bold", SENTENCE]))
    assert blocks(article) == [HEADING, " ".join(PROSE), "Bold", SENTENCE]
    assert blocks(article, heading=True) == [HEADING, "Bold"]
    assert article.title == HEADING


def test_words_divided_at_the_end_of_a_line_are_whole_again(tmp_path: Path) -> None:
    texts = ["It was an impor-", "tant and self-", "evident thing for Jean-", "Paul in those days."]
    article = read(tmp_path, lambda c: lines(c, texts))
    assert article.text == "It was an important and self-evident thing for Jean-Paul in those days."


def test_a_word_is_divided_as_the_rest_of_the_text_writes_it(tmp_path: Path) -> None:
    texts = ["The lock-keeper saw it first: the lock-", "keeper of the upper harbour was awake."]
    assert "the lock-keeper of" in read(tmp_path, lambda c: lines(c, texts)).text


def test_columns_are_read_one_after_the_other_below_their_title(tmp_path: Path) -> None:
    def draw(canvas: Canvas) -> None:
        left = [f"Left {number} {line}" for number, line in enumerate(PROSE * 3)]
        right = [f"Right {number} {line}" for number, line in enumerate(PROSE * 3)]
        canvas.setFont("Helvetica-Bold", 18)
        canvas.drawString(72, 780, "A title that runs across both of the columns")
        canvas.setFont("Helvetica", 9)
        for row, pair in enumerate(zip(left, right, strict=True)):  # drawn row by row
            canvas.drawString(60, 740 - 12 * row, pair[0])
            canvas.drawString(320, 740 - 12 * row, pair[1])

    text = read(tmp_path, draw).text
    places = [text.index("A title"), *(text.index(f"Left {n} ") for n in range(12))]
    places += [text.index(f"Right {n} ") for n in range(12)]
    assert places == sorted(places)


def test_the_rows_of_a_table_are_lines_of_parted_cells(tmp_path: Path) -> None:
    def draw(canvas: Canvas) -> None:
        rows = [("Year", "Ships"), ("1611", "27"), ("1700", "")]
        for index, row in enumerate(rows):
            for column, cell in enumerate(row):
                canvas.drawString(72 + 150 * column, 700 - 18 * index, cell)

    assert read(tmp_path, draw).text == "Year | Ships\n1611 | 27\n\n1700"


def paged(canvas: Canvas) -> None:
    for number in range(1, 6):
        lines(canvas, ["The Harbour Review"], top=810)
        lines(canvas, [f"# Chapter {number}", f"Text of page {number} alone, which goes on."])
        lines(canvas, [f"Page {number} of 5"], left=280, top=30)
        canvas.showPage()


def test_what_repeats_at_the_head_and_foot_of_pages_is_read_once(tmp_path: Path) -> None:
    text = read(tmp_path, paged).text
    assert text.count("Harbour Review") == 1
    assert "of 5" not in text
    assert all(f"Chapter {number}" in text for number in range(1, 6))


def test_the_headings_of_a_table_on_each_page_are_read_once(tmp_path: Path) -> None:
    def draw(canvas: Canvas) -> None:
        for page in range(3):
            rows = [
                ("Town", "Schools"),
                (("Metz", "Forbach", "Bitche")[page], f"{page}7"),
                (("Brest", "Toul", "Verdun")[page], f"{page}9"),
            ]
            for row, (town, schools) in enumerate(rows if page else []):
                lines(canvas, [town], left=72, top=790 - 14 * row)
                lines(canvas, [schools], left=300, top=790 - 14 * row)
            lines(canvas, [SENTENCE, f"It is page {page} that says so."], top=500)
            lines(canvas, ["Harbour Press, Invoice 2024-117"], top=30)
            canvas.showPage()

    found = blocks(read(tmp_path, draw))
    assert found[0] == "Harbour Press, Invoice 2024-117"
    assert found.count("Town | Schools") == 1


def raised(canvas: Canvas, parts: list[tuple[str, float, float]]) -> None:
    """Draw ``parts`` after each other, each with its size and how far it is raised."""
    left = 72.0
    for text, size, rise in parts:
        canvas.setFont("Helvetica", size)
        canvas.drawString(left, 700 + rise, text)
        left += canvas.stringWidth(text, "Helvetica", size)


def test_raised_and_lowered_figures_are_written_so(tmp_path: Path) -> None:
    def draw(canvas: Canvas) -> None:
        parts = ["It holds 10", "6", " cells of H", "2", "O, since 1905", "3", " at the latest."]
        looks = [(11, 0), (7, 4), (11, 0), (7, -2), (11, 0), (7, 4), (11, 0)]
        raised(canvas, [(text, *look) for text, look in zip(parts, looks, strict=True)])

    assert read(tmp_path, draw).text == "It holds 10⁶ cells of H₂O, since 1905 ³ at the latest."


def test_a_large_first_letter_belongs_to_its_word(tmp_path: Path) -> None:
    def draw(canvas: Canvas) -> None:
        canvas.setFont("Helvetica", 40)
        canvas.drawString(72, 672, "L")
        lines(canvas, ["ighthouses shine at night and", "guide the ships past the rocks"], 98, 693)
        lines(canvas, ["until the morning comes and the keepers sleep."], 72, 655)

    assert read(tmp_path, draw).text.startswith("Lighthouses shine at night and guide the ships")


def test_the_boxes_of_a_form_are_read(tmp_path: Path) -> None:
    def draw(canvas: Canvas) -> None:
        for top, text, ticked in ((700, "Dogs allowed", True), (650, "Smokers", False)):
            canvas.drawString(100, top + 3, text)
            canvas.acroForm.checkbox(name=text, x=72, y=top, size=14, checked=ticked)

    found = read(tmp_path, draw).text
    assert "☒ Dogs allowed" in found
    assert "☐ Smokers" in found


def test_a_numbered_text_on_each_page_is_no_page_number(tmp_path: Path) -> None:
    def draw(canvas: Canvas) -> None:
        for number in range(1, 5):
            lines(canvas, [f"# Part {number}", SENTENCE], top=750)
            canvas.showPage()

    assert read(tmp_path, draw).text.count("Part ") == 4


def test_pages_are_known(tmp_path: Path) -> None:
    article = read(tmp_path, paged)
    assert len(article.pages) == 5
    for number in range(1, 6):
        assert article.page(article.text.index(f"Text of page {number}")) == number


def test_a_sentence_runs_over_to_the_next_page(tmp_path: Path) -> None:
    def draw(canvas: Canvas) -> None:
        lines(canvas, [PROSE[0]])
        canvas.showPage()
        lines(canvas, PROSE[1:])

    article = read(tmp_path, draw)
    assert blocks(article) == [" ".join(PROSE)]
    assert article.page(0) == 1
    assert article.page(article.text.index(PROSE[1])) == 2


def test_a_page_without_text_keeps_its_number(tmp_path: Path) -> None:
    def draw(canvas: Canvas) -> None:
        canvas.showPage()
        lines(canvas, [SENTENCE])
        canvas.showPage()
        canvas.showPage()

    article = read(tmp_path, draw)
    assert article.pages == (0, 0, len(SENTENCE))
    assert article.page(0) == 2


@pytest.mark.parametrize("angle", [90, 180, 270])
def test_a_turned_page_is_read_upright(tmp_path: Path, angle: int) -> None:
    def draw(canvas: Canvas) -> None:
        canvas.translate(300, 400)
        canvas.rotate(angle)
        lines(canvas, PROSE, left=0, top=0)

    assert read(tmp_path, draw).text == " ".join(PROSE)


def test_ligatures_are_parted(tmp_path: Path) -> None:
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont

    pdfmetrics.registerFont(TTFont("Vera", "Vera.ttf"))  # comes with reportlab

    def draw(canvas: Canvas) -> None:
        canvas.setFont("Vera", 11)
        canvas.drawString(72, 700, "The \ufb01nest \ufb02our")

    assert read(tmp_path, draw).text == "The finest flour"


def test_what_was_filled_into_a_form_is_text(tmp_path: Path) -> None:
    def draw(canvas: Canvas) -> None:
        lines(canvas, ["Your name:"])
        canvas.acroForm.textfield(value="Ada Keeper", x=200, y=755, width=120, height=16)

    assert "Ada Keeper" in read(tmp_path, draw).text


def test_metadata_is_taken_where_a_person_wrote_it(tmp_path: Path) -> None:
    def draw(canvas: Canvas) -> None:
        lines(canvas, [f"# {HEADING}", SENTENCE])

    said = read(tmp_path, draw, title="The tower", author="Ada Keeper")
    assert (said.title, said.author) == ("The tower", "Ada Keeper")
    made = read(tmp_path, draw, title="Microsoft Word - x.doc", author="Administrator")
    assert (made.title, made.author) == (HEADING, None)


def test_a_scanned_file_says_that_it_holds_no_text(tmp_path: Path) -> None:
    path = tmp_path / "scan.pdf"
    path.write_bytes(scanned_pdf())
    with pytest.raises(ArticleError, match=r"scan\.pdf: it holds no text.*ASSISTANT_OCR"):
        read_article(path, path.name)


@pytest.mark.parametrize("languages", ["on", "eng"])
def test_a_scanned_file_is_read_by_tesseract_where_that_is_wanted(
    tmp_path: Path, languages: str
) -> None:
    program("tesseract")
    path = tmp_path / "scan.pdf"
    path.write_bytes(scanned_pdf("A lighthouse"))
    article = read_article(path, path.name, languages)
    assert "lighthouse" in article.text
    assert article.pages == (0,)
    with pytest.raises(ArticleError, match="no data for xyz"):
        read_article(path, path.name, "xyz")


def test_a_file_is_not_scanned_without_tesseract(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    path = tmp_path / "scan.pdf"
    path.write_bytes(scanned_pdf())
    with pytest.raises(ArticleError, match="not installed"):
        read_article(path, path.name, "on")


def test_a_protected_file_is_refused(tmp_path: Path) -> None:
    from reportlab.lib import pdfencrypt

    path = tmp_path / "a.pdf"
    canvas = Canvas(str(path), encrypt=pdfencrypt.StandardEncryption("secret", canPrint=0))
    lines(canvas, [SENTENCE])
    canvas.save()
    with pytest.raises(ArticleError, match=r"^a\.pdf: it is protected by a password"):
        read_article(path, path.name)


SWAPPED = str.maketrans("abcdefghijklmnopqrstuvwxyz", "xzqwtypsdfrghjklmbvcnbxzwq")


def mixed(canvas: Canvas) -> None:
    """A page that reads well, and one whose letters are not those that its text says."""
    lines(canvas, ["# The lighthouse", *[SENTENCE] * 6])
    canvas.showPage()
    lines(canvas, [SENTENCE.translate(SWAPPED)] * 8)
    canvas.showPage()


def test_a_page_of_letters_that_make_no_words_is_left_out(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    article = read(tmp_path, mixed)
    assert SENTENCE in article.text
    assert SENTENCE.translate(SWAPPED) not in article.text
    assert "not known: 2" in caplog.text

    def draw(canvas: Canvas) -> None:
        lines(canvas, [SENTENCE.translate(SWAPPED)] * 8)

    with pytest.raises(ArticleError, match="fonts"):
        read(tmp_path, draw)


@pytest.mark.slow  # tesseract reads a picture
def test_such_a_page_is_read_by_tesseract_where_that_is_wanted(tmp_path: Path) -> None:
    program("tesseract")
    path = tmp_path / "a.pdf"
    path.write_bytes(pdf(mixed))
    article = read_article(path, "a.pdf", "eng")
    assert article.page(article.text.index(SENTENCE)) == 1
    assert article.text[article.pages[1] :].strip()
