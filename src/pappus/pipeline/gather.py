"""gather: what channels announce becomes stored articles.

Sources run side by side, each at a desk of its own, so that a slow or broken one delays no other; nor for long what is built and published
of all of them, for each has so much time and no more.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any

from pappus.errors import SourceError
from pappus.fetch.client import Client
from pappus.model import NO_VALIDATORS
from pappus.pipeline.desk import Desk

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable
    from concurrent.futures import Executor

    from pappus.model import Fetched, Get, Kind, Validators
    from pappus.pipeline.newsroom import Newsroom, Source
    from pappus.pipeline.report import Report
    from pappus.store import Store

_WAITING = (
    32  # pieces of CPU work that may wait for a worker, each with what was fetched for it; then nothing more is fetched
)


async def _nothing() -> None:
    pass


async def gather(
    newsroom: Newsroom, store: Store, report: Report, beside: Callable[[], Awaitable[None]] = _nothing
) -> None:
    """Look at every channel and take over what is new or changed. What goes wrong is in the report; the rest goes on.

    Args:
        newsroom: its sources.
        store: where articles go.
        report: hears of it.
        beside: what may be done meanwhile; nobody waits for it.
    """
    executor = newsroom.executor()
    aside = asyncio.ensure_future(beside())
    try:
        async with Client(newsroom.fetch, store.leads, clock=newsroom.clock) as client, _together() as group:
            workshop = Workshop(executor)
            for source in newsroom.sources:
                get = workshop.paced(client.getter(source.policy))
                desk = Desk(source, get, workshop.run, newsroom=newsroom, store=store, report=report)
                group.create_task(_patiently(desk.work(), source, newsroom.patience, report))
        report.count("requests", client.requests)
    finally:
        aside.cancel()
        executor.shutdown(wait=True, cancel_futures=True)
        with suppress(asyncio.CancelledError):
            await aside


async def _patiently(work: Awaitable[None], source: Source, seconds: float, report: Report) -> None:
    """Await a source's work for so long. What is stored by then stays, and the next run goes on, as after a kill."""
    limit = asyncio.timeout(seconds)
    try:
        async with limit:
            await work
    except TimeoutError:
        if not limit.expired():
            raise
        reason = f"was not done in {seconds:,.0f} s"
        report.failed(source.name, source.name, SourceError(source.name, reason, "the next run goes on"))


class Workshop:
    """Passes CPU work to an executor, and keeps the network from running ahead of it: memory stays bounded."""

    def __init__(self, executor: Executor) -> None:
        self._executor = executor
        self._waiting = 0
        self._fewer = asyncio.Condition()

    async def run(self, function: Callable[..., Any], *arguments: object, **keywords: object) -> Any:
        """Call a function in a worker."""
        self._waiting += 1
        try:
            return await asyncio.wrap_future(self._executor.submit(function, *arguments, **keywords))
        finally:
            self._waiting -= 1
            async with self._fewer:
                self._fewer.notify_all()

    def paced(self, get: Get) -> Get:
        """Return a way to ask for URLs that waits while too much work waits."""

        async def ask(url: str, *, validators: Validators = NO_VALIDATORS, kind: Kind = "page") -> Fetched:
            async with self._fewer:
                await self._fewer.wait_for(lambda: self._waiting < _WAITING)
            return await get(url, validators=validators, kind=kind)

        return ask


@asynccontextmanager
async def _together() -> AsyncGenerator[asyncio.TaskGroup, None]:
    """A task group whose first error comes out by itself: one error of ours is one line for the person."""
    try:
        async with asyncio.TaskGroup() as group:
            yield group
    except BaseExceptionGroup as errors:
        raise errors.exceptions[0] from None
