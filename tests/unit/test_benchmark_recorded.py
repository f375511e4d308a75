"""Recorded answers over the corpus: a check or prompt that gets worse shows here."""

import pytest

from assistant.support.settings import Settings
from benchmarks.recorded import measure, read_recorded
from tests.support.repository import CORPUS


def test_recorded_answers_cite_as_their_strength_does():
    strong, *others = read_recorded()
    weak = next(one for one in others if "pledged to buy" in one.sentences[0].text)
    prompt = (
        "[S1] Other.\n[S2] Microsoft is training a large model.\n[S3] Google s’est engagé en 2023."
    )
    assert strong.written(prompt).endswith("known as MAI-1 [S2].")
    assert weak.written(prompt) == "- Google has pledged to buy all of Anthropic. (Source 3)"
    assert weak.written("") == "Google has pledged to buy all of Anthropic."


@pytest.mark.slow  # reads the corpus and asks some fifty questions
def test_recorded_answers_are_judged_as_well_as_they_were(tmp_path, monkeypatch):
    monkeypatch.setenv("ASSISTANT_CACHE", str(Settings().cache))
    counts = measure(CORPUS, tmp_path)
    strong, weak = counts["strong"], counts["weak"]
    assert strong.right >= 27, str(strong)
    assert strong.refused == 0, str(strong)
    assert weak.passed <= 2, str(weak)
