"""Memory: that of a process that makes drafts of the sets' pages over and over.

``python -m bench.extraction.memory [--calls 100000]`` prints it at every tenth of the way.
"""

from __future__ import annotations

import os
from concurrent.futures import Executor, ThreadPoolExecutor
from itertools import cycle, islice
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from bench.extraction import sets
from bench.extraction.peers.pappus import draft
from pappus.errors import PappusError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.extraction.sets import Page

_CALLS: Final = 100_000
_SETS: Final = ("fundus", "magic", "readability")  # the other is large in memory itself
_PAGES: Final = 50  # of each
_AHEAD: Final = 64  # calls that wait


@click.command()
@click.option("--calls", type=click.IntRange(min=10), default=_CALLS, show_default=True)
def main(calls: int) -> None:
    """Measure and print."""
    pages = [page for name in _SETS for page in sets.load(name, most=_PAGES)]
    step = calls // 10
    with ThreadPoolExecutor(1) as executor:
        for done, _ in enumerate(_drafts(executor, cycle(pages), calls), 1):
            if done % step == 0:
                print(f"{done:,} pages: {_resident() / 1e6:,.1f} MB", flush=True)


def _drafts(executor: Executor, pages: Iterator[Page], calls: int) -> Iterator[bool]:
    while batch := tuple(islice(pages, min(_AHEAD, calls))):
        calls -= len(batch)
        yield from executor.map(_is_made, batch)
        if not calls:
            break


def _is_made(page: Page) -> bool:
    try:
        draft(page)
    except PappusError:
        return False
    return True


def _resident() -> int:
    """Return the bytes of this process that are in memory (Linux)."""
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")


if __name__ == "__main__":
    main()
