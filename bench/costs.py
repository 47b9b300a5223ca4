"""What a piece of work costs: CPU and wall time, and the most memory, of this process, of its workers and of the programs that it ran."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_KIB = 1024


class Cost(Struct, frozen=True):
    """Seconds of CPU and by the clock, and the most memory in bytes."""

    cpu: float = 0.0
    wall: float = 0.0
    peak: int = 0

    def __add__(self, other: Cost) -> Cost:
        return Cost(self.cpu + other.cpu, self.wall + other.wall, max(self.peak, other.peak))


@contextmanager
def measured(into: dict[str, Cost], name: str) -> Iterator[None]:
    """Add to ``into[name]`` what is done while it lasts, here, in workers, and in children that have ended (Linux)."""
    Path("/proc/self/clear_refs").write_text("5")  # forgets the most memory so far
    before, began = _used(), time.perf_counter()
    yield
    after = _used()
    peak = _peak()
    if after[1] > before[1]:  # children's memory is known only as the most of all so far
        peak = max(peak, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * _KIB)
    into[name] = into.get(name, Cost()) + Cost(sum(after) - sum(before), time.perf_counter() - began, peak)


def since_start(wall: float) -> Cost:
    """Return what this process has cost since it was started at a moment (as ``time.time`` has it)."""
    return Cost(sum(_used()), time.time() - wall, _peak())


def run(command: Sequence[str], folder: Path | None = None, environment: dict[str, str] | None = None) -> Cost:
    """Run a program to its end and return what it and its children cost.

    A small process runs it: Linux has a program's most memory begin with that of who ran it. Python keeps what it compiles, whatever is
    set here, as it does where a package is installed.

    Raises:
        CalledProcessError: it failed.
    """
    weigher = [sys.executable, str(Path(__file__).resolve()), *command]
    keeping = {name: value for name, value in (environment or os.environ).items() if name != "PYTHONDONTWRITEBYTECODE"}
    done = subprocess.run(weigher, cwd=folder, env=keeping, stdout=subprocess.PIPE, check=True)
    return Cost(*json.loads(done.stdout))


def _weigh(command: Sequence[str]) -> int:
    began = time.perf_counter()
    code = subprocess.run(command, stdout=subprocess.DEVNULL, check=False).returncode
    wall = time.perf_counter() - began
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(json.dumps((used.ru_utime + used.ru_stime, wall, used.ru_maxrss * _KIB)))
    return code


def _used() -> tuple[float, float, float]:
    """Return the seconds of CPU that this process used, its children that have ended, and its workers."""
    own, children = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return own.ru_utime + own.ru_stime, children.ru_utime + children.ru_stime, _used_by_workers()


def _used_by_workers() -> float:
    """Return the seconds of the server that workers are forked from, and of those that have ended: they are its children."""
    forkserver = sys.modules.get(
        "multiprocessing.forkserver"
    )  # not imported here: who has no workers need not pay for it
    server = forkserver._forkserver._forkserver_pid if forkserver else None  # noqa: SLF001  # nothing public tells
    if server is None:
        return 0.0
    fields = Path(f"/proc/{server}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")  # utime, stime, cutime, cstime


def _peak() -> int:
    (line,) = (line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) * _KIB


if __name__ == "__main__":
    sys.exit(_weigh(sys.argv[1:]))
