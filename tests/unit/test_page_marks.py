"""Web pages, books and Markdown with HTML in it: what a browser shows but the words do not say."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.ingest.readers.markup import markup_pieces
from tests.support.reading import blocks, read

LONG = "".join(
    f"<p>Paragraph {number} of the history of the lighthouse tells of storms, of keepers and of"
    f" ships that were saved in the year {1800 + number}, and it ends here after many words.</p>"
    for number in range(8)
)


def page(body: str) -> bytes:
    return (
        f"<!doctype html><html lang=en><head><title>A</title></head><body><article>{body}".encode()
    )


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("<p>It holds 10<sup>6</sup> cells</p>", ["It holds 10⁶ cells"]),
        ("<p>In 1905<sup><a href='#n3'>3</a></sup>.</p>", ["In 1905 ³."]),
        ("<p>25 m<sup>2</sup> of H<sub>2</sub>O</p>", ["25 m² of H₂O"]),
        ("<p>le 1<sup>er</sup> mai</p>", ["le 1er mai"]),
        ("<p><del>30 euros</del> <s>28</s> 25</p>", ["~~30 euros~~ ~~28~~ 25"]),
        ("<p><math><mfrac><mn>3</mn><mn>4</mn></mfrac></math> full</p>", ["3/4 full"]),
        ("<p><math><msup><mi>x</mi><mn>2</mn></msup></math></p>", ["x²"]),
        (
            "<p><ruby>東京<rp>(</rp><rt>とうきょう</rt><rp>)</rp></ruby>へ</p>",
            ["東京(とうきょう)へ"],
        ),
        ("<ol start=3><li>Close</li><li>Lock</li></ol>", ["3. Close", "4. Lock"]),
        ("<ol type=a><li><p>Close</p></li><li value=5>Lock</li></ol>", ["a. Close", "e. Lock"]),
        ("<ol reversed><li>One</li><li>Two</li></ol>", ["2. One", "1. Two"]),
        ("<dl><dt>Keel</dt><dt><b>Spine</b></dt><dd><p>A beam.</p><dt>Boom :</dt><dd>A pole.</dl>",
         ["Keel, Spine: A beam.", "Boom : A pole."]),
        ("<dl><dt>Is it deep?</dt><dd>Yes.</dd><dt>Bare</dt></dl>",
         ["Is it deep?", "Yes.", "Bare"]),
        ("<ul><li><input type=checkbox checked>Paid</li><li><input type=checkbox>Sent</li></ul>",
         ["☒ Paid", "☐ Sent"]),
        ("<p>Seen</p><p hidden>No</p><p style='color:red; display: none'>No</p>"
         "<p style='visibility:hidden'>No</p>", ["Seen"]),
        ("<button aria-controls=a>How long?</button><div id=a hidden>Two days.</div>",
         ["How long?", "Two days."]),
        ("<button>Subscribe</button><p>Seen</p>", ["Seen"]),
        ("One<br><br>Two", ["One", "Two"]),
    ],
)  # fmt: skip
def test_what_a_page_shows_is_written(source: str, shown: list[str]) -> None:
    assert [piece.text for piece in markup_pieces(source) if piece.text] == shown


def test_a_short_page_keeps_its_headings(tmp_path: Path) -> None:
    body = "<h1>Pool</h1><p>Six euros since May.</p><h2>Hours</h2>Open from nine<hr><ul><li>Daily"
    article = read(tmp_path, "a.html", f"<html><body>{body}".encode())
    assert blocks(article) == ["Pool", "Six euros since May.", "Hours", "Open from nine", "Daily"]
    assert blocks(article, heading=True) == ["Pool", "Hours"]


def test_the_questions_captions_and_boxes_of_a_long_page_are_read(tmp_path: Path) -> None:
    body = (
        f"<h1>Light</h1>{LONG}<figure><img src=a><figcaption>The tower seen by Ada in 1932."
        "</figcaption></figure><aside class=infobox><h3>Facts</h3><p>Founded in 1887 by a guild."
        "</p></aside><button class=accordion-button>Who may climb the tower ?</button>"
        "<div class=collapse>Everybody over the age of ten may climb it.</div>"
        "<p>Price: <del>30 euros</del> 10<sup>2</sup> euros for a group of people.</p>"
    )
    found = blocks(read(tmp_path, "a.html", page(body)))
    for words in (
        "The tower seen by Ada in 1932.", "Facts", "Founded in 1887 by a guild.",
        "Who may climb the tower ?", "Everybody over the age of ten may climb it.",
        "Price: ~~30 euros~~ 10² euros for a group of people.",
    ):  # fmt: skip
        assert words in found, found[8:]


def test_what_promotes_other_pages_is_no_part_of_the_article(tmp_path: Path) -> None:
    body = f"<h1>Light</h1>{LONG}<aside class=related><p>Read also about the mill.</p></aside>"
    assert "Read also" not in read(tmp_path, "a.html", page(body)).text
