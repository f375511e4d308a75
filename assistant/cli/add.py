"""The command ``add``: puts files and web pages into the corpus folder and syncs."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assistant.cli.output import dump, say
from assistant.support.errors import AssistantError, IntakeError

if TYPE_CHECKING:
    from assistant.assistant import Assistant


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the files and addresses, ``--folder`` and ``--replace``."""
    parser.add_argument("what", nargs="+", metavar="PATH|URL", help="a file, or a web page")
    parser.add_argument(
        "--folder", default="", metavar="NAME", help="folder of the corpus for the files"
    )
    parser.add_argument(
        "--replace", action="store_true", help="replace a file of that name that is there already"
    )


def add(assistant: Assistant, options: argparse.Namespace) -> int:
    """Add each item, sync, and report the outcome of each; return 1 if any failed."""
    told = [_put(assistant, given, options) for given in options.what]
    if any("://" in one.get("source", "") for one in told):
        assistant.fetch()
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
    if options.json:
        say(dump({"added": told}))
    else:
        for one in told:
            say(f"failed: {one['error']}" if "error" in one else _line(one))
    return int(any("error" in one for one in told))


def _put(assistant: Assistant, given: str, options: argparse.Namespace) -> dict[str, Any]:
    from assistant.ingest.intake import put_address, put_file  # 0.6 s, for web sources

    corpus = assistant.settings.corpus
    try:
        if "://" in given:
            return {"given": given, "source": put_address(corpus, given)}
        path = Path(given)
        data = _content(path)
        put = put_file(
            corpus, path.name, data, folder=options.folder, replace=options.replace,
            ocr=assistant.settings.ocr,
        )  # fmt: skip
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
    return f"added: {one['title']} ({one['language']}, {one['source']})"
