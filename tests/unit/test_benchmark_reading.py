"""The figures of how much is read."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import reading
from benchmarks.reading import Measured, measure


def test_recall_and_precision_count_words_as_often_as_they_stand(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = {"a.md": "One two two three four.", "b.md": "Not read.", "c.md": ""}
    monkeypatch.setattr(reading, "reading", lambda file: said[file.name])
    (tmp_path / "a.md").write_text("# One\n\nTWO three five")
    (tmp_path / "b.md").write_text(" ")
    (tmp_path / "c.md").write_text("Nobody else reads it.")
    files = [(tmp_path / name, tmp_path / name) for name in said]
    assert measure(files) == [Measured(".md", 2, (3 / 5 + 0) / 2, (3 / 4 + 0) / 2, 1)]
