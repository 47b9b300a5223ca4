"""status: what the store holds, how the last runs went, what is published where."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click
from msgspec import to_builtins
from rich.console import Console
from rich.table import Column, Table

from pappus import config
from pappus.cli.options import config_option, json_option
from pappus.cli.output import counted, line, print_json
from pappus.pipeline import failures
from pappus.store import open_store, stamp

if TYPE_CHECKING:
    from pathlib import Path

    from pappus.pipeline import Newsroom
    from pappus.store import Run, Store


@click.command()
@config_option
@json_option
@click.option(
    "--runs", "limit", type=click.IntRange(1, 100), default=5, show_default=True, help="How many runs to show."
)
@click.option("--events", "all_events", is_flag=True, help="Show every event of the last run, not only failures.")
def status(path: Path, *, as_json: bool, limit: int, all_events: bool) -> None:
    """Show what is stored, how the last runs went and why things failed, and what each mirror holds."""
    newsroom = config.load(path)
    with open_store(newsroom.state, write=False) as store:
        runs = store.runs.newest(limit)
        if as_json:
            print_json(_as_json(newsroom, store, runs))
        else:
            _show(newsroom, store, runs, all_events=all_events)


def _show(newsroom: Newsroom, store: Store, runs: list[Run], *, all_events: bool) -> None:
    console = Console(highlight=False, markup=False, soft_wrap=True)
    leads = ", ".join(f"{number} {state}" for state, number in store.leads.counts().items())
    console.print(f"{newsroom.title}: {store.articles.count()} articles; leads: {leads or 'none'}")
    console.print(_signed(newsroom, store))
    heads = ("run", "verb", "started", "ended", "what")
    table = Table(*(Column(head, overflow="fold") for head in heads), box=None)
    for one in runs:
        ended = stamp(one.ended) if one.ended else "not ended"
        table.add_row(str(one.id), one.verb, stamp(one.started), ended, counted(one.summary))
    console.print(table)
    receipts = {receipt.mirror: (receipt, at) for receipt, at in store.editions.receipts()}
    for part in newsroom.mirrors:
        built = store.editions.built(part.edition).version.number
        said = "nothing is published"
        if part.name in receipts:
            receipt, at = receipts[part.name]
            said = f"version {receipt.version} of {built}, published {stamp(at)}"
        console.print(f"{part.name}: {part.edition}, {said}: {part.home}")
    events = [] if not runs else runs[0].events if all_events else failures(runs[0])
    for event in events:
        console.print(line(event))


def _signed(newsroom: Newsroom, store: Store) -> str:
    if newsroom.signing is None:
        return "not signed: nobody can verify a copy ('pappus keys init' makes keys)"
    newest = {part.name: store.releases.newest(part.name) for part in newsroom.editions}
    told = (f"{name} release {release.number}" if release else f"{name} not yet" for name, release in newest.items())
    return f"signed: {', '.join(told)}"


def _as_json(newsroom: Newsroom, store: Store, runs: list[Run]) -> dict[str, Any]:
    return {
        "title": newsroom.title,
        "articles": store.articles.count(),
        "signed": newsroom.signing is not None,
        "leads": store.leads.counts(),
        "channels": [{"name": name, "looked_at": stamp(at)} for name, at in store.leads.channels()],
        "editions": [
            {
                "name": part.name,
                "version": store.editions.built(part.name).version.number,
                "artifacts": files,
                "bytes": size,
            }
            for part in newsroom.editions
            for files, size in [store.editions.size(part.name)]
        ],
        "mirrors": [
            {
                "name": receipt.mirror,
                "edition": receipt.edition,
                "version": receipt.version,
                "token": receipt.token,
                "at": stamp(at),
            }
            for receipt, at in store.editions.receipts()
        ],
        "runs": [
            {
                "id": one.id,
                "verb": one.verb,
                "started": stamp(one.started),
                "ended": stamp(one.ended) if one.ended else None,
                "counts": dict(one.summary),
                "events": to_builtins(one.events),
            }
            for one in runs
        ],
    }
