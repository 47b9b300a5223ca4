"""Locks between mirrors, processes, and the programs that a killed Pappus leaves at work."""

from __future__ import annotations

import fcntl
import os
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType


class Lock:
    """A file that is locked, for one or for several at once.

    A program that is given ``handle`` holds the lock too, so that whoever comes after a killed Pappus waits until that has ended.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self.handle)

    def alone(self) -> bool:
        """Have it alone, if nobody else has it now. Where somebody has, a share in it that we had is lost."""
        return self._taken(fcntl.LOCK_EX)

    def share(self) -> bool:
        """Have it with others, if nobody has it alone now."""
        return self._taken(fcntl.LOCK_SH)

    def _taken(self, how: int) -> bool:
        try:
            fcntl.flock(self.handle, how | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
