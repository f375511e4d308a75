"""Checks the integrity of the library and says how to fix what is wrong."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from itertools import chain, islice
from typing import Any

from assistant.access.groups import read_rules
from assistant.embedding import Embedder
from assistant.embedding.centring import Centring
from assistant.ingest.corpus import Corpus
from assistant.ingest.pipeline import passage_digest, stamp
from assistant.language.keywords import terms
from assistant.models.clearance import file_of
from assistant.models.records import StoredPassage
from assistant.store import checks
from assistant.store.engine import made_with, recipe_of
from assistant.store.generations import INDEX, Generations
from assistant.store.index_collections import Entry
from assistant.store.indexing import entries
from assistant.store.library import Library
from assistant.store.live import LiveEngine
from assistant.store.passage_index import PassageIndex
from assistant.store.storage import generations_of, writer_of
from assistant.support.errors import AssistantError, CorpusError, LibraryBusyError
from assistant.support.settings import Settings
from assistant.web.server.preflight import lasting

_NAMED = 3
"""Faults of a kind listed one by one; the others are counted."""

_SYNC = "Run assistant sync."
_REBUILT = "The next question or sync rebuilds it."
_ANEW = (
    "Move the data folder away and run assistant sync to rebuild the library from the articles. "
    "Or restore a backup with assistant restore --force."
)


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of a check: the problem ("" if none), and the remedy.

    ``note`` is printed even if there is no problem.
    """

    check: str
    problem: str = ""
    remedy: str = ""
    note: str = ""

    @property
    def ok(self) -> bool:
        """Whether there is no problem."""
        return not self.problem

    def to_json(self) -> dict[str, Any]:
        """The finding as ``doctor --json`` prints it."""
        return {**asdict(self), "ok": self.ok}


def examine(settings: Settings, embedder: Embedder | None = None) -> Iterator[Finding]:
    """Run all checks in the order of the pipeline; stops if the library cannot be opened.

    Changes nothing. ``embedder`` is an already loaded one to use instead of that of the settings.
    """
    yield _finding("settings", lasting(settings), "Change these settings, or what they refer to.")
    generations = generations_of(settings)
    if not generations.exist():
        yield Finding("library", f"{generations.name} holds no library.", _SYNC)
        return
    live = LiveEngine(settings, embedder)
    try:
        library = live.library
        with library.snapshot():
            yield _finding("library file", library.faults(), _ANEW)
            yield from _content(library)
            yield _waiting(library)
            yield _failures(library)
            yield _skipped(library)
            yield _corpus(library, settings)
            yield _access(settings)
            yield from _model(live, library, settings)
        yield _leftovers(generations, settings)
        if settings.database_url is None:
            yield _space(generations)
    except AssistantError as error:
        yield Finding("library", str(error), _ANEW)
    finally:
        live.close()


def examine_chat_model(settings: Settings) -> Iterator[Finding]:
    """One real request to the chat model; where none is set, which ones are on this machine."""
    from assistant.answer.write.model_server import on_this_machine
    from assistant.answer.write.trial import try_out

    if settings.llm is None:
        found = list(on_this_machine())
        told = f"None is set. On this machine: {_listed(found)}." if found else "None is set."
        yield Finding("chat model", note=told)
        return
    trial = try_out(settings)
    if trial.problem:
        yield Finding("chat model", trial.problem, trial.advice)
    else:
        yield Finding("chat model", note=trial.told)


def _finding(check: str, faults: Iterable[str], remedy: str) -> Finding:
    problem = _listed(faults)
    return Finding(check, problem, remedy) if problem else Finding(check)


def _listed(lines: Iterable[str]) -> str:
    """The first of ``lines`` and the number of others."""
    found = iter(lines)
    named = "; ".join(islice(found, _NAMED))
    rest = sum(1 for _ in found)
    return f"{named}; and {rest} more" if rest else named


def _content(library: Library) -> Iterator[Finding]:
    """Articles, passages, keywords and words, in one pass over the library."""
    faults: dict[str, list[str]] = {"articles": [], "passages": [], "keywords": []}
    for id_, article, passages in checks.every_article(library):
        if article is None:
            faults["articles"].append(f"article {id_} cannot be read")
            continue
        faults["articles"] += checks.broken_article(id_, article)
        for passage in passages:
            faults["passages"] += checks.broken_passage(article, passage)
            faults["passages"] += _wrong_digest(library, passage)
            if tuple(terms(passage.in_context, article.language)) != passage.terms:
                faults["keywords"].append(f"those of passage {passage.id} are not of its text")
    faults["passages"] += checks.broken_vectors(library)
    for check, found in faults.items():
        yield _finding(check, found, _ANEW)
    yield _finding("words", checks.broken_words(library, checks.dimension_of(library)), _ANEW)
    yield _finding("orphans", checks.orphans(library), _ANEW)


def _wrong_digest(library: Library, passage: StoredPassage) -> Iterator[str]:
    bounds = (passage.bounds - passage.start).tolist()
    ((digest,),) = library.query("SELECT digest FROM passages WHERE id = ?", passage.id)
    if digest != passage_digest(bounds, passage.text, passage.columns):
        yield f"passage {passage.id} of {passage.source} was not embedded from its text"


def _waiting(library: Library) -> Finding:
    synced = library.get("synced") is not None
    if synced and not library.incomplete.any() and not library.words.waiting():
        return Finding("last sync")
    return Finding("last sync", "The last sync did not complete.", _SYNC)


def _failures(library: Library) -> Finding:
    faults = (error if source in error else f"{source}: {error}"
              for source, error in library.failures())  # fmt: skip
    return _finding("failed files", faults, "Fix or remove these files, then sync.")


def _skipped(library: Library) -> Finding:
    """Not a fault, as a folder may hold other files, but nobody should search for them in vain."""
    told = [f"{one.source}: {one.reason}" for one in library.skipped()]
    return Finding("left-out files", note=_listed(told))


def _corpus(library: Library, settings: Settings) -> Finding:
    try:
        files = Corpus(settings).contents().files
    except AssistantError as error:
        return Finding("corpus", str(error), "Name the folder of the articles with --corpus.")
    known = library.files()
    changed = (
        f"{source} was not read, or has changed since"
        for source, path in files.items()
        if source not in known or (known[source].size, known[source].modified) != stamp(path)
    )
    gone = (
        f"{source} is no longer there"
        for source in known
        if source not in files and file_of(source) not in files
    )
    return _finding("corpus", chain(changed, gone), _SYNC)


def _access(settings: Settings) -> Finding:
    try:
        read_rules(settings.corpus)
    except CorpusError as error:
        return Finding("groups", str(error), "Until then, the rules read last stay in force.")
    return Finding("groups")


def _model(live: LiveEngine, library: Library, settings: Settings) -> Iterator[Finding]:
    recipe, now = made_with(library), recipe_of(live.wanted)
    if recipe == now:
        yield Finding("model")
    else:
        told = f"The articles were read with {recipe}; the model and version now are {now}."
        yield Finding("model", told, _SYNC)
    try:
        engine = live.engine()
    except AssistantError as error:
        yield Finding("index", str(error), _SYNC)
        return
    if settings.chroma_url is None and not (engine.folder / INDEX).exists():
        yield Finding("index", "There is none.", _REBUILT)
    else:
        yield _index(engine.index, library, engine.centring)


def _index(index: PassageIndex, library: Library, centring: Centring) -> Finding:
    try:
        if not index.own():  # its owner maintains it, and answers without it meanwhile
            return Finding("index")
        if not index.open(library.revision, library.passages.sizes()):
            return Finding("index", "It is missing, damaged or out of date.", _REBUILT)
        if (held := index.ids()) != (wanted := library.passages.languages()):
            return Finding("index", f"{len(held.items() ^ wanted.items())} rows differ.", _REBUILT)
        lost = index.lost(_sample(library, centring))
        return _finding("index", (f"passage {id_} is not found" for id_ in lost), _REBUILT)
    finally:
        index.close()


def _sample(library: Library, centring: Centring, count: int = 200) -> Iterator[Entry]:
    """Index entries of a sample of passages across the library, broken vectors left out."""
    whole = "SELECT id FROM passages WHERE length(vector) = ? ORDER BY id"
    ids = [id_ for (id_,) in library.query(whole, checks.dimension_of(library))]
    return entries(library, centring, ids[:: len(ids) // count + 1])


def _leftovers(generations: Generations, settings: Settings) -> Finding:
    try:
        with writer_of(settings).held():
            left = [str(path) for path in generations.others()]
    except LibraryBusyError:
        return Finding("left-overs")  # a sync is running, and its new library is not a left-over
    faults = (f"the library in {name} is not in use" for name in left)
    return _finding("left-overs", faults, "The next sync removes or finishes it.")


def _space(generations: Generations) -> Finding:
    size = generations.size()
    free = shutil.disk_usage(generations.data).free
    if free > size:
        return Finding("disk space")
    told = f"{free / 1e6:.0f} MB are free beside a library of {size / 1e6:.0f} MB."
    return Finding("disk space", told, "Make room: a new or compacted library is made beside it.")
