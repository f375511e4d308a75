"""Filters a chat model's output: drops its thinking, detects loops.

Models think out loud in many ways: between tags at the start or later, in the channels of gpt-oss,
and, where the server's template has opened the tag, with nothing but its end.
"""

from __future__ import annotations

from assistant.support.errors import ChatModelError, Trouble

RESTART = "\0"
"""A piece that takes back all pieces before it: they were thinking."""

LONGEST = 8_000
"""Longest answer in characters: about as long as the passages it is based on."""

_UNIT = 300
_REPEATS = 4
_LEAST = 120
"""A text loops if it ends with one run of at most ``_UNIT`` characters, repeated
``_REPEATS`` times, and over ``_LEAST`` characters."""

_TAIL = 12

_TAGS = ("think", "thinking", "thought", "reasoning")
_OPENING = (
    *(f"<{tag}>" for tag in _TAGS), "[think]",
    "<|channel|>analysis<|message|>", "<|channel|>commentary<|message|>",
)  # fmt: skip
_CLOSING = (
    *(f"</{tag}>" for tag in _TAGS), "[/think]", "<|channel|>final<|message|>",
    "assistantfinal",  # the same from a server that swallows control tokens
)  # fmt: skip
_NOISE = (
    "<|start|>assistant", "<|end|>", "<|return|>", "<|message|>",
    "<|im_start|>", "<|im_end|>", "<|eot_id|>", "<|endoftext|>",
)  # fmt: skip
_MARKS = (*_OPENING, *_CLOSING, *_NOISE)
_LONGEST_MARK = max(map(len, _MARKS))


class ModelOutput:
    """The streamed text of one answer, without what the model thinks out loud.

    With ``thinks``, it is known to begin with thinking, without a mark that says so.
    """

    def __init__(self, *, thinks: bool = False) -> None:
        self.unannounced = False
        """Whether the model ended thinking that it had not opened."""
        self._raw = ""
        self._held = ""  # not yet looked at: may be the beginning of a mark
        self._thinking = self._assumed = thinks
        self._given = 0  # characters of the answer returned so far

    @property
    def begun(self) -> bool:
        """Whether anything was received."""
        return bool(self._raw)

    def add(self, piece: str) -> str:
        """The new text of the answer in ``piece``, which may begin with ``RESTART``.

        Raises ``ChatModelError`` for a loop.
        """
        self._raw += piece
        if is_looping(self._raw):
            raise ChatModelError("The chat model repeats itself.", Trouble.LOOPING)
        text = self._visible(piece)
        self._given += len(text if self._given else text.lstrip())
        if self._given > LONGEST:
            raise ChatModelError(
                f"The chat model wrote more than {LONGEST:,} characters.", Trouble.LOOPING
            )
        return text

    def close(self) -> str:
        """The text held back. Raises ``ChatModelError`` if the answer is empty."""
        if self._thinking and self._assumed:
            rest = self._raw  # it did not think this time
        else:
            rest = "" if self._thinking else self._held
        if not self._given and not rest.strip():
            raise ChatModelError("The chat model wrote nothing.", Trouble.EMPTY)
        return rest

    def _visible(self, piece: str) -> str:
        text, restarted = "", False
        self._held += piece
        while (place := _first_mark(self._held)) is not None:
            start, mark = place
            text += "" if self._thinking else self._held[:start]
            self._held = self._held[start + len(mark) :]
            if mark in _OPENING:
                self._thinking = True
            elif mark in _CLOSING:
                if not self._thinking and (self._given or text.strip()):
                    text, restarted = "", True
                    self._given, self.unannounced = 0, True
                self._thinking = self._assumed = False
        keep = _begun_mark(self._held)
        text += "" if self._thinking else self._held[: len(self._held) - keep]
        self._held = self._held[len(self._held) - keep :]
        return RESTART + text if restarted else text


def _first_mark(text: str) -> tuple[int, str] | None:
    """Where the first mark in ``text`` begins, and which it is."""
    low = text.lower()
    found = [(low.find(mark), -len(mark), mark) for mark in _MARKS if mark in low]
    start, _, mark = min(found, default=(-1, 0, ""))
    return (start, mark) if mark else None


def _begun_mark(text: str) -> int:
    """How many characters at the end of ``text`` may be the beginning of a mark."""
    low = text[-_LONGEST_MARK:].lower()
    ends = (low[i:] for i, character in enumerate(low) if character in "<[aA")
    return next((len(end) for end in ends if any(m.startswith(end) for m in _MARKS)), 0)


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
