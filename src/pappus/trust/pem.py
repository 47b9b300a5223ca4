"""Private keys as text: Ed25519 in PKCS #8, as openssl, python-tuf's signers and others read them.

PKCS #8 stretches a passphrase but little (PBKDF2, 2,048 rounds), so a short one is refused when a key is made.
"""

from __future__ import annotations

import base64
import binascii
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from pappus.errors import TrustError

SHORTEST: Final = 12  # characters of a passphrase
_BEGIN, _END = b"-----BEGIN PRIVATE KEY-----", b"-----END PRIVATE KEY-----"
_PLAIN: Final = bytes.fromhex(
    "302e020100300506032b657004220420"
)  # what stands before the 32 bytes of a key (RFC 8410, section 7)


def lock(key: Ed25519PrivateKey, passphrase: str) -> bytes:
    """Return a key as text, locked with a passphrase unless that is empty.

    Raises:
        TrustError: the passphrase is too short.
    """
    if 0 < len(passphrase) < SHORTEST:
        raise TrustError(
            "the passphrase", f"has fewer than {SHORTEST} characters", "six words drawn by lot are a good one"
        )
    from cryptography.hazmat.primitives import serialization  # noqa: PLC0415  # 10 ms, for those who make keys

    how: serialization.KeySerializationEncryption = serialization.NoEncryption()
    if passphrase:
        how = serialization.BestAvailableEncryption(passphrase.encode())
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, how)


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
    if plain := _plain(text):
        return Ed25519PrivateKey.from_private_bytes(plain)
    from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415  # 10 ms, for those who lock their keys
    from cryptography.hazmat.primitives.serialization import load_pem_private_key  # noqa: PLC0415  # as above

    try:
        key = load_pem_private_key(text, passphrase.encode() if locked and passphrase else None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        why = "the passphrase is wrong, or the key is damaged" if locked else "this is no private key in PEM"
        raise TrustError(place, why) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise TrustError(place, "this is no Ed25519 key", "pappus keys init makes them")
    return key


def _plain(text: bytes) -> bytes:
    """Return the bytes of a key that is not locked and is written as :func:`lock` does it, b"" for any other text."""
    text = text.strip()
    if not (text.startswith(_BEGIN) and text.endswith(_END)):
        return b""
    try:
        data = base64.b64decode(text[len(_BEGIN) : -len(_END)].strip(), validate=True)
    except binascii.Error:
        return b""
    return data[len(_PLAIN) :] if len(data) == len(_PLAIN) + 32 and data.startswith(_PLAIN) else b""


def public(key: Ed25519PrivateKey) -> str:
    """Return the public half of a key, as metadata holds it."""
    return key.public_key().public_bytes_raw().hex()
