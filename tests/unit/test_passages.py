from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.ingest.passages import FULLEST, MOST_TOKENS, split_article
from assistant.ingest.readers.draft import Piece, compose
from assistant.ingest.readers.plain import find_blocks
from assistant.models.article import Article

SENTENCE = "The old bridge over the river will be built again before winter."  # 12 words


def words(texts: Sequence[str]) -> list[int]:
    return [len(text.split()) for text in texts]


def characters(texts: Sequence[str]) -> list[int]:
    return [len(text) for text in texts]


def article_of(*pieces: Piece, language: str = "en") -> Article:
    text, blocks = compose(pieces)
    return Article("Title", text, language, "a.txt", blocks=blocks)


def assert_whole(article: Article, target: int = 200) -> None:
    """Passages and their sentences are slices that hold every word once, in order."""
    position = 0
    for passage in split_article(article, words, target):
        assert article.text[passage.start : passage.end] == passage.text
        assert passage.sentences[0].start == passage.start
        assert passage.sentences[-1].end == passage.end
        for sentence in passage.sentences:
            assert article.text[sentence.start : sentence.end] == sentence.text
            assert sentence.text == sentence.text.strip() != ""
            assert article.text[position : sentence.start].strip() == ""
            position = sentence.end
    assert article.text[position:].strip() == ""


def test_a_short_article_is_one_passage() -> None:
    article = article_of(Piece("A heading", heading=True), Piece(SENTENCE))
    (passage,) = split_article(article, words)
    assert passage.text == article.text
    assert [sentence.text for sentence in passage.sentences] == ["A heading", SENTENCE]


def test_a_long_article_is_divided_evenly_without_a_rest() -> None:
    article = article_of(*[Piece(SENTENCE) for _ in range(35)])  # 420 words: 200 + 200 + 20 ?
    sizes = words([passage.text for passage in split_article(article, words)])
    assert sizes == [204, 216] or sizes == [216, 204]


def test_passages_end_with_paragraphs_where_sizes_allow() -> None:
    article = article_of(*[Piece(" ".join([SENTENCE] * 5)) for _ in range(20)])  # 60 words each
    ends = {block.end for block in article.blocks}
    assert all(passage.end in ends for passage in split_article(article, words))


def test_a_passage_begins_with_a_heading_rather_than_end_with_it() -> None:
    sections = [
        piece
        for count in (14, 17, 15, 18)
        for piece in (Piece("Heading", heading=True), Piece(" ".join([SENTENCE] * count)))
    ]
    passages = split_article(article_of(*sections), words)
    assert len(passages) == 4
    assert all(passage.text.startswith("Heading") for passage in passages)


def test_a_sentence_does_not_cross_blocks() -> None:
    article = article_of(Piece("a line without a full stop"), Piece("and another one", tight=True))
    (passage,) = split_article(article, words)
    assert len(passage.sentences) == 2


def test_a_sentence_of_too_many_tokens_is_cut() -> None:
    def dense(texts: Sequence[str]) -> list[int]:
        return [2 * len(text) for text in texts]

    article = article_of(Piece("x" * 600), Piece("Short."))
    passages = split_article(article, dense)
    found = [sentence.text for passage in passages for sentence in passage.sentences]
    assert max(dense(found)) <= MOST_TOKENS
    assert "".join(found) == "x" * 600 + "Short."


def test_tokens_are_counted_in_one_call() -> None:
    calls: list[int] = []

    def counting(texts: Sequence[str]) -> list[int]:
        calls.append(len(texts))
        return words(texts)

    split_article(article_of(*[Piece(SENTENCE) for _ in range(50)]), counting)
    assert calls == [50]


def test_an_article_without_blocks_is_one_block() -> None:
    article = Article("Title", f"{SENTENCE} {SENTENCE}", "en", "a.txt")
    (passage,) = split_article(article, words)
    assert len(passage.sentences) == 2


def test_an_article_of_white_space_has_no_passage() -> None:
    assert split_article(Article("Title", " \n ", "und", "a.txt"), words) == ()


@pytest.mark.parametrize("target", [1, 40, 200, 10_000])
def test_any_target_leaves_no_word_out(target: int) -> None:
    assert_whole(article_of(*[Piece(" ".join([SENTENCE] * 7)) for _ in range(9)]), target)


@given(
    st.lists(
        st.builds(
            Piece,
            st.text(st.characters(exclude_categories=["Cs"]), max_size=200),
            st.booleans(),
            st.booleans(),
        ),
        max_size=12,
    ),
    st.sampled_from([3, 20, 200]),
)
def test_passages_hold_every_word_once_in_order(pieces: list[Piece], target: int) -> None:
    assert_whole(article_of(*pieces), target)


SCRIPTS = (
    "abc XYZ éß ñ. ! ? 1,5 «» “”’ e.g. Mr. \n",
    "абв ГДЕ ё. — 12\n",
    "αβγ ΔΕΖ ; · .\n",
    "ابت ثجح؟ ، ۔ ١٢ \u200f\n",
    "אבג דה . ״ \n",
    "कखग घ। ॥ ् ि १२ \n",
    "กขค งจ ฉ ๑ ๆ \n",
    "漢字かなカナ。、「」！？１２\u3000\n",
    "한국어 글. ! ? \n",
    "አበገ። ፣ \n",
    "👩\u200d🚀🇫🇷 e\u0301 \u00ad\ufeff\u2028\u0085\x0b\x1c . \n",
)


@given(
    st.lists(st.one_of(*(st.text(script, max_size=120) for script in SCRIPTS)), max_size=8),
    st.sampled_from(
        ["en", "fr", "ru", "el", "ar", "he", "hi", "th", "ja", "zh", "ko", "am", "und"]
    ),
    st.booleans(),
    st.sampled_from([5, 200]),
)
def test_a_text_in_any_script_is_held_once_in_order(
    parts: list[str], language: str, blocks: bool, target: int
) -> None:
    text = "\n".join(parts)
    article = Article("Title", text, language, "a", blocks=find_blocks(text) if blocks else ())
    assert_whole(article, target)
    found = "".join(p.text for p in split_article(article, words, target))
    assert "".join(found.split()) == "".join(text.split())


@given(
    st.lists(
        st.tuples(st.integers(1, 8), st.lists(st.integers(1, 60), min_size=1, max_size=9)),
        min_size=1,
        max_size=12,
    )
)
def test_passages_are_never_too_full_nor_end_with_a_heading(
    sections: list[tuple[int, list[int]]],
) -> None:
    pieces = []
    for heading, paragraphs in sections:
        pieces.append(Piece("word " * heading, heading=True))
        pieces += [Piece("word " * length) for length in paragraphs]
    article = article_of(*pieces)
    headings = {block.end for block in article.blocks if block.heading}
    for passage in split_article(article, words):
        assert len(passage.text.split()) <= FULLEST * 200
        assert passage.end not in headings
