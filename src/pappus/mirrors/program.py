"""git, run as a program: with nothing of the user's in it, with a time limit, and with its complaints in one line."""

from __future__ import annotations

import base64
import os
import shlex
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING

from pappus.errors import MirrorError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

AUTHOR_NAME = "Pappus"
AUTHOR_EMAIL = "pappus@mirror.invalid"


class Program:
    """git at work for one mirror.

    Args:
        subject: what errors are about: the mirror's name, or its folder.
        variables: its environment, see :func:`environment`.
        timeout: seconds for all calls together, counted from :meth:`restart`.
        folder: where it runs.
    """

    def __init__(self, subject: str, variables: Mapping[str, str], timeout: float, folder: Path = Path("/")) -> None:
        self._subject = subject
        self._variables = variables
        self._timeout = timeout
        self._folder = folder
        self._deadline = 0.0
        self.held: tuple[int, ...] = ()  # handles that git inherits: of the lock
        self.restart()

    def restart(self) -> None:
        """Count the time from now."""
        self._deadline = time.monotonic() + self._timeout

    @property
    def left(self) -> float:
        """Seconds that are left, negative where it is too late."""
        return self._deadline - time.monotonic()

    def run(self, *arguments: str, feed: bytes = b"") -> str:
        """Return what git says.

        Raises:
            MirrorError: it failed, was not done in time, or is not there.
        """
        done = self.call(*arguments, feed=feed)
        if done.returncode != 0:
            raise self._failed(done)
        return done.stdout.decode("utf-8", "replace").strip()

    def call(
        self, *arguments: str, feed: bytes = b"", within: float | None = None
    ) -> subprocess.CompletedProcess[bytes]:
        """Return what became of a git, whether it failed or not.

        Args:
            arguments: of git.
            feed: what it reads.
            within: seconds for this call, in place of what is left of all.

        Raises:
            MirrorError: it was not done in time, or is not there.
        """
        return self._finish(self._start(*arguments), feed, within)

    def pour(self, *arguments: str, write: Callable[[IO[bytes]], None]) -> None:
        """Have ``write`` feed git as it works.

        Raises:
            MirrorError: see :meth:`run`; and whatever ``write`` raises, with git killed.
        """
        process = self._start(*arguments)
        assert process.stdin is not None  # noqa: S101  # it was asked for
        try:
            with suppress(BrokenPipeError):  # git says why
                write(process.stdin)
        except BaseException:
            _end(process)
            raise
        done = self._finish(process, b"", None)
        if done.returncode != 0:
            raise self._failed(done)

    def _start(self, *arguments: str) -> subprocess.Popen[bytes]:
        """Start git, with helpers of its own in one group, out of reach of a ^C that asks us to stop after this run."""
        try:
            return subprocess.Popen(
                ["git", *arguments],
                cwd=self._folder,
                env=self._variables,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                pass_fds=self.held,
                start_new_session=True,
            )
        except FileNotFoundError as error:
            raise MirrorError(self._subject, "git is not installed", "install git") from error

    def _finish(
        self, process: subprocess.Popen[bytes], feed: bytes, within: float | None
    ) -> subprocess.CompletedProcess[bytes]:
        try:
            out, said = process.communicate(feed, timeout=max(1.0, self.left) if within is None else within)
        except BaseException as error:
            _end(process)
            if not isinstance(error, subprocess.TimeoutExpired):
                raise
            limit = self._timeout if within is None else within
            raise MirrorError(self._subject, f"git {_verb(process)} was not done after {limit:.0f} s") from error
        return subprocess.CompletedProcess(process.args, process.returncode, out, said)

    def _failed(self, done: subprocess.CompletedProcess[bytes]) -> MirrorError:
        return MirrorError(self._subject, f"git {_verb(done)} failed: {_reason(done.stderr)}")


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kill a git and its helpers, which would wait for a dead server for ever."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


def _verb(process: subprocess.Popen[bytes] | subprocess.CompletedProcess[bytes]) -> str:
    return str(process.args[1])  # type: ignore[index]  # a list, as we gave it


def _reason(said: bytes) -> str:
    """Return what git complains of, without its advice to those who type its commands."""
    lines = said.decode("utf-8", "replace").splitlines()
    told = " ".join(line.strip() for line in lines if line.strip() and not line.startswith(("hint:", "To ")))
    return told[:300] or "it said nothing"


def hour(moment: datetime) -> str:
    """Return a moment as git writes it, in UTC, and no more of it than the hour."""
    return f"{int(moment.timestamp()) // 3600 * 3600} +0000"


def environment(home: Path, *, token: str | None = None, ssh_key: Path | None = None) -> dict[str, str]:
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
        "fetch.writeFetchHEAD": "false",
        "http.lowSpeedLimit": "1000",  # bytes a second
        "http.lowSpeedTime": "60",  # seconds
    }
    ssh = ["ssh", "-o", "BatchMode=yes"]
    if token:
        credentials = base64.b64encode(f"pappus:{token}".encode()).decode()
        settings["http.extraHeader"] = f"Authorization: Basic {credentials}"
        settings["http.followRedirects"] = "false"
    if ssh_key is not None:
        ssh += ["-o", "IdentitiesOnly=yes", "-i", str(ssh_key)]
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
