"""The layout of reports: one self-contained HTML page, without scripts or network access."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from html import escape
from pathlib import Path

from assistant.evaluation import plots
from assistant.evaluation.measures import NOTHING, Measure, Row

_LOOK = Path(__file__).parent.parent / "web" / "static" / "look.css"

_STYLE = """
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.55 var(--type);
  overflow-wrap: anywhere; }
main { max-width: 1040px; margin: 0 auto; padding: 40px 24px 15vh; }
h1 { font-size: 28px; line-height: 1.2; margin: 0 0 6px; }
h2 { font-size: 20px; line-height: 1.3; margin: 44px 0 8px; }
h3 { font-size: 16px; margin: 26px 0 6px; }
p { margin: 0 0 14px; max-width: 44em; }
small, .about, .interval { color: var(--soft); }
.about { font-size: 15px; }
.terms { margin: 0 0 18px; max-width: 44em; display: grid; gap: 3px 18px;
  grid-template-columns: max-content 1fr; font-size: 15px; }
.terms dd { margin: 0; color: var(--soft); }
.figures { display: grid; grid-template-columns: repeat(auto-fill, minmax(124px, 1fr)); gap: 10px;
  margin: 26px 0 0; }
.figures div { display: flex; flex-direction: column; padding: 10px 13px 12px;
  background: var(--ground); border: 1px solid var(--line); border-radius: 10px; }
.figures dt { font-size: 14px; color: var(--soft); line-height: 1.35; }
.figures dd { margin: auto 0 0; padding-top: 4px; font-size: 23px; font-weight: 650;
  line-height: 1.2; font-variant-numeric: tabular-nums; }
.figures small { display: block; font-size: 13px; font-weight: 400; }
.wide { overflow-x: auto; margin: 0 -24px; padding: 0 24px; }
.wide:focus-visible, summary:focus-visible { outline: 2px solid var(--accent);
  outline-offset: 2px; }
table { width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: 15px;
  overflow-wrap: normal; }
th { text-align: start; font-size: 14px; font-weight: 500; color: var(--soft);
  vertical-align: bottom; }
th, td { padding: 7px 18px 7px 0; border-bottom: 1px solid var(--line); white-space: nowrap; }
thead th { white-space: normal; min-width: 6em; line-height: 1.3; }
tbody th { color: var(--ink); font-size: 15px; }
tbody > tr > * { vertical-align: top; }
.interval { display: block; font-size: 12.5px; }
.range { display: block; position: relative; width: 92px; height: 4px; margin: 5px 0 1px;
  border-radius: 2px; background: var(--line); }
.range :first-child { position: absolute; top: 0; bottom: 0; left: calc(var(--low) * 100%);
  right: calc(100% - var(--high) * 100%); min-width: 2px; border-radius: 2px;
  background: var(--accent); opacity: .42; }
.range :last-child { position: absolute; top: -2px; width: 3px; height: 8px; border-radius: 1px;
  left: calc(var(--at) * (100% - 3px)); background: var(--accent); }
tr.now { background: var(--chip); }
.plain { max-width: 560px; margin-top: 26px; }
.plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 360px), 1fr));
  gap: 28px 44px; margin-top: 18px; }
.plots h3 { margin: 0 0 8px; }
.plots.one { max-width: 600px; }
details { border-bottom: 1px solid var(--line); padding: 9px 0; }
summary { cursor: pointer; }
summary small { margin-inline-start: 6px; }
details > :not(summary) { margin: 8px 0 0 18px; max-width: 44em; font-size: 15px; }
details ol, details ul { padding-inline-start: 20px; }
details > div > ul { margin: 4px 0 12px; }
details > div { color: var(--soft); }
details > div > * { color: var(--ink); }
li { margin-bottom: 6px; }
.alert { color: var(--alert); }
@media (max-width: 600px) {
  main { padding: 24px 16px 12vh; }
  .wide { margin: 0 -16px; padding: 0 16px; }
  .wide tr > :first-child { position: sticky; left: 0; z-index: 1; background: var(--paper);
    box-shadow: -16px 0 var(--paper); }
  .wide tr.now > :first-child { background: var(--chip); }
  th, td { padding-inline-end: 14px; }
  .figures { grid-template-columns: 1fr 1fr; gap: 8px; }
  .figures div { display: flex; flex-direction: column; padding: 10px 12px; }
  h1 { font-size: 24px; }
  .terms { display: block; }
  .terms dd { margin-bottom: 8px; }
}
@media print { details > * { display: block; } }
"""


def page(title: str, parts: Iterable[str]) -> str:
    """The whole page."""
    body = "\n".join(part for part in parts if part)
    return f"""<!doctype html>
<html lang="en">
<head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(title)}</title><style>{_look()}{_STYLE}{plots.STYLE}</style></head>
<body><main>
<h1>{escape(title)}</h1>
{body}
</main></body>
</html>
"""


def figures(some: Iterable[tuple[str, str, str]]) -> str:
    """The key figures, large: name, figure, and a line below it."""
    return '<dl class="figures">\n{}\n</dl>'.format(
        "\n".join(
            f"<div><dt>{escape(name)}</dt><dd>{escape(figure)}"
            f"<small>{escape(below)}</small></dd></div>"
            for name, figure, below in some
        )
    )


def terms(some: Mapping[str, str]) -> str:
    """The definitions of measures."""
    inside = "".join(f"<dt>{escape(name)}</dt><dd>{escape(of)}</dd>" for name, of in some.items())
    return f'<dl class="terms">{inside}</dl>'


def interval(measure: Measure) -> str:
    """The 95 % interval in words."""
    return f"{measure.low:.3f}–{measure.high:.3f}"


def measures(rows: Sequence[Row]) -> str:
    """The rows as a table; each measure with its interval, drawn and in numbers."""
    names = ["Group", "Questions", *(_sentence(name) for name in rows[0].measures)]
    lines = [
        [f"{row.count:,}", *(_cell(measure) for measure in row.measures.values())] for row in rows
    ]
    return table(names, [(row.group, cells) for row, cells in zip(rows, lines, strict=True)])


def table(
    names: Sequence[str], lines: Iterable[tuple[str, Sequence[str]]], now: str | None = None
) -> str:
    """A table; cells are HTML, names and row heads are text. ``now`` is a row head to highlight."""
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in names)
    body = "\n".join(
        f'<tr{" class=now" if name == now else ""}><th scope="row">{escape(name)}</th>'
        + "".join(f"<td>{cell}</td>" for cell in cells)
        + "</tr>"
        for name, cells in lines
    )
    return (
        '<div class="wide" tabindex="0"><table>\n'
        f"<thead><tr>{head}</tr></thead>\n<tbody>{body}</tbody>\n</table></div>"
    )


def _cell(measure: Measure | None) -> str:
    if measure is None:
        return NOTHING
    places = f"--low:{measure.low:.3f};--high:{measure.high:.3f};--at:{measure.value:.3f}"
    return (
        f'{measure.value:.3f}<span class="range" style="{places}"><i></i><i></i></span>'
        f'<span class="interval">{interval(measure)}</span>'
    )


def _sentence(name: str) -> str:
    return name[:1].upper() + name[1:]


@cache
def _look() -> str:
    return _LOOK.read_text("utf-8")
