import gzip
import json
from dataclasses import replace

import pytest

from assistant.ingest.web.addresses import AddressGuard
from assistant.ingest.web.client import Client, FetchLimits
from assistant.ingest.web.fetch import fetch
from assistant.ingest.web.pages import fetched_pages
from assistant.ingest.web.source_list import SourceKind, read_source_list
from assistant.ingest.web.store import Store
from assistant.support.allowed_hosts import Allowed
from assistant.support.errors import AssistantError, LibraryError
from tests.support.site import Answer, redirect, served

XML = {"Content-Type": "application/xml"}
FEED = {"Content-Type": "application/rss+xml"}


@pytest.fixture
def site():
    with served() as one:
        for name in "abc":
            one.article(f"/{name}", name.upper(), f"The words of page {name}.", ETag=f'"{name}"')
        yield one


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "data" / "fetched")


@pytest.fixture
def run(tmp_path, store):
    """Writes the list of sources, fetches, and gives the report and what the next sync takes."""

    def run_once(**sources):
        file = tmp_path / "sources.yaml"
        if sources:
            file.write_text(json.dumps(sources))  # which is YAML, too
        client = Client(
            AddressGuard(Allowed.of(["127.0.0.1"])), FetchLimits(read=0.3, total=1, delay=0)
        )
        try:
            report = fetch(read_source_list(file), store, client)
        finally:
            client.close()
        return report, fetched_pages(tmp_path, store)

    return run_once


def feed(*items):
    entries = "".join(f"<item><title>T</title>{item}</item>" for item in items)
    content = 'xmlns:content="http://purl.org/rss/1.0/modules/content/"'
    text = f'<rss version="2.0" {content}><channel>{entries}</channel></rss>'
    return Answer(text.encode(), FEED)


def sitemap(*urls, changed=()):
    days = [f"<lastmod>{day}</lastmod>" for day in changed] or [""] * len(urls)
    pairs = zip(urls, days, strict=True)
    entries = "".join(f"<url><loc>{url}</loc>{day}</url>" for url, day in pairs)
    return Answer(f"<urlset>{entries}</urlset>".encode(), XML)


def sitemap_index(*urls):
    entries = "".join(f"<sitemap><loc>{url}</loc></sitemap>" for url in urls)
    return Answer(f"<sitemapindex>{entries}</sitemapindex>".encode(), XML)


def test_pages_are_fetched_and_asked_about_only_if_they_changed(site, run):
    pages = [site.url("/a"), site.url("/b")]
    first, found = run(pages=pages)
    assert (first.new, first.failed) == (2, 0)
    assert list(found.files) == pages
    assert b"The words of page a." in found.files[site.url("/a")].read_bytes()
    before = {url: path.stat().st_mtime_ns for url, path in found.files.items()}
    site.asked.clear()
    site.article("/b", "B", "Other words.", ETag='"new"')
    second, found = run()
    assert (second.new, second.changed, second.unchanged) == (0, 1, 1)
    assert [headers.get("if-none-match") for path, headers in site.asked if path == "/a"] == ['"a"']
    assert found.files[site.url("/a")].stat().st_mtime_ns == before[site.url("/a")]
    assert b"Other words." in found.files[site.url("/b")].read_bytes()


def test_a_page_that_is_gone_goes_and_is_told(site, run):
    run(pages=[site.url("/a"), site.url("/b")])
    site.pages["/a"] = Answer(status=410)
    report, found = run()
    assert report.gone == 1
    assert list(found.files) == [site.url("/b")]
    assert found.failures == (
        (site.url("/a"), f"{site.url('/a')}: the server answered 410 (Gone)."),
    )


@pytest.mark.parametrize(
    "broken",
    [
        Answer(status=503),
        redirect("http://10.0.0.1/"),
        Answer(b"\x89PNG", {"Content-Type": "image/png"}),
        lambda request: None,
    ],
    ids=["503", "private", "picture", "nothing"],
)
def test_a_page_that_fails_keeps_its_text_and_is_told_until_it_is_mended(site, run, broken):
    _, before = run(pages=[site.url("/a")])
    whole, site.pages["/a"] = site.pages["/a"], broken
    report, found = run()
    assert report.failed == 1
    assert found.files == before.files
    ((source, error),) = found.failures
    assert source == site.url("/a")
    assert "stays" in error
    site.pages["/a"] = whole
    report, found = run()
    assert (report.failed, report.unchanged, found.failures) == (0, 1, ())


def test_one_bad_source_stops_no_other(site, run):
    site.pages["/slow"] = lambda request: site.stopped.wait(5)
    report, found = run(
        pages=["http://127.0.0.1:9/", "http://nowhere.invalid/", site.url("/slow"), site.url("/a")],
        feeds=[site.url("/nofeed"), site.url("/b")],
        sitemaps=[site.url("/c")],
    )
    assert list(found.files) == [site.url("/a")]
    assert (report.new, report.failed) == (1, 6)
    assert len(found.failures) == 6


def test_an_odd_server_stops_no_other(site, run):
    site.article("/a", "A", "Words.", ETag='"\xe9\xff"')
    odd = {"Content-Type": "text/html; charset=\x00", "Last-Modified": "\xe9", "ETag": "x" * 9_000}
    site.pages["/b"] = Answer(b"<p>", odd)
    for _ in range(3):
        _, found = run(pages=[site.url(path) for path in ("/a", "/b", "/c")])
        assert site.url("/c") in found.files


def test_the_entries_of_a_feed_become_pages_and_stay_when_it_goes_on(site, run):
    site.pages["/feed"] = feed("<link>/a</link>", "<link>b</link>")
    run(feeds=[site.url("/feed")])
    site.pages["/feed"] = feed("<link>/c</link>")
    _, found = run()
    assert set(found.files) == {site.url("/a"), site.url("/b"), site.url("/c")}
    del site.pages["/a"]
    _, found = run()
    assert set(found.files) == {site.url("/b"), site.url("/c")}
    _, found = run()
    assert found.failures == ()


def test_a_feed_that_fails_loses_none_of_its_pages(site, run):
    site.pages["/feed"] = feed("<link>/a</link>")
    run(feeds=[site.url("/feed")])
    for broken in (Answer(b"<html>Maintenance</html>"), Answer(status=500), Answer(status=404)):
        site.pages["/feed"] = broken
        _, found = run()
        assert list(found.files) == [site.url("/a")]
        assert [source for source, _ in found.failures] == [site.url("/feed")]


def test_the_text_that_a_feed_carries_stands_in_for_a_page_that_cannot_be_read(site, run):
    carried = "<content:encoded>&lt;p&gt;The whole text.&lt;/p&gt;</content:encoded>"
    site.pages["/feed"] = feed(f"<link>/x</link>{carried}", "<link>/y</link>")
    site.pages["/x"] = site.pages["/y"] = Answer(status=403)
    for _ in range(2):
        _, found = run(feeds=[site.url("/feed")])
        assert b"The whole text." in found.files[site.url("/x")].read_bytes()
        assert [source for source, _ in found.failures] == [site.url("/y")]
    site.article("/x", "X", "The page itself.")
    report, found = run()
    assert report.changed == 1
    assert b"The page itself." in found.files[site.url("/x")].read_bytes()


def test_sitemaps_of_an_index_are_followed_and_what_they_drop_goes(site, run):
    packed = gzip.compress(sitemap(site.url("/b")).body)
    site.pages["/map"] = sitemap_index(*(site.url(path) for path in ("/s1", "/s2.gz", "/map")))
    site.pages["/s1"] = sitemap(site.url("/a"), site.url("/c"))
    site.pages["/s2.gz"] = Answer(packed, {"Content-Type": "application/gzip"})
    _, found = run(sitemaps=[site.url("/map")])
    assert list(found.files) == [site.url("/a"), site.url("/b"), site.url("/c")]
    site.pages["/s1"] = sitemap(site.url("/c"))
    _, found = run()
    assert list(found.files) == [site.url("/b"), site.url("/c")]


def test_a_broken_sitemap_loses_none_of_its_pages(site, run):
    site.pages["/map"] = sitemap(site.url("/a"))
    run(sitemaps=[site.url("/map")])
    site.pages["/map"] = Answer(b"<urlset><url><loc>http", XML)
    _, found = run()
    assert list(found.files) == [site.url("/a")]
    assert "XML is malformed" in found.failures[0][1]


def test_limits_and_patterns_choose_among_pages_even_without_fetching(site, run, tmp_path, store):
    urls = [site.url(path) for path in ("/a", "/b", "/c")]
    site.pages["/map"] = sitemap(*urls, changed=("2024-01-01", "2024-03-01", "2024-02-01"))
    _, found = run(sitemaps=[{"url": site.url("/map"), "limit": 2}])
    assert list(found.files) == [site.url("/b"), site.url("/c")]
    chosen = {"sitemaps": [{"url": site.url("/map"), "exclude": ["*/b"]}]}
    (tmp_path / "sources.yaml").write_text(json.dumps(chosen))
    assert list(fetched_pages(tmp_path, store).files) == [site.url("/c")]


def test_a_source_that_is_no_longer_listed_is_gone_and_its_files_are_swept(
    site, run, store, tmp_path
):
    run(pages=[site.url("/a")])
    _, found = run(pages=[site.url("/b")])
    assert list(found.files) == [site.url("/b")]
    store.sweep(found.known)
    folder = tmp_path / "data" / "fetched"
    assert len(list(folder.iterdir())) == 2  # the bytes and the record of one page
    assert store.get(SourceKind.PAGE, site.url("/a")) is None


def test_a_list_that_is_not_understood_loses_nothing(site, run, tmp_path, store):
    _, before = run(pages=[site.url("/a")])
    (tmp_path / "sources.yaml").write_text("pges:\n  - x\n")
    found = fetched_pages(tmp_path, store)
    assert found.files == before.files
    assert [source for source, _ in found.failures] == ["sources.yaml"]
    store.sweep(found.known)
    assert found.files[site.url("/a")].exists()


def test_the_encoding_that_the_server_names_counts(site, run):
    text = "Été à Orléans : « où êtes-vous ? »"
    for path, charset, codec in (
        ("/1", "ISO-8859-1", "cp1252"),
        ("/2", "utf-16", "utf-16"),
        ("/3", "nonsense", "utf-8"),
    ):
        site.pages[path] = Answer(
            text.encode(codec), {"Content-Type": f"text/html; charset={charset}"}
        )
    _, found = run(pages=[site.url(path) for path in ("/1", "/2", "/3")])
    assert [path.read_text("utf-8") for path in found.files.values()] == [text] * 3


@pytest.mark.parametrize(
    ("path", "content_type", "body", "suffix"),
    [
        ("/x", "text/html; charset=utf-8", b"<p>Hi", ".html"),
        ("/x", "application/xhtml+xml", b"<p>Hi", ".html"),
        ("/x", "text/plain", b"Hi", ".txt"),
        ("/notes.md", "text/plain", b"# Hi", ".md"),
        ("/notes.md", "application/octet-stream", b"# Hi", ".md"),
        ("/x", "", b"<!DOCTYPE html><p>Hi", ".html"),
    ],
)
def test_the_format_is_what_the_server_says(site, run, path, content_type, body, suffix):
    site.pages[path] = Answer(body, {"Content-Type": content_type} if content_type else {})
    _, found = run(pages=[site.url(path)])
    assert [file.suffix for file in found.files.values()] == [suffix]


@pytest.mark.parametrize(
    ("content_type", "told"),
    [
        ("image/png", "'image/png'"),
        ("application/zip", "'application/zip'"),
        ("application/octet-stream", "'application/octet-stream'"),
        ("application/atom+xml", "List it under feeds"),
        ("", "does not name"),
    ],
)
def test_a_format_that_is_not_read_is_told(site, run, content_type, told):
    site.pages["/x"] = Answer(b"?", {"Content-Type": content_type} if content_type else {})
    _, found = run(pages=[site.url("/x")])
    assert (found.files, told in found.failures[0][1]) == ({}, True)


def test_a_damaged_record_is_fetched_again(site, run, tmp_path):
    run(pages=[site.url("/a")])
    for record in (tmp_path / "data" / "fetched").glob("*.json"):
        record.write_text('{"kind": "pages"')
    report, found = run()
    assert (report.new, list(found.files)) == (1, [site.url("/a")])


def test_a_page_whose_file_is_lost_is_fetched_whole(site, run):
    _, found = run(pages=[site.url("/a")])
    found.files[site.url("/a")].unlink()
    report, found = run()
    assert (report.new, list(found.files)) == (1, [site.url("/a")])


def test_a_record_says_the_same_after_it_was_kept(site, run, store):
    site.pages["/map"] = sitemap(site.url("/a"))
    run(sitemaps=[site.url("/map")])
    record = replace(
        store.get(SourceKind.SITEMAP, site.url("/map")), error="é \ud800", further=("x",)
    )
    store.put(record)
    assert store.get(SourceKind.SITEMAP, site.url("/map")).entries == record.entries


def test_a_folder_that_cannot_be_written_is_told(site, run, tmp_path):
    (tmp_path / "data").write_text("a file where the folder should be")
    with pytest.raises(LibraryError, match="cannot be stored"):
        run(pages=[site.url("/a"), site.url("/b")])


def test_a_stopped_run_keeps_what_it_has_and_marks_nothing_as_failed(site, tmp_path, store):
    (tmp_path / "sources.yaml").write_text(
        json.dumps({"pages": [site.url(p) for p in ("/a", "/b", "/c")]})
    )
    client = Client(AddressGuard(Allowed.of(["127.0.0.1"])), FetchLimits(delay=0.2))

    def stop(done, total):
        if done == 1:
            raise AssistantError("enough")

    with pytest.raises(AssistantError, match="enough"):
        fetch(read_source_list(tmp_path / "sources.yaml"), store, client, stop)
    client.close()
    found = fetched_pages(tmp_path, store)
    assert site.url("/a") in found.files
    assert site.url("/c") not in found.files
    assert found.failures == ()
