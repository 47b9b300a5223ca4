"""What a new article costs, and a run in which nothing is new, in archives of 1,000 and 20,000 articles."""

from __future__ import annotations

import platform
import sqlite3
import statistics
import subprocess
import tempfile
from importlib import metadata
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from bench.archive import Archive, adopt_orphans
from bench.paper import Paper

SIZES = (1_000, 20_000)
BATCH = 10  # new articles a run
ROUNDS = 3  # runs with new articles; the median counts


@click.command()
@click.option(
    "--sizes", default=",".join(map(str, SIZES)), show_default=True, help="Stored articles, separated by commas."
)
def main(sizes: str) -> None:
    """Measure and print."""
    adopt_orphans()
    console = Console(width=160)
    console.print(_about())
    new = Table(
        title=f"a run with {BATCH} new articles, each with a picture of 1600 x 1000: CPU milliseconds an article (median of {ROUNDS})"
    )
    for column in ("stored", "gather", "build", "publish: git", "publish: folder", "all", "pappus run, whole process"):
        new.add_column(column, justify="right")
    idle = Table(title="a run with nothing new, the whole process")
    for column in ("stored", "requests", "CPU (s)", "wall (s)", "files written", "store (MB)", "tree (MB)", "files"):
        idle.add_column(column, justify="right")
    for size in map(int, sizes.split(",")):
        with tempfile.TemporaryDirectory(prefix="pappus-bench-") as folder, Paper() as paper:
            archive = Archive(Path(folder), paper, say=lambda text: console.print(text, style="dim"))
            archive.fill(size)
            runs = [archive.run_with(BATCH) for _ in range(ROUNDS)]
            whole = statistics.median(archive.run_process(BATCH).cpu for _ in range(ROUNDS))
            middle = sorted(runs, key=lambda run: run.total.cpu)[len(runs) // 2]
            steps = [
                f"{1000 * cost.cpu / BATCH:.1f}"
                for cost in (middle.gather, middle.build, middle.git, middle.folder, middle.total)
            ]
            new.add_row(f"{size:,}", *steps, f"{1000 * whole / BATCH:.1f}")
            nothing = archive.run_idle()
            idle.add_row(f"{size:,}", *nothing)
    console.print(new)
    console.print(idle)
    console.print(
        "The predecessor: 9,200 ms of CPU for each new article at its real pace, 63 s fixed a run (measured elsewhere)."
    )


def _about() -> str:
    git = subprocess.run(["git", "--version"], capture_output=True, text=True, check=True).stdout.strip()
    packages = ", ".join(
        f"{name} {metadata.version(name)}" for name in ("turbohtml", "pillow", "aiohttp", "nh3", "zstandard")
    )
    return f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, {git}; {packages}"


if __name__ == "__main__":
    main()
