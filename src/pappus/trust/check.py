"""The rules by which signed metadata (The Update Framework 1.0) is believed, and what is found where it is not.

Pure: bytes and the time come in. Each function is a step of the client workflow of the specification (section 5), in whose order
:mod:`pappus.pipeline.releases` takes them. Every step checks the size, that the file can be read in one way only, the signatures of as
many keys as the delegating role wants, the version that was promised, and length and digest. python-tuf's own ``Updater`` is not used: it
ends at the first fault, and a report names them all; it takes the time from the system, and keeps what it read on the reader's disk.
"""

from __future__ import annotations

import json
from collections.abc import Mapping  # noqa: TC003  # msgspec reads what is remembered by its annotations
from typing import TYPE_CHECKING, Any, Final, Generic, Literal, TypeVar

from msgspec import Struct
from tuf.api.exceptions import LengthOrHashMismatchError
from tuf.api.metadata import Metadata, MetaFile, Root, Signed, Snapshot, SuccinctRoles, TargetFile, Targets, Timestamp
from tuf.api.serialization import DeserializationError, SerializationError

from pappus.errors import TrustError
from pappus.layout import TIMESTAMP, metadata_path
from pappus.model import Digest  # noqa: TC001  # as above

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from securesystemslib.signer import Signature

T = TypeVar("T", Root, Timestamp, Snapshot, Targets)

Kind = Literal[
    "altered", "missing", "added", "rolled back", "frozen", "expired", "mixed", "foreign", "unsigned", "unreadable"
]
"""What can be wrong with a copy.

altered: not as signed. missing: signed, but not there. added: neither signed, nor metadata, nor of the binding. rolled back: older than
what was seen before. frozen: no longer kept up to date, or held back. expired: another end of validity has passed. mixed: metadata of
different releases. foreign: signed by another newsroom's keys. unsigned: nothing is signed at all. unreadable: no answer, which is no sign
of tampering.
"""

ROOT_BYTES: Final = 512 * 1024
TIMESTAMP_BYTES: Final = 16 * 1024
SNAPSHOT_BYTES: Final = 4 * 1024 * 1024
TARGETS_BYTES: Final = 8 * 1024 * 1024  # of targets, and of each bin
MOST_ROOTS: Final = 1024  # that a chain may have


class Finding(Struct, frozen=True, kw_only=True):
    """One thing that is wrong, at one file."""

    kind: Kind
    path: str
    reason: str


class CheckError(TrustError):
    """A file that is not believed.

    Args:
        kind: what is wrong with it.
        path: of the file.
        reason: in one clause.
    """

    def __init__(self, kind: Kind, path: str, reason: str) -> None:
        super().__init__(path, reason)
        self.kind: Kind = kind

    @property
    def finding(self) -> Finding:
        """The same as a line of a report."""
        return Finding(kind=self.kind, path=self.subject, reason=self.reason)


class Remembered(Struct, frozen=True, kw_only=True):
    """The newest that was seen of a place, for the next time: numbers, and no more."""

    first: Digest | None  # of the first root, where that is what was begun with
    root: int
    timestamp: int
    snapshot: int
    metadata: Mapping[str, int]  # versions of what the snapshot lists
    keyids: tuple[str, ...]  # of timestamp and snapshot


class _Loaded(Struct, Generic[T], frozen=True):
    body: T
    payload: bytes  # what the signatures are over
    signatures: dict[str, Signature]


def first_root(data: bytes, path: str) -> Root:
    """Return a root that is trusted for another reason than its signatures, which have to be right all the same.

    Raises:
        CheckError: it is none.
    """
    loaded = _load(Root, data, path, ROOT_BYTES)
    _signed_by(loaded.body, Root.type, loaded, path)
    return loaded.body


def next_root(data: bytes, before: Root) -> Root:
    """Return the root that follows another: signed by the keys of both (5.3.4 and 5.3.5).

    Raises:
        CheckError: it does not.
    """
    path = metadata_path(Root.type, before.version + 1)
    loaded = _load(Root, data, path, ROOT_BYTES)
    _signed_by(before, Root.type, loaded, path)
    _signed_by(loaded.body, Root.type, loaded, path)
    _versioned(loaded.body, before.version + 1, path)
    return loaded.body


def timestamp(data: bytes, root: Root) -> Timestamp:
    """Return the timestamp, whose version is the release (5.4.2).

    Raises:
        CheckError: it is not signed as this root wants.
    """
    loaded = _load(Timestamp, data, TIMESTAMP, TIMESTAMP_BYTES)
    _signed_by(root, Timestamp.type, loaded, TIMESTAMP)
    return loaded.body


def snapshot(data: bytes, root: Root, promised: MetaFile) -> Snapshot:
    """Return the snapshot that a timestamp promises (5.5.2 to 5.5.4).

    Raises:
        CheckError: it is another.
    """
    return _promised(Snapshot, data, (root, Snapshot.type), promised, SNAPSHOT_BYTES)


def targets(data: bytes, root: Root, promised: MetaFile) -> Targets:
    """Return the targets role that a snapshot promises (5.6.2 to 5.6.4).

    Raises:
        CheckError: it is another.
    """
    return _promised(Targets, data, (root, Targets.type), promised, TARGETS_BYTES)


def bin_targets(data: bytes, delegator: Targets, name: str, promised: MetaFile) -> Targets:
    """Return a bin that a snapshot promises (5.6.7).

    Raises:
        CheckError: it is another.
    """
    return _promised(Targets, data, (delegator, name), promised, TARGETS_BYTES)


def bins(delegator: Targets, listed: Snapshot) -> dict[str, MetaFile]:
    """Return what a snapshot promises of each bin, by name; of bins that a finer division has replaced nothing."""
    succinct = _succinct(delegator)
    if succinct is None:
        return {}
    named = ((name.removesuffix(".json"), meta) for name, meta in listed.meta.items() if name.endswith(".json"))
    return {name: meta for name, meta in named if succinct.is_delegated_role(name)}


def bin_of(delegator: Targets, path: str) -> str:
    """Return the name of the bin whose business a path is, "" where there are no bins."""
    succinct = _succinct(delegator)
    return succinct.get_role_for_target(path) if succinct else ""


def lists(delegator: Targets, name: str, one: Targets) -> dict[str, TargetFile]:
    """Return the files of a bin. A path in another bin than its own counts for nothing: no client would look for it there."""
    return {path: target for path, target in one.targets.items() if bin_of(delegator, path) == name}


def right(target: TargetFile, data: bytes) -> bool:
    """Whether these are the bytes that were signed."""
    try:
        target.verify_length_and_hashes(data)
    except LengthOrHashMismatchError:
        return False
    return True


def ends(role: Signed, path: str, now: datetime) -> Iterator[Finding]:
    """Tell if the validity of a role has ended (5.3.10, 5.4.4, 5.5.6, 5.6.5)."""
    if role.is_expired(now):
        kind: Kind = "frozen" if isinstance(role, Timestamp) else "expired"
        yield Finding(kind=kind, path=path, reason=f"was valid until {role.expires:%Y-%m-%d %H:%M} UTC")


def keyids(root: Root) -> tuple[str, ...]:
    """Return the keys of the roles that are signed most often. With other ones, what was remembered of them counts no more (5.3.11)."""
    return tuple(sorted({*root.roles[Timestamp.type].keyids, *root.roles[Snapshot.type].keyids}))


def older_root(root: Root, seen: Remembered) -> Iterator[Finding]:
    """Tell if the chain of roots ends before what was seen (5.3.5)."""
    if root.version < seen.root:
        reason = f"is the newest root; {seen.root} was seen before"
        yield Finding(kind="rolled back", path=metadata_path(Root.type, root.version), reason=reason)


def older_timestamp(one: Timestamp, seen: Remembered) -> Iterator[Finding]:
    """Tell if a timestamp is older than what was seen (5.4.3)."""
    if one.version < seen.timestamp:
        reason = f"is of release {one.version}; {seen.timestamp} was seen before"
        yield Finding(kind="rolled back", path=TIMESTAMP, reason=reason)
    elif one.snapshot_meta.version < seen.snapshot:
        reason = f"promises snapshot {one.snapshot_meta.version}; {seen.snapshot} was seen before"
        yield Finding(kind="rolled back", path=TIMESTAMP, reason=reason)


def older_listing(one: Snapshot, seen: Remembered) -> Iterator[Finding]:
    """Tell what a snapshot has older than what was seen, or no longer has (5.5.5)."""
    path = metadata_path(Snapshot.type, one.version)
    for name, version in seen.metadata.items():
        found = one.meta.get(name)
        if found is None or found.version < version:
            has = f"lists version {found.version} of" if found else "no longer lists"
            yield Finding(kind="rolled back", path=path, reason=f"{has} {name}; {version} was seen before")


def remember(first: Digest | None, root: Root, one: Timestamp, listed: Snapshot) -> Remembered:
    """Return what to know of a release the next time."""
    return Remembered(
        first=first,
        root=root.version,
        timestamp=one.version,
        snapshot=listed.version,
        metadata={name: meta.version for name, meta in sorted(listed.meta.items())},
        keyids=keyids(root),
    )


def _succinct(delegator: Targets) -> SuccinctRoles | None:
    return delegator.delegations.succinct_roles if delegator.delegations else None


def _load(role: type[T], data: bytes, path: str, limit: int) -> _Loaded[T]:
    if len(data) > limit:
        raise CheckError("altered", path, f"is larger than {limit:,} bytes")
    try:
        json.loads(data.decode("utf-8"), object_pairs_hook=_unique, parse_constant=_refuse)
        loaded = Metadata[T].from_bytes(data)
        payload = loaded.signed_bytes
    except (ValueError, RecursionError, DeserializationError, SerializationError) as error:
        raise CheckError("altered", path, "is no signed metadata that can be read") from error
    if not isinstance(loaded.signed, role):
        raise CheckError("altered", path, f"is metadata of another role, {loaded.signed.type}")
    return _Loaded(loaded.signed, payload, loaded.signatures)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Refuse what two parsers may read in two ways."""
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a key stands twice")
    return members


def _refuse(constant: str) -> Any:
    raise ValueError(constant)


def _signed_by(delegator: Root | Targets, role: str, loaded: _Loaded[T], path: str) -> None:
    try:
        result = delegator.get_verification_result(role, loaded.payload, loaded.signatures)
    except ValueError as error:
        raise CheckError("added", path, "is of a role that is not delegated") from error
    if result:
        return
    if loaded.signatures and loaded.signatures.keys().isdisjoint({**result.signed, **result.unsigned}):
        raise CheckError("foreign", path, "is signed by other keys than those of this newsroom")
    raise CheckError("altered", path, f"has {len(result.signed)} valid of {result.threshold} wanted signatures")


def _versioned(body: Signed, version: int, path: str) -> None:
    if body.version != version:
        raise CheckError("mixed", path, f"holds version {body.version}")


def _promised(role: type[T], data: bytes, delegation: tuple[Root | Targets, str], promised: MetaFile, limit: int) -> T:
    delegator, name = delegation
    path = metadata_path(name, promised.version)
    loaded = _load(role, data, path, limit)
    _signed_by(delegator, name, loaded, path)
    _versioned(loaded.body, promised.version, path)
    try:
        promised.verify_length_and_hashes(data)
    except LengthOrHashMismatchError as error:
        raise CheckError("altered", path, "is not what the release names") from error
    return loaded.body
