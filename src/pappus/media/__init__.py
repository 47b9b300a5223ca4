"""Images -> small ones without metadata, stored by digest. Pixels are pure CPU work; the network is passed in."""

from __future__ import annotations

from pappus.media.localise import localise
from pappus.media.pixels import Encoded, encode

__all__ = ["Encoded", "encode", "localise"]
