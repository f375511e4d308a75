"""The command line: sync | add | remove | bin | search | ask | show | evaluate | feedback | gaps |
model | serve | mcp, user | key for access control, and compact | backup | restore | doctor for the
library as a whole.

With ``--json`` standard output holds only JSON; progress and messages go to standard error. With
``mcp`` it holds only the protocol.
Exit status: 0 success, 1 failure, 2 wrong usage, 130 and 143 stopped by Ctrl-C and by SIGTERM.

argparse rather than typer: its ``parents`` give every command the common flags, which typer would
have each command repeat in its signature, and it imports a hundred times faster.
"""

from __future__ import annotations

import argparse
import gc
import os
import shutil
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any, NoReturn

from assistant.cli import (
    access,
    add,
    evaluate,
    feedback,
    filters,
    gaps,
    library,
    model,
    questions,
    sync,
)
from assistant.cli.output import report, tell
from assistant.support import logs
from assistant.support.errors import AssistantError, LibraryError, SettingsError
from assistant.support.logs import one_line
from assistant.support.malloc import share_heaps
from assistant.support.settings import Settings
from assistant.support.version import __version__
from assistant.web.server import preflight

if TYPE_CHECKING:
    from assistant.assistant import Assistant

FAILED = 1
WRONG_USAGE = 2
USERS = "Add, list and remove the people who may sign in."
KEYS = "Add, list and revoke the keys with which programs may ask."
STOPPED = 128
"""Added to the signal's number, as shells do."""

ONE_THREAD = ("OPENBLAS_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
"""Variables that limit the threads of numpy's libraries, read at its first import. Our products are
small; more threads wait for each other in busy loops, which doubles the processor time of a whole
answer."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status."""
    for name in ONE_THREAD:
        os.environ.setdefault(name, "1")
    options = _parser().parse_args(arguments)
    given = _given(options)
    try:
        settings = Settings(**given)
    except SettingsError as error:
        more = preflight.problems_beside(error, given) if options.serves else ()
        _tell_wrong(*str(error).splitlines(), *more)
        return WRONG_USAGE
    if options.serves:
        if problems := preflight.problems(settings):
            _tell_wrong(*problems)
            return FAILED
        share_heaps()
    logs.configure(settings.log_level, settings.log_format)
    try:
        with _stopped_by_signals(), _no_folder_left(settings):
            return _run(settings, options)
    except AssistantError as error:
        _tell_wrong(str(error))
        return FAILED
    except KeyboardInterrupt as stopped:
        tell(f"stopped{options.when_stopped}")
        return STOPPED + (stopped.args[0] if stopped.args else signal.SIGINT)
    except BrokenPipeError:
        # The reader closed the pipe; without this Python complains at exit.
        sys.stdout = None
        return FAILED


def _tell_wrong(*problems: str) -> None:
    for problem in problems:
        tell(f"error: {problem}")


def _run(settings: Settings, options: argparse.Namespace) -> int:
    from assistant.assistant import Assistant

    assistant = Assistant(settings)
    try:
        return int(options.command(assistant, options))
    finally:
        assistant.close()


@contextmanager
def _stopped_by_signals() -> Iterator[None]:
    """Make SIGTERM stop the command like Ctrl-C; a second signal of a kind kills at once.

    A signal that the parent process has set to be ignored, as ``nohup`` does, stays ignored.
    """

    def stop(number: int, _frame: FrameType | None) -> None:
        signal.signal(number, signal.SIG_DFL)
        raise KeyboardInterrupt(number)

    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    before = {number: old for number, old in handlers.items() if old is not signal.SIG_IGN}
    for number in before:
        signal.signal(number, stop)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _no_folder_left(settings: Settings) -> Iterator[None]:
    """Remove the data folder if the block fails, was the first to need it, and read no article."""
    data = settings.data
    existed = data.exists()
    try:
        yield
    except AssistantError:
        if not existed and data.is_dir() and not preflight.holds_library(settings):
            shutil.rmtree(data, ignore_errors=True)
        raise


class _Parser(argparse.ArgumentParser):
    """Reports a wrong flag with its own command's usage, and without repeating the flag's value,
    which may be a misplaced secret.
    """

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Parse; what a command does not know is its error, not that of the whole program."""
        known, unknown = super().parse_known_args(args, namespace)
        if unknown:
            self.error(f"unrecognized arguments: {' '.join(unknown)}")
        return known, unknown

    def error(self, message: str) -> NoReturn:
        """Write usage and message, and exit with status 2."""
        super().error(one_line(message))


def _parser() -> argparse.ArgumentParser:
    common = _Parser(add_help=False)
    common.add_argument("--corpus", type=Path, metavar="DIR", help="folder with the articles")
    common.add_argument("--data", type=Path, metavar="DIR", help="folder for library and index")
    common.add_argument("--json", action="store_true", help="print JSON on standard output")
    parser = _Parser(
        prog="assistant",
        description="Answers questions from a folder of articles, citing their exact words.",
        epilog="Settings are read from ASSISTANT_* variables or a .env file; flags win. "
        "docs/settings.md lists them.",
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    parser.set_defaults(when_stopped="", serves=False)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, run: Callable[..., int], text: str) -> argparse.ArgumentParser:
        added = commands.add_parser(name, parents=[common], help=text, description=text)
        added.set_defaults(command=run)
        return added

    syncing = command("sync", sync.sync, "Read what changed in the corpus into the library.")
    sync.add_arguments(syncing)
    syncing.add_argument("--jobs", type=_positive, metavar="N", help="processors to use (all)")
    syncing.add_argument(
        "--engine", choices=("local", "ray"), help="read and embed in this process, or with Ray"
    )
    syncing.add_argument(
        "--ray-address", metavar="HOST:PORT", help="Ray cluster to use (this machine alone)"
    )
    syncing.set_defaults(when_stopped=": the next sync continues from there")
    adding = command("add", add.add, "Put files and web pages into the corpus, and read them.")
    add.add_arguments(adding)
    adding.set_defaults(when_stopped=": the next sync continues from there")
    removing = command("remove", add.remove, "Move articles to the bin.")
    removing.add_argument(
        "what", nargs="+", metavar="ARTICLE", help="its id, its path in the corpus, or its address"
    )
    add.bin_arguments(
        command("bin", add.look_into_bin, "List, restore or delete what was removed.")
    )
    searching = command("search", questions.search, "Print the passages that best fit.")
    searching.add_argument("--top", type=_positive, default=10, metavar="N", help="how many (10)")
    asking = command("ask", questions.ask, "Answer a question with quotes and their places.")
    questions.add_translate(asking)
    for subparser in (searching, asking):
        questions.add_arguments(subparser)
    showing = command("show", _show, "Print an article as the library holds it.")
    showing.add_argument("article", help="its id, or its path in the corpus")
    evaluate.add_arguments(
        command("evaluate", evaluate.evaluate, "Measure answers or search on golden questions.")
    )
    feedback.add_arguments(
        command("feedback", feedback.feedback, "Print what readers thought of the answers.")
    )
    gaps.add_arguments(
        command("gaps", gaps.gaps, "Print the questions that the articles did not answer well.")
    )
    model.add_arguments(
        command("model", model.export, "Write the bundled embedding model to a folder.")
    )
    command("compact", library.compact, "Reclaim the space of deleted articles.")
    library.add_backup_arguments(
        command("backup", library.backup, "Write the library to one file, even while in use.")
    )
    library.add_restore_arguments(
        command("restore", library.restore, "Replace the library with a backup.")
    )
    library.add_migrate_arguments(
        command("migrate", library.migrate, "Copy everything into PostgreSQL, or back.")
    )
    library.add_doctor_arguments(
        command("doctor", library.doctor, "Check the library and say how to fix what is wrong.")
    )
    serving = command("serve", _serve, "Serve the web chat.")
    serving.set_defaults(serves=True)
    serving.add_argument("--host", help="address to listen on (127.0.0.1)")
    serving.add_argument("--port", type=int, help="port to listen on (7860)")
    serving.add_argument(
        "--demo", action="store_true", help="also serve an intranet page that shows the widget"
    )
    serving.add_argument(
        "--role",
        choices=("all", "answer", "sync"),
        help="answer: only from what other processes read; sync: only read, with health and "
        "metrics; all (the default): both",
    )
    serving.add_argument(
        "--watch",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="sync after each change of the corpus folder, too, not only at the start",
    )
    serving.add_argument(
        "--public",
        action="store_true",
        default=None,
        help="let everyone ask who can reach it; not needed on 127.0.0.1",
    )
    command("mcp", _mcp, "Serve agents: the Model Context Protocol on standard input and output.")
    users = commands.add_parser("user", help=USERS, description=USERS)
    access.add_user_arguments(users, common)
    keys = commands.add_parser("key", help=KEYS, description=KEYS)
    access.add_key_arguments(keys, common)
    return parser


def _positive(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) > 0):
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of at least 1")
    return int(text)


def _given(options: argparse.Namespace) -> dict[str, Any]:
    """The settings given as flags."""
    names = ("corpus", "data", "jobs", "engine", "ray_address", "host", "port", "public", "role")
    flags = {name: getattr(options, name, None) for name in names}
    return {name: value for name, value in flags.items() if value is not None}


def _show(assistant: Assistant, options: argparse.Namespace) -> int:
    by_source = {s: a.id for a in assistant.articles() for s in a.sources}
    relative = filters.in_corpus(options.article, assistant.settings.corpus)
    named = by_source.get(options.article) or by_source.get(relative) or options.article
    try:
        article = assistant.article(named)
    except LibraryError as error:
        if alike := filters.alike(relative, by_source):
            raise LibraryError(f"{error} Did you mean {' or '.join(alike)}?") from error
        raise
    told = f"{article.title} ({article.language}, {article.source})\n\n{article.text}"
    return report(options, article.to_json(), told)


def _serve(assistant: Assistant, options: argparse.Namespace) -> int:
    # Imported modules stay: freeze them, so that garbage collection does not scan them again and
    # again.
    gc.disable()
    try:
        from assistant.web.app import serve

        serve(assistant, assistant.settings, follow=options.watch, with_demo=options.demo)
    finally:
        gc.enable()
    return 0


def _mcp(assistant: Assistant, options: argparse.Namespace) -> int:
    from assistant.web.api.mcp_server import serve_stdio

    assistant.start_sync()
    serve_stdio(assistant)
    return 0
