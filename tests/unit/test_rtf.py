from pathlib import Path

import pytest

from tests.support.reading import blocks, read


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        (r"It holds 10{\super 6} cells", ["It holds 10⁶ cells"]),
        (r"25 m\super 2\nosupersub , H{\sub 2}O", ["25 m², H₂O"]),
        (r"Since 1905{\up6 3} it is", ["Since 1905 ³ it is"]),
        (r"It costs {\strike 50 euros} 40", ["It costs ~~50 euros~~ 40"]),
        (r"It costs {\deleted ten}{\revised twelve} euros.{\v Secret} \v Hidden\v0 End.",
         ["It costs twelve euros. End."]),
        (r"Tall {\deleted caf\'e9 \u8364?}\u8364? 5", ["Tall € 5"]),
        (r"Tall{\super\chftn{\footnote\pard\plain\chftn  Of {\b 2019}.}} and old.\par End.",
         ["Tall and old.", "End.", "Of 2019."]),
    ],
)  # fmt: skip
def test_what_a_rich_text_shows_is_read(tmp_path: Path, source: str, shown: list[str]) -> None:
    written = rf"{{\rtf1\ansi\ansicpg1252{{\fonttbl{{\f0 Arial;}}}} {source}\par}}"
    assert blocks(read(tmp_path, "a.rtf", written.encode("ascii"))) == shown
