"""How likely each block is the article's: an additive model, whose weights were learned (``bench/train.py``).

A score is a sum over tables: one for each feature, one for each of some pairs of features, and one weight for each topic
or zone that a block is in. ``weights.json`` holds them, to be read and compared by people too.
"""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from math import fsum
from operator import getitem, itemgetter
from typing import TYPE_CHECKING, Any, Final

from pappus.extract.features import BLOCK, GROUP, KIND, ZONES
from pappus.extract.topics import TOPICS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pappus.extract.features import Row

_VALUES: Final = {**BLOCK, **GROUP, **KIND}
_BITS: Final = {"near": TOPICS, "far": TOPICS, "zone": ZONES}


class Model:
    """The weights, made ready."""

    def __init__(self, weights: dict[str, Any]) -> None:
        names = list(_VALUES)
        self._bias: float = weights["bias"]
        single = weights["single"]
        self._singles = [single.get(name, [0.0] * count) for name, count in _VALUES.items()]
        pairs = [(*key.split(" & "), table) for key, table in weights["pair"].items()]
        self._pairs = [table for *_, table in pairs]
        self._firsts: Callable[[Sequence[int]], tuple[int, ...]] = itemgetter(
            *(names.index(one) for one, _, _ in pairs)
        )
        self._seconds: Callable[[Sequence[int]], tuple[int, ...]] = itemgetter(
            *(names.index(one) for _, one, _ in pairs)
        )
        self._bits = {kind: [single.get(f"{kind} {name}", [0.0, 0.0]) for name in bits] for kind, bits in _BITS.items()}
        self._said = cache(self._sum)

    def scores(self, rows: list[Row]) -> list[float]:
        """Return for each block the logarithm of its odds."""
        said, firsts, seconds, singles, pairs = self._said, self._firsts, self._seconds, self._singles, self._pairs
        found: list[float] = []
        for block, group, kind, near, far, zone in rows:
            values = (*block, *group, *kind)
            found.append(
                self._bias
                + sum(map(getitem, singles, values))
                + sum(map(getitem, map(getitem, pairs, firsts(values)), seconds(values)))
                + said("near", near)
                + said("far", far)
                + said("zone", zone)
            )
        return found

    def _sum(self, kind: str, bits: int) -> float:
        return fsum(table[bits >> index & 1] for index, table in enumerate(self._bits[kind]))


@cache
def model() -> Model:
    """Return the model that comes with the package."""
    return Model(json.loads(resources.files("pappus.extract").joinpath("weights.json").read_text("utf-8")))
