"""Reads the signed metadata of a copy, in the order of the client workflow of The Update Framework (its specification, section 5).

The rules are :mod:`pappus.trust.check`'s; here is what is read when, and what is still worth doing after a finding.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from msgspec import Struct
from tuf.api.metadata import MetaFile, Root, Snapshot, TargetFile, Targets, Timestamp

from pappus.errors import MirrorError
from pappus.layout import FIRST_ROOT, METADATA, TIMESTAMP, metadata_path
from pappus.mirrors.paths import checked
from pappus.model import digest
from pappus.pipeline.places import FormsError, Found, LongError, MissingError, WebPlace
from pappus.trust import check
from pappus.trust.check import CheckError, Finding

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from datetime import datetime

    from pappus.model import Digest
    from pappus.pipeline.places import Place
    from pappus.trust.check import Remembered

# Releases that were begun anew count on from the second in which that was: ten digits.
_METADATA: Final = re.compile(rf"{METADATA}([1-9][0-9]{{0,17}})\.(root|snapshot|targets|bin-[0-9a-f]{{1,8}})\.json")
_AHEAD: Final = 32  # releases that a mirror may have missed, where it cannot be listed


class Anchors(Struct, frozen=True, kw_only=True):
    """What the reader carries, and believes: roots, or fingerprints of first roots. Empty: what is met first is believed."""

    roots: tuple[bytes, ...] = ()
    fingerprints: frozenset[Digest] = frozenset()

    @property
    def pinned(self) -> bool:
        """Whether there is anything."""
        return bool(self.roots or self.fingerprints)


class Copy:
    """A place with its listing, where whatever cannot be read is a finding.

    Raises:
        MirrorError: the place cannot be read at all.
    """

    def __init__(self, place: Place) -> None:
        self._place = place
        listed = place.names()
        self.listing: Mapping[str, Found] | None = None if listed is None else {found.path: found for found in listed}

    def read(self, path: str, limit: int) -> bytes:
        """Return the bytes of a file.

        Raises:
            CheckError: it is not there, longer than ``limit``, no file, or cannot be read.
        """
        if not portable(path):
            raise CheckError("altered", path, "has a name that no mirror may have")
        if self.listing is not None:
            self._look(path)
        try:
            return self._place.read(path, limit)
        except MissingError as error:
            raise CheckError("missing", path, error.reason) from error
        except (LongError, FormsError) as error:
            raise CheckError("altered", path, error.reason) from error
        except MirrorError as error:
            raise CheckError("unreadable", path, error.why) from error

    def front(self, limit: int) -> bytes | None:
        """Return the page that a host shows at its address itself, as :meth:`WebPlace.front` does; None at what is no host."""
        return self._place.front(limit) if isinstance(self._place, WebPlace) else None

    def has(self, path: str) -> bool:
        """Whether a small file is there, so far as can be told."""
        if self.listing is not None:
            return path in self.listing
        try:
            self._place.read(path, check.ROOT_BYTES)
        except MissingError:
            return False
        except MirrorError:
            pass
        return True

    def metadata(self) -> Iterator[tuple[str, int]]:
        """Yield name and version of every file in a listing that is named like metadata."""
        for path in self.listing or ():
            if named := of_metadata(path):
                yield named

    def _look(self, path: str) -> None:
        found = (self.listing or {}).get(path)
        if found is None:
            raise CheckError("missing", path, "is not there")
        if found.kind != "file":
            raise CheckError("altered", path, f"is {WHAT[found.kind]}")


WHAT: Final = {"link": "a symbolic link", "other": "no file"}


def portable(path: str) -> bool:
    """Whether a path may be in a mirror at all."""
    try:
        checked(path)
    except MirrorError:
        return False
    return True


def of_metadata(path: str) -> tuple[str, int] | None:
    """Return name and version of the metadata that a path is named for, None for other paths."""
    found = _METADATA.fullmatch(path)
    return (found[2], int(found[1])) if found else None


class Release:
    """The files that one snapshot signs. Its bins are read when they are asked for, each once."""

    def __init__(self, copy: Copy, listed: Snapshot, delegator: Targets, *, timestamp: Timestamp | None = None) -> None:
        self.snapshot, self.targets, self.timestamp = listed, delegator, timestamp
        self.bins: Mapping[str, MetaFile] = check.bins(delegator, listed)
        self._copy = copy
        self._read: dict[str, tuple[Mapping[str, TargetFile], datetime] | CheckError] = {}

    def files(self, name: str) -> Mapping[str, TargetFile]:
        """Return what a bin signs.

        Raises:
            CheckError: it is not as the snapshot says.
        """
        if name not in self._read:
            self._read[name] = self._bin(name)
        read = self._read[name]
        if isinstance(read, CheckError):
            raise read
        return read[0]

    def of(self, path: str) -> TargetFile | None:
        """Return what is signed for a path, None if nothing is.

        Raises:
            CheckError: its bin is not as the snapshot says.
        """
        if path in self.targets.targets:
            return self.targets.targets[path]
        name = check.bin_of(self.targets, path)
        return self.files(name).get(path) if name in self.bins else None

    def all(self) -> set[str]:
        """Return every path that is signed, but for those of bins that are not as the snapshot says."""
        read = (one[0] for one in self._read.values() if not isinstance(one, CheckError))
        return {*self.targets.targets, *(path for files in read for path in files)}

    def damaged(self, path: str) -> bool:
        """Whether it cannot be known if a path is signed."""
        return isinstance(self._read.get(check.bin_of(self.targets, path)), CheckError)

    def is_of(self, release: int) -> bool:
        """Whether this is the release of that number, or a later one."""
        return self.timestamp is not None and self.timestamp.version >= release

    def paths(self) -> Iterator[str]:
        """Yield where the metadata stand that this release is made of, but for roots and timestamp."""
        yield metadata_path(Snapshot.type, self.snapshot.version)
        yield metadata_path(Targets.type, self.targets.version)
        for name, meta in self.bins.items():
            yield metadata_path(name, meta.version)

    def ends(self, now: datetime) -> Iterator[Finding]:
        """Tell which of its metadata are past their validity."""
        if self.timestamp is not None:
            yield from check.ends(self.timestamp, TIMESTAMP, now)
        yield from check.ends(self.snapshot, metadata_path(Snapshot.type, self.snapshot.version), now)
        yield from check.ends(self.targets, metadata_path(Targets.type, self.targets.version), now)
        for name, read in sorted(self._read.items()):
            if not isinstance(read, CheckError) and read[1] <= now:
                reason = f"was valid until {read[1]:%Y-%m-%d %H:%M} UTC"
                yield Finding(kind="expired", path=metadata_path(name, self.bins[name].version), reason=reason)

    def _bin(self, name: str) -> tuple[Mapping[str, TargetFile], datetime] | CheckError:
        promised = self.bins[name]
        try:
            data = self._copy.read(metadata_path(name, promised.version), check.TARGETS_BYTES)
            one = check.bin_targets(data, self.targets, name, promised)
        except CheckError as error:
            return error
        return check.lists(self.targets, name, one), one.expires


class Chain(Struct, kw_only=True):
    """The roots from an anchor to the newest, and what was found on the way."""

    anchor: bytes
    roots: list[Root]
    findings: list[Finding] = []

    @property
    def root(self) -> Root:
        """The newest."""
        return self.roots[-1]


def read_release(
    copy: Copy, anchors: Anchors, seen: Remembered | None, now: datetime, tell: Callable[[Finding], None]
) -> tuple[Chain, Release]:
    """Return the release that a copy shows, and the roots that it is believed for.

    Args:
        copy: which one.
        anchors: what the reader believes.
        seen: what was seen of this place before.
        now: what validity is measured against.
        tell: takes what is wrong, and does not keep the rest from being looked at.

    Raises:
        CheckError: nothing can be looked at beyond it.
    """
    data = _timestamp(copy)
    chain, timestamp = _believed(copy, data, [*_candidates(copy, anchors, seen)], tell)
    for finding in (*chain.findings, *check.ends(chain.root, metadata_path(Root.type, chain.root.version), now)):
        tell(finding)
    if seen is not None:
        for finding in check.older_root(chain.root, seen):
            tell(finding)
        if check.keyids(chain.root) != seen.keyids:
            seen = None
    if seen is not None:
        for finding in check.older_timestamp(timestamp, seen):
            tell(finding)
    release = _release(copy, chain.root, timestamp.snapshot_meta, timestamp)
    if seen is not None and release.snapshot.version >= seen.snapshot:
        for finding in check.older_listing(release.snapshot, seen):
            tell(finding)
    return chain, release


def read_later(copy: Copy, chain: Chain, current: Release) -> Iterator[Release]:
    """Yield releases that are newer than the one that a copy showed, the newest first.

    They are there while a publish is at work, and when one has ended since.
    """
    newest = current.snapshot.version
    try:
        timestamp = check.timestamp(_timestamp(copy), chain.root)
        if timestamp.snapshot_meta.version > newest:
            yield _release(copy, chain.root, timestamp.snapshot_meta, timestamp)
            newest = timestamp.snapshot_meta.version
    except CheckError:
        pass  # what was wrong with it is told
    for version in sorted(_versions(copy, newest), reverse=True):
        try:
            yield _release(copy, chain.root, MetaFile(version), None)
        except CheckError:
            continue


def _versions(copy: Copy, newest: int) -> Iterable[int]:
    """Return the versions of snapshots after this one that may be there."""
    if copy.listing is None:
        return range(newest + 1, newest + 1 + _AHEAD)
    return {version for name, version in copy.metadata() if name == Snapshot.type and version > newest}


def _release(copy: Copy, root: Root, promised: MetaFile, timestamp: Timestamp | None) -> Release:
    data = copy.read(metadata_path(Snapshot.type, promised.version), check.SNAPSHOT_BYTES)
    listed = check.snapshot(data, root, promised)
    meta = listed.meta.get(f"{Targets.type}.json")
    if meta is None:
        raise CheckError("altered", metadata_path(Snapshot.type, promised.version), "lists no targets")
    delegator = check.targets(copy.read(metadata_path(Targets.type, meta.version), check.TARGETS_BYTES), root, meta)
    return Release(copy, listed, delegator, timestamp=timestamp)


def _timestamp(copy: Copy) -> bytes:
    """Return what stands where the timestamp should.

    Raises:
        CheckError: it is not there; as "unsigned", no other metadata is either.
    """
    try:
        return copy.read(TIMESTAMP, check.TIMESTAMP_BYTES)
    except CheckError as error:
        if error.kind == "missing" and not _any_metadata(copy):
            raise CheckError("unsigned", TIMESTAMP, "no signed metadata are here") from error
        raise


def _any_metadata(copy: Copy) -> bool:
    return copy.has(FIRST_ROOT) or any(True for _ in copy.metadata())


def _candidates(copy: Copy, anchors: Anchors, seen: Remembered | None) -> Iterator[tuple[str, bytes]]:
    """Yield the roots to begin with, with their paths.

    Raises:
        CheckError: there is none that the reader believes.
    """
    for data in anchors.roots:
        yield metadata_path(Root.type, check.first_root(data, "--root").version), data
    if anchors.roots and not anchors.fingerprints:
        return
    data = copy.read(FIRST_ROOT, check.ROOT_BYTES)
    wanted = anchors.fingerprints or ({seen.first} if seen and seen.first else None)
    if wanted is None or digest(data) in wanted:
        yield FIRST_ROOT, data
    elif not anchors.roots:
        kept = "the given fingerprint" if anchors.pinned else "what was seen here before"
        raise CheckError("foreign", FIRST_ROOT, f"its fingerprint {digest(data)} is not {kept}")


def _believed(
    copy: Copy, data: bytes, candidates: list[tuple[str, bytes]], tell: Callable[[Finding], None]
) -> tuple[Chain, Timestamp]:
    """Return the chain from the first anchor whose newest root has signed the timestamp, and that."""
    faults: list[tuple[Chain, CheckError]] = []
    for path, anchor in candidates:
        chain = _chain(copy, path, anchor)
        try:
            return chain, check.timestamp(data, chain.root)
        except CheckError as error:
            faults.append((chain, error))
    first, fault = faults[0]
    for finding in first.findings:
        tell(finding)
    raise fault


def _chain(copy: Copy, path: str, anchor: bytes) -> Chain:
    """Follow the roots as far as they lead, each signed by the one before."""
    chain = Chain(anchor=anchor, roots=[check.first_root(anchor, path)])
    for _ in range(check.MOST_ROOTS):
        following = metadata_path(Root.type, chain.root.version + 1)
        try:
            chain.roots.append(check.next_root(copy.read(following, check.ROOT_BYTES), chain.root))
        except CheckError as error:
            if error.kind != "missing":
                chain.findings.append(error.finding)
            elif _later_root(copy, chain.root.version + 1):
                reason = "is missing, though later roots are there"
                chain.findings.append(Finding(kind="missing", path=following, reason=reason))
            break
    return chain


def _later_root(copy: Copy, version: int) -> bool:
    if copy.listing is None:
        return copy.has(metadata_path(Root.type, version + 1))
    return any(name == Root.type and found > version for name, found in copy.metadata())
