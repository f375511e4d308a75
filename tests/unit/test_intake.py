"""Files and addresses put into the corpus, with safe names, and nothing overwritten unasked."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from assistant.cli import main
from assistant.ingest import intake
from assistant.ingest.bin import Bin
from assistant.ingest.folder import scan
from assistant.ingest.intake import LONGEST_NAME, drop_address, located, put_address, put_file
from assistant.ingest.web.source_list import read_source_list
from assistant.support.errors import IntakeError


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("note.txt", "note.txt"),
        ("../../etc/a note.txt", "a note.txt"),
        ("C:\\notes\\a:b?.md", "a b .md"),
        (".~hidden.txt", "hidden.txt"),
        ("e\u0301te\u0301.txt", "été.txt"),
        ("a\nb.txt", "a b.txt"),
    ],
)
def test_a_file_gets_a_safe_name(tmp_path: Path, name: str, written: str) -> None:
    assert put_file(tmp_path, name, b"Words.", folder="new/notes") == f"new/notes/{written}"
    assert (tmp_path / "new" / "notes" / written).read_bytes() == b"Words."


def test_a_long_name_is_cut_before_its_suffix(tmp_path: Path) -> None:
    source = put_file(tmp_path, f"{'é' * 300}.txt", b"Words.")
    assert source.endswith("é.txt")
    assert len(source.encode()) <= LONGEST_NAME


def test_nothing_is_overwritten_unless_asked(tmp_path: Path) -> None:
    put_file(tmp_path, "a.txt", b"Old.")
    with pytest.raises(IntakeError, match="there already"):
        put_file(tmp_path, "a.txt", b"New.")
    assert (tmp_path / "a.txt").read_bytes() == b"Old."
    put_file(tmp_path, "a.txt", b"New.", replace=True)
    assert {path.name for path in tmp_path.iterdir()} == {"a.txt", ".removed"}
    assert (tmp_path / "a.txt").read_bytes() == b"New."
    assert [one.source for one in Bin(tmp_path).entries()] == ["a.txt"]


@pytest.mark.parametrize(
    ("name", "data", "folder", "told"),
    [
        ("access.yaml", b"x", "", "no name for an article"),
        ("Sources.yaml", b"x", "", "no name for an article"),
        ("..", b"x", "", "no name for an article"),
        ("a.exe", b"MZ" + bytes(99), "", "not read"),
        ("a.png", b"PNG", "", "not read"),
        ("a.py", b"print()", "", "not read"),
        ("a.txt", b" \n", "", "empty"),
        ("a.txt", b"x", "../other", "no folder that files can be put into"),
        ("a.txt", b"x", ".git", "no folder that files can be put into"),
        ("a.txt", b"x", "link", "no folder that files can be put into"),
    ],
)
def test_what_would_not_be_read_is_refused(
    tmp_path: Path, name: str, data: bytes, folder: str, told: str
) -> None:
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    (corpus / "link").symlink_to(tmp_path)
    with pytest.raises(IntakeError, match=told):
        put_file(corpus, name, data, folder=folder)
    assert [path.name for path in corpus.iterdir()] == ["link"]
    assert [path.name for path in tmp_path.iterdir()] == ["corpus"]


def test_a_file_that_is_too_large_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "MAX_BYTES", 3)
    with pytest.raises(IntakeError, match="more than"):
        put_file(tmp_path, "a.txt", b"Words.")


@pytest.mark.parametrize(
    "before",
    ["", "# Ours\npages:\n  - https://a.example/  # the first\nfeeds:\n  - https://b.example/rss\n",
     "pages:\n- https://a.example/\n", "feeds:\n  - https://b.example/rss"],
)  # fmt: skip
def test_an_address_is_listed_beside_what_is_there(tmp_path: Path, before: str) -> None:
    file = tmp_path / "sources.yaml"
    if before:
        file.write_text(before)
    listed = read_source_list(file)
    for _ in range(2):  # the second time it is there already
        assert put_address(tmp_path, " https://C.example/a#part ") == "https://c.example/a"
    added = {one.url for one in read_source_list(file)} - {one.url for one in listed}
    assert added == {"https://c.example/a"}
    assert len(read_source_list(file)) == len(listed) + 1
    assert all(line in file.read_text() for line in before.splitlines())
    assert [path.name for path in tmp_path.iterdir()] == ["sources.yaml"]


@pytest.mark.parametrize("address", ["ftp://a.example/", "https://", "https://a:b@c.example/"])
def test_what_is_no_address_is_refused(tmp_path: Path, address: str) -> None:
    with pytest.raises(IntakeError):
        put_address(tmp_path, address)
    assert not any(tmp_path.iterdir())


def test_a_list_that_a_line_cannot_be_added_to_stays_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "sources.yaml"
    file.write_text("pages: [https://a.example/]\n")
    with pytest.raises(IntakeError, match="cannot be changed"):
        put_address(tmp_path, "https://c.example/a")
    assert file.read_text() == "pages: [https://a.example/]\n"


@pytest.mark.parametrize(
    "before",
    ["pages:\n  - https://a.example/\n  - https://c.example/a  # ours\nfeeds:\n- https://b.example/\n",
     "pages:\n- url: 'https://c.example/a'\n- https://a.example/\n", "pages:\n  - https://c.example/a"],
)  # fmt: skip
def test_an_address_is_taken_from_the_list_and_the_rest_stays(tmp_path: Path, before: str) -> None:
    file = tmp_path / "sources.yaml"
    file.write_text(before)
    listed = read_source_list(file)
    drop_address(tmp_path, "https://c.example/a")
    assert [one for one in listed if one.url != "https://c.example/a"] == read_source_list(file)
    with pytest.raises(IntakeError, match="feed or sitemap"):
        drop_address(tmp_path, "https://b.example/")


@pytest.mark.parametrize(
    "source", ["../a.txt", "/etc/hosts", ".hidden/a.txt", "access.yaml", "", "new", "link/a.txt"]
)
def test_nothing_but_articles_is_located(tmp_path: Path, source: str) -> None:
    corpus = tmp_path / "corpus"
    for folder in (tmp_path, corpus / ".hidden", corpus / "new"):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "a.txt").write_text("Words.")
    (corpus / "access.yaml").write_text("folders: {}")
    (corpus / "link").symlink_to(tmp_path)
    assert located(corpus, source) is None
    assert located(corpus, "new/a.txt") == corpus / "new" / "a.txt"


def test_a_file_with_an_odd_name_is_located_as_it_is_shown(tmp_path: Path) -> None:
    odd = tmp_path / "a\u202eb.txt"
    odd.write_text("Words.")
    (source,) = scan(tmp_path, tmp_path / "data").files
    assert source != odd.name
    assert located(tmp_path, source) == odd


def test_what_was_removed_is_listed_and_restored(
    tmp_path: Path, corpus: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "mill.md").write_text("# The mill\n\nThe old mill stands by the river.")
    folders = ["--corpus", str(corpus), "--data", str(tmp_path / "data"), "--json"]

    def run(*arguments: str) -> Any:
        assert main([*arguments, *folders]) == 0
        return json.loads(capsys.readouterr().out)

    run("add", str(tmp_path / "mill.md"))
    (removed,) = run("remove", "mill.md")
    assert not (corpus / "mill.md").exists()
    assert run("bin") == [removed]
    assert run("bin", "--restore", removed["id"]) == [removed]
    assert (corpus / "mill.md").exists()
    (removed,) = run(
        "remove", run("add", str(tmp_path / "mill.md"), "--replace")["added"][0]["article"]
    )
    run("bin", "--delete", removed["id"])
    assert [one["source"] for one in run("bin")] == ["mill.md"]  # the one that was replaced


def test_add_puts_files_in_and_tells_what_became_of_them(
    tmp_path: Path, corpus: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "mill.md").write_text("# The mill\n\nThe old mill stands by the river.")
    (tmp_path / "bad.pdf").write_bytes(b"%PDF-1.4 broken")
    given = [str(tmp_path / name) for name in ("mill.md", "bad.pdf", "gone.txt")]
    folders = ["--corpus", str(corpus), "--data", str(tmp_path / "data"), "--json"]
    assert main(["add", *given, "--folder", "new", *folders]) == 1
    good, bad, gone = json.loads(capsys.readouterr().out)["added"]
    assert (good["source"], good["title"], good["language"]) == ("new/mill.md", "The mill", "en")
    assert "article" in good
    assert bad["source"] == "new/bad.pdf"
    assert "damaged" in bad["error"]
    assert "no such file" in gone["error"]
