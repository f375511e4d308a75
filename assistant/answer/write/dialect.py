"""How a server wants to be asked, learnt from what it refuses.

Every server speaks the protocol with an accent: one model's template knows no system message,
another's refuses a temperature, a small server does not stream. A refusal says so in its text, in
words that differ a little; the request is then made without what it names.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

Message = tuple[str, str]
"""The role, "system" or "user", and the text."""

_UNKNOWN_OPTION = re.compile(r"unsupported|not supported|unknown|unrecognized|not permitted|extra")
_TOO_LONG = re.compile(
    r"context.{0,40}(length|size|window|limit)|(too|prompt is) (long|many tokens)"
    r"|exceed_?\w*.{0,40}(context|token)|maximum.{0,30}tokens|reduce the length"
)
_SYSTEM = re.compile(r"\bsystem\b|developer instruction|\broles?\b")
_TEMPERATURE = re.compile(r"\btemperature\b")
_LIMIT = re.compile(r"\bmax_(completion_)?tokens\b")
_STREAM = re.compile(r"\bstream(ing|s)?\b")


@dataclass(frozen=True, slots=True)
class Dialect:
    """What a server takes: a system message, a temperature, a limit of tokens, and streaming."""

    system: bool = True
    temperature: bool = True
    limit: bool = True
    streams: bool = True

    def messages(self, given: Sequence[Message]) -> list[Message]:
        """``given``, with the system message put before the user's where none is taken."""
        if self.system:
            return list(given)
        return [("user", "\n\n".join(text for _, text in given))]

    def options(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """The options of a request, without those that are refused."""
        refused = set()
        if not self.temperature:
            refused.add("temperature")
        if not self.limit:
            refused |= {"max_tokens", "max_completion_tokens"}
        kept = {name: value for name, value in given.items() if name not in refused}
        if isinstance(body := kept.get("extra_body"), Mapping):
            kept["extra_body"] = {name: v for name, v in body.items() if name not in refused}
        return kept

    def without_refused(self, text: str) -> Dialect | None:
        """The dialect after a refusal with ``text``; None if that names nothing it could omit."""
        said = text.lower()
        if _LIMIT.search(said) and _UNKNOWN_OPTION.search(said):
            new = replace(self, limit=False)
        elif _TEMPERATURE.search(said):
            new = replace(self, temperature=False)
        elif _STREAM.search(said):
            new = replace(self, streams=False)
        elif _SYSTEM.search(said):
            new = replace(self, system=False)
        else:
            return None
        return new if new != self else None


def is_overflow(text: str) -> bool:
    """Whether a refusal with ``text`` says that the prompt is too long."""
    said = text.lower()
    return bool(_TOO_LONG.search(said)) and not (
        _LIMIT.search(said) and _UNKNOWN_OPTION.search(said)
    )
