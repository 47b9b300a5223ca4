"""What belongs together is kept together: the cells of a table, the items of a list, a quotation and who said it.

Blocks are scored one by one, and short ones look like nothing much: a cell with a number, an item of two words, a name under a quotation.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pappus.extraction.blocks import Block, Frame, Reading

_WHOLES: Final = frozenset("blockquote dl ol table ul".split())
_LISTS: Final = frozenset("dl ol ul".split())
_MOST: Final = 0.5  # of a whole's letters, from which all of it is kept
_SHARES: Final = {"table": 0.3}  # likewise; its cells look like little
_CELL: Final = 200  # letters of the longest cell of a table that is one, and lays out no page
_LINKED: Final = 0.5  # of a block's letters: a link to elsewhere comes along with nothing
_LEAST: Final = 0.02  # score under which a block is left out of the best company


def complete(reading: Reading) -> None:
    """Keep the rest of each table, list and quotation of which most is kept, and of a list within such a list."""
    completed: set[int] = set()
    for whole, around, parts in _parts(reading):
        kept = sum(block.letters for block in parts if block.kept)
        is_within = whole.tag in _LISTS and around is not None and around.tag in _LISTS and around.order in completed
        if not is_within and (kept < _SHARES.get(whole.tag, _MOST) * sum(block.letters for block in parts) or not kept):
            continue
        is_headed = whole.tag == "table" and any(block.frame.tag == "th" for block in parts)
        if whole.tag == "table" and not is_headed and max(block.letters for block in parts) > _CELL:
            continue
        completed.add(whole.order)
        for block in parts:
            block.kept = block.kept or is_headed or (block.score >= _LEAST and block.linked <= _LINKED * block.letters)


def _parts(reading: Reading) -> Iterable[tuple[Frame, Frame | None, list[Block]]]:
    """Return the tables, lists and quotations, what of these is round each, and its blocks of text that are in none within it."""
    whole: list[Frame | None] = []  # by the order of frames: the innermost round each
    for frame in reading.frames:
        above = whole[frame.parent.order] if frame.parent is not None else None
        whole.append(frame if frame.tag in _WHOLES else above)
    parts: dict[int, tuple[Frame, Frame | None, list[Block]]] = {}
    for block in reading.blocks:
        holder = whole[block.frame.order]
        if holder is not None and block.kind == "text":
            around = whole[holder.parent.order] if holder.parent is not None else None
            parts.setdefault(holder.order, (holder, around, []))[2].append(block)
    return parts.values()
