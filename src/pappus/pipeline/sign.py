"""sign: a built edition gets the signed metadata of its next release. Only what changed since the last one is signed again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pappus import trust
from pappus.errors import TrustError
from pappus.model import digest

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from pappus.model import Entry, Role, Version
    from pappus.pipeline.newsroom import Newsroom
    from pappus.store import Release, Store


def sign(newsroom: Newsroom, store: Store, online: trust.Online, edition: str, *, anew: bool = False) -> None:
    """Sign what an edition holds now, if that changed or if signatures are to be renewed. Whole or not at all.

    Args:
        newsroom: for its clock.
        store: where the edition is, and where releases are kept.
        online: the keys.
        edition: its name; one that was never built is passed over.
        anew: let what was signed with other keys be forgotten, and number what is signed beyond all that readers may have seen.

    Raises:
        TrustError: the keys are not those of what is published.
    """
    now = newsroom.clock()
    built = store.editions.built(edition).version
    if built.number == 0:
        return
    held = _held(store, edition)
    if not _known(held, online):
        if not anew:
            raise TrustError(
                f"edition {edition}",
                "was signed with other keys: readers would take it for a stranger's",
                "bring the former keys back, or give up what is published with 'pappus publish --replace'",
            )
        store.releases.clear(edition)
        held = {}
    touched = _touched(store, edition, store.releases.newest(edition), built)
    if not touched and not anew and not trust.due(held, online, now):
        return
    floor = int(now.timestamp()) if anew else 0  # beyond what was ever published, were it once a second
    files = trust.release(held, _Tree(store, edition), touched, online, now, floor=floor)
    if not files:
        return
    number = next(file.role.version for file in files if file.role.name == "timestamp")
    known = held | {file.role.name: file.role for file in files}
    with store.database.transaction():
        store.releases.retire(edition, trust.retired(known) - trust.retired(held), number)
        store.releases.keep(edition, number, built.number, files, now)


def _held(store: Store, edition: str) -> dict[str, Role]:
    """Return what is signed now, by role; of roots the newest."""
    held: dict[str, Role] = {}
    for one in store.releases.current(edition):
        if one.name not in held or held[one.name].version < one.version:
            held[one.name] = one
    return held


def _known(held: dict[str, Role], online: trust.Online) -> bool:
    """Whether readers of what was signed so far would know these keys: they follow from the root that was published."""
    root = held.get("root")
    return root is None or (
        root.version <= len(online.roots) and digest(online.roots[root.version - 1][1]) == root.digest
    )


def _touched(store: Store, edition: str, before: Release | None, built: Version) -> Collection[str]:
    """Return the paths that changed since the last release; of a first one, or where that is too long ago, all."""
    if before is None or built.number - before.built > store.editions.KEPT:
        return [entry.path for entry in store.editions.manifest(edition)]
    return store.editions.touched(edition, before.built)


class _Tree:
    """An edition as signing sees it."""

    def __init__(self, store: Store, edition: str) -> None:
        self._editions = store.editions
        self._edition = edition

    def count(self) -> int:
        """Return how many files there are."""
        return self._editions.size(self._edition)[0]

    def within(self, low: int, high: int) -> Iterable[Entry]:
        """Return the files of these bins."""
        return self._editions.binned(self._edition, low, high)
