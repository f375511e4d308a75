from pathlib import Path

import pytest

from tests.support.documents import archive, odt
from tests.support.reading import blocks, read

STYLES = (
    '<style:style style:name="U" style:family="text"><style:text-properties '
    'style:text-position="super 58%"/></style:style>'
    '<style:style style:name="D" style:family="text"><style:text-properties '
    'style:text-position="-33% 58%"/></style:style>'
    '<style:style style:name="S" style:family="text"><style:text-properties '
    'style:text-line-through-style="solid"/></style:style>'
    '<style:style style:name="S2" style:family="text" style:parent-style-name="S"/>'
    '<style:style style:name="H" style:family="text"><style:text-properties '
    'text:display="none"/></style:style>'
    '<text:list-style style:name="L"><text:list-level-style-number text:level="1" '
    'style:num-format="1" style:num-suffix="."/><text:list-level-style-number text:level="2" '
    'style:num-format="a" style:num-suffix=")"/></text:list-style>'
    '<text:list-style style:name="B"><text:list-level-style-bullet text:level="1"/>'
    "</text:list-style>"
)
NAMES = 'xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0"'


def styled(body: str) -> bytes:
    """A text whose own styles are ``STYLES``."""
    styles = f"<office:automatic-styles>{STYLES}</office:automatic-styles><office:body>"
    data = odt(body)
    from tests.unit.test_word import files_of

    files = files_of(data)
    content = files["content.xml"].decode()
    content = content.replace("<office:body>", styles, 1)
    content = content.replace("<office:document-content", f"<office:document-content {NAMES}", 1)
    return archive({**files, "content.xml": content})


def span(style: str, text: str) -> str:
    return f'<text:span text:style-name="{style}">{text}</text:span>'


def listed(style: str, *items: str) -> str:
    inner = "".join(f"<text:list-item>{item}</text:list-item>" for item in items)
    return f'<text:list text:style-name="{style}">{inner}</text:list>'


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        (f"<text:p>10{span('U', '6')} of H{span('D', '2')}O</text:p>", ["10⁶ of H₂O"]),
        (f"<text:p>In 1905{span('U', '3')} it was {span('S2', '50')} 40</text:p>",
         ["In 1905 ³ it was ~~50~~ 40"]),
        (f"<text:p>Seen {span('H', 'secret')}too</text:p>", ["Seen too"]),
        (listed("L", "<text:p>One</text:p>" + listed("L", "<text:p>Deep</text:p>"),
                "<text:p>Two</text:p>"), ["1. One", "a) Deep", "2. Two"]),
        (listed("B", "<text:p>One</text:p>"), ["One"]),
        ("<text:p>Before <draw:custom-shape><svg:title xmlns:svg='s'>T</svg:title>"
         "<text:p>In the shape</text:p></draw:custom-shape>after.</text:p>",
         ["Before after.", "In the shape"]),
        ("<text:p><text:ruby><text:ruby-base>東京</text:ruby-base><text:ruby-text>とうきょう"
         "</text:ruby-text></text:ruby></text:p>", ["東京(とうきょう)"]),
    ],
)  # fmt: skip
def test_what_a_text_shows_is_read(tmp_path: Path, body: str, shown: list[str]) -> None:
    assert blocks(read(tmp_path, "a.odt", styled(body))) == shown


def test_a_damaged_part_costs_no_text(tmp_path: Path) -> None:
    from tests.unit.test_word import files_of

    files = {**files_of(odt("<text:p>It stands.</text:p>")), "styles.xml": b"<broken"}
    assert read(tmp_path, "a.odt", archive(files)).text == "It stands."
