"""Numbers, dates and names: found in four languages, and held across them."""

import time

import pytest

import assistant.language.facts as of_facts
from assistant.language.detection import LANGUAGES
from assistant.language.facts import Fact, Kind, facts, holds
from assistant.language.facts.relative import resolved
from assistant.language.sentences import split_sentences
from assistant.models.article import UNKNOWN_LANGUAGE
from tests.support.reading import read_article
from tests.support.repository import CORPUS


def values(text, language, kind):
    return [
        (f.value, f.unit) if f.unit else f.value for f in facts(text, language) if f.kind is kind
    ]


def held(evidence, language, asked, asked_language):
    """What of ``asked`` the evidence holds, by its text."""
    given = facts(evidence, language)
    return {fact.text: holds(given, fact) for fact in facts(asked, asked_language)}


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("fr", "un milliard de dollars", [("1000000000", "USD")]),
        (
            "en",
            "$1 billion, €5m and 3.5 bn",
            [("1000000000", "USD"), ("5000000", "EUR"), "3500000000"],
        ),
        ("fr", "1 billion", ["1000000000000"]),
        ("en", "1 trillion", ["1000000000000"]),
        ("es", "dos mil millones de euros y un billón", [("2000000000", "EUR"), "1000000000000"]),
        ("de", "1,3 Milliarden Euro", [("1300000000", "EUR")]),
        ("fr", "trois millions", ["3000000"]),
        ("en", "two hundred", ["200"]),
        ("de", "einundzwanzig", ["21"]),
        ("fr", "quatre-vingt-dix-sept", ["97"]),
        ("fr", "340 000 donateurs", ["340000"]),
        ("fr", "340\u202f000 donateurs", ["340000"]),
        ("en", "340,000 donors", ["340000"]),
        ("de", "340.000 Spender, 2,5 Liter", ["340000", ("2.5", "liter")]),
        ("es", "1.234,5 km", [("1234.5", "kilometer")]),
        ("en", "1,234.5 km", [("1234.5", "kilometer")]),
        ("en", "6% or six percent", [("6", "%"), ("6", "%")]),
        ("de", "sechs Prozent", [("6", "%")]),
        ("fr", "six pour cent, cinq ans et demi", [("6", "%"), ("5.5", "year")]),
        ("en", "half a million; three and a half months", ["500000", ("3.5", "month")]),
        ("de", "dreieinhalb Monate", [("3.5", "month")]),
        ("fr", "une cinquantaine de kilomètres", [("50", "kilometer")]),
        ("en", "a dozen eggs, dozens of hens, thousands of ducks", ["12"]),
        ("en", "an eight-tonne scanner", [("8", "tonne")]),
        ("fr", "au XXe siècle", [("20", "century")]),
        ("en", "in the 20th century", [("20", "century")]),
        ("es", "el siglo XX", [("20", "century")]),
        ("en", "two decades", [("20", "year")]),
        ("en", "one of them came first", []),
        ("fr", "un homme et une femme", []),
        ("en", "the third time", [("3", "ordinal")]),
        ("en", "version 1.2.3", []),
        ("en", "GPT-4, L2 and WASP-39 b", []),
        ("en", "invested $1 billion in it", [("1000000000", "USD")]),
    ],
)
def test_numbers(language, text, expected):
    assert values(text, language, Kind.NUMBER) == expected


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("fr", "le 5 juillet 2012", ["2012-07-05"]),
        ("fr", "le 1er janvier 1840", ["1840-01-01"]),
        ("en", "July 5, 2012; on July 5; July 2012", ["2012-07-05", "--07-05", "2012-07"]),
        ("en", "5 July 2012; the 5th of July", ["2012-07-05", "--07-05"]),
        ("de", "am 5. Juli 2012, im Juli", ["2012-07-05", "--07"]),
        ("es", "el 5 de julio de 2012; en julio de 2012", ["2012-07-05", "2012-07"]),
        ("en", "2012-07-05 and 7/5/2012", ["2012-07-05", "2012-07-05"]),
        ("fr", "05/07/2012", ["2012-07-05"]),
        ("de", "05.07.2012", ["2012-07-05"]),
        (
            "en",
            "mid-2023, early 2023, late May 2023",
            [("2023", "mid"), ("2023", "early"), ("2023-05", "late")],
        ),
        (
            "fr",
            "mi-2023, fin 2023, au milieu de l’année 2023",
            [("2023", "mid"), ("2023", "late"), ("2023", "mid")],
        ),
        (
            "de",
            "Mitte 2023, Ende 2023, Anfang Mai",
            [("2023", "mid"), ("2023", "late"), ("--05", "early")],
        ),
        ("es", "a mediados de 2023", [("2023", "mid")]),
        ("en", "spring 2023, the winter of 2023", [("2023", "spring"), ("2023", "winter")]),
        ("de", "Winterhalbjahr 2023/24, 2023/06", ["2023", "2023"]),
        ("en", "the 1970s", ["197X"]),
        ("fr", "les années 1970", ["197X"]),
        ("de", "in den siebziger Jahren, die 1970er Jahre", ["197X", "197X"]),
        ("en", "on Friday at 14:30", ["-W-5", "T14:30"]),
        ("en", "from 7:30 to 10 a.m. and at 2pm", ["T07:30", "T10:00", "T14:00"]),
        ("de", "von 8 Uhr bis 17.30 Uhr", ["T08:00", "T17:30"]),
        ("en", "They may march in May.", ["--05"]),
        ("fr", "La planète Mars, en mars", ["--03"]),
        ("en", "Who won the 2014 race?", ["2014"]),
    ],
)
def test_dates(language, text, expected):
    assert values(text, language, Kind.DATE) == expected


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("en", "Sam Altman's firm met Charles de Gaulle.", ["sam altman", "charles de gaulle"]),
        ("fr", "L’avis de Karén Simonyan et de Nvidia", ["karen simonyan", "nvidia"]),
        ("en", "The deal with OpenAI was new.", ["openai"]),
        ("en", "According to Microsoft, they agreed.", ["microsoft"]),
        ("en", "GPT-4 and MAI-1", ["gpt-4", "mai-1"]),
        ("en", "a trip to New York", [("new york", "America/New_York")]),
        ("fr", "L’alliance n’est pas rompue.", []),
        (
            "fr",
            "la Néerlandaise Sharon van Rouwendaal",
            [("neerlandaise", "NL nl"), "sharon van rouwendaal"],
        ),
        ("en", "in the U.S. and Germany", [("u.s", "US"), ("germany", "DE")]),
        ("de", "Die Koalition von Olaf Scholz", ["koalition", "olaf scholz"]),
    ],
)
def test_names(language, text, expected):
    assert values(text, language, Kind.NAME) == expected


def test_a_name_is_uncertain_where_its_capital_may_mean_nothing():
    certain = {f.text: f.certain for f in facts("Tensions rose. The rise of Musk ended.", "en")}
    assert certain == {"Tensions": False, "Musk": True}
    german = {f.text: f.certain for f in facts("Die Koalition von Angela Merkel und OpenAI", "de")}
    assert german == {"Koalition": False, "Angela Merkel": True, "OpenAI": True}


@pytest.mark.parametrize(
    ("evidence", "language", "asked", "asked_language", "expected"),
    [
        ("1 milliard", "fr", "1 billion", "en", True),
        ("1 billion", "fr", "1 billion", "en", False),
        ("trente dollars", "fr", "$30", "en", True),
        ("trente dollars", "fr", "30 euros", "en", False),
        ("dix kilomètres", "fr", "10 km", "en", True),
        ("dix kilomètres", "fr", "10 miles", "en", False),
        ("mi-2023", "fr", "mid-2023", "en", True),
        ("mi-2023", "fr", "late 2023", "en", False),
        ("août 2023", "fr", "late 2023", "en", True),
        ("le 5 juillet 2012", "fr", "2012", "en", True),
        ("2012", "fr", "5 July 2012", "en", False),
        ("le 20 novembre; en 2023", "fr", "20 November 2023", "en", True),
        ("le 28 août 2023", "fr", "a Monday", "en", True),
        ("le 28 août 2023", "fr", "a Tuesday", "en", False),
        ("en 1975", "fr", "the 1970s", "en", True),
        ("en 1975", "fr", "the 20th century", "en", True),
        ("à Londres", "fr", "London", "en", True),
        ("en Allemagne", "fr", "Germany", "en", True),
        ("la presse allemande", "fr", "the German press", "en", True),
        ("l’autorité britannique", "fr", "the British authority", "en", True),
        ("die russischen Truppen", "de", "Russian troops in Russia", "en", True),
        ("Angela Merkel", "de", "Merkel", "en", True),
        ("mit Merkel", "de", "Angela Merkel", "en", True),
        ("Dario Amodei", "en", "Daniela Amodei", "en", False),
        ("Vladimir Poutine", "fr", "Vladimir Putin", "en", True),
        ("Sam Altman", "en", "Elon Musk", "en", False),
        ("en Autriche", "fr", "Australia", "en", False),
        ("the World Economic Forum", "en", "WEF", "fr", True),
        ("GPT-4", "fr", "GPT-3", "en", False),
    ],
)
def test_facts_are_held_across_languages(evidence, language, asked, asked_language, expected):
    answers = held(evidence, language, asked, asked_language)
    assert answers
    assert all(answers.values()) is expected


def test_what_the_reader_is_to_work_out_is_resolved():
    texts = [
        "Le 30 novembre 2022, la page ouvre.",
        "Cinq jours plus tard, il parle.",
        "Le lendemain, tout change, et le 20 décembre aussi.",
        "Fondée en 2010, elle est vendue quatre ans plus tard.",
    ]
    found = resolved(texts, [facts(text, "fr") for text in texts])
    assert [[fact.value for fact in some] for some in found] == [
        ["2022-11-30"],
        ["2022-12-05"],
        ["2022-12-06", "2022-12-20"],
        ["2010", "2014"],
    ]


def test_every_fact_of_the_corpus_is_where_it_says_and_apart_from_the_others():
    seen = 0
    for path in sorted(CORPUS.rglob("*.*")):
        if path.suffix == ".jsonl":
            continue
        article = read_article(path, path.name)
        for start, end in split_sentences(article.text, article.language):
            text = article.text[start:end]
            last = 0
            for fact in facts(text, article.language):
                assert text[fact.start : fact.end] == fact.text
                assert fact.start >= last
                last = fact.end
                seen += 1
    assert seen > 700


@pytest.mark.parametrize("language", sorted({*LANGUAGES, UNKNOWN_LANGUAGE}))
def test_every_language_gives_figures_and_never_fails(language):
    text = "Москва 1991. OpenAI 2 500. 微软 2019年. A b. ́ ²³ Ⅷ 400"
    known = facts(text, language)
    assert {"1991", "2500"} <= {fact.value for fact in known}
    assert known[-1].unit == ""


def test_a_sentence_takes_no_time_to_speak_of():
    text = "Le 22 juillet 2019, Microsoft annonce qu’il place {} milliards de dollars dans OpenAI."
    facts(text, "fr")
    begun = time.process_time()
    for number in range(200):
        facts(text.format(number), "fr")
    assert (time.process_time() - begun) / 200 < 0.001


def test_facts_can_be_made_by_hand():
    assert holds([Fact(Kind.NUMBER, 0, 1, "3", "3")], Fact(Kind.NUMBER, 0, 5, "three", "3"))


def test_a_number_of_any_length_is_compared():
    asked = facts(f"What was built in the {'1' * 400}th century?", "en")
    assert not any(holds(facts("It was built in 1990.", "en"), fact) for fact in asked)
    assert held("It was built in 1890.", "en", "in the 19th century", "en") == {
        "19th century": True
    }


def test_texts_full_of_facts_do_not_fill_the_memory():
    crowded = [f"{number}; " * 100 for number in range(300)]
    for text in crowded:
        assert len(facts(text, "en")) == 100
    assert of_facts._few.cache_info().maxsize * of_facts._FULL < 1_000_000
    assert of_facts._many.cache_info().currsize <= of_facts._REMEMBERED_FULL
    assert of_facts._few(crowded[0], "en") is None
