"""What is said to the assistant, and asked about its library."""

from pathlib import Path

import pytest

from assistant.access import Principal
from assistant.answer.talk import examples as module
from assistant.answer.talk import intents
from assistant.answer.talk.examples import GAP, Intent, examples
from assistant.answer.talk.phrases import without_courtesies
from assistant.assistant import Assistant
from assistant.embedding import Embedder
from assistant.language.reference import reference_sentences
from assistant.models.conversation import Turn
from assistant.support.errors import LexiconError
from assistant.support.settings import Settings

ASKED = "When was the lighthouse of Cordouan finished?"
ANSWERED = [Turn("user", ASKED), Turn("assistant", "It was finished in 1611. [1]")]


@pytest.mark.parametrize(
    ("said", "starts"),
    [
        ("Hello", "Hello!"),
        ("hey, good evening", "Hello!"),
        ("Merci beaucoup !", "Je vous en prie."),
        ("Tschüss und bis morgen", "Auf Wiedersehen"),
        ("¿Quién eres?", "Soy el asistente"),
        ("Bonjour, que peux-tu faire pour moi ?", "Je réponds aux questions"),
        ("Sprichst du Portugiesisch?", "Fragen Sie in jeder Sprache"),
        ("Are you quite sure about it?", "I add nothing of my own"),
        ("Could you explain it in a simpler way?", "I can only quote"),
        ("Yes", "What would you like to know?"),
        ("Kiitos paljon", "You are welcome."),
        ("你会做什么?", "I answer questions from the articles"),
        ("ciao, chi sei?", "I am the assistant"),
        ("dzien dobry, kim jestes", "I am the assistant"),
        ("Was kannst du? Danke!", "Ich beantworte Fragen"),
        ("дякую", "You are welcome."),
        ("arrivederci", "Goodbye"),
    ],
)
def test_talk_is_answered_in_the_assistants_own_words(three_articles, said, starts):
    answer = three_articles.ask(said)
    assert answer.lead_in.startswith(starts)
    assert not answer.refused
    assert answer.sentences == answer.citations == answer.nearest == ()
    assert answer.text.startswith(answer.lead_in)


@pytest.mark.parametrize(
    "question",
    [
        "Hello, when was the lighthouse of Cordouan finished?",
        "Guten Tag, wie hoch steigt das Wasser in der Bucht von Fundy?",
        "Merci ! Combien de miel récolte un apiculteur par ruche ?",
        "How many documents must I bring?",
        "Who wrote the opera?",
        "Which language do people speak on the island?",
        "In welchen Sprachen bedienen wir Kunden?",
        "What are the action items from the inspection on 4 March?",
        "Who is the CEO of Microsoft AI?",
        "Wer leitet Microsoft AI?",
        "What can AI do?",
    ],
)
def test_questions_about_content_are_no_talk(three_articles, question):
    answer = three_articles.ask(question)
    assert answer.refused or answer.citations


@pytest.mark.parametrize(
    ("question", "told", "named"),
    [
        ("How many documents do you have?", "3 articles", []),
        ("Combien d’articles y a-t-il ?", "3 articles", []),
        ("Wie viele Artikel kennst du?", "3 Artikel", []),
        ("Which documents do you have about keepers?", "“keepers”: 1", ["lighthouse.txt"]),
        ("Which documents do you have in sea?", "“sea”: 1 article", ["sea/tides.md"]),
        ("Welche Dokumente hast du zum Mond?", "„Mond“: 1 Artikel", ["sea/tides.md"]),
        ("Combien d’articles y a-t-il sur le miel ?", "« miel » : 1 article", ["bees.md"]),
        ("Do you have anything on nuclear fusion?", "no article about “nuclear fusion”", []),
        (
            "Quels documents as-tu sur la récolte d'abeilles ?",
            "« récolte d'abeilles »",
            ["bees.md"],
        ),
        ("Which documents do you have about the harvest of honey?", "honey”: 1", ["bees.md"]),
        ("What is the newest article?", "2 May 2024", ["bees.md"]),
        ("Which articles are from 2023?", "Of 2023: 1 article", ["sea/tides.md"]),
        ("List the documents of March 1999", "No article is dated March 1999", []),
        ("Was ist neu seit Februar 2024?", "Seit Februar 2024: 1 Artikel", ["bees.md"]),
        ("Liste tous les articles", "3 articles", ["bees.md", "lighthouse.txt", "sea/tides.md"]),
    ],
)
def test_questions_about_the_documents_are_answered_from_the_library(
    three_articles, question, told, named
):
    answer = three_articles.ask(question)
    assert told in answer.lead_in
    assert sorted(one.source for one in answer.articles) == named
    assert answer.citations == ()
    for one in answer.to_json().get("articles", []):
        assert three_articles.article(one["article"]).title == one["title"]
        assert f"- {one['title']} ({one['source']})" in answer.text


@pytest.mark.parametrize(
    ("question", "told"),
    [
        ("In which article?", "In “The lighthouse of Cordouan” (file lighthouse.txt)."),
        ("Who wrote it?", "“The lighthouse of Cordouan” does not name its author."),
        ("From when is it?", "“The lighthouse of Cordouan” says no date."),
        ("Yes, please", "What more would you like to know from “The lighthouse of Cordouan”?"),
    ],
)
def test_the_article_of_the_answer_before_is_known(three_articles, question, told):
    answer = three_articles.ask(question, ANSWERED)
    assert told in answer.lead_in
    assert [one.source for one in answer.articles] == ["lighthouse.txt"]


def test_without_an_answer_before_it_is_a_question_like_others(three_articles):
    answer = three_articles.ask("Who wrote it?")
    assert answer.articles == ()
    assert answer.refused or answer.citations


def test_only_what_the_asker_may_see_is_counted_and_named(corpus: Path, small: Assistant):
    (corpus / "access.yaml").write_text("folders:\n  sea: [staff]\n", "utf-8")
    small.sync()
    anyone = small.seen_by(Principal())
    for question in ("How many documents do you have?", "List all articles"):
        assert "2 articles" in anyone.ask(question).lead_in
        assert "3 articles" in small.ask(question).lead_in
    assert anyone.ask("Which documents do you have about the tides?").articles == ()


@pytest.mark.parametrize(
    ("question", "source"),
    [
        ("O czym jest artykuł „Les abeilles de ville”?", "bees.md"),
        ("Vad handlar Les abeilles de ville om?", "bees.md"),
        ("What is the lighthouse of Cordouan about?", "lighthouse.txt"),
    ],
)
def test_a_summary_is_asked_for_in_any_language(three_articles, question, source):
    answer = three_articles.ask(question)
    assert len(answer.citations) >= 2
    assert {one.source for one in answer.citations} == {source}


def test_what_others_can_do_is_asked_of_the_articles(corpus: Path, small: Assistant):
    text = "Os jardineiros ajudam na rega e na poda das árvores do parque.\n"
    (corpus / "jardim.md").write_text(f"---\nlanguage: pt\n---\n{text}", "utf-8")
    small.sync()
    for question in ("Em que é que os jardineiros podem ajudar?", "Como ajudam os jardineiros?"):
        answer = small.ask(question)
        assert [one.source for one in answer.citations] == ["jardim.md"]


def test_an_article_is_named_by_a_compound_of_its_title(corpus: Path, small: Assistant):
    text = "Die Gärten öffnen im März wieder. Die Kasse bekommt ein neues Dach aus Holz. "
    written = f"---\ntitle: Rundbrief der Freunde – Frühling\nlanguage: de\n---\n{text}\n"
    (corpus / "brief.md").write_text(written, "utf-8")
    small.sync()
    answer = small.ask("Fass mir den Frühlingsrundbrief kurz zusammen")
    assert {one.source for one in answer.citations} == {"brief.md"}


def test_what_names_no_article_is_summarized_from_none(three_articles):
    for question in ("O czym jest muzeum?", "Wat zijn de hoofdpunten van de Gironde?"):
        assert len(three_articles.ask(question).citations) <= 1


@pytest.mark.slow  # embeds hundreds of them
def test_any_number_of_courtesies_is_taken_off():
    assert without_courtesies("hi, thanks! who are you? bye", "en") == ("who are you?", "en")
    assert without_courtesies("hi " * 1_000, "en") == ("hi", "en")
    assert without_courtesies("When is it open?", "en") == ("When is it open?", "en")


def test_the_examples_are_embedded_once(
    corpus: Path, tmp_path: Path, embedder: Embedder, monkeypatch: pytest.MonkeyPatch
):
    some = tuple(one for one in examples() if one.language == "en")
    monkeypatch.setattr(intents, "examples", lambda: some)
    monkeypatch.setattr(intents, "_with_gap", intents._with_gap.__wrapped__)
    embedded = []
    whole = type(embedder).embed_queries
    monkeypatch.setattr(
        type(embedder),
        "embed_queries",
        lambda self, texts: embedded.append(len(texts)) or whole(self, texts),
    )
    settings = Settings(corpus=corpus, data=tmp_path / "data", cache=tmp_path / "cache")
    for _ in range(2):
        made = Assistant(settings, embedder)
        assert made.ask("Thanks a lot, that helped!").lead_in == "You are welcome."
        made.close()
    assert embedded.count(len(some)) == 1


def test_every_reference_language_has_an_example_of_each_intent():
    known = {one.language for one in examples() if one.intent}
    assert len(known) == 27
    assert all(reference_sentences(code) for code in known)
    for code in known:
        assert {one.intent for one in examples() if one.language == code} >= set(Intent)
    assert all(
        (GAP in one.text) == (one.intent in module.OF_TOPIC | module.OF_TIME) for one in examples()
    )


def test_a_malformed_file_of_examples_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    file = tmp_path / "xx.yaml"
    file.write_text("greeting: [Hello]\n", "utf-8")
    monkeypatch.setattr(module, "FOLDER", tmp_path)
    with pytest.raises(LexiconError, match=r"xx\.yaml: these keys are missing or unknown: abil"):
        examples.__wrapped__()
    file.write_text("- Hello\n", "utf-8")
    with pytest.raises(LexiconError, match=r"xx\.yaml: expected keys"):
        examples.__wrapped__()
