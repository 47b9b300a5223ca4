"""Which blocks of a page are its article."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pappus.extract.classifier import model
from pappus.extract.features import Told, measure

if TYPE_CHECKING:
    from pappus.extract.blocks import Block, Reading

_LEAST: Final = 2  # letters that count for a block of none
_SURE: Final = 0.5  # likelihood from which a block is kept on any page
_REFRAIN: Final = 3  # times that a page says the same before it is taken for its template's words
_REFRAINED: Final = 20  # letters from which it is; shorter words may head several lists


def choose(
    reading: Reading, title: str = "", body: str = "", summary: str = "", authors: tuple[str, ...] = ()
) -> float:
    """Mark the blocks that are the article, and give each its score; pictures come with them later.

    Args:
        reading: the page; its blocks' ``score`` and ``kept`` are set.
        title: what the page's ``<title>`` says.
        body: the article's text as structured data have it.
        summary: its summary, likewise.
        authors: its authors' names, likewise.

    Returns:
        How sure this is, 0 to 1: the F1 to be expected of the text.
    """
    told = Told(title, body, summary, authors)
    blocks = [block for block in reading.blocks if block.kind == "text"]
    for block, score in zip(blocks, model().scores(measure(reading, told)), strict=True):
        block.score = score
    _drop_refrains(blocks)
    least, sure = _threshold(blocks)
    for block in blocks:
        block.kept = block.score >= least
    return sure


def _threshold(blocks: list[Block]) -> tuple[float, float]:
    """Return the score from which blocks are kept so that the F1 to be expected is the best, and that F1."""
    expected = sum(block.score * (block.letters + _LEAST) for block in blocks)
    best, least = 0.0, 1.0
    right = kept = 0.0
    for block in sorted(blocks, key=lambda one: -one.score):
        weight = block.letters + _LEAST
        right += block.score * weight
        kept += weight
        measure = 2 * right / (kept + expected)
        if measure > best:
            best, least = measure, block.score
    return min(least, _SURE), best


def _drop_refrains(blocks: list[Block]) -> None:
    """Let go of sentences that a page says again and again."""
    times: dict[str, int] = {}
    for block in blocks:
        times[block.text] = times.get(block.text, 0) + 1
    for block in blocks:
        if times[block.text] >= _REFRAIN and block.letters >= _REFRAINED:
            block.score = 0.0
