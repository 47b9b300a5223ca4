"""Time: CPU milliseconds a page, its parse included.

On each page every extractor has its turn, round after round, in one process (those of npm in theirs), and its quickest turn counts: what
else the machine does meets all of them alike.
"""

from __future__ import annotations

import gc
import statistics
import time
from functools import partial
from typing import TYPE_CHECKING, Final

import turbohtml
from rich.table import Table

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from bench.extraction.peers import Peer
    from bench.extraction.sets import Page

ROUNDS: Final = 3
PARSE: Final = "turbohtml.parse alone"


def measure(pages: Sequence[Page], peers: Sequence[Peer], say: Callable[[str], None]) -> dict[str, list[float]]:
    """Return the CPU milliseconds of each page by peer; those of failures count, too."""
    gc.collect()
    gc.freeze()  # the sets themselves are not looked through again and again
    took: dict[str, list[float]] = {PARSE: [], **{peer.name: [] for peer in peers}}
    for page in pages:
        say(page.id)
        rounds: dict[str, list[float]] = {name: [] for name in took}
        for _ in range(ROUNDS):
            rounds[PARSE].append(_timed(partial(turbohtml.parse, page.html)))
            for peer in peers:
                rounds[peer.name].append(_turn(peer, page))
        for name, each in rounds.items():
            took[name].append(min(each))
    gc.unfreeze()
    return took


def _turn(peer: Peer, page: Page) -> float:
    began = time.thread_time()
    try:
        return peer.time(page)
    except Exception:  # noqa: BLE001 - other people's code fails in any way, and that takes time, too
        return 1000 * (time.thread_time() - began)


def _timed(call: Callable[[], object]) -> float:
    began = time.thread_time()
    call()
    return 1000 * (time.thread_time() - began)


def table(name: str, took: Mapping[str, Sequence[float]]) -> Table:
    """Return a set's table, the quickest first."""
    count = len(next(iter(took.values())))
    made = Table(title=f"time: {name}, {count} pages, CPU milliseconds a page (quickest of {ROUNDS} turns)")
    made.add_column("")
    for column in ("median", "p95", "all pages"):
        made.add_column(column, justify="right")
    for peer, each in sorted(took.items(), key=lambda item: statistics.median(item[1])):
        made.add_row(peer, f"{statistics.median(each):.2f}", f"{_p95(each):.2f}", f"{sum(each):,.0f}")
    return made


def _p95(each: Sequence[float]) -> float:
    return sorted(each)[max(0, -(-len(each) * 95 // 100) - 1)]
