import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from assistant.assistant import Assistant
from assistant.embedding import priority
from assistant.ingest import worker
from assistant.support.errors import LibraryBusyError, LibraryError, QuestionError
from assistant.support.settings import Settings


def test_the_example_of_the_readme_quotes_french_sentences_at_their_exact_place(assistant):
    answer = assistant.ask("Why did tensions rise?")
    assert not answer.refused
    assert answer.language == "en"
    for citation in answer.citations:
        text = assistant.article(citation.article).text
        assert text[citation.start : citation.end] == citation.quote
    first_two = [citation.quote for citation in answer.citations[:2]]
    assert any("milieu de l’année 2023" in quote for quote in first_two)


def test_the_answer_streams_as_growing_snapshots(assistant):
    snapshots = list(assistant.stream("What is the length of the Channel Tunnel?"))
    assert [s.complete for s in snapshots] == [False] * (len(snapshots) - 1) + [True]
    lengths = [len(s.sentences) for s in snapshots]
    assert lengths == sorted(lengths)
    assert lengths[-1] >= 1
    assert all(s.timings_ms["total"] > 0 for s in snapshots)


def test_every_sentence_of_an_answer_is_supported_by_the_words_it_cites(assistant):
    answer = assistant.ask("Combien de jours Sam Altman a-t-il été écarté ?")
    quotes = {citation.number: citation.quote for citation in answer.citations}
    assert answer.sentences
    for sentence in answer.sentences:
        assert sentence.supported
        assert [quotes[number] for number in sentence.citations] == [sentence.text]


def test_what_the_articles_are_not_about_is_refused_in_the_askers_language(assistant):
    english = assistant.ask("What is the capital of Peru?")
    assert (english.refused, english.sentences, english.citations) == (True, (), ())
    assert "articles do not answer" in english.text
    french = assistant.ask("Quelle est la recette de la pâte à crêpes ?")
    assert french.refused
    assert "ne répondent pas" in french.text


def test_a_refusal_shows_the_nearest_passages_at_their_exact_place(assistant):
    answer = assistant.ask("What is the capital of Peru?")
    assert answer.nearest
    for citation in answer.nearest:
        text = assistant.article(citation.article).text
        assert text[citation.start : citation.end] == citation.quote


def test_a_question_finds_articles_in_another_language(assistant):
    hits = assistant.search("How many bearded vultures live in the Alps?").hits
    assert hits[0].source == "nature/gypaete-barbu.md"
    assert hits[0].language == "fr"


def test_hits_are_slices_of_their_articles_in_order_of_rank(assistant):
    results = assistant.search("When did Notre-Dame reopen?", top=5)
    assert [hit.rank for hit in results] == [1, 2, 3, 4, 5]
    assert [hit.score for hit in results] == sorted((h.score for h in results), reverse=True)
    for hit in results:
        assert assistant.article(hit.article).text[hit.start : hit.end] == hit.text


def test_an_answer_may_be_asked_of_a_library_that_was_never_synced(small):
    assert small.search("lighthouse of Cordouan").hits[0].source == "lighthouse.txt"


def test_a_first_question_waits_for_the_reading_alone(small, monkeypatch):
    monkeypatch.setattr(worker, "_FIRST_PATIENCE_S", 0)
    assert small.search("lighthouse of Cordouan").hits[0].source == "lighthouse.txt"
    assert small.status().by_words
    assert small.sync().complete
    assert (small.status().by_words, small.status().progress) == (0, None)


def test_a_question_during_the_first_sync_is_told_how_far_it_is(corpus, tmp_path, embedder):
    held, go_on = threading.Event(), threading.Event()

    class Slow:
        """The real model, which waits for a signal before it helps to split articles."""

        def __getattr__(self, name):
            return getattr(embedder, name)

        def count_tokens(self, texts):
            held.set()
            assert go_on.wait(30)
            return embedder.count_tokens(texts)

    slow = Assistant(Settings(corpus=corpus, data=tmp_path / "data"), Slow())
    slow.start_sync()
    assert held.wait(30)
    assert slow.status().syncing
    assert not slow.status().ready
    with pytest.raises(LibraryBusyError, match="first time"):
        slow.search("bees")
    go_on.set()
    slow._worker._background.join()
    assert slow.status().ready
    assert slow.search("bees").hits[0].source == "bees.md"
    slow.close()


def test_the_status_tells_what_the_library_holds(assistant):
    status = assistant.status()
    assert status.ready
    assert status.articles == len(assistant.articles()) >= 12
    assert {"en", "fr"} <= set(status.languages)
    assert (status.syncing, status.error, status.failures) == (False, None, ())


def test_bad_questions_are_refused_before_anything_is_loaded(tmp_path):
    cold = Assistant(Settings(corpus=tmp_path, data=tmp_path / "data"))
    with pytest.raises(QuestionError, match="empty"):
        cold.ask("  ")
    with pytest.raises(QuestionError, match="characters"):
        cold.search("a" * 100_000)


def test_an_unknown_article_is_an_error(assistant):
    with pytest.raises(LibraryError, match="no-such-id"):
        assistant.article("no-such-id")


def test_many_threads_may_ask_at_once(assistant):
    questions = ["Why did tensions rise?", "How long is the Channel Tunnel?", "Qui est Suleyman ?"]
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(assistant.ask, questions * 6))
    for question, answer in zip(questions * 6, answers, strict=True):
        assert answer.question == question
        assert answer.citations == assistant.ask(question).citations


def test_an_empty_corpus_refuses_every_question(tmp_path, embedder):
    (tmp_path / "corpus").mkdir()
    made = Assistant(Settings(corpus=tmp_path / "corpus", data=tmp_path / "data"), embedder)
    made.sync()
    assert made.ask("Why?").refused
    made.close()


def test_langchain_retrieves_documents_with_their_places(assistant):
    documents = assistant.as_retriever(top=3).invoke("How long is the Channel Tunnel?")
    assert len(documents) == 3
    place = documents[0].metadata
    text = assistant.article(place["article"]).text
    assert documents[0].page_content == text[place["start"] : place["end"]]
    assert place["source"] == "patrimoine/tunnel-sous-la-manche.md"


def test_nothing_waits_for_the_reader_of_an_answer(assistant):
    answers = assistant.stream("What is the length of the Channel Tunnel?")
    next(answers)
    begun = time.monotonic()
    assistant._priority.give_way()
    assert time.monotonic() - begun < priority.LONGEST_WAIT_S / 2
    answers.close()
