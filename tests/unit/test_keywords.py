import pytest

from assistant.language.keywords import fold, terms, words


def test_words_are_in_lower_case_and_keep_their_accents():
    assert words("L'Été à  São-Paulo, 2012!") == ["l", "été", "à", "são", "paulo", "2012"]


def test_scripts_without_spaces_give_pairs_of_characters():
    assert words("東京都 AI 語") == ["東京", "京都", "ai", "語"]


def test_vowel_signs_and_points_are_within_words():
    assert words("किताब का किराया") == ["किताब", "का", "किराया"]
    assert words("בְּתֵל") == ["בְּתֵל"]
    assert words("ລາວ") == ["ລາ", "າວ"]


@pytest.mark.parametrize(
    ("language", "one", "other"),
    [
        ("fr", "tensions", "tension"),
        ("en", "keepers", "keeper"),
        ("de", "Häuser", "häuser"),
        ("fr", "événement", "EVENEMENT"),
        ("ru", "города", "город"),
    ],
)
def test_forms_of_a_word_are_one_term(language, one, other):
    assert terms(one, language) == terms(other, language)


def test_a_language_without_a_stemmer_keeps_whole_words():
    assert terms("Vysoké mosty mosty", "cs") == ["vysoke", "mosty", "mosty"]


def test_terms_are_safe_in_a_full_text_query():
    assert all(t.isalnum() for t in terms('He said: "a" OR b* NEAR(c) ^d -e ½ ²', "en"))


def test_what_folding_would_leave_empty_stays():
    assert fold("é") == "e"
    assert fold("ː") == "ː"
