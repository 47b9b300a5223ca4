"""Which of a page's elements an article's markup has: lists, quotations, tables and code that are meant as such.

Tables and lists that only place things on a page are none; their content stands by itself.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pappus.extraction.blocks import Block, Frame, Reading

HEADINGS: Final = {"h1": 1, "h2": 2, "h3": 3, "h4": 4, "h5": 5, "h6": 6}
PARTS: Final = frozenset("caption tbody td tfoot th thead tr".split())  # of a table
_LISTS: Final = {"dir": "ul", "dl": "dl", "menu": "ul", "ol": "ol", "ul": "ul"}
_ITEMS: Final = {"dd": "dd", "dt": "dt", "li": "li"}
_HOLDERS: Final = frozenset("dd dt li table td th".split())
_WHOLE: Final = {"listing": "pre", "plaintext": "pre", "pre": "pre", "table": "table", "xmp": "pre"}
_HEADERS: Final = frozenset("caption tfoot th thead".split())
_PULLED: Final = re.compile(r"pull-?(?:ed-?)?quote", re.IGNORECASE)  # names of quotations that stand out
NAMES: Final = 300  # characters of an element's names that are looked at
_PARAGRAPHS: Final = 4  # in one cell, from which a table is a layout; an item likewise
_ITEM: Final = 300  # letters of an average item with a heading, from which a list is a layout
_LETTERS: Final = 600  # of an average cell, from which a table is a layout


def is_pulled(frame: Frame) -> bool:
    """Whether an element's names say that it is a quotation which stands out of the text."""
    return bool(frame.names) and _says_pulled(frame.names[:NAMES])


@lru_cache(maxsize=1024)  # names are few on a page, and the same on a source's pages
def _says_pulled(names: str) -> bool:
    return bool(_PULLED.search(names))


class Outline:
    """The elements that are written, of those that stand round an article's blocks.

    Args:
        reading: the page.
        kept: the blocks that are written.
    """

    def __init__(self, reading: Reading, kept: list[Block]) -> None:
        self._frames = reading.frames
        self.root = _common(kept)  # around all that is written
        self._names: dict[int, str] = {}
        self._around: dict[int, Frame | None] = {}
        self._holds: dict[int, _Held] = {}
        for block in kept:
            self._count(block)

    def name(self, frame: Frame) -> str:
        """Return what an element is written as; "" if it is not written."""
        if frame.order not in self._around:
            self.around(frame)
        return self._names[frame.order]

    def around(self, frame: Frame) -> Frame | None:
        """Return the innermost element that is written, of those around and the given one; None if there is none."""
        known = self._around
        passed: list[Frame] = []
        one: Frame | None = frame
        while one is not None and one.order not in known:
            passed.append(one)
            one = one.parent
        found = known[one.order] if one is not None else None
        for each in reversed(passed):  # from outside, for what an element is depends on what is round it
            name = self._names[each.order] = self._named(each, found)
            if name:
                found = each
            known[each.order] = found
        return known[frame.order]

    def inside(self, frame: Frame) -> Iterable[Frame]:
        """Yield the elements that stand in another."""
        for order in range(frame.order + 1, len(self._frames)):
            one = self._frames[order]
            if one.depth <= frame.depth:
                return
            yield one

    def _count(self, block: Block) -> None:
        """Add a block to what its list or table, and the item or cell in it, are known to hold."""
        frame: Frame | None = block.frame
        heads = is_first = False
        while frame is not None and frame is not self.root:
            tag = frame.tag
            heads = heads or tag in HEADINGS
            if tag in _LISTS or tag in _HOLDERS:
                held = self._holds.get(frame.order)
                if held is None:
                    held = self._holds[frame.order] = _Held()
                    is_first = is_first or tag not in _LISTS
                held.add(block, heads=heads)
                held.items += is_first and tag in _LISTS
                if tag in _LISTS or tag == "table":
                    return
            frame = frame.parent

    def _named(self, frame: Frame, holder: Frame | None) -> str:
        """Return what an element is written as, in the innermost one round it that is written."""
        tag = frame.tag
        if tag in PARTS:
            return tag if (table := _table(frame)) is not None and self.name(table) else ""
        if tag in _ITEMS:
            return _ITEMS[tag] if holder is not None and _is_item(frame, holder) else ""
        if self._is_around_all(frame):
            return ""
        if tag in _LISTS:
            return _LISTS[tag] if self._is_list(frame) else ""
        if tag == "blockquote" or is_pulled(frame):
            return "blockquote"
        return _WHOLE.get(tag, "") if tag != "table" or self._is_table(frame) else ""

    def _is_around_all(self, frame: Frame) -> bool:
        """Whether an element holds the whole article, and so is a matter of the page, but for one that is a list or a table."""
        root = self.root
        return root is not None and frame.depth <= root.depth and (frame is not root or frame.tag == "blockquote")

    def _is_list(self, frame: Frame) -> bool:
        """Whether a list is one: with text in its items, and no headings over long texts, which part an article."""
        held = self._holds.get(frame.order)
        if held is None:
            return True
        return held.texts > 0 and (not held.heads or held.letters < _ITEM * (held.items or 1))

    def _is_table(self, table: Frame) -> bool:
        """Whether a table is one. Its headers tell; else rows and columns of short texts do."""
        if table.role in {"none", "presentation"}:
            return False
        rows = columns = widest = cells = letters = 0
        for one in self.inside(table):
            if one.tag == "table":
                return False
            if one.tag in _HEADERS:
                return True
            if one.tag == "tr":
                rows, columns = rows + 1, 0
            elif one.tag == "td":
                columns += 1
                widest = max(widest, columns)
                held = self._holds.get(one.order)
                if held is not None and (held.heads or held.texts >= _PARAGRAPHS):
                    return False
                cells += 1
                letters += held.letters if held is not None else 0
        return rows > 1 and widest > 1 and letters < _LETTERS * cells


class _Held:
    """What stands directly in an element."""

    __slots__ = ("heads", "items", "letters", "texts")

    def __init__(self) -> None:
        self.texts = 0
        self.letters = 0
        self.items = 0
        self.heads = False

    def add(self, block: Block, *, heads: bool) -> None:
        self.texts += block.kind == "text"
        self.letters += block.letters
        self.heads = self.heads or heads


def _common(kept: list[Block]) -> Frame | None:
    """Return the innermost element round all blocks."""
    found: Frame | None = kept[0].frame if kept else None
    inside: set[int] = set()  # elements known to be in it, which it goes on to hold when it grows
    for block in kept:
        one: Frame | None = block.frame
        while found is not None and one is not found and (one is None or one.order not in inside):
            if one is not None and one.depth > found.depth:
                inside.add(one.order)
                one = one.parent
            else:
                inside.add(found.order)
                found = found.parent
    return found


def _is_item(frame: Frame, holder: Frame) -> bool:
    """Whether an item stands in a list of its kind."""
    return holder.tag in _LISTS and (holder.tag == "dl") == (frame.tag != "li")


def _table(frame: Frame) -> Frame | None:
    one: Frame | None = frame
    while one is not None and one.tag != "table":
        one = one.parent
    return one
