"""How a run is shown: progress on a terminal, plain lines elsewhere, JSON for programs."""

from __future__ import annotations

import json
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click
from msgspec import to_builtins

from pappus.layout import METADATA, is_metadata
from pappus.pipeline import SILENT

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from rich.progress import Progress, TaskID

    from pappus.errors import PappusError
    from pappus.model import Plan
    from pappus.pipeline import Listener, Report
    from pappus.store import Event

_LOUD = {"failed": "red", "warned": "yellow", "withdrawn": "yellow", "revised": "cyan"}
_JOINERS = frozenset("\u200c\u200d")  # not printable by themselves, but Persian and Indic words need them
_QUIET = frozenset({"filtered"})  # told by count only, unless asked for with status


class Lines:
    """One plain line an event, for logs and pipes."""

    def event(self, event: Event) -> None:
        """Print an event."""
        if event.kind not in _QUIET:
            click.echo(line(event))

    def progress(self, place: str, done: int, total: int | None) -> None:
        """Print nothing: lines tell of results only."""


class Terminal:
    """Bars that move, and above them a line for each event."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._tasks: dict[str, TaskID] = {}

    def event(self, event: Event) -> None:
        """Print an event above the bars."""
        if event.kind not in _QUIET:
            # No markup: titles come from outside.
            self._progress.console.print(line(event), style=_LOUD.get(event.kind), markup=False, highlight=False)

    def progress(self, place: str, done: int, total: int | None) -> None:
        """Move a bar."""
        if place not in self._tasks:
            self._tasks[place] = self._progress.add_task(place, total=total)
        self._progress.update(self._tasks[place], completed=done, total=total)


def line(event: Event) -> str:
    """Return an event as one line of text that a terminal can show safely."""
    return safe(f"{event.kind:<9} {event.place}: {event.subject}" + (f" – {event.reason}" if event.reason else ""))


def safe(text: str) -> str:
    """Return text from outside without what would steer a terminal."""
    return "".join(one if one.isprintable() or one in _JOINERS else "?" for one in text)


def grouped(fingerprint: str) -> str:
    """Return a fingerprint as people read it aloud, and compare it."""
    return " ".join(fingerprint[at : at + 4] for at in range(0, len(fingerprint), 4))


def complain(error: PappusError) -> None:
    """Print an error in one line."""
    click.echo(f"pappus: {safe(str(error))}", err=True)


@contextmanager
def listening(*, as_json: bool) -> Iterator[Listener]:
    """Give the listener that fits where output goes."""
    if as_json:
        yield SILENT
    elif sys.stdout.isatty():
        with _bars() as progress:
            yield Terminal(progress)
    else:
        yield Lines()


def _bars() -> Progress:
    from rich import progress  # noqa: PLC0415  # 30 ms, for those who watch

    columns = (
        progress.SpinnerColumn(),
        progress.TextColumn("{task.description}"),
        progress.BarColumn(),
        progress.MofNCompleteColumn(),
        progress.TimeElapsedColumn(),
    )
    return progress.Progress(*columns, transient=True)


def print_json(value: Any) -> None:
    """Print a value as JSON, in ASCII: it may go to a terminal, in any encoding."""
    click.echo(json.dumps(value, indent=2))


# What is counted, in the order in which it is told: of one thing, of several.
_COUNTED = {
    "new": ("new article", "new articles"),
    "revised": ("revised", "revised"),
    "withdrawn": ("withdrawn", "withdrawn"),
    "same": ("looked at and unchanged", "looked at and unchanged"),
    "filtered": ("filtered out", "filtered out"),
    "failed": ("failure", "failures"),
    "warned": ("warning", "warnings"),
    "varied": ("image varied", "images varied"),
    "changed": ("file changed", "files changed"),
    "published": ("mirror published", "mirrors published"),
    "requests": ("request", "requests"),
}


def summary(report: Report) -> str:
    """Return the counts of a run in one line."""
    return f"{report.verb}: {counted(report.counts)}"


def counted(counts: Mapping[str, int]) -> str:
    """Return counts as people say them."""
    told = [f"{counts[kind]:,} {words[counts[kind] != 1]}" for kind, words in _COUNTED.items() if counts.get(kind)]
    return ", ".join(told) or "nothing to do"


def report_json(report: Report) -> dict[str, Any]:
    """Return a report for programs."""
    return {
        "verb": report.verb,
        "ok": report.clean,
        "counts": dict(sorted(report.counts.items())),
        "events": to_builtins(report.events),
    }


def plan_json(mirror: str, plan: Plan) -> dict[str, Any]:
    """Return a plan for programs."""
    return {
        "mirror": mirror,
        "edition": plan.edition,
        "version": plan.target.number,
        "base": plan.base.number if plan.base else None,
        "puts": [{"path": entry.path, "size": entry.size, "digest": entry.digest} for entry in plan.puts],
        "deletions": list(plan.deletions),
        "bytes": plan.size,
    }


def plan_lines(mirror: str, plan: Plan) -> Iterator[str]:
    """Yield a plan as plain lines, in the order in which it would be done."""
    signed = [entry for entry in plan.puts if is_metadata(entry.path)]
    if signed:
        yield f"put       {mirror}: {METADATA} ({len(signed)} files of signed metadata, {sum(one.size for one in signed):,} bytes)"
    for entry in plan.puts:
        if not is_metadata(entry.path):
            yield f"put       {mirror}: {entry.path} ({entry.size:,} bytes)"
    for path in plan.deletions:
        if not is_metadata(path):
            yield f"delete    {mirror}: {path}"
    yield f"plan      {mirror}: {len(plan.puts)} puts, {len(plan.deletions)} deletions, {plan.size:,} bytes"
