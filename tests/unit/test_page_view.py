"""Pages of PDFs as they look, with cited words marked."""

import zipfile
from io import BytesIO

import pytest
from PIL import Image

from assistant.ingest.originals import Originals
from assistant.ingest.readers.pdf.view import TALLEST, WIDEST, places_of, view_page
from assistant.models.page_view import WordsOnPage
from assistant.support.errors import ArticleError
from tests.support.documents import lines, pdf, simple_pdf
from tests.support.reading import read_article

PAGES = [
    ["# Harbour", "The pilot boards at the outer buoy. The harbour is closed at", "night."],
    ["# Fees", "The fee is paid on arrival. The pilot boards at the outer buoy.", "Ask him."],
]


def harbour() -> bytes:
    def draw(canvas):
        for page in PAGES:
            lines(canvas, page)
            canvas.showPage()

    return pdf(draw)


def letters(text):
    return "".join(c for c in text.lower() if c.isalnum()), []


def marked(data, number, words, before=""):
    """The pixels of the picture under the boxes of ``words``, each a picture of its own."""
    view = view_page(data, number, WordsOnPage(words, before))
    picture = Image.open(BytesIO(view.picture))
    assert picture.size == (view.width, view.height)
    w, h = picture.size
    return [
        picture.crop((int(b.left * w), int(b.top * h), int((b.left + b.width) * w),
                      int((b.top + b.height) * h)))
        for b in view.boxes
    ]  # fmt: skip


def test_words_are_marked_where_ink_is_and_only_there():
    view = view_page(harbour(), 1, WordsOnPage("The harbour is closed at night."))
    assert len(view.boxes) == 2  # one for each line
    picture = Image.open(BytesIO(view.picture)).convert("L")
    outside = picture.copy()  # a full stop is no letter: it stands beside the box
    for box in view.boxes:
        x, y = int(box.left * view.width), int(box.top * view.height)
        size = int(box.width * view.width), int(box.height * view.height)
        inside = picture.crop((x, y, x + size[0], y + size[1]))
        assert inside.getextrema()[0] < 100
        outside.paste(255, (x - 3, y - 6, x + size[0] + 12, y + size[1] + 6))
    first, second = view.boxes
    assert first.top < second.top < first.top + 0.03
    assert first.left > second.left  # the sentence begins in the middle of its line
    assert outside.crop((0, y, view.width, y + size[1])).getextrema()[0] > 200


def test_a_picture_is_never_larger_than_a_screen_shows():
    def poster(canvas):
        canvas.setPageSize((14_000, 400))
        canvas.drawString(72, 200, "A very wide poster about the harbour.")

    view = view_page(pdf(poster), 1, WordsOnPage())
    assert view.width <= WIDEST
    assert view.height <= TALLEST


def test_a_turned_page_is_marked_as_it_is_shown():
    def turned(canvas):
        lines(canvas, PAGES[0])
        canvas.setPageRotation(90)

    for ink in marked(pdf(turned), 1, "The pilot boards at the outer buoy."):
        assert ink.width < ink.height
        assert ink.convert("L").getextrema()[0] < 100


def test_what_only_one_of_page_and_article_has_does_not_matter():
    page = letters("Name Years Days Ann 3 25 the light-\nhouse ﬁne")
    assert places_of(page, WordsOnPage("Ann | 3 | 25")) == [(13, 19)]
    assert places_of(page, WordsOnPage("• the lighthouse"))


def test_words_that_something_stands_between_are_marked_in_parts():
    page = letters("The keeper lights the lamp every — page 7 — evening at the same hour.")
    words = "The keeper lights the lamp every evening at the same hour."
    parts = places_of(page, WordsOnPage(words))
    found = "".join(page[0][start:end] for start, end in parts)
    assert len(found) > 30
    assert "page7" not in found


def test_words_that_are_elsewhere_are_not_marked():
    page = letters("The keeper lights the lamp every evening.")
    other = "A committee of the whole house met at noon to discuss the annual harbour budget."
    assert places_of(page, WordsOnPage(other)) == []
    assert places_of(page, WordsOnPage("")) == []


def test_of_words_that_occur_twice_the_right_ones_are_marked():
    page = letters("Closed. Open on Monday. Closed. Open on Friday.")
    assert places_of(page, WordsOnPage("Closed.", "")) == [(0, 6)]
    assert places_of(page, WordsOnPage("Closed.", "Closed. Open on Monday. ")) == [(18, 24)]


@pytest.mark.parametrize("number", [0, 3, 10**9])
def test_a_page_that_is_not_there_is_an_error(number):
    with pytest.raises(ArticleError, match="no page"):
        view_page(harbour(), number, WordsOnPage())


def test_a_page_of_a_file_in_an_archive_is_drawn_in_the_reader_process(tmp_path):
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        archive.writestr("harbour.pdf", harbour())
    originals = Originals(tmp_path, tmp_path)
    try:
        article = originals._reader.read_file(
            tmp_path / "all.zip", "all.zip//harbour.pdf", ["harbour.pdf"]
        ).article
        start = article.text.index("The pilot boards", article.pages[1])
        view = originals.page(article, 2, start, len(article.text))
        assert view.boxes
        assert view.boxes[0].top < 0.2
        assert originals.page(article, 1, start, len(article.text)).boxes == ()
        assert originals.file(article) == tmp_path / "all.zip"
    finally:
        originals.close()


def test_a_file_that_became_a_link_out_of_the_corpus_is_not_given_out(tmp_path):
    (tmp_path / "corpus").mkdir()
    (tmp_path / "outside.pdf").write_bytes(simple_pdf())
    file = tmp_path / "corpus" / "a.pdf"
    file.write_bytes(simple_pdf())
    article = read_article(file, "a.pdf")
    originals = Originals(tmp_path / "corpus", tmp_path)
    assert originals.file(article) == file
    file.unlink()
    file.symlink_to(tmp_path / "outside.pdf")
    assert originals.file(article) is None
    with pytest.raises(ArticleError, match="cannot be shown"):
        originals.page(article, 1)
