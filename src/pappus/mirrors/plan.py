"""Pure: what must change at a mirror, and in which order (rule 13).

First the signed metadata of the release that is coming, whose names are new and to which nothing leads yet; leaves (media, QR
images), pages, indexes, home; the timestamp, which is what makes the release the current one; deletions; ``mirror.json`` last. Whoever
verifies a place in the middle of it finds every file signed, by this release or by the coming one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from msgspec import Struct

from pappus.layout import (
    LAYOUTS,
    MIRROR_JSON,
    MIRRORS_JSON,
    SEARCH_INDEX,
    TIMESTAMP,
    Layout,
    is_binding,
    is_metadata,
)
from pappus.model import Entry, Plan, Version

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping
    from collections.abc import Set as AbstractSet

    from pappus.mirrors.binding import Binding


class MirrorState(Struct, frozen=True, kw_only=True):
    """What a mirror holds.

    Args:
        shown: what readers see; None where nothing is, or nothing of ours.
        base: what the next :meth:`Mirror.apply` starts from; None asks for a plan that puts everything.
    """

    shown: Binding | None = None
    base: Binding | None = None


class Held(Struct, frozen=True, kw_only=True):
    """What a place holds, and what can still be had of what it held before.

    Args:
        how: where that was seen, as people are told.
        at: by path, the digest of what stands there and of all that stood there; "" for what is no file, or too large for one of ours.
        loose: digests of what it keeps under no path.
    """

    how: str
    at: Mapping[str, AbstractSet[str]]
    loose: AbstractSet[str] = frozenset()


class Mirror(Protocol):
    """A place that holds an edition."""

    def state(self, *, mend: bool = True) -> MirrorState:
        """Look at what the place holds.

        Args:
            mend: put right what a killed publish left; else nothing is written anywhere.

        Raises:
            MirrorError: it cannot be reached; as ForeignError, it holds what is not ours.
        """
        ...

    def apply(self, plan: Plan, read: Callable[[Entry], bytes]) -> str:
        """Make the place hold the plan's target: all of it or nothing.

        Args:
            plan: starts from the ``base`` that :meth:`state` gave; with ``plan.base`` None it names the whole tree, and what else
                is there goes. With ``plan.forget``, what was there before is gone for good when this returns.
            read: gives the bytes of an entry that is put.

        Returns:
            A token that names the published state, "" where there is none.

        Raises:
            MirrorError: the place is as it was before; or, where places cannot be changed in one step, on the way: what readers find
                is of the version before or of the target, and every link in it leads somewhere. The next publish goes on.
        """
        ...

    def held(self, paths: Collection[str]) -> Held:
        """Read back what the place holds at these paths, and what it remembers.

        Nothing is believed that can be seen: files are read, not what was noted of them.

        Raises:
            MirrorError: it cannot be reached or read.
        """
        ...


def rank(path: str, layout: Layout) -> int:
    """Return in which step of a publish a file is put: all files of one rank before any of the next, those of one rank in any order."""
    last = (layout.home, TIMESTAMP, MIRROR_JSON)
    if path in last:
        return 4 + 2 * last.index(path)
    if is_metadata(path):
        if path.endswith(".root.json"):
            return rank(TIMESTAMP, layout) - 1  # who has it expects the timestamp to be of its key
        return 0
    if path.startswith(("media/", "qr/")) or path == MIRRORS_JSON:
        return 1  # that one because who verifies has to know of signposts before he meets them among pages
    if layout.is_page(path):
        return 2
    return (
        4 if is_binding(path) or path == SEARCH_INDEX else 3
    )  # what is made of lists or leads to parts comes after them


def make_plan(
    edition: str,
    target: Version,
    base: Version | None,
    *,
    puts: Iterable[Entry],
    deletions: Iterable[str],
    forget: bool = False,
) -> Plan:
    """Return a plan with its steps in order."""
    layout = LAYOUTS[edition]
    ordered = sorted(
        {entry.path: entry for entry in puts}.values(), key=lambda entry: (rank(entry.path, layout), entry.path)
    )
    gone = sorted(set(deletions) - {entry.path for entry in ordered})
    return Plan(edition=edition, target=target, base=base, puts=tuple(ordered), deletions=tuple(gone), forget=forget)
