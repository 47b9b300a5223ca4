"""What repeats over a source's pages: pages of one source share templates, and what stands on many of them is not the article.

A memory is plain data, small and bounded, and the same pages in the same order give the same memory. It holds of each block of text a
short fingerprint, since which page it is known, and on how many it was. Who looks at single pages works without.
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Final

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

MAX_BLOCKS: Final = 2_000  # that are remembered: those of some sixty pages, and all that repeat
MAX_RECENT: Final = 256  # pages that are not counted again when they are looked at again
_OFTEN: Final = 4  # pages; what stands on fewer may be told twice for a reason
_SHARE: Final = 0.25  # of the pages since it was first seen; the background of a long story stands on fewer
_LEAST: Final = 12  # letters; shorter blocks are left to what is known of any page
_HALF: Final = 0.5  # of a page's letters; one of which more repeats is another copy of the same article

_UNLIKE = re.compile(r"[\W\d_]+")


class Memory(Struct, frozen=True):
    """What is known of a source's pages."""

    pages: int = 0  # that were learnt
    recent: tuple[str, ...] = ()  # fingerprints of the last of them
    blocks: dict[
        str, tuple[int, int]
    ] = {}  # by fingerprint: number of the page it was first on, and on how many it was


def learn(memory: Memory, page: str, texts: Iterable[str]) -> Memory:
    """Return a memory with one page more; the same one where the page is known already.

    Args:
        memory: so far.
        page: what names the page, as its address.
        texts: of the blocks that are taken for its article's, before anything was left out for its repeating.
    """
    name = _digest(page)
    if name in memory.recent:
        return memory
    blocks = dict(memory.blocks)
    for mark in dict.fromkeys(filter(None, _marks(texts))):
        first, count = blocks.pop(mark, (memory.pages, 0))
        blocks[mark] = (first, count + 1)  # now the last of all
    if len(blocks) > MAX_BLOCKS:
        blocks = _bounded(blocks)
    return Memory(memory.pages + 1, (*memory.recent, name)[-MAX_RECENT:], blocks)


def repeated(memory: Memory, texts: Sequence[str]) -> frozenset[int]:
    """Return which of a page's blocks, by their places in the sequence, stand on many other pages too.

    None where they are half of the text and more: then the same article has several addresses.
    """
    found = frozenset(number for number, mark in enumerate(_marks(texts)) if _repeats(memory, mark))
    letters = sum(map(len, texts))
    return found if sum(len(texts[number]) for number in found) < letters * _HALF else frozenset()


def _repeats(memory: Memory, mark: str) -> bool:
    first, count = memory.blocks.get(mark, (0, 0))
    return count >= _OFTEN and count >= _SHARE * (memory.pages - first)


def _bounded(blocks: dict[str, tuple[int, int]]) -> dict[str, tuple[int, int]]:
    """Return the blocks to remember: those that were on several pages first, then those that were seen last."""
    order = {mark: number for number, mark in enumerate(blocks)}
    best = sorted(blocks, key=lambda mark: (min(blocks[mark][1], _OFTEN), order[mark]))[-MAX_BLOCKS * 3 // 4 :]
    return {mark: blocks[mark] for mark in sorted(best, key=order.__getitem__)}


def _marks(texts: Iterable[str]) -> Iterable[str]:
    """Yield the fingerprint of each text, "" for one that is too short; numbers and dates in it do not count."""
    for text in texts:
        letters = _UNLIKE.sub("", text).casefold()
        yield _digest(letters) if len(letters) >= _LEAST else ""


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()
