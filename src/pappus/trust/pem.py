"""Private keys as text: Ed25519 in PKCS #8, as openssl, python-tuf's signers and others read them.

PKCS #8 stretches a passphrase but little (PBKDF2, 2,048 rounds), so a short one is refused when a key is made.
"""

from __future__ import annotations

from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from pappus.errors import TrustError

SHORTEST: Final = 12  # characters of a passphrase


def lock(key: Ed25519PrivateKey, passphrase: str) -> bytes:
    """Return a key as text, locked with a passphrase unless that is empty.

    Raises:
        TrustError: the passphrase is too short.
    """
    if 0 < len(passphrase) < SHORTEST:
        raise TrustError(
            "the passphrase", f"has fewer than {SHORTEST} characters", "six words drawn by lot are a good one"
        )
    how: KeySerializationEncryption = NoEncryption()
    if passphrase:
        how = BestAvailableEncryption(passphrase.encode())
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, how)


def is_locked(text: bytes) -> bool:
    """Whether a key needs a passphrase."""
    return b"-----BEGIN ENCRYPTED PRIVATE KEY-----" in text


def unlock(text: bytes, passphrase: str | None, place: str) -> Ed25519PrivateKey:
    """Return the key that a text holds.

    Args:
        text: what :func:`lock` returned.
        passphrase: not looked at where the key is not locked; None where one was wanted but is not there.
        place: what an error names.

    Raises:
        TrustError: wrong or missing passphrase, or no Ed25519 key.
    """
    locked = is_locked(text)
    if locked and not passphrase:
        absent = "its passphrase is not in the environment" if passphrase is None else "no passphrase is configured"
        raise TrustError(place, f"this key is locked, and {absent}", "name the variable that holds it, and set that")
    try:
        key = load_pem_private_key(text, passphrase.encode() if locked and passphrase else None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        why = "the passphrase is wrong, or the key is damaged" if locked else "this is no private key in PEM"
        raise TrustError(place, why) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise TrustError(place, "this is no Ed25519 key", "pappus keys init makes them")
    return key


def public(key: Ed25519PrivateKey) -> str:
    """Return the public half of a key, as metadata holds it."""
    return key.public_key().public_bytes_raw().hex()
