"""What pages and lists show of articles beside their own: when that changes, so do the pages.

A page shows the titles of articles that it links to and of those that come next after it in its channel, and leads to what its authors
and tags have in common with others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pappus.store.database import stamp
from pappus.store.labels import Labels

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from pappus.model import Draft
    from pappus.store.database import Database

OLDER: Final = 3  # articles that a page leads on to


class Shown:
    """Keeps what others show of an article, and the change counter."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.labels = Labels(database)

    def counter(self) -> int:
        """Return the change counter: the highest ``changed`` of any article."""
        row = self._database.one("SELECT max(changed) FROM article")
        return int(row[0] or 0) if row else 0

    def put(self, article: int, published: datetime, draft: Draft) -> None:
        """Have lists show what a draft says."""
        picture = draft.lead.src.removeprefix("media:") if draft.lead else ""
        self._database.execute(
            "INSERT INTO preview (article, summary, picture) VALUES (?, ?, ?)"
            " ON CONFLICT DO UPDATE SET summary = excluded.summary, picture = excluded.picture",
            (article, draft.summary, picture),
        )
        self.touch(self.labels.put(article, stamp(published), draft.authors, draft.tags))

    def take_away(self, article: int) -> None:
        """Have nothing show an article that ceases to stand, but complete lists, and those without a word of it."""
        self._database.execute("DELETE FROM preview WHERE article = ?", (article,))
        self.touch(self.labels.put(article, "", (), ()))
        self.touch_linkers(article)
        self.touch_newer(article, self.channels(article))

    def touch(self, articles: Iterable[int]) -> None:
        """Have the pages of these articles change."""
        changed = self.counter() + 1
        self._database.executemany(
            "UPDATE article SET changed = ? WHERE id = ?", [(changed, article) for article in articles]
        )

    def touch_linkers(self, article: int) -> None:
        """Have the pages change that link to an article which begins or ceases to stand, or to have pages in other scripts."""
        rows = self._database.execute(
            "SELECT link.article FROM link JOIN address USING (url) WHERE address.article = ?", (article,)
        )
        self.touch([row[0] for row in rows.fetchall()])

    def touch_newer(self, article: int, channels: Iterable[str]) -> None:
        """Have the pages change that lead on to an article: of the next newer ones in these channels, those whose own that is."""
        for channel in channels:
            self.touch(self._newer(article, channel))

    def channels(self, article: int) -> list[str]:
        """Return the channels in which an article stands."""
        rows = self._database.execute("SELECT channel FROM listing WHERE article = ? ORDER BY channel", (article,))
        return [row[0] for row in rows.fetchall()]

    def _newer(self, article: int, channel: str) -> list[int]:
        rows = self._database.execute(
            "SELECT id FROM (SELECT article.id, article.channel FROM listing JOIN article ON article.id = listing.article"
            " WHERE listing.channel = ?1 AND (listing.published, listing.article) > (SELECT published, id FROM article WHERE id = ?2)"
            " AND withdrawn = '' ORDER BY listing.published, listing.article LIMIT ?3) WHERE channel = ?1",
            (channel, article, OLDER),
        )
        return [row[0] for row in rows.fetchall()]
