"""Which of a model's sentences the sources carry, with the real embedding model."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from assistant.answer.verify.clauses import parts, shortened
from assistant.answer.verify.entailment import bundled
from assistant.answer.verify.polarity import contradicts, is_negated
from assistant.answer.verify.verifier import Source, Verdict, Verifier, sources_of
from assistant.embedding import EmbedderProxy
from assistant.embedding.centring import Centring
from assistant.support.settings import Settings
from benchmarks.verification import check, read_claims, table
from tests.support.reading import read_article
from tests.support.repository import CORPUS

DEAL = "Le 22 juillet 2019, Microsoft annonce qu’il place un milliard de dollars dans OpenAI."
FIRST = [
    "Mustafa Suleyman a fondé DeepMind à Londres en 2010 avec Demis Hassabis et Shane Legg.",
    "Google rachète la jeune société quatre ans plus tard.",
    "Il dirige aujourd’hui l’intelligence artificielle de Microsoft.",
]
SECOND = [
    DEAL,
    "L’accord n’a pas été renouvelé, car les deux sociétés sont devenues concurrentes.",
    "L’entrée du laboratoire reste gratuite pour les chercheurs.",
]
SOURCES = [
    *(Source(text, "fr", 0, "Le pionnier de DeepMind") for text in FIRST),
    *(Source(text, "fr", 1, "Le pari de Microsoft", date(2024, 5, 1)) for text in SECOND),
]


@pytest.fixture(scope="module")
def verifier(embedder):
    return Verifier(embedder, Centring(embedder, Settings().cache / "means"))


def test_a_citation_of_the_sentence_beside_is_moved_to_the_right_one(verifier):
    bought = "Google bought DeepMind in 2014."
    leads = "Suleyman now leads artificial intelligence at Microsoft."
    assert verifier.check(bought, "en", [0], SOURCES) == Verdict(True, (1,))
    assert verifier.check(bought, "en", [2], SOURCES) == Verdict(True, (1,))
    assert verifier.check(leads, "en", [1], SOURCES) == Verdict(True, (2,))


@pytest.mark.parametrize(
    ("sentence", "language", "cited", "source"),
    [
        (
            "On July 22, 2019, Microsoft announced that it was putting $1 billion into OpenAI.",
            "en",
            [3],
            3,
        ),
        (
            "Microsoft a annoncé le 22 juillet 2019 un investissement d’un milliard de dollars.",
            "fr",
            [3],
            3,
        ),
        (
            "Microsoft steckt eine Milliarde Dollar in OpenAI, wie es am 22. Juli 2019 mitteilt.",
            "de",
            [3],
            3,
        ),
        (
            "Microsoft anunció el 22 de julio de 2019 que ponía mil millones de dólares en OpenAI.",
            "es",
            [3],
            3,
        ),
        ("Suleyman co-founded DeepMind in London in 2010.", "en", [0], 0),
        ("Google bought DeepMind in 2014.", "en", [1], 1),
        ("Suleyman now leads artificial intelligence at Microsoft.", "en", [2], 2),
        (
            "The agreement was not renewed because the two companies had become competitors.",
            "en",
            [4],
            4,
        ),
    ],
)
def test_faithful_sentences_are_supported(verifier, sentence, language, cited, source):
    assert verifier.check(sentence, language, cited, SOURCES) == Verdict(True, (source,))


@pytest.mark.parametrize(
    ("sentence", "cited", "reason", "detail"),
    [
        (
            "Microsoft announced on July 22, 2019 that it was putting $3 billion into OpenAI.",
            [3],
            "number",
            "$3 billion",
        ),
        (
            "Microsoft announced on July 22, 2017 that it was putting $1 billion into OpenAI.",
            [3],
            "date",
            "July 22, 2017",
        ),
        (
            "Amazon announced on July 22, 2019 that Amazon was putting $1 billion into OpenAI.",
            [3],
            "name",
            "Amazon",
        ),
        ("Suleyman founded DeepMind in Berlin in 2010.", [0], "name", "Berlin"),
        (
            "Microsoft was fined by a court for hiding its plans.",
            [3],
            "meaning",
            "by a court for hiding its plans",
        ),
        ("Entry to the laboratory is no longer free for researchers.", [5], "meaning", "opposite"),
        ("Entry to the laboratory is paid for by researchers.", [5], "meaning", "opposite"),
        (
            "Microsoft put $1 billion into OpenAI in 2019 because its founder loved old robots.",
            [3],
            "meaning",
            "because its founder loved old robots",
        ),
        ("Lima is the capital of Peru.", [], "citation", ""),
    ],
)
def test_what_no_source_carries_is_not(verifier, sentence, cited, reason, detail):
    assert verifier.check(sentence, "en", cited, SOURCES) == Verdict(False, (), reason, detail)


@pytest.mark.parametrize(
    ("language", "true", "negated", "added"),
    [
        ("en", "Suleyman now leads artificial intelligence at Microsoft.",
         "Suleyman does not lead artificial intelligence at Microsoft.",
         "Suleyman now leads artificial intelligence at Microsoft, and plays chess on Sundays."),
        ("fr", "Suleyman dirige aujourd’hui l’intelligence artificielle de Microsoft.",
         "Suleyman ne dirige pas l’intelligence artificielle de Microsoft.",
         "Suleyman dirige l’intelligence artificielle de Microsoft, avec un salaire très élevé."),
        ("de", "Suleyman leitet heute die künstliche Intelligenz bei Microsoft.",
         "Suleyman leitet die künstliche Intelligenz bei Microsoft nicht.",
         "Suleyman leitet die künstliche Intelligenz bei Microsoft, weil er gut kochen kann."),
        ("es", "Suleyman dirige hoy la inteligencia artificial de Microsoft.",
         "Suleyman no dirige la inteligencia artificial de Microsoft.",
         "Suleyman dirige la inteligencia artificial de Microsoft, aunque no le gusta el frío."),
    ],
)  # fmt: skip
def test_a_negation_or_an_addition_put_into_a_truth_does_not_pass(
    verifier, language, true, negated, added
):
    assert verifier.check(true, language, [2], SOURCES).supported
    assert not verifier.check(negated, language, [2], SOURCES).supported
    assert not verifier.check(added, language, [2], SOURCES).supported


def test_a_wrong_citation_moves_to_the_sentence_that_carries_it(verifier):
    sentence = "On July 22, 2019, Microsoft announced that it was putting $1 billion into OpenAI."
    assert verifier.check(sentence, "en", [0], SOURCES) == Verdict(True, (3,))
    assert verifier.check(sentence, "en", [], SOURCES) == Verdict(True, (3,))
    assert verifier.check(sentence, "en", [99, -1], SOURCES) == Verdict(True, (3,))


def test_two_cited_sentences_may_carry_one_together(verifier):
    apart = [Source(FIRST[0], "fr", 0), Source(DEAL, "fr", 1)]
    sentence = (
        "Suleyman founded DeepMind in London in 2010, and Microsoft put a billion dollars into "
        "OpenAI in July 2019."
    )
    assert verifier.check(sentence, "en", [0, 1], apart).supported
    assert not verifier.check(sentence, "en", [0], apart[:1]).supported


def test_all_that_a_sentence_cites_may_carry_it_together(verifier):
    said = [
        "Le pont de pierre fut achevé en 1852.",
        "Il compte neuf arches.",
        "Sa construction a coûté deux millions de francs.",
    ]
    apart = [Source(text, "fr", n, "Le pont de Vernay") for n, text in enumerate(said)]
    sentence = "The stone bridge was finished in 1852, has nine arches and cost two million francs."
    verdict = verifier.check(sentence, "en", [0, 1, 2], apart)
    assert (verdict.supported, sorted(verdict.sources)) == (True, [0, 1, 2])
    for invented in ("three million francs", "collapsed in a storm"):
        false = sentence.replace("cost two million francs", invented)
        assert not verifier.check(false, "en", [0, 1, 2], apart).supported


def test_a_part_that_one_of_two_cited_sentences_states_was_not_added(verifier):
    apart = [
        Source(
            "Le 6 mai 1994, la reine Élisabeth II et le président François Mitterrand "
            "inauguraient ensemble un ouvrage dont on parlait depuis près de deux siècles.",
            "fr",
        ),
        Source(
            "L’ouvrage, long d’une cinquantaine de kilomètres dont près de trente-huit sous la "
            "mer, relie Coquelles, près de Calais, à Folkestone, dans le Kent.",
            "fr",
            1,
        ),
    ]
    sentence = (
        "Long d’une cinquantaine de kilomètres, le tunnel fut inauguré le 6 mai 1994 par la reine "
        "et le président."
    )
    assert verifier.check(sentence, "fr", [0, 1], apart).supported
    false = sentence.replace("par la reine et le président", "malgré la colère des pêcheurs")
    assert not verifier.check(false, "fr", [0, 1], apart).supported


def test_what_one_cited_sentence_alone_denies_both_may_carry(verifier):
    apart = [
        Source("Le soir même, sept cents salariés signent une lettre ouverte.", "fr"),
        Source("Ils menacent de partir si le conseil ne démissionne pas.", "fr"),
    ]
    sentence = (
        "Seven hundred employees signed a letter and threatened to leave unless the board resigned."
    )
    assert verifier.check(sentence, "en", [0, 1], apart).supported
    assert not verifier.check(sentence, "en", [0], apart[:1]).supported


@pytest.mark.parametrize(
    ("language", "true", "invented"),
    [
        ("en", "The agreement was not renewed because the two companies had become competitors.",
         "The agreement was not renewed because the lawyers had lost the papers."),
        ("fr", "L’accord n’a pas été renouvelé parce que les deux sociétés se font concurrence.",
         "L’accord n’a pas été renouvelé parce que les avocats avaient perdu les papiers."),
        ("de", "Das Abkommen wurde nicht verlängert, weil beide Firmen Konkurrenten geworden sind.",
         "Das Abkommen wurde nicht verlängert, weil die Anwälte die Papiere verloren hatten."),
        ("es", "El acuerdo no se renovó porque las dos empresas se habían vuelto competidoras.",
         "El acuerdo no se renovó porque los abogados habían perdido los papeles."),
    ],
)  # fmt: skip
def test_a_cause_is_one_that_the_source_gives(verifier, language, true, invented):
    assert verifier.check(true, language, [4], SOURCES).supported
    assert not verifier.check(invented, language, [4], SOURCES).supported


def test_two_names_joined_by_a_preposition_are_each_looked_for(verifier):
    founded = "DeepMind wurde 2010 in London von Mustafa Suleyman gegründet."
    assert verifier.check(founded, "de", [0], SOURCES).supported
    other = founded.replace("London", "Madrid")
    assert not verifier.check(other, "de", [0], SOURCES).supported


def test_a_number_may_be_the_sum_of_those_beside_it(verifier):
    told = "Amazon a promis deux milliards de dollars en mars, puis trois milliards en mai."
    sources = [Source(told, "fr")]
    right = "Amazon promised $5 billion: $2 billion in March and $3 billion in May."
    wrong = right.replace("$5", "$6")
    assert verifier.check(right, "en", [0], sources).supported
    assert verifier.check(wrong, "en", [0], sources) == Verdict(False, (), "number", "$6 billion")


def test_the_year_of_a_date_may_be_that_of_publication(verifier):
    source = Source(
        "Le lundi 20 novembre, le directeur rejoint Microsoft.", "fr", 0, "", date(2023, 12, 1)
    )
    sentence = "The director joined Microsoft on 20 November {}."
    assert verifier.check(sentence.format(2023), "en", [0], [source]).supported
    assert verifier.check(sentence.format(2021), "en", [0], [source]).reason == "date"


def test_a_day_has_the_year_that_stands_beside_it_not_one_elsewhere(verifier):
    told = [
        "Une tentative fut abandonnée en 1975.",
        "Le traité de Cantorbéry fut signé le 12 février 1986.",
    ]
    sources = [Source(text, "fr") for text in told]
    sentence = "The treaty of Canterbury was signed on 12 February {}."
    assert verifier.check(sentence.format(1986), "en", [1], sources).supported
    assert verifier.check(sentence.format(1975), "en", [1], sources).reason == "date"


def test_without_sources_nothing_is_supported(verifier):
    assert verifier.check("Lima is the capital of Peru.", "en", [0], []) == Verdict(
        False, (), "citation"
    )


def test_vectors_at_hand_are_not_embedded_again(verifier, embedder):
    vectors = embedder.embed_passages([source.text for source in SOURCES])
    given = [
        Source(
            s.text, s.language, s.passage, s.title, s.published, vector, np.mean(vectors, axis=0)
        )
        for s, vector in zip(SOURCES, vectors, strict=True)
    ]
    embedded = []

    class Counting(EmbedderProxy):
        def embed_passages(self, texts):
            embedded.extend(texts)
            return super().embed_passages(texts)

    counting = Verifier(Counting(embedder), Centring(embedder, Settings().cache / "means"))
    assert counting.check("Suleyman co-founded DeepMind in 2010.", "en", [0], given).supported
    assert not set(embedded) & {source.text for source in SOURCES}
    assert "Suleyman co-founded DeepMind in 2010." in embedded


def test_the_sources_of_hits_are_their_sentences_without_headings(assistant):
    hit = assistant.search("Pourquoi les tensions ont augmenté ?", 1).hits[0]
    passages = assistant.library.passages.get([hit.passage_id])
    sources = sources_of(passages)
    assert len(sources) == (~passages[0].headings).sum()
    assert all(source.text in hit.text for source in sources)
    assert all(source.title.startswith(hit.title) for source in sources)


@pytest.mark.parametrize(
    ("one", "language", "other", "other_language", "expected"),
    [
        ("He refused the offer.", "en", "Il a accepté l’offre.", "fr", True),
        ("He did not refuse the offer.", "en", "Il a accepté l’offre.", "fr", False),
        ("The shop is not open.", "en", "Le magasin est fermé.", "fr", False),
        ("The shop is open.", "en", "Le magasin est fermé.", "fr", True),
        ("The shop is open.", "en", "Der Laden ist nicht geöffnet.", "de", True),
        ("La tienda ya no está abierta.", "es", "Le magasin n’est plus ouvert.", "fr", False),
        (
            "It rises by at least two metres.",
            "en",
            "L’eau monte d’au moins deux mètres.",
            "fr",
            False,
        ),
        ("She was removed as head.", "en", "Elle n’est plus à la tête.", "fr", False),
        ("She is head.", "en", "Elle n’est plus à la tête.", "fr", True),
        ("He only learnt it today.", "en", "Il ne l’apprend qu’aujourd’hui.", "fr", False),
        ("On 微软", "zh", "Il n’ouvre pas.", "fr", True),
    ],
)
def test_opposites_and_negations(one, language, other, other_language, expected):
    assert contradicts(one, language, other, other_language) is expected


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("Il n’y en a plus.", "fr", True),
        ("Il y en a plus de dix, sans doute.", "fr", False),
        ("They don’t know.", "en", True),
        ("Not only that.", "en", False),
        ("Es gibt keinen.", "de", True),
        ("Il y renoncera en juillet.", "fr", True),
        ("Bis heute fehlt ein Ort dafür.", "de", True),
        ("Der Fehler ist alt.", "de", False),
        ("Es kostet höchstens zehn Euro.", "de", True),
    ],
)
def test_what_negates(text, language, expected):
    assert is_negated(text, language) is expected


def test_sentences_fall_into_parts():
    text = "The price was set, with a discount for schools, because nobody paid."
    assert parts(text) == [
        "The price was set",
        "with a discount for schools",
        "because nobody paid",
    ]
    assert "The price was set, because nobody paid" in [one.rstrip(".") for one in shortened(text)]
    assert parts("The price was set.") == shortened("The price was set.") == []


def test_every_claim_cites_the_corpus_word_for_word():
    claims = read_claims()
    texts = {
        claim.source: read_article(CORPUS / claim.source, claim.source).text for claim in claims
    }
    assert all(claim.cited in texts[claim.source] for claim in claims)
    assert all(claim.good == (not claim.fault) for claim in claims)
    assert len({claim.id for claim in claims}) == len(claims) >= 240
    halves = {half: {c.source for c in claims if c.half == half} for half in ("tune", "held")}
    assert not halves["tune"] & halves["held"]


@pytest.mark.slow  # checks dozens of claims
def test_a_sample_of_the_claims_is_told_apart(assistant):
    checked = list(check(assistant, read_claims()[::9]))
    wrong = [one for one in checked if not one.right]
    assert len(wrong) <= 0.1 * len(checked), [one.claim.claim for one in wrong]
    assert "good" in table(checked)


def test_a_sentence_that_is_a_source_needs_no_weights(embedder):
    centring = Centring(embedder, Settings().cache / "means")
    strictest = Verifier(embedder, centring, entailment=replace(bundled(), cited=2.0, uncited=2.0))
    said = DEAL.rstrip(".").upper()
    assert strictest.check(said, "fr", [], SOURCES) == Verdict(True, (3,))
    assert not strictest.check(said.replace("2019", "2018"), "fr", [3], SOURCES).supported
    assert not strictest.check(f"On nie que {DEAL}", "fr", [3], SOURCES).supported


def test_a_name_is_looked_for_by_all_of_its_letters(verifier):
    claim = "Mustafa Gauß hat DeepMind 2010 in London gegründet."
    verdict = verifier.check(claim, "de", [0], SOURCES)
    assert verdict == Verdict(False, (), "name", "Mustafa Gauß")
