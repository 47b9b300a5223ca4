"""The bare repository that objects are written into, and that mirrors may share.

Mirrors work in it side by side, each with references of its own; what would disturb another waits until nobody is at work, so that a
mirror whose server does not answer delays no other (rule 14). Nothing is lost that cannot be fetched or made again.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from pappus import durable
from pappus.errors import MirrorError
from pappus.mirrors.lock import Lock
from pappus.mirrors.program import Program, environment

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

_UNWANTED = "pappus-unwanted"
_PACKS = 10  # that may lie side by side; every publish adds one
TIDYING = 300.0  # seconds, at the most
_STEP = 0.02  # seconds between two tries to have a lock
_LEFTOVERS = (
    "*.lock",
    "objects/*.lock",
    "objects/pack/*.keep",
    "objects/pack/tmp_*",
    "objects/pack/.tmp-*",
    "fast_import_crash_*",
)  # of killed gits
_ATTRIBUTES = "media/** -delta\nqr/** -delta\n"  # no two of these have anything in common: looking for it is the larger part of a push
_SETTINGS = (
    "[pappus]\n\tmade = true\n[receive]\n\tunpackLimit = 1\n"  # what is pushed stays packed: half the cost of a push
)
_COMMIT = re.compile(r"[0-9a-f]{40,64}\n?")


def let_go(path: Path, keep: Collection[str]) -> bool:
    """Have a repository hold nothing for any mirrors but these: what it held for others alone is gone when this returns.

    A mirror that comes back fetches again what its remote has.

    Args:
        path: of the repository; nothing is to be done where it is not there.
        keep: names of mirrors.

    Returns:
        Whether that is so; not while somebody is at work in it.

    Raises:
        MirrorError: git failed.
    """
    others = [one for one in path.glob("refs/pappus/*") if one.name not in keep]
    unwanted = path / _UNWANTED
    if not others and not (unwanted.exists() and unwanted.read_text() == "now"):
        return True
    with Lock(path.with_name(f"{path.name}.lock")) as lock:
        if not lock.alone():
            return False
        git = Program(path.name, environment(path.parent) | {"GIT_DIR": str(path.resolve())}, TIDYING)
        git.held = (lock.handle,)
        durable.write(unwanted, b"now")  # whoever comes after a kill prunes
        durable.sync(path)
        for one in others:
            shutil.rmtree(one)
        git.run("repack", "-a", "-d", "--quiet")
        git.run("prune", "--expire=now")
        unwanted.unlink()
    return True


class Objects:
    """A bare repository, as one mirror uses it.

    Args:
        path: where it is; made when it is needed.
        name: of the mirror.
        git: that works in it.
    """

    def __init__(self, path: Path, name: str, git: Program) -> None:
        self.path = path
        self._name = name
        self._git = git
        self._references = path / "refs" / "pappus" / name
        self._unwanted = path / _UNWANTED  # some history was given up; with "now" in it, for good
        self._lock: Lock | None = None

    def reference(self, name: str) -> str:
        """Return how git calls a reference of this mirror."""
        return f"refs/pappus/{self._name}/{name}"

    def commit(self, name: str) -> str:
        """Return the commit that a reference of this mirror names, "" where there is none, or where a lost power left half of it."""
        try:
            text = (self._references / name).read_text("ascii")
        except (FileNotFoundError, UnicodeDecodeError):
            return ""
        return text.strip() if _COMMIT.fullmatch(text) else ""

    @contextmanager
    def shared(self, *locks: int) -> Iterator[None]:
        """Work in it, beside others; it is made if it is not there.

        Args:
            locks: more handles that gits are to hold.

        Raises:
            MirrorError: somebody has it alone, and goes on having it.
        """
        with Lock(self.path.with_name(f"{self.path.name}.lock")) as lock:
            self._git.held = (*locks, lock.handle)
            try:
                while not self._entered(lock):
                    wait(self._name, self._git.left)
                self._lock = lock
                self._clean()
                yield
            finally:
                self._lock = None
                self._git.held = ()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Write objects into it, one mirror after another.

        What several mirrors are given at once is compressed and stored once, and two gits that make the very same pack would fail.

        Raises:
            MirrorError: another is writing, and goes on writing.
        """
        held = self._git.held
        with Lock(self.path.with_name(f"{self.path.name}.writing")) as lock:
            while not lock.alone():
                wait(self._name, self._git.left)
            self._git.held = (*held, lock.handle)
            try:
                yield
            finally:
                self._git.held = held

    def _entered(self, lock: Lock) -> bool:
        if lock.alone():
            if not self.path.exists():
                self.make(self.path, "main")
            for pattern in _LEFTOVERS:
                for path in self.path.glob(pattern):
                    path.unlink()
        return lock.share() and self.path.exists()

    def _clean(self) -> None:
        """Remove what a killed git, or a lost power, left of this mirror's references."""
        if self._references.is_dir():
            for path in self._references.iterdir():
                if not self.commit(path.name):
                    path.unlink()

    def settle(self, commit: str) -> None:
        """Lead to nothing but ``commit`` (where one is given) and what is before it, and forget the bridge to it."""
        if commit:
            self._git.run("update-ref", self.reference("base"), commit)
        (self._references / "bridge").unlink(missing_ok=True)  # nobody packs references here

    def make(self, repository: Path, branch: str) -> None:
        """Make an empty repository, whole or not at all."""
        fresh = repository.with_name(f".{repository.name}.new")
        shutil.rmtree(fresh, ignore_errors=True)
        self._git.run("init", "--quiet", "--bare", "--template=", f"--initial-branch={branch}", str(fresh))
        (fresh / "info").mkdir()
        (fresh / "info" / "attributes").write_text(_ATTRIBUTES)
        with (fresh / "config").open("a") as settings:
            settings.write(_SETTINGS)
        fresh.rename(repository)

    # Looking

    def ever(self, paths: Collection[str]) -> dict[str, set[str]]:
        """Return, by path, the digests of all files that stood there in any commit that the references of this mirror lead to."""
        every = ("--raw", "-m", "--no-abbrev", "--no-renames", "-z", "--format=", f"--glob={self.reference('*')}")
        told = self._git.all("log", *every, "--", *paths)
        ever: dict[str, set[str]] = {path: set() for path in paths}
        fields = iter(told.decode("utf-8", "replace").split("\0"))
        for field in fields:
            if field.startswith(":"):
                name, blob = next(fields), field.split()[3]
                for path in paths:
                    if name == path or name.startswith(f"{path}/"):
                        ever[path].add(blob)
        return {path: {self._digest(blob) for blob in blobs if set(blob) != {"0"}} for path, blobs in ever.items()}

    def loose(self, repository: str = "") -> set[str]:
        """Return the digests of all files in this repository, or in another, to which nothing leads."""
        where = ("--git-dir", repository) if repository else ()
        looking = ("fsck", "--unreachable", "--no-reflogs", "--no-dangling", "--connectivity-only", "--no-progress")
        told = self._git.all(*where, *looking)
        words = [line.split() for line in told.decode("ascii", "replace").splitlines()]
        return {self._digest(one[2], *where) for one in words if one[:2] == ["unreachable", "blob"]}

    def _digest(self, blob: str, *where: str) -> str:
        found = hashlib.sha256()
        self._git.hear(*where, "cat-file", "blob", blob, into=found.update)
        return found.hexdigest()

    # Tidying

    def give_up(self, *, now: bool) -> None:
        """Note that some history is not wanted any more. It comes before anything that makes it so."""
        if now or not self._unwanted.exists():
            durable.write(self._unwanted, b"now" if now else b"")
            durable.sync(self.path)

    def tidy(self) -> None:
        """Keep it small, if nobody else is at work: it comes last of all, and what cannot be done now is done another time.

        Small packs are joined into larger ones, each at least twice the one before, so that the cost follows the change. What is not
        wanted goes when it may be a fifth of all, or at once where it must.
        """
        sizes = sorted(path.stat().st_size for path in self.path.glob("objects/pack/*.pack"))
        unwanted = self._unwanted.read_text() if self._unwanted.exists() else None
        prune = unwanted is not None and (unwanted == "now" or sum(sizes[:-1]) * 4 > sizes[-1])
        if (not prune and len(sizes) <= _PACKS) or self._lock is None or not self._lock.alone():
            return
        with suppress(MirrorError):
            if not prune:
                self._git.run("repack", "-d", "--geometric=2", "--quiet", within=TIDYING)
                return
            self._git.run("repack", "-a", "-d", "--quiet", within=TIDYING)
            self._git.run("prune", "--expire=now", within=TIDYING)
            self._unwanted.unlink()

    @property
    def must_be_pruned(self) -> bool:
        """Whether there is something in it that must not be there any more."""
        return self._unwanted.exists() and self._unwanted.read_text() == "now"


def wait(subject: str, left: float) -> None:
    """Wait a moment for a lock, if seconds are left.

    Raises:
        MirrorError: it is too late.
    """
    if left < 0:
        raise MirrorError(subject, "another git is at work on this mirror", "stop it", retry=True)
    time.sleep(_STEP)
