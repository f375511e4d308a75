"""Web pages: the article of the page, without its menus, advertisements and comments."""

from __future__ import annotations

import re
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import replace
from typing import TYPE_CHECKING

from assistant.ingest.readers.decoding import decode
from assistant.ingest.readers.draft import (
    Draft,
    Piece,
    compose,
    one_line,
    publication_date,
    web_address,
)
from assistant.ingest.readers.markup import is_layout, table_rows, tree_pieces
from assistant.ingest.readers.mending import visible
from assistant.ingest.readers.page_marks import show
from assistant.ingest.readers.tables import spread, table_pieces
from assistant.language.detection import detect_language, language_code
from assistant.models.article import UNKNOWN_LANGUAGE
from assistant.models.table import merged_headings
from assistant.support.errors import ArticleError

if TYPE_CHECKING:
    from lxml.etree import _Element
    from lxml.html import HtmlElement

_CHARSET = re.compile(rb"<meta[^<>]+charset=[\"']?\s*([\w-]+)", re.I)
_NO_ARTICLE = (
    "no article was found in this page. Save the article's own page, or its text as .txt or .md."
)
_FEWEST = 2  # pieces: one alone is the whole page in a lump
_SHORT = 1_000
_PROMOTION = re.compile(
    r"\b(?:ad|ads|advert\w*|promo\w*|related|recommend\w*|share|social|newsletter|subscri\w*|nav\w*"
    r"|menu|sidebar|popular|trending|cookie\w*|comment\w*)\b",
    re.I,
)
_HEAD_BYTES = 4_096
_XML_DECLARATION = re.compile(r"\A\s*<\?xml[^>]*\?>")
_SPACE = re.compile(r"[ \t\n\r\f]+")
_LINE_BREAK = "\0"  # decoding lets none through
_CONTAINERS = "body main article section div p head list item quote table details"
_BLOCKS = frozenset(_CONTAINERS.split())


def read_html(data: bytes) -> Draft:
    """A web page. Title, date, author and address are those in its metadata.

    The language that the page declares counts only where the text does not tell: many pages
    declare that of their template. Raises ``ArticleError`` for a page without an article.
    """
    import trafilatura  # 0.5 s, for web pages only

    declared = _CHARSET.search(data[:_HEAD_BYTES])
    page = _XML_DECLARATION.sub("", decode(data, declared[1].decode() if declared else None))
    tree = trafilatura.load_html(page)
    if tree is None:
        raise ArticleError(_NO_ARTICLE)
    headline = _headline(tree)
    show(tree)
    whole = list(_whole(tree))
    _keep_asides(tree)
    _mark_bare_article(tree)
    _simplify_tables(tree)
    # No search for dates in the text: it finds wrong ones. No deduplication: it depends on what
    # was read before.
    found = trafilatura.bare_extraction(
        tree,
        include_comments=False,
        with_metadata=True,
        date_extraction_params={"extensive_search": False, "original_date": True},
    )
    pieces = [piece for piece in _pieces(found.body) if piece.text] if found is not None else []
    if len(pieces) < _FEWEST or sum(len(piece.text) for piece in whole) < _SHORT:
        pieces = whole or pieces or list(_all_lines(tree))
    text, blocks = compose(pieces)
    if not text:
        raise ArticleError(_NO_ARTICLE)
    language = detect_language(text)
    draft = Draft(
        text,
        blocks,
        title=headline,
        language=language_code(tree.get("lang")) if language == UNKNOWN_LANGUAGE else language,
    )
    if found is None:
        return draft
    return replace(
        draft,
        title=_title(headline, one_line(found.title)),
        published=publication_date(found.date),
        author=one_line(found.author),
        url=web_address(found.url),
    )


def _whole(tree: HtmlElement) -> Iterator[Piece]:
    """The blocks of what the page marks as its article, else of its body without menus: in a short
    page there is too little to tell an article by.
    """
    body = tree.find("body")
    parts = [*tree.findall(".//article"), *tree.findall(".//main")] or (
        [] if body is None else [body]
    )
    scope = deepcopy(parts[0]) if len(parts) else deepcopy(tree)
    scope.tail = None
    for name in ("nav", "form", *(("footer", "aside") if scope.tag == "body" else ())):
        for element in scope.findall(f".//{name}"):
            if element.getparent() is not None:
                element.drop_tree()
    yield from (piece for piece in tree_pieces(scope) if piece.text.strip())


def _keep_asides(tree: HtmlElement) -> None:
    """Make boxes and captions within an article parts of it, which the extraction leaves out."""
    for caption in tree.findall(".//figcaption"):
        figure = next(caption.iterancestors("figure"), None)
        if figure is not None and figure.getparent() is not None:
            words = visible("".join(caption.itertext()))
            caption.drop_tree()
            moved = figure.makeelement("p")
            moved.text, moved.tail, figure.tail = words, figure.tail, None
            figure.addnext(moved)
    for aside in [*tree.findall(".//article//aside"), *tree.findall(".//main//aside")]:
        words = " ".join("".join(aside.itertext()).split())
        linked = sum(len("".join(link.itertext())) for link in aside.iter("a"))
        said = f"{aside.get('class', '')} {aside.get('id', '')} {aside.get('role', '')}"
        if linked * 2 < len(words) and not _PROMOTION.search(said):
            aside.tag = "div"
            aside.attrib.pop("class", None)


def _all_lines(tree: HtmlElement) -> Iterator[Piece]:
    """Every line of a page in which no article can be made out, such as preformatted text."""
    import trafilatura

    for paragraph in trafilatura.baseline(tree)[0]:
        for line in "".join(paragraph.itertext()).split("\n"):
            yield Piece(line)


def _headline(tree: HtmlElement) -> str | None:
    """The page's only first-level heading, if there is exactly one."""
    headings = tree.findall(".//h1")
    return one_line(headings[0].text_content()) if len(headings) == 1 else None


def _title(headline: str | None, title: str | None) -> str | None:
    """The title without the site's name, which the headline tells from it."""
    return headline if headline and (title is None or headline in title) else title


def _mark_bare_article(tree: HtmlElement) -> None:
    """Wrap a body that holds its paragraphs itself in ``<article>``.

    Such a page is nothing but an article. Without a frame to look in, the extraction would gather
    the paragraphs and lose the headings and lists between them.
    """
    body = tree.find("body")
    if body is None or tree.find(".//article") is not None or tree.find(".//main") is not None:
        return
    if len(body.findall("p")) * 2 < max(1, len(body.findall(".//p"))):
        return
    article = body.makeelement("article")
    article.text, body.text = body.text, None
    article.extend(list(body))
    body.append(article)


def _pieces(element: _Element, tight: bool = False) -> Iterator[Piece]:
    """The blocks of an extracted tree in reading order, with all its words."""
    heading = element.tag == "head"
    words = element.text or ""
    for index, child in enumerate(element):
        if child.tag == "table" and child.find("row") is not None:
            yield Piece(_collapsed(words), heading, tight)
            yield from table_pieces(*_table(child))
            words = ""
        elif child.tag == "code" and "\n" in "".join(child.itertext()):
            yield Piece(_collapsed(words), heading, tight)
            yield Piece("".join(child.itertext()))
            words = ""
        elif child.tag in _BLOCKS:
            yield Piece(_collapsed(words), heading, tight)
            yield from _pieces(child, tight=child.tag == "item" and index > 0)
            words = ""
        else:
            words += _inline(child)
        words += child.tail or ""
    yield Piece(_collapsed(words), heading, tight)


def _simplify_tables(tree: HtmlElement) -> None:
    """Put the text of each cell in the place of what stands in it, as the extraction fuses its
    lines and loses its lists, and of a cell that spans rows in each of them. The extraction knows
    one row of headings, so that several become one.
    """
    from lxml.etree import SubElement

    for table in tree.findall(".//table"):
        if is_layout(table):
            continue
        rows, headings = table_rows(table)
        grid = list(spread(rows))
        lines = [tuple("" if again else text for text, again in row) for row in grid[headings:]]
        if headings:
            above = [[text for text, _ in row] for row in grid[:headings]]
            lines.insert(0, merged_headings(above))
        for caption in table.findall("caption"):
            table.addprevious(_element("p", " ".join(caption.text_content().split())))
        table.text = None
        for part in list(table):
            table.remove(part)
        for index, line in enumerate(lines):
            name = "th" if headings and index == 0 else "td"
            row = SubElement(table, "tr")
            row.extend(_element(name, text) for text in line)


def _element(name: str, text: str) -> _Element:
    from lxml.html import Element

    element = Element(name)
    element.text = text
    return element


def _table(table: _Element) -> tuple[list[list[str]], int]:
    """The rows of an extracted table, and how many are of headings: of several, the extraction
    marks the first.
    """
    rows = [row for row in table if row.tag == "row"]
    cells = [[one_line("".join(cell.itertext())) or "" for cell in row] for row in rows]
    return cells, int(bool(rows) and any(cell.get("role") == "head" for cell in rows[0]))


def _inline(element: _Element) -> str:
    if element.tag == "lb":
        return _LINE_BREAK
    parts = (_inline(child) + (child.tail or "") for child in element)
    return (element.text or "") + "".join(parts)


def _collapsed(words: str) -> str:
    """``words`` as a browser shows them: any white space is one space, a line break one line."""
    lines = _SPACE.sub(" ", words).split(_LINE_BREAK)
    return "\n".join(line.strip() for line in lines)
