"""Time: CPU milliseconds a page, its parse included.

Round after round every extractor goes over all pages, in one process (those of npm in theirs), and for each page its quickest turn
counts: what else the machine does meets all of them alike. They do not take turns page by page, for then each would begin with the
processor's caches full of another's work, which costs the quick ones most. Nobody extracts a page twice, so what functions remember
is forgotten before each round.
"""

from __future__ import annotations

import gc
import math
import statistics
import time
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Final

import turbohtml
from rich.table import Table

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from bench.extraction.peers import Peer
    from bench.extraction.sets import Page

ROUNDS: Final = 3
_CACHE: Final = type(lru_cache(lambda: None))
PARSE: Final = "turbohtml.parse alone"


def measure(pages: Sequence[Page], peers: Sequence[Peer], say: Callable[[str], None]) -> dict[str, list[float]]:
    """Return the CPU milliseconds of each page by peer; those of failures count, too."""
    for peer in peers:
        _turn(peer, pages[0])  # loads what it loads once
    calls: dict[str, Callable[[Page], float]] = {PARSE: _parse, **{peer.name: partial(_turn, peer) for peer in peers}}
    caches = [one for one in gc.get_objects() if isinstance(one, _CACHE)]
    gc.collect()
    gc.freeze()  # the sets themselves are not looked through again and again
    took: dict[str, list[float]] = {name: [math.inf] * len(pages) for name in calls}
    for turn in range(1, ROUNDS + 1):
        for cache in caches:
            cache.cache_clear()
        for name, call in calls.items():
            say(f"round {turn}: {name}")
            took[name] = [min(best, call(page)) for best, page in zip(took[name], pages, strict=True)]
    gc.unfreeze()
    return took


def _turn(peer: Peer, page: Page) -> float:
    began = time.thread_time()
    try:
        return peer.time(page)
    except Exception:  # noqa: BLE001 - other people's code fails in any way, and that takes time, too
        return 1000 * (time.thread_time() - began)


def _parse(page: Page) -> float:
    began = time.thread_time()
    turbohtml.parse(page.html)
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
