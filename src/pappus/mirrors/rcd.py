"""rclone at work: one daemon for a publish, told what to do over loopback, with a time limit and its complaints in one line.

Nothing of the user's configuration is in it but what is named; the secret of its interface goes in by environment, not by argument,
and what it is told (addresses, perhaps with passwords) by neither. It ends when we do, however we end.
"""

from __future__ import annotations

import base64
import http.client
import json
import os
import re
import secrets
import shutil
import signal
import subprocess
import threading
import time
from collections import deque
from contextlib import contextmanager, suppress
from typing import IO, TYPE_CHECKING, Any

from pappus.errors import MirrorError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

_SUPERVISED = 'rclone rcd & read -r _; kill -9 "$!"; wait'  # its input ends with us, even when we are killed
_SERVING = re.compile(r"Serving remote control on http://127\.0\.0\.1:(\d+)/")
_START = 20.0  # seconds for rclone to come up
_FINAL = re.compile(  # what another try, a little later, will not mend; a word is one by itself, and not part of a path, a host or a port
    r"(?<![\w.:/-])(?:40[13]|unknown)(?![\w/-]|\.\w)"
    r"|config value|couldn't decrypt|didn't find|failed to parse|key_file|permission denied|unable to authenticate",
    re.IGNORECASE,
)


class RefusalError(Exception):
    """What rclone could not do; the adapter makes do, or tells it as a MirrorError.

    Args:
        reason: in rclone's words.
        missing: whether it is that something is not there.
    """

    def __init__(self, reason: str, *, missing: bool) -> None:
        super().__init__(reason)
        self.reason = reason
        self.missing = missing


class Daemon:
    """A running ``rclone rcd``. Calls may come from several threads."""

    def __init__(self, subject: str, port: int, password: str, deadline: float) -> None:
        self._subject = subject
        self._port = port
        self._deadline = deadline
        self._own = threading.local()
        credentials = base64.b64encode(f"pappus:{password}".encode()).decode()
        self._headers = {"Authorization": f"Basic {credentials}", "Content-Type": "application/json"}

    def call(self, command: str, **parameters: Any) -> dict[str, Any]:
        """Return rclone's answer to a command of its remote control.

        Raises:
            RefusalError: it could not do it.
            MirrorError: it was not done in time, or rclone is gone.
        """
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise _late(self._subject)
        connection = self._connection(left)
        try:
            connection.request("POST", f"/{command}", json.dumps(parameters), self._headers)
            answer = connection.getresponse()
            fields: dict[str, Any] = json.loads(answer.read())
        except TimeoutError as error:
            raise _late(self._subject) from error
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise MirrorError(self._subject, "rclone ended in the middle of its work", retry=True) from error
        if answer.status == http.HTTPStatus.OK:
            return fields
        raise RefusalError(str(fields.get("error", "")), missing=answer.status == http.HTTPStatus.NOT_FOUND)

    def _connection(self, left: float) -> http.client.HTTPConnection:
        """Return this thread's own connection, for so many seconds."""
        connection: http.client.HTTPConnection | None = getattr(self._own, "connection", None)
        if connection is None:
            connection = self._own.connection = http.client.HTTPConnection("127.0.0.1", self._port)
        connection.timeout = left
        if connection.sock is not None:
            connection.sock.settimeout(left)
        return connection


@contextmanager
def daemon(
    subject: str, variables: Mapping[str, str], timeout: float, *, held: tuple[int, ...] = ()
) -> Iterator[Daemon]:
    """Start rclone for a while.

    Args:
        subject: what errors are about: the mirror's name.
        variables: its environment, see :func:`environment`.
        timeout: seconds for all that is done meanwhile.
        held: handles that it inherits: of the lock.

    Raises:
        MirrorError: it is not installed, or does not come up, or not in time.
    """
    deadline = time.monotonic() + timeout
    if shutil.which("rclone", path=variables["PATH"]) is None:
        raise MirrorError(subject, "rclone is not installed", "install rclone")
    password = secrets.token_urlsafe(24)
    process = subprocess.Popen(
        ["/bin/sh", "-c", _SUPERVISED],
        env={**variables, "RCLONE_RC_ADDR": "127.0.0.1:0", "RCLONE_RC_USER": "pappus", "RCLONE_RC_PASS": password},
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        pass_fds=held,
        start_new_session=True,  # out of reach of a ^C that asks us to stop after this run
    )
    assert process.stderr is not None  # noqa: S101  # it was asked for
    listener = _Listener(process.stderr)
    try:
        port = listener.port(min(_START, timeout))
        if port is None and time.monotonic() >= deadline:
            raise _late(subject)
        if port is None:
            raise MirrorError(subject, f"rclone does not start: {listener.said()}", retry=True)
        yield Daemon(subject, port, password, deadline)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        listener.join()
        for pipe in (process.stdin, process.stderr):
            if pipe is not None:
                pipe.close()


def _late(subject: str) -> MirrorError:
    return MirrorError(subject, "rclone was not done in time", "it goes on where it was", retry=True)


class _Listener(threading.Thread):
    """Reads what rclone says, which would wait for us otherwise; keeps the port, and the last few lines."""

    def __init__(self, pipe: IO[bytes]) -> None:
        super().__init__(daemon=True)
        self._pipe = pipe
        self._last: deque[str] = deque(maxlen=3)
        self._port: int | None = None
        self._known = threading.Event()
        self.start()

    def run(self) -> None:
        for line in self._pipe:
            text = line.decode("utf-8", "replace").strip()
            self._last.append(text)
            if found := _SERVING.search(text):
                self._port = int(found[1])
                self._known.set()
        self._known.set()

    def port(self, within: float) -> int | None:
        """Return where rclone listens, None where it does not."""
        self._known.wait(within)
        return self._port

    def said(self) -> str:
        """Return what it said last."""
        return " ".join(self._last)[:300] or "it said nothing"


def told(subject: str, refusal: RefusalError, remote: str) -> MirrorError:
    """Return what to tell of a refusal, without the remote, which may have a password in it."""
    reason = refusal.reason
    for form in (remote, json.dumps(remote)[1:-1]):
        reason = reason.replace(form, "the remote")
    reason = reason[:300] or "it does not say why"
    return MirrorError(subject, f"rclone failed: {reason}", retry=_FINAL.search(reason) is None)


def environment(home: Path, config: Path | None) -> dict[str, str]:
    """Return the environment for rclone: no configuration of the user's but what is named, UTC, few retries, no questions.

    Remotes may be configured by variables as well (``RCLONE_CONFIG_<NAME>_<KEY>``), the place for secrets where there is no file.
    """
    variables = {
        "RCLONE_B2_HARD_DELETE": "true",  # what goes is gone, not hidden or in a bin
        "RCLONE_DRIVE_USE_TRASH": "false",
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(home),
        "LC_ALL": "C",
        "TZ": "UTC",
        "RCLONE_CONFIG": os.devnull if config is None else str(config),
        "RCLONE_ASK_PASSWORD": "false",
        "RCLONE_CACHE_DIR": str(home / "cache"),
        "RCLONE_CONTIMEOUT": "15s",
        "RCLONE_TIMEOUT": "60s",  # without a byte
        "RCLONE_LOW_LEVEL_RETRIES": "3",
        "RCLONE_LOG_LEVEL": "NOTICE",
        "RCLONE_SFTP_DISABLE_HASHCHECK": "true",  # a program run for each file
        "RCLONE_SFTP_SET_MODTIME": "false",
        "RCLONE_SFTP_SHELL_TYPE": "none",
    }
    passed = {key: value for key, value in os.environ.items() if key.startswith("RCLONE_CONFIG_")}
    if "SSH_AUTH_SOCK" in os.environ:
        passed["SSH_AUTH_SOCK"] = os.environ["SSH_AUTH_SOCK"]
    return passed | variables
