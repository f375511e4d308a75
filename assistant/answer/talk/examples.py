"""How people talk to the assistant: example sentences in many languages, by what they want."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

import yaml

from assistant import language
from assistant.support.errors import LexiconError

FOLDER = Path(language.__file__).parent / "talk"
CONTENT = FOLDER / "content.yaml"
"""Questions that are no talk, by language."""


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
    SUMMARY = "summary"


OF_LIBRARY = frozenset(
    {Intent.COUNT, Intent.COUNT_ABOUT, Intent.ABOUT, Intent.EVERY, Intent.NEWEST, Intent.DATED,
     Intent.SINCE}
)  # fmt: skip
"""About the documents that there are."""

OF_TOPIC = frozenset({Intent.COUNT_ABOUT, Intent.ABOUT, Intent.SUMMARY})
OF_TIME = frozenset({Intent.DATED, Intent.SINCE})
"""Those whose examples have a gap, for what the documents are about, when they are from, or which
one is to be summarized.
"""

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
    talk = [one for file in files for one in _of_talk(file)]
    content = [Example(text, code, None) for code, some in _read(CONTENT).items() for text in some]
    return (*talk, *content)


def _of_talk(file: Path) -> Iterator[Example]:
    listed = _read(file)
    if set(listed) != set(Intent):
        wrong = ", ".join(sorted(set(listed) ^ set(Intent)))
        raise LexiconError(f"{file}: these keys are missing or unknown: {wrong}.")
    for intent, texts in listed.items():
        for text in texts:
            yield Example(text.format(topic=GAP, time=GAP), file.stem, Intent(intent))


def _read(file: Path) -> dict[str, list[str]]:
    """Lists of sentences by key. Raises ``LexiconError``."""
    try:
        read = yaml.load(file.read_text("utf-8"), Loader=_LOADER)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise LexiconError(f"{file} cannot be read: {' '.join(str(error).split())}.") from error
    if not isinstance(read, dict) or not all(isinstance(texts, list) for texts in read.values()):
        raise LexiconError(f"{file}: expected keys with a list of sentences under each.")
    return read


_LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)  # "No" is a word, not a truth value
