"""``make bench-search``: what an index costs to build and a query to a reader, and whether known answers are found, beside Pagefind."""

from __future__ import annotations

import json
import platform
import statistics
import subprocess
import sys
import tempfile
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

import click
from msgspec import Struct
from playwright.sync_api import sync_playwright
from rich.console import Console
from rich.table import Table

from bench.costs import Cost
from bench.search import corpus, ours, peer
from bench.search.reader import Answer, Counter, ask_ours, ask_pagefind
from pappus.store import open_store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from playwright.sync_api import Browser, Page

    from bench.search.corpus import Item, Query

NEW = 10  # articles that come later
_FRESH = 40  # readers, who each ask twice
_KB = 1000


@click.command()
@click.option("--sizes", default="10000", show_default=True, help="Articles, several numbers with commas.")
@click.option("--queries", "asked", default=200, show_default=True, help="Queries whose answers are known.")
@click.option("--data", type=click.Path(path_type=Path, file_okay=False, exists=True), help="Folder of real pages.")
@click.option("--chromium", default="chromium", show_default=True, help="The browser.")
@click.option("--peer/--no-peer", "beside", default=True, help="Whether Pagefind is measured, at the first size.")
def main(sizes: str, asked: int, data: Path | None, chromium: str, *, beside: bool) -> None:
    """Measure and print."""
    console = Console(width=150)
    table = Table(
        "", "articles", "CPU (s)", "ms each", "memory (MB)", "size (MB)", "files", "10 more (s)", "files", "KB"
    )
    asking = Table(
        "", "articles", "first (KB)", "packed", "next (KB)", "packed", "most", "packed", "requests", "missed"
    )
    program = peer.binary() if beside else None
    console.print(_versions(program))
    console.print("Real pages come first." if data else "No real pages are at hand: all texts are made from a seed.")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=_which(chromium), args=["--no-sandbox"])
        for number, size in enumerate(map(int, sizes.split(","))):
            items = list(corpus.articles(size + NEW, data))
            questions = corpus.queries(items[:size], asked)
            place = Path(folder) / str(size)
            table.add_row(*_build_ours(place, items, size))
            side = _Side("Pappus", ours.Served(place).body, ours.PAGE, ask_ours)
            asking.add_row(side.name, f"{size:,}", *_ask(side, browser, questions))
            if program and number == 0:
                pages = place / "pages"
                table.add_row(*_build_peer(program, pages, items[:size]))
                side = _Side("Pagefind", _reading(pages), "ask.html", ask_pagefind)
                asking.add_row(side.name, f"{size:,}", *_ask(side, browser, questions))
        browser.close()
    console.print(table)
    console.print(asking)


def _which(name: str) -> str:
    return subprocess.run(["which", name], capture_output=True, text=True, check=True).stdout.strip()


def _versions(program: Path | None) -> str:
    other = peer.version(program) if program else "Pagefind is not set up"
    return f"Pappus {metadata.version('pappus')}, Python {platform.python_version()}; {other}"


def _reading(folder: Path) -> Callable[[str], bytes]:
    def body(path: str) -> bytes:
        file = folder / path
        return file.read_bytes() if file.is_file() else b""

    return body


def _build_ours(folder: Path, items: Sequence[Item], size: int) -> list[str]:
    """Return a row: the first build, in a process of its own, and one with ten more articles."""
    ours.fill(folder, items[:size])
    first, _ = _index(folder, 0)
    with open_store(folder, write=False) as store:
        files, taken = store.database.execute("SELECT count(*), sum(size) FROM artifact").fetchone()
    ours.fill(folder, items[size:])
    more, counts = _index(folder, size)
    return [
        *("Pappus", f"{size:,}", f"{first.cpu:.1f}", f"{first.cpu / size * 1000:.2f}", f"{first.peak / 1e6:.0f}"),
        *(f"{taken / 1e6:.1f}", f"{files:,}", f"{more.cpu:.3f}", str(counts["files"]), f"{counts['bytes'] / _KB:.0f}"),
    ]


def _index(folder: Path, since: int) -> tuple[Cost, dict[str, int]]:
    command = [sys.executable, "-m", "bench.search.ours", str(folder), str(since)]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    *cost, counts = json.loads(done.stdout)
    return Cost(*cost), counts


def _build_peer(program: Path, folder: Path, items: Sequence[Item]) -> list[str]:
    peer.write(folder, items)
    cost = peer.index(program, folder, "zh")
    files = [path.stat().st_size for path in (folder / "pagefind").rglob("*") if path.is_file()]
    size = len(items)
    return [
        *("Pagefind", f"{size:,}", f"{cost.cpu:.1f}", f"{cost.cpu / size * 1000:.2f}", f"{cost.peak / 1e6:.0f}"),
        *(f"{sum(files) / 1e6:.1f}", f"{len(files):,}", "all again", "", ""),
    ]


class _Side(Struct, frozen=True):
    """One of those that are asked."""

    name: str
    body: Callable[[str], bytes]  # of the file at a path
    page: str
    ask: Callable[[Page, Counter, str], tuple[Answer, frozenset[int]]]


def _ask(side: _Side, browser: Browser, questions: Sequence[Query]) -> list[str]:
    """Return columns: what a reader's first query costs, and one who asked before, in bytes; and how many answers are not found."""
    counter = Counter(side.body)
    firsts, nexts, missed = [], [], 0
    step = max(1, len(questions) // _FRESH)
    with counter.serving():
        for one, other in zip(questions[::step], questions[step - 1 :: step], strict=False):
            with browser.new_context() as context:
                view = _open(context.new_page(), counter, side.page)
                firsts.append(side.ask(view, counter, one.words)[0])
                nexts.append(side.ask(view, counter, other.words)[0])
        with browser.new_context() as context:
            view = _open(context.new_page(), counter, side.page)
            for question in questions:
                _, found = side.ask(view, counter, question.words)
                missed += len(question.answers - found) > 0
    most = max(answer.plain for answer in firsts), max(answer.packed for answer in firsts)
    return [
        *(_median(one.plain for one in firsts), _median(one.packed for one in firsts)),
        *(_median(one.plain for one in nexts), _median(one.packed for one in nexts)),
        *(f"{most[0] / _KB:.1f}", f"{most[1] / _KB:.1f}", str(round(statistics.median(one.requests for one in nexts)))),
        f"{missed} of {len(questions)}",
    ]


def _open(view: Page, counter: Counter, page: str) -> Page:
    view.goto(f"{counter.url}/{page}")
    return view


def _median(sizes: Iterable[int]) -> str:
    return f"{statistics.median(sizes) / _KB:.1f}"


main()
