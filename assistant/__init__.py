"""An assistant that answers questions from a folder of articles, with citations of the exact words.

>>> from assistant import Assistant, Settings
>>> assistant = Assistant(Settings(corpus="corpus", data="data"))  # doctest: +SKIP
>>> assistant.sync()  # doctest: +SKIP
>>> print(assistant.ask("Why did tensions rise?").text)  # doctest: +SKIP
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from assistant.support.telemetry import forbid_telemetry
from assistant.support.version import __version__

if TYPE_CHECKING:
    from assistant.assistant import Assistant
    from assistant.models.answer import Answer, Citation, Hit, SearchResults
    from assistant.models.conversation import Turn
    from assistant.support.errors import AssistantError
    from assistant.support.settings import Settings

forbid_telemetry()

__all__ = [
    "Answer",
    "Assistant",
    "AssistantError",
    "Citation",
    "Hit",
    "SearchResults",
    "Settings",
    "Turn",
    "__version__",
]

_HOMES = {
    "Answer": "models.answer",
    "Assistant": "assistant",
    "AssistantError": "support.errors",
    "Citation": "models.answer",
    "Hit": "models.answer",
    "SearchResults": "models.answer",
    "Settings": "support.settings",
    "Turn": "models.conversation",
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used: ``--help`` must not wait for chromadb."""
    import importlib

    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
