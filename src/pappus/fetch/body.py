"""A response's body: read bounded, its one content-encoding undone bounded.

Rule 1: nothing is inflated past the limit, whatever the header says; one encoding only; and once past 1 MiB, at most
ten times as much as came over the wire (a small page may well compress better, and is no danger).
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Final, Protocol

import brotli

from pappus.errors import FetchError, LimitError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

FREE_BYTES: Final = 1024 * 1024  # up to here the ratio does not matter
MAX_RATIO: Final = 10  # inflated to compressed
_PIECE = 64 * 1024  # bytes; inflated at a time
_SECOND = b"\x1f"  # begins another member (RFC 1952, section 2.2)
_KNOWN = {"br": "br", "deflate": "deflate", "gzip": "gzip", "x-gzip": "gzip"}
_UNASKED = "zstd"


def encoding(fields: Iterable[str], subject: str) -> str:
    """Return how an answer with these content-encodings is unpacked, as browsers do it, whatever was asked for.

    What names anything that they do not know, "identity" among others, or nothing between two commas, they show as it comes, all of it.

    Returns:
        "gzip", "deflate" or "br"; "" for as it comes.

    Raises:
        LimitError: more than one encoding.
        FetchError: an encoding that browsers know and we do not.
    """
    names = [name.strip().lower() for field in fields for name in field.split(",")]
    if _UNASKED in names:
        raise FetchError(subject, f"content-encoding {_UNASKED!r}, which we did not ask for")
    if not names or not set(names) <= _KNOWN.keys():
        return ""
    if len(names) > 1:
        raise LimitError(subject, f"compressed {len(names)} times ({', '.join(names)[:60]})", "one is the limit")
    return _KNOWN[names[0]]


class _Inflater(Protocol):
    """What :func:`zlib.decompressobj` gives."""

    @property
    def eof(self) -> bool: ...

    @property
    def unused_data(self) -> bytes: ...

    @property
    def unconsumed_tail(self) -> bytes: ...

    def decompress(self, data: bytes, most: int, /) -> bytes: ...


class _Brotli:
    """The same for Brotli, whose reader keeps to itself what it has not come to."""

    unused_data = unconsumed_tail = b""

    def __init__(self) -> None:
        self._reader = brotli.Decompressor()

    @property
    def eof(self) -> bool:
        return bool(self._reader.is_finished())

    def decompress(self, data: bytes, most: int, /) -> bytes:
        return bytes(self._reader.process(data, output_buffer_limit=most))


class Body:
    """Takes the bytes as they come and gives the whole back.

    Args:
        coding: "", "gzip", "deflate" or "br".
        limit: bytes, of the wire and inflated.
        cut: whether what is past the limit is left out instead of being an error.
        subject: the URL, for errors.
    """

    def __init__(self, coding: str, limit: int, subject: str, *, cut: bool = False) -> None:
        self._coding = coding
        self._limit = limit
        self._subject = subject
        self._cut = cut
        self._inflater: _Inflater | None = None
        self._wire = 0
        self._pieces: list[bytes] = []
        self.size = 0  # bytes, inflated

    @property
    def full(self) -> bool:
        """Whether nothing more is wanted, because the rest would be cut off."""
        return self._cut and self.size >= self._limit

    def feed(self, data: bytes) -> Iterator[None]:
        """Take the next bytes of the wire; yields after each piece, so that the caller may wait before it grows.

        Raises:
            LimitError: past the limit.
            FetchError: bytes that are not what the content-encoding says.
        """
        self._wire += len(data)
        self._check(self._wire)
        if not self._coding:
            self._add(data)
            yield
            return
        try:
            for start in range(0, len(data), _PIECE):  # small, since what an inflater leaves over is copied
                yield from self._inflate(data[start : start + _PIECE])
        except (zlib.error, brotli.error) as error:
            raise FetchError(self._subject, f"broken {self._coding} data ({error})", retry=True) from error

    def finish(self) -> bytes:
        """Return the whole body, and let go of it.

        Raises:
            LimitError: inflated too much for its size.
            FetchError: compressed data that end too early.
        """
        if self._coding and not self.full:
            if self._wire and self._inflater is not None and not self._inflater.eof:
                raise FetchError(self._subject, f"the {self._coding} data end too early", retry=True)
            if self.size > max(FREE_BYTES, MAX_RATIO * self._wire):
                raise LimitError(self._subject, f"{self._wire:,} bytes inflate to {self.size:,}", "a bomb?")
        whole = b"".join(self._pieces)
        self.drop()
        return whole[: self._limit] if self._cut else whole

    def drop(self) -> None:
        """Let go of what was read; an error that is kept would keep it too, by its traceback."""
        self._pieces.clear()

    def _inflate(self, data: bytes) -> Iterator[None]:
        inflater = self._inflater
        while not self.full:
            if inflater is None:
                inflater = self._inflater = self._new_inflater(data)
            elif inflater.eof:
                if self._coding == "gzip" and data[:1] == _SECOND:
                    raise LimitError(
                        self._subject, "several gzip members", "browsers show the first alone; others, all"
                    )
                return  # padding after the end, which browsers ignore too
            piece = inflater.decompress(data, _PIECE)
            self._add(piece)
            yield
            data = inflater.unused_data if inflater.eof else inflater.unconsumed_tail
            if not data and not piece:
                return

    def _new_inflater(self, data: bytes) -> _Inflater:
        if self._coding == "br":
            return _Brotli()
        if self._coding == "gzip":
            return zlib.decompressobj(zlib.MAX_WBITS | 16)
        # RFC 9110 means zlib by "deflate", some servers send it bare; the first byte of zlib data ends in 8.
        return zlib.decompressobj(zlib.MAX_WBITS if data[:1] and data[0] & 0x0F == 8 else -zlib.MAX_WBITS)

    def _add(self, piece: bytes) -> None:
        self.size += len(piece)
        self._check(self.size)
        self._pieces.append(piece)

    def _check(self, size: int) -> None:
        if size > self._limit and not self._cut:
            raise LimitError(self._subject, f"larger than {self._limit:,} bytes")
