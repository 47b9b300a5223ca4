"""A branch of a git repository, at any address that git can push to.

Objects are written straight into a bare repository of the mirror's own (``git fast-import``, no work tree), whose cost follows the
change; the branch is pushed atomically. What the mirror holds is read from its own tree, so no second record can disagree.
Rules kept: fixed author at an ``.invalid`` address, UTC, times rounded to the hour, no configuration of the user's, no text from
outside in a commit message (rules 9 and 12).
"""

from __future__ import annotations

import base64
import fcntl
import os
import shlex
import shutil
import signal
import subprocess
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING

from pappus.errors import MirrorError
from pappus.layout import MIRROR_JSON, is_page
from pappus.mirrors.binding import Binding, load
from pappus.mirrors.paths import checked
from pappus.mirrors.plan import MirrorState

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from pappus.mirrors.options import MirrorOptions
    from pappus.model import Entry, Plan

_AUTHOR = "Pappus <pappus@mirror.invalid>"
_NEXT = "refs/pappus/next"  # what is being pushed
_LEFTOVERS = (
    "*.lock",
    "refs/**/*.lock",
    "objects/*.lock",
    "objects/pack/tmp_*",
    "fast_import_crash_*",
)  # of a killed git


class Git:
    """A mirror in a git branch."""

    def __init__(self, options: MirrorOptions, clock: Callable[[], datetime]) -> None:
        if not options.remote:
            raise MirrorError(options.name, "a git mirror needs a remote")
        self._options = options
        self._workspace = options.workspace.resolve()
        self._repository = self._workspace / "objects.git"
        self._branch = f"refs/heads/{options.branch}"
        self._clock = clock
        self._deadline = time.monotonic() + options.timeout
        self._held: tuple[int, ...] = ()  # the handle of our lock, which git inherits

    def state(self) -> MirrorState:
        """Compare our branch with the remote's, and adopt what a killed publish had pushed already."""
        self._deadline = time.monotonic() + self._options.timeout
        if self._options.token is None:
            raise MirrorError(
                self._options.name, "its access token is missing", "set the environment variable that token_env names"
            )
        if not self._repository.exists() and not self._remote_head():
            return MirrorState()
        with self._alone():
            ours, theirs = self._resolve(self._branch), self._remote_head()
            if theirs and theirs != ours:
                ours = self._adopt(ours, theirs)
            base = self._binding(ours)
        return MirrorState(shown=base if theirs and ours == theirs else None, base=base)

    def apply(self, plan: Plan, read: Callable[[Entry], bytes]) -> str:
        """Commit the plan on top of our branch, and push it."""
        with self._alone():
            parent = commit = self._resolve(self._branch)
            if plan.puts or plan.deletions:
                self._import(plan, parent, read)
                commit = self._resolve(_NEXT)
                if parent and self._tree(commit) == self._tree(parent):
                    commit = parent
            if self._remote_is_missing():
                self._init(Path(self._options.remote))
            self._run("push", "--quiet", "--atomic", "--", self._options.remote, f"{commit}:{self._branch}")
            self._run("update-ref", self._branch, commit)
            self._call("gc", "--auto", "--quiet")  # what it cannot do now it does another time
        return commit

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
                if time.monotonic() > self._deadline:
                    raise MirrorError(self._options.name, "another git is at work on this mirror", "stop it")
                time.sleep(0.05)
            self._held = (handle,)
            if not self._repository.exists():
                self._init(self._repository)
            for pattern in _LEFTOVERS:
                for path in self._repository.glob(pattern):
                    path.unlink()
            yield
        finally:
            self._held = ()
            os.close(handle)

    def _init(self, repository: Path) -> None:
        """Make an empty repository, whole or not at all."""
        fresh = repository.with_name(f".{repository.name}.new")
        shutil.rmtree(fresh, ignore_errors=True)
        self._run("init", "--quiet", "--bare", "--template=", f"--initial-branch={self._options.branch}", str(fresh))
        fresh.rename(repository)

    # The remote

    def _remote_is_missing(self) -> bool:
        """Whether the remote is a folder of this machine that is not there yet."""
        return Path(self._options.remote).is_absolute() and not os.path.lexists(self._options.remote)

    def _remote_head(self) -> str:
        if self._remote_is_missing():
            return ""
        for line in self._run("ls-remote", "--", self._options.remote, self._branch).splitlines():
            commit, _, name = line.partition("\t")
            if name == self._branch:  # others may end like it
                return commit
        return ""

    def _adopt(self, ours: str, theirs: str) -> str:
        """Return the commit to go on from, given a remote that is not where our branch is.

        A commit that we have is one that we made, for nothing is fetched but into an empty repository.
        """
        if not ours:
            self._run("fetch", "--quiet", "--no-tags", "--", self._options.remote, self._branch)
        if not self._has(theirs) or self._binding(theirs) is None:
            raise self._foreign(theirs)
        if ours and self._is_ancestor(theirs, ours):
            return ours  # rewound: the next push brings it forward
        if ours and not self._is_ancestor(ours, theirs):
            raise self._foreign(theirs)
        self._run("update-ref", self._branch, theirs)
        return theirs

    def _foreign(self, commit: str) -> MirrorError:
        return MirrorError(
            self._options.name,
            f"the branch {self._options.branch!r} has commits that are not ours ({commit[:12]})",
            "remove them, or give the mirror a branch of its own",
        )

    def _is_ancestor(self, one: str, other: str) -> bool:
        return self._call("merge-base", "--is-ancestor", one, other).returncode == 0

    # Objects

    def _import(self, plan: Plan, parent: str, read: Callable[[Entry], bytes]) -> None:
        process = self._start("fast-import", "--quiet", "--done", "--force", stdin=subprocess.PIPE)
        assert process.stdin is not None  # noqa: S101  # it was asked for
        try:
            with suppress(BrokenPipeError):  # git says why
                self._stream(process.stdin, plan, parent, read)
        except BaseException:
            _end(process)
            raise
        done = self._finish(process)
        if done.returncode != 0:
            raise self._failed(done)

    def _stream(self, out: IO[bytes], plan: Plan, parent: str, read: Callable[[Entry], bytes]) -> None:
        message = _message(plan).encode()
        when = int(self._clock().timestamp()) // 3600 * 3600
        out.write(f"commit {_NEXT}\ncommitter {_AUTHOR} {when} +0000\ndata {len(message)}\n".encode() + message + b"\n")
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
        done = self._call("cat-file", "blob", f"{commit}:{MIRROR_JSON}")
        try:
            return load(done.stdout) if done.returncode == 0 else None
        except MirrorError:
            return None

    def _resolve(self, name: str) -> str:
        done = self._call("rev-parse", "--verify", "--quiet", name)
        return done.stdout.decode().strip() if done.returncode == 0 else ""

    def _tree(self, commit: str) -> str:
        return self._run("rev-parse", f"{commit}^{{tree}}")

    def _has(self, commit: str) -> bool:
        return self._call("cat-file", "-e", f"{commit}^{{commit}}").returncode == 0

    # The program

    def _run(self, *arguments: str) -> str:
        done = self._call(*arguments)
        if done.returncode != 0:
            raise self._failed(done)
        return done.stdout.decode("utf-8", "replace").strip()

    def _call(self, *arguments: str) -> subprocess.CompletedProcess[bytes]:
        return self._finish(self._start(*arguments, stdin=subprocess.DEVNULL))

    def _start(self, *arguments: str, stdin: int) -> subprocess.Popen[bytes]:
        """Start git, with helpers of its own in one group, out of reach of a ^C that asks us to stop after this run."""
        environ = environment(self._workspace, self._options) | {"GIT_DIR": str(self._repository)}
        try:
            return subprocess.Popen(
                ["git", *arguments],
                cwd="/",
                env=environ,
                stdin=stdin,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                pass_fds=self._held,
                start_new_session=True,
            )
        except FileNotFoundError as error:
            raise MirrorError(self._options.name, "git is not installed", "install git") from error

    def _finish(self, process: subprocess.Popen[bytes]) -> subprocess.CompletedProcess[bytes]:
        try:
            out, said = process.communicate(timeout=max(1.0, self._deadline - time.monotonic()))
        except BaseException as error:
            _end(process)
            if not isinstance(error, subprocess.TimeoutExpired):
                raise
            raise MirrorError(
                self._options.name, f"git {_verb(process)} was not done after {self._options.timeout:.0f} s"
            ) from error
        return subprocess.CompletedProcess(process.args, process.returncode, out, said)

    def _failed(self, done: subprocess.CompletedProcess[bytes]) -> MirrorError:
        return MirrorError(self._options.name, f"git {_verb(done)} failed: {reason(done.stderr)}")


def _lock(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kill a git and its helpers, which would wait for a dead server for ever."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


def _verb(process: subprocess.Popen[bytes] | subprocess.CompletedProcess[bytes]) -> str:
    return str(process.args[1])  # type: ignore[index]  # a list, as we gave it


def environment(home: Path, options: MirrorOptions | None = None) -> dict[str, str]:
    """Return the environment for git: nothing of the user's configuration, UTC, no hook, never a question.

    A token goes in by environment, not by argument, for arguments can be seen by every user of the machine. With a token no redirect
    is followed: git would give it to whoever it is sent to.
    """
    settings = {
        "core.quotePath": "false",
        "core.fsync": "committed",
        "fastimport.unpackLimit": "1",  # what comes in a pack stays in one: pushing it costs half
        "core.fsmonitor": "false",
        "core.hooksPath": os.devnull,
        "commit.gpgSign": "false",
        "gc.autoDetach": "false",
        "fetch.writeFetchHEAD": "false",
        "http.lowSpeedLimit": "1000",  # bytes a second
        "http.lowSpeedTime": "60",  # seconds
    }
    ssh = ["ssh", "-o", "BatchMode=yes"]
    if options is not None and options.token:
        credentials = base64.b64encode(f"pappus:{options.token}".encode()).decode()
        settings["http.extraHeader"] = f"Authorization: Basic {credentials}"
        settings["http.followRedirects"] = "false"
    if options is not None and options.ssh_key is not None:
        ssh += ["-o", "IdentitiesOnly=yes", "-i", str(options.ssh_key)]
    variables = {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(home),
        "LC_ALL": "C",
        "TZ": "UTC",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_LITERAL_PATHSPECS": "1",
        "GIT_SSH_COMMAND": shlex.join(ssh),
        "GIT_CONFIG_COUNT": str(len(settings)),
    }
    for number, (key, value) in enumerate(settings.items()):
        variables[f"GIT_CONFIG_KEY_{number}"] = key
        variables[f"GIT_CONFIG_VALUE_{number}"] = value
    if "SSH_AUTH_SOCK" in os.environ:
        variables["SSH_AUTH_SOCK"] = os.environ["SSH_AUTH_SOCK"]
    return variables


def _message(plan: Plan) -> str:
    pages = sum(1 for entry in plan.puts if is_page(entry.path))
    return (
        f"Publish version {plan.target.number}: {pages} pages, {len(plan.puts) - pages} other files,"
        f" {len(plan.deletions)} deletions\n"
    )


def reason(said: bytes) -> str:
    """Return what git complains of, without its advice to those who type its commands."""
    lines = said.decode("utf-8", "replace").splitlines()
    told = " ".join(line.strip() for line in lines if line.strip() and not line.startswith(("hint:", "To ")))
    return told[:300] or "it said nothing"
