"""Formats that LibreOffice converts: what is read of them, and what is not fetched meanwhile."""

from __future__ import annotations

import io
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest
from docx import Document
from docx.oxml.ns import qn
from PIL import Image

from assistant.ingest.folder import scan
from assistant.ingest.reader_process import ReaderProcess
from assistant.ingest.readers.converted import CONVERTED
from tests.support.documents import HEADING, SENTENCE, saved, simple_docx, simple_pptx, simple_xlsx
from tests.support.ole import ole
from tests.support.reading import read, refusal
from tests.support.repository import program
from tests.support.site import served

MADE_FROM = {
    ".doc": (".docx", simple_docx),
    ".odp": (".pptx", simple_pptx),
    ".pps": (".pptx", simple_pptx),
    ".ppt": (".pptx", simple_pptx),
    ".xls": (".xlsx", simple_xlsx),
}


def converted(folder: Path, document: bytes, old: str, new: str) -> Path:
    """``document`` of the format ``new``, saved in ``old`` by a LibreOffice with defaults."""
    soffice = program("soffice")
    (folder / f"made{new}").write_bytes(document)
    subprocess.run(
        [soffice, f"-env:UserInstallation={folder.as_uri()}/profile", "--headless",
         "--convert-to", old[1:], "--outdir", folder, folder / f"made{new}"],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    return folder / f"made{old}"


def read_apart(path: Path) -> str:
    """The text of the file as the reader process, with its limit of memory, reads it."""
    reader = ReaderProcess(timeout=120)
    try:
        return reader.read_file(path, path.name).article.text
    finally:
        reader.close()


def test_each_converted_format_is_tried() -> None:
    assert set(MADE_FROM) == set(CONVERTED)


@pytest.mark.slow  # LibreOffice runs twice
@pytest.mark.parametrize("old", MADE_FROM)
def test_an_old_document_is_read_as_its_present_format_is(tmp_path: Path, old: str) -> None:
    new, make = MADE_FROM[old]
    expected = read(tmp_path, f"a{new}", make())
    path = converted(tmp_path, make(), old, new)
    assert read_apart(path).split() == expected.text.split()


@pytest.mark.slow
def test_nothing_that_a_document_links_to_is_fetched(tmp_path: Path) -> None:
    picture = io.BytesIO()
    Image.new("RGB", (8, 8)).save(picture, "PNG")
    with served() as site:
        document = Document()
        document.add_paragraph(SENTENCE)
        drawing = document.add_picture(picture)._inline
        blip = next(drawing.iter(qn("a:blip")))
        del blip.attrib[qn("r:embed")]
        image = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/image"
        target = f"{site.address}/logo.png"
        blip.set(qn("r:link"), document.part.relate_to(target, image, is_external=True))
        path = converted(tmp_path, saved(document), ".doc", ".docx")
        assert site.asked, "LibreOffice with its defaults fetches the picture"
        site.asked.clear()
        assert read_apart(path).strip() == SENTENCE
        assert not site.asked


@pytest.mark.slow
def test_a_damaged_old_document_is_refused_and_leaves_no_file(tmp_path: Path) -> None:
    program("soffice")
    before = set(Path(tempfile.gettempdir()).glob("reading-*"))
    damaged = ole({"WordDocument": bytes(5_000)})
    assert "LibreOffice could not read it" in refusal(tmp_path, "a.doc", damaged)
    reader = ReaderProcess(timeout=0.5)
    (tmp_path / "slow.doc").write_bytes(damaged)
    with pytest.raises(Exception, match=r"more than 0\.5 s"):
        reader.read_file(tmp_path / "slow.doc", "slow.doc")
    assert set(Path(tempfile.gettempdir()).glob("reading-*")) <= before


def test_without_libreoffice_old_documents_are_left_out_with_the_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "which", lambda _name: None)
    (tmp_path / "plan.doc").write_bytes(ole({"WordDocument": bytes(5_000)}))
    listing = scan(tmp_path, tmp_path / "data")
    assert not listing.files
    assert "LibreOffice" in listing.skipped[0].reason
    assert "Install it" in refusal(tmp_path, "b.doc", (tmp_path / "plan.doc").read_bytes())


def test_the_content_tells_the_old_format(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _name: None)
    slides = ole({"PowerPoint Document": bytes(5_000)})
    assert ".ppt is read" in refusal(tmp_path, "a.doc", slides)
    page = f"<html><body><h1>{HEADING}</h1><p>{SENTENCE}</p></body></html>"
    assert SENTENCE in read(tmp_path, "page.doc", page.encode()).text
