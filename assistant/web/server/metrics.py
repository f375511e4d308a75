"""Prometheus metrics of one app: questions, library, syncs, chat model."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from assistant.support.errors import AssistantError, Trouble
from assistant.support.version import __version__
from assistant.web.turns.outcomes import AskedQuestion, Outcome, Way
from assistant.web.turns.questions import Questions

if TYPE_CHECKING:
    from assistant.assistant import Assistant
    from assistant.models.status import Figures

STAGES = ("wait", "start", "understand", "retrieve", "answer", "total")
BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0, 60.0, 120.0)
"""In seconds: quotes take tenths of one, a chat model takes many."""


class Metrics:
    """The metrics of one app, in their own registry, so that a process may hold several."""

    media_type = CONTENT_TYPE_PLAIN_0_0_4

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        here: Any = {"registry": self._registry}
        self._questions = Counter(
            "assistant_questions", "Questions by the way they came and how they ended.",
            ("way", "outcome"), **here,
        )  # fmt: skip
        self._stages = Histogram(
            "assistant_stage_seconds", "Duration of complete answers by stage; total is from the "
            "question to its end.", ("stage",), buckets=BUCKETS, **here,
        )  # fmt: skip
        self._first = Histogram(
            "assistant_first_sentence_seconds", "From a question to the first sentence.",
            buckets=BUCKETS, **here,
        )  # fmt: skip
        self._fallbacks = Counter(
            "assistant_chat_model_fallbacks", "Answers in quotes, because the chat model failed.",
            ("kind",), **here,
        )  # fmt: skip
        self._responses = Counter(
            "assistant_http_responses", "Responses by status.", ("status",), **here
        )
        # Create all label combinations now, so that the first event shows as an increase.
        for way in Way:
            for outcome in Outcome:
                self._questions.labels(way, outcome)
        for stage in STAGES:
            self._stages.labels(stage)
        for kind in Trouble:
            self._fallbacks.labels(kind)
        ProcessCollector(**here)

    def asked(self, asked: AskedQuestion) -> None:
        """Count a question that has ended."""
        self._questions.labels(asked.way, asked.outcome).inc()
        if asked.outcome in (Outcome.ANSWERED, Outcome.REFUSED):
            for stage, seconds in asked.seconds.items():
                if stage in STAGES:
                    self._stages.labels(stage).observe(seconds)
        if asked.first is not None:
            self._first.observe(asked.first)
        if asked.trouble is not None:
            self._fallbacks.labels(asked.trouble).inc()

    def responded(self, status: int) -> None:
        """Count a response."""
        self._responses.labels(str(status)).inc()

    def follow(self, assistant: Assistant, questions: Questions, chat: Any = None) -> None:
        """From now on also export the state of ``assistant`` and the queues.

        ``chat`` is the chat's queue, whose length is exported, if there is one.
        """
        self._registry.register(_State(assistant, questions, chat))

    def exposition(self) -> bytes:
        """The current metrics in Prometheus's text format."""
        return generate_latest(self._registry)


class _State(Collector):
    """Values read at each scrape rather than counted."""

    def __init__(self, assistant: Assistant, questions: Questions, chat: Any) -> None:
        self._assistant = assistant
        self._questions = questions
        self._chat = chat

    def collect(self) -> Iterator[Metric]:
        """The values; if the library cannot be read, only that."""
        yield _gauge("info", "The version, as a label.", {__version__: 1}, "version")
        yield _gauge("questions_running", "Being answered.", self._questions.running)
        waiting = {"programs": self._questions.waiting}
        if self._chat is not None:
            waiting["chat"] = len(self._chat)
        yield _gauge("questions_waiting", "Waiting for their turn.", waiting, "queue")
        try:
            figures = self._assistant.figures()
        except AssistantError:
            yield _gauge("library_readable", "1 if the library can be read.", 0)
            return
        yield _gauge("library_readable", "1 if the library can be read.", 1)
        yield from _library(figures)
        yield from _sync(figures)
        yield from _chat_model(figures)


def _gauge(name: str, text: str, value: float | Mapping[str, float], label: str = "") -> Metric:
    return _filled(GaugeMetricFamily, name, text, value, label)


def _filled(
    family: type[GaugeMetricFamily] | type[CounterMetricFamily],
    name: str,
    text: str,
    value: float | Mapping[str, float],
    label: str = "",
) -> Metric:
    """A metric with its value; with ``label``, the value of each of its values."""
    if not isinstance(value, Mapping):
        return family(f"assistant_{name}", text, value=value)
    made = family(f"assistant_{name}", text, labels=(label,))
    for one, held in value.items():
        made.add_metric((one,), held)
    return made


def _library(figures: Figures) -> Iterator[Metric]:
    yield _gauge("library_articles", "Articles by language.", figures.articles, "language")
    yield _gauge("library_passages", "Passages.", figures.passages)
    yield _gauge("library_failures", "Files and web sources that failed.", figures.failures)
    yield _gauge("library_bytes", "Size of the data folder.", figures.bytes)
    yield _gauge("library_rebuilding", "1 while the index is rebuilt.", figures.rebuilding)


def _sync(figures: Figures) -> Iterator[Metric]:
    yield _gauge("sync_running", "1 while articles are read.", figures.syncing)
    if figures.synced is not None:
        text = "When a sync last completed, in any process."
        yield _gauge("sync_last_success_timestamp_seconds", text, figures.synced.timestamp())
    if figures.sync is not None:
        yield _gauge("sync_last_duration_seconds", "Of this process.", figures.sync.seconds)
        yield _gauge("sync_last_ok", "1 if it had no failures.", figures.sync.ok)


def _chat_model(figures: Figures) -> Iterator[Metric]:
    calls, failed = figures.chat_model.calls, figures.chat_model.failures
    yield _filled(CounterMetricFamily, "chat_model_calls", "Requests to the chat model.", calls)
    kinds = {str(kind): failed.get(kind, 0) for kind in Trouble}
    text = "Failed requests, by kind."
    yield _filled(CounterMetricFamily, "chat_model_failures", text, kinds, "kind")
