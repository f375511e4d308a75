"""Filters a chat model's output: drops its thinking, detects loops."""

from __future__ import annotations

from assistant.support.errors import ChatModelError, Trouble

LONGEST = 8_000
"""Longest answer in characters: about as long as the passages it is based on."""

_UNIT = 300
_REPEATS = 4
_LEAST = 120
"""A text loops if it ends with one run of at most ``_UNIT`` characters, repeated
``_REPEATS`` times, and over ``_LEAST`` characters."""

_TAIL = 12
_OPEN, _CLOSE = "<think>", "</think>"


class ModelOutput:
    """The streamed text of one answer. Thinking out loud at its start is skipped."""

    def __init__(self) -> None:
        self._raw = ""
        self._given = 0  # characters of the answer returned so far
        self._from = 0  # where the answer continues in the raw output

    @property
    def begun(self) -> bool:
        """Whether anything was received."""
        return bool(self._raw)

    def add(self, piece: str) -> str:
        """The new text of the answer in ``piece``. Raises ``ChatModelError`` for a loop."""
        self._raw += piece
        if is_looping(self._raw):
            raise ChatModelError("The chat model repeats itself.", Trouble.LOOPING)
        start = self._text_start()
        if start is None:
            return ""
        text = self._raw[max(start, self._from) :]
        self._from = len(self._raw)
        self._given += len(text if self._given else text.lstrip())
        if self._given > LONGEST:
            raise ChatModelError(
                f"The chat model wrote more than {LONGEST:,} characters.", Trouble.LOOPING
            )
        return text

    def close(self) -> str:
        """The text held back. Raises ``ChatModelError`` if the answer is empty."""
        begun = self._raw.lstrip()
        rest = begun if self._from == 0 and not begun.startswith(_OPEN) else ""
        if not self._given and not rest:
            raise ChatModelError("The chat model wrote nothing.", Trouble.EMPTY)
        return rest

    def _text_start(self) -> int | None:
        """Where the answer begins; None if that is not clear yet."""
        begun = self._raw.lstrip()
        if len(begun) < len(_OPEN) and _OPEN.startswith(begun):
            return None
        if not begun.startswith(_OPEN):
            return 0
        end = self._raw.find(_CLOSE)
        return None if end < 0 else end + len(_CLOSE)


def is_looping(text: str) -> bool:
    """Whether ``text`` ends with a run repeated over and over."""
    end = text[-_UNIT * _REPEATS :]
    if len(end) < _LEAST:
        return False
    last = len(end) - _TAIL
    place = last
    # The period is the distance back to the previous occurrence of the last characters.
    while (place := end.rfind(end[last:], max(0, last - _UNIT), place + _TAIL - 1)) >= 0:
        unit = last - place
        length = max(_LEAST, unit * _REPEATS)
        if length <= len(end) and end[-length:-unit] == end[len(end) - length + unit :]:
            return True
    return False
