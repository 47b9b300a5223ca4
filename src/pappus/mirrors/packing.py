"""Files that stand packed beside their own, as ``index.html.gz`` and ``index.html.br``, for web servers that send what is packed already.

They follow from the file alone, so they are not signed: who verifies unpacks them, and wants what was signed. Their bytes are always the
same with one version of the packers.
"""

from __future__ import annotations

import gzip
import re
import zlib
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import brotli

from pappus.errors import MirrorError
from pappus.layout import MIRROR_JSON, is_metadata

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_TEXT: Final = re.compile(r"text/|application/(?:(?:.*\+)?(?:json|xml)|javascript)\b")
_QUALITY: Final = 10  # of 11: within a fiftieth of the smallest, in half the time
_LARGE: Final = 64 * 1024  # bytes: of larger files, which are lists and feeds and change often,
_SWIFT: Final = 5  # this quality: a tenth larger, in a fifteenth of the time


def _brotli(data: bytes) -> bytes:
    return bytes(brotli.compress(data, quality=_SWIFT if len(data) > _LARGE else _QUALITY))


def _gzip(data: bytes) -> bytes:
    return gzip.compress(data, 9, mtime=0)


_PACKERS: Mapping[str, Callable[[bytes], bytes]] = MappingProxyType({".br": _brotli, ".gz": _gzip})
ENDINGS: Final = tuple(_PACKERS)


def is_packable(path: str, media_type: str) -> bool:
    """Whether a file is sent packed: text, but not what programs read that verify."""
    return bool(_TEXT.match(media_type)) and path != MIRROR_JSON and not is_metadata(path)


def pack(ending: str, data: bytes) -> bytes:
    """Return the packed form that has this ending, b"" where packing makes nothing smaller."""
    packed = _PACKERS[ending](data)
    return packed if len(packed) < len(data) else b""


def unpack(path: str, data: bytes, most: int) -> bytes:
    """Return what is packed in a file.

    Args:
        path: of the packed file, which says how.
        data: its bytes.
        most: bytes that may come out; of more the rest is left.

    Raises:
        MirrorError: it cannot be unpacked, or something follows.
    """
    try:
        return _unbrotli(data, most) if path.endswith(".br") else _gunzip(data, most)
    except (brotli.error, zlib.error, EOFError) as error:
        raise MirrorError(path, "cannot be unpacked") from error


def _unbrotli(data: bytes, most: int) -> bytes:
    reader = brotli.Decompressor()
    pieces = [reader.process(data, output_buffer_limit=most + 1)]
    while not reader.is_finished() and sum(map(len, pieces)) <= most:
        if reader.can_accept_more_data():
            raise EOFError(data)
        pieces.append(reader.process(b"", output_buffer_limit=most + 1))
    return b"".join(pieces)[: most + 1]


def _gunzip(data: bytes, most: int) -> bytes:
    reader = zlib.decompressobj(wbits=31)
    unpacked = reader.decompress(data, most + 1)
    if len(unpacked) <= most and (not reader.eof or reader.unused_data):
        raise EOFError(data)
    return unpacked
