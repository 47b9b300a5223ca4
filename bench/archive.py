"""A newsroom with an archive of any size, filled without the network, then run for real."""

from __future__ import annotations

import asyncio
import ctypes
import os
import resource
import subprocess
import sys
import time
from contextlib import contextmanager
from multiprocessing import forkserver
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from bench import paper as articles
from pappus import config, urls
from pappus.model import Draft
from pappus.pipeline import Report
from pappus.pipeline.build import build
from pappus.pipeline.gather import gather
from pappus.pipeline.publish import publish
from pappus.store import Placing, Settled, open_store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bench.paper import Paper
    from pappus.store import Event, Store

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


class Cost(Struct, frozen=True):
    """CPU (own and of ended children) and wall time, in seconds."""

    cpu: float = 0.0
    wall: float = 0.0


class Costs(Struct, frozen=True):
    """What a run with new articles cost, by step."""

    gather: Cost
    build: Cost
    git: Cost
    folder: Cost

    @property
    def total(self) -> Cost:
        """The sum of all steps."""
        steps = (self.gather, self.build, self.git, self.folder)
        return Cost(sum(step.cpu for step in steps), sum(step.wall for step in steps))


class _Quiet:
    def event(self, event: Event) -> None:
        if event.kind in {"failed", "warned"}:
            raise SystemExit(f"the benchmark is not what it should be: {event}")

    def progress(self, place: str, done: int, total: int | None) -> None:
        pass


@contextmanager
def _measured(into: dict[str, Cost], step: str) -> Iterator[None]:
    cpu, wall = _cpu(), time.perf_counter()
    yield
    into[step] = Cost(_cpu() - cpu, time.perf_counter() - wall)


def _cpu() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used) + _cpu_of_workers()


def _cpu_of_workers() -> float:
    """Return the seconds of the server that workers are forked from, and of those that have ended: they are its children."""
    server = forkserver._forkserver._forkserver_pid  # type: ignore[attr-defined]  # noqa: SLF001  # nothing public tells
    if server is None:
        return 0.0
    fields = Path(f"/proc/{server}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")  # utime, stime, cutime, cstime


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
            with _measured(costs, "fill"), store.database.transaction():
                for number in range(size):
                    self._put(number, store)
            report = Report("bench", _Quiet())
            with _measured(costs, "build"):
                build(self._newsroom, store, report)
            with _measured(costs, "publish"):
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
            report = Report("bench", _Quiet())
            with _measured(costs, "gather"):
                asyncio.run(gather(self._newsroom, store, report))
            if report.counts["new"] != count:
                raise SystemExit(f"{report.counts['new']} new articles instead of {count}")
            with _measured(costs, "build"):
                build(self._newsroom, store, report)
            for mirror in self._newsroom.mirrors:
                with _measured(costs, mirror.name):
                    publish(replace(self._newsroom, mirrors=(mirror,)), store, report)
        return Costs(costs["gather"], costs["build"], costs["forge"], costs["folder"])

    def run_process(self, count: int) -> Cost:
        """Announce so many new articles, and run the command once: start-up, workers and all."""
        self._announce(count)
        costs: dict[str, Cost] = {}
        with _measured(costs, "run"):
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
        with _measured(costs, "run"):
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
