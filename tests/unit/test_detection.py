import pytest

from assistant.language.detection import (
    LANGUAGES,
    detect_language,
    detect_question_language,
    language_code,
    language_probability,
)
from assistant.models.article import UNKNOWN_LANGUAGE

ARTICLES = {
    "en": "The council decided on Tuesday to rebuild the old bridge before winter comes.",
    "fr": "Le conseil a décidé mardi de reconstruire le vieux pont avant l'arrivée de l'hiver.",
    "de": "Der Rat beschloss am Dienstag, die alte Brücke noch vor dem Winter neu zu bauen.",
    "es": "El consejo decidió el martes reconstruir el viejo puente antes del invierno.",
    "ja": "市議会は火曜日、冬が来る前に古い橋を建て直すことを決めた。",
    "ar": "قرر المجلس يوم الثلاثاء إعادة بناء الجسر القديم قبل حلول الشتاء.",
    "ru": "Совет решил во вторник восстановить старый мост до наступления зимы.",
}


@pytest.mark.parametrize(("language", "text"), ARTICLES.items())
def test_an_article_is_recognised(language: str, text: str) -> None:
    assert detect_language(text) == language
    assert detect_language(text.replace(" ", "\n")) == language
    assert language in LANGUAGES


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("Why did tensions rise?", "en"),
        ("Which frame contracts do we have?", "en"),
        ("Welcher Kurs dauert am längsten?", "de"),
        ("ChatGPT Plus costs thirty dollars a month.", "en"),
        ("ChatGPT Plus cuesta treinta dólares al mes.", "es"),
        ("Ce premiu a câștigat Marlee Matlin?", "ro"),
        ("WHY DID TENSIONS RISE?", "en"),
        ("Qui est Benioff ?", "fr"),
        ("Was ist Stargate?", "de"),
        ("¿Quién es Benioff?", "es"),
        ("Chi è Benioff?", "it"),
        ("なぜですか？", "ja"),
        ("为什么？", "zh"),
        ("Почему?", "ru"),
    ],
)
def test_a_short_question_is_recognised(question: str, language: str) -> None:
    assert detect_question_language(question) == language


@pytest.mark.parametrize(
    "text", ["", "   ", "?", "2024?", "OpenAI", "Stargate Oracle SoftBank", "Mustafa Suleyman"]
)
def test_what_is_in_no_language_is_undetermined(text: str) -> None:
    assert detect_question_language(text) == UNKNOWN_LANGUAGE
    assert detect_language(text) == UNKNOWN_LANGUAGE


def test_a_language_of_no_model_is_undetermined_rather_than_its_neighbour() -> None:
    walloon = "Li walon, c' est on lingaedje k' on cåze el Walonreye eyet dins l' payis."
    assert detect_language(walloon) not in LANGUAGES - {"fr"}


@pytest.mark.parametrize(
    "text", ["a\x00b what is this here", "\ud800 what is this here?", "x" * 9**6]
)
def test_no_text_breaks_the_detector(text: str) -> None:
    assert detect_question_language(text) in LANGUAGES | {UNKNOWN_LANGUAGE}


def test_writing_is_more_probable_than_wrongly_decoded_bytes() -> None:
    right = "déjà élevés à côté des forêts"
    wrong = right.encode("cp1252").decode("cp1250")
    assert language_probability(right, "fr") > language_probability(wrong, "fr")
    assert 0 <= language_probability("", UNKNOWN_LANGUAGE) <= 1


@pytest.mark.parametrize(
    ("name", "code"),
    [("fr", "fr"), ("fr-CA", "fr"), ("pt_BR", "pt"), (" EN ", "en"), ("nb-NO", "no")],
)
def test_a_declared_language_becomes_its_code(name: str, code: str) -> None:
    assert language_code(name) == code


@pytest.mark.parametrize("name", [None, "", "French", "xx", "x-default"])
def test_an_unknown_declaration_is_none(name: str | None) -> None:
    assert language_code(name) is None
