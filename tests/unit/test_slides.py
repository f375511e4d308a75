from pathlib import Path

import pptx
import pytest
from pptx.chart.data import CategoryChartData, XyChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.oxml import parse_xml
from pptx.util import Inches

from tests.support.documents import SENTENCE, archive, files_of, saved, simple_pptx
from tests.support.reading import blocks, read

AREA = (Inches(1), Inches(1), Inches(4), Inches(2))
NAMES = 'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'


def slide_of(presentation: object):
    return presentation.slides.add_slide(presentation.slide_layouts[5])


def test_line_breaks_part_words(tmp_path: Path) -> None:
    presentation = pptx.Presentation()
    slide = slide_of(presentation)
    slide.shapes.title.text = "Annual report\vYear 2024"
    slide.shapes.add_textbox(*AREA).text_frame.text = "Director: Anne Weber\vPhone 0387"
    table = slide.shapes.add_table(1, 2, *AREA).table
    table.cell(0, 0).text, table.cell(0, 1).text = "Budget\v2025", "4 200"
    slide.notes_slide.notes_text_frame.text = "Recall\vVote"
    assert blocks(read(tmp_path, "a.pptx", saved(presentation))) == [
        "Annual report Year 2024", "Director: Anne Weber\nPhone 0387", "Budget 2025 | 4 200",
        "Recall\nVote",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("inner", "shown"),
    [
        ('<a:r><a:t>10</a:t></a:r><a:r><a:rPr baseline="30000"/><a:t>6</a:t></a:r>', "10⁶"),
        ('<a:r><a:t>H</a:t></a:r><a:r><a:rPr baseline="-25000"/><a:t>2</a:t></a:r>', "H₂"),
        ('<a:r><a:rPr strike="sngStrike"/><a:t>50 euros</a:t></a:r>', "~~50 euros~~"),
        ('<a:pPr><a:buAutoNum type="romanUcPeriod" startAt="4"/></a:pPr><a:r><a:t>Rent</a:t></a:r>',
         "IV. Rent"),
    ],
)  # fmt: skip
def test_how_words_look_keeps_their_meaning(tmp_path: Path, inner: str, shown: str) -> None:
    presentation = pptx.Presentation()
    slide = presentation.slides.add_slide(presentation.slide_layouts[6])
    body = slide.shapes.add_textbox(*AREA).text_frame._txBody
    body.replace(body.p_lst[0], parse_xml(f"<a:p {NAMES}>{inner}</a:p>"))
    assert blocks(read(tmp_path, "a.pptx", saved(presentation))) == [shown]


def with_chart(kind: XL_CHART_TYPE, figures: object) -> bytes:
    presentation = pptx.Presentation()
    slide = slide_of(presentation)
    slide.shapes.title.text = "Honey"
    slide.shapes.add_chart(kind, *AREA, figures)
    return saved(presentation)


def test_the_figures_of_a_chart_with_two_axes_are_rows(tmp_path: Path) -> None:
    figures = XyChartData()
    series = figures.add_series("Measures")
    series.add_data_point(1.5, 20)
    series.add_data_point(2.5, 31)
    found = blocks(read(tmp_path, "a.pptx", with_chart(XL_CHART_TYPE.XY_SCATTER, figures)))
    assert found == ["Honey", "Measures", "1.5 | 20", "2.5 | 31"]


def test_a_chart_of_a_kind_unknown_to_the_library_is_read(tmp_path: Path) -> None:
    figures = CategoryChartData()
    figures.categories = ["2022", "2023"]
    figures.add_series("kg", (280, 340))
    files = files_of(with_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, figures))
    files = {
        name: data.replace(b"c:barChart>", b"c:bar3DChart>") if "charts/" in name else data
        for name, data in files.items()
    }
    found = blocks(read(tmp_path, "a.pptx", archive(files)))
    assert found == ["Honey", "| kg", "2022 | 280", "2023 | 340"]


def test_a_missing_part_costs_no_other(tmp_path: Path) -> None:
    files = files_of(simple_pptx())
    del files[next(name for name in files if "notesSlide" in name and name.endswith("1.xml"))]
    assert SENTENCE in read(tmp_path, "a.pptx", archive(files)).text
