"""Keys and signed metadata: The Update Framework (https://theupdateframework.io), as python-tuf writes and reads it.

What is done with the offline root keys stands in :mod:`pappus.trust.ceremony`, which is imported by those who need it: python-tuf takes
longer to import than a release takes to sign.
"""

from __future__ import annotations

from pappus.trust.keys import ONLINE, Online, TrustOptions, environment_pems, first_fingerprint, load_online
from pappus.trust.sign import due, release, retired

__all__ = [
    "ONLINE",
    "Online",
    "TrustOptions",
    "due",
    "environment_pems",
    "first_fingerprint",
    "load_online",
    "release",
    "retired",
]
