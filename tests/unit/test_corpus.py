import json
import os
import shutil
from pathlib import Path

import pytest

from assistant.assistant import Assistant
from assistant.ingest.folder import scan
from assistant.support.errors import CorpusError, EmptiedCorpusError, LibraryBusyError
from assistant.support.settings import Settings
from tests.support.site import Answer, served


@pytest.fixture
def site():
    with served() as one:
        one.article(
            "/windmills",
            "The windmills of Kinderdijk",
            "Nineteen windmills stand at Kinderdijk, built to drain the polder. "
            "They were finished in 1740 and are still kept in working order by millers.",
        )
        yield one


@pytest.fixture
def fetching(corpus, tmp_path, embedder):
    """An assistant over ``corpus`` that may read from this machine."""
    settings = Settings(
        corpus=corpus, data=tmp_path / "data", fetch_hosts=("127.0.0.1",), fetch_delay=0
    )
    made = Assistant(settings, embedder)
    yield made
    made.close()


def put_list(corpus, **sources):
    (corpus / "sources.yaml").write_text(json.dumps(sources))


def test_a_fetched_page_is_an_article_whose_source_is_its_address(fetching, corpus, site):
    url = site.url("/windmills")
    put_list(corpus, pages=[url])
    assert fetching.fetch().new == 1
    report = fetching.sync()
    assert (report.added, report.articles, report.failed) == (4, 4, [])
    hit = fetching.search("When were the windmills of Kinderdijk finished?").hits[0]
    assert (hit.source, hit.title) == (url, "The windmills of Kinderdijk")
    article = fetching.article(hit.article)
    assert article.text[hit.start : hit.end] == hit.text
    assert "Home | News" not in article.text


def test_nothing_is_asked_of_any_host_without_fetch(fetching, corpus, site):
    put_list(corpus, pages=[site.url("/windmills")])
    assert fetching.sync().articles == 3
    assert site.asked == []
    fetching.fetch()
    asked = len(site.asked)
    assert fetching.sync().articles == 4
    again = fetching.sync()
    assert (again.articles, again.unchanged, again.embedded) == (4, 4, 0)
    assert len(site.asked) == asked


def test_a_page_that_has_not_changed_costs_nothing(fetching, corpus, site):
    put_list(corpus, pages=[site.url("/windmills")])
    fetching.fetch()
    fetching.sync()
    assert fetching.fetch().unchanged == 1
    report = fetching.sync()
    assert (report.unchanged, report.updated, report.embedded) == (4, 0, 0)


def test_a_source_that_is_removed_takes_its_article_and_its_bytes_with_it(fetching, corpus, site):
    put_list(corpus, pages=[site.url("/windmills")])
    fetching.fetch()
    fetching.sync()
    (corpus / "sources.yaml").unlink()
    report = fetching.sync()
    assert (report.removed, report.articles) == (1, 3)
    assert list((fetching.settings.data / "fetched").iterdir()) == []


def test_what_fails_is_shown_until_it_is_mended_and_keeps_its_text(fetching, corpus, site):
    url = site.url("/windmills")
    put_list(corpus, pages=[url])
    fetching.fetch()
    fetching.sync()
    whole, site.pages["/windmills"] = site.pages["/windmills"], Answer(status=502)
    fetching.fetch()
    for _ in range(2):
        report = fetching.sync()
        assert [failure.source for failure in report.failed] == [url]
        assert "502" in report.failed[0].error
        assert (report.articles, report.unchanged) == (4, 4)
    later = Assistant(fetching.settings, fetching.embedder)
    assert [failure.source for failure in later.status().failures] == [url]
    later.close()
    site.pages["/windmills"] = whole
    fetching.fetch()
    assert fetching.sync().failed == []
    assert fetching.status().failures == ()


def test_a_page_that_is_gone_is_out_of_every_answer(fetching, corpus, site):
    put_list(corpus, pages=[site.url("/windmills")])
    fetching.fetch()
    fetching.sync()
    del site.pages["/windmills"]
    fetching.fetch()
    assert fetching.sync().removed == 1
    hits = fetching.search("When were the windmills of Kinderdijk finished?").hits
    assert all("windmills" not in hit.text for hit in hits)


def test_a_list_that_is_not_understood_is_a_failure_and_the_rest_goes_on(fetching, corpus, site):
    put_list(corpus, pages=[site.url("/windmills")])
    fetching.fetch()
    fetching.sync()
    (corpus / "sources.yaml").write_text("pages: 3\n")
    (corpus / "new.txt").write_text("A short text about coffee houses in Vienna.")
    fetching.fetch()
    report = fetching.sync()
    assert (report.added, report.removed, report.articles) == (1, 0, 5)
    assert "line 1: pages must be a list" in report.failed[0].error


def test_the_same_text_from_file_and_web_is_one_article(fetching, corpus, site):
    words = "A note that was published in two places at once, word for word."
    site.pages["/note"] = Answer(words.encode(), {"Content-Type": "text/plain"})
    (corpus / "note.txt").write_text(words)
    put_list(corpus, pages=[site.url("/note")])
    fetching.fetch()
    assert fetching.sync().articles == 4
    assert ({"note.txt", site.url("/note")}) in [set(a.sources) for a in fetching.articles()]


def test_the_data_folder_within_the_corpus_is_not_read(corpus, embedder, site):
    settings = Settings(
        corpus=corpus, data=corpus / "data", fetch_hosts=("127.0.0.1",), fetch_delay=0
    )
    put_list(corpus, pages=[site.url("/windmills")])
    inside = Assistant(settings, embedder)
    inside.fetch()
    assert inside.sync().articles == 4
    assert inside.sync().articles == 4
    inside.close()


def test_two_do_not_fetch_into_one_folder_at_a_time(fetching, corpus, site):
    put_list(corpus, pages=[site.url("/windmills")])
    with (
        fetching._worker._corpus._fetching(),
        pytest.raises(LibraryBusyError, match="fetched into"),
    ):
        fetching.fetch()


@pytest.mark.parametrize("leave", ["nothing", "a picture"])
def test_an_emptied_corpus_does_not_empty_the_library(small, corpus, leave):
    small.sync()
    shutil.rmtree(corpus)
    corpus.mkdir()
    if leave == "a picture":
        (corpus / "picture.png").touch()
    with pytest.raises(EmptiedCorpusError, match="--allow-empty"):
        small.sync()
    assert len(small.articles()) == 3
    assert small.sync(allow_empty=True).removed == 3
    assert small.articles() == []
    assert small.sync().articles == 0


def test_a_missing_corpus_keeps_what_was_fetched(fetching, corpus, site):
    put_list(corpus, pages=[site.url("/windmills")])
    fetching.fetch()
    fetching.sync()
    away = corpus.rename(corpus.with_name("away"))
    with pytest.raises(CorpusError):
        fetching.sync()
    away.rename(corpus)
    assert fetching.sync().unchanged == 4


def test_links_that_lead_out_of_the_corpus_are_left_alone(tmp_path, caplog):
    corpus, outside = tmp_path / "corpus", tmp_path / "outside"
    corpus.mkdir()
    outside.mkdir()
    (outside / "secret.txt").write_text("The secret is here.")
    (corpus / "a.txt").write_text("It is here.")
    (corpus / "within.txt").symlink_to("a.txt")
    (corpus / "out.txt").symlink_to(outside / "secret.txt")
    (corpus / "up.txt").symlink_to("../outside/secret.txt")
    (corpus / "folder").symlink_to(outside)
    (corpus / "loop.txt").symlink_to("loop.txt")
    found = scan(corpus, tmp_path / "data")
    assert set(found.files) <= {"a.txt", "within.txt", "loop.txt"}
    assert {"a.txt", "within.txt"} <= set(found.files)
    left_out = {one.source: one.reason for one in found.skipped}
    assert left_out.keys() == {"folder/", "out.txt", "up.txt"}
    assert "leads out of the corpus (2)" in caplog.text
    linked = tmp_path / "linked"
    linked.symlink_to(corpus)
    assert scan(linked, tmp_path / "data").files.keys() == found.files.keys()


def test_every_file_is_read_or_left_out_with_a_reason(tmp_path):
    corpus = tmp_path / "corpus"
    names = ("a.txt", "b.xyz", "c", "d.png", ".d.txt", "sources.yaml", ".git/e.txt", "data/f.txt")
    for name in names:
        (corpus / name).parent.mkdir(parents=True, exist_ok=True)
        (corpus / name).write_bytes(b"Words." if name == "a.txt" else bytes(range(32)))
    for byte in (b"\xe9", b"\xe8"):  # names in an old encoding
        Path(os.fsdecode(os.fsencode(corpus) + b"/caf" + byte + b".txt")).write_text("Coffee.")
    found = scan(corpus, corpus / "data")
    assert list(found.files) == ["a.txt", "caf\\xe8.txt", "caf\\xe9.txt"]
    assert {one.source: one.reason for one in found.skipped} == {
        ".d.txt": "hidden and temporary files are not read",
        ".git/": "hidden folders are not read",
        "b.xyz": "files of the kind .xyz are not read",
        "c": "its format is not supported",
        "d.png": "pictures are read if ASSISTANT_OCR is on",
        "data/": "the library is kept here",
        "sources.yaml": "it configures the corpus and is not an article",
    }
