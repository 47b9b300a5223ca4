"""Releases: the signed metadata of an edition, what is current and what mirrors may still have."""

from __future__ import annotations

from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from pappus.model import Digest, Entry, Role
from pappus.store.database import moment, stamp

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from pappus.model import SignedFile
    from pappus.store.database import Database, Row

LINGER: Final = timedelta(hours=1)  # for which mirrors keep what is no longer current
_KEPT = 10_000  # releases of which it is remembered what they did away with
_JSON: Final = "application/json"
_RELEASE: Final = (
    "SELECT release.number, release.built, signed.digest, release.swept FROM release"
    " JOIN signed ON signed.edition = release.edition AND signed.path = 'metadata/timestamp.json'"
    " AND signed.since = release.number"
)


class Release(Struct, frozen=True, kw_only=True):
    """A signed state of an edition."""

    number: int  # version of the timestamp role
    built: int  # the edition's version that it signs
    seal: str  # digest of its timestamp
    swept: int  # what was done away with by this release or earlier is kept no longer


class Releases:
    """The signed metadata of a store's editions."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def newest(self, edition: str) -> Release | None:
        """Return the newest release of an edition, None where nothing is signed."""
        row = self._database.one(
            f"{_RELEASE} WHERE release.edition = ? ORDER BY release.number DESC LIMIT 1", (edition,)
        )
        return _release(row) if row else None

    def get(self, edition: str, number: int) -> Release | None:
        """Return a release by its number, None if it is not of this store or too long ago."""
        row = self._database.one(f"{_RELEASE} WHERE release.edition = ? AND release.number = ?", (edition, number))
        return _release(row) if row else None

    def is_forgotten(self, edition: str, number: int) -> bool:
        """Whether a release is so long ago that it is not known any more what it was."""
        newest = self.newest(edition)
        return newest is not None and number <= newest.number - _KEPT

    def current(self, edition: str) -> list[Role]:
        """Return all current files, and what is remembered of roles that are retired."""
        rows = self._database.execute(
            "SELECT role, version, size, digest, expires, keyid FROM signed INDEXED BY signed_current"
            " WHERE edition = ? AND (until IS NULL OR retired)",
            (edition,),
        )
        expiries = cache(moment)  # thousands of bins, of a few hours
        return [Role(row[0], row[1], row[2], Digest(row[3]), expiries(row[4]), row[5]) for row in rows]

    def keep(self, edition: str, number: int, built: int, files: Iterable[SignedFile], now: datetime) -> None:
        """Store a release: its new files take the places of those of the same role; roots stand beside one another."""
        row = self._database.one(
            "SELECT max(number) FROM release WHERE edition = ? AND at <= ?", (edition, stamp(now - LINGER))
        )
        newest = self.newest(edition)
        before = newest.swept if newest else 0
        swept = max((row[0] if row else None) or 0, before)  # a clock that went back brings nothing back
        self._database.execute(
            "INSERT INTO release (edition, number, built, swept, at) VALUES (?, ?, ?, ?, ?)",
            (edition, number, built, swept, stamp(now)),
        )
        for file in files:
            role = file.role
            if role.name != "root":
                self._database.execute(
                    "UPDATE signed SET until = ? WHERE edition = ? AND role = ? AND until IS NULL",
                    (number, edition, role.name),
                )
            self._database.execute(
                "INSERT INTO signed (edition, path, since, role, version, size, digest, expires, keyid, body)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    edition, file.path, number, role.name, role.version, role.size, role.digest, stamp(role.expires),
                    role.keyid, file.body,
                ),
            )  # fmt: skip
        self._database.execute(
            "UPDATE signed SET body = NULL WHERE edition = ? AND until > ? AND until <= ? AND body IS NOT NULL",
            (edition, before, swept),
        )
        self._database.execute(
            "DELETE FROM signed WHERE edition = ? AND until <= ? AND NOT retired", (edition, number - _KEPT)
        )
        self._database.execute("DELETE FROM release WHERE edition = ? AND number <= ?", (edition, number - _KEPT))

    def retire(self, edition: str, roles: Iterable[str], number: int) -> None:
        """Say that a release does away with the files of these roles, and puts none in their places."""
        self._database.executemany(
            "UPDATE signed SET until = ?, retired = 1 WHERE edition = ? AND role = ? AND until IS NULL",
            [(number, edition, role) for role in roles],
        )

    def clear(self, edition: str) -> None:
        """Forget all releases of an edition."""
        with self._database.transaction():
            self._database.execute("DELETE FROM signed WHERE edition = ?", (edition,))
            self._database.execute("DELETE FROM release WHERE edition = ?", (edition,))

    def puts(self, edition: str, since: int, now: Release) -> list[Entry]:
        """Return the files that came after a release and are current, or kept for a while; since 0 all."""
        rows = self._database.execute(
            "SELECT path, size, digest FROM signed WHERE edition = ? AND since > ?"
            " AND (until IS NULL OR (until > ? AND role <> 'timestamp'))",
            (edition, since, now.swept),
        )
        return [Entry(path=row[0], size=row[1], digest=Digest(row[2]), media_type=_JSON) for row in rows]

    def deletions(self, edition: str, before: Release | None, now: Release) -> list[str]:
        """Return the paths that a mirror of an earlier release has, and that are kept no longer."""
        rows = self._database.execute(
            "SELECT DISTINCT path FROM signed AS gone WHERE edition = ?1 AND until > ?2 AND until <= ?3 AND NOT EXISTS"
            " (SELECT 1 FROM signed WHERE edition = ?1 AND path = gone.path AND until IS NULL)",
            (edition, before.swept if before else 0, now.swept),
        )
        return [row[0] for row in rows]

    def body(self, edition: str, path: str) -> bytes:
        """Return the bytes of a file that is current, or kept for a while.

        Raises:
            KeyError: there is none of that path.
        """
        row = self._database.one(
            "SELECT body FROM signed WHERE edition = ? AND path = ? ORDER BY since DESC LIMIT 1", (edition, path)
        )
        if row is None or row[0] is None:
            raise KeyError(path)
        body: bytes = row[0]
        return body

    def size(self, edition: str) -> tuple[int, int]:
        """Return how many current files there are, and their bytes."""
        row = self._database.one(
            "SELECT count(*), coalesce(sum(size), 0) FROM signed INDEXED BY signed_current"
            " WHERE edition = ? AND until IS NULL",
            (edition,),
        )
        return (row[0], row[1]) if row else (0, 0)


def _release(row: Row) -> Release:
    return Release(number=row[0], built=row[1], seal=row[2], swept=row[3])
