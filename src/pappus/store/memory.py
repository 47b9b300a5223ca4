"""The memory of sources: what their newest articles showed, so that it can be told what repeats.

An article's traces count from the end of the turn in which it was read: a run that is killed in the middle of one reads the rest with
the same memory as an undisturbed one (rule 16).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pappus.model import MARK_BYTES, NO_TRACES, Mark, Traces

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pappus.store.database import Database

NEWEST: Final = 100  # articles of a source of which all traces are kept: some 30 KB


class Memory:
    """The traces of a store's articles."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def newest(self, source: str) -> list[frozenset[Mark]]:
        """Return what the newest articles of a source showed, the newest first."""
        rows = self._database.execute(
            "SELECT shown FROM trace WHERE source = ? AND turn IS NULL AND shown <> x'' ORDER BY article DESC LIMIT ?",
            (source, NEWEST),
        )
        return [_marks(row[0]) for row in rows.fetchall()]

    def of(self, article: int) -> Traces:
        """Return the traces of an article. ``shown`` is empty where they are not known, or no more: it is old."""
        row = self._database.one("SELECT shown, repeated FROM trace WHERE article = ?", (article,))
        return Traces(shown=_marks(row[0]), repeated=_marks(row[1])) if row else NO_TRACES

    def keep(self, article: int, channel: str, traces: Traces, turn: int) -> None:
        """Keep the traces of a new article.

        Args:
            article: the article.
            channel: that announced it.
            traces: of its pages.
            turn: of the channel, at whose end they count.
        """
        if traces.shown:
            self._database.execute(
                "INSERT INTO trace (article, source, channel, turn, shown, repeated)"
                " SELECT id, source, ?, ?, ?, ? FROM article WHERE id = ?",
                (channel, turn, _packed(traces.shown), _packed(traces.repeated), article),
            )

    def add(self, article: int, traces: Traces) -> None:
        """Add what an article showed when it was looked at again, as long as its traces are known."""
        before = self.of(article)
        now = before | traces
        if before.shown and now != before:
            self._database.execute(
                "UPDATE trace SET shown = ?, repeated = ? WHERE article = ?",
                (_packed(now.shown), _packed(now.repeated), article),
            )

    def settle(self, source: str, channel: str, turn: int | None = None) -> bool:
        """Have the traces of a channel's turn count, and of those before, or of all. Returns whether any do so only now."""
        with self._database.transaction():
            settled = self._database.execute(
                "UPDATE trace SET turn = NULL WHERE source = ?1 AND channel = ?2 AND turn IS NOT NULL AND turn <= coalesce(?3, turn)",
                (source, channel, turn),
            ).rowcount
            if settled:
                self._forget(source)
        return bool(settled)

    def _forget(self, source: str) -> None:
        old = (
            "source = ?1 AND turn IS NULL AND shown <> x'' AND article <="
            " (SELECT article FROM trace WHERE source = ?1 AND turn IS NULL AND shown <> x'' ORDER BY article DESC LIMIT 1 OFFSET ?2)"
        )
        self._database.execute(f"DELETE FROM trace WHERE {old} AND repeated = x''", (source, NEWEST))
        self._database.execute(f"UPDATE trace SET shown = x'' WHERE {old}", (source, NEWEST))


def _marks(packed: bytes) -> frozenset[Mark]:
    return frozenset(Mark(packed[at : at + MARK_BYTES]) for at in range(0, len(packed), MARK_BYTES))


def _packed(marks: Iterable[Mark]) -> bytes:
    return b"".join(sorted(marks))
