"""What a run has to say: events for the record, progress for whoever watches."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Protocol

from pappus.store import Event

if TYPE_CHECKING:
    from datetime import datetime

    from pappus.errors import PappusError
    from pappus.model import Plan
    from pappus.store import Run, Store


class Listener(Protocol):
    """Who watches a run."""

    def event(self, event: Event) -> None:
        """Hear of something that happened."""

    def progress(self, place: str, done: int, total: int | None) -> None:
        """Hear how far the work at a source, edition or mirror is; ``total`` None: not known."""


class _Silent:
    def event(self, event: Event) -> None:
        pass

    def progress(self, place: str, done: int, total: int | None) -> None:
        pass


SILENT: Listener = _Silent()  # nobody watches; the report tells at the end


class Report:
    """Collects the events of one run."""

    def __init__(self, verb: str, listener: Listener) -> None:
        self.verb = verb
        self.events: list[Event] = []
        self.counts: Counter[str] = Counter()
        self.plans: dict[str, Plan] = {}  # by mirror
        self._listener = listener

    def note(self, kind: str, place: str, subject: str, reason: str = "") -> None:
        """Record an event. Reasons stand in one line."""
        event = Event(
            kind=kind, place=place, subject=" ".join(subject.split())[:500], reason=" ".join(reason.split())[:500]
        )
        self.events.append(event)
        self.counts[kind] += 1
        self._listener.event(event)

    def failed(self, place: str, subject: str, error: PappusError) -> None:
        """Record a failure."""
        told = error.why if error.subject in {"", subject, place} else str(error)
        self.note("failed", place, subject, told)

    def count(self, kind: str, number: int = 1) -> None:
        """Count what is too common to be told one by one."""
        self.counts[kind] += number

    def progress(self, place: str, done: int, total: int | None = None) -> None:
        """Tell how far the work is."""
        self._listener.progress(place, done, total)

    @property
    def clean(self) -> bool:
        """Whether nothing failed."""
        return not self.counts["failed"]

    def keep(self, store: Store, run: int, now: datetime) -> None:
        """Close the run's record in the store."""
        store.runs.finish(run, self.events, self.counts, now)


def failures(run: Run) -> list[Event]:
    """Return what failed in a recorded run."""
    return [event for event in run.events if event.kind == "failed"]
