"""Segments: what readers load. Each holds the terms of a run of blocks, in order, cut into leaves of a few KB, with pages that lead there.

Which segments there are follows from the number of the newest block alone: a new article rewrites the leaves of the last one, and
whenever 16, 256 or 1024 blocks are full, theirs become one segment.

Where a leaf begins follows from the terms around: the first whose digest says so, once the leaf before is large enough. So a term that
comes or goes moves the cuts beside it and no others. A leaf has its name from its first term. A page holds the first terms of some
leaves, or of some pages of the level below, and is cut in the same way, until so few are left that the list of segments can hold them.

The text of a leaf is::

    ^head|rest postings|rest postings^head|rest postings

where a term is its head and the rest, and postings are, block by block, how many blocks without it were passed over, and its articles
with their marks, or, where they are many, as bits (see ``blocks``).
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from hashlib import sha256
from itertools import groupby, pairwise
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from pappus.render.site.search.blocks import SLICES, read

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

_LADDER: Final = (1024, 256, 16)  # blocks of a segment that is full; the newest block is always one of its own
# What a leaf holds at least, in characters, and a page, in terms; at most; and one of how many terms begins the next in between.
_LEAF: Final = (1200, 4000, 13)
_NEWEST: Final = (2400, 6000, 13)  # of a leaf of a single block, which is written anew with each article
_PAGE: Final = (16, 64, 13)
_FEW: Final = 192  # terms that the list of segments holds at most of each
_HEAD: Final = 3  # letters that terms beside each other have in common,
_IDEOGRAMS: Final = "\u2e80"  # but from here on one sign
_DIGITS: Final = "#$%&'()+,./:;<=>?@[]`{}"  # of numbers of blocks
_SIGN: Final = re.compile(rf"([{re.escape(_DIGITS)}]+)")
_NAME: Final = 32  # digits of a leaf or a page, two of which are its folder

Leaf = tuple[str, str]  # its first term and its text
_Item = tuple[str, str]  # a term and its postings
_Rule = tuple[int, int, int]


class Segment(Struct, frozen=True):
    """A run of blocks."""

    first: int
    last: int

    @property
    def name(self) -> str:
        """The name of its folder."""
        return f"{self.first}-{self.last}"

    @property
    def rule(self) -> _Rule:
        """Where its leaves begin."""
        return _NEWEST if self.first == self.last else _LEAF

    def file(self, level: int, term: str) -> str:
        """Return the name of a page of a level above 0, or of a leaf, by its first term."""
        name = sha256(term.encode()).hexdigest()[:_NAME]  # who writes an article must not find two terms that have one
        return f"{self.name}/{level}/{name[:2]}/{name[2:]}"


def _hashed(term: str) -> int:
    """Return a number of 32 bits that is the same everywhere."""
    found = 0
    for sign in term:
        found = (found * 1_000_003 + ord(sign)) & 0xFFFFFFFF
    return found


def runs(newest: int) -> list[Segment]:
    """Return the segments that there are when this is the newest block, the oldest first."""
    largest, *smaller = _LADDER
    full = newest // largest
    found = [Segment(number * largest, (number + 1) * largest - 1) for number in range(full)]
    start = full * largest
    for size in (*smaller, 1):
        end = newest - newest % size
        if end > start:
            found.append(Segment(start, end - 1))
            start = end
    return [*found, Segment(newest, newest)]


def write(segment: Segment, piece: Callable[[int], Iterable[str]]) -> Iterator[Leaf]:
    """Yield the leaves of a segment.

    Args:
        segment: which one.
        piece: gives, by its number, one slice of each of the blocks, in order.
    """
    items = (item for number in range(SLICES) for item in _merged(piece(number)))
    return ((leaf[0][0], _text(leaf)) for leaf in _leaves(items, segment.rule))


def _merged(pieces: Iterable[str]) -> Iterator[_Item]:
    """Yield the terms of a slice of all blocks, in order, and their postings."""
    index: dict[str, str] = {}
    last: dict[str, int] = {}  # blocks
    for block, text in enumerate(pieces):
        for term, found in zip(*read(text), strict=True):
            if term in index:
                index[term] += _SIGNS[block - last[term] - 1] + found
            else:
                index[term] = _SIGNS[block] + found
            last[term] = block
    order = sorted(index)
    return zip(order, map(index.__getitem__, order), strict=True)


def _begins(term: str, before: int, rule: _Rule) -> bool:
    """Return whether a term is the first of a leaf or a page, when so much is in the one before."""
    least, most, odds = rule
    return before >= least and (before >= most or not _hashed(term) % odds)


def _leaves(items: Iterable[_Item], rule: _Rule) -> Iterator[list[_Item]]:
    """Yield what is in each leaf, of terms that come in order with their postings."""
    some: list[_Item] = []
    size = 0
    for item in items:
        if size >= rule[0] and _begins(item[0], size, rule):
            yield some
            some, size = [], 0
        some.append(item)
        size += len(item[0]) + len(item[1])
    if some:
        yield some


def _size(leaf: Sequence[_Item]) -> int:
    return sum(len(term) + len(found) for term, found in leaf)


def _text(items: Iterable[_Item]) -> str:
    heads = []
    for start, some in groupby(items, _head):
        length = len(start)
        heads.append("|".join([start, *[f"{term[length:]} {found}" for term, found in some]]))
    return "^" + "^".join(heads)


def _head(item: _Item) -> str:
    term = item[0]
    return term[:1] if term >= _IDEOGRAMS else term[:_HEAD]


def _read(text: str) -> Iterator[tuple[str, str]]:
    """Yield the terms of a leaf and their postings."""
    for part in text.split("^")[1:]:
        start, *entries = part.split("|")
        for entry in entries:
            rest, _, postings = entry.partition(" ")
            yield start + rest, postings


def levels(firsts: Sequence[str]) -> list[list[Sequence[str]]]:
    """Return the pages above leaves that begin with these terms, level by level; the last has one, which is for the list of segments."""
    found: list[list[Sequence[str]]] = []
    while len(firsts) > _FEW:
        pages: list[list[str]] = [[]]
        for term in firsts:
            if _begins(term, len(pages[-1]), _PAGE):
                pages.append([])
            pages[-1].append(term)
        found.append([*pages])
        firsts = [page[0] for page in pages]
    return [*found, [firsts]]


def patch(
    segment: Segment, firsts: Sequence[str], leaf: Callable[[str], str], changes: Mapping[int, Mapping[str, str]]
) -> tuple[list[str], list[Leaf]]:
    """Return the first terms of the leaves of a segment when some of its blocks have changed, and those leaves that are other than before.

    Args:
        segment: which one.
        firsts: first terms of its leaves as it was.
        leaf: gives the text of one of these by its first term.
        changes: by the number of a block, the terms that have other articles there than before, and these; "" for none.
    """
    changed: defaultdict[int, defaultdict[str, dict[int, str]]] = defaultdict(lambda: defaultdict(dict))
    for block, terms in changes.items():
        for term, found in terms.items():
            at = max(0, bisect_right(firsts, term) - 1)
            changed[at][term][block - segment.first] = found
            if at and term == firsts[at]:  # it may go, and what follows it be of the leaf before
                changed[at - 1]
    now: list[str] = []
    other: list[Leaf] = []
    at, end = 0, max(1, len(firsts))  # a segment of which nothing was left has no leaf
    while at < end:
        if at not in changed:
            now.append(firsts[at])
            at += 1
            continue
        items: list[_Item] = []
        leaves: list[list[_Item]] = []
        while at < end and (at in changed or not (leaves and _begins(firsts[at], _size(leaves[-1]), segment.rule))):
            before = dict(_read(leaf(firsts[at]))) if firsts else {}
            items += _changed(before, changed[at]) if at in changed else before.items()
            at += 1
            leaves = [] if at in changed else list(_leaves(items, segment.rule))
        now += [one[0][0] for one in leaves]
        other += [(one[0][0], _text(one)) for one in leaves]
    return now, other


def _changed(index: dict[str, str], terms: Mapping[str, Mapping[int, str]]) -> list[_Item]:
    """Return what is in a leaf when some of its terms have other articles in some blocks."""
    for term, found in terms.items():
        blocks = {**_apart(index.get(term, "")), **found}
        index[term] = _together(blocks)
    return sorted(item for item in index.items() if item[1])


def _apart(postings: str) -> dict[int, str]:
    """Return the articles of postings by the number of their block."""
    block, found = -1, {}
    _, *parts = _SIGN.split(postings)
    for passed, articles in zip(parts[::2], parts[1::2], strict=True):
        block += _NUMBERS[passed] + 1
        found[block] = articles
    return found


def _together(blocks: Mapping[int, str]) -> str:
    """Return the postings of articles by the number of their block; "" for none."""
    numbers = sorted(block for block, articles in blocks.items() if articles)
    return "".join(_SIGNS[block - last - 1] + blocks[block] for last, block in pairwise([-1, *numbers]))


def _sign(number: int) -> str:
    rest, digit = divmod(number, len(_DIGITS))
    return (_sign(rest) if rest else "") + _DIGITS[digit]


_SIGNS: Final = [_sign(number) for number in range(_LADDER[0])]
_NUMBERS: Final = {sign: number for number, sign in enumerate(_SIGNS)}
