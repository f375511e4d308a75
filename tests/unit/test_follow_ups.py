import pytest

from assistant.answer.questions import understand
from assistant.models.conversation import Turn
from assistant.models.filters import EVERYTHING, Filters
from assistant.search.follow_ups import _leans, in_context, needs_context, with_story

LIGHTHOUSE = [
    Turn("user", "When was the lighthouse of Cordouan finished?"),
    Turn("assistant", "It was finished in 1611 after twenty-seven years of work. [1]"),
]


@pytest.fixture
def retriever(three_articles):
    return three_articles._asking.retriever(three_articles._answering())


LEANING = [
    "And what did he say then?",
    "Who paid for it?",
    "Was that a record?",
    "Et pour les plus riches ?",
    "De quoi se nourrit-il ?",
    "Quelle est sa longueur ?",
    "Und wie hießen sie?",
    "Warum ist ihr Bauch orange?",
    "¿Y ahora?",
    "¿Cuántas galerías tiene?",
    "What about the keepers?",
    "How long does that take?",
    "Wie lange dauert das?",
]
STANDING_ALONE = [
    "How did Google answer the arrival of ChatGPT?",
    "What did OpenAI's employees threaten to do when their boss was sacked?",
    "Qui sont les fondateurs d’Anthropic ?",
    "Quelle adversaire Serena Williams a-t-elle battue pour gagner Wimbledon en 2012 ?",
    "Wie viel Geld steckte Microsoft 2019 in OpenAI?",
    "¿Cuál es la principal causa no natural de muerte del lince ibérico?",
]


def test_a_question_needs_its_context_if_it_does_not_say_what_it_is_about(retriever):
    told = [q for q in LEANING if not needs_context(retriever.understand(q))]
    assert told == []
    leaning = [q for q in STANDING_ALONE if needs_context(retriever.understand(q))]
    assert leaning == []


def test_a_follow_up_is_answered_about_what_was_asked_before(three_articles):
    alone = three_articles.ask("And when did the last ones leave?")
    answer = three_articles.ask("And when did the last ones leave?", LIGHTHOUSE)
    assert "Its last keepers left the tower in 2012." in answer.citations[0].quote
    assert answer.question == "And when did the last ones leave?"
    assert answer.understood == ""
    assert alone.understood == ""


def test_and_before_a_question_is_no_introduction(retriever):
    asked = "And in the year of the war, how many keepers were there?"
    [(question, _)] = understand(retriever, asked, LIGHTHOUSE, EVERYTHING)
    assert (question.text, question.earlier) == (asked, LIGHTHOUSE[0].content)


@pytest.mark.parametrize("asked", ["Was that a record?", "War dies ein Rekord?"])
def test_this_and_that_stand_for_what_was_said(retriever, asked):
    assert _leans(retriever.understand(asked))
    assert not _leans(retriever.understand("Was Corbin a record?"))


def test_a_new_subject_is_not_dragged_to_the_old_one(three_articles):
    question = "Wie viel Honig erntet ein Imker je Bienenstock?"
    answer = three_articles.ask(question, LIGHTHOUSE)
    assert answer.understood == ""
    assert answer.citations == three_articles.ask(question).citations


@pytest.mark.parametrize(
    "question",
    [
        "Why is the sea salty?",
        "Who is the head of human resources?",
        "Pourquoi le chat ronronne-t-il ?",
        "Wann öffnet das Museum?",
        "¿Por qué el cielo es azul?",
    ],
)
def test_a_short_question_on_another_subject_stands_alone(assistant, question):
    history = [Turn("user", "Why did tensions rise between Microsoft and OpenAI?")]
    answer, alone = assistant.ask(question, history), assistant.ask(question)
    assert answer.understood == ""
    assert (answer.refused, answer.citations) == (alone.refused, alone.citations)


def test_a_short_question_goes_on_where_both_lead_to_one_article(assistant):
    history = [Turn("user", "Who leads CoreAI at Microsoft?")]
    answer = assistant.ask("What does that group build?", history)
    assert "CoreAI" in answer.citations[0].quote


def test_what_is_filtered_out_has_no_say_in_whether_a_question_stands_alone(assistant):
    history = [Turn("user", "Who leads CoreAI at Microsoft?")]
    retriever = assistant._asking.retriever(assistant._answering())
    alone, _ = in_context(retriever, "How old is the mechanism?", history)
    assert "coreai" not in alone.words.words
    only = Filters(source="sciences/antikythera-mechanism.md")
    joined, _ = in_context(retriever, "How old is the mechanism?", history, only)
    assert "coreai" in joined.words.words


def test_a_pronoun_that_repeats_its_own_subject_stands_for_nothing_before(retriever):
    told = "De quoi se nourrit-il ?", "Combien de temps leur a-t-il fallu ?"
    own = "Pourquoi le chat ronronne-t-il ?", "Combien l’œuvre a-t-elle coûté ?"
    assert [_leans(retriever.understand(q)) for q in (*told, *own)] == [
        True, True, False, False,
    ]  # fmt: skip


def test_a_follow_up_on_a_follow_up_goes_back_to_what_stands_alone(retriever):
    history = [*LIGHTHOUSE, Turn("user", "Why?"), Turn("assistant", "…")]
    question, _ = in_context(retriever, "And who left it?", history)
    assert "cordouan" in question.words.words


@pytest.mark.parametrize(
    ("before", "question", "whole"),
    [
        ("What did the tower cost in 2024?", "And in 2022?", "What did the tower cost in 2022?"),
        ("Wo ist das Büro in Paris?", "Und in Berlin?", "Wo ist das Büro in Berlin?"),
        ("Qui a gagné en 2023 ?", "Et en 2021 ?", "Qui a gagné en 2021 ?"),
        ("Who led it in Paris?", "What about Berlin?", "Who led it in Berlin?"),
        ("Qui a gagné en 2023 ?", "Qu’en est-il de 2021 ?", "Qui a gagné en 2021 ?"),
        ("How much did Amazon promise Anthropic?", "And Google?", ""),
        ("How much honey does one beehive give in a year?", "And in winter?", ""),
    ],
)  # fmt: skip
def test_a_question_of_a_date_or_name_alone_is_the_one_before_with_it(
    retriever, before, question, whole
):
    understood, shown = in_context(retriever, question, [Turn("user", before)])
    assert shown == whole
    assert understood.text == whole or understood.words.words


def test_a_question_with_a_pronoun_is_about_the_story_told_before_it(three_articles):
    story = "My aunt keeps bees and gave me a hive with all that belongs to it."
    answer = three_articles.ask(f"{story} How many kilos can I expect from it?")
    assert answer.citations[0].source == "bees.md"


def test_a_question_without_a_pronoun_needs_no_story(retriever):
    assert with_story(retriever, "When was the lighthouse finished?", "I like bees.") is None


def test_the_first_question_has_no_context(retriever):
    question, shown = in_context(retriever, "Who left it?", [Turn("assistant", "Hello.")])
    assert (question.text, shown) == ("Who left it?", "")


def test_a_follow_up_too_short_to_tell_its_language_has_that_of_the_conversation(retriever):
    history = [Turn("user", "Quand le phare de Cordouan a-t-il été achevé ?")]
    assert retriever.understand("Alors Cordouan ?").language == "und"
    question, _ = in_context(retriever, "Alors Cordouan ?", history)
    assert question.language == "fr"


def test_a_follow_up_goes_back_no_further_than_to_a_short_question_that_stands_alone(assistant):
    retriever = assistant._asking.retriever(assistant._answering())
    asked = ["Who leads CoreAI at Microsoft?", "Why is the sea salty?"]
    question, _ = in_context(retriever, "And who measured it?", [Turn("user", q) for q in asked])
    assert question.earlier == asked[1]
