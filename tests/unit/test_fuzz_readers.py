"""Damaged files of every format: each is read, or refused with a reason, and nothing else."""

from __future__ import annotations

import json
import logging
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from assistant.ingest.reader_process import ReaderProcess
from assistant.models.article import Article
from assistant.support.errors import ArticleError
from tests.support.fuzzing import FILES
from tests.support.mutations import SEEDS, mutated

pytestmark = pytest.mark.slow  # many damaged files

PATIENCE_S = 60.0
EACH = -(-FILES // len(SEEDS))
ENDS = {"took more than": "too slow", "of memory that": "too large", "crashed": "crashed"}
"""What the limits of the process of its own say when a file meets them."""

log = logging.getLogger(__name__)


@pytest.fixture(scope="module")
def reader() -> Iterator[ReaderProcess]:
    made = ReaderProcess(PATIENCE_S)
    yield made
    made.close()


WHOLE = {".xlsx"}
"""Formats whose library opens every part of the archive at once: any damage refuses the file."""


@pytest.mark.parametrize("suffix", sorted(SEEDS))
def test_a_damaged_file_is_read_or_refused(
    suffix: str, reader: ReaderProcess, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    outcomes: Counter[str] = Counter()
    findings: list[str] = []
    path = tmp_path / f"a{suffix}"
    for number in range(EACH):
        data, how = mutated(suffix, number)
        path.write_bytes(data)
        try:
            outcomes[_outcome(reader, path)] += 1
        except Exception as error:
            findings.append(f"{suffix} {number}, {how}: {error!r}")
        # A defect of a reader, caught at the border of its process, is logged there.
        defects = [one.getMessage() for one in caplog.records if one.name == "__main__"]
        findings += [f"{suffix} {number}, {how}: {defect}" for defect in defects]
        caplog.clear()
    log.info("%s: %s", suffix, dict(outcomes))
    assert not findings, "\n".join(findings)
    assert outcomes.total() == EACH
    assert outcomes["read"] or suffix in WHOLE
    assert outcomes["refused"]


def _outcome(reader: ReaderProcess, path: Path) -> str:
    """How reading ended. Raises for any end but an article and an error that names the file."""
    try:
        article = reader.read_file(path, path.name).article
    except ArticleError as error:
        told = str(error)
        assert told.startswith(f"{path.name}: "), told
        end = next((end for words, end in ENDS.items() if words in told), "refused")
        assert end != "crashed", told
        return end
    _check(article)
    return "read"


def _check(article: Article) -> None:
    """What the next stages rely on: text that can be written, blocks in it, in order."""
    json.dumps(article.to_json(), ensure_ascii=False).encode()
    places = [(0, 0), *((block.start, block.end) for block in article.blocks)]
    assert all(start < end <= len(article.text) for start, end in places[1:])
    assert all(before[1] <= after[0] for before, after in pairwise(places))
    assert list(article.pages) == sorted(article.pages)
    assert any(character.isalnum() for character in article.text)
