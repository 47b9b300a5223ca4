"""Where an article ends: before the heading under which nothing of it follows, and before its tags and authors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pappus.extraction.blocks import HEADINGS
from pappus.extraction.phrases import AFTER, phrase

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from pappus.extraction.blocks import Block, Reading

_LINE: Final = 80  # characters of such a heading
_REST: Final = 0.2  # of the text, that may come after it
_TAIL: Final = 8  # blocks at the end, among which tags and authors stand by themselves


def end(reading: Reading, names: Collection[str]) -> None:
    """Let go of kept blocks that come after an article's end.

    Args:
        reading: the page.
        names: the article's tags and authors.
    """
    kept = [block for block in reading.blocks if block.kept and block.kind == "text"]
    _cut(kept)
    known = {name.casefold() for name in names}
    for block in [block for block in kept if block.kept][-_TAIL:]:
        block.kept = block.text.casefold() not in known


def _cut(kept: Sequence[Block]) -> None:
    most = _REST * sum(block.letters for block in kept)
    after = 0
    for place in range(len(kept) - 1, 0, -1):
        block = kept[place]
        after += block.letters
        if after > most:
            return
        if block.frame.tag in HEADINGS and len(block.text) <= _LINE and phrase(block.text) == AFTER:
            for one in kept[place:]:
                one.kept = False
            return
