import gzip
import ssl
import subprocess
import time

import pytest

from assistant.ingest.web.addresses import AddressGuard
from assistant.ingest.web.client import Client, FetchLimits
from assistant.ingest.web.pace import Pace
from assistant.ingest.web.response import Validators
from assistant.support.allowed_hosts import Allowed
from assistant.support.errors import AssistantError, FetchError
from tests.support.repository import program
from tests.support.site import Answer, redirect, served

LOCAL = AddressGuard(Allowed.of(["127.0.0.1"]))
QUICK = FetchLimits(connect=2, read=0.3, total=0.8, redirects=3, delay=0)


@pytest.fixture
def site():
    with served() as one:
        one.article("/a", "A title", "Some words.")
        yield one


@pytest.fixture
def client():
    made = Client(LOCAL, QUICK)
    yield made
    made.close()


def test_a_page_is_read_by_an_honest_visitor(site, client):
    response = client.get(site.url("/a"))
    assert (response.status, response.content_type) == (200, "text/html")
    assert b"A title" in response.body
    _, headers = site.asked[-1]
    assert headers["user-agent"].startswith("ArticleAssistant/")
    assert headers["host"] == site.address.removeprefix("http://")


def test_what_has_not_changed_is_not_sent_again(site, client):
    site.article("/a", "A title", "Some words.", ETag='"1"')
    first = client.get(site.url("/a"))
    again = client.get(site.url("/a"), Validators(first.url, first.etag, first.last_modified))
    assert (first.etag, again.status, again.body) == ('"1"', 304, b"")


def test_the_mark_of_one_address_is_not_shown_to_another(site, client):
    site.pages["/moved"] = redirect("/a")
    client.get(site.url("/moved"), Validators(site.url("/elsewhere"), '"1"'))
    assert not any("if-none-match" in headers for _, headers in site.asked)


@pytest.mark.parametrize(
    ("rules", "allowed"),
    [
        ("User-agent: *\nDisallow: /a", False),
        ("User-agent: ArticleAssistant\nDisallow: /", False),
        ("User-agent: *\nDisallow: /*?secret\nAllow: /a", True),
        ("User-agent: OtherBot\nDisallow: /", True),
        ("User-agent: *\nCrawl-delay: 7200", False),
        ("\x00\xff not rules at all", True),
    ],
)
def test_what_robots_txt_asks_is_kept(site, client, rules, allowed):
    site.pages["/robots.txt"] = Answer(rules.encode(), {"Content-Type": "text/plain"})
    if allowed:
        assert client.get(site.url("/a")).status == 200
    else:
        with pytest.raises(FetchError, match=r"robots\.txt"):
            client.get(site.url("/a"))
        assert site.paths == []


def test_robots_txt_is_asked_for_once(site, client):
    client.get(site.url("/a"))
    client.get(site.url("/a"))
    assert [path for path, _ in site.asked] == ["/robots.txt", "/a", "/a"]


def test_a_site_whose_robots_txt_fails_is_left_alone_for_now(site, client):
    site.pages["/robots.txt"] = Answer(status=503)
    with pytest.raises(FetchError, match=r"robots\.txt first failed: .* 503"):
        client.get(site.url("/a"))
    assert site.paths == []


def test_the_robots_txt_of_the_host_that_a_redirect_leads_to_is_kept_too(site, client):
    with served() as other:
        other.article("/b", "B", "Words.")
        other.pages["/robots.txt"] = Answer(b"User-agent: *\nDisallow: /b")
        site.pages["/a"] = redirect(other.url("/b"))
        with pytest.raises(FetchError, match=r"robots\.txt"):
            client.get(site.url("/a"))
        assert other.paths == []


def test_requests_to_a_host_are_spaced_out(site):
    spaced = Client(LOCAL, FetchLimits(delay=0.2))
    started = time.monotonic()
    for _ in range(3):
        spaced.get(site.url("/a"))
    assert time.monotonic() - started >= 0.4
    spaced.close()


def test_the_delay_that_robots_txt_asks_for_counts_if_it_is_longer(site, client):
    site.pages["/robots.txt"] = Answer(b"User-agent: *\nCrawl-delay: 0.3")
    started = time.monotonic()
    client.get(site.url("/a"))
    client.get(site.url("/a"))
    assert time.monotonic() - started >= 0.3


def test_waiting_for_a_turn_ends_when_stopped():
    import threading

    stopped = threading.Event()
    pace = Pace(stopped)
    pace.wait("a.example", 30)
    threading.Timer(0.1, stopped.set).start()
    with pytest.raises(AssistantError, match="stopped"):
        pace.wait("a.example", 30)


def test_redirects_are_followed_and_the_last_address_told(site, client):
    site.pages["/old"] = redirect("older/../new", 301)
    site.pages["/new"] = redirect(site.url("/a"), 308)
    assert client.get(site.url("/old")).url == site.url("/a")


def test_redirects_in_a_circle_end(site, client):
    site.pages["/x"], site.pages["/y"] = redirect("/y"), redirect("/x")
    with pytest.raises(FetchError, match="redirects more than 3 times"):
        client.get(site.url("/x"))
    assert len(site.paths) == 4


@pytest.mark.parametrize(
    ("target", "told"),
    [
        ("http://10.0.0.1/", "not on the public internet"),
        ("http://169.254.169.254/latest/meta-data", "not on the public internet"),
        ("http://[::ffff:127.0.0.2]/", "not on the public internet"),
        ("http://2130706434/", "not on the public internet"),
        ("file:///etc/passwd", "only addresses that begin with http"),
        ("ftp://127.0.0.1/a", "only addresses that begin with http"),
        ("http://me:pw@127.0.0.1/", "name or password"),
        ("http://[bad", "no web address"),
    ],
)
def test_a_redirect_to_where_it_may_not_go_is_refused(site, client, target, told):
    site.pages["/a"] = redirect(target)
    with pytest.raises(FetchError, match=told):
        client.get(site.url("/a"))


def test_a_host_is_looked_up_once_a_request_and_that_address_connected_to(site):
    looked_up = []

    def resolve(host, port):
        looked_up.append(host)
        return ["127.0.0.1"]

    # No other resolver knows the name: looked up again to connect, it would not be found.
    named = Client(AddressGuard(Allowed.of(["site.example"]), resolve), QUICK)
    port = site.address.rpartition(":")[2]
    assert named.get(f"http://site.example:{port}/a").status == 200
    assert looked_up == ["site.example"] * len(site.asked)
    assert site.asked[-1][1]["host"] == f"site.example:{port}"
    named.close()


def test_a_name_that_leads_inside_once_it_was_checked_is_refused(site):
    answers = [["8.8.8.8"], ["127.0.0.1"]]
    rebound = AddressGuard(
        resolve=lambda host, port: answers.pop(0) if len(answers) > 1 else answers[0]
    )
    assert rebound.addresses("site.example", 80) == ["8.8.8.8"]  # as a check beforehand sees it
    trapped = Client(rebound, QUICK)
    with pytest.raises(FetchError, match="not on the public internet"):
        trapped.get(f"http://site.example:{site.address.rpartition(':')[2]}/a")
    assert site.asked == []
    trapped.close()


def test_a_proxy_of_the_environment_is_not_used(site, monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    direct = Client(LOCAL, QUICK)
    assert direct.get(site.url("/a")).status == 200
    direct.close()


def drip(site, first=b"", every=0.1):
    def handle(request):
        request.wfile.write(first)
        while not site.stopped.wait(every):
            request.wfile.write(b"x")
            request.wfile.flush()

    return handle


@pytest.mark.parametrize(
    "first",
    [b"HTTP/1.1 200 OK\r\nX-Slow: ", b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"],
    ids=["headers", "body"],
)
def test_a_server_that_drips_is_left_after_the_time_in_all(site, client, first):
    site.pages["/a"] = drip(site, first)
    started = time.monotonic()
    with pytest.raises(FetchError, match="too slow"):
        client.get(site.url("/a"))
    assert time.monotonic() - started < 2


def test_a_silent_server_is_left_after_the_time_of_a_read(site, client):
    site.pages["/a"] = lambda request: site.stopped.wait(5)
    started = time.monotonic()
    with pytest.raises(FetchError, match="too slow"):
        client.get(site.url("/a"))
    assert time.monotonic() - started < 0.75


def test_a_server_that_is_not_there_is_told(client):
    with pytest.raises(FetchError, match="cannot be reached"):
        client.get("http://127.0.0.1:9/a")


def endless(site, piece, *headers):
    sent = []

    def handle(request):
        request.send_response(200)
        for name, value in headers:
            request.send_header(name, value)
        request.end_headers()
        while not site.stopped.is_set():
            request.wfile.write(piece)
            sent.append(len(piece))

    return handle, sent


def test_a_body_without_end_is_left_at_the_limit(site, client):
    site.pages["/a"], sent = endless(site, b"x" * 10_000)
    with pytest.raises(FetchError, match=r"larger than the 1\.0 MB"):
        client.get(site.url("/a"), most=1_000_000)
    assert sum(sent) < 20_000_000


def test_a_body_that_says_it_is_too_large_is_not_begun(site, client):
    site.pages["/a"], _ = endless(site, b"", ("Content-Length", "5000000"))
    with pytest.raises(FetchError, match="larger than"):
        client.get(site.url("/a"), most=1_000_000)


def test_a_packed_body_is_unpacked_and_a_bomb_left_at_the_limit(site, client):
    packed = {"Content-Type": "text/html", "Content-Encoding": "gzip"}
    site.pages["/a"] = Answer(gzip.compress(b"Hello") + gzip.compress(b" again"), packed)
    site.pages["/bomb"] = Answer(gzip.compress(bytes(200_000_000)), packed)
    assert client.get(site.url("/a")).body == b"Hello again"
    import tracemalloc

    tracemalloc.start()
    with pytest.raises(FetchError, match="larger than"):
        client.get(site.url("/bomb"), most=1_000_000)
    assert tracemalloc.get_traced_memory()[1] < 8_000_000
    tracemalloc.stop()


@pytest.mark.parametrize(
    ("body", "packing", "told"),
    [
        (gzip.compress(b"Hello, all of you")[:-9], "gzip", "cut off"),
        (b"not gzip", "gzip", "not valid gzip"),
        (b"...", "br", "'br', which was not requested"),
    ],
)
def test_a_body_that_cannot_be_unpacked_is_told(site, client, body, packing, told):
    site.pages["/a"] = Answer(body, {"Content-Encoding": packing})
    with pytest.raises(FetchError, match=told):
        client.get(site.url("/a"))


@pytest.mark.parametrize("status", [204, 401, 404, 410, 429, 500, 503, 599])
def test_any_other_answer_is_an_error_that_says_its_status(site, client, status):
    site.pages["/a"] = Answer(status=status)
    with pytest.raises(FetchError, match=str(status)) as failed:
        client.get(site.url("/a"))
    assert failed.value.status == status


def test_a_host_that_asks_for_fewer_requests_gets_no_more(site, client):
    site.pages["/busy"] = Answer(status=429)
    for path in ("/busy", "/a", "/a"):
        with pytest.raises(FetchError, match=r"429|fewer requests"):
            client.get(site.url(path))
    assert site.paths == ["/busy"]


def test_unchanged_is_no_answer_to_who_did_not_ask_for_changes(site, client):
    site.pages["/a"] = Answer(status=304)
    with pytest.raises(FetchError, match="unconditional"):
        client.get(site.url("/a"))


def test_a_stopped_client_asks_for_nothing_more(site, client):
    client.stop()
    with pytest.raises(AssistantError, match="stopped"):
        client.get(site.url("/a"))
    assert site.asked == []


def test_tls_verifies_the_name_though_the_address_is_connected_to(tmp_path):
    certificate, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    subprocess.run(
        [
            program("openssl"), "req", "-x509", "-newkey", "ec", "-pkeyopt",
            "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", str(key), "-out", str(certificate),
            "-days", "2", "-subj", "/CN=site.example", "-addext", "subjectAltName=DNS:site.example",
        ],
        check=True,
        capture_output=True,
    )  # fmt: skip
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(certificate, key)
    trusting = ssl.create_default_context(cafile=str(certificate))
    guard = AddressGuard(Allowed.of([".example"]), lambda host, port: ["127.0.0.1"])
    with served(tls=server) as site:
        site.article("/a", "A title", "Some words.")
        port = site.address.rpartition(":")[2]
        client = Client(guard, QUICK, trusting)
        assert client.get(f"https://site.example:{port}/a").status == 200
        with pytest.raises(FetchError, match="certificate"):
            client.get(f"https://other.example:{port}/a")
        client.close()
