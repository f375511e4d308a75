"""Which edition answers where a document, a section or a mail has a newer one."""

from datetime import date

import pytest

from assistant.answer.quote.editions import in_force, moment
from assistant.assistant import Assistant
from assistant.support.settings import Settings

FILES = {
    "harbour/berth-rules-2023.md": """# Rules for berths (2023)

A berth must be paid within 45 days after the bill. Guests may stay for five nights.
""",
    "harbour/berth-rules-2025.md": """# Rules for berths

A berth has to be paid within 20 days after the bill was sent. Guests may stay for three nights.
""",
    "fees.md": """# Fees of the crane

## 2024

| Boat | Lifting | Parking |
|---|---|---|
| Dinghy | 31 euros | 4 euros |
| Yacht | 118 euros | 11 euros |

## 2025

| Boat | Lifting | Parking |
|---|---|---|
| Dinghy | 36 euros | 5 euros |
| Yacht | 127 euros | 12 euros |
""",
    "slipway.eml": """From: Ane Dahl <ane@harbour.example>
To: Piet Kok <piet@harbour.example>
Date: Tue, 6 May 2025 09:00:00 +0200
Subject: Re: Slipway
Content-Type: text/plain; charset=utf-8

Dear Piet,

the builders found rotten piles. The slipway opens again on 14 July.

Regards
Ane

> Dear Ane,
> the slipway opens on 2 June, as agreed.
> Piet
""",
}


@pytest.fixture(scope="module")
def asks(tmp_path_factory, embedder):
    root = tmp_path_factory.mktemp("editions")
    for name, text in FILES.items():
        file = root / "corpus" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    assistant = Assistant(Settings(corpus=root / "corpus", data=root / "data"), embedder)
    assistant.sync()
    yield lambda question: [one.quote for one in assistant.ask(question).citations]
    assistant.close()


@pytest.mark.parametrize(
    ("question", "told", "not_told"),
    [
        ("Within how many days must a berth be paid?", "20 days", "45 days"),
        ("Within how many days did a berth have to be paid in 2023?", "45 days", "20 days"),
        ("What does lifting a yacht cost?", "127", "118"),
        ("What did lifting a yacht cost in 2024?", "118", "127"),
        ("When does the slipway open?", "14 July", "2 June"),
    ],
)
def test_the_edition_in_force_answers(asks, question, told, not_told):
    quotes = asks(question)
    assert told in quotes[0]
    assert not_told not in " ".join(quotes)


def test_an_edition_holds_until_the_next_one_begins():
    moments = [(2023,), (2025, 6), (2027,)]
    assert in_force(moments, date(2025, 5, 31)) == (2023,)
    assert in_force(moments, date(2026, 1, 1)) == (2025, 6)
    assert in_force(moments, date(2020, 1, 1)) == (2023,)


def test_dates_are_told_from_versions_and_other_numbers():
    assert moment("Fees 2024", "en") == (2024,)
    assert moment("Pump manual v3.1", "en") == (3, 1)
    assert moment("Room 12", "en") is None
