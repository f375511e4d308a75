"""What a chat model sends, kept to what it means to say, and watched for going round in circles."""

from __future__ import annotations

from assistant.support.errors import ChatModelError, Trouble

LONGEST = 8_000
"""Characters of an answer. The passages it may rest on have about as many."""

_UNIT = 300
_REPEATS = 4
_LEAST = 120
"""A text goes round in circles if it ends with one run of at most ``_UNIT`` characters, written
``_REPEATS`` times, and over ``_LEAST`` characters."""

_TAIL = 12
_OPEN, _CLOSE = "<think>", "</think>"


class ModelOutput:
    """The text of one answer as it comes. Models that think aloud first are heard from then on."""

    def __init__(self) -> None:
        self._raw = ""
        self._given = 0  # characters of the text itself
        self._from = 0  # where the text itself goes on in what was sent

    @property
    def begun(self) -> bool:
        """Whether anything was sent."""
        return bool(self._raw)

    def add(self, piece: str) -> str:
        """The part of the answer that ``piece`` brings. Raises ``ChatModelError`` for a loop."""
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
        """What was held back. Raises ``ChatModelError`` if the answer is empty."""
        begun = self._raw.lstrip()
        rest = begun if self._from == 0 and not begun.startswith(_OPEN) else ""
        if not self._given and not rest:
            raise ChatModelError("The chat model wrote nothing.", Trouble.EMPTY)
        return rest

    def _text_start(self) -> int | None:
        """Where the answer begins, or None if that cannot be told yet."""
        begun = self._raw.lstrip()
        if len(begun) < len(_OPEN) and _OPEN.startswith(begun):
            return None
        if not begun.startswith(_OPEN):
            return 0
        end = self._raw.find(_CLOSE)
        return None if end < 0 else end + len(_CLOSE)


def is_looping(text: str) -> bool:
    """Whether ``text`` ends with a run that is written over and over."""
    end = text[-_UNIT * _REPEATS :]
    if len(end) < _LEAST:
        return False
    last = len(end) - _TAIL
    place = last
    # The run is as long as the way back to where its last characters were written before.
    while (place := end.rfind(end[last:], max(0, last - _UNIT), place + _TAIL - 1)) >= 0:
        unit = last - place
        length = max(_LEAST, unit * _REPEATS)
        if length <= len(end) and end[-length:-unit] == end[len(end) - length + unit :]:
            return True
    return False
