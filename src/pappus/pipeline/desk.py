"""The desk of one source: decides which leads to look at, looks, and stores what came of it.

The order of a source is kept: its channels one after the other, the articles of a channel fetched a few at a time and stored in the
order in which they were announced, so that the same announcements give the same store, whatever the network does. A channel's
validators are stored only when all its leads are settled: a killed run asks again.
"""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import aclosing
from html import escape
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from pappus import markup, urls
from pappus.errors import ExtractError, PappusError, RefusedError, SourceError, StatusError
from pappus.extraction import article as extraction
from pappus.extraction import quality
from pappus.media.localise import localise
from pappus.media.pixels import encode
from pappus.model import BY_PUBLISHER, NO_TRACES, NO_VALIDATORS, Fetched, Lead, Media, Traces, Validators, digest
from pappus.pipeline import channels, decisions, pages
from pappus.sources import MAX_LEADS
from pappus.store import Due, Look, Placing, Settled

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Coroutine, Iterable, Iterator
    from datetime import datetime

    from pappus.extraction import Rules
    from pappus.media.pixels import Encoded
    from pappus.model import Article, Draft, Get, Kind, Mark
    from pappus.pipeline.channels import Run
    from pappus.pipeline.newsroom import Channel, Newsroom, Source
    from pappus.pipeline.report import Report
    from pappus.store import Store

T = TypeVar("T")

_AT_ONCE = 8  # articles of one source under way
_TURN = 32  # announcements of a channel, after which what their articles showed counts for the next
_MUCH = 1_000  # characters of a summary that is the article, where a channel says that it carries all


class _Job(Struct, frozen=True):
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
        return self.channel.full and bool(self.lead.content or len(self.lead.summary) >= _MUCH)

    @property
    def page(self) -> str:
        """The address to ask: the one that answered the last time, or the one that is announced."""
        return self.known.last.page if self.known and not self.announced and self.known.last.page else self.lead.url


class _Looked(Struct, frozen=True):
    """What came of looking at an article: a draft with its media, or None if it did not change."""

    draft: Draft | None
    media: tuple[Media, ...] = ()
    validators: Validators = NO_VALIDATORS
    addresses: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    traces: Traces = NO_TRACES  # of its pages
    final: bool = False  # there is no page that could be asked for again


class Desk:
    """Works on one source.

    Args:
        source: the source.
        get: asks for a URL, by the source's policy.
        run: calls a function in a worker.
        newsroom: the whole.
        store: where articles go.
        report: hears of everything.
    """

    def __init__(self, source: Source, get: Get, run: Run, *, newsroom: Newsroom, store: Store, report: Report) -> None:
        self._source = source
        self._get = get
        self._run = run
        self._newsroom = newsroom
        self._store = store
        self._report = report
        self._done = 0
        self._turn = 0  # of the channel
        self._repeating: frozenset[Mark] = frozenset()  # over this source's pages, as it was known when the turn began
        self._failed: dict[str, Settled] = {}  # in this run, by URL: another channel's announcement is not tried again

    async def work(self) -> None:
        """Look at all channels, then at the articles whose time has come."""
        self._repeating = decisions.repeating(self._store.memory.newest(self._source.name))
        for channel in self._source.channels:
            await self._channel(channel)
        await self._revisit()

    # Channels

    async def _channel(self, channel: Channel) -> None:
        now, place = self._newsroom.clock(), channel.url or str(channel.path)
        announced = None
        try:
            announced = await channels.ask(channel, self._store.leads.channel(channel.name), self._get, self._run)
        except PappusError as error:
            self._report.failed(channel.name, place, error)
        self._turn = 0
        await self._look_at(self._jobs(channel, self._store.leads.due(channel.name, now)))
        self._remember(channel, self._turn)
        if announced is None:
            return
        if announced.cut:
            self._report.note("warned", channel.name, place, f"only its first {MAX_LEADS:,} entries are read")
        broken: list[SourceError] = []
        leads = channels.readable(announced.leads, broken)
        for first in leads:  # of a turn, which follows from what is announced alone
            self._turn += 1
            await self._look_at(self._jobs(channel, chain((first,), islice(leads, _TURN - 1))))
            self._remember(channel, self._turn)
        self._remember(channel)
        for damage in broken:
            self._report.failed(channel.name, place, damage)
        if not broken:
            self._store.leads.looked(channel.name, announced.state, now)

    def _remember(self, channel: Channel, turn: int | None = None) -> None:
        """Have what articles of a channel's turn showed count from now on; of all turns, where the channel is done."""
        if self._store.memory.settle(self._source.name, channel.name, turn):
            self._repeating = decisions.repeating(self._store.memory.newest(self._source.name))

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
        reason = decisions.filtered(channel.filters, lead)
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
        articles = self._store.articles
        article = articles.find(self._source.name, (url,))
        if article is not None and (settled is None or channel.name not in articles.channels(article)):
            # Another channel had it first.
            with self._store.database.transaction():
                articles.enlist(article, channel.name)
                self._settle(channel, url, Settled(state="stored", fingerprint=lead.fingerprint))
            return None
        if article is not None and articles.is_gone(article):
            self._settle(channel, url, Settled(state="stored", fingerprint=lead.fingerprint))
            return None
        known = articles.state(article) if article is not None else None
        return _Job(channel, lead, url, known, attempts=settled.attempts if settled is not None and same else 0)

    def _settle(self, channel: Channel, url: str, settled: Settled, again: Lead | None = None) -> None:
        self._store.leads.settle(channel.name, url, settled, again=again)

    async def _revisit(self) -> None:
        by_name = {channel.name: channel for channel in self._source.channels}
        due = self._store.articles.due(self._source.name, self._newsroom.clock())
        for known in due:
            if known.channel not in by_name:  # the newsroom has its channel no more
                self._store.articles.looked(known.id, known.last)
        await self._look_at(
            _Job(by_name[known.channel], _as_announced(self._store.articles.get(known.id)), known.url, known, False)
            for known in due
            if known.channel in by_name
        )

    # Looking

    async def _look_at(self, jobs: Iterable[_Job]) -> None:
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
        draft, traces, fetched, warnings = await self._draft(job)
        validators = fetched.validators if fetched else NO_VALIDATORS
        if draft is None:
            return _Looked(None, validators=validators)
        addresses = _addresses(job, fetched)
        if self._is_gone(draft, addresses):
            return _Looked(draft, addresses=addresses, final=True)
        now = self._newsroom.clock()
        draft = replace(
            draft,
            language=draft.language or self._source.language,
            published=decisions.plausible(draft.published, now),
            updated=decisions.plausible(draft.updated, now),
        )
        localised, stored, missing = await localise(
            draft,
            self._get if self._source.images else _no_image,
            lambda data: self._run(encode, data),
            self._keep,
            self._store.files.known,
        )
        return _Looked(
            localised,
            stored,
            validators,
            addresses,
            (*warnings, *(missing if self._source.images else ())),
            traces,
            final=fetched is None or job.lead.page is not None,
        )

    def _is_gone(self, draft: Draft, addresses: tuple[str, ...]) -> bool:
        """Whether what was found, under whatever address, is an article that is withdrawn for good: nothing of it is taken."""
        holder = self._store.articles.find(self._source.name, (draft.url, *addresses))
        return holder is not None and self._store.articles.is_that(holder, draft.title)

    def _validators(self, job: _Job) -> Validators:
        """Return what to ask with, nothing where the answer would be read another way than the last time."""
        last = job.known.last if job.known else None
        same = last is not None and (last.page, last.setting) == (job.page, self._setting(job))
        return last.validators if last is not None and same else NO_VALIDATORS

    def _setting(self, job: _Job) -> str:
        """Return what changes when pages are read another way."""
        source = self._source
        return digest(repr((self._rules(job.page), source.language, source.images)).encode())

    def _rules(self, url: str) -> Rules:
        """Return the rules for a page: the source's own, then those for its host."""
        return self._source.rules | self._newsroom.book.rules(url)

    def _keep(self, url: str, made: Encoded, validators: Validators) -> Media:
        stored = made.media
        self._store.files.keep(url, made.data, stored, validators)
        return stored

    async def _draft(self, job: _Job) -> tuple[Draft | None, Traces, Fetched | None, tuple[str, ...]]:
        """Return the draft of an article, None if the server says that it did not change; its traces; its page; warnings."""
        lead = replace(job.lead, page=None)
        if job.carries_all and self._may_tell(lead):
            return await self._run(_from_content, lead), NO_TRACES, None, ()
        fetched = job.lead.page
        if fetched is None:
            fetched = await self._get(job.page, validators=self._validators(job))
            if fetched.not_modified:
                return None, NO_TRACES, fetched, ()
        try:
            draft, traces = await self._whole(job, fetched, lead)
        except PappusError as error:
            if not lead.content or not self._may_tell(lead):
                raise
            draft = await self._run(_from_content, lead)
            return draft, NO_TRACES, None, (f"taken from the feed, for the page fails: {error.reason}",)
        return draft, traces, fetched, draft.findings

    def _may_tell(self, lead: Lead) -> bool:
        return decisions.may_tell(self._source, self._newsroom.sources, lead.url)

    async def _whole(self, job: _Job, fetched: Fetched, lead: Lead) -> tuple[Draft, Traces]:
        """Return an article with all its pages, of which the first is fetched, and what they showed.

        Raises:
            ExtractError: it has none, or one that must not be published.
        """
        rules, get = self._rules(fetched.final_url), None if job.lead.page is not None else self._get
        repeats = self._held_against(job.known.id if job.known else None)
        draft, traces = await pages.read(fetched, rules, self._run, get, lead=lead, repeats=repeats)
        if job.known is None:
            found = (draft.url, job.url, urls.canonical(fetched.final_url))
            holder = self._store.articles.find(self._source.name, found)
            repeats = self._held_against(holder)
            if traces.shown & repeats != traces.repeated:  # a stored article, at another address: as it was read there
                draft, traces = await pages.read(fetched, rules, self._run, get, lead=lead, repeats=repeats)
        await self._run(quality.check, draft)
        return draft, traces

    def _held_against(self, article: int | None) -> frozenset[Mark]:
        """Return what is taken for repeating on the pages of an article, stored or not."""
        if article is None:
            return self._repeating
        return decisions.held_against(self._repeating, self._store.memory.of(article))

    # Results

    def _conclude(self, job: _Job, result: _Looked | PappusError) -> None:
        with self._store.database.transaction():
            try:
                if isinstance(result, PappusError):
                    self._fail(job, result)
                elif result.draft is None:
                    self._unchanged(job, result.validators)
                else:
                    self._put(job, result, result.draft)
            except ExtractError as error:
                self._fail(job, error)

    def _put(self, job: _Job, looked: _Looked, draft: Draft) -> None:
        now = self._newsroom.clock()
        draft, addresses = self._told_apart(job, draft, looked.addresses)
        # Where nothing says when it was published, it was by its last change, or by now.
        published = draft.published or decisions.plausible(job.lead.published, now) or draft.updated or now
        placing = Placing(
            source=self._source.name,
            channel=job.channel.name,
            ident=urls.identifier(draft.url, job.lead.guid),
            published=published,
            notices=decisions.chosen(self._newsroom.notices, draft.url),
            addresses=addresses,
            links=_links(draft),
            source_title=self._source.title,
            permission=self._source.licence,
        )
        article, outcome = self._store.articles.put(draft, looked.media, placing, now)
        again = None if looked.final else self._next(job, published)
        self._store.articles.looked(article, self._look_of(job, looked.validators, again))
        if outcome == "new":
            self._store.memory.keep(article, job.channel.name, looked.traces, self._turn)
        else:
            self._store.memory.add(article, looked.traces)
        self._stored(job)
        if outcome == "same":
            self._report.count("same")
        else:
            self._report.note(outcome, job.channel.name, draft.url, draft.title)
        for warning in looked.warnings:
            self._report.note("warned", job.channel.name, draft.url, warning)

    def _told_apart(self, job: _Job, draft: Draft, addresses: tuple[str, ...]) -> tuple[Draft, tuple[str, ...]]:
        """Return a draft and its addresses without those that are another article's.

        Two addresses may be of one article. But some sites name one canonical address for all their pages, and some
        redirect what they will not show, or have no more, to one page for all: then titles differ.

        Raises:
            ExtractError: the page is another one than was asked for, or has the very text of another article.
        """
        articles, source = self._store.articles, self._source.name
        if job.known is not None:
            before = articles.get(job.known.id)
            strangers = [url for url in addresses if articles.find(source, (url,)) != job.known.id]
            if strangers and draft.title != before.title:
                raise ExtractError(draft.url, f"its address leads to another page now, {strangers[0]}")
            return replace(draft, url=before.url), (job.url,) if strangers else addresses
        holder = articles.find(source, (draft.url, *addresses))
        if holder is None or articles.find(source, (job.url,)) is not None or articles.is_that(holder, draft.title):
            return draft, addresses
        other = articles.get(holder)
        if other.title == draft.title and job.lead.title in {"", draft.title}:
            return draft, addresses
        if other.body == draft.body:
            raise ExtractError(draft.url, f"its page has the text of another article, {other.url}", "perhaps a wall")
        return replace(draft, url=job.url), (job.url,)

    def _unchanged(self, job: _Job, validators: Validators) -> None:
        if job.known is not None:
            kept = validators if validators != NO_VALIDATORS else job.known.last.validators
            again = self._next(job, job.known.published)
            self._store.articles.looked(job.known.id, self._look_of(job, kept, again))
        self._stored(job)
        self._report.count("same")

    def _stored(self, job: _Job) -> None:
        if job.announced:
            self._settle(job.channel, job.url, Settled(state="stored", fingerprint=job.lead.fingerprint))

    def _look_of(self, job: _Job, validators: Validators, again: datetime | None) -> Look:
        return Look(page=job.page, validators=validators, setting=self._setting(job), again=again)

    def _next(self, job: _Job, published: datetime) -> datetime | None:
        looks = job.known.looks if job.known else 0
        return decisions.next_look(published, looks, self._newsroom.clock(), self._newsroom.revisit_days)

    def _fail(self, job: _Job, error: PappusError) -> None:
        now = self._newsroom.clock()
        if job.known is not None:
            last = replace(job.known.last, again=self._next(job, job.known.published))
            gone = isinstance(error, StatusError) and error.status == 410
            # What is gone may be put back as it was: then it is asked for without "has it changed?".
            self._store.articles.looked(job.known.id, replace(last, validators=NO_VALIDATORS) if gone else last)
            if gone:
                if self._store.articles.withdraw(job.known.id, BY_PUBLISHER, now):
                    reason = "its publisher has taken it back (410 Gone)"
                    self._report.note("withdrawn", job.channel.name, job.url, reason)
                self._stored(job)
                return
        self._report.failed(job.channel.name, job.url, error)
        if job.announced:
            settled = decisions.after_failure(job.lead, error, job.attempts + 1, now)
            self._failed[job.url] = settled
            self._settle(job.channel, job.url, settled, job.lead)


def _as_announced(article: Article) -> Lead:
    """Return what was known of an article when it was stored: what its page does not say stays as it was."""
    return Lead(
        url=article.url,
        title=article.title,
        published=article.published,
        authors=article.authors,
        tags=article.tags,
        language=article.language,
        summary=escape(article.summary),
    )


def _addresses(job: _Job, fetched: Fetched | None) -> tuple[str, ...]:
    """Return the canonical URLs under which an article was found.

    Raises:
        ExtractError: what was asked for leads to the home page, as addresses do that a site has no more.
    """
    if fetched is None:
        return (job.url,)
    final = urls.canonical(fetched.final_url)
    if urls.is_home(final) and not urls.is_home(job.url):
        raise ExtractError(job.url, "its address leads to the home page")
    return tuple(dict.fromkeys((job.url, final)))


def _links(draft: Draft) -> tuple[str, ...]:
    targets = markup.link_targets(draft.body)
    return tuple(dict.fromkeys(urls.canonical(target) for target in targets if target.startswith("http")))


def _from_content(lead: Lead) -> Draft:
    """Make an article of what a feed carries, and check it; runs in a worker."""
    draft = extraction.from_content(lead)
    quality.check(draft)
    return draft


async def _no_image(url: str, **_: Validators | Kind) -> Fetched:
    raise RefusedError(url, "this source's images are not fetched")


async def _in_order(coroutines: Iterator[Coroutine[Any, Any, T]], width: int) -> AsyncGenerator[T, None]:
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
        await asyncio.gather(*running, return_exceptions=True)
