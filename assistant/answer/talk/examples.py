"""How people talk to the assistant: example sentences in many languages, by what they want."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

import yaml

from assistant import language
from assistant.support.errors import LexiconError

FOLDER = Path(language.__file__).parent / "talk"
CONTENT = FOLDER / "content.yaml"
"""Questions that are no talk, in English."""


class Intent(StrEnum):
    """What someone wants who asks for no content of the articles."""

    GREETING = "greeting"
    THANKS = "thanks"
    GOODBYE = "goodbye"
    IDENTITY = "identity"
    ABILITIES = "abilities"
    LANGUAGES = "languages"
    SURE = "sure"
    SIMPLER = "simpler"
    YES = "yes"
    COUNT = "count"
    COUNT_ABOUT = "count_about"
    ABOUT = "about"
    EVERY = "every"
    NEWEST = "newest"
    DATED = "dated"
    SINCE = "since"
    AUTHOR = "author"
    PUBLISHED = "published"
    FILE = "file"


OF_LIBRARY = frozenset(
    {Intent.COUNT, Intent.COUNT_ABOUT, Intent.ABOUT, Intent.EVERY, Intent.NEWEST, Intent.DATED,
     Intent.SINCE}
)  # fmt: skip
"""About the documents that there are."""

OF_TOPIC = frozenset({Intent.COUNT_ABOUT, Intent.ABOUT})
OF_TIME = frozenset({Intent.DATED, Intent.SINCE})
"""Those whose examples have a gap, for what the documents are about or when they are from."""

OF_ANSWER = frozenset({Intent.AUTHOR, Intent.PUBLISHED, Intent.FILE})
"""About the article that the answer before came from."""

GAP = "…"


@dataclass(frozen=True, slots=True)
class Example:
    """A sentence in ``language`` with ``GAP`` for its topic or time; no intent if it is no talk."""

    text: str
    language: str
    intent: Intent | None


@cache
def examples() -> tuple[Example, ...]:
    """Every example, those of content last. Raises ``LexiconError`` for a malformed file."""
    files = [file for file in sorted(FOLDER.glob("*.yaml")) if file != CONTENT]
    talk = [one for file in files for one in _read(file, set(Intent))]
    return (*talk, *_read(CONTENT, {"content"}))


def _read(file: Path, keys: set[Intent] | set[str]) -> list[Example]:
    try:
        listed = yaml.load(file.read_text("utf-8"), Loader=_LOADER)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise LexiconError(f"{file} cannot be read: {' '.join(str(error).split())}.") from error
    if not isinstance(listed, dict) or set(listed) != keys:
        wrong = sorted(set(listed or ()) ^ keys)
        raise LexiconError(f"{file}: these keys are missing or unknown: {', '.join(wrong)}.")
    code, is_talk = ("en", False) if file == CONTENT else (file.stem, True)
    return [
        Example(str(text).format(topic=GAP, time=GAP), code, Intent(key) if is_talk else None)
        for key, texts in listed.items()
        for text in texts
    ]


_LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)  # "No" is a word, not a truth value
