"""Makes the site of so many articles whole, then with ten new ones, by Pappus and by Hugo, and prints what each cost."""

from __future__ import annotations

import platform
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from importlib import metadata
from pathlib import Path

import click
from msgspec import Struct
from rich.console import Console
from rich.table import Table

from bench.costs import Cost, run
from bench.newsroom import prepare
from bench.sites import hugo, ours
from bench.sites.content import stories

SIZES = (10_000, 100_000)
NEW = 10  # articles
ROUNDS = 3  # with new articles; the median counts


class Made(Struct, frozen=True):
    """What a site cost to make."""

    whole: Cost
    more: Cost | None  # with ten new articles, None where it was not measured
    files: int
    size: int  # bytes


@click.command()
@click.option("--sizes", default=",".join(map(str, SIZES)), show_default=True, help="Articles, separated by commas.")
@click.option("--hugo/--no-hugo", "beside", default=True, help="Whether Hugo is measured too.")
@click.option(
    "--folder",
    type=click.Path(path_type=Path, file_okay=False),
    help="Where sites are made.  [default: a temporary one]",
)
def main(sizes: str, folder: Path | None, *, beside: bool) -> None:
    """Measure and print."""
    console = Console(width=160)
    program = shutil.which("hugo", path=str(Path(sys.executable).parent)) or shutil.which("hugo")
    if beside and program is None:
        console.print("Hugo is not installed: it is left out. make bench-site installs it")
    console.print(_versions(program))
    table = Table(
        title="the whole site edition: pages, indexes, feeds, search; files on disk; without pictures, codes, signatures and packed copies"
    )
    for column in (
        "articles",
        "by",
        "CPU (s)",
        "wall (s)",
        "memory (MB)",
        "articles/s of CPU",
        f"{NEW} more: CPU (s)",
        "files",
        "MB",
    ):
        table.add_column(column, justify="left" if column == "by" else "right")
    costs: dict[int, dict[str, Made]] = {}
    for size in map(int, sizes.split(",")):
        with tempfile.TemporaryDirectory(prefix="pappus-bench-", dir=folder) as away:
            costs[size] = {"Pappus": _ours(Path(away), size)}
            if beside and program:
                costs[size]["Hugo"] = _hugo(Path(away), size, program)
        for name, made in costs[size].items():
            more = f"{made.more.cpu:.2f}" if made.more else "-"
            table.add_row(
                f"{size:,}", name, f"{made.whole.cpu:.1f}", f"{made.whole.wall:.1f}", f"{made.whole.peak / 1e6:,.0f}",
                f"{size / made.whole.cpu:,.0f}", more, f"{made.files:,}", f"{made.size / 1e6:,.0f}",
            )  # fmt: skip
    console.print(table)
    for size, each in costs.items():
        if "Hugo" in each:
            console.print(_ratios(size, each["Pappus"], each["Hugo"]))
    first, *rest = costs.values()
    for other in rest:
        one, two = first["Pappus"].more, other["Pappus"].more
        if one and two:
            console.print(f"ten more in the largest beside the smallest: {two.cpu / one.cpu:.2f} times (goal: 1.5)")


def _ours(away: Path, size: int) -> Made:
    folder = away / "pappus"
    prepare(folder, "bench", "Bench")
    ours.add(folder, stories(0, size, size))
    command = [sys.executable, "-m", "bench.sites.ours", str(folder)]
    whole = run(command)
    more = []
    for first in range(size, size + NEW * ROUNDS, NEW):
        ours.add(folder, stories(first, first + NEW, size))
        more.append(run(command))
    return Made(whole, sorted(more, key=lambda cost: cost.cpu)[ROUNDS // 2], *_measure(folder / "site"))


def _hugo(away: Path, size: int, program: str) -> Made:
    folder = away / "hugo"
    hugo.prepare(folder)
    hugo.add(folder, stories(0, size, size))
    command = [program, "--source", str(folder), "--quiet"]
    whole = run(command)
    hugo.add(folder, stories(size, size + NEW, size))
    return Made(whole, run(command), *_measure(folder / "public"))


def _measure(folder: Path) -> tuple[int, int]:
    sizes = [path.stat().st_size for path in folder.rglob("*") if path.is_file()]
    return len(sizes), sum(sizes)


def _ratios(size: int, mine: Made, other: Made) -> str:
    more = f", ten more {other.more.cpu / mine.more.cpu:,.0f} times as fast" if mine.more and other.more else ""
    cpu, memory = other.whole.cpu / mine.whole.cpu, mine.whole.peak / other.whole.peak
    return f"{size:,} articles beside Hugo: {cpu:.1f} times as fast, {memory:.2f} of its memory{more}"


def _versions(program: str | None) -> str:
    hugo_version = (
        subprocess.run([program, "version"], capture_output=True, text=True, check=True)
        .stdout.splitlines()[-1]
        .split()[1]
        if program
        else "none"
    )
    packages = ", ".join(f"{name} {metadata.version(name)}" for name in ("jinja2", "nh3", "selectolax", "zstandard"))
    return f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, {packages}; Hugo {hugo_version}"


if __name__ == "__main__":
    main()
