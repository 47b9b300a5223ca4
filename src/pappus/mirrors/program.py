"""git, run as a program: with nothing of the user's in it, with a time limit, and with its complaints in one line."""

from __future__ import annotations

import base64
import os
import re
import shlex
import signal
import subprocess
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING

from pappus.errors import MirrorError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime

AUTHOR_NAME = "Pappus"
AUTHOR_EMAIL = "pappus@mirror.invalid"

_KEPT = 1 << 20  # bytes of what a git says; the rest is heard and forgotten, for a remote may talk without end
_COMPLAINT = 1 << 14  # bytes of it that are looked at where git failed
_TOLD = 300  # characters of it that are told
_ADVICE = ("hint:", "To ", "@", "Please make sure you have", "and the repository exists")

# Compiled where something failed, which is seldom.
_REFUSED = (
    r"(?<![a-z0-9./:@-])(denied|declined|rejected)(?![\w/-]|\.\w)"  # by themselves, and not as parts of a path or a host
    r"|authentication failed|could not read (username|password)|host key verification"
    r"|returned error: 4(?!08|29)\d\d|not found|does not appear to be"
)
_PASSING = (
    r"could not resolve|couldn't (connect|resolve)|failed to connect|connection (refused|reset|timed out|closed|was)"
    r"|timed out|too slow|hung up|early eof|unexpected disconnect|unexpected eof|bytes? of length header|empty reply"
    r"|broken pipe|unreachable|no route to host|temporary failure|transfer closed|(recv|send) failure"
    r"|returned error: (408|429|5\d\d)|error: 5\d\d|gnutls|openssl|ssl_"
)


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
        self.held: tuple[int, ...] = ()  # handles that git inherits: of locks
        self.restart()

    def restart(self) -> None:
        """Count the time from now."""
        self._deadline = time.monotonic() + self._timeout

    @property
    def left(self) -> float:
        """Seconds that are left, negative where it is too late."""
        return self._deadline - time.monotonic()

    def run(self, *arguments: str, feed: bytes = b"", within: float | None = None) -> str:
        """Return what git says, but for what goes beyond a mebibyte.

        Raises:
            MirrorError: it failed, was not done in time, or is not there.
        """
        done = self.call(*arguments, feed=feed, within=within)
        if done.returncode != 0:
            raise self._failed(done)
        return done.stdout.decode("utf-8", "replace").strip()

    def call(
        self,
        *arguments: str,
        feed: bytes = b"",
        within: float | None = None,
        into: Callable[[bytes], object] | None = None,
    ) -> subprocess.CompletedProcess[bytes]:
        """Return what became of a git, whether it failed or not.

        Args:
            arguments: of git.
            feed: what it reads.
            within: seconds for this call, in place of what is left of all.
            into: hears all that git says, piece by piece; without it, what goes beyond a mebibyte is forgotten.

        Raises:
            MirrorError: it was not done in time, or is not there.
        """
        return self._poured(arguments, lambda out: out.write(feed), within, into)

    def all(self, *arguments: str) -> bytes:
        """Return all that git says, however much it is: of a repository that lies here, not of a remote.

        Raises:
            MirrorError: see :meth:`run`.
        """
        heard = bytearray()
        self.hear(*arguments, into=heard.extend)
        return bytes(heard)

    def hear(self, *arguments: str, into: Callable[[bytes], object]) -> None:
        """Have ``into`` hear all that git says, piece by piece.

        Raises:
            MirrorError: see :meth:`run`.
        """
        done = self.call(*arguments, into=into)
        if done.returncode != 0:
            raise self._failed(done)

    def pour(self, *arguments: str, write: Callable[[IO[bytes]], object]) -> str:
        """Have ``write`` feed git as it works. Returns what it says.

        Raises:
            MirrorError: see :meth:`run`; and whatever ``write`` raises, with git killed.
        """
        done = self._poured(arguments, write, None)
        if done.returncode != 0:
            raise self._failed(done)
        return done.stdout.decode("utf-8", "replace").strip()

    def _poured(
        self,
        arguments: tuple[str, ...],
        write: Callable[[IO[bytes]], object],
        within: float | None,
        into: Callable[[bytes], object] | None = None,
    ) -> subprocess.CompletedProcess[bytes]:
        process = self._start(arguments)
        assert process.stdin is not None  # noqa: S101  # these were asked for
        assert process.stdout is not None  # noqa: S101
        assert process.stderr is not None  # noqa: S101
        ears = (_Ear(process.stdout, into), _Ear(process.stderr))
        try:
            with suppress(BrokenPipeError), process.stdin:  # git says why
                write(process.stdin)
            _wait(process, ears, max(1.0, self.left) if within is None else within)
        except BaseException as error:
            _end(process)
            if not isinstance(error, subprocess.TimeoutExpired):
                raise
            limit = self._timeout if within is None else within
            reason = f"git {_verb(process)} was not done after {limit:.0f} s"
            raise MirrorError(self._subject, reason, retry=True) from error
        out, said = (bytes(ear.heard) for ear in ears)
        return subprocess.CompletedProcess(process.args, process.returncode, out, said)

    def _start(self, arguments: tuple[str, ...]) -> subprocess.Popen[bytes]:
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

    def _failed(self, done: subprocess.CompletedProcess[bytes]) -> MirrorError:
        told = _complaint(done)
        passing = re.search(_PASSING, told, re.IGNORECASE) and not re.search(_REFUSED, told, re.IGNORECASE)
        reason = told if len(told) <= _TOLD else f"{told[: _TOLD // 2]} … {told[-_TOLD // 2 :]}"
        return MirrorError(self._subject, f"git {_verb(done)} failed: {reason}", retry=bool(passing))


class _Ear(threading.Thread):
    """Hears to its end what a git says, and keeps the beginning of it, or gives all of it to whoever wants it."""

    def __init__(self, pipe: IO[bytes], into: Callable[[bytes], object] | None = None) -> None:
        super().__init__(name="git", daemon=True)
        self.heard = bytearray()
        self._pipe = pipe
        self._into = into or self._keep
        self.start()

    def run(self) -> None:
        with self._pipe:
            while block := os.read(self._pipe.fileno(), 1 << 16):
                self._into(block)

    def _keep(self, block: bytes) -> None:
        self.heard += block[: _KEPT - len(self.heard)]


def _wait(process: subprocess.Popen[bytes], ears: Iterable[_Ear], limit: float) -> None:
    """Wait until a git, and whoever speaks for it, has ended.

    Raises:
        subprocess.TimeoutExpired: it was not done in time.
    """
    deadline = time.monotonic() + limit
    for ear in ears:
        ear.join(max(0.0, deadline - time.monotonic()))
        if ear.is_alive():
            raise subprocess.TimeoutExpired(process.args, limit)
    process.wait(max(0.1, deadline - time.monotonic()))


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kill a git and its helpers, which would wait for a dead server for ever."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _verb(process: subprocess.Popen[bytes] | subprocess.CompletedProcess[bytes]) -> str:
    return str(process.args[1])  # type: ignore[index]  # a list, as we gave it


def _complaint(done: subprocess.CompletedProcess[bytes]) -> str:
    """Return what git complains of, without its advice to those who type its commands."""
    lines = done.stderr[:_COMPLAINT].decode("utf-8", "replace").splitlines()
    told = " ".join(line.strip() for line in lines if line.strip() and not line.startswith(_ADVICE))
    if done.returncode < 0:
        told = f"it was ended by {signal.Signals(-done.returncode).name} {told}".rstrip()
    return told or "it said nothing"


def hour(moment: datetime) -> str:
    """Return a moment as git writes it, in UTC, and no more of it than the hour."""
    return f"{int(moment.timestamp()) // 3600 * 3600} +0000"


def environment(
    home: Path, *, token: str | None = None, ssh_key: Path | None = None, known_hosts: Path | None = None
) -> dict[str, str]:
    """Return the environment for git: nothing of the user's configuration, UTC, no hook, never a question.

    A token goes in by environment, not by argument, for arguments can be seen by every user of the machine. With a token no redirect
    is followed: git would give it to whoever it is sent to.

    Args:
        home: a folder of ours, in place of the user's.
        token: for http.
        ssh_key: for ssh, the private key's file.
        known_hosts: for ssh, the only file that is asked whether a server is the right one. Without it a server that neither the user
            nor we have met is believed the first time, and remembered in ``home``; one that has changed since is refused.
    """
    settings = {
        "core.quotePath": "false",
        "core.fsync": "committed,reference",
        "core.bigFileThreshold": "16m",  # what is larger is neither held in memory nor compared
        "core.fsmonitor": "false",
        "core.hooksPath": os.devnull,
        "commit.gpgSign": "false",
        "pack.compression": "1",  # most of what is put is packed already, or digests: the usual 6 costs a quarter more time for 2 %
        "fastimport.unpackLimit": "1",  # what comes in a pack stays in one: pushing it costs half
        "fetch.unpackLimit": "1",
        "fetch.fsckObjects": "true",
        "fetch.writeFetchHEAD": "false",
        "maintenance.auto": "false",  # we tidy ourselves, when nobody waits
        "http.lowSpeedLimit": "1000",  # bytes a second
        "http.lowSpeedTime": "60",  # seconds
    }
    if token:
        credentials = base64.b64encode(f"pappus:{token}".encode()).decode()
        settings["http.extraHeader"] = f"Authorization: Basic {credentials}"
        settings["http.followRedirects"] = "false"
    variables = {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(home),
        "LC_ALL": "C",
        "TZ": "UTC",
        "GIT_ALLOW_PROTOCOL": "file:http:https:ssh",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_DEFAULT_REF_FORMAT": "files",  # of what we make, whatever becomes the habit
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_LITERAL_PATHSPECS": "1",
        "GIT_SSH_COMMAND": shlex.join(_ssh(home, ssh_key, known_hosts)),
        "GIT_SSH_VARIANT": "ssh",
    }
    if "SSH_AUTH_SOCK" in os.environ:
        variables["SSH_AUTH_SOCK"] = os.environ["SSH_AUTH_SOCK"]
    return with_settings(variables, settings.items())


def with_settings(variables: dict[str, str], settings: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return git's environment with more settings."""
    count = int(variables.get("GIT_CONFIG_COUNT", 0))
    more: dict[str, str] = {}
    for key, value in settings:
        more |= {f"GIT_CONFIG_KEY_{count}": key, f"GIT_CONFIG_VALUE_{count}": value}
        count += 1
    return variables | more | {"GIT_CONFIG_COUNT": str(count)}


def _ssh(home: Path, key: Path | None, known_hosts: Path | None) -> list[str]:
    """Return the command that reaches a server by ssh: without the user's configuration, which may name the user or lend out the agent."""
    trusted = [known_hosts] if known_hosts else [home / "known_hosts", Path("~/.ssh/known_hosts")]
    told = {
        "BatchMode": "yes",
        "ConnectTimeout": "30",
        "ServerAliveInterval": "15",
        "StrictHostKeyChecking": "yes" if known_hosts else "accept-new",
        "UpdateHostKeys": "no",
        "UserKnownHostsFile": " ".join(f'"{str(path).replace("%", "%%")}"' for path in trusted),
    }
    if known_hosts:
        told["GlobalKnownHostsFile"] = os.devnull
    if key is not None:
        told["IdentitiesOnly"] = "yes"
    options = [part for name, value in told.items() for part in ("-o", f"{name}={value}")]
    return ["ssh", "-F", "none", *options, *(("-i", str(key)) if key is not None else ())]
