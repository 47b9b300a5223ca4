"""What is done with the offline root keys: the first root, new keys, keys revoked, the root renewed (rule 17).

A root is valid when enough keys of the one before and enough of its own have signed it, so clients follow the chain from the first root,
which they were given by another way. Every root that is written here has been checked by python-tuf before, as a client would.

A ceremony is cut short safely at any instruction: it writes the new keys first, under names of their own, then the root, which is the act,
and then puts the keys in their places. Until the root is there nothing uses the new keys; from then on, nothing the old.
"""

from __future__ import annotations

import os
import re
import shutil
from contextlib import contextmanager
from types import MappingProxyType
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec import Struct
from securesystemslib.signer import CryptoSigner
from tuf.api.exceptions import RepositoryError
from tuf.api.metadata import Metadata, Root

from pappus import durable
from pappus.errors import TrustError
from pappus.model import Digest, Private, digest, utc
from pappus.trust import pem
from pappus.trust.keys import KEYID_SHOWN, LIFE, ONLINE, ROOTS, key_files, load_roots

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

_LEFT = re.compile(
    rf"\.?({'|'.join(ONLINE)})\.[0-9a-f]{{{KEYID_SHOWN}}}\.pem(\.tmp)?"
)  # new keys, written or being written
_SHORTEST_KEYID = 8  # characters by which a key may be named


class Offline(Private, frozen=True, kw_only=True):
    """The root keys, for as long as a ceremony takes."""

    files: tuple[Path, ...]
    passphrases: tuple[str, ...] = ()  # each key has one of these, or none

    def signers(self) -> dict[str, CryptoSigner]:
        """Return what they sign with, by key id.

        Raises:
            TrustError: one cannot be read or unlocked.
        """
        keys = (CryptoSigner(self._unlocked(file)) for file in self.files)
        return {key.public_key.keyid: key for key in keys}

    def _unlocked(self, file: Path) -> Ed25519PrivateKey:
        try:
            text = file.read_bytes()
        except OSError as error:
            raise TrustError(str(file), f"cannot be read: {error.strerror}") from error
        *others, last = self.passphrases or ("",)
        for passphrase in others:
            try:
                return pem.unlock(text, passphrase, str(file))
            except TrustError:
                continue  # another holder's
        return pem.unlock(text, last, str(file))


class NewRoots(Private, frozen=True, kw_only=True):
    """Root keys that are to be made."""

    folder: Path  # to be carried away; must not be there yet
    number: int = 1
    threshold: int = 1  # how many of them must sign
    passphrase: str = ""


class Chain(Struct, frozen=True, kw_only=True):
    """The roots of a folder of keys, checked one by the other."""

    fingerprint: Digest  # of the first root's bytes: what readers are told by other ways
    newest: Root


def init(folder: Path, passphrase: str, new: NewRoots, now: datetime) -> Chain:
    """Make all keys and the first root: everything, or nothing.

    Raises:
        TrustError: a folder is there already, lies in the other, or cannot be written; the numbers or a passphrase do not do.
    """
    _check_absent(folder)
    _check_offline(new.folder, folder)
    root = Root(version=1, expires=utc(now) + LIFE, consistent_snapshot=True)
    files = {
        ".gitignore": b"*.pem\n"
    }  # root/ may be committed beside pappus.toml, and has to be for continuous integration
    for role in ONLINE:
        files[f"{role}.pem"] = _add_key(root, role, passphrase)[1]
    signers, carried = _add_roots(root, new)
    files[f"{ROOTS}/1.root.json"] = _signed(root, None, signers)
    _place(new.folder, carried)
    try:
        _place(folder, files)
    except TrustError:
        shutil.rmtree(new.folder, ignore_errors=True)
        raise
    return chain(folder)


def chain(folder: Path) -> Chain:
    """Return the roots of a folder of keys.

    Raises:
        TrustError: there are none, or one is not signed by the keys of the one before.
    """
    roots = load_roots(folder)
    former, newest = None, Root()
    for version, body in roots:
        try:
            metadata = Metadata[Root].from_bytes(body)
            for judge in (former or metadata.signed, metadata.signed):
                judge.verify_delegate(Root.type, metadata.signed_bytes, metadata.signatures)
        except (RepositoryError, ValueError) as error:
            place = str(folder / ROOTS / f"{version}.root.json")
            raise TrustError(place, f"is no valid root: {error}", "bring it back from a mirror's metadata/") from error
        former = newest = metadata.signed
    return Chain(fingerprint=digest(roots[0][1]), newest=newest)


def renew(folder: Path, offline: Offline, now: datetime) -> Chain:
    """Make a new root with the same keys, which lives a year from now.

    Raises:
        TrustError: not enough root keys, or a file that cannot be written.
    """
    return _append(folder, chain(folder).newest, offline.signers(), now)


def rotate(folder: Path, roles: Sequence[str], passphrase: str, offline: Offline, now: datetime) -> Chain:
    """Make new keys for online roles, and a root that lists them in the place of the old.

    Raises:
        TrustError: not enough root keys, a file that cannot be written, or a passphrase that does not do.
    """
    root = chain(folder).newest
    online = {}
    for role in roles:
        for keyid in list(root.roles[role].keyids):
            _check_locked(folder, role, keyid, passphrase)
            root.revoke_key(keyid, role)
        keyid, text = _add_key(root, role, passphrase)
        online[key_files(folder, role, keyid).new] = text
    return _append(folder, root, offline.signers(), now, online=online)


def replace_roots(folder: Path, offline: Offline, new: NewRoots, now: datetime) -> Chain:
    """Make new root keys, and a root that lists them in the place of all that were.

    Raises:
        TrustError: not enough of the old root keys, or a folder that is there already or cannot be written.
    """
    root = chain(folder).newest
    _check_offline(new.folder, folder)
    for keyid in list(root.roles[Root.type].keyids):
        root.revoke_key(keyid, Root.type)
    signers, carried = _add_roots(root, new)
    return _append(folder, root, offline.signers() | signers, now, carried=(new.folder, carried))


def revoke(folder: Path, keyid: str, passphrase: str, offline: Offline, now: datetime) -> Chain:
    """Take a key out of every role. An online one is replaced; of root keys, one fewer is left.

    Args:
        folder: of keys.
        keyid: the key's id, or the beginning of it.
        passphrase: locks the new key.
        offline: root keys, enough of them without the revoked one.
        now: time of the new root.

    Raises:
        TrustError: no such key, or too few root keys would be left, and as :func:`rotate`.
    """
    root = chain(folder).newest
    found = [known for known in root.keys if known.startswith(keyid)] if len(keyid) >= _SHORTEST_KEYID else []
    if len(found) != 1:
        raise TrustError(keyid, f"names {len(found) or 'no'} keys of the newest root", "pappus keys show lists them")
    roots = root.roles[Root.type]
    if found[0] not in roots.keyids:
        held = [role for role in ONLINE if found[0] in root.roles[role].keyids]
        return rotate(folder, held, passphrase, offline, now)
    if len(roots.keyids) <= roots.threshold:
        reason = f"without it {len(roots.keyids) - 1} root keys would be left, and {roots.threshold} must sign"
        raise TrustError(keyid, reason, "make new ones: pappus keys rotate root --to FOLDER")
    root.revoke_key(found[0], Root.type)
    return _append(folder, root, offline.signers(), now)


def _add_key(root: Root, role: str, passphrase: str) -> tuple[str, bytes]:
    """Add a new key for a role to a root; return its id, and its text."""
    key = Ed25519PrivateKey.generate()
    public = CryptoSigner(key).public_key
    root.add_key(public, role)
    return public.keyid, pem.lock(key, passphrase)


def _add_roots(root: Root, new: NewRoots) -> tuple[dict[str, CryptoSigner], dict[str, bytes]]:
    """Add new root keys to a root; return what they sign with, and their files."""
    if not 1 <= new.threshold <= new.number:
        raise TrustError("root keys", f"{new.threshold} of {new.number} can never sign", "lower --threshold")
    signers, files = {}, {}
    for number in range(1, new.number + 1):
        name = f"root-{number}.pem"
        keyid, files[name] = _add_key(root, Root.type, new.passphrase)
        signers[keyid] = CryptoSigner(pem.unlock(files[name], new.passphrase, name))
    root.roles[Root.type].threshold = new.threshold
    return signers, files


def _signed(root: Root, former: Root | None, signers: Mapping[str, CryptoSigner]) -> bytes:
    """Return a root, signed by those of its own and of the former's keys that are here."""
    metadata = Metadata(root)
    judges = [former or root, root]
    for keyid in sorted(signers.keys() & {keyid for judge in judges for keyid in judge.roles[Root.type].keyids}):
        metadata.sign(signers[keyid], append=True)
    for judge in judges:
        result = judge.get_verification_result(Root.type, metadata.signed_bytes, metadata.signatures)
        if not result:
            number = len(judge.roles[Root.type].keyids)
            reason = f"{result.threshold} of {number} must sign, and {len(result.signed)} did"
            raise TrustError(f"the root keys of version {judge.version}", reason, "name their files with --offline")
    return metadata.to_bytes()


def _append(
    folder: Path,
    root: Root,
    signers: Mapping[str, CryptoSigner],
    now: datetime,
    *,
    online: Mapping[Path, bytes] = MappingProxyType({}),
    carried: tuple[Path, Mapping[str, bytes]] | None = None,
) -> Chain:
    """Make a changed root the next of the chain: the new keys that it lists first, then itself."""
    former = chain(folder).newest
    root.version = former.version + 1
    root.expires = utc(now) + LIFE
    body = _signed(root, former, signers)
    if carried:
        _place(*carried)
    with _writing(folder):
        _settle(folder, former)  # what a killed ceremony left
        for path, text in online.items():
            durable.write(path, text)
        durable.sync(folder)
        durable.write(folder / ROOTS / f"{root.version}.root.json", body)
        durable.sync(folder / ROOTS)
        _settle(folder, root)
    return chain(folder)


def _settle(folder: Path, root: Root) -> None:
    """Put the new keys that a root lists in their places; do away with those that no root came to list."""
    for role in ONLINE:
        for keyid in root.roles[role].keyids:
            files = key_files(folder, role, keyid)
            if files.new.exists():
                files.new.replace(files.usual)
    for path in folder.iterdir():
        if _LEFT.fullmatch(path.name):
            path.unlink()
    durable.sync(folder)


def _place(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write a folder that nobody else can read; it appears whole."""
    temporary = folder.with_name(f".{folder.name}.tmp")
    with _writing(folder):
        shutil.rmtree(temporary, ignore_errors=True)
        for name, data in files.items():
            durable.write(temporary / name, data)
        for made in {temporary, *(temporary / name for name in files)}:
            durable.sync(made if made.is_dir() else made.parent)
        temporary.replace(folder)
        durable.sync(folder.parent)


@contextmanager
def _writing(folder: Path) -> Iterator[None]:
    """Write files that nobody else can read, not even while they are written.

    Raises:
        TrustError: the system refuses.
    """
    former = os.umask(0o077)
    try:
        yield
    except OSError as error:
        raise TrustError(str(folder), f"cannot be written: {error.strerror}") from error
    finally:
        os.umask(former)


def _check_locked(folder: Path, role: str, keyid: str, passphrase: str) -> None:
    """Refuse to replace a locked key by one that is not, because somebody forgot the passphrase."""
    for file in key_files(folder, role, keyid):
        if not passphrase and file.exists() and pem.is_locked(file.read_bytes()):
            raise TrustError(str(file), "has a passphrase, and the new key would have none", "add --passphrase-env")


def _check_offline(offline: Path, folder: Path) -> None:
    """Refuse a folder for root keys that is not apart from the online keys."""
    _check_absent(offline)
    ours, theirs = folder.resolve(), offline.resolve()
    if ours == theirs or ours in theirs.parents or theirs in ours.parents:
        raise TrustError(str(offline), f"is not apart from {folder}", "name a folder that can be carried away")


def _check_absent(folder: Path) -> None:
    """Refuse a folder that is there, be it empty: it might be a mounted disk, or where the operator's shell is."""
    if folder.exists() or folder.is_symlink():
        raise TrustError(str(folder), "is there already, nothing was changed", "name a folder that is not there yet")
