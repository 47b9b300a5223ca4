"""What a run decides, without I/O and without a clock: everything that it needs to know is passed in."""

from __future__ import annotations

import hashlib
from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING

from pappus import urls
from pappus.errors import ConfigError, FetchError, WorkerError
from pappus.layout import folded
from pappus.store import Settled

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from datetime import datetime

    from pappus.errors import PappusError
    from pappus.model import Lead, Mark, Notice, Traces
    from pappus.pipeline.newsroom import Filters, Newsroom, Source

_LATEST = 12  # rotating notices that are drawn from: the first ones of the configuration
_SHOWN = 3  # of them, on a page
_FIRST_LOOK = timedelta(hours=1)  # after which a new article is asked for again; doubled every time
_FIRST_RETRY = timedelta(minutes=15)  # after which what failed is tried again; doubled every time
_LAST_RETRY = timedelta(days=1)
_ATTEMPTS = 10  # after which what failed is left alone, unless it is announced anew
_CRASHES = 2  # likewise of what a worker crashed on: once may be the machine's fault
_SKEW = timedelta(days=1)  # by which a publisher's clock may be ahead
_OFTEN = 5  # articles of a source, from which what stands on all of them may be its template's
_SHARE = 1 / 3  # of its newest articles, likewise: the background of a story stands on fewer
_OLDEST = 1600  # year of the first newspapers; an earlier date is a mistake


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


def may_tell(source: Source, every: Iterable[Source], url: str) -> bool:
    """Whether what a source's feed carries may stand for the page at an address: not where only another source's site is."""

    def is_at(one: Source) -> bool:
        return any(
            urls.same_site(url, address) for address in (one.homepage, *(channel.url for channel in one.channels))
        )

    return is_at(source) or not any(map(is_at, every))


def chosen(notices: tuple[Notice, ...], url: str) -> tuple[Notice, ...]:
    """Return the notices for an article's page: the fixed ones, and some of the newest rotating ones, drawn by its address."""
    turning = [notice for notice in notices if notice.rotating][:_LATEST]
    drawn = sorted(turning, key=lambda one: hashlib.sha256(f"{url}\0{one.url}\0{one.text}".encode()).digest())
    return (*(notice for notice in notices if not notice.rotating), *drawn[:_SHOWN])


def next_look(published: datetime, looks: int, now: datetime, days: int) -> datetime | None:
    """Return when to ask for an article again: less and less often, for some days after publication; None: no more."""
    at = now + _FIRST_LOOK * 2 ** min(looks, 10)
    return at if at <= published + timedelta(days=days) else None


def repeating(shown: Sequence[frozenset[Mark]]) -> frozenset[Mark]:
    """Return what repeats over the newest articles of a source, given what each showed."""
    times = Counter(mark for one in shown for mark in one)
    often = max(_OFTEN, _SHARE * len(shown))
    return frozenset(mark for mark, count in times.items() if count >= often)


def held_against(repeating: frozenset[Mark], before: Traces) -> frozenset[Mark]:
    """Return what is taken for repeating on the pages of a stored article.

    What they showed before is judged as it was then, so that the same pages give the same article, whatever was learnt since. What is new
    on them is judged anew, unless it is no more known what is.
    """
    return before.repeated | (repeating - before.shown) if before.shown else before.repeated


def plausible(moment: datetime | None, now: datetime) -> datetime | None:
    """Return a date that a publisher gives, None if it is in the future or from before there were newspapers."""
    return moment if moment is not None and moment.year >= _OLDEST and moment <= now + _SKEW else None


def after_failure(lead: Lead, error: PappusError, attempts: int, now: datetime) -> Settled:
    """Return how a lead is settled that could not be taken, and when it is tried again: later and later, or no more.

    Args:
        lead: what failed.
        error: why.
        attempts: how often it has failed, this time included.
        now: the present moment.
    """
    most = 1 if lead.page is not None else _CRASHES if isinstance(error, WorkerError) else _ATTEMPTS
    wait = min(_FIRST_RETRY * 2 ** (attempts - 1), _LAST_RETRY)
    if isinstance(error, FetchError) and error.retry_after:
        wait = max(wait, min(timedelta(seconds=error.retry_after), _LAST_RETRY))
    return Settled(
        state="failed",
        fingerprint=lead.fingerprint,
        reason=str(error)[:500],
        attempts=attempts,
        next_try=None if attempts >= most else now + wait,
    )


def no_namesakes(newsroom: Newsroom, stored: Collection[str]) -> None:
    """Refuse a new channel that has the name of a former one but for its case: on some disks their lists would be one file.

    Args:
        newsroom: whose channels.
        stored: names of the channels that have articles.

    Raises:
        ConfigError: there is one.
    """
    former = {folded(name): name for name in stored}
    for channel in (channel for source in newsroom.sources for channel in source.channels):
        known = former.get(folded(channel.name))
        if known is not None and channel.name not in stored:
            raise ConfigError(
                f"channel {channel.name!r}",
                f"differs in no more than case from {known!r}, which has articles",
                f"name it {known!r} again; what readers see of it is its title",
            )
