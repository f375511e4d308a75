import pytest

from assistant.models.answer import Answer, AnswerSentence, Citation
from assistant.models.citation_marks import unmarked
from assistant.support.links import addresses


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("It is high [1].", "It is high (1)."),
        ("[1, 2][3] [4–6] [^7] [ 8 ]", "(1, 2)(3) (4–6) (^7) ( 8 )"),
        ("【1】 ［2］ 【4:0†source】 〔3〕", "(1) (2) (4:0†source) (3)"),
        ("[[1]] [\u200b1] [１] [²] [①]", "[(1)] (\u200b1) (１) (²) (①)"),
        ("[sic] [2019] [May 3] [] [...]", "[sic] [2019] [May 3] [] [...]"),
        ("[1 [2", "[1 [2"),
    ],
)
def test_numbers_in_square_brackets_are_put_in_round_ones(text: str, shown: str) -> None:
    assert unmarked(text) == shown


def test_in_the_text_of_an_answer_every_number_in_square_brackets_is_a_citation() -> None:
    cited = Citation("a", "A", "a.md", "en", None, 0, 15, "It is high [2].", number=1)
    answer = Answer(
        "How?", "en", refused=False, lead_in="From the articles (3 May [1]):",
        sentences=(
            AnswerSentence(cited.quote, True, (1,)),
            AnswerSentence("No [1].", False, (), "Nothing says “[1]”."),
        ),
        citations=(cited,), notice="Told differently: 【3】",
    )  # fmt: skip
    assert answer.text == (
        "From the articles (3 May [1]):\nIt is high (2). [1]\nNo (1). (Nothing says “(1)”.)\n"
        "Told differently: (3)"
    )
    assert answer.to_json()["sentences"][0]["text"] == "It is high [2]."


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("See http://evil.example/a?b=c.", ["http://evil.example/a?b=c"]),
        ("(HTTPS://Evil.example), www.evil", ["HTTPS://Evil.example", "www.evil"]),
        ("javascript://x mailto:a@b ftp://c", ["javascript://x", "mailto:a@b", "ftp://c"]),
        ("Write to a.b+c@evil.example!", ["a.b+c@evil.example"]),
        ("At evil.example:80/x or sub.évil.example", ["evil.example:80/x", "sub.évil.example"]),
        ("e.g. U.S. 3.14 at 9 a.m. z.B. p.ex. 1.5km", []),
        ("A" * 9_000 + "." * 900, []),
    ],
)
def test_addresses_are_found_where_a_markdown_reader_makes_links(
    text: str, found: list[str]
) -> None:
    assert [text[start:end] for start, end in addresses(text)] == found
