"""What a sync did."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from assistant.models.status import Failure, Skipped, Stage
from assistant.support.counting import counted


@dataclass(slots=True)
class SyncReport:
    """The result of a sync, counted in files, and what the library then holds.

    ``embedded`` counts passages and sentences. ``stages`` has the seconds after which each stage
    was complete; after ``answerable_seconds``, those of the first, every article could be asked
    about. ``failed`` lists every file that could not be read, including
    unchanged ones that failed before, and every web source whose last fetch failed; ``skipped``
    every file of the corpus that is not read, ``partial`` those of which something was left out.
    """

    added: int = 0
    updated: int = 0
    removed: int = 0
    unchanged: int = 0
    failed: list[Failure] = field(default_factory=list)
    skipped: tuple[Skipped, ...] = ()
    partial: tuple[Skipped, ...] = ()
    articles: int = 0
    passages: int = 0
    sentences: int = 0
    embedded: int = 0
    stages: dict[Stage, float] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def answerable_seconds(self) -> float:
        """Seconds after which every article could be asked about."""
        return self.stages.get(Stage.READING, 0.0)

    @property
    def complete(self) -> bool:
        """Whether all vectors were made."""
        return Stage.WORDS in self.stages

    @property
    def changed(self) -> bool:
        """Whether the sync found any change since the one before."""
        return bool(self.added or self.updated or self.removed)

    def summary(self) -> str:
        """The report on one line."""
        return (
            f"{counted(self.articles, 'article')}, {counted(self.passages, 'passage')}, "
            f"{counted(self.sentences, 'sentence')}: "
            f"{self.added} added, {self.updated} updated, {self.removed} removed, "
            f"{self.unchanged} unchanged, {len(self.failed)} failed, {len(self.skipped)} left out, "
            f"in {self.seconds:.1f} s"
        )

    def to_json(self) -> dict[str, Any]:
        """The report as ``sync --json`` prints it."""
        said = asdict(self)
        stages, seconds = said.pop("stages"), said.pop("seconds")
        return said | {
            "skipped": list(said["skipped"]),
            "partial": list(said["partial"]),
            "answerable_seconds": round(self.answerable_seconds, 6),
            "stages": {stage.value: round(after, 6) for stage, after in stages.items()},
            "seconds": round(seconds, 6),
        }
