"""Prints the tables."""

from __future__ import annotations

import json
import platform
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console

from bench.extraction import metadata, outputs, sets, structure, text
from bench.extraction.peers import FILES, load

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.extraction.peers import Output, Peer
    from bench.extraction.sets import Page


@click.command()
@click.option("--sets", "names", default=",".join(sets.SETS), show_default=True, help="Sets, separated by commas.")
@click.option("--peers", help="Extractors, separated by commas; all that are installed unless given.")
@click.option("--pages", type=click.IntRange(min=1), help="Of each set; all unless given.")
@click.option(
    "--data", type=click.Path(path_type=Path, file_okay=False), default=sets.FOLDER, help="Where the sets are."
)
@click.option(
    "--json", "into", type=click.Path(path_type=Path, dir_okay=False), help="A file for the figures, page by page."
)
def main(names: str, peers: str | None, pages: int | None, data: Path, into: Path | None) -> None:
    """Measure and print."""
    if not data.is_dir():
        raise SystemExit(f"there are no sets of pages in {data}; name another folder with --data")
    console = Console(width=160)
    chosen = {name: sets.load(name, data, pages) for name in names.split(",")}
    loaded = [load(name) for name in peers.split(",")] if peers else _installed(console)
    console.print(_about(loaded))
    said = _read(chosen, loaded, console)
    figures: dict[str, Any] = {"pages": {name: [page.id for page in of] for name, of in chosen.items()}}
    for name, of in chosen.items():
        texts = {peer: text.measure(of, answers[name]) for peer, answers in said.items()}
        console.print(text.table(name, texts))
        figures[f"text: {name}"] = {peer: asdict(result) for peer, result in texts.items()}
    for name, of in chosen.items():
        fields = {peer: metadata.measure(of, answers[name]) for peer, answers in said.items()}
        if any(metadata.mean(hits) is not None for hits in next(iter(fields.values())).values()):
            console.print(metadata.table(name, fields))
            figures[f"metadata: {name}"] = fields
    for name in structure.SETS:
        if name in chosen:
            kinds = {
                peer: structure.measure(chosen[name], answers[name])
                for peer, answers in said.items()
                if any(one.html for one in answers[name])
            }
            console.print(structure.table(name, kinds))
            figures[f"structure: {name}"] = kinds
    if into:
        into.write_text(json.dumps(figures, indent=1), encoding="utf-8")


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


def _read(chosen: dict[str, list[Page]], peers: Sequence[Peer], console: Console) -> dict[str, dict[str, list[Output]]]:
    """Return every peer's outputs by its name and the set's."""
    said: dict[str, dict[str, list[Output]]] = {}
    for peer in peers:
        with console.status(peer.name):
            said[peer.name] = {name: outputs.read(peer, pages) for name, pages in chosen.items()}
    return said


if __name__ == "__main__":
    main()
