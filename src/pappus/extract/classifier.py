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
from functools import cache, reduce
from importlib import resources
from math import exp
from operator import getitem, or_
from typing import TYPE_CHECKING, Final

from pappus.extract.features import BLOCK, GROUP, KIND, ZONES
from pappus.extract.topics import TOPICS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pappus.extract.features import Row

Tree = float | list["str | int | Tree"]  # a leaf, or [feature, most, left, right]

BITS: Final = {"near": TOPICS, "far": TOPICS, "zone": ZONES}
WORD: Final = 16  # leaves of a tree at most


class Model:
    """The trees, made ready."""

    def __init__(self, trees: Sequence[Tree]) -> None:
        self._leaves: list[dict[int, float]] = []  # of each tree, by their bits
        self._ruled: dict[str, list[int]] = {
            name: [0] * count for part in (BLOCK, GROUP, KIND) for name, count in part.items()
        } | {f"{kind} {name}": [0, 0] for kind, names in BITS.items() for name in names}
        for number, tree in enumerate(trees):
            leaves: list[float] = []
            self._plant(tree, WORD * number, leaves)
            self._leaves.append({1 << index: leaf for index, leaf in enumerate(leaves)})
        self._all = sum(((1 << len(leaves)) - 1) << WORD * number for number, leaves in enumerate(self._leaves))
        self._ones = sum(1 << WORD * number for number in range(len(trees)))
        self._size = len(trees) * WORD // 8
        self._block, self._group, self._kind = ([self._ruled[name] for name in part] for part in (BLOCK, GROUP, KIND))
        self._bits = {kind: [self._ruled[f"{kind} {name}"][1] for name in names] for kind, names in BITS.items()}

    def _plant(self, tree: Tree, shift: int, leaves: list[float]) -> None:
        """Take a tree's leaves from the left, and what its nodes rule out."""
        if not isinstance(tree, list):
            leaves.append(tree)
            return
        feature, most, left, right = tree
        first = len(leaves)
        self._plant(left, shift, leaves)  # type: ignore[arg-type] # mypy knows no lists of a shape
        ruled = ((1 << len(leaves)) - (1 << first)) << shift
        values = self._ruled[str(feature)]
        for value in range(int(most) + 1, len(values)):  # type: ignore[arg-type]
            values[value] |= ruled
        self._plant(right, shift, leaves)  # type: ignore[arg-type]

    def scores(self, rows: Sequence[Row | None]) -> list[float]:
        """Return for each block how likely it is the article's, 0 to 1."""
        shared: dict[tuple[tuple[int, ...] | int, ...], int] = {}
        leaves, whole, ones, size = self._leaves, self._all, self._ones, self._size
        found: list[float] = []
        for row in rows:
            if row is None:
                found.append(0.0)
                continue
            around = row[1:]
            ruled = shared.get(around)
            if ruled is None:
                ruled = shared[around] = self._around(row)
            left = whole ^ reduce(or_, map(getitem, self._block, row.block), ruled)
            reached = (left & ~(left - ones)).to_bytes(size, "little")
            found.append(1 / (1 + exp(-sum(map(getitem, leaves, memoryview(reached).cast("H"))))))
        return found

    def _around(self, row: Row) -> int:
        """Return what the elements round a block rule out."""
        ruled = reduce(or_, map(getitem, self._group, row.group)) | reduce(or_, map(getitem, self._kind, row.kind))
        for bits, kept in zip((row.near, row.far, row.zone), self._bits.values(), strict=True):
            ruled |= reduce(or_, (one for index, one in enumerate(kept) if bits >> index & 1), 0)
        return ruled


@cache
def model() -> Model:
    """Return the model that comes with the package."""
    return Model(json.loads(resources.files("pappus.extract").joinpath("weights.json").read_text("utf-8")))
