"""Makes the site of real articles, and prints what its pages weigh, beside the originals and beside what others save of these."""

from __future__ import annotations

import tempfile
from collections import Counter
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click
from msgspec.structs import astuple
from rich import box
from rich.console import Console
from rich.table import Table

from bench.extraction import sets
from bench.weight import pages
from bench.weight.edition import make
from bench.weight.savers import savers
from bench.weight.scales import FRONT, HEAD, LEAF, Weight, requests, share, weigh
from pappus.mirrors.packing import pack
from pappus.model import WORKER
from pappus.render.site.templates import FIRST, SEARCH, STYLE, THEME, sources

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bench.weight.edition import Made
    from bench.weight.pages import Page, Read
    from bench.weight.savers import Saver

_MOMENTS: Final = 50  # at which the front page is weighed
_FEW: Final = 20  # pages of a script, below which it gets no row
PACKINGS: Final = ("raw", "gzip", "brotli")
_COLUMNS: Final = (
    *(f"HTML, {packing}" for packing in PACKINGS),
    *(f"before the text, {packing}" for packing in PACKINGS[1:]),
    *(f"all but images, {packing}" for packing in PACKINGS[1:]),
)
REAL: Final = "real articles"

Sizes = dict[str, list[int]]  # bytes of pages, by packing


@click.command()
@click.option(
    "--saved", "most", type=click.IntRange(min=0), default=40, show_default=True, help="Pages that others save."
)
def main(most: int) -> None:
    """Weigh and print."""
    console = Console(width=240)
    console.print(f"packed as mirrors in folders pack, with brotli {metadata.version('brotli')}")
    try:
        real = pages.saved()
    except FileNotFoundError:
        real = []
        console.print(
            f"[bold]There are no saved pages: {sets.FOLDER} is not there. The demo newspaper alone is weighed.[/bold]"
        )
    papers = {REAL: real, "the demo newspaper": pages.demo()}
    with tempfile.TemporaryDirectory(prefix="pappus-bench-") as away:
        for name, found in papers.items():
            if found:
                reads = pages.read(found)
                console.print(f"{name}: {len(found):,} pages, {len(reads):,} articles")
                made = make(Path(away) / name, reads, _MOMENTS)
                _show(console, name, made, [read.page for read in reads])
                if name == REAL or not real:
                    _beside(console, made, reads, most, Path(away))
    console.print(_scripts(made))
    console.print("Tables: bytes, median / p95.")


def _show(console: Console, name: str, made: Made, originals: Sequence[Page]) -> None:
    counts = Counter(leaf.script for leaf in made.leaves).most_common()
    chosen = {"all": made.leaves} | {
        script: tuple(leaf for leaf in made.leaves if leaf.script == script)
        for script, count in counts
        if count >= _FEW or name != REAL
    }
    table = _table(f"articles' pages of {name}", "pages", "images", "blocking requests", *_COLUMNS)
    for label, leaves in chosen.items():
        heads, wholes = _sizes([leaf.head for leaf in leaves]), _sizes([leaf.whole for leaf in leaves])
        html = _sizes([leaf.html for leaf in leaves])
        images, blocking = [leaf.pictures for leaf in leaves], [leaf.blocking for leaf in leaves]
        table.add_row(
            label, f"{len(leaves):,}", _held(images), _held(blocking), *map(_held, html.values()),
            _held(heads["gzip"]), _held(heads["brotli"]), _held(wholes["gzip"]), _held(wholes["brotli"]),
        )  # fmt: skip
    blocking = [sum(request.blocks for request in requests(_bytes(page))) for page in originals]
    raw, gzip = _original(originals).values()
    table.add_row("the originals", f"{len(originals):,}", "", _held(blocking), _held(raw), _held(gzip))
    html, wholes = _sizes([front.html for front in made.fronts]), _sizes([front.whole for front in made.fronts])
    table.add_row(
        f"the front page, at {len(made.fronts)} moments", "", _held([front.pictures for front in made.fronts]),
        _held([front.blocking for front in made.fronts]), *map(_held, html.values()), "", "",
        _held(wholes["gzip"]), _held(wholes["brotli"]),
    )  # fmt: skip
    console.print(table, *_verdicts(made), "", sep="\n")


def _verdicts(made: Made) -> Iterator[str]:
    for name, budget, weights in (
        ("HTML before an article's text", HEAD, [leaf.head for leaf in made.leaves]),
        ("an article's page, all but images", LEAF, [leaf.whole for leaf in made.leaves]),
        ("the front page, all but images", FRONT, [front.whole for front in made.fronts]),
    ):
        over = ", ".join(
            f"{packing} {sum(size > budget for size in sizes):,} (the most {max(sizes):,})"
            for packing, sizes in _sizes(weights).items()
        )
        yield f"{name}, at most {budget:,} bytes: over it, of {len(weights):,}: {over}"


def _beside(console: Console, made: Made, reads: Sequence[Read], most: int, away: Path) -> None:
    """Print what others make of some of the pages; those count that all of them have saved."""
    peers = list(savers()) if most else []
    if not peers:
        console.print("No program that saves pages is installed, or none is asked for: they are left out.")
        return
    chosen = pages.sample(reads, most)
    files = {peer.name: _saved(console, peer, chosen, away) for peer in peers}
    leaves = {leaf.url: leaf for leaf in made.leaves}
    common = [one for one in chosen if one.draft.url in leaves and all(one.page.url in of for of in files.values())]
    table = _table(f"HTML of {len(common)} articles which all programs have saved", "failed", *PACKINGS)
    table.add_row("the originals", "", *map(_held, _original([one.page for one in common]).values()))
    for name, of in files.items():
        sizes = _sizes([weigh(of[one.page.url]) for one in common])
        table.add_row(name, str(len(chosen) - len(of)), *map(_held, sizes.values()))
    sizes = _sizes([leaves[one.draft.url].html for one in common])
    table.add_row("Pappus", "", *map(_held, sizes.values()))
    console.print(table, "")


def _saved(console: Console, peer: Saver, chosen: Sequence[Read], away: Path) -> dict[str, bytes]:
    files = {}
    for number, one in enumerate(chosen):
        folder = away / f"{peer.name} {number}"
        folder.mkdir()
        with console.status(f"{peer.name}: {number} of {len(chosen)}"):
            data = peer.save(one.page, folder)
        if data is not None:
            files[one.page.url] = data
    return files


def _scripts(made: Made) -> Table:
    table = _table("what stands in every page, and what pages ask for", "when", *PACKINGS)
    for name, when, weight in (
        ("style sheet", "in the page", weigh((sources()[THEME] + sources()[STYLE]).encode())),
        ("first.js", "in the page", weigh(sources()[FIRST].encode())),
        *((path, "when the page is shown", weight) for path, weight in sorted(made.files.items())),
        (SEARCH, "when a reader searches", weigh(sources()[SEARCH].encode())),
        (WORKER, "when a reader asks to keep pages", weigh(sources()[WORKER].encode())),
    ):
        table.add_row(name, when, *(f"{size:,}" for size in astuple(weight)))
    return table


def _original(originals: Sequence[Page]) -> Sizes:
    """Return what saved pages weigh raw and by gzip: brotli at its best takes seconds for a page as large as some are."""
    bodies = [_bytes(page) for page in originals]
    return {"raw": [len(body) for body in bodies], "gzip": [len(pack(".gz", body)) for body in bodies]}


def _bytes(page: Page) -> bytes:
    return page.html.encode("utf-8", "replace")


def _sizes(weights: Sequence[Weight]) -> Sizes:
    return {packing: [getattr(weight, packing) for weight in weights] for packing in PACKINGS}


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, box=box.MARKDOWN)
    for column in ("", *columns):
        table.add_column(column, justify="right" if column else "left")
    return table


def _held(values: Sequence[int]) -> str:
    """Return their median and p95."""
    median, p95 = share(values, 0.5), share(values, 0.95)
    return f"{median:,} / {p95:,}" if median != p95 else f"{median:,}"


if __name__ == "__main__":
    main()
