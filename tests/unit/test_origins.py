import pytest

from assistant.support.errors import SettingsError
from assistant.support.origins import parse_origin
from assistant.support.settings import Settings


@pytest.mark.parametrize(
    ("given", "origin"),
    [
        ("https://intranet.example", "https://intranet.example"),
        ("HTTPS://Intranet.Example", "https://intranet.example"),
        ("https://intranet.example:443", "https://intranet.example"),
        ("http://intranet:80", "http://intranet"),
        ("http://10.0.0.5:8080", "http://10.0.0.5:8080"),
        ("http://[::1]:7860", "http://[::1]:7860"),
        ("https://müller.example", "https://xn--mller-kva.example"),
    ],
)
def test_an_origin_is_written_as_browsers_write_it(given, origin):
    assert parse_origin(given) == origin


@pytest.mark.parametrize(
    "given",
    ["*", "null", "https://*.example", "intranet.example", "https://a.example/", "ftp://a.example",
     "https://a.example/page", "https://a.example:99999", "https://a.example:", "https://u@a.example",
     "https://a..example", "https://a;script-src", "https://'self'", "https://", "file:///a"],
)  # fmt: skip
def test_what_is_no_origin_is_named(given):
    with pytest.raises(ValueError, match=r"https://intranet\.example"):
        parse_origin(given)


def test_allowed_origins_are_a_list_with_commas_and_a_malformed_one_is_named(monkeypatch):
    monkeypatch.setenv("ASSISTANT_ALLOWED_ORIGINS", "https://a.example, http://B.example:8080")
    assert Settings().allowed_origins == ("https://a.example", "http://b.example:8080")
    monkeypatch.setenv("ASSISTANT_ALLOWED_ORIGINS", "https://a.example,b.example/x")
    with pytest.raises(SettingsError, match=r"ASSISTANT_ALLOWED_ORIGINS=.*'b.example/x' is not"):
        Settings()
    monkeypatch.delenv("ASSISTANT_ALLOWED_ORIGINS")
    assert Settings().allowed_origins == ()
