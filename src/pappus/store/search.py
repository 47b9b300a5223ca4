"""What an edition's search is put together from: blocks of terms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import zstandard

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pappus.store.database import Database

_LEVEL: Final = 1  # of zstd: blocks are written often and seldom read


class Search:
    """The index of words of each edition."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._compressor = zstandard.ZstdCompressor(level=_LEVEL)
        self._decompressor = zstandard.ZstdDecompressor()

    def put(self, edition: str, block: int, slices: Sequence[str]) -> None:
        """Keep the slices of a block, in the place of what was there."""
        self._database.executemany(
            "INSERT INTO search_block (edition, slice, number, body) VALUES (?, ?, ?, ?)"
            " ON CONFLICT DO UPDATE SET body = excluded.body",
            [(edition, number, block, self._compressor.compress(text.encode())) for number, text in enumerate(slices)],
        )

    def slices(self, edition: str, number: int, first: int, last: int) -> Iterator[str]:
        """Yield the slice of this number of each block from ``first`` to ``last``, in order."""
        rows = self._database.execute(
            "SELECT body FROM search_block WHERE edition = ? AND slice = ? AND number BETWEEN ? AND ? ORDER BY number",
            (edition, number, first, last),
        )
        return (self._decompressor.decompress(row[0]).decode() for row in rows)
