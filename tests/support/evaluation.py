"""Golden questions and answers made by hand, for the tests of what is counted and shown of them."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

from assistant.evaluation.answers import evaluate_answers
from assistant.evaluation.question_sets import GoldenQuestion, GoldEvidence
from assistant.models.answer import Answer, AnswerSentence, Certainty, Citation
from assistant.models.article import Article
from assistant.models.records import ArticleSummary
from assistant.support.settings import Settings

RED = Article("Red", "Red is warm. Red is loud.", "en", "red.md")
BLEU = Article("Bleu", "Le bleu est froid. Le bleu est calme.", "fr", "bleu.md")


def cite(article, quote, number=1, shift=0):
    start = article.text.index(quote) + shift
    return Citation(
        article.id, article.title, article.source, article.language, None,
        start, start + len(quote), quote, number=number,
    )  # fmt: skip


def answer(*citations, unsupported=(), confidence=0.8, notice="", ms=10.0):
    sentences = tuple(
        AnswerSentence(c.quote, c.number not in unsupported, (c.number,)) for c in citations
    )
    return Answer(
        "", "en", False, "", sentences, citations, relevance=confidence,
        confidence=confidence, notice=notice, timings_ms={"total": ms},
    )  # fmt: skip


def refusal(*nearest, confidence=0.2):
    return Answer(
        "",
        "en",
        True,
        "No.",
        nearest=nearest,
        certainty=Certainty.NONE,
        relevance=confidence,
        confidence=confidence,
        timings_ms={"total": 10.0},
    )


@dataclass
class Scripted:
    """An assistant over two articles: answers as it is told, remembers what it was asked."""

    answers: dict
    settings: Settings = field(default_factory=Settings)
    asked: list = field(default_factory=list)

    def articles(self):
        return [
            ArticleSummary(a.id, a.title, a.language, None, (a.source, f"copy of {a.source}"), 1)
            for a in (RED, BLEU)
        ]

    def article(self, article_id):
        return {a.id: a for a in (RED, BLEU)}[article_id]

    def ask(self, question, history=()):
        self.asked.append((question, [(turn.role, turn.content) for turn in history]))
        return self.answers[question]


def golden(question, *evidence, language="en", kind="", **more):
    return GoldenQuestion(
        f"f, line {question}", question, question, language, kind, evidence, **more
    )


WARM, FROID = (
    GoldEvidence("red.md", "Red is warm."),
    GoldEvidence("copy of bleu.md", "Le bleu est froid."),
)


def evaluate(*pairs, **settings):
    """Evaluates (golden question, its answer) pairs."""
    scripted = Scripted({one.question: given for one, given in pairs}, Settings(**settings))
    return evaluate_answers(scripted, [one for one, _ in pairs])


class Page(HTMLParser):
    """The tags and the text of a report."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.text = [], ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text += data
