"""Turns: how many requests at once, in all and to one host, and how far apart."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

_HOSTS = 1024  # remembered without looking whether they still matter


class _Host(Struct):
    slots: asyncio.Semaphore
    users: int = 0  # waiting or asking
    next_start: float = 0.0  # seconds of the loop's clock


class Gate:
    """Lets requests through.

    Args:
        concurrency: at once in all.
        per_host: at once to one host.
        sleep: waits some seconds.
    """

    def __init__(self, concurrency: int, per_host: int, sleep: Callable[[float], Awaitable[None]]) -> None:
        self._all = asyncio.Semaphore(concurrency)
        self._per_host = per_host
        self._sleep = sleep
        self._hosts: dict[str, _Host] = {}

    @asynccontextmanager
    async def turn(self, name: str, delay: float) -> AsyncIterator[None]:
        """Wait for a turn at the host ``name``, ``delay`` seconds after the one before, and hold it.

        Who waits for a host takes no place from the others: the common limit is asked last.
        """
        host = self._host(name)
        host.users += 1
        try:
            async with host.slots:
                now = asyncio.get_running_loop().time()
                start = max(now, host.next_start)
                host.next_start = start + delay
                if start > now:
                    await self._sleep(start - now)
                async with self._all:
                    yield
        finally:
            host.users -= 1

    def _host(self, name: str) -> _Host:
        if name not in self._hosts:
            if len(self._hosts) >= _HOSTS:
                self._forget()
            self._hosts[name] = _Host(asyncio.Semaphore(self._per_host))
        return self._hosts[name]

    def _forget(self) -> None:
        now = asyncio.get_running_loop().time()
        idle = [name for name, host in self._hosts.items() if not host.users and host.next_start <= now]
        for name in idle:
            del self._hosts[name]
