from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from assistant.embedding import onnx_model
from assistant.embedding.bundled_model import find_weights, read_weights
from assistant.embedding.onnx_model import load_bundled
from assistant.support.errors import ModelError

TEXTS = [
    "The ferry leaves at nine.",
    "Le bac part à neuf heures, sauf le dimanche.",
    "渡船九点出发。",
    "",
    "Rye bread keeps for a week. " * 30,
]


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return tmp_path_factory.getbasetemp() / "cache"


@pytest.fixture(scope="module")
def engine(cache):
    return load_bundled(cache, threads=2)


def prepared(folder):
    (path,) = (folder / "models").glob("*.onnx")
    return path


def test_a_translation_says_most_of_a_question_token_by_token(engine):
    others = ["Le pain de seigle se garde une semaine.", "Le roi a ouvert l'école en 1893."]
    said = engine.match("When does the ferry leave?", [TEXTS[1], *others])
    assert said.argmax() == 0
    assert 0 <= said.min() <= said.max() < 1
    assert engine.match("The ferry leaves at nine.", TEXTS)[0] > 0.99
    assert engine.match("", TEXTS).tolist() == [0] * len(TEXTS)


def test_vectors_have_length_one(engine):
    vectors = engine.embed_passages(TEXTS)
    assert vectors.shape == (len(TEXTS), engine.dimension)
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-5)
    assert engine.embed_query("When?").shape == (engine.dimension,)


def test_a_question_is_nearest_to_its_answer_across_languages(engine):
    passages = engine.embed_passages(
        ["Der Zug nach Bern fährt um acht Uhr ab.", "Le chat dort sur le toit.", "円が下がった。"]
    )
    assert np.argmax(passages @ engine.embed_query("When does the train leave?")) == 0
    assert np.argmax(passages @ engine.embed_query("Where is the cat sleeping?")) == 1


def test_questions_and_passages_have_prompts_of_their_own(engine):
    text = "The ferry leaves at nine."
    assert not np.array_equal(engine.embed_query(text), engine.embed_passages([text])[0])


def test_no_texts_give_no_vectors(engine):
    assert engine.embed_passages([]).shape == (0, engine.dimension)
    assert engine.count_tokens([]) == []


def test_vectors_do_not_depend_on_the_batch(engine):
    together = engine.embed_passages(TEXTS)
    assert np.array_equal(engine.embed_passages(TEXTS[::-1]), together[::-1])
    for text, vector in zip(TEXTS, together, strict=True):
        assert np.array_equal(engine.embed_passages([text])[0], vector)


def test_vectors_do_not_depend_on_the_number_of_threads(engine, cache):
    one = load_bundled(cache, threads=1)
    assert np.array_equal(one.embed_passages(TEXTS), engine.embed_passages(TEXTS))
    assert one.identity == engine.identity


def test_several_threads_may_call_at_once(engine):
    alone = [engine.embed_query(text) for text in TEXTS]
    with ThreadPoolExecutor(4) as pool:
        for _ in range(3):
            assert np.array_equal(list(pool.map(engine.embed_query, TEXTS)), alone)


def test_a_long_text_is_embedded_by_its_first_tokens(engine):
    long = "river " * 600
    vector = engine.embed_passages([long])[0]
    assert np.array_equal(engine.embed_passages([long + "and a mountain"])[0], vector)
    shorter = "river " * (engine.max_tokens - 5)
    assert not np.array_equal(engine.embed_passages([shorter])[0], vector)


def test_tokens_are_counted_without_prompt_marks_or_limit(engine):
    assert engine.count_tokens(["", "river", "river " * 600]) == [0, 1, 600]


@pytest.mark.slow  # makes it anew
def test_a_damaged_file_is_made_again(tmp_path, cache, engine, caplog):
    shutil.copytree(cache / "models", tmp_path / "models")
    path = prepared(tmp_path)
    whole = path.read_bytes()
    path.write_bytes(whole[:1000] + b"damage" + whole[1006:])
    told = []
    again = load_bundled(tmp_path, progress=told.append)
    assert "is damaged; making it again" in caplog.text
    assert len(told) == 1
    assert path.read_bytes() == whole
    assert np.array_equal(again.embed_query("When?"), engine.embed_query("When?"))


@pytest.mark.slow  # makes it anew
def test_a_file_that_was_not_finished_is_made_again(tmp_path, cache, engine):
    path = tmp_path / "models" / prepared(cache).name
    path.parent.mkdir()
    path.write_bytes(prepared(cache).read_bytes()[:5000])
    load_bundled(tmp_path)
    assert path.read_bytes() == prepared(cache).read_bytes()
    assert not list(path.parent.glob("*.partial"))


def test_a_whole_file_is_not_made_again(cache, engine):
    told = []
    load_bundled(cache, progress=told.append)
    assert told == []


def test_a_cache_that_cannot_be_written_is_explained(tmp_path):
    file = tmp_path / "file"
    file.write_text("not a folder")
    with pytest.raises(ModelError, match=r"cannot be kept in .*ASSISTANT_CACHE"):
        load_bundled(file)


def test_waiting_for_another_process_ends(tmp_path, monkeypatch):
    from filelock import FileLock

    monkeypatch.setattr(onnx_model, "_LOCK_SECONDS", 0.1)
    models = tmp_path / "models"
    models.mkdir()
    lock = FileLock(models / f"{onnx_model._digest(onnx_model.CONTEXT)}.lock")
    with lock, pytest.raises(ModelError, match="Another process has been preparing"):
        load_bundled(tmp_path)


def test_a_file_that_onnxruntime_cannot_open_is_explained(tmp_path):
    path = tmp_path / "model.onnx"
    path.write_bytes(b"not a model")
    with pytest.raises(ModelError, match=r"cannot open .*model\.onnx"):
        onnx_model.OnnxEmbedder(read_weights(find_weights()), path)
