from assistant.language.layout import Layout
from tests.support.excerpts import found


def lines(text):
    """What is found in a text of one sentence a line."""
    return found(*((row, 0.5) for row in text.split("\n")), between="\n", language="en")


def test_rows_on_lines_that_follow_each_other_are_a_table():
    layout = lines("2021 | 3\n2022 | 5").layout
    assert [layout.is_table(group) for group in layout.groups] == [True]
    assert not layout.is_list(layout.group(0))


def test_lines_without_a_blank_one_between_are_a_list():
    layout = lines("- one thing\n- another thing").layout
    assert layout.is_list(layout.group(0))
    assert layout.group(0) == layout.group(1)


def test_a_heading_heads_what_follows_up_to_the_next():
    hit = found(
        ("One", 0.5), ("First of one.", 0.5), ("Second of one.", 0.5),
        ("Two?", 0.5), ("Of two.", 0.5),
        headings=[0, 3],
    )  # fmt: skip
    layout = hit.layout
    assert [layout.text(layout.heading(row)) for row in (1, 2, 4)] == ["One", "One", "Two?"]
    assert [layout.text(line) for group in layout.under(layout.heading(1)) for line in group] == [
        "First of one.",
        "Second of one.",
    ]
    assert layout.asks(layout.heading(4))
    assert not layout.asks(layout.heading(1))


def test_sentences_on_one_line_are_one_line():
    hit = found(("First.", 0.5), ("Second.", 0.5), between=" ")
    layout = Layout(hit.passage)
    assert layout.line(0) == layout.line(1)
    assert layout.text(layout.line(0)) == "First. Second."
