"""An edition that grows, and short ways to publish it."""

from __future__ import annotations

import io
import os
import subprocess
import tarfile
import time
from datetime import UTC, datetime
from pathlib import Path

from pappus.mirrors import Binding, GitOptions, MirrorState, bind, make_plan
from pappus.model import Plan, Version, artifact, digest

CLOCK = datetime(2026, 11, 5, 12, 47, 31, tzinfo=UTC)
ADDRESS = "https://forge.example/you/news/blob/main/"
NEWS = "indexes/新闻 и новости.md"
FIRST = {
    "README.md": "home",
    "indexes/news.md": "one",
    NEWS: "names of any script, with spaces",
    "pages/gazette/2026/11/05/ferry.md": "ferry",
    "pages/gazette/2026/11/05/bridge.md": "bridge",
    "media/2026/11/05/a.png": "pixels",
}
SECOND = FIRST | {"README.md": "home, later", "indexes/news.md": "one, two", "pages/gazette/2026/11/06/seal.md": "seal"}
del SECOND["media/2026/11/05/a.png"]
THIRD = SECOND | {"indexes/news.md": "one, two, three"}


def clock():
    return CLOCK


def options(folder, make=GitOptions, **fields):
    return make(**({"name": "forge", "workspace": folder / "state"} | fields))


def version(number):
    return Version(number=number, chain=digest(f"v{number}".encode()))


def binding(number, **fields):
    settings = {
        "title": "News «خبر»",
        "address": ADDRESS,
        "home": ADDRESS,
        "edition": "markdown",
        "version": version(number),
    }
    return Binding(**(settings | fields))


def tree(files, number, **fields):
    """Return a whole edition with its binding, as bytes by path."""
    told = binding(number, **fields)
    bound = bind(told, filter(told.layout.is_page, files))
    return {path: text.encode() for path, text in files.items()} | {made.entry.path: made.body for made in bound}


def plan(number, wanted, base=None, had=None):
    """Return the plan from one tree to another; without ``base`` the whole."""
    entries = [artifact(path, body, "text/plain").entry for path, body in wanted.items()]
    had = had or {}
    puts = [entry for entry in entries if base is None or had.get(entry.path) != wanted[entry.path]]
    gone = [path for path in had if path not in wanted] if base else []
    return make_plan("markdown", version(number), base, puts=puts, deletions=gone)


def reader(wanted):
    return lambda entry: wanted[entry.path]


def publish(mirror, number, files, had=None, had_number=None, **fields):
    """Bring a mirror to a version, whole or from an earlier one."""
    wanted = tree(files, number, **fields)
    before = tree(had, had_number, **fields) if had is not None else None
    step = plan(number, wanted, version(had_number) if had is not None else None, before)
    mirror.apply(step, reader(wanted))
    return wanted


def run(*command, cwd=None, stdin=None, **variables):
    clean = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return subprocess.run(command, cwd=cwd, input=stdin, env=clean | variables, capture_output=True, check=True).stdout


def until(condition):
    """Wait for something to be so, on a machine however busy."""
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, "waited for a minute"
        time.sleep(0.01)


def until_let_go(address):
    """Wait until a server on loopback has done what it had got from those who are gone by now: it lets go of their connections then."""
    port = f"{int(address.strip('/').rpartition(':')[2]):04X}"

    def let_go():
        rows = [line.split()[1:4] for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
        ends = {(here.partition(":")[2], there.partition(":")[2], state) for here, there, state in rows}
        return not any((here, state) == (port, "08") or (there, state) == (port, "04") for here, there, state in ends)

    until(let_go)  # 08: CLOSE_WAIT at the server's end; 04: FIN_WAIT1 at that of who is gone


def in_folder(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and ".git/" not in path.relative_to(folder).as_posix()
    }


def in_branch(repository, branch="main"):
    git = ["git", "--git-dir", str(repository)]
    commit = run(*git, "rev-parse", branch).decode().strip()  # somebody may be pushing
    with tarfile.open(fileobj=io.BytesIO(run(*git, "archive", "--format=tar", commit))) as archive:
        return {one.name: archive.extractfile(one).read() for one in archive if one.isfile()}


__all__ = ["MirrorState", "Plan"]
