import pytest

from assistant.ingest.readers.webpage import read_html
from assistant.ingest.web.feeds import as_page, read_feed
from assistant.ingest.web.source_list import Entry
from assistant.support.errors import FetchError

RSS = """<?xml version="1.0"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>
<title>News</title><link>http://a.example/</link>
<item><title>First &amp; best</title><link>/news/1</link>
 <pubDate>Tue, 05 Mar 2024 10:00:00 +0200</pubDate>
 <description>A summary.</description>
 <content:encoded><![CDATA[<p>The whole text of the first.</p>]]></content:encoded></item>
<item><title>Second</title><link>http://b.example/2#top</link>
 <description>Only this.</description></item>
<item><title>No page</title></item>
<item><title>Odd</title><link>javascript:alert(1)</link></item>
</channel></rss>"""

ATOM = """<feed xmlns="http://www.w3.org/2005/Atom" xml:base="http://a.example/blog/">
<title>Blog</title>
<entry><title>One</title><link rel="alternate" href="one"/><updated>2024-05-01T08:00:00Z</updated>
<content type="text">Less &lt; more.</content></entry></feed>"""


def test_the_entries_of_an_rss_feed_have_absolute_addresses_times_and_whole_texts():
    first, second = read_feed(RSS.encode(), "http://a.example/feeds/news.xml")
    assert first.url == "http://a.example/news/1"
    assert (first.changed, first.title) == ("2024-03-05T08:00:00+00:00", "First & best")
    assert first.content == "<p>The whole text of the first.</p>"
    assert second == Entry("http://b.example/2", "", "Second", "")


def test_an_atom_feed_may_name_a_base():
    (entry,) = read_feed(ATOM.encode(), "http://elsewhere.example/atom")
    assert entry.url == "http://a.example/blog/one"
    assert entry.content == "<p>Less &lt; more.</p>"


def test_a_broken_feed_gives_what_can_be_read_of_it():
    broken = RSS.replace("</channel></rss>", "").replace("A summary.", "A & B <i>")
    assert read_feed(broken.encode(), "http://a.example/")[0].url == "http://a.example/news/1"


def test_a_feed_that_its_parser_cannot_bear_is_refused():
    damaged = RSS.replace("</channel></rss>", "<item><title>&#x110000; <i>")
    with pytest.raises(FetchError, match="damaged feed"):
        read_feed(damaged.encode(), "http://a.example/")


@pytest.mark.parametrize(
    "data", [b"", b"<html><body>Hello</body></html>", b"\x00\x01", b"/etc/passwd"]
)
def test_what_is_no_feed_is_refused(data):
    with pytest.raises(FetchError, match="not an RSS or Atom feed"):
        read_feed(data, "http://a.example/")


def test_entities_of_a_feed_lead_nowhere(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("TOPSECRET")
    hostile = (
        f'<!DOCTYPE rss [<!ENTITY x SYSTEM "{secret.as_uri()}">]>'
        '<rss version="2.0"><channel><item><title>&x;</title><link>/1</link></item></channel></rss>'
    )
    assert "TOPSECRET" not in str(read_feed(hostile.encode(), "http://a.example/"))


def test_the_text_of_an_entry_becomes_a_page_that_says_what_the_feed_says():
    text = "<p>" + "The whole text of the first article, in a sentence or two. " * 4 + "</p>"
    draft = read_html(
        as_page(Entry("http://a.example/1", "2024-03-05T08:00:00+00:00", "A < B", text))
    )
    assert (draft.title, str(draft.published), draft.url) == (
        "A < B",
        "2024-03-05",
        "http://a.example/1",
    )
    assert "The whole text" in draft.text
