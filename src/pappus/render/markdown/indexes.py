"""Indexes in Markdown: what :mod:`pappus.render.indexes` shows, each title alone in its item and set apart where it runs the other way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pappus import urls
from pappus.markup import plain
from pappus.model import Headline
from pappus.render.indexes import Channel, Guide, Home, Listing, Mirrors
from pappus.render.markdown.page import notice_line
from pappus.render.markdown.text import destination, escape, heading, isolate
from pappus.render.paths import MARKDOWN
from pappus.render.words import words

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pappus.model import Notice
    from pappus.render.indexes import Day, Index, Month
    from pappus.render.inputs import EditionOptions
    from pappus.render.page import Way


def write(index: Index, options: EditionOptions) -> str:
    """Return an index as Markdown."""
    writer = _Writer(index.path, options)
    match index:
        case Home():
            title, *parts = writer.home(index)
        case Guide():
            title, *parts = writer.guide(index)
        case Listing():
            title, *parts = writer.listing(index)
        case Mirrors():
            title, *parts = writer.mirrors(index)
        case Channel():
            title, *parts = writer.channel(index)
        case _:
            title, *parts = writer.month(index)
    inside = "\n\n".join(part for part in parts if part)
    direction = f'dir="{writer.words.direction}" ' if writer.words.direction == "rtl" else ""
    return f'{title}\n\n<div {direction}lang="{writer.words.language}">\n\n{inside}\n\n</div>\n'


class _Writer:
    """Writes one index in the edition's language; a method returns its title, then its parts, "" for one that it has not."""

    def __init__(self, path: str, options: EditionOptions) -> None:
        self.path = path
        self.words = words(options.language)
        self.link_suffix = options.link_suffix

    def home(self, home: Home) -> list[str]:
        w = self.words
        parts = [heading(1, escape(home.title)), escape(home.description, start=True), self.ways(home.ways)]
        if home.moved:
            parts.append(f"**{self.way(home.moved)}**")
        for source, channels in home.sources:
            line = self.ways(channels)
            title = f"**{self.isolated(source.title)}**"
            parts.append(f"{title}\\\n{line}" if line else title)
        parts += [f"## {w('latest')}", self.titles(home.latest) or w("empty")]
        if home.closed:
            parts += [f"## {w('closed')}", self.ways(home.closed)]
        parts += [f"## {w('mirror')}", w("scan"), f"![{w('qr_home')}]({home.qr})"]
        parts.append(w("machines", link=f"[{home.machines}]({home.machines})"))
        notes = "\n".join(
            f"- {self.isolated(source.title)}: {self.isolated(source.licence)}"
            for source, _ in home.sources
            if source.licence
        )
        return [*parts, f"## {w('permissions')}", notes] if notes else parts

    def guide(self, guide: Guide) -> list[str]:
        parts = [f"# {guide.title}", self.ways(guide.ways)]
        for section in guide.sections:
            steps = "\n".join(f"{number}. {step}" for number, step in enumerate(section.steps, 1))
            parts += [f"## {section.title}", steps]
        return parts

    def listing(self, listing: Listing) -> list[str]:
        ways, titles = self.ways(listing.ways), self.titles(listing.headlines, ranked=listing.ranked)
        return [f"# {listing.title}", ways, titles or self.words("empty"), "---", ways]

    def mirrors(self, mirrors: Mirrors) -> list[str]:
        w = self.words
        moves = [w("moved_to", former=self.isolated(former), now=self.way(now)) for former, now in mirrors.moves]
        parts = [f"# {mirrors.title}", self.ways(mirrors.ways)]
        if mirrors.standing:
            parts += [w("mirrors_use"), "\n".join(f"- {self.way(one)}" for one in mirrors.standing)]
        if moves:
            parts += [f"## {w('moved')}", "\n".join(f"- {move}" for move in moves)]
        verify = [w("verify")] if mirrors.signed else []
        return [*parts, "---", *verify, w("machines", link=f"[{mirrors.machines}]({mirrors.machines})")]

    def channel(self, channel: Channel) -> list[str]:
        empty = self.words("empty") if channel.empty else ""
        parts = [heading(1, escape(channel.title)), self.ways(channel.ways), empty, self.days(channel.days)]
        if channel.years:
            years = "\n".join(f"- {self.ways(year)}" for year in channel.years)
            parts += [f"## {self.words('months')}", years]
        return [*parts, "---", self.ways(channel.ways)]

    def month(self, month: Month) -> list[str]:
        return [
            f"# {self.isolated(month.channel)}: {' · '.join(month.name)}",
            self.ways(month.ways),
            self.ways(month.parts),
            self.days(month.days) or self.words("empty"),
            "---",
            self.ways(month.ways),
        ]

    # Parts of pages

    def days(self, days: Iterable[Day]) -> str:
        blocks = []
        for day in days:
            blocks += [f"**{day.name}**"] if day.name else []
            blocks.append("\n".join(f"- {self.item(item)}" for item in day.items))
        return "\n\n".join(blocks)

    def item(self, item: Headline | Notice) -> str:
        return self.title(item) if isinstance(item, Headline) else f"**{notice_line(item, self.words.direction)}**"

    def titles(self, headlines: Iterable[Headline], *, ranked: bool = False) -> str:
        return "\n".join(
            f"{f'{number}.' if ranked else '-'} {self.title(headline)}" for number, headline in enumerate(headlines, 1)
        )

    def title(self, headline: Headline) -> str:
        """Return the link to an article; a withdrawn one no longer says its title."""
        suffix = f"?{headline.ident}" if self.link_suffix else ""
        target = urls.path_quote(urls.relative(MARKDOWN.page(headline), self.path)) + suffix
        if headline.withdrawn:
            return f"[{self.words('withdrawn')}]({target})"
        title = plain(headline.title) or headline.ident
        link = f"[{escape(title, link=True, before='[', after=']')}]({target})"
        return isolate(link, title, self.words.direction)

    def ways(self, ways: Iterable[Way]) -> str:
        return " · ".join(map(self.way, ways))

    def way(self, way: Way) -> str:
        target = (
            urls.path_quote(urls.relative(way.path, self.path))
            if way.path
            else destination(urls.parse(way.address) or way.address)
        )
        return f"[{self.isolated(way.text)}]({target})"

    def isolated(self, text: str) -> str:
        text = plain(text)
        escaped = escape(text, start=True, link=True, before="[", after="]")
        return isolate(escaped, text, self.words.direction)
