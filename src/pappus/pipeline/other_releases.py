"""What a copy holds beside the release that it shows: earlier and later releases, what is left of them, and what is nobody's."""

from __future__ import annotations

import unicodedata
from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from tuf.api.metadata import MetaFile, Root, Snapshot, TargetFile, Targets

from pappus.layout import is_metadata, metadata_path
from pappus.pipeline.releases import WHAT, Chain, Copy, Release, of_metadata, portable, read_later
from pappus.trust import check
from pappus.trust.check import CheckError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from pappus.pipeline.places import Found


class OtherReleases:
    """Looks for it only where something is not as the release says."""

    def __init__(self, copy: Copy, chain: Chain, release: Release) -> None:
        self._copy = copy
        self._chain = chain
        self._release = release

    @cached_property
    def later(self) -> list[Release]:
        """Newer releases, the newest first."""
        return list(read_later(self._copy, self._chain, self._release))

    def ahead(self, path: str) -> bool:
        """Whether a file is as a newer release signs it."""
        return any(self._is(target, path) for later in self.later if (target := _of(later, path)))

    def gone(self, path: str) -> bool:
        """Whether a file is missing because the release that the copy shows by now has it no more."""
        return any(
            later.timestamp is not None and not later.damaged(path) and _of(later, path) is None for later in self.later
        )

    def kept(self, path: str) -> bool:
        """Whether a file is as a former release signed it. It is kept for those who still have that release before them."""
        return any(self._is(target, path) for target in self._former.get(path, ()))

    def page(self, path: str) -> Literal["ahead", "kept", ""]:
        """Return which other release has a page of this name, "" if none does."""
        if any(_of(later, path) for later in self.later):
            return "ahead"
        return "kept" if path in self._former else ""

    def strangers(self, known: Collection[str]) -> Iterator[Found]:
        """Yield what is in the listing and not known."""
        for path, found in (self._copy.listing or {}).items():
            if path not in known:
                yield found

    def refused(self, found: Found) -> str:
        """Return why a name can be nobody's in a mirror, "" if it may be somebody's."""
        if found.kind != "file":
            return f"is {WHAT[found.kind]}"
        if not portable(found.path):
            return "has a name that no mirror may have"
        if is_metadata(found.path):
            return self._metadata(found.path)
        return ""

    def _is(self, target: TargetFile, path: str) -> bool:
        try:
            return check.right(target, self._copy.read(path, target.length))
        except CheckError:
            return False

    def _metadata(self, path: str) -> str:
        """Return why a file is no metadata of another release of this newsroom's, "" if it is."""
        named = of_metadata(path)
        if named is None:
            return "is no metadata"
        name, version = named
        try:
            if name == Root.type:
                self._lower_root(self._copy.read(path, check.ROOT_BYTES), version)
            elif name == Snapshot.type:
                self._by_any(check.snapshot, self._copy.read(path, check.SNAPSHOT_BYTES), version)
            elif name == Targets.type:
                self._by_any(check.targets, self._copy.read(path, check.TARGETS_BYTES), version)
            elif path not in self._bins:
                return "is metadata of no release of this newsroom"
        except CheckError as error:
            return error.reason
        return ""

    def _lower_root(self, data: bytes, version: int) -> None:
        """Check a root before the one that the reader carries: the next one follows from it.

        Raises:
            CheckError: it does not.
        """
        path = metadata_path(Root.type, version)
        first = self._chain.roots[0].version
        if version >= first:
            raise CheckError("added", path, "does not belong to the chain of roots")
        following = version + 1
        after = self._chain.anchor
        if following < first:
            after = self._copy.read(metadata_path(Root.type, following), check.ROOT_BYTES)
        check.next_root(after, check.first_root(data, path))

    def _by_any(self, load: Callable[[bytes, Root, MetaFile], object], data: bytes, version: int) -> None:
        """Check old metadata against the roots that ever were, the newest first.

        Raises:
            CheckError: none of them has signed it.
        """
        first, *later = self._roots
        for root in reversed(later):
            try:
                load(data, root, MetaFile(version))
            except CheckError:
                continue
            return
        load(data, first, MetaFile(version))

    @cached_property
    def _roots(self) -> list[Root]:
        """The newsroom's roots that are here, ascending; from those before the one that the reader carries this one follows."""
        before: list[Root] = []
        after, version = self._chain.anchor, self._chain.roots[0].version - 1
        with suppress(CheckError):
            while version > 0:
                path = metadata_path(Root.type, version)
                data = self._copy.read(path, check.ROOT_BYTES)
                root = check.first_root(data, path)
                check.next_root(after, root)
                before.append(root)
                after, version = data, version - 1
        return [*reversed(before), *self._chain.roots]

    def _all_targets(self, roots: list[Root]) -> Iterator[Targets]:
        """Yield the targets roles that are here and signed by one of these roots, the release's first."""
        yield self._release.targets
        for name, version in self._copy.metadata():
            if name == Targets.type and version != self._release.targets.version:
                for root in roots:
                    try:
                        data = self._copy.read(metadata_path(name, version), check.TARGETS_BYTES)
                        yield check.targets(data, root, MetaFile(version))
                    except CheckError:
                        continue

    @cached_property
    def _bins(self) -> dict[str, tuple[bool, dict[str, TargetFile]]]:
        """What other bins that are here sign, by path of the bin, and whether by keys that still hold."""
        delegators = [(True, one) for one in self._all_targets([self._chain.root])]
        delegators += [(False, one) for one in self._all_targets(self._roots[:-1])]
        current = set(self._release.paths())
        bins = {}
        for name, version in self._copy.metadata():
            path = metadata_path(name, version)
            if path in current or name in {Root.type, Snapshot.type, Targets.type}:
                continue
            for holds, delegator in delegators:
                try:
                    data = self._copy.read(path, check.TARGETS_BYTES)
                    one = check.bin_targets(data, delegator, name, MetaFile(version))
                except CheckError:
                    continue
                bins[path] = holds, check.lists(delegator, name, one)
                break
        return bins

    @cached_property
    def _former(self) -> dict[str, list[TargetFile]]:
        """What those bins sign, by path of the file.

        A key that was revoked may be in wrong hands, so what it has signed is no reason to keep a file.
        """
        former: dict[str, list[TargetFile]] = {}
        for holds, files in self._bins.values():
            for path, target in files.items() if holds else ():
                former.setdefault(path, []).append(target)
        return former


def _of(release: Release, path: str) -> TargetFile | None:
    try:
        return release.of(path)
    except CheckError:
        return None


def fold(path: str) -> str:
    """Return what is left of a path on a disk that tells neither capitals nor ways to write a letter apart."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", path).casefold())
