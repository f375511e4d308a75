"""The commands ``add``, ``remove`` and ``bin``: files and web pages of the corpus."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assistant.cli.output import report
from assistant.support.errors import AssistantError, IntakeError

if TYPE_CHECKING:
    from assistant.assistant import Assistant
    from assistant.ingest.bin import Removed


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the files and addresses, ``--folder`` and ``--replace``."""
    parser.add_argument("what", nargs="+", metavar="PATH|URL", help="a file, or a web page")
    parser.add_argument(
        "--folder", default="", metavar="NAME", help="folder of the corpus for the files"
    )
    parser.add_argument(
        "--replace", action="store_true", help="replace a file of that name that is there already"
    )


def bin_arguments(parser: argparse.ArgumentParser) -> None:
    """Add ``--restore`` and ``--delete``."""
    one = parser.add_mutually_exclusive_group()
    one.add_argument("--restore", metavar="ID", help="put it back where it was, and read it")
    one.add_argument("--delete", metavar="ID", help="delete it for good")


def add(assistant: Assistant, options: argparse.Namespace) -> int:
    """Add each item, sync, and report the outcome of each; return 1 if any failed."""
    told = [_put(assistant, given, options) for given in options.what]
    assistant.sync(wait=True)
    articles = {source: one for one in assistant.articles() for source in one.sources}
    failures = {one.source: one.error for one in assistant.status().failures}
    for one in told:
        source = one.get("source", "")
        if source in articles:
            article = articles[source]
            one |= {"article": article.id, "title": article.title, "language": article.language}
        elif source:
            one["error"] = failures.get(source, f"{source}: it was not read.")
    report(options, {"added": told}, *map(_line, told))
    return int(any("error" in one for one in told))


def remove(assistant: Assistant, options: argparse.Namespace) -> int:
    """Move the files of articles to the bin, and sync."""
    by_id = {article.id: article.sources for article in assistant.articles()}
    sources = [source for given in options.what for source in by_id.get(given, (given,))]
    removed = assistant.editor.remove(sources)
    assistant.sync(wait=True)
    return _tell_removed(options, removed)


def look_into_bin(assistant: Assistant, options: argparse.Namespace) -> int:
    """Print what is in the bin, or restore or delete one thing in it."""
    editor = assistant.editor
    if options.restore:
        _tell_removed(options, [editor.restore(options.restore)])
        assistant.sync(wait=True)
        return 0
    removed = [editor.delete(options.delete)] if options.delete else editor.removed()
    return _tell_removed(options, removed)


def _tell_removed(options: argparse.Namespace, removed: list[Removed]) -> int:
    records = [{"id": o.id, "source": o.source, "removed": o.removed} for o in removed]
    return report(options, records, *(f"{o.id}  {o.removed[:16]}  {o.source}" for o in removed))


def _put(assistant: Assistant, given: str, options: argparse.Namespace) -> dict[str, Any]:
    editor = assistant.editor
    try:
        if "://" in given:
            return {"given": given, "source": editor.put_address(given)}
        path = Path(given)
        folder, replace = options.folder, options.replace
        put = editor.put_file(path.name, _content(path), folder=folder, replace=replace)
        return {"given": given, "source": put}
    except AssistantError as error:
        return {"given": given, "error": str(error)}


def _content(path: Path) -> bytes:
    try:
        if not path.is_file():
            raise IntakeError(f"{path}: there is no such file. Name a file, or a web address.")
        return path.read_bytes()
    except OSError as error:
        raise IntakeError(f"{path}: it cannot be read: {error.strerror or error}.") from error


def _line(one: dict[str, Any]) -> str:
    if "error" in one:
        return f"failed: {one['error']}"
    return f"added: {one['title']} ({one['language']}, {one['source']})"
