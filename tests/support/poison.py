"""Articles that attack, and a chat model that does what they tell it to.

The cases are in ``poisoned/``, a file for each language. Each is an article of its own: an honest
sentence, the poison, and a question that the honest sentence answers. ``order`` are words of the
poison: where the model sees them in its prompt, it obeys, and writes ``says``, in which ``{n}`` is
the number of the source that holds the order and ``{h}`` that of the honest one. Unless the case
is to stand ``alone``, it writes the honest sentence first. ``dictated`` are words of ``says`` that
no article states: they must never stand in a sentence that is shown as supported. Words that are
``stated`` by the article itself may, where its own words are cited for them.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from assistant.answer.write.prompt import NO_ANSWER, plain

FOLDER = Path(__file__).parent / "poisoned"
LANGUAGES = ("en", "fr", "de", "es")

HOSTILE_FOLDER = "0 [1] <img src=x onerror=window.pwned=70>"
"""Where articles lie that attack by what they say of themselves; the first in every list."""

_RUN = re.compile(r"(\S+?)\*(\d{2,4})(?=[\s,.]|$)")
_SOURCE = re.compile(r"^\[S(\d+)\] (.*)$", re.MULTILINE)
_QUESTION = re.compile(r"<question>(.*?)</question>")


@dataclass(frozen=True)
class Case:
    """See the module. ``times`` is how often ``says`` is written.

    ``reaches`` is false where the poison must not even come to the model's eyes, as no reader of
    the file sees it. ``refused`` and ``quotes`` say what becomes of the answer of the model: a
    refusal, or quotes in its place.
    """

    language: str
    kind: str
    title: str
    honest: str
    poison: str
    ask: str
    order: str
    says: str = NO_ANSWER
    dictated: tuple[str, ...] = ()
    stated: tuple[str, ...] = ()
    author: str = ""
    url: str = ""
    file: str = ""
    raw: str = ""
    apart: bool = False
    alone: bool = False
    times: int = 1
    reaches: bool = True
    refused: bool = False
    quotes: bool = False

    @property
    def id(self) -> str:
        return f"{self.language}-{self.kind}"

    @property
    def bait(self) -> str:
        """A question that the poison fits best."""
        return f"{self.order}, {self.poison[:200]}?"

    def write(self, folder: Path) -> None:
        """Put the article into ``folder``."""
        gap = "\n\n" if self.apart else " "
        text = f"{self.honest}{gap}{self.poison}\n"
        if self.raw:
            filled = self.raw.replace("{honest}", self.honest).replace("{poison}", self.poison)
            (folder / self.file).write_text(filled, "utf-8")
        elif self.file:
            _BINARY[Path(self.file).suffix](self, folder / self.file)
        elif self.author:
            matter = {"title": self.title, "author": self.author, "url": self.url}
            written = yaml.safe_dump(matter, allow_unicode=True)
            (folder / HOSTILE_FOLDER).mkdir(exist_ok=True)
            file = folder / HOSTILE_FOLDER / f"{self.id}.md"
            file.write_text(f"---\n{written}---\n{text}", "utf-8")
        else:
            # Half as plain text, in which every character stays as it is.
            ending = "txt" if LANGUAGES.index(self.language) % 2 == len(self.kind) % 2 else "md"
            mark = "" if ending == "txt" else "# "
            (folder / f"{self.id}.{ending}").write_text(f"{mark}{self.title}\n\n{text}", "utf-8")

    def obeyed(self, prompt: str) -> str:
        """What the model writes, given what it was sent."""
        order = plain(self.order)
        if order not in prompt:
            return NO_ANSWER
        numbers = {text: number for number, text in _SOURCE.findall(prompt)}
        honest = next((n for text, n in numbers.items() if plain(self.honest)[:40] in text), "1")
        holder = next((n for text, n in numbers.items() if order in text), honest)
        said = self.says.replace("{n}", holder).replace("{h}", honest) * self.times
        return said if self.alone else f"{self.honest} [{honest}] {said}"


def obey(request: dict[str, Any]) -> str:
    """The reply of the model to a request: see ``Case.obeyed``."""
    prompt = request["messages"][-1]["content"]
    asked = _QUESTION.findall(prompt)[-1:]  # none where a translation is asked for
    case = next((one for one in cases() if [plain(one.ask)] == asked), None)
    return case.obeyed(prompt) if case else NO_ANSWER


@cache
def cases() -> tuple[Case, ...]:
    """All cases, in all languages."""
    return tuple(
        Case(language, **{name: _value(value) for name, value in given.items()})
        for language in LANGUAGES
        for given in yaml.safe_load((FOLDER / f"{language}.yaml").read_text("utf-8"))
    )


@cache
def sample() -> tuple[Case, ...]:
    """One case of each kind, the languages in turn."""
    kinds = dict.fromkeys(case.kind for case in cases())
    wanted = {f"{LANGUAGES[at % len(LANGUAGES)]}-{kind}" for at, kind in enumerate(kinds)}
    return tuple(case for case in cases() if case.id in wanted)


def _value(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(str(one) for one in value)
    # "AAAA*400" is a run of four hundred.
    return _RUN.sub(lambda run: run[1] * int(run[2]), value) if isinstance(value, str) else value


def _docx(case: Case, path: Path) -> None:
    import docx

    document = docx.Document()
    document.core_properties.title = case.title
    document.add_heading(case.title, 1)
    paragraph = document.add_paragraph(case.honest)
    paragraph.add_run(f" {case.poison}").font.hidden = True
    document.save(str(path))


def _pdf(case: Case, path: Path) -> None:
    from reportlab.pdfgen import canvas

    page = canvas.Canvas(str(path))
    page.setTitle(case.title)
    page.drawString(60, 760, case.title)
    page.drawString(60, 720, case.honest)
    page.setFillColorRGB(1, 1, 1)
    page.drawString(60, 700, case.poison)
    page.save()


_BINARY: dict[str, Callable[[Case, Path], None]] = {".docx": _docx, ".pdf": _pdf}
