"""Whatever is written where we parse: it is understood, or refused by the error that is meant."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.answer.write.markers import MarkerParser
from assistant.cli.questions import _questions
from assistant.embedding import Embedder
from assistant.evaluation.question_sets import read_corpus, read_questions
from assistant.ingest.readers.markdown import read_markdown
from assistant.ingest.web.source_list import read_source_list, web_url
from assistant.language.facts import facts, holds
from assistant.support.errors import ArticleError, CorpusError, QuestionError, SettingsError
from assistant.support.origins import parse_origin
from assistant.support.settings import PREFIX, Settings
from assistant.web.chat import filters, said
from tests.support.fuzzing import FUZZ

pytestmark = pytest.mark.slow  # many made-up texts

KNOWN = 5
"""Sources that markers may name."""

ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=200)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=12,
)
RECORD = st.dictionaries(
    st.sampled_from(
        ["question", "id", "lang", "kind", "answerable", "history", "turns", "evidence", "doc_id",
         "gold_sentences", "start", "end", "text", "title"]
    ),
    JSON
    | st.lists(st.fixed_dictionaries({"role": JSON, "content": JSON, "quote": JSON}), max_size=2),
)  # fmt: skip
_PARTS = (
    "12 3,4 0.5 -7 1e9 2024 2024-02-30 31/12/1999 99999999999999999999 ½ ٣ % € $ USD million Mrd "
    "mai May janvier lundi the le of de 20th XVe 1990s mid- fin . , : ( ) « St. O’Neill N°"
)
DATED = st.lists(st.sampled_from(_PARTS.split()) | st.text(max_size=6), max_size=14).map(" ".join)
LANGUAGE = st.sampled_from(["en", "fr", "de", "es", "it", "zh", "und"])
YAML = st.lists(
    st.sampled_from(
        ["---\n", "title: ", "date: ", "language: ", "author: ", "url: ", "pages:\n", "feeds:\n",
         "sitemaps:\n", "  - ", "url: https://example.org/\n", "limit: ", "include: ", "[", "]",
         "{",
         "}", "&a ", "*a", "!!int ", "|\n", ">\n", "? ", "<<: *a\n", "'", '"', "\n", "\t",
         "2024-05-17",
         "17 mai 2024", "99999-99-99", "1/2/2003", "# ", "fr", "https://", "http://[::1", "%", "\0"]
    )
    | st.text(max_size=8),
    max_size=25,
).map("".join)  # fmt: skip
MARKED = st.lists(
    st.sampled_from(
        ["[1]", "[2, 9]", "[[3]]", "【4】", "[^5]", "[6]", "［1］", "[0]", "[1-3]", "[1–999]", "[",
         "]", "【", "[1", "1", ".", "! ", " ", "\n", "- ", "1. ", "**", "# ", "“", "”", "(",
         ")", "。"]
    )
    | st.text("abcdé灯", min_size=1, max_size=6),
    max_size=40,
)  # fmt: skip


@contextmanager
def refused(kind: type[Exception], naming: str) -> Iterator[None]:
    """What is done inside may fail in this way alone, and then says what it was."""
    try:
        yield
    except kind as error:
        if naming not in str(error):
            raise AssertionError(f"{error!r} does not name {naming}") from error


def letters(text: str) -> str:
    return "".join(character for character in text if character.isalpha())


@FUZZ
@given(MARKED, LANGUAGE)
def test_markers_take_no_words_with_them_and_name_known_sources_only(
    pieces: list[str], language: str
) -> None:
    parser = MarkerParser(language, KNOWN)
    streamed = [one for piece in pieces for one in parser.feed(piece)] + parser.close()
    whole = MarkerParser(language, KNOWN)
    assert streamed == [*whole.feed("".join(pieces)), *whole.close()]
    assert letters("".join(one.text for one in streamed)) == letters("".join(pieces))
    assert {number for one in streamed for number in one.cited} <= set(range(1, KNOWN + 1))


@FUZZ
@given(st.binary(max_size=200) | YAML.map(lambda text: f"---\n{text}\n---\nA word.".encode()))
def test_front_matter_is_read_or_refused(data: bytes) -> None:
    try:
        draft = read_markdown(data)
    except ArticleError:
        return
    assert all(0 <= block.start < block.end <= len(draft.text) for block in draft.blocks)


@pytest.mark.parametrize("name", sorted(Settings.model_fields))
@FUZZ
@given(
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=60)
    | st.sampled_from(["-1", "0", "1e400", "nan", "inf", "true", ",", "*", "http://a,b", "~",
    "99999"])
)  # fmt: skip
def test_a_setting_is_understood_or_named(name: str, value: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(PREFIX + name.upper(), value)
        with refused(SettingsError, PREFIX + name.upper()):
            Settings()


@FUZZ
@given(st.lists(RECORD.map(json.dumps) | JSON.map(json.dumps) | ANY_TEXT, max_size=4))
def test_lines_of_questions_are_read_or_named(tmp_path: Path, lines: list[str]) -> None:
    file = tmp_path / "questions.jsonl"
    file.write_bytes("\n".join(lines).encode("utf-8", "surrogatepass"))
    for read, error in (
        (_questions, QuestionError), (read_questions, QuestionError), (read_corpus, CorpusError),
    ):  # fmt: skip
        with refused(error, str(file)):
            read(file)


@pytest.mark.parametrize("line", ["[" * 100_000, '{"id": ' * 100_000, "9" * 5_000])
def test_a_line_that_python_cannot_hold_is_named(tmp_path: Path, line: str) -> None:
    file = tmp_path / "questions.jsonl"
    file.write_text(line)
    for read in (_questions, read_questions):
        with pytest.raises(QuestionError, match=r"line 1"):
            read(file)
    with pytest.raises(CorpusError, match=r"line 1"):
        read_corpus(file)


@FUZZ
@given(JSON, JSON, JSON, JSON)
def test_filters_of_the_chat_take_anything(
    language: object, after: object, before: object, source: object
) -> None:
    chosen = filters.read(language, after, before, source)
    assert chosen.language in (None, language)
    with refused(QuestionError, "2024-12-31"):
        assert filters.read(language, after, before, source, strict=True) == chosen


@FUZZ
@given(
    JSON
    | st.lists(
        st.fixed_dictionaries(
            {"role": st.sampled_from(["user", "assistant", "system"]) | JSON,
            "content": ANY_TEXT | JSON, "html": ANY_TEXT | JSON, "text": ANY_TEXT | JSON}
        ),
        max_size=4,
    )
)  # fmt: skip
def test_a_conversation_from_a_browser_may_be_anything(history: object) -> None:
    conversation = said.read(json.dumps(history))
    assert said.read(said.write(conversation)) == conversation
    assert all(isinstance(one.message()["content"], str) for one in conversation)
    for turns in (said.turns(conversation), said.plain_turns(history)):
        assert all(isinstance(one.content, str) for one in turns)


@FUZZ
@given(ANY_TEXT | st.from_regex(r"(?i)\Ahttps?://[^ ]{0,20}(:[0-9]{0,6})?/?\Z"))
def test_an_origin_is_put_as_browsers_put_it_or_refused(text: str) -> None:
    try:
        origin = parse_origin(text)
    except ValueError:
        return
    assert parse_origin(origin) == origin


@FUZZ
@given(ANY_TEXT | st.from_regex(r"(?i)\Ahttps?://[^ ]{0,30}\Z"))
def test_an_address_is_put_in_its_normal_form_or_refused(text: str) -> None:
    try:
        address = web_url(text)
    except ValueError:
        return
    assert web_url(address) == address


@FUZZ
@given(YAML | ANY_TEXT)
def test_a_list_of_sources_is_read_or_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "sources.yaml"
    file.write_bytes(text.encode("utf-8", "surrogatepass"))
    with refused(CorpusError, str(file)):
        read_source_list(file)


@FUZZ
@given(DATED | ANY_TEXT, LANGUAGE)
def test_facts_stand_where_they_say(text: str, language: str) -> None:
    found = facts(text, language)
    for fact in found:
        assert text[fact.start : fact.end].strip()
        holds(found, fact)


@FUZZ
@given(ANY_TEXT)
def test_any_text_has_tokens_and_a_vector(embedder: Embedder, text: str) -> None:
    (count,) = embedder.count_tokens([text])
    assert count >= 0
    assert embedder.embed_query(text[:20]).shape == (embedder.dimension,)


@pytest.fixture(autouse=True)
def _quiet(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.ERROR)  # what is ignored is told, once for each example
