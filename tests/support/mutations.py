"""Files of every format that were damaged on purpose, the same ones for the same numbers."""

from __future__ import annotations

import io
import random
import re
import zipfile
from collections.abc import Callable, Mapping, Sequence

from reportlab.pdfgen.canvas import Canvas

from tests.support.documents import HEADING, SENTENCE, SIMPLE, lines
from tests.support.ole import ole
from tests.support.repository import CORPUS

Mutation = Callable[[bytes, random.Random], bytes]

MOST = 3
"""Mutations of one file."""

_ZIPPED = (".docx", ".pptx", ".odt", ".epub")
_DEEP = 3_000
_BOMB = 60_000_000
_HUGE = (b"0", b"-1", b"1e999", b"65536", b"2147483648", b"99999999999999999999", b"9" * 5_000)
_EXTREMES = (b"\0", b"\xff", b"\x7f", b"\x80")
_LAUGHS = (
    b'<!DOCTYPE a [<!ENTITY a "haha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">'
    b'<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;"><!ENTITY d SYSTEM "file:///etc/passwd">]>'
)
_ANY = (b"\0", b"\xed\xa0\x80", b"\xef\xbf\xbe", "‮﷽é".encode(), b"\xff\xfe", b"\r", b" " * 999)
_MARKUP = (
    b"<", b">", b"</", b"<!--", b"-->", b"<![CDATA[", b"]]>", b"&#xFFFFFFFF;", b"&#0;", b"&#xD800;",
    b"&nbsp;", b'<?xml version="1.0" encoding="utf-99"?>', b"<p>", b"</p>", b"<table><tr><td>",
    b"</body>", b"<script>", b"<pre>", b"<br/>", b'<meta charset="punycode">', b'xmlns:a="',
    b"<!DOCTYPE html>", b"<html>", b"<math><mi>", b"<h1>", b"<li>", b'<base href="//[">', _LAUGHS,
)  # fmt: skip
_FEED = (
    b"<pubDate>Fri, 99 May 99999 09:30:00 +9999</pubDate>",
    b"<updated>0000-00-00T99:99:99Z</updated>",
    b'<content type="application/xhtml+xml" mode="base64">', b"<entry>", b"</item>", b"<item>",
    b"<updated>99999-12-31</updated>", b'<link href="http://[/">', b"<dc:date>1-1-1</dc:date>",
)  # fmt: skip
_OFFICE = (
    b"<w:p>", b"</w:p>", b"<w:tbl>", b"<w:tr>", b"<w:tc>", b'w:val="', b"<a:p>", b"<p:sp>",
    b'r:id="rId999"', b'Target="../../../../etc/passwd"', b'TargetMode="External"', b"<text:p>",
    b'text:c="99999999"', b"<table:table>", b'<itemref idref="', b'href="', b"<dcterms:created>",
)  # fmt: skip
_TOKENS: Mapping[str, Sequence[bytes]] = {
    ".pdf": (
        b" obj", b"endobj", b"stream\n", b"endstream", b"/Length 99999999", b"/Kids [1 0 R]",
        b"xref",
        b"/Type /Pages", b"trailer", b"/Prev 0", b"/Filter /FlateDecode", b"<<", b">>",
        b"/Parent 3 0 R",
        b"1 0 R", b"BT", b"ET", b"(", b") Tj", b"0 0 0 0 0 0 cm", b"1e38 0 0 1e38 0 0 Tm",
        b"/Count -9",
        b"/Encrypt 5 0 R", b"[", b"]", b"startxref", b"/MediaBox [0 0 1e9 1e9]", b"/Outlines 1 0 R",
    ),
    ".rtf": (
        b"{", b"}", rb"\bin99999999 ", rb"\u-99999?", rb"\ansicpg99999", rb"\'", rb"\'zz",
        rb"\par ",
        rb"{\pict ", rb"\trowd", rb"\cell", rb"{\fonttbl{\f0\fcharset999 ", rb"{\info{\title ",
        rb"\uc99 ",
        rb"{\creatim\yr9999\mo99\dy99}", rb"\u55357?", rb"{\field{\*\fldinst HYPERLINK ", b"\\",
        rb"{\s1 heading 1;}", rb"\outlinelevel1 ", rb"\ansicpg65001", rb"\ansicpg0",
    ),
    ".mhtml": (
        b"\r\n----b\r\n", b"\r\n----b--\r\n", b"Content-Type: text/html; charset=",
        b"=?utf-8?q?=FF?=",
        b"Content-Transfer-Encoding: base64\r\n", b'boundary="', b"=XX", b"=\r\n", b"charset=idna",
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n",
        b"Content-Type: message/rfc822\r\n\r\n",
        b"Subject: =?x?b?//?=\r\n", b"charset*0*=utf-8''%FF",
        b"Content-Transfer-Encoding: x-uuencode\r\n",
    ),
    ".md": (
        b"---\n", b"\n---\n", b"- ", b"> " * 150, b"[" * 200, b"```\n", b"|a|b|\n|-|-|\n",
        b"<script>",
        b"&#x110000;", b"title: &a [*a]\n", b"date: 9999-99-99\n", b"? ",
        b"!!python/object:os.system ",
        b"![](", b"*" * 80, b"#" * 10, b"date: 17 mai 99999\n", b"language: xx\n", b"\t", b"{{{{",
        b": |\n",
        b"[a]: <", b"title: *nobody\n", b"<<: {a: b}\n", b"date: 1 1 1\n", b"\\" * 99, b"~~" * 99,
    ),
    ".txt": (b"\n\n\n", b"\t" * 80, b"-\n", b"\x0c", "\u2028".encode(), "。".encode() * 99,
    b"\x1b[2J"),
}  # fmt: skip


def mutated(suffix: str, number: int) -> tuple[bytes, list[str]]:
    """The damaged file ``number`` of a format, and how it was damaged."""
    draw = random.Random(f"{suffix} {number}")
    data = draw.choice(SEEDS[suffix])
    names = []
    for _ in range(draw.randint(1, MOST)):
        mutation = draw.choice(_mutations(suffix))
        data = mutation(data, draw)
        names.append(mutation.__name__)
    return data, names


def flip_bits(data: bytes, draw: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(draw.choice((1, 3, 30)) if data else 0):
        changed[draw.randrange(len(changed))] ^= 1 << draw.randrange(8)
    return bytes(changed)


def truncate(data: bytes, draw: random.Random) -> bytes:
    cut = draw.randint(0, len(data))
    return data[:cut] if draw.random() < 0.8 else data[cut:]


def remove_block(data: bytes, draw: random.Random) -> bytes:
    start, end = _block(data, draw)
    return data[:start] + data[end:]


def repeat_block(data: bytes, draw: random.Random) -> bytes:
    start, end = _block(data, draw)
    times = draw.choice((1, 1, 10, 200))
    return data[:end] + data[start:end] * times + data[end:]


def move_block(data: bytes, draw: random.Random) -> bytes:
    start, end = _block(data, draw)
    rest = data[:start] + data[end:]
    place = draw.randint(0, len(rest))
    return rest[:place] + data[start:end] + rest[place:]


def set_extremes(data: bytes, draw: random.Random) -> bytes:
    """Two to eight bytes at their limits, as a length or an offset would be."""
    place, size = draw.randint(0, len(data)), draw.choice((2, 4, 8))
    return data[:place] + draw.choice(_EXTREMES) * size + data[place + size :]


def change_number(data: bytes, draw: random.Random) -> bytes:
    numbers = list(re.finditer(rb"\d+", data[:200_000]))
    if not numbers:
        return data
    one = draw.choice(numbers)
    return data[: one.start()] + draw.choice(_HUGE) + data[one.end() :]


def insert_token(data: bytes, draw: random.Random, suffix: str) -> bytes:
    tokens = (*_ANY, *_TOKENS.get(suffix, (*_MARKUP, *_FEED, *_OFFICE)))
    for _ in range(draw.choice((1, 2, 8))):
        place = draw.randint(0, len(data))
        data = data[:place] + draw.choice(tokens) + data[place:]
    return data


def nest(data: bytes, draw: random.Random, suffix: str) -> bytes:
    """One thing in itself, many times, closed again or not."""
    tag = draw.choice((b"div", b"p", b"li", b"table", b"w:p", b"text:span", b"item", b"b", b"pre"))
    pairs = {".pdf": (b"[", b"]"), ".rtf": (b"{", b"}"), ".md": (b"> ", b""), ".txt": (b"(", b")")}
    opened, closed = pairs.get(suffix, (b"<" + tag + b">", b"</" + tag + b">"))
    times, place = draw.choice((300, _DEEP)), draw.randint(0, len(data))
    inner = opened * times + b"x" + (closed * times if draw.random() < 0.5 else b"")
    return data[:place] + inner + data[place:]


def damage_member(data: bytes, draw: random.Random, suffix: str) -> bytes:
    """A file in the archive is damaged; the archive around it is sound."""
    members = _members(data)
    if not members:
        return flip_bits(data, draw)
    position = draw.randrange(len(members))
    name, content = members[position]
    plain = draw.choice((*_PLAIN, insert_token, nest))
    damaged = (
        plain(content, draw, suffix) if plain in (insert_token, nest) else plain(content, draw)
    )
    members[position] = (name, damaged)
    return _archive(members)


def rearrange_members(data: bytes, draw: random.Random, suffix: str) -> bytes:
    """A file in the archive is missing, has another's name or content, or is there twice."""
    members = _members(data)
    if not members:
        return truncate(data, draw)
    one, other = draw.choice(members), draw.choice(members)
    kept = [member for member in members if member is not one]
    changes = (
        [], [(one[0], other[1])], [(other[0], one[1])], [one, one], [(f"../../{one[0]}", one[1])],
        [(one[0].upper(), one[1])], [(f"{one[0]}/", b"")], [(one[0], b"")],
    )  # fmt: skip
    return _archive([*kept, *draw.choice(changes)])


def add_bomb(data: bytes, draw: random.Random, suffix: str) -> bytes:
    """A file in the archive that is small as long as it is packed, or laughs a billion times."""
    members = _members(data)
    if not members:
        return data
    name = draw.choice([*(name for name, _ in members), "word/media/image1.png", "OPS/more.xhtml"])
    content = draw.choice((bytes(_BOMB), b"<a>" * (_BOMB // 30), _LAUGHS + b"<a>&c;</a>"))
    return _archive([*((n, c) for n, c in members if n != name), (name, content)])


_PLAIN: tuple[Mutation, ...] = (
    flip_bits, truncate, remove_block, repeat_block, move_block, set_extremes, change_number,
)  # fmt: skip


def _mutations(suffix: str) -> list[Mutation]:
    """Those that fit a format; of an archive, mostly those of the files in it."""

    def bound(mutation: Callable[[bytes, random.Random, str], bytes]) -> Mutation:
        def apply(data: bytes, draw: random.Random) -> bytes:
            return mutation(data, draw, suffix)

        apply.__name__ = mutation.__name__
        return apply

    if suffix in _ZIPPED:
        inner = [bound(damage_member)] * 12 + [bound(rearrange_members)] * 4 + [bound(add_bomb)]
        return [*_PLAIN, *inner]
    return [*_PLAIN, *[bound(insert_token)] * 4, bound(nest)]


def _block(data: bytes, draw: random.Random) -> tuple[int, int]:
    start = draw.randint(0, len(data))
    return start, min(len(data), start + draw.choice((1, 8, 60, 500, 5_000)))


def _members(data: bytes) -> list[tuple[str, bytes]]:
    """The files in an archive; none if it was damaged before."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return [(name, archive.read(name)) for name in archive.namelist()]
    except Exception:
        return []


def _archive(members: Sequence[tuple[str, bytes]]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in members:
            made.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return file.getvalue()


def _plain_pdf() -> bytes:
    """A PDF whose streams are not packed, so that what is changed in them is its text."""
    file = io.BytesIO()
    canvas = Canvas(file, pageCompression=0, invariant=1)
    for page in range(3):
        lines(canvas, [f"# {HEADING} {page}", SENTENCE, *[f"Line {n} of it." for n in range(20)]])
        canvas.bookmarkPage(str(page))
        canvas.addOutlineEntry(HEADING, str(page))
        canvas.showPage()
    canvas.save()
    return file.getvalue()


def _page() -> bytes:
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{HEADING}</title>'
        '<meta name="author" content="Ada Keeper"><meta property="article:published_time" '
        'content="2024-05-17"></head><body><nav><a href="/">Home</a></nav><article>'
        f"<h1>{HEADING}</h1><p>{SENTENCE} {SENTENCE}</p><h2>The keepers</h2><ul><li>First</li>"
        "<li>Second</li></ul><table><tr><th>Year</th><td>1611</td></tr></table><pre>a\n b</pre>"
        f"<blockquote>{SENTENCE}</blockquote><p>Caf&eacute; <b>near</b><br>it &#8364;.</p>"
        "</article><footer>Imprint</footer></body></html>"
    ).encode()


def _articles(folder: str) -> list[bytes]:
    return [path.read_bytes() for path in sorted((CORPUS / folder).glob("*.md"))[:3]]


SEEDS: Mapping[str, Sequence[bytes]] = {
    **{suffix: [make()] for suffix, make in SIMPLE.items()},
    ".pdf": [SIMPLE[".pdf"](), _plain_pdf(), _plain_pdf()],
    ".html": [_page()],
    ".md": [
        *_articles("nature"),
        b"# A\n\n1. b\n   - c\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n> d\n",
    ],
    ".ipynb": [
        b'{"cells": [{"cell_type": "markdown", "source": ["# A\\n", "b"]}, '
        b'{"cell_type": "code", "source": "c = 1", "outputs": [{"text": ["1\\n"]}]}]}'
    ],
    ".rst": [
        b"A\n=\n\n* b\n\n1. c :sup:`2`\n\n.. note:: d\n\n==  ==\na   b\n==  ==\n1   2\n==  ==\n"
    ],
    ".adoc": [b"= A\n:b: c\n\n* d\n\n|===\n|e |f\n|1 |2\n|===\n\nhttps://a.org[g] *h*\n"],
    ".org": [b"#+TITLE: A\n* B\n:C: d\n- e\n| 1 | 2 |\n[[https://a.org][f]] /g/\n"],
    ".tex": [
        b"\\documentclass{a}\\title{A}\\begin{document}\\section{B}c $x^2$ \\frac{1}{2} % d\n\n"
        b"\\begin{itemize}\\item e\\end{itemize}\\begin{tabular}{ll}1&2"
        b"\\\\\\end{tabular}\\end{document}"
    ],
    ".msg": [
        ole(
            {
                "__substg1.0_0037001F": "A".encode("utf-16-le"),
                "__substg1.0_1000001F": ("A text. " * 300).encode("utf-16-le"),
                "__properties_version1.0": bytes(64),
            }
        )
    ],
    ".txt": [*_articles("sciences"), "Ä text\nin latin.\n".encode("latin-1") * 9],
}
