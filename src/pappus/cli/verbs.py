"""gather, build, publish, and run, which is all three."""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from pappus import config
from pappus.cli.options import Interval, config_option, dry_option, json_option
from pappus.cli.output import complain, listening, plan_json, plan_lines, print_json, report_json, summary
from pappus.errors import PappusError
from pappus.pipeline import VERBS
from pappus.pipeline import run as run_verbs

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import timedelta
    from pathlib import Path

    from pappus.pipeline import Report, Verb


@click.command()
@config_option
@json_option
@dry_option
def gather(path: Path, *, as_json: bool, dry_run: bool) -> None:
    """Look at every channel and store what is new or changed."""
    _finish(_once(path, ["gather"], as_json=as_json, dry_run=dry_run))


@click.command()
@config_option
@json_option
@dry_option
@click.option("--full", is_flag=True, help="Render everything again, though it did not change.")
def build(path: Path, *, as_json: bool, dry_run: bool, full: bool) -> None:
    """Render what changed into the editions, and check their links."""
    _finish(_once(path, ["build"], as_json=as_json, dry_run=dry_run, full=full))


@click.command()
@config_option
@json_option
@dry_option
@click.option(
    "--replace", is_flag=True, help="Put everything anew, over damage or over a history that the store does not know."
)
def publish(path: Path, *, as_json: bool, dry_run: bool, replace: bool) -> None:
    """Bring every mirror to the newest version of its edition."""
    _finish(_once(path, ["publish"], as_json=as_json, dry_run=dry_run, replace=replace))


@click.command()
@config_option
@json_option
@dry_option
@click.option("--every", type=Interval(), help="Do it again and again, so often: 30s, 10m, 1h.")
def run(path: Path, *, as_json: bool, dry_run: bool, every: timedelta | None) -> None:
    """Gather, build and publish."""
    if every is None:
        _finish(_once(path, VERBS, as_json=as_json, dry_run=dry_run))
    elif dry_run:
        raise click.UsageError("--every and --dry-run do not go together")
    else:
        _for_ever(path, every, as_json=as_json)


def _once(path: Path, verbs: Sequence[Verb], *, as_json: bool, dry_run: bool, **flags: bool) -> Report:
    newsroom = config.load(path)
    with listening(as_json=as_json) as listener:
        report = run_verbs(newsroom, listener, verbs, dry_run=dry_run, **flags)
    if as_json:
        print_json(report_json(report) | {"plans": [plan_json(name, plan) for name, plan in report.plans.items()]})
        return report
    if dry_run:
        for name, plan in report.plans.items():
            for text in plan_lines(name, plan):
                click.echo(text)
        puts = sum(len(plan.puts) for plan in report.plans.values())
        size = sum(plan.size for plan in report.plans.values())
        would = f"; {puts:,} files, {size:,} bytes would go to {len(report.plans)} mirrors" if report.plans else ""
        click.echo(f"dry run: nothing was changed{would}")
    if report.counts or not dry_run:
        click.echo(summary(report))
    return report


def _finish(report: Report) -> None:
    if not report.clean:
        click.get_current_context().exit(1)


def _for_ever(path: Path, every: timedelta, *, as_json: bool) -> None:
    """Run until a signal asks to stop; a run that has begun is finished first. The configuration is read anew every time.

    A mistake in it ends this at the beginning only; one that is made later is told, and looked at again with the next run.
    """
    config.load(path)
    stop = threading.Event()
    with _stopping(stop):
        while not stop.is_set():
            try:
                _once(path, VERBS, as_json=as_json, dry_run=False)
            except PappusError as error:
                complain(error)
            stop.wait(every.total_seconds())


@contextmanager
def _stopping(stop: threading.Event) -> Iterator[None]:
    """While it lasts, SIGINT and SIGTERM ask to stop instead of ending the process; for who asks twice, they end it."""

    def ask(*_: object) -> None:
        stop.set()
        restore()

    def restore() -> None:
        for number, handler in before.items():
            signal.signal(number, handler)

    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        restore()
