import pytest

from assistant.ingest.web.source_list import SourceKind, WebSource, read_source_list, web_url
from assistant.support.errors import CorpusError


@pytest.fixture
def read(tmp_path):
    def read_text(text):
        (tmp_path / "sources.yaml").write_text(text, "utf-8")
        return read_source_list(tmp_path / "sources.yaml")

    return read_text


def test_pages_feeds_and_sitemaps_are_listed(read):
    assert read(
        "pages:\n  - https://example.org/a#part\n  - url: https://EXAMPLE.org/b\n"
        "feeds:\n  - https://example.org/feed\n"
        "sitemaps:\n  - url: https://example.org/map.xml\n    limit: 20\n"
        "    include: ['*/news/*']\n    exclude:\n      - '*/old/*'\n"
    ) == [
        WebSource(SourceKind.PAGE, "https://example.org/a"),
        WebSource(SourceKind.PAGE, "https://example.org/b"),
        WebSource(SourceKind.FEED, "https://example.org/feed"),
        WebSource(
            SourceKind.SITEMAP, "https://example.org/map.xml", 20, ("*/news/*",), ("*/old/*",)
        ),
    ]


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "pages:\n", "pages: []\nfeeds:\n"])
def test_a_list_may_be_empty(read, text):
    assert read(text) == []


def test_no_file_lists_nothing(tmp_path):
    assert read_source_list(tmp_path / "sources.yaml") == []


def test_an_address_listed_twice_counts_once(read):
    assert len(read("pages: [http://a.example/x, 'http://a.example:80/x#y']")) == 1


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("pages:\n  - http://a.example/\npage:\n  - x\n", r"line 3: unknown key 'page'.*sitemaps"),
        ("feeds:\n  - url: http://a.example/\n    limits: 3\n", "line 3: unknown key 'limits'"),
        ("feeds:\n  - limit: 3\n", "line 2: .*lacks its url"),
        ("feeds:\n  - url: http://a.example/\n    limit: few\n", "line 3: limit must be .* 'few'"),
        ("feeds:\n  - url: http://a.example/\n    limit: 0\n", "line 3: limit must be"),
        ("pages:\n  - url: http://a.example/\n    limit: 3\n", "line 3: unknown key 'limit'"),
        (
            "feeds:\n  - url: http://a.example/\n    include: '*'\n",
            "line 3: include must be a list",
        ),
        ("pages: http://a.example/\n", "line 1: pages must be a list"),
        ("- http://a.example/\n", "line 1: expected the keys pages"),
        ("pages: []\npages: []\n", "line 2: duplicate key 'pages'"),
        ("pages:\n  - file:///etc/passwd\n", "line 2: 'file:///etc/passwd': only .*http"),
        ("pages:\n  - example.org/a\n", "line 2: .*only addresses that begin"),
        ("pages:\n  - http://me:secret@a.example/\n", "line 2: .*name or password"),
        ("pages:\n  - {a: b\n", "is not YAML"),
    ],
)
def test_what_is_not_understood_is_named_with_its_line(read, text, told):
    with pytest.raises(CorpusError, match=told):
        read(text)


def test_a_file_that_is_not_text_is_an_error(tmp_path):
    (tmp_path / "sources.yaml").write_bytes(b"pages:\n  - http://a.example/\xe9\n")
    with pytest.raises(CorpusError, match="UTF-8"):
        read_source_list(tmp_path / "sources.yaml")


def test_an_address_has_one_form():
    assert (
        web_url(" HTTP://Exämple.org:80/ä b?q=1#f ") == "http://xn--exmple-cua.org/%C3%A4%20b?q=1"
    )
    assert web_url("../d?x", base="http://a.example/b/c/e") == "http://a.example/b/d?x"


def test_patterns_choose_pages():
    source = WebSource(SourceKind.SITEMAP, "http://a.example/", 5, ("*/news/*",), ("*/old/*",))
    assert source.admits("http://a.example/news/1")
    assert not source.admits("http://a.example/about")
    assert not source.admits("http://a.example/news/old/1")
