"""Mirrors that did not answer, and until when they are left alone."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from pappus.store.database import moment, stamp

if TYPE_CHECKING:
    from datetime import datetime

    from pappus.store.database import Database

_FIRST: Final = timedelta(minutes=5)  # after the second failure in a row; twice as long after each that follows
_LONGEST: Final = timedelta(hours=2)


class Silences:
    """The silences of a store. A mirror that answers has none."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def until(self, mirror: str, now: datetime) -> datetime | None:
        """Return until when a mirror is left alone, None if it may be asked. A clock that went back keeps it from nothing."""
        row = self._database.one("SELECT until FROM silence WHERE mirror = ?", (mirror,))
        until = moment(row[0]) if row else now
        return until if now < until <= now + 2 * _LONGEST else None

    def failed(self, mirror: str, now: datetime, share: float) -> None:
        """Note that a mirror did not answer.

        Args:
            mirror: its name.
            now: when.
            share: about 1, by which it waits longer or shorter, so that many do not come back at once.
        """
        row = self._database.one("SELECT failures FROM silence WHERE mirror = ?", (mirror,))
        failures = row[0] + 1 if row else 1
        wait = min(_FIRST * 2 ** min(failures - 2, 10), _LONGEST) * share if failures > 1 else timedelta()
        self._database.execute(
            "INSERT INTO silence (mirror, failures, until) VALUES (?, ?, ?)"
            " ON CONFLICT DO UPDATE SET failures = excluded.failures, until = excluded.until",
            (mirror, failures, stamp(now + wait)),
        )

    def answered(self, mirror: str) -> None:
        """Note that a mirror answered."""
        self._database.execute("DELETE FROM silence WHERE mirror = ?", (mirror,))
