"""What was left out of a file is told where its article is."""

from __future__ import annotations

import zipfile
from io import BytesIO
from pathlib import Path

import httpx

from tests.support.documents import archive, simple_docx
from tests.support.tiny import tiny_assistant
from tests.support.web import serving

RELATIONS = "word/_rels/document.xml.rels"
PICTURE = b"http://schemas.openxmlformats.org/officeDocument/2006/relationships/image"


def without_its_picture() -> bytes:
    with zipfile.ZipFile(BytesIO(simple_docx())) as made:
        files = {name: made.read(name) for name in made.namelist()}
    lost = b'<Relationship Id="rId99" Type="%s" Target="media/gone.png"/></Relationships>' % PICTURE
    files[RELATIONS] = files[RELATIONS].replace(b"</Relationships>", lost)
    return archive(files)


def test_an_article_says_what_was_left_out_of_its_file(tmp_path: Path) -> None:
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    (corpus / "whole.docx").write_bytes(simple_docx())
    (corpus / "partly.docx").write_bytes(without_its_picture() + b"")
    (corpus / "whole.txt").write_text("The tea kitchen is cleaned on Monday.")
    made = tiny_assistant(corpus, tmp_path / "data")
    told = [{"source": "partly.docx", "reason": "Left out gone.png, which is missing or damaged."}]
    assert made.sync().to_json()["partial"] == told
    (corpus / "whole.txt").touch()
    assert made.sync().to_json()["partial"] == told  # also while the file stays as it is
    articles = {source: one.id for one in made.articles() for source in one.sources}
    with serving(made) as address, httpx.Client(base_url=address, timeout=30) as web:
        assert web.get("api/status").json()["partial"] == told
        assert told[0]["reason"] in web.get("articles").text
        assert "Not everything" in web.get(f"articles/{articles['partly.docx']}").text
        assert "Not everything" not in web.get(f"articles/{articles['whole.txt']}").text
    made.close()
