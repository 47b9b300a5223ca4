"""Reports: what each run did, and what there is to say about it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from msgspec import Struct

from pappus.store.database import moment, stamp

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from pappus.store.database import Database

_KEPT = 1_000  # runs; older ones are forgotten


class Event(Struct, frozen=True, kw_only=True):
    """One line of a report."""

    kind: str  # new, revised, withdrawn, filtered, failed, warned, built, published, proven
    place: str  # source, channel or mirror
    subject: str  # mostly a URL or a path
    reason: str = ""


class Run(Struct, frozen=True, kw_only=True):
    """One run of a verb."""

    id: int
    verb: str
    started: datetime
    ended: datetime | None  # None: still going on, or killed
    summary: Mapping[str, int]
    events: tuple[Event, ...] = ()


class Runs:
    """The reports of a store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def start(self, verb: str, now: datetime) -> int:
        """Open a report. Returns its number."""
        cursor = self._database.execute("INSERT INTO run (verb, started) VALUES (?, ?)", (verb, stamp(now)))
        return int(cursor.lastrowid or 0)

    def finish(self, run: int, events: list[Event], summary: Mapping[str, int], now: datetime) -> None:
        """Close a report, and forget those that are very old."""
        with self._database.transaction():
            self._database.executemany(
                "INSERT INTO event (run, number, kind, place, subject, reason) VALUES (?, ?, ?, ?, ?, ?)",
                [(run, number, e.kind, e.place, e.subject, e.reason) for number, e in enumerate(events)],
            )
            self._database.execute(
                "UPDATE run SET ended = ?, summary = ? WHERE id = ?",
                (stamp(now), json.dumps(dict(summary)), run),
            )
            self._database.execute("DELETE FROM event WHERE run <= ?", (run - _KEPT,))
            self._database.execute("DELETE FROM run WHERE id <= ?", (run - _KEPT,))

    def newest(self, limit: int) -> list[Run]:
        """Return the newest reports with their events, newest first."""
        rows = self._database.execute(
            "SELECT id, verb, started, ended, summary FROM run ORDER BY id DESC LIMIT ?", (limit,)
        )
        return [
            Run(
                id=row[0], verb=row[1], started=moment(row[2]), ended=moment(row[3]) if row[3] else None,
                summary=json.loads(row[4]), events=self._events(row[0]),
            )
            for row in rows.fetchall()
        ]  # fmt: skip

    def _events(self, run: int) -> tuple[Event, ...]:
        rows = self._database.execute(
            "SELECT kind, place, subject, reason FROM event WHERE run = ? ORDER BY number", (run,)
        )
        return tuple(Event(kind=row[0], place=row[1], subject=row[2], reason=row[3]) for row in rows.fetchall())
