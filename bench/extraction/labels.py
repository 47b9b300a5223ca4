"""Which blocks of a page its gold text has: what a model of blocks is taught with."""

from __future__ import annotations

from bisect import bisect
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Final

from bench.extraction.metrics import SHINGLE

if TYPE_CHECKING:
    from collections.abc import Sequence

_ENOUGH: Final = 0.5  # share of a block's shingles that the gold has
_AMBIGUOUS: Final = 50  # places of a shingle that are looked at
_SLACK: Final = 12  # tokens between what is known and a short block beside it

Tokens = list[str]


def label(blocks: Sequence[Tokens], gold: Tokens) -> list[bool]:
    """Return for each block, given as its tokens, whether it is in the gold text.

    A block of a shingle's length or more is in it if half of its shingles are; a text that the page has more often than the
    gold is taken where most of the others are. A shorter one is in it if the gold has it beside the next longer block.
    """
    places: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for at in range(len(gold) - SHINGLE + 1):
        places[tuple(gold[at : at + SHINGLE])].append(at)
    spans: dict[int, tuple[int, int]] = {}  # where in the gold a longer block is
    for index, said in enumerate(blocks):
        if len(said) >= SHINGLE and (start := _start(said, places)) is not None:
            spans[index] = (start, start + len(said))
    for index in _spare(blocks, gold, list(spans)):
        del spans[index]
    known = sorted(spans)
    return [
        index in spans if len(said) >= SHINGLE else bool(said) and _is_beside(said, gold, _near(index, known, spans))
        for index, said in enumerate(blocks)
    ]


def _start(said: Tokens, places: dict[tuple[str, ...], list[int]]) -> int | None:
    """Return where a block begins in the gold, None if it is not in it."""
    found = [places.get(tuple(said[at : at + SHINGLE]), []) for at in range(len(said) - SHINGLE + 1)]
    if sum(map(bool, found)) < _ENOUGH * len(found):
        return None
    votes = Counter(place - at for at, each in enumerate(found) for place in each[:_AMBIGUOUS])
    return max(0, votes.most_common(1)[0][0])


def _spare(blocks: Sequence[Tokens], gold: Tokens, found: list[int]) -> list[int]:
    """Return which of the blocks found say what another does, more often than the gold."""
    alike: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for index in found:
        alike[tuple(blocks[index])].append(index)
    single = [indices[0] for indices in alike.values() if len(indices) == 1]
    text = f" {' '.join(gold)} "
    spare: list[int] = []
    for said, indices in alike.items():
        most = max(1, text.count(f" {' '.join(said)} "))
        if len(indices) > most:
            spare += sorted(indices, key=lambda one: -_company(one, single, blocks))[most:]
    return spare


def _company(index: int, others: list[int], blocks: Sequence[Tokens]) -> float:
    return sum(len(blocks[other]) / (1 + abs(other - index)) for other in others)


def _near(index: int, known: list[int], spans: dict[int, tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the stretches of gold before and after which the longer blocks around stand."""
    after = bisect(known, index)
    before = [spans[known[after - 1]][1]] if after else []
    behind = [spans[known[after]][0]] if after < len(known) else []
    return [(end - 1, end + _SLACK) for end in before] + [(begin - _SLACK, begin + 1) for begin in behind]


def _is_beside(said: Tokens, gold: Tokens, near: list[tuple[int, int]]) -> bool:
    length = len(said)
    return any(
        gold[at : at + length] == said
        for low, high in near
        for at in range(max(0, low - length), min(high, len(gold) - length) + 1)
    )
