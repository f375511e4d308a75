"""The bundled model against sentence-transformers, which computes with its unpacked weights."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import assistant
from assistant.cli import main
from assistant.embedding import load_embedder
from assistant.embedding.bundled_model import find_weights, read_weights
from assistant.embedding.onnx_model import load_bundled
from assistant.embedding.sentence_transformer import SentenceTransformerEmbedder
from assistant.embedding.unigram import UnigramTokenizer
from assistant.ingest.passages import split_article
from assistant.ingest.readers.formats import is_readable
from assistant.models.corpus_files import QUESTIONS_FILE
from assistant.support.settings import Settings
from tests.support.reading import read_article
from tests.support.repository import CORPUS

pytestmark = pytest.mark.slow  # PyTorch computes the corpus once more

SENTENCES = [
    # English
    "The harbour froze for the first time in forty years.",
    "She repairs clocks in a cellar behind the station.",
    "Prices rose by 3.4% between March and June 2021.",
    "Who designed the bridge over the gorge?",
    "No.",
    # French
    "Le maire a inauguré la médiathèque devant deux cents habitants.",
    "Les abeilles ne sortent pas quand il pleut.",
    "Quel jour le marché a-t-il lieu ?",
    "L’accord prévoit 12,5 millions d’euros sur trois ans.",
    "Son grand-père élevait des chèvres en Ardèche.",
    # German
    "Der Zug hatte wegen Schnees eine Stunde Verspätung.",
    "Die Bäckerei schließt am Samstag um 13 Uhr.",
    "Wann wurde das Rathaus gebaut?",
    "Im Keller stehen noch drei Fässer Apfelwein.",
    # Spanish
    "El faro funciona con energía solar desde 2015.",
    "¿Quién ganó la carrera de bicicletas?",
    "Los pescadores volvieron al amanecer con las redes vacías.",
    "Mi vecina enseña guitarra a niños ciegos.",
    # Portuguese, Italian
    "A chuva destruiu metade da colheita de milho.",
    "Il museo resta chiuso il lunedì per restauri.",
    # Russian
    "Паром отходит от пристани в девять часов утра.",
    "Где находится самая старая библиотека города?",
    "Урожай пшеницы оказался вдвое меньше прошлогоднего.",
    "Он тридцать лет чинил рояли.",
    # Arabic
    "تفتح المكتبة أبوابها في الثامنة صباحا.",
    "كم عدد سكان المدينة القديمة؟",
    "زرع الفلاحون أشجار الزيتون على التلال.",
    # Hindi
    "नदी का पानी कल रात गाँव तक पहुँच गया।",
    "स्कूल में कितने बच्चे पढ़ते हैं?",
    # Chinese
    "渡船每天早上九点从码头出发。",
    "这座桥是谁设计的？",
    "今年的苹果比去年便宜两成。",
    # Japanese, Korean
    "図書館は月曜日に休みます。",
    "祖父は四十年間時計を直していた。",
    "눈 때문에 기차가 한 시간 늦었다.",
    # Greek, Turkish, Finnish, Swahili, Thai
    "Το πλοίο φεύγει στις εννέα το πρωί.",
    "Köprü 1932 yılında açıldı.",
    "Järvi jäätyi jo marraskuussa.",
    "Wavuvi walirudi alfajiri.",
    "ห้องสมุดปิดทุกวันจันทร์",
]

ODD_TEXTS = [
    "",
    " \n\t ",
    "a\x00b\x01c\x07d\x85e\x8ff\x9f",
    "soft\u00adhyphen zero\u200bwidth\u200djoin\ufeffmark",
    "line\u2028separator\u2029paragraph\u1680ogham",
    "👩‍👩‍👧 🇫🇷 👍🏽 ☃️",
    "cafe\u0301 n\u0303 A\u030a",
    "한글 \u1112\u1161\u11ab",
    "ﬁne ½ ① ㈱ ™ ２０２４ ｱｲｳ",
    "𒀀𒀁𒀂 x𒀀 𝔘𝔫𝔦",
    "▁under ▁ bar ▁▁",
    "http://example.org/a?b=c&d=%20#e",
    "x" * 300,
    "10～20 \ufffd 3×4≠11",
    "قالَ المُعلِّمُ",
    "שָׁלוֹם",
    "နှင့် ဖြင့်",
    "שלום123abcабв漢字",
    "<b>bold</b> &amp; {json: [1, 2]}",
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("exported") / "model"
    assert main(["model", "export", str(folder)]) == 0
    return folder


@pytest.fixture(scope="module")
def reference(folder):
    settings = Settings(embedding_model=str(folder))
    return load_embedder(settings.embedding_model, settings.cache, threads=2)


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    return load_bundled(tmp_path_factory.getbasetemp() / "cache")


def test_token_ids_are_those_of_transformers(folder):
    from transformers import AutoTokenizer

    theirs = AutoTokenizer.from_pretrained(folder)
    ours = UnigramTokenizer(read_weights(find_weights()).vocabulary)
    texts = [*SENTENCES, *ODD_TEXTS, " ".join(SENTENCES), "\n".join(ODD_TEXTS)]
    for text in texts:
        assert theirs(text)["input_ids"] == [0, *ours.encode(text), 2], text


def test_whole_numbers_cost_less_than_a_hundredth_of_the_cosine(reference, engine):
    cosines = np.sum(reference.embed_passages(SENTENCES) * engine.embed_passages(SENTENCES), axis=1)
    assert cosines.min() > 0.998
    question = "Who designed the bridge?"
    assert reference.embed_query(question) @ engine.embed_query(question) > 0.998


def test_long_texts_are_cut_at_the_same_token(reference, engine):
    long = [" ".join(SENTENCES) * 2]
    assert np.sum(reference.embed_passages(long) * engine.embed_passages(long)) > 0.998


def test_limits_and_counts_agree(reference, engine):
    assert reference.dimension == engine.dimension
    assert reference.max_tokens == engine.max_tokens
    texts = [*SENTENCES, *ODD_TEXTS]
    assert reference.count_tokens(texts) == engine.count_tokens(texts)


def test_the_folder_is_what_sentence_transformers_loads(folder, reference):
    from sentence_transformers import SentenceTransformer

    direct = SentenceTransformer(str(folder))
    assert direct.prompts["query"] == "query: "
    assert direct.prompts["document"] == "passage: "
    prompted = direct.encode([f"passage: {text}" for text in SENTENCES[:4]])
    ours = reference.embed_passages(SENTENCES[:4])
    assert np.allclose(prompted, ours, atol=1e-5)


def test_the_folder_serves_as_the_embedding_model(reference, engine):
    assert isinstance(reference, SentenceTransformerEmbedder)
    assert reference.identity != engine.identity


def corpus_sentences(count_tokens):
    """Every sentence of the repository's corpus, by language."""
    for path in sorted(CORPUS.rglob("*")):
        if path.is_file() and is_readable(path) and path.name != QUESTIONS_FILE:
            article = read_article(path, path.name)
            for passage in split_article(article, count_tokens):
                yield from ((article.language, sentence.text) for sentence in passage.sentences)


def reference_sentences():
    """Every sentence of the files that language means are made of, by language."""
    for file in sorted((Path(assistant.__file__).parent / "language/reference").glob("??.txt")):
        yield from ((file.stem, line) for line in file.read_text("utf-8").splitlines() if line)


def test_both_ways_agree_on_every_sentence_in_every_language(reference, engine):
    known = {*corpus_sentences(engine.count_tokens), *reference_sentences()}
    languages, sentences = zip(*sorted(known), strict=True)
    assert len(set(languages)) >= 27
    assert len(sentences) > 1_500
    theirs, ours = reference.embed_passages(sentences), engine.embed_passages(sentences)
    cosines = np.sum(theirs * ours, axis=1)
    worst = int(cosines.argmin())
    assert cosines[worst] >= 0.99, f"{languages[worst]}: {sentences[worst]!r}"
