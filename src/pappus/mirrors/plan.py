"""Pure: what must change at a mirror, and in which order (rule 13).

Leaves first (media, QR images), then pages, then indexes, then home, ``mirror.json`` last; deletions after all puts.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from pappus.layout import HOME, MIRROR_JSON, is_page
from pappus.model import Entry, Plan, Version

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from pappus.mirrors.binding import Binding


@dataclass(frozen=True, slots=True, kw_only=True)
class MirrorState:
    """What a mirror holds.

    Args:
        shown: what readers see; None where nothing is, or nothing of ours.
        base: what the next :meth:`Mirror.apply` starts from; None asks for a plan that puts everything.
    """

    shown: Binding | None = None
    base: Binding | None = field(default=None)


class Mirror(Protocol):
    """A place that holds an edition."""

    def state(self, *, mend: bool = True) -> MirrorState:
        """Look at what the place holds.

        Args:
            mend: put right what a killed publish left; else nothing is written anywhere.

        Raises:
            MirrorError: it cannot be reached, or holds what is not ours.
        """
        ...

    def apply(self, plan: Plan, read: Callable[[Entry], bytes]) -> str:
        """Make the place hold the plan's target: all of it or nothing.

        Args:
            plan: starts from the ``base`` that :meth:`state` gave; with ``plan.base`` None it names the whole tree.
            read: gives the bytes of an entry that is put.

        Returns:
            A token that names the published state, "" where there is none.

        Raises:
            MirrorError: the place is as it was before.
        """
        ...


def _rank(path: str) -> int:
    if path == MIRROR_JSON:
        return 4
    if path == HOME:
        return 3
    if is_page(path):
        return 1
    return 0 if path.startswith(("media/", "qr/")) else 2


def make_plan(
    edition: str, target: Version, base: Version | None, *, puts: Iterable[Entry], deletions: Iterable[str]
) -> Plan:
    """Return a plan with its steps in order."""
    ordered = sorted({entry.path: entry for entry in puts}.values(), key=lambda entry: (_rank(entry.path), entry.path))
    gone = sorted(set(deletions) - {entry.path for entry in ordered})
    return Plan(edition=edition, target=target, base=base, puts=tuple(ordered), deletions=tuple(gone))
