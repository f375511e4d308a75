import pytest

from assistant.answer.write.model_output import LONGEST, ModelOutput, is_looping
from assistant.support.errors import ChatModelError, Trouble


def text(*pieces):
    output = ModelOutput()
    return "".join(output.add(piece) for piece in pieces) + output.close()


@pytest.mark.parametrize(
    ("sent", "meant"),
    [
        ("<think>Hm. <b></think>Yes.", "Yes."),
        ("\n<think></think>\n\nYes.", "\n\n\nYes."),
        ("<thin is no mark", "<thin is no mark"),
        ("<th", "<th"),
        ("Yes <think>Hm</think> or no.", "Yes  or no."),
        ("Yes.", "Yes."),
    ],
)
def test_thoughts_are_left_out_however_they_are_cut(sent, meant):
    assert text(sent) == meant
    assert text(*sent) == meant
    for cut in range(len(sent)):
        assert text(sent[:cut], sent[cut:]) == meant


@pytest.mark.parametrize(
    "sent", ["", " \n", "<think>Hm", "<think>Hm</think>", "<think>Hm</think> "]
)
def test_an_answer_without_text_is_empty(sent):
    with pytest.raises(ChatModelError) as raised:
        text(*sent)
    assert raised.value.kind is Trouble.EMPTY


@pytest.mark.parametrize(
    "run", ["a", "\n", "no ", "It goes round. ", f"{'A long run of more words. ' * 11}X"]
)
def test_a_run_written_over_and_over_is_a_loop(run):
    assert is_looping("It began well. " + run * max(4, 130 // len(run)))
    assert not is_looping("It began well. " + run * 2)


@pytest.mark.parametrize(
    "fine",
    ["", "a", "Ha ha ha!", "1849, 1850, 1851, 1852, 1853, 1854, 1855, 1856, 1857, 1858, 1859, "
     "1860, 1861, 1862, 1863, 1864, 1865, 1866, 1867, 1868, 1869", "-" * 80],
)  # fmt: skip
def test_ordinary_texts_are_no_loops(fine):
    assert not is_looping(fine)


def test_thoughts_may_not_go_round_either():
    with pytest.raises(ChatModelError) as raised:
        text("<think>", *(["Wait. "] * 100))
    assert raised.value.kind is Trouble.LOOPING


def test_an_answer_may_not_go_on_for_ever():
    words = (f"word{i} " for i in range(LONGEST))
    with pytest.raises(ChatModelError) as raised:
        text(*words)
    assert raised.value.kind is Trouble.LOOPING
