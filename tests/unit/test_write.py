import os
import re
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise

import pytest

from assistant.answer.quote.form import wants_table
from assistant.answer.quote.quotes import quote_answer, reply
from assistant.answer.verify.verifier import Verifier
from assistant.answer.write.answer import HOPE, AnswerWriter, model_translation
from assistant.answer.write.chat_model import load_chat_model
from assistant.answer.write.follow_up import standalone_question
from assistant.answer.write.model_stream import ChatModel
from assistant.answer.write.prompt import NO_ANSWER, SourceSentence, source_sentences
from assistant.answer.write.reading import Count, Read, chosen, parts_of, whole_articles
from assistant.language.locales import locales
from assistant.models.answer import Answer, Certainty
from assistant.models.conversation import Turn
from assistant.models.filters import Filters
from assistant.search.found import Found, Question
from assistant.support.settings import Settings
from assistant.web.chat.messages import answer_message
from tests.support.chat_server import ChatServer, Reply, chat_server

ENGLISH = "When were the first full colour images of the James Webb telescope released?"
FRENCH = "Quand ont été publiées les premières images en couleurs du télescope James-Webb ?"
RELEASED = "The first full set of colour images was released on 12 July 2022."
NAMESAKE = "The observatory takes its name from James Webb"


@dataclass(frozen=True)
class Asked:
    """A question, what was found for it, and a model that says what a test tells the server."""

    question: Question
    found: list[Found]
    quotes: Answer
    sources: list[SourceSentence]
    server: ChatServer
    verifier: Verifier
    count: Count
    read: Read
    load: Callable[[], ChatModel]

    def number(self, beginning):
        """The label that the model knows the source with this beginning by."""
        place = next(n for n, one in enumerate(self.sources, 1) if one.text.startswith(beginning))
        return f"S{place}"

    def quotes_hold(self, source):
        """Whether the quotes have this source."""
        return any(source.text in citation.quote for citation in self.quotes.citations)

    def writer(self, unsupported="mark", check="own"):
        model = self.load()
        translate = partial(model_translation, model)
        return AnswerWriter(
            model, self.verifier, self.count, self.read, translate, unsupported, check
        )

    def stream(self, *replies, history=(), **how):
        self.server.replies = [one if isinstance(one, Reply) else Reply([one]) for one in replies]
        writer = self.writer(**how)
        return list(writer.answer(self.question, self.found, self.quotes, history))

    def answer(self, *replies, **more):
        return self.stream(*replies, **more)[-1]


@pytest.fixture(scope="module")
def model():
    with chat_server(Reply(["Hello."])) as server, pytest.MonkeyPatch.context() as patch:
        patch.setattr("assistant.answer.write.model_stream.PAUSES_S", (0.01,))
        for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
            patch.delenv(name)
        settings = Settings(
            llm="m", llm_base_url=server.url, llm_timeout=1, llm_first_timeout=1, llm_context=8192
        )
        # The provider's library takes its time with its first request.
        with closing(load_chat_model(settings.model_copy(update={"llm_first_timeout": 60}))) as one:
            one.complete([("user", "Hello")])
        loaded = []

        def load():
            loaded.append(load_chat_model(settings))
            return loaded[-1]

        yield server, load
        for made in loaded:
            made.close()


@pytest.fixture(scope="module")
def ask(assistant, model):
    server, load = model
    engine = assistant._answering()
    retriever = assistant._asking.retriever(engine)
    verifier = Verifier(engine.embedder, engine.centring)

    def ask(text):
        question = retriever.understand(text)
        found = retriever.find(question, 8)
        read = partial(retriever.read, question, most=40)
        given = reply(question, found, found, assistant.library.passages.count(), read=read)
        *_, quotes = quote_answer(question, [given])
        sources = source_sentences(chosen(found, quotes))
        count = engine.embedder.count_tokens
        return Asked(question, found, quotes, sources, server, verifier, count, read, load)

    return ask


@pytest.fixture(scope="module")
def english(ask):
    return ask(ENGLISH)


def test_a_sentence_is_given_with_the_exact_words_it_rests_on(english, assistant):
    text = f"The first colour images were released on 12 July 2022 [{english.number(RELEASED)}]."
    answer = english.answer(text)
    (sentence,) = answer.sentences
    (citation,) = answer.citations
    assert sentence.text == "The first colour images were released on 12 July 2022."
    assert (sentence.supported, sentence.citations, sentence.reason) == (True, (1,), "")
    assert citation.quote == RELEASED
    article = assistant.article(citation.article)
    assert article.text[citation.start : citation.end] == citation.quote
    assert (answer.complete, answer.refused, answer.notice) == (True, False, "")
    assert answer.question == ENGLISH


def test_a_wrong_citation_is_moved_to_the_sentence_that_carries_it(english):
    wrong = english.number(NAMESAKE)
    answer = english.answer(f"The first colour images were released on 12 July 2022 [{wrong}].")
    assert [citation.quote for citation in answer.citations] == [RELEASED]


def test_citations_are_numbered_as_they_appear_one_number_a_sentence(english):
    released, webb = english.number(RELEASED), english.number(NAMESAKE)
    answer = english.answer(
        f"The observatory takes its name from James Webb [{webb}]. "
        f"The first full set of colour images was released on 12 July 2022 [{released}]. "
        f"James Webb led NASA during most of the 1960s [{webb}]."
    )
    assert [sentence.citations for sentence in answer.sentences] == [(1,), (2,), (1,)]
    assert [citation.number for citation in answer.citations] == [1, 2]
    assert answer.citations[1].quote == RELEASED


def test_the_answer_grows_by_whole_sentences(english):
    released, webb = english.number(RELEASED), english.number(NAMESAKE)
    text = (
        f"Images were released on 12 July 2022 [{released}]. It is named after James Webb [{webb}]."
    )
    items = english.stream(Reply(list(text)))
    assert sorted({len(item.sentences) for item in items}) == [0, 1, 2]
    assert [item.complete for item in items] == [False] * (len(items) - 1) + [True]
    for before, after in pairwise(items):
        assert after.sentences[: len(before.sentences)] == before.sentences
        assert after.citations[: len(before.citations)] == before.citations


def test_what_the_articles_do_not_say_is_marked_with_a_reason_and_without_citation(english):
    released = english.number(RELEASED)
    text = (
        f"The first colour images were released on 12 July 2022 [{released}]. "
        f"The telescope cost 31 billion dollars [{released}]."
    )
    sentence = english.answer(text).sentences[1]
    assert (sentence.supported, sentence.citations) == (False, ())
    assert "31" in sentence.reason
    assert [s.supported for s in english.answer(text, unsupported="drop").sentences] == [True]


def test_a_reason_is_in_the_askers_language(ask):
    french = ask(FRENCH)
    released = french.number(RELEASED)
    answer = french.answer(
        f"Les premières images en couleurs ont été publiées le 12 juillet 2022 [{released}]. "
        f"Le télescope a coûté 31 milliards de dollars [{released}]."
    )
    assert [sentence.supported for sentence in answer.sentences] == [True, False]
    assert answer.sentences[1].reason.startswith("Les passages trouvés")
    assert answer.citations[0].quote == RELEASED
    assert answer.lead_in == locales()["fr"].text("answer.lead.written")


def test_a_date_that_is_changed_is_not_supported(english):
    released = english.number(RELEASED)
    answer = english.answer(f"The first colour images were released on 14 July 2022 [{released}].")
    assert not answer.sentences[0].supported
    assert "14 July" in answer.sentences[0].reason


def test_what_cannot_be_confirmed_stands_above_the_quotes_where_these_are_sure(english):
    items = english.stream("Lima is the capital of Peru [S1]. It has 10 million people [S2].")
    assert english.quotes.certainty is Certainty.SURE
    assert all(item.sentences == () for item in items[:-1])
    answer = items[-1]
    assert not answer.refused
    assert answer.certainty is Certainty.UNSURE
    assert answer.lead_in == locales()["en"].text("answer.unconfirmed")
    written, quoted = answer.sentences[:2], answer.sentences[2:]
    assert [(one.supported, one.citations) for one in written] == [(False, ())] * 2
    assert quoted == english.quotes.sentences
    assert answer.citations == english.quotes.citations


@pytest.mark.parametrize("said", [NO_ANSWER, f"{NO_ANSWER}.", f"**{NO_ANSWER}**", "No answer"])
def test_sure_quotes_are_shown_as_the_nearest_where_the_model_finds_no_answer(english, said):
    answer = english.answer(said)
    assert (answer.refused, answer.notice, answer.complete) == (False, "", True)
    assert answer.certainty is Certainty.UNSURE
    assert answer.lead_in == locales()["en"].text("answer.unsure")
    assert answer.sentences == english.quotes.sentences


def test_a_check_that_fails_is_no_refusal_where_the_quotes_are_unsure(english):
    unsure = replace(english, quotes=replace(english.quotes, certainty=Certainty.UNSURE))
    answer = unsure.answer("The mirror was painted by hand before it left [S1].")
    assert not answer.refused
    assert answer.lead_in == locales()["en"].text("answer.unconfirmed")
    assert [one.supported for one in answer.sentences[:1]] == [False]
    assert answer.citations == english.quotes.citations


def test_passages_that_score_far_below_the_best_are_not_given(english):
    english.answer(NO_ANSWER)
    assert RELEASED in english.server.prompt
    assert any("MIRI" in one.passage.text for one in english.found[:3])
    assert "MIRI" not in english.server.prompt


def test_the_question_said_again_is_no_sentence_of_the_answer(english):
    released = english.number(RELEASED)
    answer = english.answer(
        f"{english.question.text}\nThe first images were released on 12 July 2022 [{released}]."
    )
    assert [one.supported for one in answer.sentences] == [True]


def test_unsure_quotes_and_a_model_without_an_answer_are_a_refusal(english):
    unsure = replace(english, quotes=replace(english.quotes, certainty=Certainty.UNSURE))
    answer = unsure.answer(NO_ANSWER)
    assert answer.refused
    assert (answer.confidence, answer.citations, answer.sentences) == (0, (), ())
    assert [c.quote for c in answer.nearest] == [c.quote for c in english.quotes.citations]
    assert answer.lead_in == locales()["en"].text("answer.refused")


@pytest.mark.parametrize(
    "said", ["The sources do not say when the images of the James Webb telescope were released."]
)
def test_a_model_may_decline_in_words_of_its_own_too(english, said):
    unsure = replace(english, quotes=replace(english.quotes, certainty=Certainty.UNSURE))
    before = len(english.server.requests)
    assert unsure.answer(said).refused
    assert not english.answer(said).refused
    assert len(english.server.requests) == before + 2
    assert NO_ANSWER not in english.server.prompt


def test_unsure_quotes_without_the_date_asked_for_are_a_refusal_if_the_model_finds_none(english):
    named = [one.cite(1) for one in english.sources if one.text == NAMESAKE]
    quotes = replace(english.quotes, certainty=Certainty.UNSURE, citations=tuple(named))
    assert replace(english, quotes=quotes).answer("They were released in 2031 [S1].").refused
    sure = replace(quotes, certainty=Certainty.SURE)
    assert not replace(english, quotes=sure).answer("They were released in 2031 [S1].").refused


def test_what_a_model_says_is_an_answer_if_it_is_quoted_or_of_the_kind_asked_for(english):
    unsure = replace(english, quotes=replace(english.quotes, certainty=Certainty.UNSURE))
    others = [one.text for one in english.sources if not english.quotes_hold(one)]
    beside = next(text for text in others if not re.search(r"\d", text))
    for said in (beside, "They were released on 13 July 2022."):
        answer = unsure.answer(said)
        assert answer.lead_in == locales()["en"].text("answer.unsure")
        assert answer.sentences == english.quotes.sentences
    launched = next(s.text for s in source_sentences(english.found) if "Day 2021" in s.text)
    both = unsure.answer(f"{launched} {beside}")  # it was asked when
    assert [one.text for one in both.sentences] == [launched, beside]


def test_a_question_without_hope_is_not_put_to_the_model(ask):
    asked = ask("What is the capital of Peru?")
    assert asked.quotes.refused
    asked = replace(asked, quotes=replace(asked.quotes, relevance=HOPE / 2))
    before = len(asked.server.requests)
    assert asked.answer("Lima [S1].") == asked.quotes
    assert len(asked.server.requests) == before


def test_what_quotes_just_do_not_answer_the_model_may(english):
    refused = replace(
        english.quotes, refused=True, certainty=Certainty.NONE, relevance=HOPE,
        nearest=english.quotes.citations, citations=(), sentences=(), lead_in="No.",
    )  # fmt: skip
    asked = replace(english, quotes=refused)
    items = asked.stream(f"It was released on 12 July 2022 [{english.number(RELEASED)}].")
    assert [one.refused for one in items] == [False] * len(items)
    assert items[-1].citations[0].quote == RELEASED
    assert items[-1].certainty is Certainty.UNSURE
    assert asked.answer(NO_ANSWER).refused
    assert NO_ANSWER in english.server.prompt
    assert asked.answer(Reply(status=401)).nearest == refused.nearest


def test_an_answer_cut_at_its_limit_keeps_what_was_supported(english):
    released = english.number(RELEASED)
    text = f"The first colour images were released on 12 July 2022 [{released}]. And then the tel"
    answer = english.answer(Reply([text], reason="length"))
    assert [one.text for one in answer.sentences] == [
        "The first colour images were released on 12 July 2022."
    ]
    assert (answer.complete, answer.trouble) == (True, None)


def test_no_more_than_five_sentences_are_taken(english):
    text = " ".join(f"Image {n} was released on 12 July 2022." for n in range(1, 9))
    items = english.stream(Reply(text.split(" ")))
    assert len(items[-1].sentences) <= 5


def test_thinking_that_was_taken_for_an_answer_is_taken_back(english):
    released = english.number(RELEASED)
    sentence = f"The first colour images were released on 12 July 2022 [{released}]."
    thought = f"{NAMESAKE} [{english.number(NAMESAKE)}]. Then: "
    answer = english.answer(Reply([thought, "So. ", "</think>", sentence]))
    assert [citation.quote for citation in answer.citations] == [RELEASED]


def test_a_prompt_too_long_for_the_model_is_halved(english):
    sentence = "The first colour images were released on 12 July 2022."
    long = Reply(status=400, says="This model's maximum context length is 512 tokens.")
    before = len(english.server.requests)
    answer = english.answer(long, Reply([sentence]))
    assert answer.citations[0].quote == RELEASED
    first, second = english.server.requests[before:]
    assert len(str(second["messages"])) < len(str(first["messages"]))


def test_an_answer_in_another_language_is_asked_for_again(english):
    number = english.number(RELEASED)
    french = f"Les premières images en couleurs ont été publiées le 12 juillet 2022 [{number}]."
    right = f"The first colour images were released on 12 July 2022 [{number}]."
    answer = english.answer(Reply([french]), Reply([right]))
    assert [one.text for one in answer.sentences] == [
        "The first colour images were released on 12 July 2022."
    ]
    assert "in no other language" in english.server.prompt
    still = english.answer(Reply([french]), Reply([french]), Reply(["Out on 12 July 2022."]))
    assert still.citations[0].quote == RELEASED
    assert still.notice == locales()["en"].text("notice.language", language="French")
    (sentence,) = still.sentences
    assert sentence.translation.text == "Out on 12 July 2022."
    assert sentence.to_json()["translation"] == "Out on 12 July 2022."
    assert "Out on 12 July 2022" in answer_message(still, locales()["en"]).html
    assert sentence.translation.text in still.text


def test_introductions_and_repetitions_are_left_out(english):
    sentence = (
        f"The first colour images were released on 12 July 2022 [{english.number(RELEASED)}]."
    )
    answer = english.answer(
        f"Here is what they say:\n\n- {sentence}\n- {sentence}\n\nHope it helps!"
    )
    assert [one.text for one in answer.sentences] == [
        "The first colour images were released on 12 July 2022."
    ]


def test_what_is_not_cited_is_cited_where_it_is_carried_and_else_left_out(english):
    answer = english.answer(
        "Colour images were released on 12 July 2022. The sources do not say how they were printed."
    )
    assert [(one.supported, one.citations) for one in answer.sentences] == [(True, (1,))]
    assert answer.citations[0].quote == RELEASED


FAULTS = {
    "unauthorised": Reply(status=401),
    "busy": Reply(status=429),
    "unavailable": Reply(status=500),
    "timeout": Reply(["Well, "], hang=True),
    "broken": Reply(["Well, "], cut=True),
}


@pytest.mark.parametrize("kind", FAULTS)
def test_a_model_that_fails_is_replaced_by_quotes_with_a_notice(english, kind):
    answer = english.answer(FAULTS[kind])
    assert answer.notice == locales()["en"].text(f"notice.{kind}")
    assert answer.sentences == english.quotes.sentences
    assert answer.citations == english.quotes.citations
    assert answer.complete


@pytest.mark.parametrize(
    "reply", [Reply(), Reply(["Round. "] * 90), Reply(["<think>Hm"]), Reply(malformed=True)]
)
def test_an_empty_looping_or_malformed_answer_is_replaced_too(english, reply):
    answer = english.answer(reply)
    assert answer.notice == locales()["en"].text("notice.broken")
    assert answer.sentences == english.quotes.sentences


def test_a_model_that_says_the_same_with_other_numbers_is_looping(english):
    answer = english.answer("".join(f"It was released in 2022 [{n}]. " for n in range(1, 6)))
    assert answer.notice == locales()["en"].text("notice.broken")


def test_a_stream_cut_in_the_middle_is_replaced_by_quotes(english):
    sentence = (
        f"The first colour images were released on 12 July 2022 [{english.number(RELEASED)}]. "
    )
    items = english.stream(Reply([sentence, "And then the tel"], cut=True))
    assert any(len(item.sentences) == 1 and not item.complete for item in items)
    assert items[-1].sentences == english.quotes.sentences
    assert items[-1].notice


def test_a_notice_is_in_the_askers_language(ask):
    answer = ask(FRENCH).answer(Reply(status=401))
    assert answer.notice == locales()["fr"].text("notice.unauthorised")


def test_closing_the_answer_cancels_the_request(english):
    server = english.server
    server.replies = [Reply(["Well, "], hang=True)]
    server.reached.clear()
    server.dropped.clear()
    items = english.writer().answer(english.question, english.found, english.quotes)
    next(items)
    next(items)  # given while the model is silent
    items.close()
    assert server.dropped.wait(5)


def test_markup_and_links_of_a_model_stay_text(english):
    attack = '<img src="http://evil.example/x"> ![](http://evil.example/y) [click](javascript:x)'
    answer = english.answer(
        f"Colour images were released on 12 July 2022 [{english.number(RELEASED)}]. {attack} [1]."
    )
    assert any("<img" in sentence.text for sentence in answer.sentences)
    shown = answer_message(answer, locales()["en"]).message()["content"]
    assert "<img" not in shown
    assert "](" not in shown
    assert 'href="http' not in shown
    assert "href=javascript" not in shown


def test_numbers_of_no_source_cite_nothing(english):
    answer = english.answer("Colour images were released on 12 July 2022 [999].")
    assert [citation.quote for citation in answer.citations] == [RELEASED]


@pytest.mark.parametrize("said", ["1", "1, 2, 3", "0"])
def test_the_model_itself_may_say_which_sentences_its_sources_state(english, said):
    released, webb = english.number(RELEASED), english.number(NAMESAKE)
    text = (
        f"The first full set of colour images was released on 12 July 2022 [{released}]. "
        f"{NAMESAKE} [{webb}]."
    )
    items = english.stream(Reply([text]), Reply([said]), check="model")
    assert all(item.sentences == () for item in items[:-1])
    assert f"Source: {RELEASED}" in english.server.prompt
    told = {sentence.text[:9]: sentence.supported for sentence in items[-1].sentences[:2]}
    assert (told["The first"], told["The obser"]) == ("1" in said, "2" in said)


def test_a_model_that_cannot_check_leaves_what_was_found_without_it(english):
    sentence = (
        f"The first colour images were released on 12 July 2022 [{english.number(RELEASED)}]."
    )
    answer = english.answer(Reply([sentence]), Reply(status=400), check="model")
    assert [one.supported for one in answer.sentences] == [True]


def test_a_follow_up_is_rewritten_by_the_model_with_what_was_said(english):
    server = english.server
    server.replies = [Reply(["When was ", "the James Webb telescope launched?\n"])]
    history = [Turn("user", "What is James Webb?"), Turn("assistant", "A telescope [1].")]
    rewritten = standalone_question("When was it launched?", history, english.load())
    assert rewritten == "When was the James Webb telescope launched?"
    assert "What is James Webb?" in server.prompt
    assert "When was it launched?" in server.prompt


def test_a_rewritten_question_is_searched_for_and_the_askers_own_is_answered(english, assistant):
    server = english.server
    rewritten = "When was the James Webb telescope launched?"
    history = [Turn("user", "What is James Webb?"), Turn("assistant", "A telescope [1].")]

    def written(request):
        return NO_ANSWER if "<sources>" in request["messages"][-1]["content"] else rewritten

    server.answer = written
    asking = assistant._asking._answers
    try:
        *_, answer = asking(
            assistant._answering(), "When was it launched?", history, Filters(), english.load()
        )
    finally:
        server.answer = None
    assert answer.understood == rewritten
    assert "<question>When was it launched?</question>" in server.prompt
    assert rewritten not in server.prompt
    assert any("Webb" in one.title for one in (*answer.citations, *answer.nearest))


@pytest.mark.parametrize(
    "reply",
    [
        Reply(status=401),
        Reply(["?!"]),
        Reply([NO_ANSWER]),
        Reply([f"{'x y ' * 1500}?"]),
        Reply(["What is James Webb?"]),
        Reply(["Who paid for the James Webb telescope?"]),
    ],
)
def test_a_follow_up_that_cannot_be_rewritten_is_taken_as_it_is(english, reply):
    english.server.replies = [reply]
    history = [Turn("user", "What is James Webb?")]
    asked = "And when was it launched in 2021?"
    assert standalone_question(asked, history, english.load()) == asked


def test_a_first_question_is_not_put_to_the_model(english):
    before = len(english.server.requests)
    assert standalone_question("When?", [], english.load()) == "When?"
    assert len(english.server.requests) == before


SUMMARY = "Summarise the article on the James Webb space telescope."


def test_a_whole_article_is_read_in_parts_that_hold_each_sentence_once(ask):
    asked = ask(SUMMARY)
    (article,) = whole_articles(asked.question, asked.found, asked.quotes, asked.read)
    parts = parts_of([article], asked.count, 200)
    read = [sentence.text for part in parts for sentence in part.sentences]
    assert read == [sentence.text for sentence in source_sentences([article])]
    sizes = [sum(asked.count([one.text for one in part.sentences])) for part in parts]
    assert len(parts) > 2
    assert max(sizes) <= 250
    assert [(part.number, part.of) for part in parts][-1] == (len(parts), len(parts))
    assert ask(ENGLISH).quotes.citations
    assert not whole_articles(ask(ENGLISH).question, asked.found, asked.quotes, asked.read)


def test_a_summary_is_written_from_what_the_notes_on_all_parts_cite(ask, monkeypatch):
    monkeypatch.setattr("assistant.answer.write.reading.PART_TOKENS", 200)
    asked = ask(SUMMARY)
    server = asked.server
    before = len(server.requests)

    def written(request):
        prompt = request["messages"][-1]["content"]
        labels = [line for line in prompt.splitlines() if line.startswith("[S")]
        released = next((one for one in labels if RELEASED in one), None)
        if released is None:
            return NO_ANSWER
        label = released[: released.index("]") + 1]
        return f"The first full set of colour images was released on 12 July 2022 {label}."

    server.answer = written
    try:
        items = list(asked.writer().answer(asked.question, asked.found, asked.quotes))
    finally:
        server.answer = None
    told = list(dict.fromkeys(one.lead_in for one in items if one.lead_in.startswith("Reading")))
    assert len(told) >= 2
    assert told[0].endswith(f"part 1 of {len(told)}…")
    assert len(server.requests) - before == len(told) + 1
    assert [line for line in server.prompt.splitlines() if line.startswith("[S")] == [
        f"[S1] {RELEASED}"
    ]
    assert [citation.quote for citation in items[-1].citations] == [RELEASED]
    assert items[-1].complete


def test_a_timeline_is_asked_for_in_the_order_of_time(ask):
    asked = ask("Give me a timeline of the James Webb space telescope.")
    asked.answer(NO_ANSWER)
    assert "in the order of time, each beginning with its date" in asked.server.prompt


def test_a_table_is_asked_for_where_one_is_wanted_and_each_row_checked_and_cited(ask):
    asked = ask("Make a table of the milestones of the James Webb space telescope.")
    released = asked.number(RELEASED)
    answer = asked.answer(
        "| Milestone | Date | Source |\n|---|---|---|\n"
        f"| First full set of colour images | 12 July 2022 | [{released}] |\n"
        f"| Last image released | 3 May 2031 | [{released}] |\n"
    )
    assert "a Markdown table" in asked.server.prompt
    right, wrong = answer.sentences
    assert right.text == "First full set of colour images | 12 July 2022"
    assert right.columns == wrong.columns == "Milestone | Date | Source"
    assert right.spelled == "Milestone: First full set of colour images | Date: 12 July 2022"
    assert (right.supported, wrong.supported) == (True, False)
    assert "3 May 2031" in wrong.reason
    assert [citation.quote for citation in answer.citations] == [RELEASED]
    assert answer.to_json()["sentences"][0]["columns"] == right.columns


@pytest.mark.parametrize(
    ("question", "language", "wanted"),
    [
        ("Compare Webb and Hubble in a table.", "en", True),
        ("Give me a short table of the deals", "en", True),
        ("Fais-moi un tableau des accords.", "fr", True),
        ("Présente les accords sous forme de tableau", "fr", True),
        ("Erstelle mir eine Tabelle der Kraftwerke", "de", True),
        ("Haz una tabla con las fechas", "es", True),
        ("Write a table of contents", "en", False),
        ("What did they put on the table?", "en", False),
        ("Wer sitzt am Tisch?", "de", False),
        ("Qui a peint ce tableau ?", "fr", False),
    ],
)
def test_what_asks_for_a_table(question, language, wanted):
    assert wants_table(question, language) is wanted
