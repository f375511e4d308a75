"""The words of each language, and that a language is added with a file alone."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.answer.judge.answer_kind import Asked, asked, asks_for_many, offers
from assistant.answer.verify.polarity import contradicts, is_negated
from assistant.language import lexicon as module
from assistant.language.facts import facts
from assistant.language.lexicon import Lexicon, lexicon, lexicons
from assistant.support.errors import LexiconError

ENGLISH = module.FOLDER / "en.yaml"
CODE = "qx"  # of no language


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of the lexicons that a test may add to."""
    copy = tmp_path / "lexicons"
    shutil.copytree(module.FOLDER, copy)
    monkeypatch.setattr(module, "FOLDER", copy)
    lexicons.cache_clear()
    yield copy
    lexicons.cache_clear()


def with_words(**words: str) -> str:
    """A lexicon of a made-up language: the English one with other words for ``section.key``."""
    lines, section = [], ""
    skipping = None
    for line in ENGLISH.read_text("utf-8").splitlines():
        depth = len(line) - len(line.lstrip())
        if skipping is not None and depth > skipping:
            continue
        skipping = None
        key = line.strip().partition(":")[0]
        if depth == 0:
            section = key
        elif f"{section}_{key}" in words:
            line, skipping = f"{' ' * depth}{key}: {words[f'{section}_{key}']}", depth
        lines.append(line)
    return "\n".join(lines)


def test_a_fifth_language_is_a_file(folder: Path) -> None:
    assert asked("Vye zil bor?", CODE) is Asked.ANYTHING
    (folder / f"{CODE}.yaml").write_text(
        with_words(
            questions_reason="vye",
            questions_many="^mukte",
            answers_reasons="poskal",
            polarity_negations="nok",
            polarity_opposites="{open - close: apla / zapla}",
            numbers_about="{dozun: 12}",
            numbers_units="{bolda: tonne}",
        ),
        "utf-8",
    )
    lexicons.cache_clear()
    assert asked("Vye zil bor?", CODE) is Asked.REASON
    assert asks_for_many("Mukte zil", CODE)
    assert offers(Asked.REASON, "Zil bor poskal ner.", CODE, ())
    assert is_negated("Zil nok bor.", CODE)
    assert contradicts("Zil apla.", CODE, "The door closed.", "en")
    found = facts("zil dozun bolda", CODE)
    assert [(fact.value, fact.unit) for fact in found] == [("12", "tonne")]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("  openings:", "  opening:"), "unknown key 'opening'"),
        (("  openings: and but or\n", ""), "the key 'openings' is missing"),
        (("  month_first: yes", "  month_first: maybe"), "month_first: expected yes or no"),
        (("    dozen: 12", "    dozen: twelve"), "dozen: invalid literal"),
        (("  places: in at", "  places: in (at"), "places: "),
        (("numbers:\n", "numbers: [\n"), "cannot be read"),
    ],
)
def test_a_malformed_file_is_an_error_that_names_it(
    folder: Path, change: tuple[str, str], said: str
) -> None:
    text = ENGLISH.read_text("utf-8")
    assert change[0] in text
    (folder / "en.yaml").write_text(text.replace(*change), "utf-8")
    with pytest.raises(LexiconError, match=said) as raised:
        lexicons()
    assert "en.yaml" in str(raised.value)


def test_a_language_without_a_file_has_an_empty_lexicon() -> None:
    assert lexicon("sv") == Lexicon()
    assert not is_negated("not", "sv")


def test_opposites_have_the_same_keys_in_every_language() -> None:
    known = lexicons()["en"].polarity.opposites
    for one in lexicons().values():
        assert set(one.polarity.opposites) <= set(known)
        assert all(pair.count("/") == 1 for pair in one.polarity.opposites.values())


def test_questions_are_asked_for_the_same_things_in_every_language() -> None:
    kinds = {kind.value for kind in Asked if kind is not Asked.ANYTHING}
    for one in lexicons().values():
        assert set(one.questions.interrogatives) == set(one.questions.nouns) == kinds
