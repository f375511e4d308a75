import gzip

import pytest

from assistant.ingest.web.sitemaps import read_sitemap
from assistant.ingest.web.source_list import Entry
from assistant.support.errors import FetchError

NAMESPACE = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
URLS = f"""<?xml version="1.0" encoding="UTF-8"?>
<urlset {NAMESPACE} xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">
<url><loc> http://a.example/1?a=1&amp;b=2 </loc><lastmod>2024-05-01</lastmod>
<image:image><image:loc>http://a.example/x.png</image:loc></image:image></url>
<url><loc>/2</loc></url>
<url><loc>mailto:me@a.example</loc></url>
<url/>
</urlset>"""
FURTHER = "<sitemap><loc>http://a.example/s1.xml.gz</loc></sitemap>"
INDEX = f"<sitemapindex {NAMESPACE}>{FURTHER}</sitemapindex>"
PAGES = [Entry("http://a.example/1?a=1&b=2", "2024-05-01"), Entry("http://a.example/2")]


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_the_pages_of_a_sitemap_are_listed(pack):
    assert read_sitemap(pack(URLS.encode()), "http://a.example/sitemap.xml") == (PAGES, [])


def test_a_sitemap_without_its_namespace_is_read_too():
    bare = URLS.replace(NAMESPACE, "")
    assert read_sitemap(bare.encode(), "http://a.example/sitemap.xml") == (PAGES, [])


def test_an_index_leads_to_further_sitemaps():
    assert read_sitemap(INDEX.encode(), "http://a.example/") == ([], ["http://a.example/s1.xml.gz"])


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (URLS.encode()[:-30], "XML is malformed"),
        (b"", "XML is malformed"),
        (b"<html><body/></html>", "not a sitemap"),
        (b"<rss version='2.0'/>", "not a sitemap"),
        (gzip.compress(URLS.encode())[:-40], "cut off"),
        (gzip.compress(b" " * 60_000_000), "larger than"),
    ],
)
def test_what_is_no_sitemap_is_refused(data, told):
    with pytest.raises(FetchError, match=told):
        read_sitemap(data, "http://a.example/sitemap.xml")


def test_entities_of_a_sitemap_lead_nowhere(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("http://a.example/TOPSECRET")
    entity = f'<!DOCTYPE urlset [<!ENTITY x SYSTEM "{secret.as_uri()}">]>'
    hostile = f"{entity}<urlset><url><loc>&x;</loc></url></urlset>"
    assert "TOPSECRET" not in str(read_sitemap(hostile.encode(), "http://a.example/"))
