"""Integrity checks of the library; each function yields the violations it finds."""

from __future__ import annotations

from collections.abc import Iterator

from assistant.models.article import Article
from assistant.models.records import StoredPassage
from assistant.store.library import Library
from assistant.store.passage_rows import BYTES_A_SENTENCE
from assistant.store.vectors import sentence_size, word_size
from assistant.support.errors import LibraryError


def orphans(library: Library) -> Iterator[str]:
    """Articles without a file or without a passage, and keywords without a passage or none."""
    for what, statement in {
        "article {} has no file": "SELECT id FROM articles WHERE id NOT IN "
        "(SELECT article FROM files WHERE article IS NOT NULL)",
        "article {} has no passage": "SELECT id FROM articles WHERE id NOT IN "
        "(SELECT article FROM passages)",
        "the keywords {} have no passage": "SELECT rowid FROM keywords WHERE rowid NOT IN "
        "(SELECT id FROM passages)",
        "passage {} has no keywords": "SELECT id FROM passages WHERE id NOT IN "
        "(SELECT rowid FROM keywords)",
    }.items():
        for (id_,) in library.query(statement):
            yield what.format(id_)


def broken_article(article_id: str, article: Article) -> Iterator[str]:
    """Check that the article matches its id, and that its blocks lie in its text."""
    if article.id != article_id:
        yield f"the text of article {article_id} is not the one that was read"
    last = 0
    for block in article.blocks:
        if not last <= block.start < block.end <= len(article.text):
            yield f"article {article_id} has a block at {block.start}-{block.end}"
            return
        last = block.end


def broken_passage(article: Article, passage: StoredPassage) -> Iterator[str]:
    """Check that passage and sentences are slices of the article."""
    place = f"passage {passage.id} of {passage.source}"
    if not passage.text or article.text[passage.start : passage.end] != passage.text:
        yield f"{place} is not what its article says at {passage.start}-{passage.end}"
    last = passage.start
    for start, end in passage.bounds.tolist():
        if not last <= start < end <= passage.end or not article.text[start:end].strip():
            yield f"{place} has a sentence at {start}-{end}, outside of it or empty"
            break
        last = end


def dimension_of(library: Library) -> int:
    """Numbers in the vectors of ``library``; 0 if it has none."""
    return int(library.query("SELECT coalesce(max(length(vector)), 0) FROM passages")[0][0])


def broken_vectors(library: Library) -> Iterator[str]:
    """Check that the vectors of passages and their sentences, as far as they are made, are as many
    as they should be, of one size, and not zero.
    """
    size = dimension_of(library)
    for id_, bounds, vector, of_sentences in library.query(
        "SELECT id, length(bounds), vector, sentence_vectors FROM passages"
    ):
        for name, blob, wanted in (
            ("vector", vector, size),
            (
                "sentence vectors",
                of_sentences,
                bounds // BYTES_A_SENTENCE * sentence_size(size),
            ),
        ):
            if blob is not None and len(blob) != wanted:
                yield f"the {name} of passage {id_}: {len(blob)} bytes, not {wanted}"
        if vector and not any(vector):
            yield f"the vector of passage {id_}: zero"


def broken_words(library: Library, dimension: int) -> Iterator[str]:
    """Passages' words that are missing from the library, and word vectors of the wrong size."""
    known = {row[0] for row in library.query("SELECT id FROM words")} | {0}
    ids = [row[0] for row in library.query("SELECT id FROM passages")]
    for at in range(0, len(ids), 500):
        for passage_id, words in library.passages.words_of(ids[at : at + 500]).items():
            if missing := set(words.ids.tolist()) - known:
                yield f"passage {passage_id} has {len(missing)} words that are not there"
    size = "SELECT word FROM words WHERE length(vector) NOT IN (0, ?)"
    for (word,) in library.query(size, word_size(dimension)):
        yield f"the vector of the word {word!r} is not of {dimension} numbers"


def every_article(library: Library) -> Iterator[tuple[str, Article | None, list[StoredPassage]]]:
    """Each article (None if unreadable) with its passages, one article in memory at a time."""
    for (id_,) in library.query("SELECT id FROM articles ORDER BY id"):
        rows = library.query("SELECT id FROM passages WHERE article = ? ORDER BY start", id_)
        try:
            yield id_, library.article(id_), library.passages.get([row[0] for row in rows])
        except (LibraryError, ValueError, LookupError):
            yield id_, None, []
