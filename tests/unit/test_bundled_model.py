from __future__ import annotations

import hashlib
import struct

import numpy as np
import pytest

from assistant.embedding import bundled_model
from assistant.embedding.bundled_model import WEIGHTS_SHA256, Blocks, find_weights, read_weights
from assistant.support.errors import ModelError


@pytest.fixture(scope="module")
def model():
    return read_weights(find_weights())


def test_the_weights_are_the_pinned_ones():
    assert hashlib.sha256(find_weights().read_bytes()).hexdigest() == WEIGHTS_SHA256


def test_sizes_are_those_of_the_small_e5_model(model):
    shape = model.shape
    assert (shape.hidden, shape.layers, shape.heads, shape.inner) == (384, 12, 12, 1536)
    assert (shape.vocabulary, shape.positions) == (250037, 512)
    assert shape.epsilon == pytest.approx(1e-12)


def test_vocabulary_has_markup_first_and_scores_below_zero(model):
    vocabulary = model.vocabulary
    assert vocabulary.pieces[:5] == ("<s>", "<pad>", "</s>", "<unk>", ",")
    marks = (vocabulary.begin, vocabulary.pad, vocabulary.end, vocabulary.unknown)
    assert marks == (0, 1, 2, 3)
    assert len(set(vocabulary.pieces)) == len(vocabulary.pieces) == len(vocabulary.scores)
    assert all(s < 0 for i, s in enumerate(vocabulary.scores) if i not in vocabulary.markup)


def test_rules_drop_control_characters_and_make_line_ends_spaces(model):
    rules = model.vocabulary.rules
    assert rules["\x07"] == ""
    assert rules["\n"] == rules["\t"] == rules["\u200b"] == " "
    assert "é" not in rules


def test_a_matrix_is_unpacked_as_the_format_says(model):
    name = "l3.fo.w"
    tensor = model._tensors[name]
    raw = find_weights().read_bytes()[tensor.offset : tensor.offset + 18]
    (scale,) = struct.unpack_from("<e", raw)
    halves = raw[2:]
    expected = [(byte & 15) - 8 for byte in halves] + [(byte >> 4) - 8 for byte in halves]
    row = model.matrix(name, 1536).dense()[0, :32]
    assert row.tolist() == [np.float32(value) * np.float32(scale) for value in expected]


def test_blocks_scale_each_run_of_32_values():
    nibbles = np.full((2, 64), 8, np.uint8)
    nibbles[0, 0], nibbles[0, 32], nibbles[1, 63] = 9, 0, 15
    dense = Blocks(nibbles, np.array([[2, 3], [4, 5]], np.float32)).dense()
    assert dense[0, 0] == 2
    assert dense[0, 32] == -24
    assert dense[1, 63] == 35
    assert np.count_nonzero(dense) == 3


def test_every_layer_has_every_tensor(model):
    for layer in range(model.shape.layers):
        for part in ("q", "k", "v", "ao", "fi", "fo"):
            columns = model.shape.inner if part == "fo" else model.shape.hidden
            rows = model.shape.inner if part == "fi" else model.shape.hidden
            assert model.matrix(f"l{layer}.{part}.w", columns).nibbles.shape == (rows, columns)
            assert model.vector(f"l{layer}.{part}.b").shape == (rows,)


def test_without_the_package_the_error_says_which_setting_helps(monkeypatch):
    monkeypatch.setattr(bundled_model, "PACKAGE", "no_package_of_this_name")
    with pytest.raises(ModelError, match=r"not installed.*ASSISTANT_EMBEDDING_MODEL"):
        find_weights()


def test_a_changed_weights_file_is_refused(tmp_path, monkeypatch):
    package = tmp_path / bundled_model.PACKAGE
    package.mkdir()
    (package / "__init__.py").touch()
    (package / bundled_model.WEIGHTS_FILE).write_bytes(b"E5S1 of another kind")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ModelError, match=r"(?s)damaged or of another version.*Reinstall"):
        find_weights()


def test_a_file_of_another_kind_is_refused(tmp_path):
    path = tmp_path / "model.bin"
    path.write_bytes(b"GGUF" + bytes(100))
    with pytest.raises(ModelError, match=r"model\.bin is not a model file"):
        read_weights(path)
