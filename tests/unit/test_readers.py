import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assistant.ingest.readers import LONGEST_TITLE
from assistant.ingest.readers.containers import ARCHIVES
from assistant.ingest.readers.formats import MAX_BYTES, READERS, SUFFIXES, is_readable
from assistant.models.article import Article
from assistant.support.errors import ArticleError
from tests.support.reading import read_article

FRENCH = "Le conseil a décidé mardi de reconstruire le vieux pont. Déjà, l’été dernier, on râlait."
PROSE = "The council decided on Tuesday to rebuild the old bridge before the winter comes. "


def read(folder: Path, name: str, content: str | bytes) -> Article:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    article = read_article(path, name)
    assert_covered(article)
    return article


def assert_covered(article: Article) -> None:
    position = 0
    for block in article.blocks:
        words = article.text[block.start : block.end]
        assert words == words.strip() != ""
        assert article.text[position : block.start].strip() == ""
        position = block.end
    assert article.text[position:].strip() == ""


def blocks(article: Article) -> list[str]:
    return [article.text[block.start : block.end] for block in article.blocks]


def headings(article: Article) -> list[str]:
    return [article.text[block.start : block.end] for block in article.blocks if block.heading]


def refusal(folder: Path, name: str, content: str | bytes) -> str:
    with pytest.raises(ArticleError) as caught:
        read(folder, name, content)
    message = str(caught.value)
    assert message.startswith(f"{name}: ")
    assert message.count(name) == 1
    return message


# Any format


def test_the_suffix_decides_whatever_its_case() -> None:
    assert set(READERS) == SUFFIXES - ARCHIVES
    assert is_readable(Path("folder/An Article.TXT"))
    assert not is_readable(Path("article.exe"))
    assert not is_readable(Path("article"))


def test_a_format_without_reader_is_refused(tmp_path: Path) -> None:
    assert ".md" in refusal(tmp_path, "a.xyz", b"\x7fELF\x02\x01" + bytes(99))


@pytest.mark.parametrize("suffix", sorted(SUFFIXES))
@pytest.mark.parametrize("content", ["", " \n\t ", "***\n\n---\n"])
def test_a_file_without_words_is_refused(tmp_path: Path, suffix: str, content: str) -> None:
    refusal(tmp_path, f"a{suffix}", content)


@pytest.mark.parametrize("suffix", sorted(SUFFIXES))
def test_a_binary_file_is_refused(tmp_path: Path, suffix: str) -> None:
    picture = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(range(256)) * 20
    refusal(tmp_path, f"a{suffix}", picture)
    told = refusal(tmp_path, f"b{suffix}", b"some words\0and more words")
    told += refusal(tmp_path, f"c{suffix}", b"words\x01\x02\x03\x04 and words" * 9)
    if suffix in (".txt", ".md", ".markdown", ".html", ".htm"):
        assert told.count("binary") == 2


def test_a_file_over_the_limit_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "big.txt"
    with path.open("wb") as file:
        file.truncate(MAX_BYTES + 1_000_000)
    with pytest.raises(ArticleError, match=r"big.txt: it is 21 MB.*Split"):
        read_article(path, "big.txt")


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ArticleError, match=r"^in/gone.txt: it is gone"):
        read_article(tmp_path / "gone.txt", "in/gone.txt")


def test_a_forbidden_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("text")
    path.chmod(0)
    with as_an_ordinary_user(), pytest.raises(ArticleError, match="may not be read"):
        read_article(path, "a.txt")


@contextmanager
def as_an_ordinary_user() -> Iterator[None]:
    """The superuser may read everything, so a test of what is forbidden must not be it."""
    before = os.geteuid()
    if before == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(before)


def test_what_is_no_file_is_refused_rather_than_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    (tmp_path / "folder.txt").mkdir()
    for name in ("pipe.txt", "folder.txt"):
        with pytest.raises(ArticleError, match="not a regular file"):
            read_article(tmp_path / name, name)


def test_an_article_has_the_language_of_its_text(tmp_path: Path) -> None:
    assert read(tmp_path, "a.txt", FRENCH).language == "fr"
    assert read(tmp_path, "b.txt", "Oracle SoftBank 2024").language == "und"


def test_the_same_bytes_give_the_same_article(tmp_path: Path) -> None:
    page = f"<html><body><h1>One</h1><p>{PROSE * 3}</p><p>{PROSE * 3}</p></body></html>"
    assert read(tmp_path, "a.html", page) == read(tmp_path, "a.html", page)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    st.binary(max_size=300)
    | st.text(max_size=300).map(lambda text: text.encode("utf-8", "replace"))
)
def test_any_bytes_end_as_text_or_as_an_article_error(tmp_path: Path, data: bytes) -> None:
    for suffix in SUFFIXES:
        with suppress(ArticleError):
            read(tmp_path, f"a{suffix}", data)


# Encodings


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"]
)
def test_the_encoding_of_a_text_does_not_matter(tmp_path: Path, encoding: str) -> None:
    assert read(tmp_path, "a.txt", FRENCH.encode(encoding)).text == FRENCH


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        (
            "shift_jis",
            "東京は日本の首都であり、世界最大級の都市の一つです。人口は約千四百万人です。",
        ),
        ("euc-jp", "東京は日本の首都であり、世界最大級の都市の一つです。人口は約千四百万人です。"),
        ("gb18030", "北京是中华人民共和国的首都，也是全国的政治、文化中心。城市历史悠久。"),
        ("cp1251", "Совет решил во вторник восстановить старый мост до наступления зимы."),
        (
            "cp1250",
            "Warszawa jest stolicą Polski i największym miastem kraju, leży nad Wisłą. Żółw.",
        ),
        (
            "cp1254",
            "Ankara, Türkiye'nin başkenti ve en kalabalık ikinci ilidir. Güneşli bir şehir.",
        ),
        (
            "cp1252",
            "It’s an English text, with nothing but “typographic” quotes that aren’t ASCII.",
        ),
    ],
)
def test_encodings_of_other_languages_are_told_apart(
    tmp_path: Path, encoding: str, text: str
) -> None:
    assert read(tmp_path, "a.txt", text.encode(encoding)).text == text


def test_one_damaged_character_does_not_garble_the_others(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    data = f"{FRENCH}\n".encode() * 20 + b"caf\xe9 noir."
    with caplog.at_level(logging.WARNING):
        text = read(tmp_path, "a.txt", data).text
    assert text == f"{FRENCH}\n" * 20 + "caf\ufffd noir."
    assert "1 damaged" in caplog.text


def test_a_badly_damaged_text_is_refused(tmp_path: Path) -> None:
    data = "été à côté ".encode() * 9 + b"\xe9\xe8 " * 3
    assert "damaged" in refusal(tmp_path, "a.txt", data)


def test_a_text_cut_off_in_utf16_is_refused(tmp_path: Path) -> None:
    assert "UTF-16" in refusal(tmp_path, "a.txt", FRENCH.encode("utf-16")[:-1])


# Plain text


def test_a_text_is_its_file_but_for_line_ends(tmp_path: Path) -> None:
    content = "  One \t line\r\n\r\nand\u2028another\rlast  \n\n"
    assert read(tmp_path, "a.txt", content).text == "  One \t line\n\nand\u2028another\nlast  \n\n"


def test_lines_are_paragraphs_and_short_ones_before_longer_prose_headings(tmp_path: Path) -> None:
    lines = ["Bridge to be rebuilt", PROSE * 2, "What it costs", PROSE, "– The mayor", "Next steps"]
    lines += [PROSE * 3, "Is it safe?", PROSE, "A last remark"]
    article = read(tmp_path, "a.txt", "\n".join(lines))
    assert blocks(article) == [line.strip() for line in lines]
    assert headings(article) == [
        "Bridge to be rebuilt",
        "What it costs",
        "Next steps",
        "Is it safe?",
    ]
    assert article.title == "Bridge to be rebuilt"


def test_lines_broken_at_a_width_are_joined_to_paragraphs(tmp_path: Path) -> None:
    first = "The council decided on Tuesday evening to rebuild the old bridge over\n"
    first += (
        "the river before the winter comes, and to close the road that leads to\nit until then."
    )
    item = "- the first of the works begins in the middle of May, when the water of\n"
    item += "  the river is low;\n"
    items = item + "- the second follows in June."
    text = f"THE OLD BRIDGE\n\n{first}\n\n{items}\n\n{first}\n"
    article = read(tmp_path, "a.txt", text)
    assert blocks(article) == [
        "THE OLD BRIDGE",
        first,
        *items.split("\n- the second")[:1],
        "- the second follows in June.",
        first,
    ]
    assert headings(article) == ["THE OLD BRIDGE"]


def test_verse_and_lists_are_not_taken_for_broken_lines(tmp_path: Path) -> None:
    lines = ["eggs and butter", "milk", "a loaf of bread", "apples"]
    article = read(tmp_path, "a.txt", "\n".join(lines))
    assert blocks(article) == lines
    assert headings(article) == []


def test_without_a_title_line_the_name_of_the_file_is_the_title(tmp_path: Path) -> None:
    assert read(tmp_path, "old_bridge-news 2.txt", PROSE).title == "Old bridge news 2"
    assert read(tmp_path, "b.txt", "- an item\n- another").title == "B"
    assert read(tmp_path, "c.txt", "x" * 200 + "\nshort").title == "C"


# Markdown

MARKDOWN = """---
title: "The bridge: a history"
date: 2024-05-17T10:00:00Z
language: fr-CA
author: [Ann Lee, Bo Li]
url: https://example.org/bridge
tags: [a, b]
---
# Heading *one*

A paragraph with **strong** words, a [link](https://example.org) and `code`,
continued after a soft break.\\
Then a hard one. ![A picture](a.png)

> A quote.

- first <b>item</b>
- second item
  1. nested

| name | size |
|------|------|
| a *b* | 1 |

```python
def f():

    return 1
```

<div>Some &amp; HTML <!-- hidden --></div>

Setext
------
"""


def test_markdown_is_read_without_its_marks(tmp_path: Path) -> None:
    article = read(tmp_path, "a.md", MARKDOWN)
    assert article.text == (
        "Heading one\n\n"
        "A paragraph with strong words, a link and code, continued after a soft break.\n"
        "Then a hard one. A picture\n\n"
        "A quote.\n\n"
        "first item\nsecond item\n1. nested\n\n"
        "name | size\na b | 1\n\n"
        "def f():\n\n    return 1\n\n"
        "Some & HTML\n\n"
        "Setext"
    )
    assert headings(article) == ["Heading one", "Setext"]


_BOLD_LINES = {
    "a.md": """# Pool

**May I bring a dog?**
No. It has to wait outside.

**Opening hours**

From 8 to 20 o'clock.

**Mind:** the floor is wet.

**Nobody may dive.**

The water is low.

- **towel**
- soap

**Signed**

**Ada Holm**
""",
    "a.html": """<h1>Pool</h1><p><b>May I bring a dog?</b><br>No. It has to wait outside.</p>
<p><strong>Opening hours</strong></p><p>From 8 to 20 o'clock.</p>
<p><b>Mind:</b> the floor is wet.</p><p><b>Nobody may dive.</b></p><p>The water is low.</p>
<ul><li><b>towel</b></li><li>soap</li></ul><p><b>Signed</b></p><p><b>Ada Holm</b></p>""",
}


@pytest.mark.parametrize("name", _BOLD_LINES)
def test_a_bold_line_over_text_is_a_heading(tmp_path: Path, name: str) -> None:
    article = read(tmp_path, name, _BOLD_LINES[name])
    assert headings(article) == ["Pool", "May I bring a dog?", "Opening hours"]
    assert "No. It has to wait outside." in blocks(article)
    assert "Mind: the floor is wet." in blocks(article)


def test_hidden_elements_in_a_line_of_markdown_are_not_read(tmp_path: Path) -> None:
    line = (
        "Seen, <span hidden>not <b>this</b> <span>nor</span> that, </span>"
        '<em style="display:none">nor this,</em><i data-hidden>and seen</i>.'
    )
    assert read(tmp_path, "a.md", line).text == "Seen, and seen."


@pytest.mark.parametrize("tag", ["<html>", "<head>", "<body>", "<frameset>", "<svg/onload=1>"])
def test_a_tag_that_belongs_in_no_line_of_markdown_harms_nothing(tmp_path: Path, tag: str) -> None:
    (tmp_path / "a.md").write_text(f"Seen {tag} and this.")
    assert "and this." in read_article(tmp_path / "a.md", "a.md").text


def test_front_matter_describes_the_article(tmp_path: Path) -> None:
    article = read(tmp_path, "a.md", MARKDOWN)
    assert article.title == "The bridge: a history"
    assert article.published == date(2024, 5, 17)
    assert article.language == "fr"
    assert article.author == "Ann Lee, Bo Li"
    assert article.url == "https://example.org/bridge"


def test_without_front_matter_the_first_heading_is_the_title(tmp_path: Path) -> None:
    article = read(tmp_path, "a.markdown", f"Some words first.\n\n## A *title*\n\n{PROSE}")
    assert article.title == "A title"
    assert article.language == "en"
    assert read(tmp_path, "some_name.md", PROSE).title == "Some name"


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("2024-05-17", date(2024, 5, 17)),
        ("2024-05-17 08:30", date(2024, 5, 17)),
        ("2024/05/17", date(2024, 5, 17)),
        ("17. May 2024", date(2024, 5, 17)),
        ("May 17, 2024", date(2024, 5, 17)),
        ("17/05/2024", date(2024, 5, 17)),
        ("04/05/2024", None),  # April or May
        ("May 2024", None),
        ("yesterday", None),
        ("2024-13-45", None),
        ("[1, 2]", None),
        ("{a: b}", None),
    ],
)
def test_dates_are_read_if_they_mean_one_day(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, written: str, day: date | None
) -> None:
    assert read(tmp_path, "a.md", f"---\ndate: {written}\n---\n{PROSE}").published == day
    assert ("Ignored" in caplog.text) == (day is None)


@pytest.mark.parametrize(
    ("name", "text", "day"),
    [
        ("2024-05-17-minutes.txt", PROSE, date(2024, 5, 17)),
        ("minutes_20240517.txt", PROSE, date(2024, 5, 17)),
        ("2024-05-17.md", f"---\ndate: 2024-05-20\n---\n{PROSE}", date(2024, 5, 20)),
        ("2024-05-17-to-2024-06-02.txt", PROSE, None),
        ("invoice-2024-0188.txt", PROSE, None),
        ("part-12024051799.txt", PROSE, None),
    ],
)
def test_the_name_of_a_file_may_state_its_day(tmp_path, name, text, day):
    assert read(tmp_path, name, text).published == day


def test_a_date_is_written_in_the_language_of_the_article(tmp_path: Path) -> None:
    article = read(tmp_path, "a.md", f"---\ndate: 17 août 2024\n---\n{FRENCH}")
    assert article.published == date(2024, 8, 17)


@pytest.mark.parametrize("line", ["title: {a: b}", "language: French", "author: [[a], b]"])
def test_a_value_of_another_kind_is_ignored_with_a_warning(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, line: str
) -> None:
    article = read(tmp_path, "a.md", f"---\n{line}\n---\n{PROSE}")
    assert (article.title, article.language, article.author) == ("A", "en", None)
    assert "Ignored" in caplog.text


def test_norwegian_is_not_taken_for_false(tmp_path: Path) -> None:
    assert read(tmp_path, "a.md", f"---\nlanguage: no\ntitle: 2024\n---\n{PROSE}").language == "no"


def test_front_matter_that_is_not_in_order_costs_no_text(tmp_path: Path) -> None:
    matter = "title: a\nyear: {{date:YYYY}}\ncreated: <% now() %>\ndate: b: c"
    article = read(tmp_path, "a.md", f"---\n{matter}\n---\n{PROSE}")
    assert (article.text, article.title, article.published) == (PROSE.strip(), "a", None)
    for matter in (f"title: {'x' * 99_000}", f"title: {'[' * 9_000}"):
        assert read(tmp_path, "b.md", f"---\n{matter}\n---\n{PROSE}").text == PROSE.strip()


@pytest.mark.parametrize(
    "matter",
    [
        '+++\ntitle = "The dam"\ndate = 2024-02-01\n+++\n',
        "\n\n---\ntitle: The dam\ndate: 2024-02-01\n---\n",
        "---\ntitle: The dam\ndate: 2024-02-01\nlinks:\n\t- a\nup: [[A note]]\n---\n",
    ],
)
def test_front_matter_of_every_kind_describes_the_article(tmp_path: Path, matter: str) -> None:
    article = read(tmp_path, "a.md", f"{matter}\n{PROSE}")
    assert (article.text, article.title) == (PROSE.strip(), "The dam")
    assert article.published == date(2024, 2, 1)


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("10<sup>6</sup> grains of H<sub>2</sub>O", ["10⁶ grains of H₂O"]),
        ("In 1905<sup>3</sup> it closed.", ["In 1905 ³ it closed."]),
        ("It costs ~~50~~ <del>60</del> 40 euros.", ["It costs ~~50~~ ~~60~~ 40 euros."]),
        ("3. Close it.\n4. Lock it.\n   1. Twice.", ["3. Close it.", "4. Lock it.", "1. Twice."]),
        ("- [x] Paid\n- [ ] Sent", ["☒ Paid", "☐ Sent"]),
        (
            "Tall[^1] and old[^b].\n\n[^1]: 57 m.\n[^b]: Of 1392.",
            ["Tall and old.", "57 m.", "Of 1392."],
        ),
        ("See [[The dam|the wall]] and [[Notes]].", ["See the wall and Notes."]),
        ("<table><tr><th>Fruit</th></tr><tr><td>Pear</td></tr></table>", ["Fruit", "Pear"]),
    ],
)
def test_the_marks_of_markdown_keep_their_meaning(
    tmp_path: Path, written: str, shown: list[str]
) -> None:
    article = read(tmp_path, "a.md", written)
    assert [article.text[block.start : block.end] for block in article.blocks] == shown


def test_rules_around_text_are_not_front_matter(tmp_path: Path) -> None:
    assert "Only words" in read(tmp_path, "a.md", f"---\nOnly words\n---\n{PROSE}").text
    assert "Never closed" in read(tmp_path, "b.md", "---\nNever closed: at all").text


def test_only_web_addresses_become_links(tmp_path: Path) -> None:
    for address in ("javascript:alert(1)", "a.html", "https://"):
        assert read(tmp_path, "a.md", f"---\nurl: '{address}'\n---\n{PROSE}").url is None


# Web pages

PAGE = f"""<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE html><html lang="de"><head><title>The old bridge - The Daily News</title>
<meta property="article:published_time" content="2024-05-17T08:00:00+02:00">
<meta name="author" content="Ann Lee">
<link rel="canonical" href="https://news.example.org/bridge">
<script>var tracking = "some script words";</script></head>
<body><nav><ul><li><a href="/">Home</a></li><li><a href="/sport">Sport</a></li></ul></nav>
<article><h1>The old bridge</h1><p>{PROSE * 3}</p>
<h2>What it costs</h2><p>{PROSE}<br>And <b>more</b>words\n  follow.</p>
<ul><li>The first item of the list is here.</li><li>The second item of it.</li></ul>
<blockquote><p>It is very dear, said the mayor of the town.</p></blockquote>
<table><tr><th>Part</th><th>Price</th></tr><tr><td>Pillar</td><td>20,000</td></tr></table>
</article><footer>Copyright The Daily News, all rights reserved</footer></body></html>"""


def test_a_page_gives_the_blocks_of_its_article(tmp_path: Path) -> None:
    article = read(tmp_path, "a.html", PAGE)
    assert blocks(article) == [
        "The old bridge",
        (PROSE * 3).strip(),
        "What it costs",
        f"{PROSE.strip()}\nAnd morewords follow.",
        "The first item of the list is here.",
        "The second item of it.",
        "It is very dear, said the mayor of the town.",
        "Part | Price",
        "Pillar | 20,000",
    ]
    assert headings(article) == ["The old bridge", "What it costs"]


def test_a_page_is_described_by_its_metadata(tmp_path: Path) -> None:
    article = read(tmp_path, "a.html", PAGE)
    assert article.title == "The old bridge"
    assert article.published == date(2024, 5, 17)
    assert article.author == "Ann Lee"
    assert article.url == "https://news.example.org/bridge"
    assert article.language == "en"  # of its text; the page declares that of its template


def test_a_page_of_bare_paragraphs_loses_nothing(tmp_path: Path) -> None:
    page = "<html><head><title>Short</title></head><body><h1>Short</h1><h2>Subtitle, too</h2>"
    page += "<p>One short paragraph.</p><ul><li>One</li><li>Two</li></ul><p>Another.</p></body>"
    article = read(tmp_path, "a.htm", page)
    assert blocks(article) == [
        "Short",
        "Subtitle, too",
        "One short paragraph.",
        "One",
        "Two",
        "Another.",
    ]


def test_a_page_of_preformatted_text_is_read(tmp_path: Path) -> None:
    lines = "\n".join(f"Line {number} of a text." for number in range(20))
    text = read(tmp_path, "a.html", f"<html><body><pre>{lines}</pre></body></html>").text
    assert " ".join(text.split()) == " ".join(lines.split())


def test_the_encoding_that_a_page_declares_is_used(tmp_path: Path) -> None:
    page = f'<html><head><meta charset="iso-8859-2"></head><body><p>{"Žluť kůň. " * 4}</p></body>'
    assert "Žluť kůň" in read(tmp_path, "a.html", page.encode("iso-8859-2")).text
    wrong = f'<html><head><meta charset="idna"></head><body><p>{FRENCH}</p></body>'
    assert FRENCH in read(tmp_path, "b.html", wrong.encode("cp1252")).text


def test_a_page_without_article_is_refused(tmp_path: Path) -> None:
    for body in ("", "<script>var a = 'hello'</script>", "<img src=a.png>"):
        assert "no article" in refusal(tmp_path, "a.html", f"<html><body>{body}</body></html>")


def test_deep_lists_lose_nothing(tmp_path: Path) -> None:
    items = "".join(f"{'  ' * depth}- item {depth}\n" for depth in range(20))
    assert len(blocks(read(tmp_path, "a.md", items))) == 20


def test_control_characters_that_steer_a_terminal_are_left_out(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(
        "Tower\n\n" + "The tower stands in the estuary and is high. " * 20
        + "\x1b[2JLit\x9b31m in\x07 1611.\u0085 Its keepers left.", "utf-8"
    )  # fmt: skip
    text = read_article(tmp_path / "a.txt", "a.txt").text
    assert "[2JLit31m in 1611." in text
    assert not any(char in text for char in "\x1b\x9b\x07")


def test_an_endless_title_or_author_is_cut(tmp_path: Path) -> None:
    matter = f"---\ntitle: {'T' * 5_000}\nauthor: {'A' * 5_000}\n---\n"
    (tmp_path / "a.md").write_text(f"{matter}The tower was lit in 1611.\n", "utf-8")
    article = read_article(tmp_path / "a.md", "a.md")
    assert article.title == f"{'T' * (LONGEST_TITLE - 1)}…"
    assert len(article.author or "") == LONGEST_TITLE
