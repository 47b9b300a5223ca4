"""Killed at any moment, a newsroom is whole, and the next run ends as if nothing had happened (rules 15 and 16)."""

from __future__ import annotations

import json
import os
import queue
import random
import signal
import sqlite3
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from msgspec import Struct
from msgspec.structs import replace
from pipeline_house import (
    Moment,
    Paper,
    Story,
    copy,
    git,
    git_tree,
    load,
    many,
    newsroom,
    python,
    run,
    toml,
    tree,
)

from pappus.config import FILE
from pappus.model import digest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pappus.pipeline import Newsroom

pytestmark = pytest.mark.slow

_KILLS = 50
_LONG_AGO = datetime(2024, 11, 23, 12, 0, tzinfo=UTC)  # whatever the machine's clock says, nothing is asked for again


class Held(Struct, frozen=True):
    """What the mirrors hold; None: nothing yet."""

    folder: dict[str, bytes] | None
    forge: dict[str, bytes] | None
    commits: int


def _held(folder: Path) -> Held:
    shown, forge = folder / "mirrors" / "folder", folder / "mirrors" / "forge.git"
    commits = 0
    if forge.exists():
        git(forge, "fsck", "--strict", "--no-dangling")
        commits = int(git(forge, "rev-list", "--count", "--all"))
    return Held(tree(shown) if shown.exists() else None, git_tree(forge) if commits else None, commits)


class Stage(Struct, frozen=True):
    """A newsroom with something left to do: as it is, and what its mirrors hold before and after."""

    folder: Path
    before: Held
    after: Held
    settled: Held  # when what nothing leads to any more is gone, too
    seconds: float  # that an undisturbed run of the real program works, from taking the lock
    forked: float  # the same of a forked one, which does without workers of its own


@pytest.fixture(scope="module")
def stages(tmp_path_factory: pytest.TempPathFactory, drivers: Drivers) -> Iterator[dict[str, Stage]]:
    """Three newsrooms: one that has done nothing, one that has gathered, one that is to take over changes."""
    root = tmp_path_factory.mktemp("killed")
    told_of = many(12, newest=_LONG_AGO)
    with Paper() as paper, Paper() as later:
        for one in (paper, later):
            one.stories(told_of)
            one.feed("/all.xml", told_of)
            one.feed("/some.xml", told_of[::3])
        channels = {"some": "/some.xml", "all": "/all.xml"}
        for name in ("empty", "gathered"):
            newsroom(root / name, toml(paper.url, channels))
        run(load(root / "gathered"), ["gather"])
        run(newsroom(root / "changed", toml(later.url, channels)))
        corrected = replace(
            told_of[3],
            title="Boat number 3 comes home late",
            images=("late",),
            updated=told_of[3].day + timedelta(hours=9),
        )
        new = Story(slug="pier", title="A pier is built", day=_LONG_AGO, images=("pier",), links=(told_of[5].path,))
        later.stories([corrected, new])
        now = [new, *told_of[:3], corrected, *told_of[4:]]
        later.feed("/all.xml", now)
        later.feed("/some.xml", now[::3])
        yield {name: _measured(root / name, root, drivers) for name in ("empty", "gathered", "changed")}


def _measured(folder: Path, root: Path, drivers: Drivers) -> Stage:
    """Return a stage, its undisturbed run done in copies."""
    (folder / "state" / "pappus.lock").unlink(missing_ok=True)
    seconds = []
    for kind in ("real", "forked"):
        undisturbed = copy(folder, root / f"{folder.name}-{kind}")
        with _started(undisturbed, drivers if kind == "forked" else None) as process:
            began = _working(undisturbed)
            assert process.wait() == 0
            seconds.append(time.monotonic() - began)
    after = _held(undisturbed)
    _settle(undisturbed)
    return Stage(folder, _held(folder), after, _held(undisturbed), *seconds)


def _settle(folder: Path) -> Newsroom:
    """Run, and once more after what nothing leads to any more has stayed long enough."""
    clock = Moment(_LONG_AGO.replace(year=2099))  # after all that real programs did
    one = load(folder, clock)
    for _ in range(2):
        assert [event for event in run(one).events if event.kind == "failed"] == []
        clock.pass_by(hours=2)
    return one


class Driver:
    """A process that forks others, see ``pipeline_driver.py``; one at a time."""

    def __init__(self) -> None:
        script = str(Path(__file__).with_name("pipeline_driver.py"))
        self._process = subprocess.Popen(python(script), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.pid = 0

    def start(self, folder: Path, place: tuple[str, int] | None = None, verbs: str = "gather,build,publish") -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps([str(folder / FILE), verbs, *(place or ())]) + "\n")
        self._process.stdin.flush()
        self.pid = self._said()

    def wait(self) -> int:
        return self._said()

    def _said(self) -> int:
        assert self._process.stdout is not None
        return int(self._process.stdout.readline())

    def close(self) -> None:
        self._process.communicate()


Drivers = queue.SimpleQueue[Driver]


@contextmanager
def _started(
    folder: Path, drivers: Drivers | None, place: tuple[str, int] | None = None
) -> Iterator[Driver | subprocess.Popen[bytes]]:
    """Start a run in a group of its own: of the real program, or forked by one of the drivers that are free."""
    if drivers is None:
        yield subprocess.Popen(
            python("-m", "pappus", "run", "-c", str(folder / FILE)),
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        return
    driver = drivers.get()
    try:
        driver.start(folder, place)
        yield driver
    finally:
        drivers.put(driver)


@pytest.fixture(scope="module")
def drivers() -> Iterator[Drivers]:
    made = [Driver() for _ in range(2)]
    free: Drivers = queue.SimpleQueue()
    for one in made:
        free.put(one)
    yield free
    for one in made:
        one.close()


def _working(folder: Path) -> float:
    """Wait until a process has taken the store's lock. Returns when that was."""
    _until((folder / "state" / "pappus.lock").exists, 0.002)
    return time.monotonic()


def _ended(process: Driver | subprocess.Popen[bytes]) -> int:
    """Wait for a killed process, and until no git that it had started is at work: what that had begun it ends. Returns the exit code.

    Workers that are left touch nothing.
    """
    code = process.wait()
    _until(lambda: not any(name.startswith("git") for name in _members(process.pid)))
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    return code


def _members(group: int) -> list[str]:
    """Return the names of the processes of a group that are not ended."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            name, _, rest = stat.read_text().partition("(")[2].rpartition(")")
            state, _, own = rest.split()[:3]
            if int(own) == group and state not in "ZX":
                found.append(name)
    return found


def _until(condition: Callable[[], bool], step: float = 0.01) -> None:
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end, "waited for a minute"
        time.sleep(step)


def _whole(folder: Path, stage: Stage) -> Held:
    """The store is whole, and each mirror holds the old or the new edition. Returns what they hold."""
    _store_is_whole(folder / "state")
    now = _held(folder)
    assert now.folder in (stage.before.folder, stage.after.folder)
    assert now.forge in (stage.before.forge, stage.after.forge)
    return now


def _store_is_whole(state: Path) -> None:
    if not (state / "pappus.db").exists():
        return
    with closing(sqlite3.connect(state / "pappus.db")) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert database.execute("PRAGMA foreign_key_check").fetchall() == []
        tables = {row[0] for row in database.execute("SELECT name FROM sqlite_master")}
        if "media" in tables:
            for (name,) in database.execute("SELECT digest FROM media").fetchall():
                assert digest((state / "media" / name[:2] / name).read_bytes()) == name


def _ends_well(folder: Path, stage: Stage) -> None:
    """The next run, and one after what was left behind went, end in the same bytes, in no more commits, and leave nothing to do."""
    one = _settle(folder)
    held = _held(folder)
    assert replace(held, commits=0) == replace(stage.settled, commits=0)
    assert held.commits in {stage.settled.commits, stage.settled.commits - 1}
    report = run(one, ["build", "publish"])
    assert (report.plans, report.counts["changed"]) == ({}, 0)


def _killed_once(stages: dict[str, Stage], drivers: Drivers, root: Path, number: int) -> str:
    """Kill a run at a moment that follows from ``number``; every fourth is the real program. Returns what there was when it died.

    Where it had ended by then, another is killed, sooner.
    """
    chance = random.Random(f"kill {number}")
    name = ("empty", "gathered", "changed")[number % 3]
    stage, real = stages[name], number % 4 == 0
    after, code = stage.seconds if real else stage.forked, 0
    while code == 0:
        after = chance.uniform(0, after)
        folder = copy(stage.folder, root / f"{number} after {after} s")
        with _started(folder, None if real else drivers) as process:
            _working(folder)
            time.sleep(after)
            with suppress(ProcessLookupError):
                os.kill(process.pid, signal.SIGKILL)
            code = _ended(process)
    try:
        assert code == -signal.SIGKILL
        died = _whole(folder, stage)
        _ends_well(folder, stage)
    except AssertionError as error:
        raise AssertionError(f"kill {number}, of {name}: {error}") from error
    return "after" if died == stage.after else "before" if died == stage.before else "between"


def test_killed_at_fifty_moments_a_newsroom_is_whole_and_goes_on(
    stages: dict[str, Stage], drivers: Drivers, tmp_path: Path
) -> None:
    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(partial(_killed_once, stages, drivers, tmp_path), range(_KILLS)))
    assert found.count("before") >= _KILLS // 3  # else they were killed too late to show anything


_ARTICLES, _EDITIONS = "pappus.store.articles:Articles", "pappus.store.editions:Editions"
_DIRECTORY, _GIT = "pappus.mirrors.directory:Directory", "pappus.mirrors.git.commits:"
_PLACES = [
    # gather
    ("empty", "os:fsync", 1),
    ("empty", "os:fsync", -8),
    ("empty", "os:replace", 4),
    ("empty", "os:replace", -4),
    ("empty", f"{_ARTICLES}.put", 2),
    ("empty", f"{_ARTICLES}.put", -5),
    ("empty", f"{_ARTICLES}.enlist", -3),
    ("empty", "pappus.store.leads:Leads.settle", -2),
    ("empty", "pappus.store.leads:Leads.looked", 1),
    ("changed", f"{_ARTICLES}._revise", -1),
    # build
    ("gathered", f"{_EDITIONS}.put", 9),
    ("gathered", f"{_EDITIONS}.finish", 1),
    ("gathered", f"{_EDITIONS}.finish", -1),
    ("changed", f"{_EDITIONS}.leave", -1),
    ("changed", f"{_EDITIONS}.finish", 1),
    # publish, both mirrors at once
    ("gathered", f"{_DIRECTORY}._put", 30),
    ("changed", "os:link", 20),
    ("changed", "os:link", 40),
    ("changed", "shutil:copytree", -1),
    ("changed", f"{_DIRECTORY}._put", 5),
    ("gathered", f"{_DIRECTORY}._exchange", 1),
    ("changed", f"{_DIRECTORY}._exchange", 1),
    ("changed", f"{_DIRECTORY}._exchange", -1),
    ("gathered", f"{_GIT}_write_files", -1),
    ("changed", f"{_GIT}_write_files", -1),
    *(("gathered", "subprocess:Popen", number) for number in (1, 2, 3)),
    *(("changed", "subprocess:Popen", number) for number in (1, 2, 3, 4)),
    ("changed", f"{_EDITIONS}.published", 1),
    ("changed", f"{_EDITIONS}.published", 2),
    ("changed", "pappus.store.runs:Runs.finish", 1),
]


def _killed_there(stages: dict[str, Stage], drivers: Drivers, root: Path, number: int) -> str:
    name, *place = _PLACES[number]
    stage = stages[name]
    folder = copy(stage.folder, root / str(number))
    with _started(folder, drivers, tuple(place)) as process:
        code = _ended(process)
    try:
        assert code == -signal.SIGKILL, "it was never there"
        _whole(folder, stage)
        _ends_well(folder, stage)
    except AssertionError as error:
        return f"{name} {place}: {error}"
    return ""


def test_killed_at_the_dangerous_places_a_newsroom_is_whole_and_goes_on(
    stages: dict[str, Stage], drivers: Drivers, tmp_path: Path
) -> None:
    with ThreadPoolExecutor(2) as pool:
        wrong = [
            said for said in pool.map(partial(_killed_there, stages, drivers, tmp_path), range(len(_PLACES))) if said
        ]
    assert wrong == []


def test_a_git_that_lost_its_power_does_not_lock_the_mirror_for_ever(stages: dict[str, Stage], tmp_path: Path) -> None:
    folder = copy(stages["changed"].folder, tmp_path / "one")
    repository = folder / "state" / "mirrors" / "objects.git"
    for lock in ("refs/pappus/forge/base.lock", "refs/pappus/forge/next.lock", "packed-refs.lock"):
        (repository / lock).touch()
    _ends_well(folder, stages["changed"])


def test_what_killed_runs_leave_lying_about_is_in_no_mirror(stages: dict[str, Stage], tmp_path: Path) -> None:
    folder = copy(stages["changed"].folder, tmp_path / "one")
    spare = folder / "mirrors" / ".folder.spare"
    (spare / "pages").mkdir(parents=True)
    (spare / "pages" / ".0123456789abcdef.tmp").write_bytes(b"half a pa")
    (spare / "pages" / "half.md").write_bytes(b"half a pa")
    for name in ("state/media/ab", "mirrors"):
        (folder / name).mkdir(exist_ok=True)
        (folder / name / ".0123456789abcdef.tmp").write_bytes(b"half a pict")
    _ends_well(folder, stages["changed"])


def test_the_workers_of_a_killed_run_end_by_themselves(stages: dict[str, Stage], tmp_path: Path) -> None:
    with _started(copy(stages["empty"].folder, tmp_path / "one"), None) as process:
        _until(lambda: len(_members(process.pid)) > 2)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        _until(lambda: not _members(process.pid))
