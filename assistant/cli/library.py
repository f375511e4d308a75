"""The commands for the whole library: to compact, back up, restore, migrate and check it."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.cli.output import dump, report, say
from assistant.support.counting import counted

if TYPE_CHECKING:
    from assistant.assistant import Assistant


def add_backup_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the file."""
    parser.add_argument("file", type=Path, metavar="FILE", help="the backup to write (.zip)")


def add_restore_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the file and ``--force``."""
    parser.add_argument("file", type=Path, metavar="FILE", help="the backup to read")
    parser.add_argument("--force", action="store_true", help="replace the articles that are there")


def compact(assistant: Assistant, options: argparse.Namespace) -> int:
    """Reclaim the space of deleted articles."""
    from assistant.store import maintenance

    done = maintenance.compact(assistant.settings)
    told = f"{done.before / 1e6:.1f} MB before, {done.after / 1e6:.1f} MB after"
    left = (f"still read by another process, which removes it when done: {f}" for f in done.left)
    return report(options, done.to_json(), told, *left)


def backup(assistant: Assistant, options: argparse.Namespace) -> int:
    """Write the library to one file."""
    from assistant.store import maintenance

    manifest = maintenance.backup(assistant.library, options.file)
    size = options.file.stat().st_size
    record = {"file": str(options.file), "size": size, **asdict(manifest)}
    told = f"{options.file}: {counted(manifest.articles, 'article')}, {size / 1e6:.1f} MB"
    return report(options, record, told)


def restore(assistant: Assistant, options: argparse.Namespace) -> int:
    """Replace the library with a backup."""
    from assistant.store import maintenance

    manifest = maintenance.restore(assistant.settings, options.file, force=options.force)
    told = f"{counted(manifest.articles, 'article')}, as they were at {manifest.created}"
    return report(options, asdict(manifest), told)


def add_migrate_arguments(parser: argparse.ArgumentParser) -> None:
    """Add ``--to`` and ``--force``."""
    parser.add_argument(
        "--to", required=True, metavar="URL",
        help="the PostgreSQL database (postgresql://…) or, from one, the data folder",
    )  # fmt: skip
    parser.add_argument("--force", action="store_true", help="replace the articles that are there")


def migrate(assistant: Assistant, options: argparse.Namespace) -> int:
    """Copy everything into PostgreSQL, or from there into a data folder."""
    from assistant.store.migration import migrate as copy

    settings, to = assistant.settings, str(options.to)
    into_database = to.startswith(("postgresql://", "postgres://"))
    place: dict[str, object] = (
        {"database_url": to} if into_database else {"database_url": None, "data": Path(to)}
    )
    done = copy(settings, settings.model_copy(update=place), force=options.force)
    counts = ", ".join(f"{count} {table}" for table, count in done.rows.items())
    setting = "ASSISTANT_DATABASE_URL" if into_database else "ASSISTANT_DATA"
    use = f"To use it from now on, set {setting} to it and restart."
    return report(options, done.to_json(), f"copied and compared: {counts}", use)


def add_doctor_arguments(parser: argparse.ArgumentParser) -> None:
    """Define the flags of ``doctor``."""
    parser.add_argument(
        "--llm", action="store_true", help="instead, ask the chat model something and time it"
    )


def doctor(assistant: Assistant, options: argparse.Namespace) -> int:
    """Print the library's problems and remedies; return 1 if there are any."""
    from assistant.cli.doctor import examine, examine_chat_model

    findings = []
    some = examine_chat_model if options.llm else examine
    for finding in some(assistant.settings):
        findings.append(finding)
        if not options.json:
            say(f"{'ok   ' if finding.ok else 'WRONG'} {finding.check}")
            if not finding.ok:
                say(f"      {finding.problem}\n      {finding.remedy}")
            elif finding.note:
                say(f"      {finding.note}")
    ok = all(finding.ok for finding in findings)
    if options.json:
        say(dump({"ok": ok, "checks": [finding.to_json() for finding in findings]}))
    return 0 if ok else 1
