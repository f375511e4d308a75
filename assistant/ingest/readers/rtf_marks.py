"""What a rich text shows, written into its source: looks as marks, its notes at its end."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from assistant.ingest.readers.raised import CLOSE, MARKS

_TOKEN = re.compile(
    r"(?P<letter>\\u-?\d{1,6} ?(?:\\'[0-9a-fA-F]{2}|[^\\{}])?)"
    r"|\\(?P<word>[a-z]{1,32})(?P<value>-?\d{1,10})? ?"
    r"|(?P<brace>[{}])|\\\*|\\'[0-9a-fA-F]{2}|\\[^a-z]|[^\\{}]+",
    re.S,
)
_LOOKS = {"super": "sup", "sub": "sub", "strike": "del", "striked": "del"}
_UNSEEN = frozenset({"fonttbl", "colortbl", "stylesheet", "info", "pict", "listtable", "object"})


@dataclass(frozen=True, slots=True)
class _GroupState:
    """What the control words of a group have said so far."""

    hidden: bool = False
    deleted: bool = False
    look: str = ""
    note: bool = False
    unseen: bool = False


def shown(source: str) -> str:
    """``source`` without what is hidden or was deleted, with the notes after the text, and with
    the marks of ``raised`` around raised, lowered and struck-out text.
    """
    body: list[str] = []
    notes: list[str] = []
    for words, in_note in _tokens(source):
        (notes if in_note else body).append(words)
    whole = "".join(body)
    end = whole.rstrip().rfind("}")
    return whole[:end] + "".join(notes) + whole[end:] if end >= 0 else whole


def _tokens(source: str) -> Iterator[tuple[str, bool]]:
    """The parts of ``source`` that are to be read, each with whether it belongs to a note."""
    state = _GroupState()
    groups: list[_GroupState] = []
    for found in _TOKEN.finditer(source):
        token, word, brace = found[0], found["word"], found["brace"]
        if brace == "{":
            groups.append(state)
        elif brace == "}":
            yield token, state.note
            outer = groups.pop() if groups else state
            if state.note and not outer.note:
                yield token, False
            state = outer
            continue
        elif word == "footnote" and not state.note:
            state = _GroupState(note=True)
            yield r"{\pard\par ", True
            continue
        elif word == "chftn":  # the mark of the note, which follows at the end
            continue
        elif word:
            state = _after(state, word, found["value"])
        elif not state.unseen:
            if state.hidden or state.deleted:
                continue
            token = _looking(token, state.look)
        yield token, state.note


def _after(state: _GroupState, word: str, value: str | None) -> _GroupState:
    on = value != "0"
    if word == "v":
        return replace(state, hidden=on)
    if word == "deleted":
        return replace(state, deleted=on)
    if word in _UNSEEN:
        return replace(state, unseen=True)
    if word in _LOOKS:
        return replace(state, look=_LOOKS[word] if on else "")
    if word in ("up", "dn") and value:
        return replace(state, look=("sup" if word == "up" else "sub") if int(value) else "")
    if word == "nosupersub":
        return replace(state, look="")
    return replace(state, look="", hidden=False) if word == "plain" else state


def _looking(token: str, look: str) -> str:
    if not look or not token.strip("\r\n"):
        return token
    return f"{_escaped(MARKS[look])}{token}{_escaped(CLOSE)}"


def _escaped(mark: str) -> str:
    return rf"\u{ord(mark)} ?"
