"""What is shown of real documents to real questions, with the real model."""

import pytest

from assistant.assistant import Assistant
from assistant.models.answer import Certainty
from assistant.models.conversation import Turn
from assistant.support.settings import Settings

FILES = {
    "kayak-rules.md": """---
title: Rules of the kayak rental
date: 2025-05-02
---
# Rules of the kayak rental

The rental at the old pier has 34 kayaks. Everybody must wear a life jacket.

## Prices

| Hours | Single kayak | Double kayak |
|---|---|---|
| Less than 2 | 14 euros | 22 euros |
| 2 to 4 | 25 euros | 39 euros |
| More than 4 | 40 euros | 60 euros |

## Before you paddle off

1. Sign the list in the hut.
2. Adjust the foot rests.
3. Tell the staff where you are going.

## Lost paddles

A lost paddle costs 35 euros, because it has to be ordered from Norway.
""",
    "faq.txt": """Camp site: frequently asked questions

Q: Are dogs allowed?
A: Yes, on a lead. They may not enter the washrooms.

Q: When is the gate closed?
A: The gate is closed from 22:00 to 6:00.
""",
    "huts.md": """# What guests of the huts ask

**How many guests may sleep in a hut?**
Six. Children count as guests.

**Where is firewood sold?**
At the gate.
""",
    "pump.md": """# Pump manual

## 2.0.4 (2025-06-30)
- The valve no longer drips.

## 2.0.3 (2025-02-11)
- The display is brighter.

## Room 7

The spare pump stands here.

## Room 71

The tools hang here.
""",
    "baeckerei.md": """---
title: Die Bäckerei am Markt
date: 2024-03-01
language: de
---
# Die Bäckerei am Markt

Die Bäckerei am Markt backt jeden Morgen 900 Brötchen. Sie öffnet um 5:30 Uhr.
Sonntags ist geschlossen.
""",
    "minutes-march.md": """---
date: 2025-03-04
---
# Minutes of the rowing club, 4 March 2025

In the chair: Aino Salo. Apologies were sent by Ben Ruiz.

The boat house will be painted green.

The showers close from 4 to 22 August. A tent takes their place.

Next meeting: 1 April 2025, in the hut.
""",
    "council.md": """# Village council of Norrviken

The mayor thanked the fire brigade. Rolf Dahl complained about the noise of the sawmill.

## Decisions

- The library stays open on Mondays.
- The bus shelter gets a lamp.
- Fireworks are forbidden on the pier.

## Questions of visitors

A visitor asked about the ferry. The mayor will write to its owner.
""",
    "storm.md": """# The storm of 9 June 1998

The mast of the pier broke. Its repair cost 300 euros.
""",
    "words.html": """<h1>Words of the river</h1>
<p>What the old boatmen say, as they told it to us in the winter of 2019.</p><dl>
<dt>Weir</dt><dd>A low wall across the river, over which the water falls.</dd>
<dt>WLB</dt><dd>Water level board: it is read every morning.</dd>
<dt>Towpath</dt><dd>The way along the bank on which horses pulled the boats.</dd></dl>
""",
    "lease.md": """# Lease of the shed

Between the harbour board and Petra Lund, who fishes.

## 1. What is let

The shed at the slipway, of 40 square metres, with its winch.

## 2. Rent

The rent is 900 crowns a month. It is paid on the third day. It rises with the index of prices.

## 3. Use

Nets may be dried in the shed. Fires may not be lit in it. Nobody may sleep there.

## 4. Repairs

The board repairs the roof. Petra Lund repairs the door. Both pay for the winch.

## 5. Keys

Two keys are handed over. A lost one costs 200 crowns. The lock is not to be changed.

## 6. End

The lease may be ended in March. It is ended by letter.

> Dear Petra, here is what we talked about on the quay last week.
""",
    "flood.md": """# The flood of May

The water rose to the second step of the inn. The cellar was emptied by 40 helpers in two nights.

## Lessons

| Lesson | Who | Until |
|---|---|---|
| Keep sand bags in the barn | Jens | June |
| Buy a second pump | Olga | July |
| Move the fuse box upstairs | Petra | August |
""",
    "weir.md": """# Work at the weir

The weir was mended in May. Rolf Dahl found an otter there. The WLB is painted red.
A sluice is a gate in the weir. It is opened at night. The sluice has 12 steps.
""",
    "minutes-february.md": """---
date: 2025-02-04
---
# Minutes of the rowing club, 4 February 2025

In the chair: Ben Ruiz. Two lockers are broken. The boat house will be painted blue.

## Money

The fee stays as it is.

Next meeting: 4 March 2025, in the hut.
""",
    "rescue-2023.md": """---
date: 2024-01-10
---
# Rescue at the lake in 2023

Four swimmers were rescued. The crew trained on Sundays.
""",
    "rescue-2024.md": """---
date: 2025-01-10
---
# Rescue at the lake in 2024

Seven swimmers were rescued. The crew trained on Sundays.
""",
    "kompost.md": """---
language: de
---
# Kompost richtig anlegen

Ein Komposthaufen braucht Luft und Feuchtigkeit. Er steht am besten im Halbschatten.

## Was hinein darf

- Rasenschnitt
- Laub
- Kaffeesatz

## Was nicht hinein darf

- Fleisch
- gekochte Speisen
- kranke Pflanzen
""",
    "fees.csv": """item,members,others
boat per year,120,300
sauna per evening,35,70
oars per day,5,12
""",
    "ferry.csv": """ticket,islanders,guests
Adult,6.50,9.00
Child up to 14,3.00,4.50
Ten crossings adult,55.00,80.00
""",
    "school-trip.md": """# School trip to the island

The children take the ferry at nine. Each child pays 7 euros for lunch.
""",
    "sledges.md": """# Sledge hire at the mountain hut

A sledge costs 6 euros a day, a helmet 2 euros. Whoever takes one leaves 20 euros with the warden.
Bring everything back before half past four.
""",
    "sailing.md": """# Boats of the sailing school

The deposit for a dinghy is 150 euros. It is paid back at the end of the course. Boats have to be
back by seven in the evening.
""",
    "lockers.csv": """locker,rented by,state,rented until
11,Jens,broken,2025-12-01
12,Olga,fine,2026-01-20
13,Petra,broken,2026-08-30
""",
}  # fmt: skip


@pytest.fixture(scope="module")
def asks(tmp_path_factory, embedder):
    folder = tmp_path_factory.mktemp("compose")
    (folder / "corpus").mkdir()
    for name, text in FILES.items():
        (folder / "corpus" / name).write_text(text, "utf-8")
    made = Assistant(Settings(corpus=folder / "corpus", data=folder / "data"), embedder)
    made.sync()

    def ask(text, history=()):
        answer = made.ask(text, history)
        for one in (*answer.citations, *answer.related, *answer.nearest):
            assert made.article(one.article).text[one.start : one.end] == one.quote
        return answer

    yield ask
    made.close()


def quotes(answer):
    return [one.quote for one in answer.citations]


def test_one_quote_answers_and_what_relates_is_apart(asks):
    answer = asks("How many kayaks does the rental have?")
    assert quotes(answer) == ["The rental at the old pier has 34 kayaks."]
    assert answer.related
    assert not {one.start for one in answer.related} & {one.start for one in answer.citations}
    assert [one.number for one in answer.related] == [
        n for n, _ in enumerate(answer.related, len(answer.citations) + 1)
    ]


UNSURE = "The articles do not say it outright. This comes nearest:"


def test_the_lead_in_goes_by_how_sure_the_answer_is(asks):
    questions = [
        "How many kayaks does the rental have?",
        "How many canoes were stolen?",
        "What is the phone number of the hut?",
        "Who won the Tour de France in 1998?",
    ]
    answers = [asks(question) for question in questions]
    assert any(one.certainty is not Certainty.SURE for one in answers)
    assert all(one.refused is (one.certainty is Certainty.NONE) for one in answers)
    leads = {
        Certainty.SURE: "",
        Certainty.UNSURE: UNSURE,
        Certainty.NONE: "The articles do not answer this question.",
    }
    assert [one.lead_in for one in answers] == [leads[one.certainty] for one in answers]


@pytest.mark.parametrize(
    ("asked", "certainty"),
    [
        ("Why does a lost paddle cost 35 euros?", Certainty.SURE),
        ("Why will the boat house be painted green?", Certainty.UNSURE),
        ("Why are fireworks forbidden on the pier?", Certainty.UNSURE),
        ("Where does the spare pump stand?", Certainty.SURE),
        ("Warum öffnet die Bäckerei um 5:30 Uhr?", Certainty.UNSURE),
    ],
)
def test_what_lacks_the_kind_of_thing_asked_for_is_not_sure(asks, asked, certainty):
    assert asks(asked).certainty is certainty


def test_a_row_is_chosen_by_its_range_and_cited_with_its_section(asks):
    answer = asks("What does a double kayak cost for 3 hours?")
    assert quotes(answer) == ["2 to 4 | 25 euros | 39 euros"]
    assert answer.citations[0].section == "Prices"


@pytest.mark.parametrize(
    ("asked", "explained"),
    [
        ("What is a weir?", "Weir: A low wall across the river, over which the water falls."),
        ("Was bedeutet WLB?", "WLB: Water level board: it is read every morning."),
        ("Was ist ein Weir?", "Weir: A low wall across the river, over which the water falls."),
        ("What is a sluice?", "A sluice is a gate in the weir."),
    ],
)
def test_a_term_is_explained_by_its_entry_and_not_by_what_is_said_of_it(asks, asked, explained):
    assert quotes(asks(asked)) == [explained]


def test_steps_are_quoted_as_a_whole_list(asks):
    (quote,) = quotes(asks("What do I have to do before I paddle off?"))
    assert quote.count("\n") == 2
    assert "Sign the list" in quote
    assert "where you are going" in quote


def test_an_answer_to_a_question_of_the_text_is_quoted_whole_and_never_the_question(asks):
    (quote,) = quotes(asks("Are dogs allowed on the camp site?"))
    assert quote == "Yes, on a lead. They may not enter the washrooms."
    (quote,) = quotes(asks("How many guests are allowed in a hut?"))
    assert quote == "Six. Children count as guests."


def test_two_questions_are_answered_one_after_the_other(asks):
    answer = asks("How many kayaks does the rental have and what does a lost paddle cost?")
    assert "34 kayaks" in quotes(answer)[0]
    assert "35 euros" in quotes(answer)[-1]
    assert [part.citations[0] for part in answer.parts] == [1, len(answer.citations)]


def test_what_is_not_answered_of_two_questions_is_said(asks):
    answer = asks("How many kayaks does the rental have and who won the Tour de France in 1998?")
    assert quotes(answer) == ["The rental at the old pier has 34 kayaks."]
    assert answer.parts[1].certainty is Certainty.NONE
    assert "Not in the articles: “who won the Tour de France in 1998?”" in answer.notice


def test_an_introduction_does_not_hide_the_question(asks):
    polite = (
        "Good morning! I hope that you are well. We are spending a week by the lake with our "
        "children. Could you please tell me what a lost paddle costs?"
    )
    assert "35 euros" in quotes(asks(polite))[0]


def test_the_latest_version_is_the_one_with_the_latest_date(asks):
    (quote,) = quotes(asks("What is new in the latest version of the pump manual?"))
    assert quote.startswith("2.0.4")
    assert "valve" in quote


def test_a_version_asked_for_is_quoted_with_what_it_changed(asks):
    (quote,) = quotes(asks("In which version of the pump manual is the display brighter?"))
    assert quote.startswith("2.0.3 (2025-02-11)")
    assert "display" in quote


def test_a_version_that_no_article_has_is_not_answered_for_sure(asks):
    asked = "What is new in version {} of the pump manual?"
    assert asks(asked.format("2.0.3")).certainty is not Certainty.NONE
    assert asks(asked.format("6.0")).certainty is not Certainty.SURE


def test_a_section_is_found_by_its_number(asks):
    assert quotes(asks("Which pump stands in room 7?"))[0] == "The spare pump stands here."
    assert quotes(asks("Which things hang in room 71?"))[0] == "The tools hang here."


@pytest.mark.parametrize(
    "asked",
    [
        "Summarise the rules of the kayak rental",
        "Can you give me the gist of the kayak rules?",
        "Was sind die wichtigsten Punkte in kayak-rules?",
        "Quels sont les points essentiels de kayak-rules ?",
    ],
)
def test_a_summary_covers_the_sections(asks, asked):
    answer = asks(asked)
    assert 3 <= len(answer.citations) <= 5
    starts = [one.start for one in answer.citations]
    assert starts == sorted(starts)
    assert any("life jacket" in quote or "34 kayaks" in quote for quote in quotes(answer))


def test_the_time_that_answers_is_told_apart_where_the_answer_is_sure(asks):
    answer = asks("Wie viele Brötchen backt die Bäckerei am Markt jeden Morgen?")
    (quote,) = quotes(answer)
    if answer.short is None:
        assert answer.certainty is not Certainty.SURE
        return
    start = answer.short.start - answer.citations[0].start
    assert quote[start : start + len(answer.short.text)] == answer.short.text
    assert "900" in answer.short.text


def test_a_follow_up_is_answered_from_what_was_said_before(asks):
    before = [Turn("user", "What does a lost paddle cost?"), Turn("assistant", "35 euros [1]")]
    assert "Norway" in quotes(asks("And why is it so much?", before))[0]


def test_a_follow_up_is_not_answered_with_what_was_just_said(asks):
    first = "How many kayaks does the rental have?"
    before = [Turn("user", first), Turn("assistant", asks(first).text)]
    assert quotes(asks("And must I wear anything?", before)) == [
        "Everybody must wear a life jacket."
    ]
    row = "What does a double kayak cost for 3 hours?"
    before = [Turn("user", row), Turn("assistant", asks(row).text)]
    assert quotes(asks("And a single one?", before))[0] == quotes(asks(row))[0]


@pytest.mark.parametrize("then", ["And for children?", "Und für Kinder?"])
def test_a_follow_up_is_answered_from_the_table_of_the_answer_before(asks, then):
    first = "What does a ferry ticket for an adult cost guests?"
    before = [Turn("user", first), Turn("assistant", asks(first).text)]
    assert quotes(asks(then, before)) == ["Child up to 14 | 3.00 | 4.50"]


@pytest.mark.parametrize(
    ("asked", "told", "elsewhere"),
    [
        ("What does a sledge cost and how high is the deposit?", "leaves 20 euros", "150 euros"),
        ("We have rented a sledge at the hut. When is the return?", "half past four", "seven"),
    ],
)
def test_a_question_that_says_little_is_about_what_was_said_before_it(asks, asked, told, elsewhere):
    shown = " ".join(quotes(asks(asked)))
    assert told in shown
    assert elsewhere not in shown


def test_the_others_are_all_but_the_one_that_was_asked_about(asks):
    before = [Turn("user", "What is in room 7?"), Turn("assistant", "The spare pump.")]
    assert quotes(asks("And in the other rooms?", before)) == ["The tools hang here."]


def test_the_minutes_of_a_day_come_before_those_that_announced_it(asks):
    answer = asks("Who was in the chair on 4 March 2025?")
    assert answer.citations[0].source == "minutes-march.md"


def test_reports_of_several_years_are_all_quoted_the_newest_first(asks):
    told = quotes(asks("How many swimmers were rescued?"))
    assert [quote.split()[0] for quote in told] == ["Seven", "Four"]


def test_rows_that_name_several_things_come_before_a_sentence_that_counts_them(asks):
    assert "Jens" in quotes(asks("Which lockers are broken?"))[0]


def test_the_latest_of_a_series_is_told_even_if_an_older_one_is_nearer(asks):
    answer = asks("latest minutes on the boat house")
    assert {one.source for one in answer.citations} == {"minutes-march.md"}


def test_a_list_whose_heading_is_asked_for_is_quoted_whole(asks):
    (quote,) = quotes(asks("What did the council of Norrviken decide?"))
    assert "library" in quote
    assert "Fireworks" in quote


def test_a_table_whose_heading_is_asked_for_is_quoted_row_by_row(asks):
    told = quotes(asks("Which lessons came out of the flood of May?"))
    assert [quote.split(" | ")[1] for quote in told] == ["Jens", "Olga", "Petra"]


def test_a_whole_list_begins_with_the_mark_of_its_first_item(asks):
    (quote,) = quotes(asks("What are the steps before I paddle off?"))
    assert quote.startswith("1. Sign the list")
    assert "\n3. Tell the staff" in quote


def test_what_relates_to_two_questions_is_told_once(asks):
    answer = asks("How many kayaks does the rental have and what does a lost paddle cost?")
    places = [(one.article, one.start) for one in answer.related]
    assert len(places) == len(set(places))


def test_a_summary_of_minutes_is_of_what_was_discussed(asks):
    told = quotes(asks("Summarise the minutes of the rowing club of 4 March 2025"))
    assert "The boat house will be painted green." in told
    assert not [quote for quote in told if quote.startswith(("In the chair", "Next meeting"))]


def test_a_summary_begins_with_the_subject_and_covers_the_longest_sections(asks):
    told = quotes(asks("What is the lease of the shed about?"))
    assert [quote.split()[0] for quote in told[:2]] == ["Between", "The"]
    assert "The shed at the slipway, of 40 square metres, with its winch." in told
    assert len(told) == 5
    assert not [quote for quote in told if "letter" in quote or "quay" in quote]


def test_what_was_discussed_at_a_meeting_is_a_summary_of_it(asks):
    told = quotes(asks("What was discussed at the village council of Norrviken?"))
    assert 3 <= len(told) <= 5
    assert "The mayor thanked the fire brigade." in told


def test_what_comes_next_is_told_by_the_newest_of_a_series(asks):
    assert quotes(asks("When is the next meeting of the rowing club?"))[0].startswith(
        "Next meeting: 1 April"
    )


def test_whether_something_still_holds_is_told_by_the_newest_of_a_series(asks):
    told = quotes(asks("Is the boat house still being painted?"))
    assert "green" in told[0]


def test_what_articles_of_two_dates_say_is_compared(asks):
    answer = asks("Compare the boat house in February 2025 and March 2025")
    assert {one.source for one in answer.citations} == {"minutes-march.md", "minutes-february.md"}


def test_a_day_without_a_year_is_the_last_one_that_articles_tell_of(asks):
    answer = asks("What colour will the boat house be painted by the minutes of 4 March?")
    assert "green" in quotes(answer)[0]


def test_a_day_without_a_year_may_be_long_ago(asks):
    assert "mast" in quotes(asks("What broke in the storm of 9 June?"))[0]


def test_the_rows_of_a_year_are_those_that_name_it(asks):
    told = " ".join(quotes(asks("Which rents of lockers end in 2026?")))
    assert "Olga" in told
    assert "Petra" in told
    assert "Jens" not in told


def test_the_second_of_two_questions_is_not_answered_with_what_the_first_one_was(asks):
    answer = asks("When do the showers close and what takes their place?")
    assert answer.parts[1].citations
    assert "A tent takes their place." in " ".join(quotes(answer))


def test_the_end_of_a_range_is_no_short_answer(asks):
    assert asks("When do the showers close?").short is None


@pytest.mark.parametrize(
    ("asked", "items"),
    [
        ("Was darf auf den Kompost?", ["Rasenschnitt", "Laub", "Kaffeesatz"]),
        ("Was darf nicht auf den Kompost?", ["Fleisch", "gekochte Speisen", "kranke Pflanzen"]),
    ],
)
def test_of_two_lists_that_say_the_opposite_the_one_asked_for_is_quoted(asks, asked, items):
    (told,) = quotes(asks(asked))
    assert [line.strip("- ") for line in told.splitlines()] == items


def test_an_item_that_says_nothing_alone_is_quoted_with_its_list(asks):
    assert "Speisen" in quotes(asks("Is meat allowed on the compost?"))[0]


def test_the_rows_that_a_comparison_names_are_both_quoted(asks):
    told = quotes(asks("Compare the fees of the boat and the sauna"))
    assert [quote.split(" |")[0] for quote in told] == ["boat per year", "sauna per evening"]
