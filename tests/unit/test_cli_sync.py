import io
import json
import shutil
import sys

import pytest

from assistant.cli import main
from assistant.cli.sync import _bar
from tests.support.site import served


@pytest.fixture
def run(corpus, tmp_path, capsysbinary, monkeypatch):
    """Runs ``sync`` in this process; gives its status, standard output and standard error."""
    monkeypatch.chdir(tmp_path)

    def run_sync(*arguments):
        folders = ["--corpus", str(corpus), "--data", str(tmp_path / "data")]
        status = main(["sync", *folders, *arguments])
        out, err = capsysbinary.readouterr()
        return status, out.decode("utf-8"), err.decode("utf-8")

    return run_sync


def test_fetch_reads_the_web_first_and_tells_what_came(run, corpus, monkeypatch):
    monkeypatch.setenv("ASSISTANT_FETCH_HOSTS", "127.0.0.1")
    monkeypatch.setenv("ASSISTANT_FETCH_DELAY", "0")
    with served() as site:
        site.article("/a", "The mill", "The old mill stands by the river, and its wheel turns.")
        listed = {"pages": [site.url("/a"), site.url("/gone")]}
        (corpus / "sources.yaml").write_text(json.dumps(listed))
        status, out, _ = run("--fetch", "--json")
        report = json.loads(out)
        assert (status, report["added"]) == (0, 4)
        fetched = report["fetched"]
        assert list(fetched) == ["new", "changed", "unchanged", "gone", "failed", "seconds"]
        assert (fetched["new"], fetched["failed"]) == (1, 1)
        assert [failure["source"] for failure in report["failed"]] == [site.url("/gone")]
        _, out, _ = run("--fetch")
        assert out.startswith("fetched: 0 new, 0 changed, 1 unchanged, 0 gone, 1 failed")
        assert f"failed: {site.url('/gone')}: the server answered 404" in out
        _, out, _ = run()
        assert "fetched" not in out
        assert "failed: http" in out


def test_what_is_left_out_is_told_with_the_reason(run, corpus, tmp_path, capsysbinary):
    (corpus / "picture.png").write_bytes(b"PNG")
    _, out, _ = run("--json")
    reason = "pictures are read if ASSISTANT_OCR is on"
    assert json.loads(out)["skipped"] == [{"source": "picture.png", "reason": reason}]
    _, out, _ = run()
    assert ", 1 left out, in " in out
    assert f"left out: picture.png: {reason}" in out
    folders = ["--corpus", str(corpus), "--data", str(tmp_path / "data")]
    assert main(["doctor", *folders]) == 0
    assert f"picture.png: {reason}" in capsysbinary.readouterr().out.decode()


def test_a_private_host_that_no_setting_lists_is_refused(run, corpus):
    with served() as site:
        (corpus / "sources.yaml").write_text(json.dumps({"pages": [site.url("/a")]}))
        status, out, _ = run("--fetch")
        assert status == 0
        assert "not on the public internet (127.0.0.1)" in out
        assert "ASSISTANT_FETCH_HOSTS" in out
        assert site.asked == []


def test_a_fetched_article_is_shown_by_its_address(
    run, corpus, tmp_path, monkeypatch, capsysbinary
):
    monkeypatch.setenv("ASSISTANT_FETCH_HOSTS", "127.0.0.1")
    with served() as site:
        site.article("/a", "The mill", "The old mill stands by the river, and its wheel turns.")
        (corpus / "sources.yaml").write_text(json.dumps({"pages": [site.url("/a")]}))
        run("--fetch")
        folders = ["--corpus", str(tmp_path), "--data", str(tmp_path / "data"), "--json"]
        assert main(["show", site.url("/a"), *folders]) == 0
        assert json.loads(capsysbinary.readouterr().out)["source"] == site.url("/a")


def test_an_emptied_folder_is_an_error_unless_it_is_meant(run, corpus):
    run()
    shutil.rmtree(corpus)
    corpus.mkdir()
    status, out, err = run("--json")
    assert (status, out) == (1, "")
    assert "--allow-empty" in err
    status, out, _ = run("--json", "--allow-empty")
    assert (status, json.loads(out)["removed"]) == (0, 3)


def test_the_bar_counts_only_work_in_its_rate(monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    screen = Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    with _bar("file") as progress:
        progress(900, 1000)
        for done in range(901, 1001):
            progress(done, 1000)
    shown = screen.getvalue()
    assert "1000/1000" in shown
    assert "file/s" in shown or "s/file" in shown


def test_a_damaged_file_costs_itself_and_a_damaged_library_the_command(run, corpus, tmp_path):
    (corpus / "broken.pdf").write_bytes(b"%PDF-1.4 broken")
    status, out, _ = run("--json")
    assert status == 0
    assert [failure["source"] for failure in json.loads(out)["failed"]] == ["broken.pdf"]
    library = tmp_path / "data" / "library.sqlite3"
    library.write_bytes(b"not a database, " * 1000)
    status, _, err = run()
    assert status == 1
    assert "library.sqlite3" in err
