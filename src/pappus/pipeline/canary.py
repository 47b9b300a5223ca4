"""The canary: site rules tried on the pages that they name, so that a changed layout is told before articles are wrong.

Pages are asked for as articles are, by the policy of their source, or read from an archive, and are looked at in workers.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, cast

from msgspec import Struct

from pappus import urls
from pappus.errors import PappusError, SourceError
from pappus.extraction.rules import NO_RULES, Rules, Trial
from pappus.extraction.rules.canary import Sight, idle, look, stale
from pappus.extraction.rules.fivefilters import Remark, read
from pappus.fetch import FetchPolicy
from pappus.fetch.client import Client
from pappus.fetch.robots import ForOneRun
from pappus.pipeline.gather import Workshop
from pappus.sources import ReadOptions
from pappus.sources.readers import READERS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator, Mapping
    from pathlib import Path

    from pappus.model import Fetched, Get
    from pappus.pipeline.newsroom import Newsroom


class Case(Struct, frozen=True, kw_only=True):
    """Rules to try."""

    name: str  # of the source, or of the file
    rules: Rules
    remarks: tuple[Remark, ...] = ()
    policy: FetchPolicy = FetchPolicy()


class Outcome(Struct, frozen=True, kw_only=True):
    """What came of it."""

    name: str
    sights: tuple[Sight, ...] = ()
    remarks: tuple[Remark, ...] = ()

    @property
    def stale(self) -> tuple[str, ...]:
        """In what the rules no longer match."""
        return stale(self.sights)

    @property
    def idle(self) -> tuple[str, ...]:
        """The expressions that select nothing on any page."""
        return idle(self.sights)

    @property
    def errors(self) -> tuple[Sight, ...]:
        """The pages that could not be looked at."""
        return tuple(one for one in self.sights if one.error)

    @property
    def clean(self) -> bool:
        """Whether nothing failed."""
        return not self.stale and not self.errors


def own_cases(newsroom: Newsroom) -> Iterator[Case]:
    """Yield the rules of a newsroom's sources: their own, and those of the folder for the hosts of their addresses."""
    told: set[str] = set()
    for source in newsroom.sources:
        if source.rules != NO_RULES:
            yield Case(name=source.name, rules=source.rules, policy=source.policy)
        for url in (source.homepage, *(channel.url for channel in source.channels)):
            name = newsroom.book.named(url) if url else ""
            if name not in told and (found := newsroom.book.file(name)):
                told.add(name)
                yield Case(name=name, rules=found[0], remarks=found[1], policy=source.policy)


def file_case(newsroom: Newsroom, path: Path) -> Case:
    """Return the rules in a file.

    Raises:
        SourceError: it cannot be read.
    """
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise SourceError(str(path), f"cannot be read: {error.strerror}") from error
    rules, remarks = read(text, path.name)
    homes = {
        source.policy: (source.homepage, *(channel.url for channel in source.channels)) for source in newsroom.sources
    }
    policies = [
        policy
        for policy, addresses in homes.items()
        for trial in rules.trials
        if any(urls.same_site(trial.url, address) for address in addresses)
    ]
    return Case(name=path.name, rules=rules, remarks=remarks, policy=policies[0] if policies else FetchPolicy())


async def canary(
    newsroom: Newsroom, cases: list[Case], archive: Path | None, hear: Callable[[Outcome], None]
) -> list[Outcome]:
    """Try rules, one set of them after the other.

    Args:
        newsroom: whose limits and workers hold.
        cases: the rules.
        archive: a WARC file to take the pages from; None asks for them.
        hear: is told of each outcome as it comes.

    Raises:
        SourceError: the archive cannot be read.
    """
    wanted = {urls.canonical(trial.url) for case in cases for trial in case.rules.trials if urls.parse_http(trial.url)}
    pages = _archived(archive, wanted) if archive else None
    outcomes = []
    executor = newsroom.executor()
    try:
        workshop = Workshop(executor)
        async for case, get in _getters(newsroom, cases, pages):
            sights = await asyncio.gather(*(_try(case.rules, trial, get, workshop) for trial in case.rules.trials))
            outcomes.append(Outcome(name=case.name, sights=tuple(sights), remarks=case.remarks))
            hear(outcomes[-1])
    finally:
        executor.shutdown(wait=True, cancel_futures=True)
    return outcomes


async def _getters(
    newsroom: Newsroom, cases: list[Case], pages: Mapping[str, Fetched] | None
) -> AsyncIterator[tuple[Case, Get]]:
    async with Client(newsroom.fetch, ForOneRun(), clock=newsroom.clock) as client:
        for case in cases:
            yield case, client.getter(case.policy) if pages is None else _Archive(pages)


async def _try(rules: Rules, trial: Trial, get: Get, workshop: Workshop) -> Sight:
    """Look at a page, or at the single page that it leads to where that can be had."""
    if urls.parse_http(trial.url) is None:
        return Sight(url=trial.url, error="is not an http or https address")
    try:
        sight: Sight = await workshop.run(look, await get(trial.url), rules, trial)
    except PappusError as error:
        return Sight(url=trial.url, error=error.reason)
    if not sight.single:
        return sight
    try:
        return cast("Sight", await workshop.run(look, await get(sight.single), rules, trial))
    except PappusError:
        return sight


def _archived(archive: Path, wanted: set[str]) -> dict[str, Fetched]:
    try:
        with archive.open("rb") as stream:
            found = READERS["warc"](stream, ReadOptions(url=archive.name))
            return {
                urls.canonical(lead.url): lead.page
                for lead in found
                if lead.page and urls.canonical(lead.url) in wanted
            }
    except OSError as error:
        raise SourceError(str(archive), f"cannot be read: {error.strerror}") from error


class _Archive:
    """Gives pages out of an archive."""

    def __init__(self, pages: Mapping[str, Fetched]) -> None:
        self._pages = pages

    async def __call__(self, url: str, **_: object) -> Fetched:
        page = self._pages.get(urls.canonical(url))
        if page is None:
            raise SourceError(url, "is not in the archive")
        return page
