"""How likely each block is the article's: boosted trees, whose weights were learned (``bench/train.py``).

``weights.json`` holds the trees, to be read and compared by people too: a leaf is a number, and an inner node is
``[feature, most, left, right]``, which goes left where the feature's value is ``most`` or less. Their leaves add up to
the logarithm of a block's odds.

All trees are asked at once (after "QuickScorer", Lucchese et al. 2015): each tree has a word of 16 bits in one long
number, a bit for each of its leaves. A node that is not gone left from rules out the leaves on its left; what every value
of every feature rules out is known beforehand, so that a block costs one disjunction for each of its values. The leaf
that is reached is the lowest that was not ruled out.
"""

from __future__ import annotations

import json
from functools import cache, lru_cache, reduce
from importlib import resources
from math import exp
from operator import getitem, or_
from typing import TYPE_CHECKING, Final

from pappus.extraction.features import BLOCK, GROUP, KIND, ZONES
from pappus.extraction.topics import TOPICS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pappus.extraction.features import Row

Tree = float | list["str | int | Tree"]  # a leaf, or [feature, most, left, right]

VALUES: Final = {"block": BLOCK, "group": GROUP, "kind": KIND}
BITS: Final = {"near": TOPICS, "far": TOPICS, "zone": ZONES}
WORD: Final = 16  # leaves of a tree at most
_REMEMBERED: Final = 4096  # surroundings: many blocks share theirs


class Model:
    """The trees, made ready."""

    def __init__(self, trees: Sequence[Tree]) -> None:
        self._leaves: list[dict[int, float]] = []  # of each tree, by their bits
        ruled = {name: [0] * count for names in VALUES.values() for name, count in names.items()}
        ruled |= {f"{part} {name}": [0, 0] for part, names in BITS.items() for name in names}
        for number, tree in enumerate(trees):
            leaves: list[float] = []
            _plant(tree, WORD * number, leaves, ruled)
            self._leaves.append({1 << index: leaf for index, leaf in enumerate(leaves)})
        self._all = sum(((1 << len(leaves)) - 1) << WORD * number for number, leaves in enumerate(self._leaves))
        self._ones = sum(1 << WORD * number for number in range(len(trees)))
        self._size = len(trees) * WORD // 8
        self._tables = {part: [ruled[name] for name in names] for part, names in VALUES.items()}
        self._bits = {part: [ruled[f"{part} {name}"][1] for name in names] for part, names in BITS.items()}
        self._seen = lru_cache(maxsize=_REMEMBERED)(self._rule)
        self._said = lru_cache(maxsize=_REMEMBERED)(self._rule_bits)

    def scores(self, rows: Sequence[Row | None]) -> list[float]:
        """Return for each block how likely it is the article's, 0 to 1."""
        leaves, whole, ones, size = self._leaves, self._all, self._ones, self._size
        said, seen, blocks = self._said, self._seen, self._tables["block"]
        found: list[float] = []
        for row in rows:
            if row is None:
                found.append(0.0)
                continue
            block, group, kind, near, far, zone = row
            around = (
                seen("group", group) | seen("kind", kind) | said("near", near) | said("far", far) | said("zone", zone)
            )
            left = whole ^ reduce(or_, map(getitem, blocks, block), around)
            reached = (left & ~(left - ones)).to_bytes(size, "little")
            found.append(1 / (1 + exp(-sum(map(getitem, leaves, memoryview(reached).cast("H"))))))
        return found

    def _rule(self, part: str, values: tuple[int, ...]) -> int:
        """Return what these values rule out."""
        return reduce(or_, map(getitem, self._tables[part], values))

    def _rule_bits(self, part: str, said: int) -> int:
        """Return what topics or zones round a block rule out."""
        return reduce(or_, (one for index, one in enumerate(self._bits[part]) if said >> index & 1), 0)


def _plant(tree: Tree, shift: int, leaves: list[float], ruled: dict[str, list[int]]) -> None:
    """Take a tree's leaves, from the left, and what each value of a feature rules out of them."""
    if not isinstance(tree, list):
        leaves.append(tree)
        return
    feature, most, left, right = tree
    first = len(leaves)
    _plant(left, shift, leaves, ruled)  # type: ignore[arg-type] # mypy knows no lists of a shape
    out = ((1 << len(leaves)) - (1 << first)) << shift
    values = ruled[str(feature)]
    for value in range(int(most) + 1, len(values)):  # type: ignore[arg-type]
        values[value] |= out
    _plant(right, shift, leaves, ruled)  # type: ignore[arg-type]


@cache
def model() -> Model:
    """Return the model that comes with the package."""
    return Model(json.loads(resources.files("pappus.extraction").joinpath("weights.json").read_text("utf-8")))
