from datetime import date

import pytest

from assistant.answer.quote.disagreement import disagreement
from assistant.answer.quote.excerpts import Excerpt
from tests.support.excerpts import found, question


def excerpt(text, article, language="en", wording=0.8):
    hit = found((text, 0.6), language=language, article=article, wordings=[wording])
    return Excerpt(hit, 0, 0, 1.0)


def told(asked, *texts, language="en"):
    """The facts that are stated differently in the texts, each in an article of its own."""
    excerpts = [
        excerpt(text, f"{i}", **({"language": language} | more))
        for i, (text, more) in enumerate((t, {}) if isinstance(t, str) else t for t in texts)
    ]
    return [one.fact.text for one in disagreement(question(asked, language), excerpts)]


@pytest.mark.parametrize(
    ("asked", "language", "one", "two", "facts"),
    [
        (
            "How many people died in the fire?", "en", "Fourteen people died in the fire.",
            "The fire at the mill killed sixteen.", ["Fourteen", "sixteen"],
        ),
        (
            "Quand le musée a-t-il ouvert ?", "fr", "Le musée a ouvert en 1987.",
            "Un collectionneur a ouvert le musée en 1991.", ["1987", "1991"],
        ),
        (
            "Wann wurde die Brücke gesperrt?", "de", "Am 4. Mai 2019 sperrte man die Brücke.",
            "Die alte Brücke ist am 11. Juni 2019 gesperrt worden.",
            ["4. Mai 2019", "11. Juni 2019"],
        ),
        (
            "What happened at the station?", "en",
            "At the old station a train left the rails and 23 passengers were hurt.",
            "At the old station a train left the rails and 31 passengers were hurt.", ["23", "31"],
        ),
    ],
)  # fmt: skip
def test_two_figures_or_dates_for_one_thing_are_told(asked, language, one, two, facts):
    assert told(asked, one, two, language=language) == facts


def test_articles_in_different_languages_can_disagree():
    french = ("La hauteur du barrage est de 112 mètres.", {"language": "fr"})
    assert told("How high is the dam?", "The dam is 96 metres high.", french) == [
        "96 metres",
        "112 mètres",
    ]


def under(heading, text, article, published=date(2024, 1, 2)):
    """The sentence ``text`` under a heading that holds half of the question's wording."""
    hit = found(
        (heading, 0.4), (text, 0.6), headings=(0,), language="en", article=article,
        wordings=[0.45, 0.2], published=published,
    )  # fmt: skip
    return Excerpt(hit, 1, 1, 1.0)


def test_sections_of_one_name_can_disagree():
    def differ(*headings):
        texts = ("The front desk keeps them for 30 days.", "We store what is found for 45 days.")
        rows = [under(*each, str(n)) for n, each in enumerate(zip(headings, texts, strict=True))]
        return disagreement(question("How long are things kept?", "en"), rows)

    assert [one.fact.text for one in differ("Lost umbrellas", "Lost umbrellas")] == [
        "30 days",
        "45 days",
    ]
    assert differ("Lost umbrellas", "Old files") == ()


def test_what_articles_of_one_series_say_at_other_times_is_no_disagreement():
    texts = ("The pool has 30 lockers.", "The pool has 45 lockers.")
    days = (date(2024, 1, 2), date(2024, 2, 2))
    rows = [under("Lockers", text, str(day), day) for text, day in zip(texts, days, strict=True)]
    assert disagreement(question("How many lockers are there?", "en"), rows) == ()


def test_what_a_thing_costs_is_a_figure():
    assert told("What does a locker cost?", "A locker costs 3 euros.", "A locker is 5 euros.") == [
        "3 euros",
        "5 euros",
    ]
    german = "Ein Fach kostet 3 Euro.", "Das Fach kostet 5 Euro."
    assert told("Was kostet ein Fach?", *german, language="de") == ["3 Euro", "5 Euro"]


def test_all_that_differ_from_the_first_are_told_once_an_article():
    texts = [f"In the fire {n} people died." for n in ("14", "16", "14", "19")]
    assert told("How many people died in the fire?", *texts) == ["14", "16", "19"]


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("The fire killed fourteen people.", "The fire killed 14 people."),
        ("The fire cost 738 people their homes.", "The fire cost some 700 people their homes."),
        ("The fire killed 14 people.", "The fire burnt for 3 days."),
        ("The fire killed 14 people.", "The fire burnt 1,200 books."),
        ("The fire killed 14 people.", "The fire hurt 16 and killed 14 people."),
        ("The fire of 1912 killed 14 people.", "The fire of 1987 killed 16 people."),
        ("In Lyon the fire killed 14 people.", "In Turin the fire killed 16 people."),
        ("In 1912 the mill burnt and 14 people died.", "The great fire of 1987 killed 16."),
        ("It was the 2nd fire of the year.", "It was the 3rd fire of the year."),
        ("The fire killed 14 people.", ("The fire killed 16 cows in a barn.", {"wording": 0.3})),
    ],
)
def test_different_figures_on_different_things_are_not_told(one, two):
    assert told("How many people were killed by the fire?", one, two) == []


def test_of_several_figures_those_that_count_the_same_are_compared():
    one, two = "It killed 14 people and 9 horses.", "It killed 16 people and 2 dogs."
    assert told("How many people did the fire kill?", one, two) == ["14", "16"]


def test_a_figure_and_a_date_do_not_contradict_each_other():
    one, two = "A fire killed 14 people on 5 May.", "A fire killed 16 people."
    assert told("What happened?", one, two) == []


def test_an_article_is_told_by_its_first_excerpt():
    first = excerpt("The fire killed 14 people.", "a")
    others = [excerpt(f"The fire killed {n} people.", "b") for n in (16, 19)]
    asked = question("How many people were killed?")
    assert [s.fact.text for s in disagreement(asked, [first, *others])] == ["14", "16"]


def test_a_rough_date_does_not_contradict_an_exact_one():
    assert told("When did it open?", "It opened in 2012.", "It opened on 5 July 2012.") == []
    assert told("When did it open?", "It opened in 2012.", "It opened on 5 July.") == []
    assert told("When did it open?", "It opened in 2012.", "It opened in July.") == []


def test_sentences_of_one_article_are_not_compared():
    hits = [excerpt("The fire killed 14 people.", "a"), excerpt("The fire killed 16 people.", "a")]
    assert disagreement(question("How many people were killed?"), hits) == ()


def test_what_is_not_quoted_counts_against_the_first_excerpt_only():
    first = excerpt("Nobody knows how it began.", "a")
    second = excerpt("The fire killed 14 people.", "b")
    rival = excerpt("The fire killed 16 people.", "c")
    asked = question("How many people were killed?")
    assert [s.fact.text for s in disagreement(asked, [second], [rival])] == ["14", "16"]
    assert disagreement(asked, [first, second], [rival]) == ()
