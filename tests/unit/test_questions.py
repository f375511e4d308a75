import pytest

from assistant.answer.questions import questions_in, without_introduction


def texts(message, language="en"):
    return [one.text for one in questions_in(message, language)]


@pytest.mark.parametrize(
    ("language", "message", "parts"),
    [
        ("en", "When does it start and how much did it cost?", 2),
        ("en", "How long does the battery last with GPS on, and is it waterproof?", 2),
        ("fr", "Quand commencent les travaux et combien de temps durent-ils ?", 2),
        ("fr", "Combien coûte la carte et avant quelle date faut-il s'inscrire ?", 2),
        ("de", "Wie hoch ist die Miete und wann ist sie fällig?", 2),
        ("es", "¿Dónde está la oficina y quién atiende a los visitantes?", 2),
        ("pl", "Gdzie jest biuro? Kto przyjmuje gości?", 2),
        ("de", "Was kostet die Karte, und bis zu welchem Alter ist sie frei?", 2),
        ("de", "Welche Aufgaben wurden verteilt und an wen?", 1),
        ("fr", "Y a-t-il une prime pour ce service, et de combien ?", 1),
        ("en", "Who pays for the school and the buses?", 1),
        ("en", "Which is heavier, the old one or the new one?", 1),
        ("en", "What is the difference between the first and what came after?", 1),
        ("de", "Was muss ich tun, wenn es brennt und niemand da ist?", 1),
        ("en", "battery life GPS", 1),
    ],
)
def test_as_many_questions_as_are_asked(language, message, parts):
    assert len(texts(message, language)) == parts


def test_each_is_a_question_by_itself():
    assert texts("Where is the office and who looks after guests there?") == [
        "Where is the office?",
        "who looks after guests there?",
    ]


def test_what_is_told_before_is_no_question_but_kept():
    (one,) = questions_in("Hello! I have a Beacon 2. Is it waterproof?", "en")
    assert one.text == "Is it waterproof?"
    assert one.before == "Hello! I have a Beacon 2."


def test_a_message_that_asks_nothing_is_taken_whole():
    assert texts("Tell me the price. Thanks.") == ["Tell me the price. Thanks."]


@pytest.mark.parametrize(
    ("language", "asked", "plain"),
    [
        ("en", "Could you tell me how long it lasts?", "how long it lasts?"),
        ("fr", "Je voudrais savoir quand cela commence ?", "quand cela commence ?"),
        ("de", "Guten Tag, können Sie mir sagen, wann Kernzeit ist?", "wann Kernzeit ist?"),
        ("es", "Quisiera saber cuánto cuesta el cambio", "cuánto cuesta el cambio"),
    ],
)
def test_an_introduction_may_be_left_out(language, asked, plain):
    assert plain in list(without_introduction(asked, language))


@pytest.mark.parametrize("asked", ["What must I do when it burns?", "In which town does he live?"])
def test_a_question_that_begins_at_once_is_left_as_it_is(asked):
    assert list(without_introduction(asked, "en")) == []
