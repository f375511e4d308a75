from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from assistant.embedding.unigram import UnigramTokenizer, Vocabulary

PIECES = (
    "<s>",
    "</s>",
    "<unk>",
    "▁",
    "▁sea",
    "▁se",
    "a",
    "s",
    "e",
    "side",
    "▁seas",
    "ide",
    "é",
    "</",
)
SCORES = (0.0, 0.0, 0.0, -2.0, -3.0, -4.0, -5.0, -5.0, -5.0, -3.0, -3.5, -4.0, -5.0, -1.0)
RULES = {"\n": " ", "\u0007": ""}
UNKNOWN = 2


@pytest.fixture
def tokenizer():
    vocabulary = Vocabulary(PIECES, SCORES, RULES, 0, 1, 0, UNKNOWN, frozenset((0, 1, 2)))
    return UnigramTokenizer(vocabulary)


def pieces(tokenizer, text):
    return [PIECES[i] for i in tokenizer.encode(text)]


def test_the_cut_with_the_highest_sum_wins(tokenizer):
    # ▁sea + side is -6; ▁seas + ide is -7.5; ▁se + a + side is -12.
    assert pieces(tokenizer, "seaside") == ["▁sea", "side"]
    assert pieces(tokenizer, "seas") == ["▁seas"]


def test_words_are_cut_one_by_one_and_white_space_does_not_matter(tokenizer):
    assert pieces(tokenizer, "  sea\nsea \t sea ") == ["▁sea", "▁sea", "▁sea"]
    assert tokenizer.encode("") == tokenizer.encode(" \n ") == []


def test_rules_and_compatibility_forms_apply_before_the_cut(tokenizer):
    assert pieces(tokenizer, "s\u0007ea") == ["▁sea"]
    assert pieces(tokenizer, "ｓｅａ") == ["▁sea"]
    assert pieces(tokenizer, "e\u0301") == ["▁", "é"]


def test_a_run_of_unknown_characters_is_one_piece(tokenizer):
    assert pieces(tokenizer, "aж漢s") == ["▁", "a", "<unk>", "s"]
    assert pieces(tokenizer, "\ud800") == ["▁", "<unk>"]


def test_markup_in_a_text_is_text(tokenizer):
    ids = tokenizer.encode("</s>")
    assert PIECES.index("</s>") not in ids
    assert [PIECES[i] for i in ids] == ["▁", "</", "s", "<unk>"]


def test_long_words_are_cut_too(tokenizer):
    assert pieces(tokenizer, "side" * 100) == ["▁", *["side"] * 100]


def test_threads_may_share_one(tokenizer):
    texts = ["seaside " * n for n in range(200)]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(tokenizer.encode, texts)) == [tokenizer.encode(t) for t in texts]
