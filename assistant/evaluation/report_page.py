"""Makes reports of templates: self-contained HTML pages, without scripts or network access."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader

from assistant.evaluation.measures import Row, written

_FOLDERS = (Path(__file__).parent / "templates", Path(__file__).parent.parent / "web" / "static")
"""The reports' own files, and the web pages' colours."""


def render(template: str, **values: object) -> str:
    """The template with ``values``."""
    return _templates().get_template(template).render(values)


def measures(rows: Sequence[Row]) -> dict[str, object]:
    """The names and lines of the table of measures, by their names in the template."""
    return {
        "names": ["Group", "Questions", *(n[:1].upper() + n[1:] for n in rows[0].measures)],
        "lines": [(row.group, [f"{row.count:,}", *row.measures.values()]) for row in rows],
    }


@cache
def _templates() -> Environment:
    made = Environment(
        loader=FileSystemLoader(_FOLDERS), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    made.filters["share"] = written
    return made
