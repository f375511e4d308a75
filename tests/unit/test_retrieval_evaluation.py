import json

import pytest

from assistant.evaluation.question_sets import Case, read_corpus
from assistant.evaluation.retrieval import assisting, evaluate, searching
from assistant.evaluation.retrieval_report import to_html
from assistant.models.answer import Hit
from assistant.support.errors import QuestionError
from assistant.support.settings import Settings
from tests.support.evaluation import Page

LANGUAGES = {"a": "fr", "b": "en", "c": "en"}


def hit(rank, source):
    language = LANGUAGES[source]
    return Hit(
        source, f"<{source}>", source, language, None, 0, 2, "<b",
        rank=rank, score=0.5, passage_id=rank, why={"x": 1},
    )  # fmt: skip


def search(question, top):
    """Finds the sources that are written in the question, in that order."""
    return [hit(rank, source) for rank, source in enumerate(question.split(), 1)][:top]


def case(question, gold, language="en", kind=""):
    return Case(question, question, language, kind, frozenset(gold))


CASES = [
    case("a b c", ["a"], kind="fact"),
    case("b a c", ["a"], kind="why"),
    case("b c", ["a"], kind="why"),
    case("c b", ["b", "c"], "fr"),
]


def test_the_rank_is_that_of_the_first_gold_article():
    ranks = [one.rank for one in evaluate(search, CASES, LANGUAGES).outcomes]
    assert ranks == [1, 2, None, 1]


def test_measures_are_given_by_pair_of_languages_and_kind():
    rows = {row.group: row for row in evaluate(search, CASES, LANGUAGES).rows()}
    assert list(rows) == ["all", "en fact", "en why", "en-fr", "fr-en"]
    overall = {name: measure.value for name, measure in rows["all"].measures.items()}
    assert (overall["R@1"], overall["R@5"], overall["R@10"]) == (0.5, 0.75, 0.75)
    assert overall["MRR@10"] == pytest.approx((1 + 0.5 + 0 + 1) / 4)
    assert (rows["en-fr"].count, rows["en why"].measures["R@1"].value) == (3, 0)


def test_json_names_the_measures_and_what_was_found_for_each_miss():
    result = json.loads(json.dumps(evaluate(search, CASES, LANGUAGES).to_json()))
    assert result["rows"][0]["R@1"][0] == 0.5
    assert result["recall_by_rank"]["en-fr"][:2] == [pytest.approx(1 / 3), pytest.approx(2 / 3)]
    assert [miss["id"] for miss in result["misses"]] == ["b a c", "b c"]
    assert result["misses"][1]["rank"] is None
    assert result["misses"][1]["found"] == ["b", "c"]


def test_the_table_has_a_line_for_each_group():
    lines = evaluate(search, CASES, LANGUAGES).to_table().splitlines()
    assert len(lines) == 6
    assert lines[1].split()[:3] == ["all", "4", "0.500"]


def test_misses_are_listed_with_what_was_found():
    listed = evaluate(search, CASES, LANGUAGES).list_misses()
    assert listed.splitlines()[0] == "b a c [b a c, en-fr, rank 2]"
    assert "expected: a" in listed
    assert "found: b, c" in listed


def test_a_gold_article_that_is_not_there_is_an_error():
    with pytest.raises(QuestionError, match="zzz"):
        evaluate(search, [case("a", ["zzz"])], LANGUAGES)
    with pytest.raises(QuestionError, match="no answerable questions"):
        evaluate(search, [], LANGUAGES)


def test_the_report_is_one_page_that_asks_for_nothing_and_escapes_everything():
    attack = [*CASES, case("b <script>alert(1)</script> a", ["a"], kind='"><img src=x>')]

    def careless(question, top):
        return [hit(1, "b")]

    page = Page(to_html(evaluate(careless, attack, LANGUAGES), "A & B <title>"))
    names = [tag for tag, _ in page.tags]
    assert not {"script", "img", "link", "b", "iframe"} & set(names)
    assert not any(key in ("src", "href") for _, attrs in page.tags for key in attrs)
    assert names.count("polyline") == 2
    assert "<script>alert(1)</script>" in page.text
    assert "A & B <title>" in page.text


@pytest.mark.slow  # embeds a corpus of its own
def test_a_corpus_file_is_searched_with_the_real_parts(tmp_path, embedder):
    file = tmp_path / "corpus.jsonl"
    records = [
        {"id": "bees", "lang": "fr", "text": "Un apiculteur récolte dix kilos de miel par ruche."},
        {"id": "tides", "text": "Ebbe und Flut entstehen durch die Anziehungskraft des Mondes."},
        {"id": "tower", "lang": "en", "title": "A tower", "text": "It was finished in 1611."},
    ]
    file.write_text("\n".join(json.dumps(record) for record in records))
    articles = read_corpus(file)
    assert [a.language for a in articles] == ["fr", "de", "en"]
    cases = [
        case("How much honey does a hive give?", ["bees"]),
        case("What causes the tides?", ["tides"]),
        case("When was the tower finished?", ["tower"]),
    ]
    with searching(articles, embedder, tmp_path / "cache") as search:
        result = evaluate(search, cases, {a.source: a.language for a in articles})
    assert [one.rank for one in result.outcomes] == [1, 1, 1]
    assert [one.pair for one in result.outcomes] == ["en-fr", "en-de", "en-en"]


def test_an_assistant_over_a_file_of_articles_leaves_the_data_folder_alone(tmp_path, embedder):
    file = tmp_path / "corpus.jsonl"
    file.write_text('{"id": "tower", "lang": "en", "text": "  It was finished in 1611."}')
    settings = Settings(data=tmp_path / "data", strictness=0.25)
    with assisting(read_corpus(file), embedder, settings) as apart:
        (summary,) = apart.articles()
        assert apart.article(summary.id).text == "  It was finished in 1611."
        assert [hit.text for hit in apart.search("tower")] == ["It was finished in 1611."]
        assert apart.settings.strictness == 0.25
        folder = apart.settings.data
    assert not folder.exists()
    assert not (tmp_path / "data").exists()
