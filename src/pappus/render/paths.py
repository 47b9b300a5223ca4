"""Where the artifacts of an edition stand. Pure functions; the scheme is the same in all editions, and only home and endings differ.

An article's path depends on its source, first publication and id alone, so it never changes when its channels do. A medium lies under the
day of the article that shows it. How many entries a folder may have: decision 34.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from pappus import layout

if TYPE_CHECKING:
    from datetime import datetime

    from pappus.layout import Layout
    from pappus.model import Article, Headline, LabelKind, Media

RESERVED: Final = frozenset({"hot", "recommended"})  # names that no channel may have
_LABEL: Final = re.compile(r"(author|tag)s/[0-9a-f]{2}/([0-9a-f]{16})\.")


class Paths(Struct, frozen=True):
    """The paths of one edition."""

    layout: Layout

    @property
    def home(self) -> str:
        """The first page."""
        return self.layout.home

    @property
    def guide(self) -> str:
        """How to read and share."""
        return f"guide{self.layout.suffix}"

    @property
    def mirrors(self) -> str:
        """Where else the edition stands."""
        return f"mirrors{self.layout.suffix}"

    @property
    def search(self) -> str:
        """Where words are looked for."""
        return f"search{self.layout.suffix}"

    @property
    def about(self) -> str:
        """What this mirror is, and how to reach and check it."""
        return f"about{self.layout.suffix}"

    @property
    def offline(self) -> str:
        """What a reader sees who has no network."""
        return f"offline{self.layout.suffix}"

    @property
    def hot(self) -> str:
        """The most read articles."""
        return self.channel("hot")

    @property
    def recommended(self) -> str:
        """The editors' choice."""
        return self.channel("recommended")

    def page(self, article: Article | Headline) -> str:
        """Return the path of an article's page: ``pages/<source>/<YYYY>/<MM>/<DD>/<id>`` and the ending."""
        return f"pages/{article.source}/{_day(article.published)}/{article.ident}{self.layout.suffix}"

    def channel(self, channel: str) -> str:
        """Return the path of a channel's index, by the channel's name (any letters)."""
        return f"indexes/{channel}{self.layout.suffix}"

    def month(self, channel: str, month: str, part: int = 0) -> str:
        """Return the path of a channel's month.

        Args:
            channel: its name.
            month: ``YYYY-MM``.
            part: 0 for the newest titles of the month, 1 for its oldest, 2 for those after, and so on.
        """
        return f"indexes/{channel}/{month}{f'-{part}' if part else ''}{self.layout.suffix}"

    def feed(self, channel: str | None = None) -> str:
        """Return the path of a channel's feed, or of the one of all channels; "" in an edition that has none."""
        if not self.layout.has_feeds:
            return ""
        return f"{layout.FEEDS}all.atom" if channel is None else f"{layout.FEEDS}channels/{channel}.atom"

    def sitemap(self, month: str = "", part: int = 0) -> str:
        """Return the path of a list of pages: of a month (YYYY-MM), in parts as in :meth:`month`, or of what is new."""
        return f"{layout.SITEMAPS}{month}/{part}.atom" if month else f"{layout.SITEMAPS}news.atom"

    def day(self, day: str) -> str:
        """Return the path of the list of a day, ``YYYY-MM-DD``."""
        return f"days/{day[:4]}/{day}{self.layout.suffix}"

    def label(self, kind: LabelKind, key: str) -> str:
        """Return the path of the list of what an author wrote, or of what is about a topic."""
        return f"{kind}s/{key[:2]}/{key}{self.layout.suffix}"

    def label_of(self, path: str) -> tuple[LabelKind, str] | None:
        """Return kind and key of the author or the topic whose list stands at a path, None where none does."""
        found = _LABEL.match(path)
        return ("author" if found[1] == "author" else "tag", found[2]) if found else None

    def qr(self, page: str) -> str:
        """Return the path, in the binding, of the QR image of the page at path ``page``."""
        return self.layout.qr_path(page)


MARKDOWN: Final = Paths(layout.MARKDOWN)
SITE: Final = Paths(layout.SITE)


def media_path(media: Media, published: datetime) -> str:
    """Return the path of a medium that an article first published at ``published`` shows."""
    return f"media/{_day(published)}/{media.digest}.{media.extension}"


def variant_path(variant: Media, media: Media, published: datetime) -> str:
    """Return the path of a variant of a medium, in one of 256 folders of its day: it has one of each width and format."""
    return f"media/{_day(published)}/{media.digest[:2]}/{media.digest}-{variant.width}.{variant.extension}"


def _day(moment: datetime) -> str:
    return f"{moment.year:04}/{moment.month:02}/{moment.day:02}"
