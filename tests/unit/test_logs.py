import json
import logging
import sys

import pytest

from assistant.cli.output import dump, say, tell
from assistant.support.logs import FORMAT, LineFormatter, one_line
from assistant.support.unseen import printable

FORGED = [
    "\nERROR forged",
    "\r\nERROR forged",
    "\x1b[2K\x1b[1A ERROR forged",
    "\x9b31m",
    "\x85ERROR forged",
    "\u2028ERROR forged",
    "\x00\x07\x08\x7f",
    "\u202eDERETLA\u2066",
    "\udcff",
]


def line(message, *given, **more):
    record = logging.LogRecord("x", logging.WARNING, "f", 1, message, given, None, **more)
    return LineFormatter(FORMAT).format(record)


@pytest.mark.parametrize("text", FORGED)
def test_what_comes_from_outside_stays_on_its_line_and_is_seen(text):
    told = line("The question %s, the file %r", text, text)
    assert told.startswith("WARNING The question ")
    assert told.isprintable()
    assert len(told.splitlines()) == 1


def test_text_in_any_language_stays_as_it_is():
    text = "Où est l’été ? ما هو؟ 日本 e\u0301 👩\u200d👩\u200d👦"
    assert one_line(text) == text


@pytest.mark.parametrize("text", FORGED)
def test_what_an_exception_says_cannot_pass_for_a_line(text):
    try:
        raise ValueError(text)
    except ValueError:
        trace = sys.exc_info()
    record = logging.LogRecord("x", logging.ERROR, "f", 1, "failed", (), trace, sinfo=text)
    first, *more = LineFormatter(FORMAT).format(record).split("\n")
    assert first == "ERROR failed"
    assert len(more) > 2
    assert all(one.startswith("  ") and one.isprintable() for one in more)


def test_a_terminal_obeys_nothing_in_what_a_command_prints(capsysbinary):
    say("Title \x1b]0;pwned\x07\n\tarticle\x9b31m")
    tell("error: a\nb\x1b[0m.txt cannot be read")
    out, err = capsysbinary.readouterr()
    assert out == b"Title \\u001b]0;pwned\\u0007\n\tarticle\\u009b31m\n"
    assert err == b"error: a\\nb\\u001b[0m.txt cannot be read\n"


def test_escapes_in_json_mean_what_they_stand_for(capsysbinary):
    text = "".join(map(chr, range(0x100))) + "\u202e"
    say(dump({"text": text}))
    assert json.loads(capsysbinary.readouterr().out) == {"text": text}
    assert printable(dump(text)).isascii() is False
