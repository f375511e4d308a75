from pathlib import Path

import pytest

from tests.support.documents import archive, files_of, odt
from tests.support.opendocument import span, styled
from tests.support.reading import blocks, read


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
    files = {**files_of(odt("<text:p>It stands.</text:p>")), "styles.xml": b"<broken"}
    assert read(tmp_path, "a.odt", archive(files)).text == "It stands."
