"""A branch of a git repository, at any address that git can push to.

Objects are written straight into a bare repository of the mirror's own (``git fast-import``, no work tree), whose cost follows the
change; the branch is pushed atomically. What the mirror holds is read from its own tree, so no second record can disagree.
Rules kept: fixed author at an ``.invalid`` address, UTC, times rounded to the hour, no configuration of the user's, no text from
outside in a commit message (rules 9 and 12).
"""

from __future__ import annotations

import base64
import os
import shlex
import subprocess
import time
from typing import IO, TYPE_CHECKING

from pappus.errors import MirrorError
from pappus.mirrors.binding import MIRROR_JSON, Binding, load
from pappus.mirrors.paths import checked
from pappus.mirrors.plan import MirrorState
from pappus.model import is_page

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

    from pappus.mirrors.options import MirrorOptions
    from pappus.model import Entry, Plan

_AUTHOR = "Pappus <pappus@mirror.invalid>"
_NEXT = "refs/pappus/next"  # what is being pushed


class Git:
    """A mirror in a git branch."""

    def __init__(self, options: MirrorOptions, clock: Callable[[], datetime]) -> None:
        if not options.remote:
            raise MirrorError(options.name, "a git mirror needs a remote")
        self._options = options
        self._repository = options.workspace / "objects.git"
        self._branch = f"refs/heads/{options.branch}"
        self._clock = clock
        self._deadline = time.monotonic() + options.timeout

    def state(self) -> MirrorState:
        """Compare our branch with the remote's, and adopt what a killed publish had pushed already."""
        self._deadline = time.monotonic() + self._options.timeout
        self._prepare()
        ours, theirs = self._resolve(self._branch), self._remote_head()
        if theirs and theirs != ours:
            ours = self._adopt(ours, theirs)
        base = self._binding(ours)
        return MirrorState(shown=base if theirs and ours == theirs else None, base=base)

    def apply(self, plan: Plan, read: Callable[[Entry], bytes]) -> str:
        """Commit the plan on top of our branch, and push it."""
        parent = self._resolve(self._branch)
        if plan.puts or plan.deletions:
            self._import(plan, parent, read)
            commit = self._resolve(_NEXT)
            if parent and self._tree(commit) == self._tree(parent):
                commit = parent
        else:
            commit = parent
        if self._remote_is_missing():
            self._run("init", "--quiet", "--bare", f"--initial-branch={self._options.branch}", self._options.remote)
        self._run("push", "--quiet", "--atomic", self._options.remote, f"{commit}:{self._branch}")
        self._run("update-ref", self._branch, commit)
        self._run("gc", "--auto", "--quiet")
        return commit

    # The remote

    def _prepare(self) -> None:
        if not (self._repository / "HEAD").exists():
            self._repository.mkdir(parents=True, exist_ok=True)
            self._run("init", "--quiet", "--bare")

    def _remote_is_missing(self) -> bool:
        """Whether the remote is a folder of this machine that is not there yet."""
        remote = self._options.remote
        return ":" not in remote and not os.path.lexists(remote)

    def _remote_head(self) -> str:
        if self._remote_is_missing():
            return ""
        line = self._run("ls-remote", self._options.remote, self._branch)
        return line.split()[0] if line else ""

    def _adopt(self, ours: str, theirs: str) -> str:
        """Return the commit to go on from, given a remote that is not where our branch is."""
        if not self._has(theirs):
            self._run("fetch", "--quiet", "--no-tags", self._options.remote, theirs)
        if ours and self._is_ancestor(theirs, ours):
            return ours  # rewound: the next push brings it forward
        if self._resolve(_NEXT) == theirs or not ours:
            if self._binding(theirs) is None:
                raise self._foreign(theirs)
            self._run("update-ref", self._branch, theirs)
            return theirs
        raise self._foreign(theirs)

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
        process = subprocess.Popen(
            ["git", "fast-import", "--quiet", "--done", "--force"],
            cwd=self._repository,
            env=self._environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        assert process.stdin is not None  # noqa: S101  # it was asked for
        assert process.stderr is not None  # noqa: S101
        try:
            self._stream(process.stdin, plan, parent, read)
        except BrokenPipeError:
            pass  # git says why, below
        except BaseException:
            process.kill()
            process.wait()
            raise
        try:
            _, said = process.communicate(timeout=self._left())
        except subprocess.TimeoutExpired as error:
            process.kill()
            process.wait()
            raise MirrorError(self._options.name, "git fast-import took too long") from error
        if process.returncode != 0:
            raise MirrorError(self._options.name, f"git fast-import failed: {_last_line(said)}")

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
            raise MirrorError(self._options.name, f"git {arguments[0]} failed: {_last_line(done.stderr)}")
        return done.stdout.decode("utf-8", "replace").strip()

    def _call(self, *arguments: str) -> subprocess.CompletedProcess[bytes]:
        try:
            return subprocess.run(
                ["git", *arguments],
                cwd=self._repository,
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=self._left(),
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise MirrorError(
                self._options.name, f"git {arguments[0]} took more than {self._options.timeout:.0f} s"
            ) from error
        except FileNotFoundError as error:
            raise MirrorError(self._options.name, "git is not installed", "install git") from error

    def _left(self) -> float:
        return max(1.0, self._deadline - time.monotonic())

    def _environment(self) -> dict[str, str]:
        return environment(self._repository, token=self._options.token, ssh_key=self._options.ssh_key)


def environment(home: Path, *, token: str = "", ssh_key: Path | None = None) -> dict[str, str]:
    """Return the environment for git: nothing of the user's configuration, UTC, never a question.

    A token goes in by environment, not by argument: arguments can be seen by every user of the machine.
    """
    settings = {
        "core.quotePath": "false",
        "core.fsync": "committed",
        "gc.autoDetach": "false",
        "fetch.writeFetchHEAD": "false",
    }
    if token:
        credentials = base64.b64encode(f"pappus:{token}".encode()).decode()
        settings["http.extraHeader"] = f"Authorization: Basic {credentials}"
    variables = {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(home),
        "LC_ALL": "C",
        "TZ": "UTC",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_CONFIG_COUNT": str(len(settings)),
    }
    for number, (key, value) in enumerate(settings.items()):
        variables[f"GIT_CONFIG_KEY_{number}"] = key
        variables[f"GIT_CONFIG_VALUE_{number}"] = value
    ssh = ["ssh", "-o", "BatchMode=yes"]
    if ssh_key is not None:
        ssh += ["-o", "IdentitiesOnly=yes", "-i", str(ssh_key)]
    variables["GIT_SSH_COMMAND"] = shlex.join(ssh)
    if "SSH_AUTH_SOCK" in os.environ:
        variables["SSH_AUTH_SOCK"] = os.environ["SSH_AUTH_SOCK"]
    return variables


def _message(plan: Plan) -> str:
    pages = sum(1 for entry in plan.puts if is_page(entry.path))
    return (
        f"Publish version {plan.target.number}: {pages} pages, {len(plan.puts) - pages} other files,"
        f" {len(plan.deletions)} deletions\n"
    )


def _last_line(said: bytes) -> str:
    lines = said.decode("utf-8", "replace").strip().splitlines()
    return lines[-1][:300] if lines else "it said nothing"
