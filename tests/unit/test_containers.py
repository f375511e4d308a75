"""Archives and mail with attachments: the files in them are articles of their own."""

from __future__ import annotations

import sqlite3
from email.message import EmailMessage
from pathlib import Path

import pytest

from assistant.ingest.readers import read_file
from assistant.models.clearance import TOP, Clearance, file_of, place_of
from assistant.store.database import bound, visible
from assistant.support.errors import ArticleError
from tests.support.documents import SENTENCE, archive, simple_docx
from tests.support.tiny import tiny_assistant

NOTE = "The keepers of the lighthouse left the tower in spring and nobody came after them."


def mail(*attached: tuple[str, bytes], inner: EmailMessage | None = None) -> bytes:
    return message(*attached, inner=inner).as_bytes()


def message(*attached: tuple[str, bytes], inner: EmailMessage | None = None) -> EmailMessage:
    made = EmailMessage()
    made["From"], made["Subject"] = "Ada <ada@example.org>", "The offer"
    made.set_content(SENTENCE)
    for name, content in attached:
        made.add_attachment(content, maintype="application", subtype="x-any", filename=name)
    if inner is not None:
        made.add_attachment(inner)
    return made


def parts(folder: Path, name: str, data: bytes) -> tuple[str, ...]:
    (folder / name).write_bytes(data)
    return read_file(folder / name, name).parts


def test_an_archive_is_a_folder(tmp_path: Path) -> None:
    files = {"a/note.txt": NOTE, "b.docx": simple_docx(), "c.exe": b"MZ", ".hidden.txt": NOTE,
             "../up.txt": NOTE, "__MACOSX/a.txt": NOTE}  # fmt: skip
    assert parts(tmp_path, "x.zip", archive(files)) == ("a/note.txt", "b.docx", "up.txt")
    found = read_file(tmp_path / "x.zip", "x.zip//a/note.txt", inside=["a/note.txt"])
    assert found.article is not None
    assert (found.article.text, found.article.title) == (NOTE, "Note")


def test_the_attachments_of_a_mail_are_articles(tmp_path: Path) -> None:
    forwarded = message(("deep.txt", NOTE.encode()))
    data = mail(("prices.txt", NOTE.encode()), ("prices.txt", b"Other"), ("a.exe", b"MZ"),
                inner=forwarded)  # fmt: skip
    found = parts(tmp_path, "x.eml", data)
    assert found == ("prices.txt", "prices (2).txt", "The offer.eml")
    path = tmp_path / "x.eml"
    whole = read_file(path, "x.eml").article
    assert whole is not None
    assert SENTENCE in whole.text
    assert NOTE not in whole.text
    inner = read_file(path, "i", inside=["The offer.eml"])
    assert inner.parts == ("deep.txt",)
    assert read_file(path, "d", inside=["The offer.eml", "deep.txt"]).article.text == NOTE


def test_an_archive_of_nothing_that_is_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ArticleError, match=r"^x\.zip: it holds no file"):
        parts(tmp_path, "x.zip", archive({"a.exe": b"MZ"}))


def test_a_large_part_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    assert parts(tmp_path, "x.zip", archive({"a.txt": b"a " * 15_000_000})) == ("a.txt",)
    with pytest.raises(ArticleError, match="30 MB"):
        read_file(tmp_path / "x.zip", "x.zip//a.txt", inside=["a.txt"])


def test_archives_in_archives_end_somewhere(tmp_path: Path) -> None:
    data = archive({"a.txt": NOTE})
    for _ in range(6):
        data = archive({"in.zip": data})
    path = tmp_path / "x.zip"
    path.write_bytes(data)
    with pytest.raises(ArticleError, match="holds no file"):
        read_file(path, "x", inside=["in.zip"] * 3)


def test_what_a_file_holds_comes_and_goes_with_it(tmp_path: Path) -> None:
    corpus = tmp_path / "corpus"
    (corpus / "mail").mkdir(parents=True)
    (corpus / "other.txt").write_text(NOTE.replace("lighthouse", "mill"))
    path = corpus / "mail" / "x.zip"
    path.write_bytes(
        archive({"one.txt": NOTE, "two.txt": SENTENCE, "bad.docx": b"PK\3\4 damaged\0"})
    )
    assistant = tiny_assistant(corpus, tmp_path / "data")
    report = assistant.sync()
    assert {failure.source for failure in report.failed} == {"mail/x.zip//bad.docx"}
    sources = {article.source for article in assistant.articles()}
    assert sources == {"other.txt", "mail/x.zip//one.txt", "mail/x.zip//two.txt"}
    assert assistant.sync().changed is False
    path.write_bytes(archive({"two.txt": SENTENCE, "three.txt": NOTE + " Later they did."}))
    report = assistant.sync()
    sources = {article.source for article in assistant.articles()}
    assert sources == {"other.txt", "mail/x.zip//two.txt", "mail/x.zip//three.txt"}
    assert report.failed == []
    path.unlink()
    assistant.sync()
    assert {article.source for article in assistant.articles()} == {"other.txt"}
    assistant.close()


@pytest.mark.parametrize(
    ("source", "place"),
    [("x.zip//a/b.txt", TOP), ("hr/x.eml//a.pdf", "hr"), ("hr/a.txt", "hr"), ("a.txt", TOP)],
)
def test_what_a_file_holds_is_seen_by_who_sees_the_file(source: str, place: str) -> None:
    assert place_of(source) == place_of(file_of(source)) == place
    database = sqlite3.connect(":memory:")
    database.execute("CREATE TABLE files (source TEXT)")
    database.execute("INSERT INTO files VALUES (?)", [source])
    for opened in (place, "elsewhere"):
        clearance = Clearance(frozenset({opened}))
        shown = database.execute(f"SELECT 1 FROM files WHERE {visible('?1')}", [bound(clearance)])
        assert bool(shown.fetchall()) == clearance.shows(source) == (opened == place)
