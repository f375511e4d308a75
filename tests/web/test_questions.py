import asyncio
import threading
import time
from contextlib import aclosing, closing
from dataclasses import replace

import pytest

from assistant.models.answer import Answer, AnswerSentence
from assistant.support.errors import (
    LibraryBusyError,
    LibraryError,
    OverloadError,
    QuestionError,
    TooSlowError,
    Trouble,
)
from assistant.support.logs import REQUEST
from assistant.web.turns.outcomes import Outcome, Way
from assistant.web.turns.questions import Questions
from assistant.web.turns.workers import Workers

WHOLE = Answer(
    "Secret?", "en", False, "In short:", (AnswerSentence("Yes.", True, (1,)),),
    timings_ms={"understand": 2.0, "total": 5.0},
)  # fmt: skip
EMPTY = replace(WHOLE, sentences=(), complete=False)


@pytest.fixture
def ended():
    return []


@pytest.fixture
def questions(ended):
    return Questions(observer=ended.append)


def growing(*states):
    for state in states:
        if isinstance(state, Exception):
            raise state
        yield state


def watch(questions, *given):
    return questions.begin(Way.API, "Secret?", growing(*given))


def states(answer):
    return list(iter(answer.step, None))


@pytest.mark.parametrize(
    ("given", "outcome"),
    [
        ((EMPTY, WHOLE), Outcome.ANSWERED),
        ((replace(WHOLE, refused=True, sentences=()),), Outcome.REFUSED),
    ],
)
def test_a_question_that_is_read_to_its_end_is_told_once(questions, ended, given, outcome):
    watched = watch(questions, *given)
    assert states(watched) == list(given)
    watched.close()
    assert [asked.outcome for asked in ended] == [outcome]
    assert ended[0].seconds["understand"] == 0.002
    assert (ended[0].first is None) == (outcome is Outcome.REFUSED)


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (LibraryError("gone"), Outcome.FAILED),
        (ValueError("unforeseen"), Outcome.FAILED),
        (LibraryBusyError("being read"), Outcome.TURNED_AWAY),
        (QuestionError("empty"), Outcome.INVALID),
    ],
)
def test_a_question_that_fails_is_told_as_such_and_the_error_goes_on(
    questions, ended, error, outcome
):
    with pytest.raises(type(error)):
        states(watch(questions, EMPTY, error))
    assert [asked.outcome for asked in ended] == [outcome]
    assert (questions.waiting, questions.running) == (0, 0)


def test_one_that_is_closed_midway_was_stopped_and_one_that_never_began_was_turned_away(
    questions, ended
):
    with closing(watch(questions, EMPTY, WHOLE)) as watched:
        watched.step()
    watch(questions, WHOLE).close()
    with closing(watch(questions, EMPTY, WHOLE)) as read:
        read.step()
        read.step()  # all is said, though nobody asked whether there is more
    assert [asked.outcome for asked in ended] == [
        Outcome.STOPPED, Outcome.TURNED_AWAY, Outcome.ANSWERED,
    ]  # fmt: skip


def test_those_waiting_and_those_being_answered_are_known(questions):
    first, second = watch(questions, EMPTY, WHOLE), watch(questions, WHOLE)
    assert (questions.waiting, questions.running) == (2, 0)
    first.step()
    assert (questions.waiting, questions.running) == (1, 1)
    first.close()
    second.close()
    assert (questions.waiting, questions.running) == (0, 0)


def test_many_threads_leave_the_counts_right(questions, ended):
    def ask():
        for _ in range(200):
            states(watch(questions, EMPTY, WHOLE))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(ended) == 800
    assert (questions.waiting, questions.running) == (0, 0)


def test_once_it_stops_further_questions_are_turned_away_and_the_others_finished(questions, ended):
    before = watch(questions, EMPTY, WHOLE)
    before.step()
    questions.stop()
    with pytest.raises(OverloadError, match="shutting down"):
        watch(questions, WHOLE)
    assert before.step() is WHOLE
    before.close()
    assert [asked.outcome for asked in ended] == [Outcome.TURNED_AWAY, Outcome.ANSWERED]


def test_the_wait_for_a_turn_counts_towards_the_first_sentence(questions, ended):
    watched = watch(questions, WHOLE)
    time.sleep(0.02)
    states(watched)
    asked = ended[0]
    assert asked.seconds["wait"] >= 0.02
    assert asked.seconds["total"] >= asked.first >= asked.seconds["wait"]


def test_what_kept_a_chat_model_from_writing_is_told(questions, ended):
    states(watch(questions, replace(WHOLE, trouble=Trouble.TIMEOUT)))
    assert ended[0].trouble is Trouble.TIMEOUT


def test_all_that_is_logged_meanwhile_carries_the_id_of_the_request(questions):
    def answers():
        seen.append(REQUEST.get())
        yield EMPTY
        seen.append(REQUEST.get())
        yield WHOLE

    seen = []
    token = REQUEST.set("mine")
    here = questions.begin(Way.API, "Secret?", answers())
    REQUEST.reset(token)
    there = questions.begin(Way.CHAT, "Secret?", answers(), "theirs")
    for watched in (here, there):
        states(watched)
    assert seen == ["mine", "mine", "theirs", "theirs"]
    assert REQUEST.get() == ""


@pytest.mark.parametrize("tells_text", [False, True])
def test_the_log_has_a_line_for_each_question_with_its_text_only_if_asked_to(caplog, tells_text):
    caplog.set_level("INFO")
    states(watch(Questions(tells_text=tells_text), EMPTY, WHOLE))
    (record,) = caplog.records
    assert record.fields["outcome"] == "answered"
    assert record.fields["sentences"] == 1
    assert record.fields["understand_ms"] == 2.0
    assert ("Secret?" in record.getMessage()) == tells_text
    assert ("question" in record.fields) == tells_text


def test_an_answer_given_up_for_its_time_is_told_as_too_slow(ended):
    release = threading.Event()

    def hang():
        release.wait(20)
        yield WHOLE

    async def ask():
        questions = Questions(Workers(longest_s=0.1), ended.append)
        async with aclosing(questions.stream(Way.API, "Secret?", hang())) as grown:
            with pytest.raises(TooSlowError):
                [state async for state in grown]
        assert ended == []  # its thread is still at it
        release.set()
        while not ended:
            await asyncio.sleep(0.01)
        assert (questions.waiting, questions.running) == (0, 0)

    asyncio.run(ask())
    assert [asked.outcome for asked in ended] == [Outcome.TOO_SLOW]
