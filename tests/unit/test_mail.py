from datetime import date
from pathlib import Path

from tests.support.documents import HEADING, SENTENCE, simple_eml
from tests.support.reading import blocks, read, refusal


def test_the_headers_of_a_mail_are_text_and_say_what_it_is(tmp_path: Path) -> None:
    article = read(tmp_path, "a.eml", simple_eml())
    assert blocks(article) == [
        "From: Ada Keeper <ada@example.org>",
        "To: Bo Lamp <bo@example.org>",
        "Subject: The harbour of Cordouan",
        "Date: Fri, 17 May 2024 09:30:00 +0200",
        HEADING,
        f"{SENTENCE} Café near it.",
    ]
    assert (article.title, article.author) == ("The harbour of Cordouan", "Ada Keeper")
    assert article.published == date(2024, 5, 17)


def test_letters_that_headers_may_not_hold_are_read_all_the_same(tmp_path: Path) -> None:
    mail = "From: Zoë Lind <z@example.org>\nSubject: Grüße\n\nWir kommen am 4. Mai um 9 Uhr.\n"
    article = read(tmp_path, "a.eml", mail.encode())
    assert (article.title, article.author) == ("Grüße", "Zoë Lind")


def test_the_html_of_a_mail_is_read_where_the_plain_text_is_a_stub(tmp_path: Path) -> None:
    html = "".join(f"<p>{SENTENCE}</p>" for _ in range(3))
    mail = (
        "Subject: Offer\nMIME-Version: 1.0\nContent-Type: multipart/alternative; boundary=b\n\n"
        "--b\nContent-Type: text/plain\n\nThis is in HTML.\n"
        f"--b\nContent-Type: text/html\n\n{html}<table><tr><td>Pear</td><td>3.40</td></tr></table>"
        "\n--b--\n"
    )
    article = read(tmp_path, "a.eml", mail.encode())
    assert blocks(article) == ["Subject: Offer", *[SENTENCE] * 3, "Pear | 3.40"]


def test_a_text_without_headers_is_no_mail(tmp_path: Path) -> None:
    assert "no mail" in refusal(tmp_path, "a.eml", SENTENCE.encode())
