"""A newsroom with an archive of any size, filled without the network, then run for real."""

from __future__ import annotations

import asyncio
import ctypes
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from bench import paper as articles
from bench.costs import Cost, measured
from bench.steps import Quiet
from pappus import config, urls
from pappus.model import Draft
from pappus.pipeline import Report
from pappus.pipeline.build import build
from pappus.pipeline.gather import gather
from pappus.pipeline.publish import publish
from pappus.store import Placing, Settled, open_store

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.paper import Paper
    from pappus.store import Store

_TOML = """
[site]
title = "Bench"
[gather]
delay = 0.0
per_host = 8
[[sources]]
name = "bench"
title = "Bench"
licence = "made for benchmarks"
local = true
[[sources.channels]]
name = "all"
title = "All"
url = "{url}/feed.xml"
[[mirrors]]
name = "forge"
kind = "git"
remote = "mirrors/forge.git"
address = "https://forge.example/bench/blob/main/"
[[mirrors]]
name = "folder"
kind = "directory"
path = "mirrors/folder"
address = "https://news.example/"
"""


class Costs(Struct, frozen=True):
    """What a run with new articles cost, by step."""

    gather: Cost
    build: Cost
    git: Cost
    folder: Cost

    @property
    def total(self) -> Cost:
        """The sum of all steps."""
        return self.gather + self.build + self.git + self.folder


def _children() -> set[int]:
    return {
        int(child) for task in Path("/proc/self/task").iterdir() for child in (task / "children").read_text().split()
    }


def adopt_orphans() -> None:
    """Make orphaned grandchildren ours, so that what they cost is counted when they end (Linux)."""
    pr_set_child_subreaper = 36  # linux/prctl.h
    ctypes.CDLL(None).prctl(pr_set_child_subreaper, 1, 0, 0, 0)


class Archive:
    """A newsroom that mirrors a :class:`Paper`."""

    def __init__(self, folder: Path, paper: Paper, say: Callable[[str], None]) -> None:
        self._folder = folder
        self._paper = paper
        self._say = say
        self._next = 0
        self._toml = folder / config.FILE
        self._toml.write_text(_TOML.format(url=paper.url))
        self._newsroom = config.load(self._toml)

    def fill(self, size: int) -> None:
        """Put ``size`` articles into the store directly, build and publish them."""
        costs: dict[str, Cost] = {}
        with open_store(self._newsroom.state) as store:
            with measured(costs, "fill"), store.database.transaction():
                for number in range(size):
                    self._put(number, store)
            report = Report("bench", Quiet())
            with measured(costs, "build"):
                build(self._newsroom, store, report)
            with measured(costs, "publish"):
                publish(self._newsroom, store, report)
        self._next = size
        told = ", ".join(f"{step} {cost.cpu:.1f} s" for step, cost in costs.items())
        self._say(f"{size:,} articles: first {told} of CPU")

    def _put(self, number: int, store: Store) -> None:
        url = f"{self._paper.url}/story/{number}"
        draft = Draft(
            url=url,
            title=articles.title(number),
            body="".join(f"<p>{text}</p>" for text in articles.paragraphs(number)),
            published=articles.when(number),
            language="en",
        )
        placing = Placing(
            source="bench", channel="all", ident=urls.identifier(url), published=articles.when(number), addresses=(url,)
        )
        store.articles.put(draft, (), placing, articles.when(number))
        store.leads.settle("all", url, Settled(state="stored", fingerprint="of the benchmark"))

    def run_with(self, count: int) -> Costs:
        """Announce so many new articles, and gather, build and publish them."""
        self._announce(count)
        costs: dict[str, Cost] = {}
        with open_store(self._newsroom.state) as store:
            report = Report("bench", Quiet())
            with measured(costs, "gather"):
                asyncio.run(gather(self._newsroom, store, report))
            if report.counts["new"] != count:
                raise SystemExit(f"{report.counts['new']} new articles instead of {count}")
            with measured(costs, "build"):
                build(self._newsroom, store, report)
            for mirror in self._newsroom.mirrors:
                with measured(costs, mirror.name):
                    publish(replace(self._newsroom, mirrors=(mirror,)), store, report)
        return Costs(costs["gather"], costs["build"], costs["forge"], costs["folder"])

    def run_process(self, count: int) -> Cost:
        """Announce so many new articles, and run the command once: start-up, workers and all."""
        self._announce(count)
        costs: dict[str, Cost] = {}
        with measured(costs, "run"):
            self._pappus_run()
        return costs["run"]

    def _announce(self, count: int) -> None:
        self._paper.announce(range(self._next, self._next + count))
        self._next += count

    def _pappus_run(self) -> None:
        before = _children()
        command = [sys.executable, "-m", "pappus", "run", "-c", str(self._toml)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        for orphan in _children() - before:  # the server of workers, which outlives its parent for a moment
            os.waitpid(orphan, 0)

    def run_idle(self) -> list[str]:
        """Run the command with nothing new. Returns a row: requests, CPU, wall, files written, sizes."""
        before, asked = self._modified(), self._paper.requests
        costs: dict[str, Cost] = {}
        with measured(costs, "run"):
            self._pappus_run()
        written = len(self._modified() - before)
        tree = [path for path in (self._folder / "mirrors/folder").rglob("*") if path.is_file()]
        stored = sum(path.stat().st_size for path in (self._folder / "state").glob("pappus.db*"))
        return [
            str(self._paper.requests - asked),
            f"{costs['run'].cpu:.2f}",
            f"{costs['run'].wall:.2f}",
            str(written),
            f"{stored / 1e6:.1f}",
            f"{sum(path.stat().st_size for path in tree) / 1e6:.1f}",
            f"{len(tree):,}",
        ]

    def _modified(self) -> set[tuple[str, int]]:
        found = set()
        for path in (self._folder / "mirrors").rglob("*"):
            if path.is_file():
                found.add((str(path), path.stat().st_mtime_ns))
        return found
