import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.language.sentences import LONGEST, halves, split_sentences

ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=400)
UNITS = (
    "The dog|M.|Dupont|« Oui|»|.|. |! |? |…| |\n|\n\n|\u2028|\0|你好。|नमस्ते।|مرحبا؟ |e\u0301|"
    '\ufeff|\u200b|👩\u200d👩\u200d👧|"|(|)|3.5|z. B.|U.S.|av. J.-C.|, |; |אבג|สวัสดี'
)
WRITING = st.lists(st.sampled_from(UNITS.split("|")), max_size=80).map("".join)
LANGUAGE = st.sampled_from(["en", "fr", "de", "zh", "ja", "ar", "hi", "th", "und", "xx"])


def sentences(text: str, language: str = "fr") -> list[str]:
    return [text[start:end] for start, end in split_sentences(text, language)]


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("fr", ["M. Dupont est là.", "Il a dit : « Oui. Non. »", "Puis il part."]),
        ("fr", ["Voir p. ex. la page 3.", "Le prix est de 3.5 millions."]),
        ("fr", ["Mme. Martin et le Dr. House partent.", "Vraiment ?!", "Oui."]),
        ("fr", ["En 753 av. J.-C., il règne.", "Ici, note F. Bluche, on rit."]),
        ("fr", ["Né le 3 janv. 2012 à Nice.", "L'U.S. Army arrive."]),
        ("en", ["The U.S. Army came.", "It cost $3.50.", "That was plan B.", "Then he left."]),
        ("en", ['He asked "Why? How?" twice.', "Mr. Smith met J. R. R. Tolkien."]),
        (
            "de",
            ["Das ist z. B. ein Test.", "Am 3. Oktober 1990 war es so weit.", "„Ja“, sagte er."],
        ),
        (
            "de",
            [
                "Auf dem 3. Stockwerk liegt die Küche.",
                "Am Ende des 19. Jahrhunderts.",
                "Es sind 12.",
            ],
        ),
        ("zh", ["今天天气很好。", "我们去公园吧！"]),
        ("ar", ["مرحبا بالعالم.", "كيف حالك؟"]),
        ("fr", ["Un hôtel 😀 à Kaboul 👩‍👩‍👧.", "Les Talibans ont attaqué."]),
        ("und", ["One sentence here.", "Another one there."]),
    ],
)
def test_sentences_end_where_a_reader_would_say(language: str, expected: list[str]) -> None:
    joint = "" if language == "zh" else " "
    assert sentences(joint.join(expected), language) == expected


def test_a_line_end_within_a_sentence_does_not_end_it() -> None:
    assert sentences("Les tensions entre\nles deux. Le renvoi.") == [
        "Les tensions entre\nles deux.",
        "Le renvoi.",
    ]


def test_a_long_quotation_is_split_into_its_sentences() -> None:
    said = ["« " + "Le premier point est très clair " * 5 + "pour tous."]
    said += ["Le deuxième " + "l'est beaucoup moins " * 6 + "pour nous. »"]
    assert sentences(" ".join(said) + " Il part.") == [*said, "Il part."]


def test_a_stray_mark_is_no_sentence_of_its_own() -> None:
    assert sentences("Il part.\n\n***\n\nElle reste.") == ["Il part.\n\n***", "Elle reste."]


@pytest.mark.parametrize(
    "unit", ["word ", "word, ", "{a:b};", "字", "ก", "e\u0301", "👩‍👩‍👧", "|x"]
)
def test_a_text_without_full_stops_is_cut_into_bearable_pieces(unit: str) -> None:
    text = unit * 1_000
    pieces = sentences(text)
    assert "".join("".join(pieces).split()) == "".join(text.split())
    assert max(map(len, pieces)) <= LONGEST
    assert min(map(len, pieces)) >= 20
    assert not any(unicodedata.combining(piece[0]) or piece[0] == "\u200d" for piece in pieces)
    assert not any(piece.endswith("\u200d") for piece in pieces)


def test_a_long_sentence_is_cut_after_a_comma_before_a_space() -> None:
    text = "alpha beta gamma delta epsilon, " * 40 + "end."
    assert all(piece.endswith((",", ".")) for piece in sentences(text, "en"))


def seconds(text: str) -> float:
    began = time.process_time()
    split_sentences(text, "fr")
    return time.process_time() - began


@pytest.mark.parametrize("unit", ["« a. ", "a. ", "- . ", "abc. Def, ", "(", '"a ', "a\n", "."])
def test_no_text_takes_more_than_linear_time(unit: str) -> None:
    text = unit * (320_000 // len(unit))
    assert seconds(text) < 30 * seconds(text[:40_000]) + 0.5  # linear: 8 times; quadratic: 64


@pytest.mark.parametrize("text", ["One two, three four five six seven eight.", "字" * 50, "ab"])
def test_halves_hold_the_whole(text: str) -> None:
    left, right = halves(text, (0, len(text)))
    assert left[0] == 0
    assert right[1] == len(text)
    assert text[left[1] : right[0]].strip() == ""
    assert halves("a", (0, 1)) == [(0, 1)]


@pytest.mark.parametrize(
    ("language", "sentences"),
    [
        ("de", ["Der Raum liegt auf dem 3. Stockwerk.", "Er ist groß."]),
        ("de", ["Das war am Ende des 19. Jahrhunderts so.", "Der 1. Vorsitzende sprach."]),
        ("de", ["Sie wohnt im 3. und 4. Stock.", "Er wohnt im 3.", "Das ist hoch."]),
        ("de", ["Das Schiff hat Platz 3.", "Die Stadt wuchs bis 1990.", "Danach nicht."]),
        ("de", ["Bundesgesetzbl. I S. 2 gilt.", "Nach BGBl. I S. 1234 gilt es."]),
        ("de", ["Die Fa. Müller liefert ca. 20 Stück.", "Siehe Nr. 5."]),
        ("en", ["See no. 5 of the list.", "It weighs approx. 5 kg.", "Eq. 5 holds."]),
        ("fr", ["Il habite au no. 5.", "Elle aussi."]),
        ("es", ["Aprox. 30 días.", "El núm. 3 vale."]),
    ],
)
def test_numbers_and_abbreviations_before_them_end_no_sentence(
    language: str, sentences: list[str]
) -> None:
    text = " ".join(sentences)
    assert [text[start:end] for start, end in split_sentences(text, language)] == sentences


@given(ANY_TEXT | WRITING, LANGUAGE)
def test_sentences_hold_every_word_once_in_order(text: str, language: str) -> None:
    found = split_sentences(text, language)
    position = 0
    for start, end in found:
        assert position <= start < end <= len(text)
        assert text[start:end] == text[start:end].strip()
        assert text[position:start].strip() == ""
        position = end
    assert text[position:].strip() == ""


@given(WRITING, LANGUAGE)
def test_the_same_text_gives_the_same_sentences(text: str, language: str) -> None:
    assert split_sentences(text, language) == split_sentences(text, language)


@given(
    st.lists(
        st.sampled_from(["e\u0301", "👩\u200d👩\u200d👧", "n\u0303. ", "!\ufe0f ", "क्षि। "]),
        max_size=300,
    )
)
def test_no_character_as_a_reader_sees_it_is_divided(units: list[str]) -> None:
    text = "".join(units)
    for start, _ in split_sentences(text, "hi"):
        assert unicodedata.category(text[start]) not in ("Mn", "Mc", "Me", "Cf")
