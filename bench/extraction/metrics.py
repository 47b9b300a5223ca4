"""The measures: shingles of text, found and absent snippets, and how well a score tells failures."""

from __future__ import annotations

import re
from collections import Counter
from statistics import fmean
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from bench.extraction.texts import folded

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Shingles = Counter[tuple[str, ...]]
SHINGLE: Final = 4  # tokens
_CJK: Final = (
    "\u3041-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff"
)
_TOKEN: Final = re.compile(f"[{_CJK}]|[^\\W{_CJK}]+")


def shingles(text: str) -> Shingles:
    """Return every run of four tokens with how often it occurs; a token is a run of word characters or one CJK character.

    A text of fewer tokens is one shingle, even of none.
    """
    said = tokens(text)
    return Counter(tuple(said[at : at + SHINGLE]) for at in range(max(1, len(said) - SHINGLE + 1)))


def tokens(text: str) -> list[str]:
    """Return the runs of word characters and the CJK characters of a text."""
    return _TOKEN.findall(text)


class Match(Struct, frozen=True):
    """How one page's text fits its gold: shares of true and false positives and of false negatives, which are 1 together."""

    right: float
    wrong: float
    missed: float

    @property
    def precision(self) -> float:
        """Share of what was returned that is right."""
        return self.right / (self.right + self.wrong) if self.right else 0.0

    @property
    def recall(self) -> float:
        """Share of what is right that was returned."""
        return self.right / (self.right + self.missed) if self.right else 0.0

    @property
    def f1(self) -> float:
        """Of this page alone."""
        return harmonic(self.precision, self.recall)


def match(gold: Shingles, said: Shingles) -> Match:
    """Compare shingles, with multiplicity."""
    right = (gold & said).total()
    wrong, missed = said.total() - right, gold.total() - right
    whole = right + wrong + missed
    return Match(right / whole, wrong / whole, missed / whole)


def harmonic(first: float, second: float) -> float:
    """Return the harmonic mean."""
    return 2 * first * second / (first + second) if first + second else 0.0


class Total(Struct, frozen=True):
    """Means over pages; ``f1`` is the harmonic mean of the mean precision and the mean recall."""

    pages: int
    precision: float
    recall: float
    low: float  # share of pages whose own F1 is below 0.5

    @property
    def f1(self) -> float:
        """Of all pages."""
        return harmonic(self.precision, self.recall)


def total(matches: Sequence[Match]) -> Total:
    """Sum up a set, of one page at least."""
    return Total(
        pages=len(matches),
        precision=fmean(one.precision for one in matches),
        recall=fmean(one.recall for one in matches),
        low=fmean(one.f1 < 0.5 for one in matches),
    )


def found(snippets: Iterable[str], text: str) -> int:
    """Return how many snippets occur in a text once white space is folded in both."""
    where = folded(text)
    return sum(folded(snippet) in where for snippet in snippets)


def auc(scores: Sequence[float], failed: Sequence[bool]) -> float | None:
    """Return how often a failed page has a lower score than another one, ties as half; None where all or none failed."""
    bad = [score for score, failure in zip(scores, failed, strict=True) if failure]
    good = [score for score, failure in zip(scores, failed, strict=True) if not failure]
    if not bad or not good:
        return None
    return sum((one < other) + (one == other) / 2 for one in bad for other in good) / (len(bad) * len(good))
