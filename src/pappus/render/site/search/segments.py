"""Segments: what readers load. Each holds the terms of a run of blocks, in shards of a few KB by the beginnings of terms.

Which segments there are follows from the number of the newest block alone: a new article rewrites the shards of the last one, and
whenever 16 or 256 blocks are full, theirs become one segment. A query reads one shard of each segment for each of its terms.

The text of a shard is::

    ^head|rest postings|rest postings^head|rest postings

where a term is its head and the rest, and postings are, block by block, the block's sign and its articles with their marks,
or, where they are many, as bits (see ``blocks``).
"""

from __future__ import annotations

import re
from itertools import groupby
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from pappus.render.site.search.blocks import CHANNEL, DENSE, DIGITS, MONTH, PARTS, SLICES, SPREAD, head, place, read

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

_LADDER: Final = (1024, 256, 16)  # blocks of a segment that is full; the newest block is always one of its own
_SHARD: Final = 2048  # bytes of blocks that make a shard, or up to twice as many
_FACETS: Final = {CHANNEL: "channels", MONTH: "months"}
_SIGNS: Final = (
    "#$%&'()+,./:;<=>?@[]`{}"  # of the first blocks of a segment, one byte each; those of the others have two
)
_SIGN: Final = re.compile(rf"([^{re.escape(DIGITS)}{DENSE}!*])")


class Segment(Struct, frozen=True):
    """A run of blocks, and how many shards its terms are on: 2 to the power of ``bits``."""

    first: int
    last: int
    bits: int

    @property
    def name(self) -> str:
        """The name of its folder."""
        return f"{self.first}-{self.last}-{self.bits}"

    @property
    def shards(self) -> list[str]:
        """The names of all its shards."""
        return [*_FACETS.values(), *map(_name, range(1 << self.bits))]

    def shard(self, term: str) -> str:
        """Return the name of the shard that a term is on."""
        if term[0] in _FACETS:
            return _FACETS[term[0]]
        start = head(term)
        return _name(place(start, term[len(start) :]) & (1 << self.bits) - 1)


def runs(newest: int) -> list[tuple[int, int]]:
    """Return the first and last blocks of the segments that there are when this is the newest block, the oldest first."""
    largest, *smaller = _LADDER
    full = newest // largest
    found = [(number * largest, (number + 1) * largest - 1) for number in range(full)]
    start = full * largest
    for size in (*smaller, 1):
        end = newest - newest % size
        if end > start:
            found.append((start, end - 1))
            start = end
    return [*found, (newest, newest)]


def bits(size: int) -> int:
    """Return how many shards, as a power of two, terms are on that take so many bytes in their blocks."""
    return max(0, (size // _SHARD).bit_length() - 1)


def write(segment: Segment, piece: Callable[[int], Sequence[str]]) -> Iterator[tuple[str, str]]:
    """Yield the shards of a segment: names and texts.

    Args:
        segment: of which blocks, and on how many shards.
        piece: gives, by its number, one slice of each of the blocks, in order; that of the facets is the last.
    """
    facets = _texts(segment, _index(enumerate(piece(SLICES))))
    yield from ((name, facets.get(name, "")) for name in _FACETS.values())
    for shards, parts in _batches(segment, piece):
        texts = _texts(segment, _index(parts))
        yield from ((name, texts.get(name, "")) for name in map(_name, shards))


def _batches(
    segment: Segment, piece: Callable[[int], Sequence[str]]
) -> Iterator[tuple[Iterable[int], Iterable[tuple[int, str]]]]:
    """Yield numbers of shards, and parts of blocks that hold all of their terms and no others: few at a time in a large segment."""
    places = (1 << segment.bits) // SPREAD
    groups = min(SLICES * PARTS, places)
    if groups < SLICES:
        yield (
            range(1 << segment.bits),
            (
                (block, part)
                for number in range(SLICES)
                for block, text in enumerate(piece(number))
                for part in text.split("\n")
            ),
        )
        return
    for number in range(SLICES):
        blocks = [text.split("\n") for text in piece(number)]
        for group in range(number, groups, SLICES):
            some = range(group // SLICES, PARTS, groups // SLICES)
            yield (
                [start * SPREAD + one for start in range(group, places, groups) for one in range(SPREAD)],
                ((block, parts[part]) for part in some for block, parts in enumerate(blocks)),
            )


def _index(parts: Iterable[tuple[int, str]]) -> dict[str, str]:
    """Return terms and their postings, from the parts of blocks, which come in the order of the blocks for each term."""
    index: dict[str, str] = {}
    get = index.get
    for block, part in parts:
        sign = _sign(block)
        for term, found in read(part):
            index[term] = get(term, "") + sign + found
    return index


def patch(segment: Segment, text: str, block: int, changed: Mapping[str, str]) -> str:
    """Return the text of a shard as it is when some of its terms have other articles in a block.

    Args:
        segment: that of the shard.
        text: of the shard as it was.
        block: number of the block.
        changed: those terms, and their articles in that block; "" for none.
    """
    sign = _sign(block - segment.first)
    index = dict(_read(text))
    for term, found in changed.items():
        _, *parts = _SIGN.split(index.get(term, ""))
        blocks = dict(zip(parts[::2], parts[1::2], strict=True)) | {sign: found}
        index[term] = "".join(one + blocks[one] for one in sorted(blocks, key=_block) if blocks[one])
    texts = _texts(segment, {term: found for term, found in index.items() if found})
    return "".join(texts.values())  # one, or none where nothing is left


def _texts(segment: Segment, index: Mapping[str, str]) -> dict[str, str]:
    """Return the texts of the shards on which these terms are, by name."""
    found: dict[str, list[str]] = {}
    mask = (1 << segment.bits) - 1
    for start, terms in groupby(sorted(index), head):
        length = len(start)
        spread: dict[int, list[str]] = {}
        for term in terms:
            rest = term[length:]
            spread.setdefault(place(start, rest) & mask, [start]).append(f"{rest} {index[term]}")
        facet = _FACETS.get(start[0])
        for number, entries in sorted(spread.items()):
            found.setdefault(facet or _name(number), []).append("|".join(entries))
    return {name: "^" + "^".join(heads) for name, heads in found.items()}


def _read(text: str) -> Iterator[tuple[str, str]]:
    """Yield the terms of a shard and their postings."""
    for part in text.split("^")[1:]:
        start, *entries = part.split("|")
        for entry in entries:
            rest, _, postings = entry.partition(" ")
            yield start + rest, postings


def _sign(block: int) -> str:
    """Return the sign of a block, by its number in the segment."""
    return _SIGNS[block] if block < len(_SIGNS) else chr(0x100 + block)


def _block(sign: str) -> int:
    return _SIGNS.index(sign) if sign < "\u0100" else ord(sign) - 0x100


def _name(shard: int) -> str:
    return f"{shard >> 8:x}/{shard & 255:02x}"
