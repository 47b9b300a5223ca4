"""The authors and tags of articles that stand: who wrote more than one of them, and what several are about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pappus.layout import label_key
from pappus.markup import plain
from pappus.model import Label

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pappus.model import LabelKind
    from pappus.store.database import Database


class Labels:
    """The labels of a store. One that a single article has leads nowhere, so it counts from the second on."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, article: int, published: str, authors: Sequence[str], tags: Sequence[str]) -> set[int]:
        """Say what authors and tags an article has. Returns the others whose pages change: a label of theirs is shared now, or no more."""
        rows = self._database.execute("SELECT kind, key FROM label WHERE article = ?", (article,))
        before = {(row[0], row[1]) for row in rows.fetchall()}
        now: dict[tuple[LabelKind, str], str] = {}
        named: tuple[tuple[LabelKind, Sequence[str]], ...] = (("author", authors), ("tag", tags))
        for kind, names in named:
            for name in filter(None, map(plain, names)):  # as pages say it: they lead to no other
                now.setdefault((kind, label_key(name)), name)
        self._database.execute("DELETE FROM label WHERE article = ?", (article,))
        self._database.executemany(
            "INSERT INTO label (kind, key, published, article, name) VALUES (?, ?, ?, ?, ?)",
            [(kind, key, published, article, name) for (kind, key), name in now.items()],
        )
        alone = (self._only_other(kind, key, article) for kind, key in before.symmetric_difference(now))
        return {other for other in alone if other is not None}

    def _only_other(self, kind: str, key: str, article: int) -> int | None:
        rows = self._database.execute(
            "SELECT article FROM label WHERE kind = ? AND key = ? AND article <> ? LIMIT 2", (kind, key, article)
        ).fetchall()
        return rows[0][0] if len(rows) == 1 else None

    def shared(self, article: int) -> list[Label]:
        """Return those of an article that others have as well."""
        rows = self._database.execute(
            "SELECT kind, key, name FROM label AS own WHERE article = ? AND EXISTS"
            " (SELECT 1 FROM label WHERE kind = own.kind AND key = own.key AND article <> own.article) ORDER BY kind, key",
            (article,),
        )
        return [Label(*row) for row in rows.fetchall()]

    def all(self) -> list[tuple[LabelKind, str]]:
        """Return kind and key of all that several articles have."""
        rows = self._database.execute(
            "SELECT kind, key FROM label GROUP BY kind, key HAVING count(*) > 1 ORDER BY kind, key"
        )
        return [(row[0], row[1]) for row in rows.fetchall()]
