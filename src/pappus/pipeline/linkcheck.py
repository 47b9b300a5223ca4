"""The link check of a build: an edition in which something leads nowhere, or is led to from nowhere, is not built.

Only what was rendered is looked at, and of an index only what it did not say before; the rest was looked at when it was new. What a build
holds for this grows with what it renders.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pappus.errors import BuildError
from pappus.layout import LAYOUTS, LED_TO_BY_NONE, MIRROR_JSON, SEARCH
from pappus.render import READERS, links

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from pappus.model import Artifact
    from pappus.store import Editions


class LinkCheck:
    """The check, during a build of an edition.

    Args:
        editions: what stands there.
        edition: its name.
        everything: whether all of it is rendered, so that nothing counts as looked at before.
    """

    def __init__(self, editions: Editions, edition: str, *, everything: bool) -> None:
        self._editions = editions
        self._edition = edition
        self._layout = LAYOUTS[edition]
        self._everything = everything
        self.pages: set[str] = set()  # articles' pages, whose own artifacts are led to
        self._texts: dict[str, str] = {}  # all other texts, and their media types
        self._linked: dict[
            str, tuple[str, ...]
        ] = {}  # such a text -> what it links to, as far as that has to be looked at
        self._lists: set[str] = set()  # to which articles' pages lead
        self._wanted: dict[str, str] = {}  # what is linked to -> one that does

    @property
    def rendered(self) -> int:
        """How many texts were rendered."""
        return len(self.pages) + len(self._texts)

    def article(self, artifacts: Sequence[Artifact], lists: Collection[str]) -> None:
        """Look at an article's page, what else is its own, and which of the lists on which it stands it leads to.

        Raises:
            BuildError: its page does not lead to what is its own.
        """
        page, *rest = (one.entry.path for one in artifacts)
        linked = {one.entry.path: found for one in artifacts if (found := links(one)) is not None}
        for path, found in linked.items():
            self._wanted |= dict.fromkeys(found, path)
        reached = _reached({page}, linked)
        if lost := {*rest} - reached:
            raise BuildError(min(lost), "is reachable from nowhere in the edition")
        self.pages.update(linked)  # |= with keys would copy all of it, for each article
        self._lists |= reached.intersection(lists)

    def index(self, artifact: Artifact) -> None:
        """Look at an index or the like, before it takes the place of what stands there."""
        path, media_type = artifact.entry.path, artifact.entry.media_type
        if artifact.body is None or media_type not in READERS:
            return
        former = "" if self._everything else self._editions.text(self._edition, path)
        found = READERS[media_type](artifact.body.decode(), path, former)
        self._texts[path] = media_type
        self._linked[path] = tuple(found)  # a quarter of what sets take
        self._wanted |= dict.fromkeys(found, path)

    def finish(self, changed: Mapping[str, bool], gone: Iterable[str]) -> None:
        """Look at all of it.

        Args:
            changed: paths that changed in this build, and whether they were added.
            gone: those that were taken out of the tree.

        Raises:
            BuildError: something leads nowhere or is led to from nowhere.
        """
        if dead := self._dead(gone):
            lost = min(dead)
            raise BuildError(dead[lost], f"links to {lost!r}, which is not in the edition")
        known = set() if self._everything else {path for path in self._texts if not changed.get(path)}
        reached = _reached({self._layout.home, *self._lists, *known}, self._linked)
        for path in sorted({*self._texts, *self.pages} - reached - LED_TO_BY_NONE):
            if self._everything or changed.get(path):
                raise BuildError(path, "is reachable from nowhere in the edition")

    def _dead(self, gone: Iterable[str]) -> dict[str, str]:
        """Return those that are linked to, and from where, at which nothing will stand when the edition is published.

        What mirrors make will stand wherever its source does.
        """
        behind = {target: self._layout.source(target) or target for target in self._wanted if target != MIRROR_JSON}
        missing = self._editions.missing(self._edition, behind.values())
        dead = {target: self._wanted[target] for target, path in behind.items() if path in missing}
        lost = set() if self._everything else self._editions.leaving(self._edition).union(gone)
        named = {
            path for path in lost if not path.startswith(SEARCH)
        }  # scripts ask for those, and few builds leave none
        for path, media_type in self._texts.items() if named else ():  # which may have linked there before
            found = READERS[media_type](self._editions.text(self._edition, path), path)
            dead |= dict.fromkeys(found & named, path)
        return dead


def _reached(start: set[str], linked: Mapping[str, Iterable[str]]) -> set[str]:
    """Return what these lead to, with themselves."""
    reached, waiting = set(start), list(start)
    while waiting:
        new = set(linked.get(waiting.pop(), ())) - reached
        reached |= new
        waiting += linked.keys() & new
    return reached
