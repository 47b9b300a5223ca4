"""The time that a request may take."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from pappus.errors import LimitError
from pappus.fetch.faults import short

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable


class Deadline:
    """Seconds that a request may take with all its redirects; the waits for a turn of our own do not count."""

    def __init__(self, url: str, seconds: float) -> None:
        self._url = url
        self._seconds = seconds
        self._left = seconds
        self._timer = asyncio.timeout(None)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Let time pass.

        Raises:
            LimitError: it is over.
        """
        loop = asyncio.get_running_loop()
        end = loop.time() + self._left
        self._timer = asyncio.timeout_at(end)
        try:
            async with self._timer:
                yield
        except TimeoutError as error:
            raise LimitError(short(self._url), f"took longer than {self._seconds:g} s") from error
        self._left = max(0.0, (self._timer.when() or end) - loop.time())

    async def paused(self, waiting: Awaitable[object]) -> None:
        """Await something on our side while the time stands still."""
        loop = asyncio.get_running_loop()
        left = (self._timer.when() or loop.time()) - loop.time()
        self._timer.reschedule(None)
        await waiting
        self._timer.reschedule(loop.time() + left)
