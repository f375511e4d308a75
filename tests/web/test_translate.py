"""Quotes in another language, translated by models of this machine or by the chat model."""

import json
from pathlib import Path

import httpx
import pytest

from assistant.answer.translate.local_models import LocalModels
from assistant.answer.translate.quotes import translation_of
from assistant.assistant import Assistant
from assistant.cli import main
from assistant.embedding import Embedder
from assistant.models.answer import Translation
from assistant.support.errors import ChatModelError, ModelError, Trouble
from assistant.support.settings import Settings
from tests.support.web import serving

ASKED = "How many kilos of honey does a hive give in a year?"
QUOTE = "Un apiculteur récolte environ dix kilos de miel par ruche et par an."


@pytest.mark.slow  # PyTorch makes the model
def test_a_model_translates_its_pair_of_languages_and_no_other(models):
    local = LocalModels(models)
    assert local.translate(QUOTE, "fr", "en")
    assert local.translate(QUOTE, "en", "fr") is None
    assert LocalModels(models / "opus-mt-fr-en").translate(QUOTE, "fr", "en")


@pytest.mark.slow  # PyTorch makes the model
def test_quotes_in_another_language_have_a_translation_where_it_is_asked_for(
    models, corpus: Path, tmp_path: Path, embedder: Embedder
):
    settings = Settings(corpus=corpus, data=tmp_path / "data", translator=models)
    made = Assistant(settings, embedder)
    plain, given = made.ask(ASKED), made.ask(ASKED, translate=True)
    made.close()
    assert plain.citations[0].quote == given.citations[0].quote == QUOTE
    assert "translation" not in plain.to_json()["citations"][0]
    told = given.to_json()["citations"][0]
    assert told["translation"]
    assert "10" not in told["translation"]  # what an untaught model cannot keep is told
    assert "dix" in told["translation_differs"]


@pytest.mark.slow  # PyTorch makes the model
def test_the_page_gets_translations_of_what_the_asker_may_see(
    models, corpus: Path, tmp_path: Path, embedder: Embedder
):
    settings = Settings(corpus=corpus, data=tmp_path / "data", translator=models)
    made = Assistant(settings, embedder)
    cited = made.ask(ASKED).citations[0]
    with serving(made) as address:
        place = f"start={cited.start}&end={cited.end}"
        page = f"{address}translations/{cited.article}?{place}"
        given = httpx.get(f"{page}&to=en", timeout=60).json()  # the model is loaded now
        assert given["translation"]
        assert "dix" in given["differs"]
        assert httpx.get(f"{page}&to=de").status_code == 204
        assert httpx.get(f"{page}9&to=en").status_code == 404
        assert httpx.get(f"{address}translations/0000000000000000?{place}&to=en").status_code == 404
    made.close()


@pytest.mark.slow  # PyTorch makes the model
def test_the_command_line_prints_translations(models, corpus, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("ASSISTANT_TRANSLATOR", str(models))
    places = ["--corpus", str(corpus), "--data", str(tmp_path / "data")]
    assert main(["ask", ASKED, "--translate", "--json", *places]) == 0
    assert json.loads(capsys.readouterr().out)["citations"][0]["translation"]
    assert main(["ask", ASKED, "--translate", *places]) == 0
    assert "Machine translation: " in capsys.readouterr().out


@pytest.mark.parametrize(
    ("translation", "differs"),
    [
        ("A beekeeper harvests about ten kilos of honey per hive and year.", ()),
        ("A beekeeper harvests about 10 kilos of honey per hive and year.", ()),
        ("A beekeeper harvests about twelve kilos of honey.", ("dix", "twelve")),
        ("In Paris a beekeeper harvests about ten kilos of honey.", ("Paris",)),
    ],
)
def test_numbers_dates_and_names_are_held_against_the_original(translation, differs):
    found = translation_of(QUOTE, "fr", "en", lambda *_: translation)
    assert found == Translation(translation, "en", differs)


def test_what_cannot_be_translated_has_no_translation():
    def fails(*_: str) -> str:
        raise ChatModelError("The model is away.", Trouble.UNAVAILABLE)

    def breaks(*_: str) -> str:
        raise ModelError("The sentence is too long for the model.")

    assert translation_of(QUOTE, "fr", "en", fails) is None
    assert translation_of(QUOTE, "fr", "en", breaks) is None
    assert translation_of(QUOTE, "fr", "en", lambda *_: " ") is None
    assert translation_of(QUOTE, "fr", "fr", lambda *_: "Non.") is None
    assert translation_of(QUOTE, "und", "en", lambda *_: "No.") is None


def test_a_folder_without_models_is_an_error_that_names_it(tmp_path):
    with pytest.raises(ModelError, match="holds no translation model"):
        LocalModels(tmp_path)
    broken = tmp_path / "opus-mt-fr-en"
    broken.mkdir()
    (broken / "model.bin").write_bytes(b"no model")
    with pytest.raises(ModelError, match="cannot be loaded"):
        LocalModels(tmp_path).translate(QUOTE, "fr", "en")
