"""Lists that the site has beside those of every edition: a day's articles, an author's, a topic's.

A day is complete. Of an author and of a topic the newest stand, for a topic may have as many articles as the archive.
"""

from __future__ import annotations

from datetime import date
from itertools import chain, groupby
from typing import TYPE_CHECKING

from msgspec import Struct

from pappus.markup import plain
from pappus.render.page import Way
from pappus.render.words import words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pappus.model import Headline, LabelKind
    from pappus.render.inputs import Archive, EditionOptions, Touched
    from pappus.render.paths import Paths


class DayList(Struct, frozen=True, kw_only=True):
    """All articles that stand of a day, by source."""

    path: str
    title: str
    ways: tuple[Way, ...]
    around: tuple[Way, ...]  # to the day before, and the one after
    sources: tuple[tuple[str, tuple[Headline, ...]], ...]


class LabelList(Struct, frozen=True, kw_only=True):
    """The newest articles of an author or on a topic."""

    path: str
    title: str
    ways: tuple[Way, ...]
    headlines: tuple[Headline, ...]
    cut: str  # what is said where there are more


def lists(touched: Touched, archive: Archive, options: EditionOptions, paths: Paths) -> Iterator[DayList | LabelList]:
    """Yield the lists that may have changed. Days lead to one another, so those beside a new one are among them."""
    make = _Lists(archive, options, paths)
    yield from map(make.day, archive.days() if touched.everything else _with_neighbours(touched, archive, paths))
    for kind, key in archive.labels() if touched.everything else _touched(touched, paths):
        made = make.label(kind, key)
        if made is not None:
            yield made


def _with_neighbours(touched: Touched, archive: Archive, paths: Paths) -> list[str]:
    new = (day for day in touched.days if not archive.former(paths.day(day)))
    return sorted({*touched.days, *filter(None, chain.from_iterable(map(archive.around, new)))})


def _touched(touched: Touched, paths: Paths) -> list[tuple[LabelKind, str]]:
    """Return the authors and topics of the touched lists, each once in whatever scripts it is there."""
    return sorted(set(filter(None, map(paths.label_of, touched.lists))))


class _Lists:
    """Says what these lists show, in the edition's language."""

    def __init__(self, archive: Archive, options: EditionOptions, paths: Paths) -> None:
        self.archive = archive
        self.paths = paths
        self.size = options.index_size
        self.words = words(options.language)
        self.titles = {source.name: plain(source.title) for source in options.sources}
        self.ways = (Way(self.words("hot"), paths.hot), Way(self.words("guide"), paths.guide))

    def day(self, day: str) -> DayList:
        before, after = self.archive.around(day)
        by_source = groupby(sorted(self.archive.day(day), key=lambda one: one.source), key=lambda one: one.source)
        return DayList(
            path=self.paths.day(day),
            title=self.date(day),
            ways=self.ways,
            around=(*self.way("earlier", before), *self.way("later", after)),
            sources=tuple((self.titles.get(name, name), tuple(group)) for name, group in by_source),
        )

    def way(self, name: str, day: str) -> tuple[Way, ...]:
        return (Way(self.words(name, day=self.date(day)), self.paths.day(day)),) if day else ()

    def date(self, day: str) -> str:
        return self.words.date(date.fromisoformat(day))

    def label(self, kind: LabelKind, key: str) -> LabelList | None:
        name, headlines = self.archive.labelled(kind, key, self.size + 1)
        if not name:
            return None
        more = len(headlines) > self.size
        return LabelList(
            path=self.paths.label(kind, key),
            title=self.words("by_author" if kind == "author" else "on_topic", name=plain(name)),
            ways=self.ways,
            headlines=tuple(headlines[: self.size]),
            cut=self.words("newest", number=self.words.number(self.size)) if more else "",
        )
