"""Servers and clients that are closed after the test."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

import pytest
from fetch_wire import LOOPBACK, Answer, Clock, Memory, Server, refuse_all_but_public

from pappus.fetch import FetchOptions
from pappus.fetch.client import Client

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from aiohttp.abc import AbstractResolver


@pytest.fixture
async def serve() -> AsyncIterator[Callable[..., Awaitable[Server]]]:
    async with contextlib.AsyncExitStack() as stack:

        async def start(routes: dict[str, Answer] | None = None, host: str = LOOPBACK, port: int = 0) -> Server:
            server = Server(host, routes if routes is not None else {})
            listening = await asyncio.start_server(server.talk, host, port)
            stack.callback(listening.close)
            server.port = listening.sockets[0].getsockname()[1]
            return server

        yield start


@pytest.fixture
def naps() -> list[float]:
    """How long the client wanted to sleep, each time."""
    return []


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def memory() -> Memory:
    return Memory()


@pytest.fixture
async def make(naps: list[float], clock: Clock, memory: Memory) -> AsyncIterator[Callable[..., Awaitable[Client]]]:
    """Make a client that naps without losing time."""

    async def nap(seconds: float) -> None:
        naps.append(seconds)
        await asyncio.sleep(0)

    async with contextlib.AsyncExitStack() as stack:

        async def start(
            *,
            resolver: AbstractResolver | None = None,
            refuse: Callable[[str], str] = refuse_all_but_public,
            **options: object,
        ) -> Client:
            client = Client(FetchOptions(**options), memory, clock=clock, resolver=resolver, sleep=nap, refuse=refuse)
            return await stack.enter_async_context(client)

        yield start


@pytest.fixture
async def client(make: Callable[..., Awaitable[Client]]) -> Client:
    return await make()
