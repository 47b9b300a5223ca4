"""A branch of a git repository, at any address that git can push to.

Objects are written straight into a bare repository of the mirror's own (``git fast-import``, no work tree), whose cost follows the
change; the branch is pushed atomically. What the mirror holds is read from its own tree, so no second record can disagree.
Rules kept: fixed author at an ``.invalid`` address, UTC, times rounded to the hour, no configuration of the user's, no text from
outside in a commit message (rules 9 and 12).
"""

from __future__ import annotations

import fcntl
import os
import shutil
import time
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING

from pappus.errors import ForeignError, MirrorError
from pappus.layout import MIRROR_JSON, is_page
from pappus.mirrors.binding import Binding, load
from pappus.mirrors.options import MirrorOptions
from pappus.mirrors.paths import checked, refused
from pappus.mirrors.plan import MirrorState
from pappus.mirrors.program import AUTHOR_EMAIL, AUTHOR_NAME, Program, environment, hour

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from pappus.model import Entry, Plan

_PACKS = 10  # that may lie side by side; every publish adds one
_TIDYING = 300.0  # seconds, at the most
_NEXT = "refs/pappus/next"  # what is being pushed
_LEFTOVERS = (
    "*.lock",
    "refs/**/*.lock",
    "objects/*.lock",
    "objects/pack/tmp_*",
    "fast_import_crash_*",
)  # of a killed git


@dataclass(frozen=True, slots=True, kw_only=True)
class GitOptions(MirrorOptions):
    """A branch of a repository."""

    remote: str  # what is pushed to, any address that git takes; a folder by its absolute path
    branch: str = "main"
    token: str | None = field(default="", repr=False)  # over https: the access token; None: wanted, but not there
    ssh_key: Path | None = None  # over ssh: the private key's file


class Git:
    """A mirror in a git branch."""

    def __init__(self, options: GitOptions, clock: Callable[[], datetime]) -> None:
        self._options = options
        self._workspace = options.workspace.resolve()
        self._repository = self._workspace / "objects.git"
        self._branch = f"refs/heads/{options.branch}"
        self._clock = clock
        variables = environment(self._workspace, token=options.token, ssh_key=options.ssh_key) | {
            "GIT_DIR": str(self._repository)
        }
        self._git = Program(options.name, variables, options.timeout)

    def state(self, *, mend: bool = True) -> MirrorState:
        """Compare our branch with the remote's, and adopt what a killed publish had pushed already.

        Without mending, what a remote holds is not known where our repository was lost.
        """
        self._git.restart()
        if self._options.token is None:
            raise MirrorError(
                self._options.name, "its access token is missing", "set the environment variable that token_env names"
            )
        with self._telling():
            if not self._repository.exists() and not (mend and self._remote_head()):
                return MirrorState()
            with self._alone() if mend else nullcontext():
                return self._compared(mend=mend)

    def apply(self, plan: Plan, read: Callable[[Entry], bytes]) -> str:
        """Commit the plan on top of our branch, and push it."""
        with self._telling(), self._alone():
            parent = commit = self._resolve(self._branch)
            if plan.puts or plan.deletions:
                self._import(plan, parent, read)
                commit = self._resolve(_NEXT)
                if parent and self._tree(commit) == self._tree(parent):
                    commit = parent
            try:
                self._push(commit)
            finally:
                self._tidy()
        return commit

    @contextmanager
    def _telling(self) -> Iterator[None]:
        """Tell in one line what the disk refuses."""
        try:
            yield
        except OSError as error:
            raise refused(self._options.name, error, self._workspace) from error

    def _compared(self, *, mend: bool) -> MirrorState:
        ours, theirs = self._resolve(self._branch), self._remote_head()
        if theirs and theirs != ours:
            ours = self._adopt(ours, theirs, mend=mend)
        base = self._binding(ours)
        return MirrorState(shown=base if theirs and ours == theirs else None, base=base)

    def _push(self, commit: str) -> None:
        if self._remote_is_missing():
            self._init(Path(self._options.remote))
        self._git.run("push", "--quiet", "--atomic", "--", self._options.remote, f"{commit}:{self._branch}")
        self._git.run("update-ref", self._branch, commit)

    def _tidy(self) -> None:
        """Join small packs into larger ones, each at least twice the one before, so that the cost follows the change.

        It comes after a push that failed as well: a forge may be away for months. What cannot be done now is done another time.
        """
        packs = sum(1 for _ in self._repository.glob("objects/pack/*.pack"))
        if packs > _PACKS:
            with suppress(MirrorError):
                self._git.call("repack", "-d", "--geometric=2", "--quiet", within=_TIDYING)

    # Our repository

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Have our repository to ourselves.

        A killed Pappus may have left a git at work, which inherited the lock: wait for it. What is locked after that is so for ever.

        Raises:
            MirrorError: it is still at work after the time limit.
        """
        self._workspace.mkdir(parents=True, exist_ok=True)
        handle = os.open(self._workspace / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            while not _lock(handle):
                if self._git.left < 0:
                    raise MirrorError(self._options.name, "another git is at work on this mirror", "stop it")
                time.sleep(0.05)
            self._git.held = (handle,)
            if not self._repository.exists():
                self._init(self._repository)
            for pattern in _LEFTOVERS:
                for path in self._repository.glob(pattern):
                    path.unlink()
            yield
        finally:
            self._git.held = ()
            os.close(handle)

    def _init(self, repository: Path) -> None:
        """Make an empty repository, whole or not at all."""
        fresh = repository.with_name(f".{repository.name}.new")
        shutil.rmtree(fresh, ignore_errors=True)
        self._git.run(
            "init", "--quiet", "--bare", "--template=", f"--initial-branch={self._options.branch}", str(fresh)
        )
        fresh.rename(repository)

    # The remote

    def _remote_is_missing(self) -> bool:
        """Whether the remote is a folder of this machine that is not there yet."""
        return Path(self._options.remote).is_absolute() and not os.path.lexists(self._options.remote)

    def _remote_head(self) -> str:
        if self._remote_is_missing():
            return ""
        for line in self._git.run("ls-remote", "--", self._options.remote, self._branch).splitlines():
            commit, _, name = line.partition("\t")
            if name == self._branch:  # others may end like it
                return commit
        return ""

    def _adopt(self, ours: str, theirs: str, *, mend: bool) -> str:
        """Return the commit to go on from, given a remote that is not where our branch is.

        A commit that we have is one that we made, for nothing is fetched but into an empty repository.
        """
        if not ours and mend:
            self._git.run("fetch", "--quiet", "--no-tags", "--", self._options.remote, self._branch)
        if not self._has(theirs) or self._binding(theirs) is None:
            raise self._foreign(theirs)
        if ours and self._is_ancestor(theirs, ours):
            return ours  # rewound: the next push brings it forward
        if ours and not self._is_ancestor(ours, theirs):
            raise self._foreign(theirs)
        if mend:
            self._git.run("update-ref", self._branch, theirs)
        return theirs

    def _foreign(self, commit: str) -> ForeignError:
        return ForeignError(
            self._options.name,
            f"the branch {self._options.branch!r} has commits that are not ours ({commit[:12]})",
            "remove them, or give the mirror a branch of its own",
        )

    def _is_ancestor(self, one: str, other: str) -> bool:
        return self._git.call("merge-base", "--is-ancestor", one, other).returncode == 0

    # Objects

    def _import(self, plan: Plan, parent: str, read: Callable[[Entry], bytes]) -> None:
        def write(out: IO[bytes]) -> None:
            self._stream(out, plan, parent, read)

        self._git.pour("fast-import", "--quiet", "--done", "--force", write=write)

    def _stream(self, out: IO[bytes], plan: Plan, parent: str, read: Callable[[Entry], bytes]) -> None:
        message = _message(plan).encode()
        who = f"{AUTHOR_NAME} <{AUTHOR_EMAIL}> {hour(self._clock())}"
        out.write(f"commit {_NEXT}\ncommitter {who}\ndata {len(message)}\n".encode() + message + b"\n")
        if parent:
            out.write(f"from {parent}\n".encode())
        if plan.base is None:
            out.write(b"deleteall\n")
        for entry in plan.puts:
            data = read(entry)
            out.write(f"M 100644 inline {checked(entry.path)}\ndata {len(data)}\n".encode() + data + b"\n")
        for path in plan.deletions:
            out.write(f"D {checked(path)}\n".encode())
        out.write(b"done\n")
        out.flush()

    def _binding(self, commit: str) -> Binding | None:
        if not commit:
            return None
        done = self._git.call("cat-file", "blob", f"{commit}:{MIRROR_JSON}")
        try:
            return load(done.stdout) if done.returncode == 0 else None
        except MirrorError:
            return None

    def _resolve(self, name: str) -> str:
        done = self._git.call("rev-parse", "--verify", "--quiet", name)
        return done.stdout.decode().strip() if done.returncode == 0 else ""

    def _tree(self, commit: str) -> str:
        return self._git.run("rev-parse", f"{commit}^{{tree}}")

    def _has(self, commit: str) -> bool:
        return self._git.call("cat-file", "-e", f"{commit}^{{commit}}").returncode == 0


def _lock(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _message(plan: Plan) -> str:
    pages = sum(1 for entry in plan.puts if is_page(entry.path))
    return (
        f"Publish version {plan.target.number}: {pages} pages, {len(plan.puts) - pages} other files,"
        f" {len(plan.deletions)} deletions\n"
    )
