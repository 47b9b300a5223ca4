"""Prints the tables."""

from __future__ import annotations

import platform
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec
from rich.console import Console

from bench.extraction import failures, metadata, outputs, scripts, sets, structure, text, timing
from bench.extraction.peers import FILES, load

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.extraction.peers import Output, Peer
    from bench.extraction.sets import Page
    from bench.extraction.text import Result

    Chosen = dict[str, list[Page]]  # pages by set
    Said = dict[str, dict[str, list[Output]]]  # outputs by peer and set, in the order of pages


@click.command()
@click.option("--sets", "names", default=",".join(sets.SETS), show_default=True, help="Sets, separated by commas.")
@click.option("--peers", help="Extractors, separated by commas; all that are installed unless given.")
@click.option("--pages", type=click.IntRange(min=1), help="Of each set; all unless given.")
@click.option(
    "--timed", type=click.IntRange(min=0), default=40, show_default=True, help="Pages of each set that are timed."
)
@click.option(
    "--json", "into", type=click.Path(path_type=Path, dir_okay=False), help="A file for the figures, page by page."
)
def main(names: str, peers: str | None, pages: int | None, timed: int, into: Path | None) -> None:
    """Measure and print."""
    if not sets.FOLDER.is_dir():
        raise SystemExit(f"there are no sets of pages: {sets.FOLDER} is not there")
    console = Console(width=200)
    chosen = {name: sets.load(name, pages) for name in names.split(",")}
    loaded = [load(name) for name in peers.split(",")] if peers else _installed(console)
    console.print(_about(loaded))
    said = _read(chosen, loaded, console)
    figures: dict[str, Any] = {"pages": {name: [page.id for page in of] for name, of in chosen.items()}}
    texts = {name: {peer: text.measure(of, each[name]) for peer, each in said.items()} for name, of in chosen.items()}
    _texts(console, chosen, texts, figures)
    _confidence(console, said, texts)
    _metadata(console, chosen, said, figures)
    _structure(console, chosen, said, figures)
    if timed:
        _time(console, chosen, loaded, timed, figures)
    if into:
        into.write_bytes(msgspec.json.format(msgspec.json.encode(figures), indent=1))


def _installed(console: Console) -> list[Peer]:
    loaded = []
    for name in FILES:
        try:
            loaded.append(load(name))
        except ImportError as error:
            console.print(f"{name} is left out: {error}")
    return loaded


def _about(peers: Sequence[Peer]) -> str:
    each = ", ".join(f"{peer.name} {peer.version}" for peer in peers)
    return f"Python {platform.python_version()}, {platform.machine()}; {each}"


def _read(chosen: Chosen, peers: Sequence[Peer], console: Console) -> Said:
    said: Said = {}
    for peer in peers:
        with console.status(peer.name):
            said[peer.name] = {name: outputs.read(peer, pages) for name, pages in chosen.items()}
    return said


def _texts(console: Console, chosen: Chosen, texts: dict[str, dict[str, Result]], figures: dict[str, Any]) -> None:
    for name, results in texts.items():
        console.print(text.table(name, results))
        figures[f"text: {name}"] = results
    pages = [page for of in chosen.values() for page in of]
    names = next(iter(texts.values()))
    matches = {peer: [match for of in texts.values() for match in of[peer].matches] for peer in names}
    console.print(*scripts.tables(pages, matches), sep="\n")


def _confidence(console: Console, said: Said, texts: dict[str, dict[str, Result]]) -> None:
    for peer, each in said.items():
        if any(output.score is not None for of in each.values() for output in of):
            rows = {name: failures.measure(texts[name][peer].matches, of) for name, of in each.items()}
            console.print(failures.table(peer, rows))


def _metadata(console: Console, chosen: Chosen, said: Said, figures: dict[str, Any]) -> None:
    for name, of in chosen.items():
        fields = {peer: metadata.measure(of, each[name]) for peer, each in said.items()}
        if any(metadata.mean(hits) is not None for hits in next(iter(fields.values())).values()):
            console.print(metadata.table(name, fields))
            figures[f"metadata: {name}"] = fields


def _structure(console: Console, chosen: Chosen, said: Said, figures: dict[str, Any]) -> None:
    for name in structure.SETS:
        if name in chosen:
            marking = {peer: each[name] for peer, each in said.items() if any(output.html for output in each[name])}
            kinds = {peer: structure.measure(chosen[name], each) for peer, each in marking.items()}
            console.print(structure.table(name, kinds))
            figures[f"structure: {name}"] = kinds


def _time(console: Console, chosen: Chosen, peers: Sequence[Peer], most: int, figures: dict[str, Any]) -> None:
    for name, of in chosen.items():
        with console.status(name) as status:
            took = timing.measure(of[:: max(1, len(of) // most)][:most], peers, status.update)
        console.print(timing.table(name, took))
        figures[f"time: {name}"] = took


if __name__ == "__main__":
    main()
