"""What an edition's search is put together from: blocks of terms, and which segments there are of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import zstandard

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pappus.store.database import Database

_LEVEL: Final = 1  # of zstd: blocks are written often and seldom read
_LARGEST: Final = 64 * 1024 * 1024  # bytes that a slice may unpack to


class Search:
    """The index of words of each edition. Segments are their first block, their last one, and the bits of the number of their shards."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._compressor = zstandard.ZstdCompressor(level=_LEVEL)
        self._decompressor = zstandard.ZstdDecompressor()

    def put(self, edition: str, block: int, slices: Sequence[str]) -> None:
        """Keep the slices of a block, in the place of what was there."""
        bodies = enumerate(text.encode() for text in slices)
        self._database.executemany(
            "INSERT INTO search_block (edition, slice, number, size, body) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT DO UPDATE SET size = excluded.size, body = excluded.body",
            [(edition, number, block, len(body), self._compressor.compress(body)) for number, body in bodies],
        )

    def slices(self, edition: str, number: int, first: int, last: int) -> list[str]:
        """Return the slice of this number of each block from ``first`` to ``last``, in order."""
        rows = self._database.execute(
            "SELECT body FROM search_block WHERE edition = ? AND slice = ? AND number BETWEEN ? AND ? ORDER BY number",
            (edition, number, first, last),
        )
        return [self._decompressor.decompress(row[0], max_output_size=_LARGEST).decode() for row in rows]

    def size(self, edition: str, number: int, first: int, last: int) -> int:
        """Return how many bytes these slices take."""
        row = self._database.one(
            "SELECT sum(size) FROM search_block WHERE edition = ? AND slice = ? AND number BETWEEN ? AND ?",
            (edition, number, first, last),
        )
        return row[0] or 0 if row else 0

    def segments(self, edition: str) -> list[tuple[int, int, int]]:
        """Return the segments that the edition has."""
        rows = self._database.execute(
            "SELECT first, last, bits FROM search_segment WHERE edition = ? ORDER BY first", (edition,)
        )
        return [(row[0], row[1], row[2]) for row in rows.fetchall()]

    def has(self, edition: str, segments: Iterable[tuple[int, int, int]]) -> None:
        """Say which segments the edition has now."""
        self._database.execute("DELETE FROM search_segment WHERE edition = ?", (edition,))
        self._database.executemany(
            "INSERT INTO search_segment (edition, first, last, bits) VALUES (?, ?, ?, ?)",
            [(edition, *segment) for segment in segments],
        )
