"""Editions: the complete tree of each, what every version changed, and what was published where."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import TYPE_CHECKING, Literal

from msgspec import Struct

from pappus.layout import bin_of
from pappus.model import Artifact, Digest, Entry, Receipt, Version, digest
from pappus.store.database import moment, stamp

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping
    from datetime import datetime

    from pappus.store.database import Database, Packer, Row

_ENTRY = "path, size, digest, media_type"
PutOutcome = Literal["added", "changed", "same"]

_GENESIS = Digest("0" * 64)


class Built(Struct, frozen=True, kw_only=True):
    """How far an edition is built."""

    chrome: str  # digest of what all pages depend on
    frame: str  # digest of what all indexes depend on
    seen: int  # change counter up to which articles are in it
    version: Version


class Tally(Struct, frozen=True, kw_only=True):
    """What the articles of a month take in an edition."""

    month: str  # YYYY-MM; "" for what belongs to no month
    files: int
    pages: int  # of articles: each has a QR image at every mirror
    size: int  # bytes


class Changes(Struct, frozen=True, kw_only=True):
    """What is different between two versions."""

    puts: tuple[Entry, ...]  # as they are now
    added: tuple[str, ...]  # those paths among the puts at which nothing stood before
    deletions: tuple[str, ...]


class Editions:
    """The editions of a store. A build happens inside one transaction: the tree is the old one or the new one."""

    KEPT = 10_000  # versions whose changes are remembered

    def __init__(self, database: Database, packer: Packer) -> None:
        self._database = database
        self._packer = packer

    def built(self, edition: str) -> Built:
        """Return how far an edition is built; version 0 for one that never was."""
        row = self._database.one("SELECT chrome, frame, seen, number, chain FROM edition WHERE name = ?", (edition,))
        if row is None:
            return Built(chrome="", frame="", seen=0, version=Version(number=0, chain=_GENESIS))
        return Built(chrome=row[0], frame=row[1], seen=row[2], version=Version(number=row[3], chain=Digest(row[4])))

    def digest(self, edition: str, path: str) -> str | None:
        """Return the digest of what stands at a path, None if nothing does or if it is leaving."""
        row = self._database.one(
            "SELECT digest FROM artifact WHERE edition = ? AND path = ? AND leaving IS NULL", (edition, path)
        )
        return row[0] if row else None

    def leaving(self, edition: str) -> set[str]:
        """Return the paths at which only what is leaving stands."""
        rows = self._database.execute("SELECT path FROM artifact WHERE edition = ? AND leaving IS NOT NULL", (edition,))
        return {row[0] for row in rows.fetchall()}

    def text(self, edition: str, path: str) -> str:
        """Return the text that stands at a path, "" where nothing does or where it is leaving."""
        row = self._database.one(
            "SELECT body FROM artifact WHERE edition = ? AND path = ? AND leaving IS NULL", (edition, path)
        )
        return self._packer.unpack(row[0]).decode() if row and row[0] is not None else ""

    def missing(self, edition: str, paths: Iterable[str]) -> set[str]:
        """Return those of the paths at which nothing stands, or only what is leaving."""
        wanted = list(paths)
        rows = self._database.execute(
            "SELECT path FROM artifact WHERE edition = ? AND leaving IS NULL"
            " AND path IN (SELECT value FROM json_each(?))",
            (edition, json.dumps(wanted)),
        )
        return set(wanted).difference(row[0] for row in rows)

    def put(self, edition: str, artifacts: Collection[Artifact]) -> dict[str, PutOutcome]:
        """Put artifacts of different paths into the tree. Returns what that did, by path."""
        rows = self._database.execute(
            "SELECT path, digest, leaving FROM artifact WHERE edition = ? AND path IN (SELECT value FROM json_each(?))",
            (edition, json.dumps([one.entry.path for one in artifacts])),
        )
        before = {row[0]: row[1:] for row in rows.fetchall()}
        outcomes: dict[str, PutOutcome] = {}
        changed = []
        for one in artifacts:
            path = one.entry.path
            standing, leaving = before.get(path, ("", None))
            if standing != one.entry.digest:
                outcomes[path] = "changed" if standing else "added"
                changed.append(one)
            else:
                outcomes[path] = "same"
                if leaving is not None:
                    self._database.execute(
                        "UPDATE artifact SET leaving = NULL WHERE edition = ? AND path = ?", (edition, path)
                    )
        self._database.executemany(
            "INSERT INTO artifact (edition, path, digest, size, media_type, bin, body) VALUES (?, ?, ?, ?, ?, ?, ?)"
            " ON CONFLICT DO UPDATE SET digest = excluded.digest, size = excluded.size,"
            " media_type = excluded.media_type, leaving = NULL, body = excluded.body",
            (
                (edition, path, name, size, media_type, bin_of(path), self._packed(body))
                for (path, size, name, media_type), body in ((one.entry, one.body) for one in changed)
            ),
        )
        return outcomes

    def _packed(self, body: bytes | None) -> bytes | None:
        return None if body is None else self._packer.pack_swiftly(body)

    def leave(self, edition: str, path: str, since: datetime) -> None:
        """Say that nothing needs what stands at a path, since then or longer; :meth:`sweep` takes it out of the tree."""
        self._database.execute(
            "UPDATE artifact SET leaving = min(coalesce(leaving, ?1), ?1) WHERE edition = ?2 AND path = ?3",
            (stamp(since), edition, path),
        )

    def sweep(self, edition: str, until: datetime | None, *, texts: bool = False) -> list[str]:
        """Take out of the tree what has been leaving since ``until`` or longer. Returns its paths.

        Args:
            edition: its name.
            until: None for all that is leaving.
            texts: take out all texts that are leaving, whenever that began; pictures stay for those who have their page before them.
        """
        rows = self._database.execute(
            "DELETE FROM artifact WHERE edition = ? AND leaving IS NOT NULL AND (leaving <= ? OR (? AND body IS NOT NULL))"
            " RETURNING path",
            (edition, stamp(until) if until else "~", texts),
        )
        return sorted(row[0] for row in rows.fetchall())

    def need(self, edition: str, wanted: Mapping[int, Collection[str]]) -> dict[str, bool]:
        """Say which artifacts articles need. Returns those that one of them needed before and needs no more, and whether nobody does."""
        before: defaultdict[int, set[str]] = defaultdict(set)
        for article, path in self._database.execute(
            "SELECT article, path FROM need WHERE edition = ? AND article IN (SELECT value FROM json_each(?))",
            (edition, json.dumps([*wanted])),
        ).fetchall():
            before[article].add(path)
        self._database.executemany(
            "INSERT INTO need (edition, article, path) VALUES (?, ?, ?)",
            [
                (edition, article, path)
                for article, paths in wanted.items()
                for path in sorted(set(paths) - before[article])
            ],
        )
        left = {article: sorted(before[article].difference(paths)) for article, paths in wanted.items()}
        self._database.executemany(
            "DELETE FROM need WHERE edition = ? AND article = ? AND path = ?",
            [(edition, article, path) for article, paths in left.items() for path in paths],
        )
        every = {path for paths in left.values() for path in paths}
        needed = self._needed(edition, every)
        return {path: path not in needed for path in sorted(every)}

    def _needed(self, edition: str, paths: Iterable[str]) -> set[str]:
        rows = self._database.execute(
            "SELECT DISTINCT path FROM need WHERE edition = ? AND path IN (SELECT value FROM json_each(?))",
            (edition, json.dumps([*paths])),
        )
        return {row[0] for row in rows}

    def unneeded(self, edition: str) -> list[str]:
        """Return the paths of all artifacts that belong to no article: indexes and the like."""
        rows = self._database.execute(
            "SELECT path FROM artifact WHERE edition = ?1 AND leaving IS NULL AND NOT EXISTS"
            " (SELECT 1 FROM need WHERE need.edition = ?1 AND need.path = artifact.path) ORDER BY path",
            (edition,),
        )
        return [row[0] for row in rows.fetchall()]

    def finish(self, edition: str, *, chrome: str, frame: str, seen: int, changed: Mapping[str, bool]) -> Version:
        """Record that an edition is built up to a change counter. A new version only where a path changed.

        Args:
            edition: its name.
            chrome: what its pages depend on.
            frame: what its indexes depend on.
            seen: the change counter.
            changed: the paths that changed or went, and for each whether it was added.
        """
        before = self.built(edition)
        version = self._advance(edition, before.version, changed) if changed else before.version
        if before != Built(chrome=chrome, frame=frame, seen=seen, version=version):
            self._database.execute(
                "INSERT INTO edition (name, chrome, frame, seen, number, chain) VALUES (?, ?, ?, ?, ?, ?)"
                " ON CONFLICT DO UPDATE SET chrome = excluded.chrome, frame = excluded.frame, seen = excluded.seen,"
                " number = excluded.number, chain = excluded.chain",
                (edition, chrome, frame, seen, version.number, version.chain),
            )
        return version

    def _advance(self, edition: str, before: Version, changed: Mapping[str, bool]) -> Version:
        lines = [before.chain, *(f"{path}\0{self.digest(edition, path) or ''}" for path in sorted(changed))]
        version = Version(number=before.number + 1, chain=digest("\n".join(lines).encode()))
        self._database.execute(
            "INSERT INTO version (edition, number, chain) VALUES (?, ?, ?)",
            (edition, version.number, version.chain),
        )
        self._database.executemany(
            "INSERT INTO change (edition, number, path, added) VALUES (?, ?, ?, ?)",
            [(edition, version.number, path, added) for path, added in sorted(changed.items())],
        )
        self._database.execute(
            "DELETE FROM change WHERE edition = ? AND number <= ?", (edition, version.number - self.KEPT)
        )
        return version

    def has(self, edition: str, version: Version) -> bool:
        """Whether a version is one of this edition's history."""
        row = self._database.one(
            "SELECT chain FROM version WHERE edition = ? AND number = ?", (edition, version.number)
        )
        return row is not None and row[0] == version.chain

    def remembers(self, edition: str, since: Version) -> bool:
        """Whether :meth:`changes` is known since a version of this edition's history, or that is too long ago."""
        return self.built(edition).version.number - since.number <= self.KEPT

    def changes(self, edition: str, since: Version) -> Changes:
        """Return what changed after a version that is remembered, by path."""
        rows = self._database.execute(
            "SELECT change.path, size, digest, media_type, max(added) FROM change LEFT JOIN artifact"
            " ON artifact.edition = change.edition AND artifact.path = change.path"
            " WHERE change.edition = ? AND change.number > ? GROUP BY change.path ORDER BY change.path",
            (edition, since.number),
        ).fetchall()
        return Changes(
            puts=tuple(_entry(row) for row in rows if row[2] is not None),
            added=tuple(row[0] for row in rows if row[2] is not None and row[4]),
            deletions=tuple(row[0] for row in rows if row[2] is None),
        )

    def touched(self, edition: str, since: int) -> list[str]:
        """Return the paths that changed, came or went after a version that is remembered."""
        rows = self._database.execute(
            "SELECT DISTINCT path FROM change WHERE edition = ? AND number > ?", (edition, since)
        )
        return [row[0] for row in rows]

    def manifest(self, edition: str) -> Iterator[Entry]:
        """Yield the complete tree of an edition, by path."""
        rows = self._database.execute(f"SELECT {_ENTRY} FROM artifact WHERE edition = ? ORDER BY path", (edition,))
        for row in rows:
            yield _entry(row)

    def within(self, edition: str, folder: str) -> list[str]:
        """Return the paths in a folder of the tree, which is given with its slash, and in those within it."""
        rows = self._database.execute(
            "SELECT path FROM artifact WHERE edition = ? AND path >= ? AND path < ? ORDER BY path",
            (edition, folder, f"{folder[:-1]}0"),  # "0" follows "/"
        )
        return [row[0] for row in rows.fetchall()]

    def size(self, edition: str) -> tuple[int, int]:
        """Return how many artifacts an edition has, and their bytes."""
        row = self._database.one(
            "SELECT coalesce(sum(files), 0), coalesce(sum(size), 0) FROM tally WHERE edition = ?", (edition,)
        )
        return (row[0], row[1]) if row else (0, 0)

    def tallies(self, edition: str) -> list[Tally]:
        """Return what an edition takes, by month."""
        rows = self._database.execute(
            "SELECT month, files, pages, size FROM tally WHERE edition = ? ORDER BY month", (edition,)
        )
        return [Tally(month=row[0], files=row[1], pages=row[2], size=row[3]) for row in rows]

    def binned(self, edition: str, low: int, high: int) -> Iterator[Entry]:
        """Yield the artifacts whose bin is at least ``low`` and less than ``high``; their media types are left out."""
        rows = self._database.execute(
            "SELECT path, size, digest FROM artifact WHERE edition = ? AND bin >= ? AND bin < ?", (edition, low, high)
        )
        for path, size, name in rows:
            yield Entry(path=path, size=size, digest=Digest(name), media_type="")

    def crowd(self, edition: str, folder: str) -> int:
        """Return how many files and folders stand in a folder of the tree; "" for its root."""
        start = f"{folder}/" if folder else ""
        row = self._database.one(
            "SELECT count(DISTINCT substr(path, ?2, instr(substr(path, ?2) || '/', '/'))) FROM artifact"
            " WHERE edition = ?1 AND path >= ?3 AND path < ?4",
            (edition, len(start) + 1, start, f"{folder}0" if folder else "\U0010ffff"),  # "0" follows "/"
        )
        return row[0] if row else 0

    def body(self, edition: str, path: str) -> bytes | None:
        """Return the bytes of an artifact; None for stored media.

        Raises:
            KeyError: nothing stands at that path.
        """
        row = self._database.one("SELECT body FROM artifact WHERE edition = ? AND path = ?", (edition, path))
        if row is None:
            raise KeyError(path)
        return None if row[0] is None else self._packer.unpack(row[0])

    # Receipts

    def published(self, receipt: Receipt, now: datetime) -> None:
        """Keep a receipt."""
        self._database.execute(
            "INSERT INTO receipt (mirror, edition, number, puts, deletions, size, token, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                receipt.mirror, receipt.edition, receipt.version, receipt.puts, receipt.deletions, receipt.size,
                receipt.token, stamp(now),
            ),
        )  # fmt: skip

    def receipts(self) -> list[tuple[Receipt, datetime]]:
        """Return the newest receipt of every mirror, by name."""
        rows = self._database.execute(
            "SELECT mirror, edition, number, puts, deletions, size, token, at FROM receipt"
            " WHERE id IN (SELECT max(id) FROM receipt GROUP BY mirror) ORDER BY mirror"
        )
        return [(_receipt(row), moment(row[7])) for row in rows.fetchall()]


def _entry(row: Row) -> Entry:
    return Entry(path=row[0], size=row[1], digest=Digest(row[2]), media_type=row[3])


def _receipt(row: Row) -> Receipt:
    return Receipt(
        mirror=row[0],
        edition=row[1],
        version=row[2],
        puts=row[3],
        deletions=row[4],
        size=row[5],
        token=row[6],
    )
