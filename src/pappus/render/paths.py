"""Where the artifacts of an edition stand. Pure functions; the rules are those of the Markdown edition.

An article's path depends on its source, first publication and id alone, so it never changes when its channels do.
Folders by date stay under a thousand entries. A medium lies under the day of the article that shows it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pappus import layout

if TYPE_CHECKING:
    from datetime import datetime

    from pappus.model import Article, Headline, Media

HOME: Final = layout.HOME
GUIDE: Final = "guide.md"
HOT: Final = "indexes/hot.md"
RECOMMENDED: Final = "indexes/recommended.md"
MIRROR: Final = layout.MIRROR_JSON
MIRRORS: Final = "mirrors.md"
MIRRORS_JSON: Final = layout.MIRRORS_JSON
RESERVED: Final = frozenset({"hot", "recommended"})  # names that no channel may have


def page_path(article: Article | Headline) -> str:
    """Return the path of an article's page: ``pages/<source>/<YYYY>/<MM>/<DD>/<id>.md``."""
    return f"pages/{article.source}/{_day(article.published)}/{article.ident}.md"


def media_path(media: Media, published: datetime) -> str:
    """Return the path of a medium that an article first published at ``published`` shows."""
    return f"media/{_day(published)}/{media.digest}.{media.extension}"


def channel_path(channel: str) -> str:
    """Return the path of a channel's index, by the channel's name (any letters)."""
    return f"indexes/{channel}.md"


def month_path(channel: str, month: str, part: int = 0) -> str:
    """Return the path of a channel's month.

    Args:
        channel: its name.
        month: ``YYYY-MM``.
        part: 0 for the newest titles of the month, 1 for its oldest, 2 for those after, and so on.
    """
    return f"indexes/{channel}/{month}-{part}.md" if part else f"indexes/{channel}/{month}.md"


def qr_path(page: str) -> str:
    """Return the path, in the binding, of the QR image of the page at path ``page``."""
    return layout.qr_path(page)


def _day(moment: datetime) -> str:
    return f"{moment.year:04}/{moment.month:02}/{moment.day:02}"
