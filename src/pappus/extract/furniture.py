"""What is no article's, whatever it looks like, by the words that it says: a slot for advertisements, the end of the article, a pitch.

The model that scores blocks weighs these words among much else; where nothing else speaks, as on a page without names, they decide.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pappus.extract.blocks import HEADINGS
from pappus.extract.phrases import AFTER, PITCH, SLOT, phrase

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from pappus.extract.blocks import Block, Reading

_LINE: Final = 80  # characters of a slot's words, or of a heading
_PITCH: Final = 300  # characters; a longer paragraph says more than to subscribe
_TAIL: Final = 8  # blocks at the end, among which readers are asked to subscribe
_REST: Final = 0.2  # of the text, that may come after the heading of what is no article


def refuse(reading: Reading, names: Collection[str]) -> None:
    """Let go of kept blocks that say themselves that they are no part of an article.

    Args:
        reading: the page.
        names: of the article's tags and authors, which may stand by themselves after its end.
    """
    kept = [block for block in reading.blocks if block.kept and block.kind == "text"]
    for block in kept:
        if len(block.text) <= _LINE and phrase(block.text) == SLOT:
            block.kept = False
    _end(kept)
    said = {name.casefold() for name in names}
    for block in [block for block in kept if block.kept][-_TAIL:]:
        if block.text.casefold() in said or (len(block.text) <= _PITCH and phrase(block.text) == PITCH):
            block.kept = False


def _end(kept: Sequence[Block]) -> None:
    """Let go of all from the heading on after which nothing of the article follows."""
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
