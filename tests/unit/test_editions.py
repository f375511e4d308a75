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
    "shop/prices-autumn-2024.csv": """article;price of one (€);valid until
sail bag;41.50;28.02.2025
anchor ball;12.90;28.02.2025
""",
    "shop/prices-spring-2025.csv": """article;colour;price of one (€);price of six (€)
sail bag;blue;44.00;240.00
anchor ball;black;13.60;75.00
""",
    "guards/old/night-watch-2023.md": """# Handbook of the night watch, edition 2023

Who lost the key of the boathouse goes home and fetches the spare one.

Dogs are kept on a lead.
""",
    "guards/night-watch-2025.md": """# Handbook of the night watch, edition 2025

Dogs are kept on a lead.

Without the key, the harbour office opens the boathouse for the guard.
""",
    "winch-4.md": """# Winch 4 data sheet

Ropes of the Winch 4 do not fit the Winch 5, although they look alike.

| Measure | Value |
|---|---|
| Pull | 900 kg |
| Sound at full load | 88 dB |
""",
    "winch-5-handbook.md": """# Handbook for winch operators

The machine stands at the slipway and pulls boats out of the water.

| Measure | Value |
|---|---|
| Sound at full load | 71 dB |
| Weight | 240 kg |
""",
    "log.md": """# What changed at the pier

## 12 May 2024

The lamps of the pier got a timer; they go out at 23:30.

## 3 April 2025

The planks of the pier were renewed.
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
        ("What does a sail bag cost?", "44.00", "41.50"),
        ("I lost the key of the boathouse, what now?", "harbour office", "goes home"),
    ],
)
def test_the_edition_in_force_answers(asks, question, told, not_told):
    quotes = asks(question)
    assert told in quotes[0]
    assert not_told not in " ".join(quotes)


@pytest.mark.parametrize(
    ("question", "sides"),
    [
        ("How did the price of lifting a yacht change from 2024 to 2025?", ["118", "127"]),
        (
            "Within how many days did the rules of 2023 and of 2025 want a berth paid?",
            ["45", "20"],
        ),
        ("Is the Winch 5 louder than the Winch 4?", ["88 dB", "71 dB"]),
    ],
)
def test_two_editions_or_articles_are_compared_like_with_like(asks, question, sides):
    quotes = asks(question)
    assert len(quotes) == len(sides)
    assert all(side in quote for side, quote in zip(sides, quotes, strict=True))


def test_the_entries_of_a_log_replace_no_others(asks):
    assert "23:30" in asks("When do the lamps of the pier go out?")[0]


def test_seasons_of_a_year_follow_each_other():
    seasons = [moment(f"Prices {one} 2025", "en") for one in ("spring", "summer", "autumn")]
    assert seasons == sorted(seasons)
    assert moment("Winterfahrplan 2025/26", "de") == (2025,)


def test_an_edition_holds_until_the_next_one_begins():
    moments = [(2023,), (2025, 6), (2027,)]
    assert in_force(moments, date(2025, 5, 31)) == (2023,)
    assert in_force(moments, date(2026, 1, 1)) == (2025, 6)
    assert in_force(moments, date(2020, 1, 1)) == (2023,)


def test_dates_are_told_from_versions_and_other_numbers():
    assert moment("Fees 2024", "en") == (2024,)
    assert moment("Pump manual v3.1", "en") == (3, 1)
    assert moment("Room 12", "en") is None
