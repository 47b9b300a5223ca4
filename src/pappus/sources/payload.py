"""Undoes what HTTP did to a saved payload: chunks and one content-encoding, bounded (rule 1 of intake)."""

from __future__ import annotations

import io
import re
import zlib
from typing import TYPE_CHECKING, Final

import zstandard
from fastwarc.stream_io import BrotliReader

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_PAGE: Final = 10 * 2**20  # bytes of a page, inflated
MAX_RATIO: Final = 10  # inflated to packed, asked of what is larger than the next
FREE: Final = 2**20  # bytes up to which any ratio is allowed

_CHUNK = re.compile(rb"([0-9a-fA-F]{1,8})[ \t]*(?:;[^\r\n]{0,1000})?\r?\n")


class PayloadError(Exception):
    """A payload that cannot be undone within its limits."""


def undo(body: bytes, *, transfer: str, content: str) -> bytes:
    """Return a payload as the page that it carries.

    Args:
        body: the payload as it was saved.
        transfer: the Transfer-Encoding header. Many archivers keep it and drop the chunks: both are read.
        content: the Content-Encoding header.

    Raises:
        PayloadError: damaged, larger than 10 MiB or ten times the packed size, or of an unknown encoding.
    """
    if "chunked" in transfer.lower():
        body = _joined(body)
    encoding = content.strip().lower()
    if encoding not in {"", "identity"}:
        body = _inflated(body, encoding)
    if len(body) > MAX_PAGE:
        raise PayloadError(f"larger than {MAX_PAGE >> 20} MiB")
    return body


def _joined(body: bytes) -> bytes:
    """Return chunks joined (RFC 9112, section 7.1), or ``body`` as it is if it is not made of chunks."""
    parts: list[bytes] = []
    position = 0
    while found := _CHUNK.match(body, position):
        size, start = int(found[1], 16), found.end()
        if size == 0:
            return b"".join(parts)
        if start + size > len(body):
            break
        parts.append(body[start : start + size])
        position = start + size
        position += 2 if body.startswith(b"\r\n", position) else body.startswith(b"\n", position)
    return body


def _inflated(body: bytes, encoding: str) -> bytes:
    limit = min(MAX_PAGE, max(FREE, MAX_RATIO * len(body)))
    inflate = _INFLATERS.get(encoding)
    if inflate is None:
        raise PayloadError(f"an unknown content-encoding, {encoding[:40]!r}")
    if encoding in {"gzip", "x-gzip"} and not body.startswith(b"\x1f\x8b"):
        return body  # the archiver undid it, and kept the header
    try:
        inflated = inflate(body, limit + 1)
    except (zlib.error, OSError, zstandard.ZstdError, EOFError) as error:
        raise PayloadError(f"its {encoding} encoding is damaged: {error}") from error
    if len(inflated) > limit:
        raise PayloadError(f"it inflates to more than {limit >> 20} MiB")
    return inflated


def _gzip(body: bytes, limit: int) -> bytes:
    return zlib.decompressobj(wbits=31).decompress(body, limit)


def _deflate(body: bytes, limit: int) -> bytes:
    try:
        return zlib.decompressobj().decompress(body, limit)
    except zlib.error:  # sent without its header by some servers, which browsers accept
        return zlib.decompressobj(wbits=-15).decompress(body, limit)


def _brotli(body: bytes, limit: int) -> bytes:
    return bytes(BrotliReader(io.BytesIO(body)).read(limit))


def _zstd(body: bytes, limit: int) -> bytes:
    with zstandard.ZstdDecompressor(max_window_size=2**23).stream_reader(body) as reader:
        return bytes(reader.read(limit))


_INFLATERS: dict[str, Callable[[bytes, int], bytes]] = {
    "br": _brotli,
    "deflate": _deflate,
    "gzip": _gzip,
    "x-gzip": _gzip,
    "zstd": _zstd,
}
