"""Withdrawals for good: what the store holds of an article goes, in one transaction; then the bytes go from its files.

SQLite leaves what is deleted in free pages, in the slack of others and in its write-ahead log, and a zstd dictionary is made of pieces of
the bodies that it was trained on. So the file is written anew once no edition holds the text, and such a dictionary is replaced.
What was begun is gone on with by :meth:`Withdrawals.scrub`, however often it is killed (rule 16).
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from pappus.model import Digest, Media, digest
from pappus.store.database import Packer, compressor, stamp, train
from pappus.store.files import medium
from pappus.store.shown import Shown

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from collections.abc import Set as AbstractSet
    from datetime import datetime

    from zstandard import ZstdCompressionDict

    from pappus.store.database import Database, Row
    from pappus.store.files import Files

_PACKED: Final = (
    ("article", ("id",), "content"),
    ("revision", ("article", "number"), "content"),
    ("artifact", ("edition", "path"), "body"),
)  # where bodies are that a Packer made: table, key, column
_BATCH: Final = 500  # bodies that are in memory together
_TOLD: Final = 500  # characters of a title that a report keeps
_SILENCED: Final = "(withdrawn)"  # what a report says instead of its address


class Holding(Struct, frozen=True, kw_only=True):
    """What the store holds of an article, and what of that would go."""

    titles: tuple[str, ...]  # present and former
    addresses: tuple[str, ...]  # these stay: it is known again by them
    contents: tuple[Digest, ...]  # of its content, then of former revisions
    gone: tuple[Media, ...]  # media that no other article shows
    kept: tuple[Media, ...]  # media that others show as well


class Withdrawal(Struct, frozen=True, kw_only=True):
    """An article that is withdrawn for good."""

    number: int
    article: int
    scrubbed: bool


def is_gone(database: Database, article: int) -> bool:
    """Whether an article is withdrawn for good."""
    return database.one("SELECT 1 FROM withdrawal WHERE article = ?", (article,)) is not None


class Withdrawals:
    """The withdrawals of a store."""

    def __init__(self, database: Database, packer: Packer, files: Files) -> None:
        self._database = database
        self._packer = packer
        self._files = files
        self._shown = Shown(database)

    # Asking

    def count(self, edition: str | None = None) -> int:
        """Return how many there are; with an edition's name, how many of them it shows by now."""
        row = self._database.one(
            "SELECT count(*) FROM withdrawal WHERE ?1 IS NULL OR changed <= (SELECT seen FROM edition WHERE name = ?1)",
            (edition,),
        )
        return row[0] if row else 0

    def open(self) -> list[Withdrawal]:
        """Return those with something left to do: pieces in a file of the store, or a mirror that was not seen without them."""
        rows = self._database.execute(
            "SELECT number, article, scrubbed FROM withdrawal WHERE proven = 0 ORDER BY number"
        )
        return [Withdrawal(number=row[0], article=row[1], scrubbed=bool(row[2])) for row in rows.fetchall()]

    def holding(self, article: int) -> Holding:
        """Return what is held of an article."""
        row = self._database.one("SELECT title, content FROM article WHERE id = ?", (article,))
        if row is None:
            raise KeyError(article)
        former = self._database.execute(
            "SELECT content FROM revision WHERE article = ? ORDER BY number DESC", (article,)
        ).fetchall()
        contents = [self._packer.unpack(packed) for packed in (row[1], *(one[0] for one in former))]
        media = {
            one["digest"]: Media(**one) for content in contents for one in json.loads(content)["media"]
        }  # each once
        shown = self._shown_by_others(article, media)
        media, shown = self._with_variants(media, shown)
        events = self._database.execute(
            "SELECT DISTINCT reason FROM event WHERE kind IN ('new', 'revised')"
            " AND subject IN (SELECT url FROM address WHERE article = ?)",
            (article,),
        )  # titles of former revisions stand nowhere else
        titles = dict.fromkeys(title for title in (row[0], *(one[0] for one in events.fetchall())) if title)
        addresses = self._database.execute("SELECT url FROM address WHERE article = ? ORDER BY url", (article,))
        return Holding(
            titles=tuple(titles),
            addresses=tuple(one[0] for one in addresses.fetchall()),
            contents=tuple(digest(content) for content in contents),
            gone=tuple(one for name, one in sorted(media.items()) if name not in shown),
            kept=tuple(one for name, one in sorted(media.items()) if name in shown),
        )

    def _with_variants(self, media: Mapping[str, Media], shown: AbstractSet[str]) -> tuple[dict[str, Media], set[str]]:
        """Return these media with their variants, finished or not, and which of all of them others show as well."""
        rows = self._database.execute(
            "SELECT digest, media_type, size, width, height, media FROM variant"
            " WHERE media IN (SELECT value FROM json_each(?1)) OR digest IN"
            " (SELECT digest FROM variant WHERE media IN (SELECT value FROM json_each(?1)))",
            (json.dumps(sorted(media)),),
        ).fetchall()
        gone = media.keys() - shown
        others = {row[0] for row in rows if row[5] not in gone}
        return {**{row[0]: medium(row) for row in rows}, **media}, {*shown, *others}

    def pieces(self, article: int) -> list[tuple[str, str, str]]:
        """Return the files that editions have for an article alone: edition, path, and digest."""
        rows = self._database.execute(
            "SELECT edition, path, digest FROM need AS mine JOIN artifact USING (edition, path) WHERE article = ?1 AND NOT EXISTS"
            " (SELECT 1 FROM need WHERE edition = mine.edition AND path = mine.path AND article <> ?1) ORDER BY edition, path",
            (article,),
        )
        return [(row[0], row[1], row[2]) for row in rows.fetchall()]

    def _shown_by_others(self, article: int, names: Collection[str]) -> set[str]:
        """Return which of these media the other articles show now, those as well that may come back."""
        shown: set[str] = set()
        waiting = {name: name.encode() for name in names}
        for key, packed in _bodies(self._database, *_PACKED[0]):
            if not waiting:
                break
            if key != (article,):
                content = self._packer.unpack(packed)
                shown |= {name for name, needle in waiting.items() if needle in content}
                waiting = {name: needle for name, needle in waiting.items() if name not in shown}
        return shown

    # Doing

    def purge(self, article: int, reason: str, now: datetime) -> bool:
        """Take everything of an article out of the store but its addresses, and have a notice stand for it, with this reason.

        Pages that link to it change. What editions hold of it goes with the next build. Returns whether it was not withdrawn for good
        yet; if it was, only another reason is taken over.
        """
        self._database.execute(
            "PRAGMA secure_delete = ON"
        )  # for as long as this store is open: the build overwrites as well
        with self._database.transaction():
            if is_gone(self._database, article):
                self._reword(article, reason)
                return False
            holding = self.holding(article)
            changed = self._shown.counter() + 1
            self._database.execute(
                "INSERT INTO withdrawal (article, at, changed, sampled) VALUES (?, ?, ?, ?)",
                (article, stamp(now), changed, self._sampled(article)),
            )
            self._shown.take_away(article)
            self._empty(article, reason, holding, changed, now)
            self._silence(article, holding)
            self._doom(holding)
        return True

    def _reword(self, article: int, reason: str) -> None:
        self._database.execute(
            "UPDATE article SET withdrawn = ?, changed = ? WHERE id = ? AND withdrawn <> ?",
            (reason, self._shown.counter() + 1, article, reason),
        )

    def _empty(self, article: int, reason: str, holding: Holding, changed: int, now: datetime) -> None:
        """Leave of the article's row what its address and its order need, and digests of its titles."""
        known = [digest(title.encode("utf-8", "surrogatepass")) for title in holding.titles]
        content = {"body": "", "notices": [], "media": [], "revised": stamp(now), "titles": known}
        self._database.execute(
            "UPDATE article SET title = '', withdrawn = ?, digest = '', changed = ?, content = ?, page = '', etag = '',"
            " last_modified = '', setting = '', next_look = NULL WHERE id = ?",
            (reason, changed, self._packer.pack(json.dumps(content, sort_keys=True).encode()), article),
        )
        for table in ("revision", "link", "trace"):
            self._database.execute(f"DELETE FROM {table} WHERE article = ?", (article,))

    def _silence(self, article: int, holding: Holding) -> None:
        """Blank what announcements and reports say of it."""
        self._database.execute(
            "UPDATE lead SET reason = '', announced = NULL, next_try = NULL"
            " WHERE url IN (SELECT url FROM address WHERE article = ?)",
            (article,),
        )
        told = [" ".join(title.split())[:_TOLD] for title in holding.titles]
        marks = ", ".join("?" * len(told))
        self._database.execute(
            f"UPDATE event SET subject = '{_SILENCED}', reason = '' WHERE EXISTS (SELECT 1 FROM address"
            " WHERE address.article = ? AND (event.subject = address.url OR instr(event.reason, address.url)))"
            f" OR reason IN ({marks})",
            (article, *told),
        )

    def _doom(self, holding: Holding) -> None:
        names = [(one.digest,) for one in holding.gone]
        self._database.executemany("DELETE FROM variant WHERE media = ?", names)
        self._database.executemany("DELETE FROM media_origin WHERE digest = ?", names)
        self._database.executemany("DELETE FROM media WHERE digest = ?", names)
        self._database.executemany("INSERT INTO doomed (digest) VALUES (?) ON CONFLICT DO NOTHING", names)

    def _sampled(self, article: int) -> bool:
        """Whether a dictionary may hold pieces of an article: those that it was trained on are the first that stood."""
        row = self._database.one(
            "SELECT 1 FROM dictionary WHERE ? IN"
            " (SELECT id FROM article WHERE id NOT IN (SELECT article FROM withdrawal) ORDER BY id LIMIT ?)",
            (article, Packer.SAMPLES),
        )
        return row is not None

    # The bytes

    def scrub(self, editions: Collection[str]) -> bool:
        """Have no file of the store hold a piece of what was purged. To be called after a build, outside a transaction.

        Args:
            editions: names of those that the newsroom has; of others the tree goes, and is made anew if they come back.

        Returns:
            Whether that is so now. It is not before every edition is built; nor while another process reads.

        Raises:
            StoreError: the disk is full, or fails.
        """
        if not self._dirty():
            return True
        self._drop_editions(editions)
        if any(self.count(name) < self.count() for name in editions):
            return False
        self._delete_doomed()
        if self._database.one("SELECT 1 FROM withdrawal WHERE scrubbed = 0 AND sampled"):
            self._replace_dictionary()
        if not self._rewrite():
            return False
        self._database.execute("UPDATE withdrawal SET scrubbed = 1 WHERE scrubbed = 0")
        return True

    def _dirty(self) -> bool:
        return self._database.one("SELECT 1 FROM withdrawal WHERE scrubbed = 0") is not None

    def prove(self, number: int) -> None:
        """Record that nothing is left to do: its files are scrubbed, and every mirror was seen without it."""
        self._database.execute("UPDATE withdrawal SET proven = 1 WHERE number = ?", (number,))

    def _drop_editions(self, names: Collection[str]) -> None:
        known = [row[0] for row in self._database.execute("SELECT name FROM edition").fetchall()]
        with self._database.transaction():
            for name in sorted(set(known) - set(names)):
                for table in ("artifact", "need", "search_block"):
                    self._database.execute(f"DELETE FROM {table} WHERE edition = ?", (name,))
                self._database.execute("UPDATE edition SET chrome = '', frame = '' WHERE name = ?", (name,))

    def _delete_doomed(self) -> None:
        """Delete media files; but one that came back since, with another article, stays."""
        for (name,) in self._database.execute("SELECT digest FROM doomed").fetchall():
            if not self._database.one(
                "SELECT 1 FROM media WHERE digest = ?1 UNION SELECT 1 FROM variant WHERE digest = ?1", (name,)
            ):
                self._files.discard(name)
            self._database.execute("DELETE FROM doomed WHERE digest = ?", (name,))

    def _replace_dictionary(self) -> None:
        """Pack every body anew, with a dictionary of what stands; with none where there is too little of that."""
        old = [row[0] for row in self._database.execute("SELECT id FROM dictionary").fetchall()]
        trained = self._trained()
        packing = compressor(trained)
        with self._database.transaction():
            for table, key, column in _PACKED:
                where = " AND ".join(f"{name} = ?" for name in key)
                for values, packed in _bodies(self._database, table, key, column):
                    body = packing.compress(self._packer.unpack(packed))
                    self._database.execute(f"UPDATE {table} SET {column} = ? WHERE {where}", (body, *values))
            self._database.executemany("DELETE FROM dictionary WHERE id = ?", [(ident,) for ident in old])
            if trained is not None:
                self._packer.keep(trained)
            self._database.execute("UPDATE withdrawal SET sampled = 0")

    def _trained(self) -> ZstdCompressionDict | None:
        rows = self._database.execute(
            "SELECT content FROM article WHERE id NOT IN (SELECT article FROM withdrawal) ORDER BY id LIMIT ?",
            (Packer.SAMPLES,),
        ).fetchall()
        return train(self._packer.unpack(row[0]) for row in rows) if len(rows) == Packer.SAMPLES else None

    def _rewrite(self) -> bool:
        """Write the file anew from what it says, and empty its log. Returns whether the log is empty."""
        self._database.execute("VACUUM")
        row = self._database.one("PRAGMA wal_checkpoint(TRUNCATE)")
        return row is not None and row[0] == 0


def _bodies(database: Database, table: str, key: Sequence[str], column: str) -> Iterator[tuple[Row, bytes]]:
    """Yield the packed bodies of a table with their keys, by key, in batches: rows may be changed meanwhile."""
    names, marks = ", ".join(key), ", ".join("?" * len(key))
    after, last = "", ()
    while rows := database.execute(
        f"SELECT {names}, {column} FROM {table} WHERE {column} IS NOT NULL{after} ORDER BY {names} LIMIT {_BATCH}", last
    ).fetchall():
        yield from ((row[:-1], row[-1]) for row in rows)
        after, last = f" AND ({names}) > ({marks})", rows[-1][:-1]
