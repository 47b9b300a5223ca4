"""Whether two addresses are of the same image: publishers serve each in many sizes, cuts and formats, under addresses of their own."""

from __future__ import annotations

import re
from functools import cache
from typing import Final
from urllib.parse import unquote, urljoin, urlsplit

_RUN: Final = re.compile(r"[^\W_]{6,}")
_SIZE: Final = re.compile(r"\d{2,4}x\d{2,4}|w?\d{3,4}[wh]?|(?:19|20)\d{6}")  # also a day, which many images have
_ENDING: Final = re.compile(r"\.(?:avif|gif|jpe?g|png|webp)$", re.IGNORECASE)
_SCALED: Final = re.compile(r"(?:[-_.](?:scaled|\d{2,4}x\d{2,4}|\d{3,4}))+$")
_COMMON: Final = frozenset(
    "cropped default derivatives filters format images landscape original portrait quality square uploads".split()
)


def same(first: str, second: str, *, apart: frozenset[str] = frozenset()) -> bool:
    """Whether they are one image: the same address without its query, file name, or telling part.

    Args:
        first: address.
        second: address.
        apart: parts that tell nothing, for other images of the page have them, too.
    """
    if not first or not second:
        return False
    return bool((names(first) & names(second)) - apart)


@cache
def names(address: str) -> frozenset[str]:
    """Return what may tell an image: its path, its file name without size, and long runs of letters with digits in its address."""
    whole = unquote(unquote(address))
    parts = urlsplit(whole)
    path = f"{parts.netloc}{parts.path}".lower()
    found = {path}
    for piece in re.split(r"[/?&=]", whole.lower()):
        stem = _SCALED.sub("", _ENDING.sub("", piece))
        if len(stem) >= 10 and _RUN.search(stem) and stem not in _COMMON and not _host(piece):
            found.add(stem)
    for run in _RUN.findall(whole.lower()):
        if any(map(str.isdigit, run)) and not _SIZE.fullmatch(run):
            found.add(run)
    return frozenset(found)


def _host(piece: str) -> bool:
    return bool(re.fullmatch(r"(?:[a-z0-9-]+\.)+[a-z]{2,}", piece)) and not _ENDING.search(piece)


def absolute(address: str, base: str) -> str:
    """Return an address in full; "" where it is none."""
    if not address.strip():
        return ""
    try:
        return urljoin(base, address.strip())
    except ValueError:
        return ""
