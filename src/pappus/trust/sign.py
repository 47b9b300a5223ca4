"""Signed metadata of an edition, made anew where something changed: a few bins, the snapshot, the timestamp.

Every file of an edition is a target, in one of 2^n bins by the digest of its path (TAP 15). A release signs the bins that changed, the
snapshot, which lists all bins, and the timestamp, whose version numbers the release. Cost follows change (rule 7): the canonical JSON is
put together here as text and written as it was signed, which takes a third of what python-tuf's objects do, and no time to import them.

Pure but for the signers; the clock is passed in. The same state, change and time give the same bytes.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final, Protocol

from msgspec import Struct

from pappus.layout import bin_of, metadata_path
from pappus.model import Role, SignedFile, digest, utc
from pappus.trust.keys import expiry

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from pappus.model import Entry
    from pappus.trust.keys import Online

SPECIFICATION: Final = "1.0.31"  # of The Update Framework
BITS = 16  # of a path's digest, the most that choose its bin
_PREFIX = "bin"
_FEWEST = 8  # bits: 256 bins
_FULL = 128  # entries in a bin, on average, before there are twice as many bins
_SPREAD = 8  # bins that a release signs anew only because they grow old, so that they do not all at once
_LIVES: Mapping[str, timedelta] = {"timestamp": timedelta(days=1), "snapshot": timedelta(days=7)}
_LIFE = timedelta(days=365)  # targets and bins
# What is left of its life when a role has to be signed again.
_LEFT = 0.5  # timestamp and snapshot
_LEFT_LAST = 0.1  # targets and bins: whatever it costs
_LEFT_SPREAD = 0.3  # bins: a few a release
_LEFT_MOST = 1.05  # more than this was signed by a clock that was wrong
_CONTROL = re.compile(r"[\x00-\x1f]")


class Tree(Protocol):
    """The files of an edition."""

    def count(self) -> int:
        """Return how many there are."""
        ...

    def within(self, low: int, high: int) -> Iterable[Entry]:
        """Return those with ``low <= bin_of(path) < high``, in any order."""
        ...


def retired(held: Mapping[str, Role]) -> frozenset[str]:
    """Return the names of bins that a finer division has replaced: their files may go.

    They themselves must be held for ever: a client that saw them in a snapshot refuses one that does not list them.
    """
    bins = [name for name in held if name.startswith(f"{_PREFIX}-")]
    last = max(map(len, bins), default=0)
    return frozenset(name for name in bins if len(name) < last)


def due(held: Mapping[str, Role], online: Online, now: datetime) -> bool:
    """Whether there is something to sign though no file changed: lives that end, a new key, a new root."""
    if "root" not in held or held["root"].version < online.roots[-1][0]:
        return True
    signing = _Signing(held=held, online=online, now=utc(now))
    names = {"targets", "snapshot", "timestamp"} | (held.keys() - {"root"} - retired(held))
    return any(signing.stale(name) for name in names)


def release(
    held: Mapping[str, Role],
    tree: Tree,
    touched: Collection[str],
    online: Online,
    now: datetime,
    *,
    floor: int = 0,
) -> list[SignedFile]:
    """Sign what changed.

    Args:
        held: what was signed last, by name; empty for the first release. It is to be brought up to date with what this returns, and
            nothing may be taken out of it (see :func:`retired`).
        tree: the edition as it is now.
        touched: paths that were added, changed or removed since the last release.
        online: what signs.
        now: time of the release.
        floor: a version that no role may stay below: all are signed. For a state that was brought back from a backup, after which more
            was published.

    Returns:
        The files to publish, in order, the timestamp last; nothing if nothing was touched and nothing is due.
    """
    if not touched and not floor and not due(held, online, now):
        return []
    signing = _Signing(held=held, online=online, now=utc(now), floor=floor)
    roots = _new_roots(held, online)
    changed = list(signing.targets_and_bins(tree, touched))
    known = dict(held) | {file.role.name: file.role for file in changed}
    if changed or signing.stale("snapshot"):
        changed.append(signing.signed("snapshot", {"meta": _listing(known)}))
        known["snapshot"] = changed[-1].role
    return [*roots, *changed, signing.signed("timestamp", {"meta": f"{{{_line(known['snapshot'])}}}"})]


class _Signing(Struct, frozen=True, kw_only=True):
    """A release while it is made."""

    held: Mapping[str, Role]
    online: Online
    now: datetime  # in UTC, to the second
    floor: int = 0  # the least version

    def stale(self, name: str) -> bool:
        """Whether a role has to be signed again, whatever changed."""
        role = self.held.get(name)
        if role is None or role.keyid != self.online.keyids[_kind(name)]:
            return True
        return not (_LEFT if name in _LIVES else _LEFT_LAST) < self.left(name) <= _LEFT_MOST

    def left(self, name: str) -> float:
        """Return what is left of the life of a role: 1 when it was signed, 0 when it ends."""
        return (self.held[name].expires - self.now) / _LIVES.get(name, _LIFE)

    def targets_and_bins(self, tree: Tree, touched: Collection[str]) -> Iterator[SignedFile]:
        """Yield the bins that must be signed, and the role that says how many bins there are, where it must."""
        bins = sum(name.startswith(f"{_PREFIX}-") for name in self.held) - len(retired(self.held))
        former = bins.bit_length() - 1  # 2^n were held; -1: none
        bits = max(former, _enough(tree.count()))
        shift = BITS - bits
        if bits == former and not self.floor:
            numbers = {bin_of(path) >> shift for path in touched}
            numbers |= self.ageing(bits)
        else:
            numbers = set(range(2**bits))
        for number in sorted(numbers):
            body = _entries(tree.within(number << shift, (number + 1) << shift))
            yield self.signed(_name(number, bits), {"targets": body})
        if bits != former or self.floor or self.stale("targets"):
            yield self.signed("targets", {"targets": "{}", "delegations": self.delegations(bits)})

    def ageing(self, bits: int) -> set[int]:
        """Return the bins that have to be signed though they did not change, and a few of those that will have to be soon."""
        alike = defaultdict(list)  # many are signed in the same hour: their ages are told once
        for number in range(2**bits):
            role = self.held.get(name := _name(number, bits))
            alike[role and (role.expires, role.keyid)].append((number, name))
        last: set[int] = set()
        soon: list[tuple[float, int]] = []
        for bins in alike.values():
            _, name = bins[0]
            if self.stale(name):
                last.update(number for number, _ in bins)
            elif (left := self.left(name)) < _LEFT_SPREAD:
                soon += [(left, number) for number, _ in bins]
        return last.union(number for _, number in sorted(soon)[:_SPREAD])

    def delegations(self, bits: int) -> str:
        """Return who signs the bins, and how many there are, as canonical JSON."""
        keyid = self.online.keyids["targets"]
        public = self.online.signers["targets"].public_key().public_bytes_raw().hex()
        keys = f'{{"{keyid}":{{"keytype":"ed25519","keyval":{{"public":"{public}"}},"scheme":"ed25519"}}}}'
        bins = f'{{"bit_length":{bits},"keyids":["{keyid}"],"name_prefix":"{_PREFIX}","threshold":1}}'
        return f'{{"keys":{keys},"succinct_roles":{bins}}}'

    def signed(self, name: str, own: Mapping[str, str]) -> SignedFile:
        """Return the next version of a role's metadata, signed.

        Args:
            name: of the role.
            own: the members that only its type has, as canonical JSON.
        """
        kind = _kind(name)
        version = max(self.held[name].version + 1 if name in self.held else 1, self.floor)
        expires = self.now.replace(minute=0, second=0) + _LIVES.get(
            name, _LIFE
        )  # no more of the time than commits say (rule 12)
        members = {
            "_type": f'"{kind}"',
            "expires": f'"{expires:%Y-%m-%dT%H:%M:%SZ}"',
            "spec_version": f'"{SPECIFICATION}"',
            "version": str(version),
            **own,
        }
        text = ",".join(f'"{member}":{members[member]}' for member in sorted(members))
        signed = f"{{{text}}}".encode()
        keyid = self.online.keyids[kind]
        signature = f'{{"keyid":"{keyid}","sig":"{self.online.sign(kind, signed)}"}}'
        body = b'{"signatures":[%b],"signed":%b}' % (signature.encode(), signed)
        role = Role(name=name, version=version, size=len(body), digest=digest(body), expires=expires, keyid=keyid)
        return SignedFile(role=role, path=metadata_path(name, version), body=body)


def _new_roots(held: Mapping[str, Role], online: Online) -> list[SignedFile]:
    """Return the roots that were not published yet."""
    last = held["root"].version if "root" in held else 0
    files = []
    for version, body in online.roots[last:]:
        expires = expiry(json.loads(body)["signed"])
        role = Role(name="root", version=version, size=len(body), digest=digest(body), expires=expires, keyid="")
        files.append(SignedFile(role=role, path=metadata_path("root", version), body=body))
    return files


def _enough(count: int) -> int:
    """Return how many bits divide so many entries well."""
    return min(BITS, max(_FEWEST, ((count - 1) // _FULL).bit_length()))


def _name(number: int, bits: int) -> str:
    """Return the name of a bin, as python-tuf's ``SuccinctRoles`` gives it: as many digits as the last one needs."""
    return f"{_PREFIX}-{number:0{(bits + 3) // 4}x}"


def _kind(name: str) -> str:
    """Return the type of a role, which is also the role whose key signs it: that of targets signs the bins."""
    return name if name in _LIVES else "targets"


def _entries(entries: Iterable[Entry]) -> str:
    """Return entries as canonical JSON."""
    lines = {one.path: f'{{"hashes":{{"sha256":"{one.digest}"}},"length":{one.size}}}' for one in entries}
    return f"{{{','.join(f'{_quoted(path)}:{lines[path]}' for path in sorted(lines))}}}"


def _quoted(text: str) -> str:
    """Return a text as a canonical JSON string, which escapes quote and backslash only.

    Raises:
        ValueError: it holds control characters, which JSON would have escaped.
    """
    if _CONTROL.search(text):
        raise ValueError(text)
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _listing(known: Mapping[str, Role]) -> str:
    """Return what a snapshot says of targets and bins.

    Of bins the version alone, which their signatures hold them to: every reader loads this list, and digests would be most of it.
    """
    lines = (
        _line(role) if name == "targets" else f'"{name}.json":{{"version":{role.version}}}'
        for name, role in known.items()
        if _kind(name) == "targets" and name != "root"
    )
    return f"{{{','.join(sorted(lines))}}}"


def _line(role: Role) -> str:
    """Return what a snapshot or timestamp says of a role."""
    hashes = f'"hashes":{{"sha256":"{role.digest}"}}'
    return f'"{role.name}.json":{{{hashes},"length":{role.size},"version":{role.version}}}'
