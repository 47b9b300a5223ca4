"""The keys that sign without a person present, and the chain of roots that says which those are (rule 17).

The folder of keys::

    keys/                     0700
      root/1.root.json ...    the chain of roots: public, every version, each signed by the offline keys of the one before
      targets.pem             0600, Ed25519 in PKCS #8, locked with a passphrase where there is one
      snapshot.pem
      timestamp.pem
      timestamp.<id>.pem      a new key, for as long as it takes to put it into a root and in the place of the old one

The offline root keys are never there: :mod:`pappus.trust.ceremony` writes them into a folder that is carried away. Where the online keys
shall not be in files, as in continuous integration, each comes whole from the environment, and the folder holds ``root/`` alone.

Nothing here shows a secret: not in a repr, not in an error.
"""

from __future__ import annotations

import json
import stat
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from pappus.errors import TrustError
from pappus.model import Private, digest

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

ONLINE: Final = ("targets", "snapshot", "timestamp")
"""The roles whose keys are online; the bins are signed with that of targets."""

ROOTS: Final = "root"  # the folder of the chain, in the folder of keys
KEYID_SHOWN: Final = 16  # characters of a key's id in a file's name
LIFE = timedelta(days=365)  # of a root
_RENEW = timedelta(days=30)  # how long before its end a root is complained about
_VARIABLE = "PAPPUS_KEY_"


class TrustOptions(Private, frozen=True, kw_only=True):
    """Where the keys are."""

    folder: Path
    passphrase: str | None = ""  # "" for keys without one; None: wanted, but not there
    pems: Mapping[str, str] = {}  # role -> key, in the place of its file


class Online(Private, frozen=True, kw_only=True):
    """What signs a release."""

    roots: tuple[tuple[int, bytes], ...]  # version and bytes of every root, ascending
    keyids: Mapping[str, str]  # by role
    signers: Mapping[str, Ed25519PrivateKey]  # by role
    warnings: tuple[str, ...] = ()  # one line each: what will fail soon, or is not as safe as it seems

    def sign(self, role: str, data: bytes) -> str:
        """Return the signature of a role's key over some bytes, in hexadecimal."""
        return self.signers[role].sign(data).hex()


def environment_pems(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the keys that the environment holds, by role: ``PAPPUS_KEY_TARGETS`` and so on, each a whole PEM."""
    found = {role: environment.get(_VARIABLE + role.upper(), "") for role in ONLINE}
    return {role: pem for role, pem in found.items() if pem.strip()}


def load_online(options: TrustOptions, now: datetime) -> Online:
    """Unlock the online keys.

    Raises:
        TrustError: there are no keys, one cannot be unlocked or is not the root's, or the root has expired.
    """
    roots = load_roots(options.folder)
    version, body = roots[-1]
    signed = json.loads(body)["signed"]
    left = expiry(signed) - now
    place = str(options.folder / ROOTS / f"{version}.root.json")
    renewal = "bring the offline keys: pappus keys rotate root --keep"
    if left > LIFE + timedelta(days=1):
        raise TrustError(
            place, f"is not made yet, says the clock: it is {now:%Y-%m-%d %H:%M} UTC there", "set the clock"
        )
    if left <= timedelta(0):
        raise TrustError(place, f"expired at {signed['expires']}, readers refuse it", renewal)
    warnings = [f"{place}: expires at {signed['expires']} ({renewal})"] if left < _RENEW else []
    keyids, signers = {}, {}
    for role in ONLINE:
        keyids[role], signers[role], warned = _key(role, signed, options)
        warnings += warned
    return Online(roots=roots, keyids=keyids, signers=signers, warnings=tuple(warnings))


def load_roots(folder: Path) -> tuple[tuple[int, bytes], ...]:
    """Return version and bytes of every root in a folder of keys, ascending.

    Raises:
        TrustError: there is none, or the chain has a gap.
    """
    roots: list[tuple[int, bytes]] = []
    try:
        while (path := folder / ROOTS / f"{len(roots) + 1}.root.json").exists():
            roots.append((len(roots) + 1, path.read_bytes()))
            if json.loads(roots[-1][1])["signed"]["version"] != len(roots):
                raise TrustError(str(path), "holds another version than its name says", "bring it back from a mirror")
        held = sum(path.name.endswith(".root.json") for path in (folder / ROOTS).iterdir())
    except FileNotFoundError as error:
        raise TrustError(str(folder), "there are no keys", "pappus keys init") from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise TrustError(str(folder / ROOTS), f"the chain of roots cannot be read: {error}") from error
    if not roots or held != len(roots):
        missing = f"{len(roots) + 1}.root.json"
        raise TrustError(str(folder / ROOTS), f"{missing} is missing", "bring it back from any mirror's metadata/")
    return tuple(roots)


def first_fingerprint(folder: Path) -> str:
    """Return the fingerprint of the first root in a folder of keys, "" while there is none."""
    try:
        return digest((folder / ROOTS / "1.root.json").read_bytes())
    except OSError:  # who signs is told
        return ""


def expiry(signed: Mapping[str, Any]) -> datetime:
    """Return when signed metadata expires."""
    return datetime.strptime(signed["expires"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)


class KeyFiles(NamedTuple):
    """Where the key of an online role may be."""

    usual: Path
    new: Path  # until it takes its place


def key_files(folder: Path, role: str, keyid: str) -> KeyFiles:
    """Return where the key of an online role may be."""
    return KeyFiles(folder / f"{role}.pem", folder / f"{role}.{keyid[:KEYID_SHOWN]}.pem")


def _key(role: str, root: Mapping[str, Any], options: TrustOptions) -> tuple[str, Ed25519PrivateKey, list[str]]:
    """Return the key of a role that the root lists: its id, itself, and what is to be warned of."""
    from pappus.trust import pem  # noqa: PLC0415 - 25 ms of cryptography, for those who sign

    (keyid,) = root["roles"][role]["keyids"]
    place, text, warnings = _pem(role, keyid, options)
    key = pem.unlock(text, options.passphrase, place)
    if pem.public(key) != root["keys"][keyid]["keyval"]["public"]:
        advice = f"bring the right one, or make one: pappus keys rotate {role}"
        raise TrustError(place, f"the newest root does not list this key for {role}", advice)
    if options.passphrase and not pem.is_locked(text):
        warnings.append(f"{place}: is not locked, though there is a passphrase (pappus keys rotate {role})")
    return keyid, key, warnings


def _pem(role: str, keyid: str, options: TrustOptions) -> tuple[str, bytes, list[str]]:
    """Return what holds the key of a role: its place, its text, and what is to be warned of."""
    variable = f"{_VARIABLE}{role.upper()}"
    if role in options.pems:
        return variable, options.pems[role].encode(), []
    usual, new = key_files(options.folder, role, keyid)
    path = new if new.exists() else usual
    try:
        mode, text = path.stat().st_mode, path.read_bytes()
    except FileNotFoundError as error:
        raise TrustError(str(path), "is missing", f"bring it back, or put the key into {variable}") from error
    except OSError as error:
        raise TrustError(str(path), f"cannot be read: {error.strerror}") from error
    bared = mode & (stat.S_IRWXG | stat.S_IRWXO)
    return str(path), text, [f"{path}: others may read this key (chmod 600 {path})"] if bared else []
