"""The artifacts that belong to no single article: home, guide, hot list, recommended list, mirrors, channels and their months.

Titles stand newest first under the day of their publication, each alone in its item and set apart where it runs the other way.
"""

from __future__ import annotations

import hashlib
from itertools import groupby
from typing import TYPE_CHECKING, Final

from pappus import urls
from pappus.markup import plain
from pappus.render import mirror_list, paths
from pappus.render.markdown.page import notice_line
from pappus.render.markdown.text import destination, escape, heading, isolate
from pappus.render.paths import MARKDOWN
from pappus.render.shelf import ChannelInfo
from pappus.render.words import Words, words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from pappus.model import Headline
    from pappus.render.shelf import EditionOptions, Shelf, Touched

MONTH_SIZE: Final = 500  # titles on one page of a month
NOTICE_AFTER: Final = (3, 6, 9)  # titles


def indexes(touched: Touched, shelf: Shelf, options: EditionOptions) -> Iterator[tuple[str, str]]:
    """Yield (path, text) of the indexes that may have changed; those of the whole newsroom always."""
    pen = _Indexes(options)
    channels = [channel for source in options.sources for channel in source.channels]
    names = {channel.name for channel in channels}
    closed = [ChannelInfo(name=name, title=name) for name in shelf.channels() if name not in names]
    yield MARKDOWN.home, pen.home(shelf.latest(options.latest_size), closed)
    yield MARKDOWN.guide, pen.guide()
    yield MARKDOWN.hot, pen.hot(shelf.hot(options.hot_size))
    yield MARKDOWN.recommended, pen.recommended(shelf.recommended())
    if mirror_list.exists(options):
        yield MARKDOWN.mirrors, pen.mirrors()
    for channel in [*channels, *closed]:
        if not touched.everything and channel.name not in touched.months:
            continue
        months = shelf.months(channel.name)
        newest = shelf.newest(channel.name, options.index_size)
        yield MARKDOWN.channel(channel.name), pen.channel(channel, newest, months)
        for month in months:
            if touched.everything or month in touched.months[channel.name]:
                yield from pen.month(channel, month, shelf.month(channel.name, month))


class _Indexes:
    """Writes index pages in the edition's language."""

    def __init__(self, options: EditionOptions) -> None:
        self.options = options
        self.words: Words = words(options.language)

    def home(self, latest: Sequence[Headline], closed: Sequence[ChannelInfo]) -> str:
        """Return the first page; ``closed`` are channels that the newsroom has no more, whose articles stay."""
        w, options = self.words, self.options
        parts = [heading(1, self.plain(options.title)), self.plain(options.description, start=True)]
        ways = [(w("hot"), MARKDOWN.hot), (w("recommended"), MARKDOWN.recommended), (w("guide"), MARKDOWN.guide)]
        siblings = [self.sibling(title, address) for title, address in options.siblings]
        links = [self.link(text, path, MARKDOWN.home) for text, path in ways]
        parts.append(" · ".join([*links, *self.mirrors_link(MARKDOWN.home), *siblings]))
        if options.moved:  # who reads an old address may not see it again
            parts.append(f"**{self.link(w('moved'), MARKDOWN.mirrors, MARKDOWN.home)}**")
        for source in options.sources:
            line = " · ".join(self.channel_link(channel, MARKDOWN.home) for channel in source.channels)
            parts.append(
                f"**{self.isolated(source.title)}**\\\n{line}" if line else f"**{self.isolated(source.title)}**"
            )
        parts += [f"## {w('latest')}", self.titles(latest, MARKDOWN.home) or w("empty")]
        if closed:
            parts += [f"## {w('closed')}", " · ".join(self.channel_link(channel, MARKDOWN.home) for channel in closed)]
        parts += [f"## {w('mirror')}", w("scan"), f"![{w('qr_home')}]({MARKDOWN.qr(MARKDOWN.home)})"]
        parts.append(w("machines", link=f"[{paths.MIRROR}]({paths.MIRROR})"))
        notes = "\n".join(
            f"- {self.isolated(source.title)}: {self.isolated(source.licence)}"
            for source in options.sources
            if source.licence
        )
        parts += [f"## {w('permissions')}", notes] if notes else []
        return self.wrapped(parts)

    def guide(self) -> str:
        ways = [self.link(self.words("home"), MARKDOWN.home, MARKDOWN.guide), *self.mirrors_link(MARKDOWN.guide)]
        parts = [f"# {self.words('guide')}", " · ".join(ways)]
        for section in self.words.guide:
            steps = "\n".join(f"{number}. {step}" for number, step in enumerate(section.steps, 1))
            parts += [f"## {section.title}", steps]
        return self.wrapped(parts)

    def hot(self, headlines: Sequence[Headline]) -> str:
        standing = [headline for headline in headlines if not headline.withdrawn]
        items = [f"{number}. {self.title(headline, MARKDOWN.hot)}" for number, headline in enumerate(standing, 1)]
        return self.listing(self.words("hot"), "\n".join(items), MARKDOWN.hot)

    def recommended(self, headlines: Sequence[Headline]) -> str:
        return self.listing(
            self.words("recommended"), self.titles(headlines, MARKDOWN.recommended), MARKDOWN.recommended
        )

    def mirrors(self) -> str:
        """Return where else the edition can be read, and which addresses moved: those that readers should not open are no links."""
        w, options = self.words, self.options
        homes = {mirror.address: mirror.home for mirror in options.mirrors}
        standing = sorted(options.mirrors, key=lambda mirror: mirror.address)
        moves = [
            w("moved_to", former=self.isolated(moved.address), now=self.sibling(home, home))
            for moved in sorted(options.moved, key=lambda moved: moved.address)
            for home in (homes.get(moved.to, moved.to),)
        ]
        parts = [f"# {w('mirrors')}", self.link(w("home"), MARKDOWN.home, MARKDOWN.mirrors)]
        if standing:
            parts += [w("mirrors_use"), "\n".join(f"- {self.sibling(one.home, one.home)}" for one in standing)]
        if moves:
            parts += [f"## {w('moved')}", "\n".join(f"- {move}" for move in moves)]
        link = self.link(paths.MIRRORS_JSON, paths.MIRRORS_JSON, MARKDOWN.mirrors)
        verify = [w("verify")] if options.signed else []
        return self.wrapped([*parts, "---", *verify, w("machines", link=link)])

    def mirrors_link(self, path: str) -> list[str]:
        """Return the way to the list of mirrors, where there is one."""
        listed = mirror_list.exists(self.options)
        return [self.link(self.words("mirrors"), MARKDOWN.mirrors, path)] if listed else []

    def listing(self, title: str, items: str, path: str) -> str:
        return self.wrapped(
            [f"# {title}", self.navigation(path), items or self.words("empty"), "---", self.navigation(path)]
        )

    def channel(self, channel: ChannelInfo, newest: Sequence[Headline], months: Sequence[str]) -> str:
        """Return a channel's first page: its newest titles with notices among them, and the way to all months."""
        path = MARKDOWN.channel(channel.name)
        standing = [headline for headline in newest if not headline.withdrawn]
        items = self.days(standing, path, self.chosen_notices(channel, standing))
        empty = "" if standing else self.words("empty")
        parts = [heading(1, self.plain(channel.title)), self.navigation(path), empty, items]
        if months:
            parts += [f"## {self.words('months')}", self.month_links(channel, months)]
        return self.wrapped([*parts, "---", self.navigation(path)])

    def month_links(self, channel: ChannelInfo, months: Sequence[str]) -> str:
        path = MARKDOWN.channel(channel.name)
        lines = []
        for _, group in groupby(months, key=lambda month: month[:4]):
            links = (self.link(self.words.month(month), MARKDOWN.month(channel.name, month), path) for month in group)
            lines.append(f"- {' · '.join(links)}")
        return "\n".join(lines)

    def month(self, channel: ChannelInfo, month: str, headlines: Sequence[Headline]) -> Iterator[tuple[str, str]]:
        """Yield the pages of a month, complete. Full part 1 holds its oldest titles, part 2 the next oldest, part 0 the newest.

        A full part keeps its bytes however many newer articles come: it links to nothing that was not there when it became full.
        """
        full = max(0, len(headlines) - 1) // MONTH_SIZE
        for part in range(full + 1):
            end = len(headlines) - (part - 1) * MONTH_SIZE
            some = headlines[end - MONTH_SIZE : end] if part else headlines[: len(headlines) - full * MONTH_SIZE]
            path = MARKDOWN.month(channel.name, month, part)
            navigation = self.navigation(path, self.channel_link(channel, path))
            name = [self.words.month(month), *([self.part(part)] if part else [])]
            parts = [
                f"# {self.isolated(channel.title)}: {' · '.join(name)}",
                navigation,
                self.part_links(channel, month, part, full),
                self.days(some, path) or self.words("empty"),
                "---",
                navigation,
            ]
            yield path, self.wrapped(parts)

    def part_links(self, channel: ChannelInfo, month: str, part: int, full: int) -> str:
        """Return the way to the other parts of a month: from the newest to all, from a full one to the newest and the one before."""
        path = MARKDOWN.month(channel.name, month, part)
        newest = [self.link(self.words.month(month), MARKDOWN.month(channel.name, month), path)] if part else []
        older = range(part - 1, max(0, part - 2), -1) if part else range(full, 0, -1)
        links = (self.link(self.part(other), MARKDOWN.month(channel.name, month, other), path) for other in older)
        return " · ".join([*newest, *links])

    def part(self, number: int) -> str:
        return self.words("part", number=self.words.number(number))

    # Parts of pages

    def days(self, headlines: Iterable[Headline], path: str, notices: Sequence[str] = ()) -> str:
        """Return titles under their days; of ``notices`` one after each of NOTICE_AFTER titles, the rest at the end."""
        waiting = list(notices)
        blocks: list[str] = []
        count = 0
        for day, group in groupby(headlines, key=lambda headline: self.words.date(headline.published)):
            lines = []
            for headline in group:
                count += 1
                lines.append(f"- {self.title(headline, path)}")
                if count in NOTICE_AFTER and waiting:
                    lines.append(f"- **{waiting.pop(0)}**")
            blocks += [f"**{day}**", "\n".join(lines)]
        if waiting:
            blocks.append("\n".join(f"- **{notice}**" for notice in waiting))
        return "\n\n".join(blocks)

    def titles(self, headlines: Iterable[Headline], path: str) -> str:
        return "\n".join(f"- {self.title(headline, path)}" for headline in headlines if not headline.withdrawn)

    def title(self, headline: Headline, path: str) -> str:
        """Return the link to an article; a withdrawn one no longer says its title."""
        suffix = f"?{headline.ident}" if self.options.link_suffix else ""
        target = urls.path_quote(urls.relative(MARKDOWN.page(headline), path)) + suffix
        if headline.withdrawn:
            return f"[{self.words('withdrawn')}]({target})"
        title = plain(headline.title) or headline.ident
        link = f"[{escape(title, link=True, before='[', after=']')}]({target})"
        return isolate(link, title, self.words.direction)

    def chosen_notices(self, channel: ChannelInfo, headlines: Sequence[Headline]) -> list[str]:
        """Return three notices, by a seed that follows from what the page shows: the same store gives the same page."""
        seed = f"{channel.name}\0{headlines[0].ident if headlines else ''}"
        drawn = sorted(
            self.options.notices,
            key=lambda notice: hashlib.sha256(f"{seed}\0{notice.url}\0{notice.text}".encode()).digest(),
        )
        return [notice_line(notice, self.words.direction) for notice in drawn[: len(NOTICE_AFTER)]]

    def navigation(self, path: str, *more: str) -> str:
        ways = [
            (self.words("home"), MARKDOWN.home),
            (self.words("hot"), MARKDOWN.hot),
            (self.words("guide"), MARKDOWN.guide),
        ]
        links = [self.link(text, target, path) for text, target in ways if target != path]
        return " · ".join([links[0], *more, *links[1:]])

    def channel_link(self, channel: ChannelInfo, path: str) -> str:
        return self.link(self.isolated(channel.title), MARKDOWN.channel(channel.name), path)

    def link(self, text: str, target: str, path: str) -> str:
        return f"[{text}]({urls.path_quote(urls.relative(target, path))})"

    def sibling(self, title: str, address: str) -> str:
        return f"[{self.isolated(title)}]({destination(urls.parse(address) or address)})"

    def plain(self, text: str, *, start: bool = False) -> str:
        return escape(plain(text), start=start)

    def isolated(self, text: str) -> str:
        text = plain(text)
        escaped = escape(text, start=True, link=True, before="[", after="]")
        return isolate(escaped, text, self.words.direction)

    def wrapped(self, parts: Iterable[str]) -> str:
        """Return a page: its title first, the rest in the direction and language of the words."""
        title, *rest = (part for part in parts if part)
        direction = f'dir="{self.words.direction}" ' if self.words.direction == "rtl" else ""
        inside = "\n\n".join(rest)
        return f'{title}\n\n<div {direction}lang="{self.words.language}">\n\n{inside}\n\n</div>\n'
