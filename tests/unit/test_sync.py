import os
import random
import shutil
import threading

import numpy as np
import pytest

from assistant.assistant import Assistant
from assistant.models.records import Completeness
from assistant.models.status import Stage
from assistant.support.errors import AssistantError, CorpusError, LibraryBusyError
from assistant.support.settings import Settings
from tests.support.tiny import tiny_assistant, vocabulary, write_article


def test_a_first_sync_adds_and_a_second_embeds_nothing(small):
    first = small.sync()
    assert (first.added, first.articles, first.failed) == (3, 3, [])
    assert first.embedded == first.passages + first.sentences > 0
    second = small.sync()
    assert (second.added, second.unchanged, second.embedded) == (0, 3, 0)
    assert (second.articles, second.passages) == (first.articles, first.passages)


def test_a_sync_in_a_new_process_embeds_nothing(small):
    small.sync()
    again = Assistant(small.settings, small.embedder)
    assert again.sync().embedded == 0
    assert again.search("lighthouse").hits[0].source == "lighthouse.txt"
    again.close()


def test_a_changed_file_is_updated_and_its_old_text_is_gone(small, corpus):
    small.sync()
    file = corpus / "lighthouse.txt"
    file.write_text(file.read_text().replace("in 2012", "long ago, in 1999"))
    report = small.sync()
    assert (report.added, report.updated, report.unchanged, report.articles) == (0, 1, 2, 3)
    texts = [hit.text for hit in small.search("When did the last keepers leave?")]
    assert any("1999" in text for text in texts)
    assert not any("2012" in text for text in texts)


def test_a_removed_file_is_gone_from_the_answers(small, corpus):
    small.sync()
    (corpus / "lighthouse.txt").unlink()
    assert small.sync().removed == 1
    assert {hit.source for hit in small.search("lighthouse of Cordouan")} == {
        "bees.md",
        "sea/tides.md",
    }


def test_a_renamed_or_copied_file_embeds_nothing(small, corpus):
    small.sync()
    (corpus / "bees.md").rename(corpus / "sea" / "abeilles.md")
    (corpus / "copy.txt").write_bytes((corpus / "lighthouse.txt").read_bytes())
    report = small.sync()
    assert (report.added, report.removed, report.embedded, report.articles) == (2, 1, 0, 3)
    sources = {article.sources for article in small.articles()}
    assert ("copy.txt", "lighthouse.txt") in sources
    assert ("sea/abeilles.md",) in sources


def test_a_new_title_embeds_nothing_and_is_shown(small, corpus):
    small.sync()
    file = corpus / "bees.md"
    file.write_text(file.read_text("utf-8").replace("Les abeilles de ville", "Ruches"), "utf-8")
    report = small.sync()
    assert (report.updated, report.embedded) == (1, 0)
    assert "Ruches" in {article.title for article in small.articles()}


def test_a_touched_file_is_unchanged(small, corpus):
    small.sync()
    os.utime(corpus / "bees.md", (1, 1))
    report = small.sync()
    assert (report.updated, report.unchanged, report.embedded) == (0, 3, 0)


def test_bad_files_are_reported_with_their_names_and_the_rest_goes_on(small, corpus):
    (corpus / "empty.txt").write_bytes(b"")
    (corpus / "binary.txt").write_bytes(bytes(range(256)) * 40)
    (corpus / "front.md").write_text("---\ntitle: nothing\n---\n")
    (corpus / "huge.txt").write_bytes(b"All work and no play. " * 2_400_000)
    (corpus / "folder.txt").mkdir()
    report = small.sync()
    assert report.articles == 3
    errors = {failure.source: failure.error for failure in report.failed}
    assert set(errors) == {"empty.txt", "binary.txt", "front.md", "huge.txt"}
    assert all(source in error for source, error in errors.items())


def test_a_failure_stays_visible_until_it_is_mended(small, corpus):
    (corpus / "empty.txt").write_bytes(b"")
    small.sync()
    assert [failure.source for failure in small.sync().failed] == ["empty.txt"]
    assert [failure.source for failure in small.status().failures] == ["empty.txt"]
    (corpus / "empty.txt").write_text("Now the file holds a sentence about windmills.")
    report = small.sync()
    assert (report.updated, report.failed, report.articles) == (1, [], 4)


def test_a_file_that_breaks_takes_its_old_text_with_it(small, corpus):
    small.sync()
    (corpus / "lighthouse.txt").write_bytes(b"")
    report = small.sync()
    assert report.articles == 2
    assert [failure.source for failure in report.failed] == ["lighthouse.txt"]


def test_hidden_and_foreign_files_are_left_alone_and_the_latter_named(small, corpus, caplog):
    (corpus / ".hidden.txt").write_text("Hidden text.")
    (corpus / "~lock.txt").write_text("A lock.")
    (corpus / ".git").mkdir()
    (corpus / ".git" / "x.txt").write_text("Not an article.")
    (corpus / "picture.png").write_bytes(b"\x89PNG")
    report = small.sync()
    assert (report.articles, report.failed) == (3, [])
    assert "pictures are read if ASSISTANT_OCR is on (1)" in caplog.text
    assert [one.source for one in report.skipped] == [
        ".git/", ".hidden.txt", "picture.png", "~lock.txt",
    ]  # fmt: skip
    assert small.status().skipped == report.skipped


def test_an_empty_corpus_says_what_could_be_put_in_it(tmp_path, embedder, caplog):
    (tmp_path / "corpus").mkdir()
    made = Assistant(Settings(corpus=tmp_path / "corpus", data=tmp_path / "data"), embedder)
    assert made.sync().articles == 0
    assert "holds no article" in caplog.text
    made.close()


def test_a_file_name_that_is_not_text_is_read_all_the_same(small, corpus):
    with open(os.fsencode(corpus) + b"/caf\xe9.txt", "w") as file:
        file.write("A short text about coffee houses in Vienna.")
    assert small.sync().articles == 4


def test_renaming_a_hundred_files_embeds_nothing(tmp_path):
    corpus, draw = tmp_path / "corpus", random.Random(1)
    corpus.mkdir()
    for number in range(100):
        write_article(corpus, f"{number}.md", draw)
    made = tiny_assistant(corpus, tmp_path / "data")
    made.sync()
    passages = made.library.passages.languages()
    (corpus / "moved").mkdir()
    for number in range(100):
        (corpus / f"{number}.md").rename(corpus / "moved" / f"{number + 1}.md")
    made.embedder.texts.clear()
    report = made.sync()
    assert (report.added, report.removed, report.embedded, report.articles) == (100, 100, 0, 100)
    assert made.embedder.texts == []
    assert made.library.passages.languages() == passages
    made.close()


def test_one_sentence_edited_in_a_hundred_articles_embeds_its_passages_only(tmp_path):
    corpus, draw = tmp_path / "corpus", random.Random(1)
    corpus.mkdir()
    for number in range(100):
        write_article(corpus, f"{number}.md", draw)
    made = tiny_assistant(corpus, tmp_path / "data")
    made.sync()
    file = corpus / "50.md"
    sentences = file.read_text("utf-8").split(". ")
    sentences[9] = "A new sentence about lighthouses"
    file.write_text(". ".join(sentences), "utf-8")
    made.embedder.texts.clear()
    report = made.sync()
    embedded = [text for text in made.embedder.texts if text.count(".") > 1]
    assert 1 <= len(embedded) <= 3
    assert (report.updated, report.unchanged) == (1, 99)
    assert report.embedded <= 3 + sum(text.count(".") for text in embedded)
    made.close()


def test_an_article_in_two_files_is_shown_with_both(small, corpus):
    (corpus / "copy.txt").write_bytes((corpus / "lighthouse.txt").read_bytes())
    small.sync()
    both = ["copy.txt", "lighthouse.txt"]
    hit = small.search("lighthouse of Cordouan").hits[0].to_json()
    assert (hit["source"], hit["sources"]) == ("copy.txt", both)
    answer = small.ask("When was the lighthouse of Cordouan finished?").to_json()
    assert answer["citations"][0]["sources"] == both
    (corpus / "copy.txt").unlink()
    small.sync()
    assert small.search("lighthouse of Cordouan").hits[0].to_json()["sources"] == both[1:]


def test_what_is_found_does_not_depend_on_what_was_read_first(tmp_path):
    corpus, draw = tmp_path / "corpus", random.Random(1)
    corpus.mkdir()
    shared = " ".join(draw.sample(vocabulary(), 90)).capitalize() + "."
    for number in range(6):
        text = write_article(corpus, f"{number}.md", draw)
        (corpus / f"{number}.md").write_text(f"{shared}\n\n{text}", "utf-8")
    made = tiny_assistant(corpus, tmp_path / "data")
    made.sync()
    other = tiny_assistant(corpus, tmp_path / "other")
    for path in sorted(corpus.iterdir(), reverse=True):
        path.rename(path.with_name(f".{path.name}"))  # hidden files are left out
    for path in sorted(corpus.iterdir(), reverse=True):
        path.rename(path.with_name(path.name[1:]))
        other.sync()
    question = " ".join(shared.split()[:5])
    assert other.library.passages.get([1])[0].article != made.library.passages.get([1])[0].article
    expected = [(hit.article, hit.start) for hit in made.search(question, 4)]
    assert [(hit.article, hit.start) for hit in other.search(question, 4)] == expected
    made.close()
    other.close()


def test_a_removed_article_is_gone_before_others_are_read(small, corpus, monkeypatch):
    small.sync()
    (corpus / "lighthouse.txt").unlink()
    for number in range(30):
        (corpus / f"{number}.txt").write_text(f"The village number {number} has a mill. " * 3)
    seen = []

    def look(stage, done, total):
        if stage is Stage.READING and done < total:
            seen.append({hit.source for hit in small.search("lighthouse of Cordouan")})

    monkeypatch.setattr("assistant.ingest.sync.BATCH_FILES", 10)
    small.sync(look)
    assert len(seen) >= 2
    assert not any("lighthouse.txt" in sources for sources in seen[1:])


def test_a_missing_corpus_is_an_error_and_loses_nothing(small, corpus):
    small.sync()
    corpus.rename(corpus.with_name("elsewhere"))
    with pytest.raises(CorpusError, match="--corpus"):
        small.sync()
    assert len(small.articles()) == 3


def test_a_second_writer_is_told_to_wait(small):
    other = Assistant(small.settings, small.embedder)
    with small._worker._writer.held(), pytest.raises(LibraryBusyError, match="Another process"):
        other.sync()
    other.close()


def test_a_sync_that_stops_midway_goes_on_from_there(small, corpus, monkeypatch):
    monkeypatch.setattr("assistant.ingest.sync.BATCH_FILES", 1)

    def stop(stage, done, total):
        if stage is Stage.READING and done == 2:
            raise AssistantError("enough")

    with pytest.raises(AssistantError, match="enough"):
        small.sync(stop)
    assert len(small.articles()) == 2
    report = small.sync()
    assert (report.added, report.unchanged, report.articles) == (1, 2, 3)
    assert {hit.source for hit in small.search("honey")} == {
        "bees.md",
        "lighthouse.txt",
        "sea/tides.md",
    }


@pytest.mark.parametrize("within", [Stage.PASSAGES, Stage.SENTENCES, Stage.WORDS])
def test_a_sync_that_stops_while_embedding_goes_on_from_there(small, monkeypatch, within):
    monkeypatch.setattr("assistant.ingest.completion._AT_ONCE", 1)
    monkeypatch.setattr("assistant.ingest.completion._WORDS_AT_ONCE", 4)

    def stop(stage, done, total):
        if stage is within:
            assert 0 < done < total
            raise AssistantError("enough")

    with pytest.raises(AssistantError, match="enough"):
        small.sync(stop)
    assert small.search("lighthouse of Cordouan").hits[0].source == "lighthouse.txt"
    assert small.library.words.waiting() > 0
    status = small.status()
    assert (status.by_words == 0) == (within is Stage.WORDS)
    report = small.sync()
    assert (report.added, report.unchanged) == (0, 3)
    assert list(report.stages) == list(Stage)
    assert 0 <= report.answerable_seconds < report.seconds
    assert small.library.words.waiting() == 0
    assert small.library.passages.completeness() == Completeness(0, 0, report.passages)


def test_new_files_are_read_before_all_vectors_of_the_others_are_made(small, corpus, monkeypatch):
    monkeypatch.setattr("assistant.ingest.worker._PATIENCE_S", 0)
    monkeypatch.setattr("assistant.ingest.completion._AT_ONCE", 1)
    embed, stages = small.embedder.embed_passages, []

    class Adding:
        """The model, and someone who adds a file while it is at work."""

        def __getattr__(self, name):
            return getattr(small.embedder, name)

        def embed_passages(self, texts):
            if not (corpus / "mill.txt").exists():
                (corpus / "mill.txt").write_text("The windmill of Kinderdijk pumps water.")
                adding._worker.sync_soon()
            return embed(texts)

    adding = Assistant(small.settings, Adding())
    sync = adding.sync

    def told(**options):
        report = sync(**options)
        stages.append((report.articles, report.complete))
        return report

    monkeypatch.setattr(adding, "sync", told)
    adding.start_sync()
    adding._worker._background.join()
    assert stages == [(3, False), (4, True)]
    assert adding._worker.last.ok
    assert adding.search("windmill").hits[0].source == "mill.txt"
    adding.close()


def test_what_was_just_read_is_found_and_scored_as_when_it_is_complete(small, corpus):
    question = "When does the tide turn at the lighthouse of Cordouan?"

    def stop(stage, done, total):
        if stage is not Stage.READING:
            early.append(small.search(question).hits)
            raise AssistantError("enough")

    early = []
    with pytest.raises(AssistantError, match="enough"):
        small.sync(stop)
    small.sync()
    late = small.search(question).hits
    assert [hit.source for hit in early[0]] == [hit.source for hit in late]
    near = [(hit.why["passage"], hit.why["sentence"]) for hit in early[0]]
    np.testing.assert_allclose(near, [(h.why["passage"], h.why["sentence"]) for h in late])


def test_the_index_is_made_again_when_it_is_lost(small, corpus):
    small.sync()
    small.close()
    shutil.rmtree(small.settings.data / "index")
    again = Assistant(small.settings, small.embedder)
    assert again.search("lighthouse of Cordouan").hits[0].source == "lighthouse.txt"
    again.close()


def test_the_index_holds_the_very_vectors_that_one_built_from_the_library_does(tmp_path):
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    for number in range(3):
        write_article(corpus, f"{number}.md", random.Random(number))
    first = tiny_assistant(corpus, tmp_path / "data")
    first.sync()
    made = held_by_the_index(first)
    first.close()
    shutil.rmtree(tmp_path / "data" / "index")
    again = tiny_assistant(corpus, tmp_path / "data")
    again.sync()
    assert len(made) == 9
    assert made == held_by_the_index(again)
    again.close()


def held_by_the_index(assistant):
    (collection,) = assistant._live.engine().index._collections._of.values()
    held = collection.get(include=["embeddings"])
    return dict(zip(held["ids"], map(tuple, held["embeddings"]), strict=True))


def test_a_failure_of_the_index_while_running_is_answered_and_mended(small, caplog, monkeypatch):
    monkeypatch.setattr("assistant.store.index_collections._FEW", 0)  # search, however few
    small.sync()
    question = "lighthouse of Cordouan"
    before = [(hit.source, hit.score) for hit in small.search(question)]
    index = small._live.engine().index
    index._client.close()  # every call raises from now on, as after damage to its files
    assert index.query(np.ones(384, np.float32), 3, small.library.revision) is None
    assert index.revision is None
    assert [(hit.source, hit.score) for hit in small.search(question)] == before
    assert "failed" in caplog.text
    assert small._live.engine().index.revision == small.library.revision


def test_a_second_process_answers_without_the_index_of_the_first(small):
    small.sync()
    expected = small.search("lighthouse of Cordouan")
    assert small._live.engine().index.own()
    other = Assistant(small.settings, small.embedder)
    assert other.search("lighthouse of Cordouan") == expected
    assert not other._live.engine().index.own()
    other.close()


def test_another_recipe_makes_the_library_anew(small, monkeypatch):
    first = small.sync()
    small.close()
    monkeypatch.setattr("assistant.store.engine.RECIPE", "another")
    again = Assistant(small.settings, small.embedder)
    assert again.sync().embedded == first.embedded
    again.close()


def test_questions_are_answered_during_a_sync(small, corpus):
    small.sync()
    for number in range(40):
        (corpus / f"{number}.txt").write_text(f"The village number {number} has a mill. " * 3)
    failed = []

    def ask():
        for _ in range(20):
            try:
                assert small.search("lighthouse of Cordouan").hits[0].source == "lighthouse.txt"
            except Exception as error:
                failed.append(error)

    asking = threading.Thread(target=ask)
    asking.start()
    small.sync()
    asking.join()
    assert failed == []


def test_the_background_sync_tells_why_it_failed(tmp_path):
    made = Assistant(Settings(corpus=tmp_path / "missing", data=tmp_path / "data"))
    made.start_sync()
    made._worker._background.join()
    assert "missing" in made.status().error
    made.close()
