"""Which blocks are the words of a picture: its caption and its credit, wherever the page has put them.

A picture's surroundings are looked at outwards, element by element, as long as nothing but words of it is in them.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from turbohtml import Element, Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from pappus.extract.blocks import Block, Frame

_NAMES: Final = 300  # characters of an element's names that are looked at
_LENGTH: Final = 1_000  # characters; more is no caption
_UNNAMED: Final = 400  # characters of a caption that only its place tells
_LEVELS: Final = 8  # elements round a picture that are looked at
_BLOCKS: Final = 40  # blocks in them
_BORDERS: Final = frozenset("article body html main".split())
_QUIET: Final = frozenset("cite em i small".split())  # in which a caption stands under its picture, in one paragraph

_HOLDER = re.compile(
    r"\b(?:wp-caption|(?:article|main|lead|inline|story|content)?[-_]{0,2}(?:figure|image|img|photo|picture|foto|bild|imagen))",
    re.IGNORECASE,
)
_CAPTION = re.compile(
    r"caption|cutline|fig-?cap|legend(?!ary)|leyenda|didascalia|bild(?:unter|text)|bildetekst"
    r"|(?:bild|foto|gallery|image|img|lightbox|media|photo|pic|picture|slide)s?[-_]{0,2}(?:desc|info|sub|text|title|txt)"
    r"|pie[-_]?(?:de[-_]?)?foto",
    re.IGNORECASE,
)
_CREDIT = re.compile(
    r"credit|copyright|(?:image|photo|img|foto|pic)[-_]{0,2}(?:source|author|by|agency)|photographer|fotograf|bildquelle",
    re.IGNORECASE,
)


class Words(NamedTuple):
    """What belongs to a picture: the element that holds both, and the blocks that speak of it."""

    holder: Frame | None  # None where they stand side by side, in nothing of their own
    blocks: list[Block]  # captions, then credits


def words(block: Block, blocks: list[Block], shown: Callable[[Block], str | None]) -> Words:
    """Return the words of a picture, or a player.

    Args:
        block: media.
        blocks: of the page.
        shown: tells the address of another block's picture, None where it shows none.
    """
    low = high = block.order
    holder: Frame | None = None
    found: list[Block] = []
    frame: Frame | None = block.frame
    own = shown(block)
    for _ in range(_LEVELS):
        if frame is None or frame.tag in _BORDERS:
            break
        low, high = _extent(frame, blocks, low, high)
        if high - low > _BLOCKS or any(
            one.kind == "media" and (other := shown(one)) is not None and other != own for one in blocks[low : high + 1]
        ):
            break
        taken = _of(frame, [one for one in blocks[low : high + 1] if one.kind == "text"])
        if taken is None:
            break
        if taken:
            holder, found = frame, taken
        frame = frame.parent
    if not found and (beside := _beside(block, blocks)):
        return Words(None, beside)
    return Words(holder, found)


def says_credit(frame: Frame) -> bool:
    """Whether an element's names say that a credit stands in it."""
    return _names_credit(frame.names[:_NAMES])


def is_figure(frame: Frame) -> bool:
    """Whether an element is made for a picture and its words."""
    return frame.tag == "figure" or bool(_HOLDER.search(frame.names))


def _extent(frame: Frame, blocks: list[Block], low: int, high: int) -> tuple[int, int]:
    """Return the first and the last block in an element, given some that are in it; a few more than may be looked at."""
    while low > 0 and high - low <= _BLOCKS and _is_in(blocks[low - 1].frame, frame):
        low -= 1
    while high + 1 < len(blocks) and high - low <= _BLOCKS and _is_in(blocks[high + 1].frame, frame):
        high += 1
    return low, high


def _is_in(inner: Frame, outer: Frame) -> bool:
    one: Frame | None = inner
    while one is not None and one.depth > outer.depth:
        one = one.parent
    return one is outer


def _of(frame: Frame, texts: list[Block]) -> list[Block] | None:
    """Return the blocks that are words of the only picture in an element; None where there are others too."""
    named = [one for one in texts if _is_named(one, frame)]
    others = [one for one in texts if one not in named]
    said, unnamed = sum(len(one.text) for one in named), sum(len(one.text) for one in others)
    if said > _LENGTH:
        return None
    if not others or (named and frame.tag == "figure"):
        return _ordered(named)
    if frame.tag == "figure" and unnamed <= _LENGTH:
        return _ordered(one for one in texts if one.linked < one.letters) or _ordered(texts)
    if unnamed <= _UNNAMED and all(map(_is_quiet, others)):
        return _ordered(texts)
    return _ordered(named or others) if is_figure(frame) and _is_told(named, others, said, unnamed) else None


def _is_told(named: list[Block], others: list[Block], said: int, unnamed: int) -> bool:
    """Whether the words in an element that is made for a picture are the picture's, though not all say so."""
    if named:
        return unnamed <= min(_UNNAMED, 3 * said)
    return unnamed <= _UNNAMED and len(others) == 1 and others[0].linked < others[0].letters


def _beside(block: Block, blocks: list[Block]) -> list[Block]:
    """Return the blocks right after a picture, outside of its element, whose names say that they are its words."""
    found: list[Block] = []
    for one in blocks[block.order + 1 : block.order + 4]:
        if one.kind == "media" and one.frame is block.frame:
            continue
        top = _named_frame(one)
        if one.kind == "media" or top is None or top.parent is None or not _is_in(block.frame, top.parent):
            break
        found.append(one)
    return _ordered(found) if sum(len(one.text) for one in found) <= _LENGTH else []


def _named_frame(block: Block) -> Frame | None:
    """Return the element round a block whose name says that it is a caption."""
    frame: Frame | None = block.frame
    for _ in range(_LEVELS):
        if frame is None or frame.tag in _BORDERS:
            return None
        if frame.tag == "figcaption" or _names_words(frame.names[:_NAMES]):
            return frame
        frame = frame.parent
    return None


def _is_named(block: Block, outer: Frame) -> bool:
    """Whether a block's elements inside of another, or the inline ones that hold all of it, say that it is a caption."""
    frame: Frame | None = block.frame
    while frame is not None and frame is not outer:
        if frame.tag == "figcaption" or _names_words(frame.names[:_NAMES]):
            return True
        frame = frame.parent
    inlines = _filled(block)
    return bool(inlines) and all(_names_words((one.attr("class") or "")[:_NAMES]) for one in inlines)


def _is_quiet(block: Block) -> bool:
    """Whether all of a block is set apart from text, as in ``<p><img><br><em>caption</em></p>``."""
    inlines = _filled(block)
    return bool(inlines) and all(one.tag in _QUIET for one in inlines)


def _filled(block: Block) -> list[Element]:
    """Return the inline elements that a block consists of; none where text stands beside them."""
    found: list[Element] = []
    for part in block.parts:
        if type(part) is Text:
            if not part.data.isspace():
                return []
        elif type(part) is Element and part.tag != "br" and not part.text.isspace():
            found.append(part)
    return found


def _ordered(found: Iterable[Block]) -> list[Block]:
    """Return blocks each once, credits last."""
    once = list({one.text: one for one in found}.values())
    return [one for one in once if not is_credit(one)] + [one for one in once if is_credit(one)]


def is_credit(block: Block) -> bool:
    """Whether all of a block is in elements whose names say that it is a credit."""
    if _names_credit(block.frame.names[:_NAMES]):
        return True
    inlines = _filled(block)
    return bool(inlines) and all(_names_credit((one.attr("class") or "")[:_NAMES]) for one in inlines)


@lru_cache(maxsize=2048)
def _names_words(names: str) -> bool:
    return bool(names) and bool(_CAPTION.search(names) or _CREDIT.search(names))


@lru_cache(maxsize=2048)
def _names_credit(names: str) -> bool:
    return bool(names) and bool(_CREDIT.search(names)) and not _CAPTION.search(names)
