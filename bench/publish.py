"""``make bench-publish``: what ten new articles cost to build, sign and publish, in archives of different sizes, beside other means.

Of each size: an archive is filled and published; then, several times over, ten articles are added, built and published, measured step by
step; the same changes are given to other means, which must come to the same git tree; and the commands are run as they are. What the
forge and the S3 service do is not counted. The others do not push, so the commit alone is told too.
"""

from __future__ import annotations

import gc
import platform
import shutil
import sqlite3
import statistics
import subprocess
import tempfile
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.table import Table

from bench.costs import Cost
from bench.peers import PEERS, Peer, change_of, git
from bench.press import Press
from bench.services import service
from bench.steps import COMMIT

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

SIZES = (10_000, 100_000, 500_000)
BATCH = 10  # new articles
ROUNDS = 3  # the median counts
STEPS = ("start", "build", "plan", "sign", "git", "directory", "s3")
SUM, ONE, TWO = "all steps", "one process", "pappus build, pappus publish"
_LAST = "sed over every page"  # ruins its work tree


@click.command()
@click.option("--sizes", default=",".join(map(str, SIZES)), show_default=True, help="Files in a mirror's tree.")
@click.option(
    "--folder",
    type=click.Path(path_type=Path, file_okay=False),
    help="Where archives are filled, and taken up again the next time.  [default: a temporary one]",
)
@click.option(
    "--peer",
    "peers",
    multiple=True,
    type=click.Choice(list(PEERS)),
    help="One to compare with; all unless some are named.",
)
def main(sizes: str, folder: Path | None, peers: Sequence[str]) -> None:
    """Measure and print."""
    console = Console(width=160)
    console.print(_versions())
    costs: dict[int, dict[str, Cost]] = {}
    for size in map(int, sizes.split(",")):
        with tempfile.TemporaryDirectory(prefix="pappus-bench-") as away, service("s3") as bucket:
            where = (folder or Path(away)).resolve() / str(size)
            count, costs[size] = measure(
                where, bucket, size, peers or tuple(PEERS), lambda text: console.print(text, style="dim")
            )
            console.print(f"a tree of {count:,} files: done")
        gc.collect()
    for text, cell in (
        ("CPU milliseconds", lambda cost: f"{1000 * cost.cpu:,.0f}"),
        ("milliseconds by the clock", lambda cost: f"{1000 * cost.wall:,.0f}"),
        ("most memory (MB)", lambda cost: f"{cost.peak / 1e6:,.0f}"),
    ):
        console.print(
            _table(f"{BATCH} new articles with their QR images and indexes: {text} (median of {ROUNDS})", costs, cell)
        )
    console.print(_ratios(costs))


def measure(
    folder: Path, bucket: str, size: int, peers: Sequence[str], say: Callable[[str], None]
) -> tuple[int, dict[str, Cost]]:
    """Return how many files there are, and the median costs by name."""
    press = Press(folder, bucket, say)
    count = press.fill(size)
    with service("git", str(press.remote.parent)) as forge:
        press.move(forge)
        return count, _compare(press, peers, say)


def _compare(press: Press, peers: Sequence[str], say: Callable[[str], None]) -> dict[str, Cost]:
    """Return the median costs of publishing, and of the same changes by other means."""
    folder = press.folder
    _round(press)  # fills what is kept between runs: the folder's spare tree, bytecode
    base = _head(press)
    for left in ("base.git", "peer"):  # by a run that was stopped
        shutil.rmtree(folder / left, ignore_errors=True)
    shutil.copytree(press.remote, folder / "base.git", copy_function=_link)
    rounds: list[dict[str, Cost]] = []
    changes = []
    for number in range(ROUNDS):
        before = _head(press)
        rounds.append(_round(press))
        changes.append(folder / f"change-{number}.json")
        change = change_of(press.remote, before, _head(press))
        change.dump(changes[-1])
        say(
            f"change {number + 1}: {len(change.files)} files, {sum(len(data or b'') for data in change.files.values()):,} bytes"
        )
    for _ in range(ROUNDS):
        press.add(BATCH)
        rounds.append({ONE: press.whole()})
        press.add(BATCH)
        rounds.append({TWO: press.commands()})
    costs = {name: _median([one[name] for one in rounds if name in one]) for name in (*STEPS, COMMIT, SUM, ONE, TWO)}
    for name in peers:
        peer = Peer(name, folder / "base.git", folder / "peer")
        if git(folder / "peer", "rev-parse", "HEAD").decode().strip() != base:
            raise SystemExit("what others begin with is not what we began with")
        costs[name] = _median([peer.apply(change) for change in changes[: 1 if name == _LAST else ROUNDS]])
        say(f"{name}: {1000 * costs[name].cpu:,.0f} ms")
        shutil.rmtree(folder / "peer")
    return costs


def _round(press: Press) -> dict[str, Cost]:
    press.add(BATCH)
    steps = press.steps()
    return steps | {SUM: sum((steps[name] for name in STEPS), Cost())}


def _head(press: Press) -> str:
    return git(press.remote, "rev-parse", "HEAD").decode().strip()


def _link(source: str, target: str) -> None:
    """Packs never change, so they are shared; the few other files are copied."""
    if Path(source).suffix in {".pack", ".idx"}:
        Path(target).hardlink_to(source)
    else:
        shutil.copyfile(source, target)


def _median(costs: Sequence[Cost]) -> Cost:
    return Cost(*(statistics.median(values) for values in zip(*((c.cpu, c.wall, c.peak) for c in costs), strict=True)))


def _table(title: str, costs: dict[int, dict[str, Cost]], cell: Callable[[Cost], str]) -> Table:
    table = Table(title=title)
    table.add_column("files")
    for size in costs:
        table.add_column(f"{size:,}", justify="right")
    for name in (*STEPS, SUM, COMMIT, ONE, TWO, *_peers(costs)):
        table.add_row(name, *(cell(costs[size][name]) for size in costs), end_section=name in {STEPS[-1], COMMIT, TWO})
    return table


def _peers(costs: dict[int, dict[str, Cost]]) -> list[str]:
    return [name for name in PEERS if all(name in one for one in costs.values())]


def _ratios(costs: dict[int, dict[str, Cost]]) -> Table:
    """Return what the figures are judged by."""
    table = Table(title="ratios of CPU time")
    table.add_column("files")
    for size in costs:
        table.add_column(f"{size:,}", justify="right")
    smallest = costs[min(costs)]

    def row(name: str, ratio: Callable[[dict[str, Cost]], float]) -> None:
        table.add_row(name, *(f"{ratio(costs[size]):.2f}" for size in costs))

    row("git, to the smallest", lambda one: one["git"].cpu / smallest["git"].cpu)
    row(f"{COMMIT}, to the smallest", lambda one: one[COMMIT].cpu / smallest[COMMIT].cpu)
    row(f"{ONE}, to the smallest", lambda one: one[ONE].cpu / smallest[ONE].cpu)
    for name in _peers(costs):
        row(f"{name}, to {COMMIT}", lambda one, name=name: one[name].cpu / one[COMMIT].cpu)  # type: ignore[misc]
        row(f"{name}, to git", lambda one, name=name: one[name].cpu / one["git"].cpu)  # type: ignore[misc]
        row(f"{name}, to {ONE}", lambda one, name=name: one[name].cpu / one[ONE].cpu)  # type: ignore[misc]
    return table


def _versions() -> str:
    version = subprocess.run(["git", "--version"], capture_output=True, text=True, check=True).stdout.strip()
    packages = ", ".join(f"{name} {metadata.version(name)}" for name in ("dulwich", "pygit2", "obstore", "moto"))
    return f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, {version}; {packages}"


if __name__ == "__main__":
    main()
