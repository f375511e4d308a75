"""A cross-encoder of natural-language inference, with random weights but real code."""

import pytest

from assistant.answer.verify.nli import CrossEncoderNli
from assistant.answer.verify.verifier import Source, Verifier
from assistant.embedding.centring import Centring
from assistant.support.errors import ModelError
from assistant.support.settings import Settings

WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "the", "ferry", "leaves", "at", "nine", "ten", "."]


@pytest.fixture(scope="module")
def make(tmp_path_factory):
    """Makes a cross-encoder with these classes, which finds the last one."""
    import torch
    from transformers import BertConfig, BertForSequenceClassification, BertTokenizerFast

    def make(*labels):
        folder = tmp_path_factory.mktemp("nli")
        shape = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2}
        sizes = {"intermediate_size": 16, "max_position_embeddings": 64, "vocab_size": len(WORDS)}
        model = BertForSequenceClassification(BertConfig(
            **shape, **sizes, id2label=dict(enumerate(labels)),
            label2id={label: place for place, label in enumerate(labels)},
        ))  # fmt: skip
        with torch.no_grad():
            model.classifier.bias[-1] = 9.0
        model.save_pretrained(folder)
        vocabulary = {word: i for i, word in enumerate(WORDS)}
        BertTokenizerFast(vocab=vocabulary, model_max_length=64).save_pretrained(folder)
        return str(folder)

    return make


@pytest.mark.parametrize(
    ("labels", "entailed"),
    [
        (("contradiction", "neutral", "entailment"), True),
        (("ENTAILMENT", "NEUTRAL", "CONTRADICTION"), False),
    ],
)
def test_its_class_of_entailment_decides(make, embedder, labels, entailed):
    nli = CrossEncoderNli(make(*labels))
    assert (nli.probability("The ferry leaves at nine.", "The ferry leaves.") > 0.5) is entailed
    verifier = Verifier(embedder, Centring(embedder, Settings().cache / "means"), nli=nli)
    source = Source("The ferry leaves at nine.", "en", 0, "Ferries")
    assert verifier.check("At nine the ferry leaves.", "en", [0], [source]).supported is entailed
    assert verifier.check("The ferry leaves in 2012.", "en", [0], [source]).reason == "date"


def test_a_model_of_other_classes_is_refused(make):
    with pytest.raises(ModelError, match="bad, fair, good"):
        CrossEncoderNli(make("bad", "fair", "good")).probability("A.", "B.")


def test_a_model_that_is_not_there_is_named(tmp_path):
    with pytest.raises(ModelError, match="ASSISTANT_NLI"):
        CrossEncoderNli(str(tmp_path)).probability("A.", "B.")
