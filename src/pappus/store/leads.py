"""What channels announced and what became of it; and what each channel's address answered last."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Literal

from msgspec import Struct, convert, to_builtins
from msgspec.structs import replace

from pappus.model import Lead, Validators
from pappus.store.database import moment, stamp

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from pappus.store.database import Database

LeadState = Literal["stored", "filtered", "failed"]


class Settled(Struct, frozen=True, kw_only=True):
    """What became of a lead."""

    state: LeadState
    fingerprint: str
    reason: str = ""
    attempts: int = 0
    next_try: datetime | None = None


class ChannelState(Struct, frozen=True, kw_only=True):
    """What a channel's address answered last."""

    validators: Validators
    body_digest: str
    setting: str  # digest of how the channel was configured


class Leads:
    """The leads of a store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def settled(self, channel: str, url: str) -> Settled | None:
        """Return what became of a lead, None for one that was never seen."""
        row = self._database.one(
            "SELECT state, fingerprint, reason, attempts, next_try FROM lead WHERE channel = ? AND url = ?",
            (channel, url),
        )
        if row is None:
            return None
        return Settled(
            state=row[0],
            fingerprint=row[1],
            reason=row[2],
            attempts=row[3],
            next_try=moment(row[4]) if row[4] else None,
        )

    def settle(self, channel: str, url: str, settled: Settled, *, again: Lead | None = None) -> None:
        """Record what became of a lead; ``again`` is kept for the next try of one that failed."""
        self._database.execute(
            "INSERT INTO lead (channel, url, fingerprint, state, reason, attempts, next_try, announced)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET fingerprint = excluded.fingerprint,"
            " state = excluded.state, reason = excluded.reason, attempts = excluded.attempts, next_try = excluded.next_try,"
            " announced = excluded.announced",
            (
                channel, url, settled.fingerprint, settled.state, settled.reason, settled.attempts,
                settled.next_try and stamp(settled.next_try), _dump(again) if again and settled.next_try else None,
            ),
        )  # fmt: skip

    def due(self, channel: str, now: datetime) -> list[Lead]:
        """Return the failed leads of a channel whose next try has come."""
        rows = self._database.execute(
            "SELECT announced FROM lead WHERE channel = ? AND state = 'failed' AND next_try <= ? ORDER BY next_try, url",
            (channel, stamp(now)),
        )
        return [convert(json.loads(row[0]), Lead) for row in rows.fetchall()]

    def counts(self) -> dict[str, int]:
        """Return how many leads are in each state."""
        rows = self._database.execute("SELECT state, count(*) FROM lead GROUP BY state ORDER BY state")
        return dict(rows.fetchall())

    def channel(self, name: str) -> ChannelState | None:
        """Return what a channel answered last, None if it was never settled."""
        row = self._database.one(
            "SELECT etag, last_modified, body_digest, setting FROM channel WHERE name = ?", (name,)
        )
        if row is None:
            return None
        validators = Validators(etag=row[0], last_modified=row[1])
        return ChannelState(validators=validators, body_digest=row[2], setting=row[3])

    def looked(self, name: str, state: ChannelState, now: datetime) -> None:
        """Record what a channel answered. To be called only when all its leads are settled: a killed run asks anew."""
        self._database.execute(
            "INSERT INTO channel (name, etag, last_modified, body_digest, setting, looked_at) VALUES (?, ?, ?, ?, ?, ?)"
            " ON CONFLICT DO UPDATE SET etag = excluded.etag, last_modified = excluded.last_modified,"
            " body_digest = excluded.body_digest, setting = excluded.setting, looked_at = excluded.looked_at",
            (name, state.validators.etag, state.validators.last_modified, state.body_digest, state.setting, stamp(now)),
        )

    def channels(self) -> Sequence[tuple[str, datetime]]:
        """Return every channel that was looked at, and when."""
        rows = self._database.execute("SELECT name, looked_at FROM channel ORDER BY name")
        return [(row[0], moment(row[1])) for row in rows.fetchall()]

    # RobotsMemory, as the fetch room wants it

    def robots(self, origin: str) -> tuple[str, datetime] | None:
        """Return an origin's robots.txt and when it was fetched."""
        row = self._database.one("SELECT text, fetched_at FROM robots WHERE origin = ?", (origin,))
        return (row[0], moment(row[1])) if row else None

    def remember_robots(self, origin: str, text: str, at: datetime) -> None:
        """Keep an origin's robots.txt."""
        self._database.execute(
            "INSERT INTO robots (origin, text, fetched_at) VALUES (?, ?, ?)"
            " ON CONFLICT DO UPDATE SET text = excluded.text, fetched_at = excluded.fetched_at",
            (origin, text, stamp(at)),
        )


def _dump(lead: Lead) -> str:
    return json.dumps(to_builtins(replace(lead, page=None)))  # in ASCII: it may hold half of a surrogate pair
