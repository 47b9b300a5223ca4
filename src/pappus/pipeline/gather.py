"""gather: what channels announce becomes stored articles.

The order of one source is kept: its channels one after the other, the articles of a channel fetched a few at a time and stored in the
order in which they were announced, so that the same announcements give the same store, whatever the network does. Sources run side by
side. A channel's validators are stored only when all its leads are settled: a killed run asks again.
"""

from __future__ import annotations

import asyncio
import io
import json
import random
import re
from collections import deque
from contextlib import aclosing, asynccontextmanager
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from pappus import extract, markup, media, urls
from pappus.errors import FetchError, PappusError, RefusedError, SourceError, StatusError, WorkerError
from pappus.fetch import Client
from pappus.model import BY_PUBLISHER, NO_VALIDATORS, Fetched, Lead, Validators, digest
from pappus.sources import READERS, ReadOptions
from pappus.store import ChannelState, Due, Placing, Settled

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Coroutine, Iterable, Iterator
    from concurrent.futures import Executor

    from pappus.model import Draft, Get, Kind, Media, Notice
    from pappus.pipeline.newsroom import Channel, Filters, Newsroom, Source
    from pappus.pipeline.report import Report
    from pappus.store import Store

T = TypeVar("T")

_AT_ONCE = 8  # articles of one source under way
_LATEST = 12  # rotating notices that are drawn from: the first ones of the configuration
_FIRST_LOOK = timedelta(hours=1)  # after which a new article is asked for again; doubled every time
_FIRST_RETRY = timedelta(minutes=15)  # after which what failed is tried again; doubled every time
_LAST_RETRY = timedelta(days=1)
_ATTEMPTS = 10  # after which what failed is left alone, unless it is announced anew
_SKEW = timedelta(days=1)  # by which a publisher's clock may be ahead
_OLDEST = 1600  # year of the first newspapers; an earlier date is a mistake


async def gather(newsroom: Newsroom, store: Store, report: Report) -> None:
    """Look at every channel and take over what is new or changed. What goes wrong is in the report; the rest goes on."""
    executor = newsroom.executor()
    try:
        async with Client(newsroom.fetch, store.leads, clock=newsroom.clock) as client, _together() as group:
            for source in newsroom.sources:
                get = client.getter(source.policy)
                desk = _Desk(source, get, newsroom=newsroom, store=store, report=report, executor=executor)
                group.create_task(desk.run())
        report.count("requests", client.requests)
    finally:
        executor.shutdown(wait=True, cancel_futures=True)


@asynccontextmanager
async def _together() -> AsyncGenerator[asyncio.TaskGroup, None]:
    """A task group whose first error comes out by itself: one error of ours is one line for the person."""
    try:
        async with asyncio.TaskGroup() as group:
            yield group
    except BaseExceptionGroup as errors:
        raise errors.exceptions[0] from None


@dataclass(frozen=True, slots=True)
class _Announced:
    """What a channel has: its leads, and the state to record once they are settled."""

    leads: Iterable[Lead]
    state: ChannelState


@dataclass(frozen=True, slots=True)
class _Looked:
    """What came of looking at an article: a draft with its media, or None if it did not change."""

    draft: Draft | None
    media: tuple[Media, ...] = ()
    validators: Validators = NO_VALIDATORS
    addresses: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Job:
    """An article to look at, because a channel announced it or because its time has come."""

    channel: Channel
    lead: Lead
    url: str  # canonical
    known: Due | None  # the stored article
    announced: bool = True  # False: its time has come
    attempts: int = 0  # that failed before

    @property
    def carries_all(self) -> bool:
        """Whether the announcement is the article, so that its page need not be fetched."""
        return self.channel.full and bool(self.lead.content or self.lead.summary)


class _Desk:
    """Works on one source."""

    def __init__(
        self, source: Source, get: Get, *, newsroom: Newsroom, store: Store, report: Report, executor: Executor
    ) -> None:
        self._newsroom = newsroom
        self._store = store
        self._report = report
        self._source = source
        self._executor = executor
        self._get = get
        self._done = 0
        self._failed: dict[str, Settled] = {}  # in this run, by URL: another channel's announcement is not tried again

    async def run(self) -> None:
        for channel in self._source.channels:
            await self._channel(channel)
        await self._revisit()

    # Channels

    async def _channel(self, channel: Channel) -> None:
        now = self._newsroom.clock()
        announced = None
        try:
            announced = await self._announced(channel)
        except PappusError as error:
            self._report.failed(channel.name, channel.url or str(channel.path), error)
        await self._work(self._jobs(channel, self._store.leads.due(channel.name, now)))
        if announced is None:
            return
        broken: list[SourceError] = []
        await self._work(self._jobs(channel, _readable(announced.leads, broken)))
        for damage in broken:
            self._report.failed(channel.name, channel.url or str(channel.path), damage)
        if not broken:
            self._store.leads.looked(channel.name, announced.state, now)

    async def _announced(self, channel: Channel) -> _Announced | None:
        """Return what a channel has, None if nothing changed since it was settled."""
        before = self._store.leads.channel(channel.name)
        setting = _setting(channel)
        if before is not None and before.setting != setting:
            before = None
        if channel.path is not None:
            return self._from_file(channel, setting, before)
        fetched = await self._get(channel.url, validators=before.validators if before else NO_VALIDATORS)
        if fetched.not_modified:
            return None
        state = ChannelState(validators=fetched.validators, body_digest=digest(fetched.body), setting=setting)
        if before is not None and before.body_digest == state.body_digest:
            self._store.leads.looked(channel.name, state, self._newsroom.clock())
            return None
        leads = await self._run(_read, channel.kind, fetched.body, _options(channel, fetched))
        return _Announced(leads, state)

    @staticmethod
    def _from_file(channel: Channel, setting: str, before: ChannelState | None) -> _Announced | None:
        assert channel.path is not None  # noqa: S101  # the caller looked
        try:
            stat = channel.path.stat()
        except OSError as error:
            raise SourceError(str(channel.path), f"cannot be read: {error.strerror}") from error
        validators = Validators(etag=f"{stat.st_mtime_ns}-{stat.st_size}")
        if before is not None and before.validators == validators:
            return None
        state = ChannelState(validators=validators, body_digest="", setting=setting)
        return _Announced(_read_file(channel), state)

    def _jobs(self, channel: Channel, leads: Iterable[Lead]) -> Iterator[_Job]:
        """Yield what there is to look at; everything else is settled on the way."""
        seen: set[str] = set()
        for lead in leads:
            url = urls.canonical(lead.url)
            if url not in seen:
                seen.add(url)
                job = self._decide(channel, lead, url)
                if job is not None:
                    yield job

    def _decide(self, channel: Channel, lead: Lead, url: str) -> _Job | None:
        reason = filtered(channel.filters, lead)
        settled = self._store.leads.settled(channel.name, url)
        same = settled is not None and settled.fingerprint == lead.fingerprint
        if reason:
            if not same or settled is None or settled.state != "filtered":
                self._report.note("filtered", channel.name, url, reason)
                self._settle(channel, url, Settled(state="filtered", fingerprint=lead.fingerprint, reason=reason))
            return None
        if same and settled is not None:
            waiting = settled.next_try is None or settled.next_try > self._newsroom.clock()
            if settled.state == "stored" or (settled.state == "failed" and waiting):
                return None
        if url in self._failed:
            self._settle(channel, url, replace(self._failed[url], fingerprint=lead.fingerprint), lead)
            return None
        article = self._store.articles.find(self._source.name, (url,))
        if article is not None and channel.name not in self._store.articles.channels(article):  # another had it first
            with self._store.database.transaction():
                self._store.articles.enlist(article, channel.name)
                self._settle(channel, url, Settled(state="stored", fingerprint=lead.fingerprint))
            return None
        known = self._store.articles.state(article) if article is not None else None
        return _Job(channel, lead, url, known, attempts=settled.attempts if settled is not None and same else 0)

    def _settle(self, channel: Channel, url: str, settled: Settled, again: Lead | None = None) -> None:
        self._store.leads.settle(channel.name, url, settled, again=again)

    # Articles

    async def _revisit(self) -> None:
        channels = {channel.name: channel for channel in self._source.channels}
        due = self._store.articles.due(self._source.name, self._newsroom.clock())
        jobs = (
            _Job(channels[known.channel], Lead(url=known.url), known.url, known, announced=False)
            for known in due
            if known.channel in channels
        )
        await self._work(jobs)

    async def _work(self, jobs: Iterable[_Job]) -> None:
        async with aclosing(_in_order((self._attempt(job) for job in jobs), _AT_ONCE)) as results:
            async for job, result in results:
                self._conclude(job, result)
                self._done += 1
                self._report.progress(self._source.name, self._done)

    async def _attempt(self, job: _Job) -> tuple[_Job, _Looked | PappusError]:
        try:
            return job, await self._look(job)
        except PappusError as error:
            return job, error

    async def _look(self, job: _Job) -> _Looked:
        draft, fetched = await self._draft(job)
        if draft is None:
            return _Looked(None, validators=fetched.validators if fetched else NO_VALIDATORS)
        draft = replace(
            draft,
            language=draft.language or self._source.language,
            published=_plausible(draft.published, self._newsroom.clock()),
            updated=_plausible(draft.updated, self._newsroom.clock()),
        )
        localised, stored, warnings = await media.localise(
            draft,
            self._get if self._source.images else _no_image,
            lambda data: self._run(media.encode, data),
            lambda url, made: self._store.files.keep(url, made.data, made.media_type, made.width, made.height),
            self._store.files.known,
        )
        addresses = [job.url] if fetched is None else [job.url, urls.canonical(fetched.final_url)]
        return _Looked(
            localised,
            stored,
            fetched.validators if fetched else NO_VALIDATORS,
            tuple(dict.fromkeys(addresses)),
            warnings if self._source.images else (),
        )

    async def _draft(self, job: _Job) -> tuple[Draft | None, Fetched | None]:
        """Return the draft of an article, None if the server says that it did not change; and the page it came from."""
        lead = replace(job.lead, page=None)
        if job.carries_all:
            draft = await self._run(extract.from_content, lead)
            extract.check(draft)
            return draft, None
        fetched = job.lead.page
        if fetched is None:
            fetched = await self._get(job.lead.url, validators=job.known.validators if job.known else NO_VALIDATORS)
            if fetched.not_modified:
                return None, fetched
        try:
            draft = await self._run(extract.article, fetched, self._source.rules, lead=lead)
            extract.check(draft)
        except PappusError as error:
            if not lead.content:
                raise
            draft = await self._run(extract.from_content, lead)
            extract.check(draft)
            self._report.note(
                "warned", job.channel.name, job.url, f"taken from the feed, for the page fails: {error.reason}"
            )
        return draft, fetched

    async def _run(self, function: Callable[..., T], *arguments: object, **keywords: object) -> T:
        return await asyncio.wrap_future(self._executor.submit(function, *arguments, **keywords))

    # Results

    def _conclude(self, job: _Job, result: _Looked | PappusError) -> None:
        with self._store.database.transaction():
            if isinstance(result, PappusError):
                self._fail(job, result)
            elif result.draft is None:
                self._unchanged(job, result.validators)
            else:
                self._put(job, result, result.draft)

    def _put(self, job: _Job, looked: _Looked, draft: Draft) -> None:
        now = self._newsroom.clock()
        if self._is_anothers(draft, looked.addresses):
            draft = replace(draft, url=job.url)
        published = draft.published or _plausible(job.lead.published, now) or now
        placing = Placing(
            source=self._source.name,
            channel=job.channel.name,
            ident=urls.identifier(draft.url, job.lead.guid),
            published=published,
            notices=chosen(self._newsroom.notices, draft.url, self._newsroom.rotating),
            addresses=looked.addresses,
            links=tuple(
                dict.fromkeys(urls.canonical(u) for u in markup.link_targets(draft.body) if u.startswith("http"))
            ),
        )
        article, outcome = self._store.articles.put(draft, looked.media, placing, now)
        final = job.lead.page is not None or job.carries_all  # there is no page to ask again
        self._store.articles.looked(article, looked.validators, None if final else self._next_look(job, published))
        self._stored(job)
        if outcome == "same":
            self._report.count("same")
        else:
            self._report.note(outcome, job.channel.name, draft.url, draft.title)
        for warning in looked.warnings:
            self._report.note("warned", job.channel.name, draft.url, warning)

    def _is_anothers(self, draft: Draft, addresses: tuple[str, ...]) -> bool:
        """Whether a page gives as its canonical address that of another article, as where a site names one for all its pages."""
        articles = self._store.articles
        if articles.find(self._source.name, addresses) is not None:
            return False
        holder = articles.find(self._source.name, (draft.url,))
        return holder is not None and articles.get(holder).title != draft.title

    def _unchanged(self, job: _Job, validators: Validators) -> None:
        if job.known is not None:
            kept = validators if validators != NO_VALIDATORS else job.known.validators
            self._store.articles.looked(job.known.id, kept, self._next_look(job, job.known.published))
        self._stored(job)
        self._report.count("same")

    def _stored(self, job: _Job) -> None:
        if job.announced:
            self._settle(job.channel, job.url, Settled(state="stored", fingerprint=job.lead.fingerprint))

    def _next_look(self, job: _Job, published: datetime) -> datetime | None:
        return next_look(
            published, job.known.looks if job.known else 0, self._newsroom.clock(), self._newsroom.revisit_days
        )

    def _fail(self, job: _Job, error: PappusError) -> None:
        now = self._newsroom.clock()
        if job.known is not None:
            if isinstance(error, StatusError) and error.status == 410:
                if self._store.articles.withdraw(job.known.id, BY_PUBLISHER, now):
                    self._report.note(
                        "withdrawn", job.channel.name, job.url, "its publisher has taken it back (410 Gone)"
                    )
                self._stored(job)
                return
            self._store.articles.looked(job.known.id, job.known.validators, self._next_look(job, job.known.published))
        self._report.failed(job.channel.name, job.url, error)
        if not job.announced:
            return
        attempts = job.attempts + 1
        hopeless = isinstance(error, WorkerError) or job.lead.page is not None or attempts >= _ATTEMPTS
        wait = min(_FIRST_RETRY * 2 ** (attempts - 1), _LAST_RETRY)
        if isinstance(error, FetchError) and error.retry_after:
            wait = max(wait, timedelta(seconds=min(error.retry_after, _LAST_RETRY.total_seconds())))
        settled = Settled(
            state="failed",
            fingerprint=job.lead.fingerprint,
            reason=str(error)[:500],
            attempts=attempts,
            next_try=None if hopeless else now + wait,
        )
        self._failed[job.url] = settled
        self._settle(job.channel, job.url, settled, job.lead)


# Decisions


def filtered(filters: Filters, lead: Lead) -> str:
    """Return why a lead is not taken, "" if it is."""
    for noun, text, keep, drop in (
        ("title", lead.title, filters.keep_titles, filters.drop_titles),
        ("address", lead.url, filters.keep_urls, filters.drop_urls),
    ):
        for pattern in drop:
            if pattern.search(text):
                return f"its {noun} matches drop pattern {pattern.pattern!r}"
        if keep and not any(pattern.search(text) for pattern in keep):
            return f"its {noun} matches no keep pattern"
    return ""


def chosen(notices: tuple[Notice, ...], url: str, rotating: int) -> tuple[Notice, ...]:
    """Return the notices for an article's page: the fixed ones, and a few of the newest rotating ones, by the article's address."""
    turning = [notice for notice in notices if notice.rotating][:_LATEST]
    seed = random.Random(url)  # noqa: S311  # a choice that everybody may know
    return (
        *(notice for notice in notices if not notice.rotating),
        *seed.sample(turning, min(rotating, len(turning))),
    )


def next_look(published: datetime, looks: int, now: datetime, days: int) -> datetime | None:
    """Return when to ask for an article again: less and less often, for some days after publication; None: no more."""
    at = now + _FIRST_LOOK * 2 ** min(looks, 10)
    return at if at <= published + timedelta(days=days) else None


def _plausible(moment: datetime | None, now: datetime) -> datetime | None:
    return moment if moment is not None and moment.year >= _OLDEST and moment <= now + _SKEW else None


# Reading


def _setting(channel: Channel) -> str:
    """Return a digest of how a channel is read; with another one, everything in it is looked at anew."""

    def plain(value: object) -> str:
        return (
            value.pattern if isinstance(value, re.Pattern) else value.name if isinstance(value, Path) else repr(value)
        )

    return digest(json.dumps(asdict(channel), sort_keys=True, default=plain).encode())


def _options(channel: Channel, fetched: Fetched) -> ReadOptions:
    return ReadOptions(
        url=fetched.final_url,
        media_type=fetched.media_type,
        charset=fetched.charset,
        link=channel.link,
        title=channel.link_title,
        within=channel.within,
    )


def _read(kind: str, body: bytes, options: ReadOptions) -> tuple[Lead, ...]:
    """Read a channel's bytes whole; runs in a worker."""
    return tuple(READERS[kind](io.BytesIO(body), options))


def _read_file(channel: Channel) -> Iterator[Lead]:
    """Read a channel's file as it is consumed; an archive may be larger than memory."""
    assert channel.path is not None  # noqa: S101  # the caller looked
    options = ReadOptions(url="", link=channel.link, title=channel.link_title, within=channel.within)
    try:
        with channel.path.open("rb") as stream:
            yield from READERS[channel.kind](stream, options)
    except OSError as error:
        raise SourceError(str(channel.path), f"cannot be read: {error.strerror}") from error


def _readable(leads: Iterable[Lead], broken: list[SourceError]) -> Iterator[Lead]:
    """Yield leads as far as they can be read: of an archive that ends in the middle, what it has is taken."""
    try:
        yield from leads
    except SourceError as error:
        broken.append(error)


async def _no_image(url: str, **_: Validators | Kind) -> Fetched:
    raise RefusedError(url, "this source's images are not fetched")


async def _in_order(coroutines: Iterator[Coroutine[None, None, T]], width: int) -> AsyncGenerator[T, None]:
    """Run coroutines, at most ``width`` at once, and yield their results in the order in which they were given."""
    running: deque[asyncio.Task[T]] = deque()
    try:
        for coroutine in coroutines:
            running.append(asyncio.create_task(coroutine))
            if len(running) >= width:
                yield await running.popleft()
        while running:
            yield await running.popleft()
    finally:
        for task in running:
            task.cancel()
