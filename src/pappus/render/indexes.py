"""What the artifacts show that belong to no single article: home, guide, hot and recommended list, mirrors, channels and their months.

Titles stand newest first under the day of their publication. Texts are plain, and come to their page as they are.
"""

from __future__ import annotations

import hashlib
from itertools import groupby
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from pappus.layout import MIRROR_JSON, MIRRORS_JSON
from pappus.markup import plain
from pappus.render import mirror_list
from pappus.render.inputs import ChannelInfo, SourceInfo
from pappus.render.page import Way
from pappus.render.parts import first_days, parts
from pappus.render.words import words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from pappus.model import Headline, Notice
    from pappus.render.inputs import Archive, EditionOptions, Touched
    from pappus.render.paths import Paths
    from pappus.render.words import Section as Part
    from pappus.render.words import Words

MONTH_SIZE: Final = 250  # titles on one page of a month
HOT_SIZE: Final = 30  # of the most read
LATEST_SIZE: Final = 10  # of the newest on the first page
FRONT_SIZE: Final = 4  # titles of a channel on the first page
FRONT_HOT: Final = 6
NOTICE_AFTER: Final = (3, 6, 9)  # titles


class Section(Struct, frozen=True, kw_only=True):
    """A channel on the first page."""

    way: Way
    newest: tuple[Headline, ...]


class Home(Struct, frozen=True, kw_only=True):
    """The first page. ``closed`` are channels that the newsroom has no more, whose articles stay."""

    path: str
    title: str
    description: str
    ways: tuple[Way, ...]
    moved: Way | None  # who reads an old address may not see it again
    sources: tuple[tuple[SourceInfo, tuple[Way, ...]], ...]  # with the ways to their channels
    latest: tuple[Headline, ...]
    recommended: tuple[Headline, ...]
    hot: tuple[Headline, ...]
    sections: tuple[Section, ...]  # the channels that have articles
    closed: tuple[Way, ...]
    feed: str  # path of the feed of all channels, "" where there are none
    qr: str
    machines: str  # path of the list for programs


class Guide(Struct, frozen=True, kw_only=True):
    """How to read, share, keep and check."""

    path: str
    title: str
    ways: tuple[Way, ...]
    sections: tuple[Part, ...]


class Listing(Struct, frozen=True, kw_only=True):
    """A list of titles: the most read, in their order, or the editors' choice."""

    path: str
    title: str
    ways: tuple[Way, ...]
    headlines: tuple[Headline, ...]
    ranked: bool


class Mirrors(Struct, frozen=True, kw_only=True):
    """Where else the edition can be read, and which addresses moved: those that readers should not open are no links."""

    path: str
    title: str
    ways: tuple[Way, ...]
    standing: tuple[Way, ...]
    moves: tuple[tuple[str, Way], ...]  # a former address, and the way to the one that stands for it
    signed: bool
    machines: str  # path of the list for programs


class Day(Struct, frozen=True, kw_only=True):
    """The titles of a day, and notices among them; the last of a channel's page may have notices alone, and no name."""

    name: str
    items: tuple[Headline | Notice, ...]
    date: str = ""  # YYYY-MM-DD


class Channel(Struct, frozen=True, kw_only=True):
    """A channel's first page: its newest titles with notices among them, and the way to all months, a year a line."""

    path: str
    title: str
    ways: tuple[Way, ...]
    feed: str  # path of its feed, "" where there is none
    empty: bool
    days: tuple[Day, ...]
    years: tuple[tuple[Way, ...], ...]


class Month(Struct, frozen=True, kw_only=True):
    """A page of a month, complete."""

    path: str
    channel: str  # its title
    name: tuple[str, ...]  # the month, and which part of it
    ways: tuple[Way, ...]
    parts: tuple[Way, ...]
    days: tuple[Day, ...]


class Search(Struct, frozen=True, kw_only=True):
    """Where words are looked for, in one channel or in all. ``months`` leads those who cannot to the channels, and from there to months."""

    path: str
    title: str
    ways: tuple[Way, ...]
    channels: tuple[ChannelInfo, ...]
    months: tuple[Way, ...]


Index = Home | Guide | Listing | Mirrors | Channel | Month


def indexes(touched: Touched, archive: Archive, options: EditionOptions, paths: Paths) -> Iterator[Index]:
    """Yield the indexes that may have changed; those of the whole newsroom always."""
    make = _Indexes(options, paths)
    others = closed_channels(archive.channels(), options)
    yield make.home(archive, others)
    yield make.guide()
    yield make.listing("hot", paths.hot, archive.hot(HOT_SIZE), ranked=True)
    yield make.listing("recommended", paths.recommended, archive.recommended(), ranked=False)
    if mirror_list.exists(options):
        yield make.mirrors()
    for channel in (*options.channels, *others):
        if not touched.everything and channel.name not in touched.channels:
            continue
        months = archive.months(channel.name)
        yield make.channel(channel, archive.newest(channel.name, options.index_size), months)
        for month, since in first_days(months if touched.everything else touched.channels[channel.name]).items():
            yield from make.month(archive, channel, month, since)


def search(names: Iterable[str], options: EditionOptions, paths: Paths) -> Search:
    """Return the page of the search, for editions that have one; ``names`` are those of all channels that have articles."""
    make = _Indexes(options, paths)
    every = (*options.channels, *closed_channels(names, options))
    return Search(
        path=paths.search,
        title=make.words("search"),
        ways=make.navigation(paths.search),
        channels=every,
        months=tuple(map(make.channel_way, every)),
    )


def closed_channels(having: Iterable[str], options: EditionOptions) -> list[ChannelInfo]:
    """Return the channels that the newsroom has no more, whose articles stay, of those that have any."""
    names = {channel.name for channel in options.channels}
    return [ChannelInfo(name=name, title=name) for name in having if name not in names]


class _Indexes:
    """Says what indexes show, in the edition's language."""

    def __init__(self, options: EditionOptions, paths: Paths) -> None:
        self.options = options
        self.paths = paths
        self.words: Words = words(options.language)

    def home(self, archive: Archive, closed: Sequence[ChannelInfo]) -> Home:
        w, options, paths = self.words, self.options, self.paths
        newest = ((channel, archive.newest(channel.name, FRONT_SIZE)) for channel in options.channels)
        ways = (Way(w("hot"), paths.hot), Way(w("recommended"), paths.recommended), Way(w("guide"), paths.guide))
        siblings = (Way(plain(title), address=address) for title, address in options.siblings)
        return Home(
            path=paths.home,
            title=plain(options.title),
            description=plain(options.description),
            ways=(*ways, *self.mirrors_way(), *siblings),
            moved=Way(w("moved"), paths.mirrors) if options.moved else None,
            sources=tuple((source, tuple(map(self.channel_way, source.channels))) for source in options.sources),
            latest=_standing(archive.latest(LATEST_SIZE)),
            recommended=_standing(archive.recommended()),
            hot=_standing(archive.hot(FRONT_HOT)),
            sections=tuple(
                Section(way=self.channel_way(channel), newest=_standing(some)) for channel, some in newest if some
            ),
            closed=tuple(map(self.channel_way, closed)),
            feed=paths.feed(),
            qr=paths.qr(paths.home),
            machines=MIRROR_JSON,
        )

    def guide(self) -> Guide:
        w, paths = self.words, self.paths
        ways = (Way(w("home"), paths.home), *self.mirrors_way())
        return Guide(path=paths.guide, title=w("guide"), ways=ways, sections=w.guide)

    def listing(self, name: str, path: str, headlines: Sequence[Headline], *, ranked: bool) -> Listing:
        ways = self.navigation(path)
        return Listing(path=path, title=self.words(name), ways=ways, headlines=_standing(headlines), ranked=ranked)

    def mirrors(self) -> Mirrors:
        options, paths = self.options, self.paths
        homes = {mirror.address: mirror.home for mirror in options.mirrors}
        standing = sorted(options.mirrors, key=lambda mirror: mirror.address)
        moves = (
            (plain(moved.address), Way(plain(home), address=home))
            for moved in sorted(options.moved, key=lambda moved: moved.address)
            for home in (homes.get(moved.to, moved.to),)
        )
        return Mirrors(
            path=paths.mirrors,
            title=self.words("mirrors"),
            ways=(Way(self.words("home"), paths.home),),
            standing=tuple(Way(plain(one.home), address=one.home) for one in standing),
            moves=tuple(moves),
            signed=options.signed,
            machines=MIRRORS_JSON,
        )

    def channel(self, channel: ChannelInfo, newest: Sequence[Headline], months: Sequence[str]) -> Channel:
        path = self.paths.channel(channel.name)
        standing = _standing(newest)
        years = (
            tuple(self.month_way(channel, month) for month in group) for _, group in groupby(months, lambda m: m[:4])
        )
        return Channel(
            path=path,
            title=plain(channel.title),
            ways=self.navigation(path),
            feed=self.paths.feed(channel.name),
            empty=not standing,
            days=self.days(standing, self.chosen_notices(channel, standing)),
            years=tuple(years),
        )

    def month(self, archive: Archive, channel: ChannelInfo, month: str, since: str) -> Iterator[Month]:
        """Yield the pages of a month that may have changed since a day.

        A full part keeps its bytes however many newer articles come: it links to nothing that was not there when it became full.
        """

        def place(part: int) -> str:
            return self.paths.month(channel.name, month, part)

        for part, full, some in parts(archive, channel.name, month, since, size=MONTH_SIZE, path=place):
            path = place(part)
            yield Month(
                path=path,
                channel=plain(channel.title),
                name=(self.words.month(month), *([self.part(part)] if part else [])),
                ways=self.navigation(path, self.channel_way(channel)),
                parts=self.part_ways(channel, month, part, full),
                days=self.days(some),
            )

    # Parts of pages

    def part_ways(self, channel: ChannelInfo, month: str, part: int, full: int) -> tuple[Way, ...]:
        """Return the way to the other parts of a month: from the newest to all, from a full one to the newest and the one before."""
        newest = [self.month_way(channel, month)] if part else []
        older = range(part - 1, max(0, part - 2), -1) if part else range(full, 0, -1)
        ways = (Way(self.part(other), self.paths.month(channel.name, month, other)) for other in older)
        return (*newest, *ways)

    def part(self, number: int) -> str:
        return self.words("part", number=self.words.number(number))

    def days(self, headlines: Iterable[Headline], notices: Sequence[Notice] = ()) -> tuple[Day, ...]:
        """Return titles under their days; of ``notices`` one after each of NOTICE_AFTER titles, the rest at the end."""
        waiting = list(notices)
        days: list[Day] = []
        count = 0
        for date, group in groupby(headlines, key=lambda headline: headline.published.date()):
            items: list[Headline | Notice] = []
            for headline in group:
                count += 1
                items.append(headline)
                if count in NOTICE_AFTER and waiting:
                    items.append(waiting.pop(0))
            days.append(Day(name=self.words.date(date), items=tuple(items), date=date.isoformat()))
        return (*days, Day(name="", items=tuple(waiting))) if waiting else tuple(days)

    def chosen_notices(self, channel: ChannelInfo, headlines: Sequence[Headline]) -> list[Notice]:
        """Return three notices, by a seed that follows from what the page shows: the same store gives the same page."""
        seed = f"{channel.name}\0{headlines[0].ident if headlines else ''}"
        drawn = sorted(
            self.options.notices,
            key=lambda notice: hashlib.sha256(f"{seed}\0{notice.url}\0{notice.text}".encode()).digest(),
        )
        return drawn[: len(NOTICE_AFTER)]

    def navigation(self, path: str, *more: Way) -> tuple[Way, ...]:
        w, paths = self.words, self.paths
        home, *rest = (Way(w("home"), paths.home), Way(w("hot"), paths.hot), Way(w("guide"), paths.guide))
        return (home, *more, *(way for way in rest if way.path != path))

    def mirrors_way(self) -> tuple[Way, ...]:
        """Return the way to the list of mirrors, where there is one."""
        return (Way(self.words("mirrors"), self.paths.mirrors),) if mirror_list.exists(self.options) else ()

    def channel_way(self, channel: ChannelInfo) -> Way:
        return Way(plain(channel.title), self.paths.channel(channel.name))

    def month_way(self, channel: ChannelInfo, month: str) -> Way:
        return Way(self.words.month(month), self.paths.month(channel.name, month))


def _standing(headlines: Iterable[Headline]) -> tuple[Headline, ...]:
    return tuple(headline for headline in headlines if not headline.withdrawn)
