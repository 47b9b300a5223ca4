"""Which blocks are the words of a picture: its caption and its credit, wherever the page has put them.

A picture's surroundings are looked at outwards, element by element, as long as nothing but words of it is in them.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from turbohtml import Element, Text

from pappus.extraction.blocks import HEADINGS, outwards

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from pappus.extraction.blocks import Block, Frame

_NAMES: Final = 300  # characters of an element's names that are looked at
_LENGTH: Final = 1_000  # characters; more is no caption
_UNNAMED: Final = 400  # characters of a caption that only its place tells
_LEVELS: Final = 8  # elements round a picture that are looked at
_BLOCKS: Final = 16  # blocks in them
_BORDERS: Final = frozenset("article body html main".split())
_FEW: Final = 3  # blocks of words
_WRAPPERS: Final = 4  # elements round them, as container, row and column
_BELOW: Final = 120  # characters of a caption that is no paragraph, and stands alone with its picture
_BUTTON: Final = 40  # characters of what stands in a figure to be pressed
_TELLING: Final = 15  # characters of an alternative text from which it is known again
_CREDIT_LENGTH: Final = 100  # characters of a credit that only its text tells
_QUIET: Final = frozenset("cite em i small".split())  # in which a caption stands under its picture, in one paragraph

_HOLDER = re.compile(
    r"\b(?:wp-caption|(?:article|main|lead|inline|story|content)?[-_]{0,2}(?:figure|image|img|photo|picture|foto|bild|imagen))",
    re.IGNORECASE,
)
_CAPTION = re.compile(  # in lower case, as the next
    r"caption(?<!hascaption)(?<!has[-_]caption)(?<!withcaption)(?<!with[-_]caption)|cutline|fig-?cap|legend(?!ary)|leyenda"
    r"|didascalia|bild(?:unter|text)|bildetekst"
    r"|(?:bild|foto|gallery|image|img|lightbox|media|photo|pic|picture|slide)s?[-_]{0,2}(?:desc|info|sub|text|title|txt)"
    r"|pie[-_]?(?:de[-_]?)?foto"
)
_CREDIT = re.compile(
    r"credit|copyright|(?:image|photo|img|foto|pic)[-_]{0,2}(?:source|author|by|agency)|photographer|fotograf|bildquelle"
)
# What credits say: a sign, a word before a name, or an agency's name.
_CREDITED = re.compile(
    r"©|\A\W*(?i:photo(?:graph)?s?|pictures?|images?|courtesy|credits?|source|foto|fotos|fotograf\w*|bild|quelle|imagen|cr[eé]dit[os]?|zdj\S*|fot|фото\w*"
    r"|снимок|ảnh|图片?|图源|圖片?|摄影|攝影|写真|사진|عکس|تصویر|صورة|चित्र|तस्वीर|ဓာတ်ပုံ)\s*(?i:by\b|of\b|[:：/|.–—]|-\s)"
    r"|\b(?:AFP|ANP|ANSA|AP|APA|Alamy|Anadolu|Belga|Bloomberg|DPA|EFE|EPA|Getty|IMAGO|Imago|Lehtikuva|NTB|PAP|REUTERS|Reuters|Ritzau|Scanpix"
    r"|Shutterstock|TASS|Unsplash|Xinhua|dpa|iStock|imago)\b"
)
_SENTENCE = re.compile(r"[.!?…。！？؟۔।။][»”\"’)]?\s+")


class Words(NamedTuple):
    """What belongs to a picture: the element that holds both, and the blocks that speak of it."""

    holder: Frame | None  # None where they stand side by side, in nothing of their own
    captions: list[Block]
    credits: list[Block]
    spare: list[Block]  # buttons and repetitions among them

    @property
    def text(self) -> str:
        """What they say."""
        return " ".join(one.text for one in (*self.captions, *self.credits))

    def without(self, said: set[int]) -> Words:
        """Return these words but for blocks that belong to another picture already; ``said`` are their orders."""
        captions, credits_ = ([one for one in each if one.order not in said] for each in (self.captions, self.credits))
        return Words(self.holder, captions, credits_, self.spare)


def words(block: Block, blocks: list[Block], alt: str, shown: Callable[[Block], str | None]) -> Words:
    """Return the words of a picture, or a player.

    Args:
        block: media.
        blocks: of the page.
        alt: its alternative text, which its caption may say again.
        shown: tells the address of another block's picture, None where it shows none.
    """
    low = high = block.order
    holder: Frame | None = None
    found: list[Block] = []
    spare: list[Block] = []
    frame: Frame | None = block.frame
    own = shown(block)
    for _ in range(_LEVELS):
        if frame is None or frame.tag in _BORDERS:
            break
        low, high = extent(frame, blocks, low, high)
        if high - low > _BLOCKS or any(
            one.kind == "media" and (other := shown(one)) is not None and other != own for one in blocks[low : high + 1]
        ):
            break
        texts = [one for one in blocks[low : high + 1] if one.kind == "text"]
        taken = _of(frame, texts, block, alt)
        named = {one.order for one in taken if _is_named(one, frame)}
        if named and not named & {one.order for one in found}:  # what was found so far is a button on the picture
            taken = [one for one in taken if one.order in named or _says_credit(one)]
        if taken and (
            not found
            or all(one in found or one in spare or _is_named(one, frame) or _says_credit(one) for one in texts)
        ):
            holder, found = frame, taken
            spare = [one for one in texts if one not in taken and (len(one.text) <= _BUTTON or _says_again(one, taken))]
            if frame.tag == "figure" and named:
                break
        frame = frame.parent
    found = found or _beside(block, blocks, alt)
    signed = [one for one in found if _is_credit(one)]
    return Words(holder, [one for one in found if one not in signed], signed, spare)


def is_figure(frame: Frame) -> bool:
    """Whether an element is made for a picture and its words."""
    return frame.tag == "figure" or bool(_HOLDER.search(frame.names))


def extent(frame: Frame, blocks: list[Block], low: int, high: int, most: int = _BLOCKS) -> tuple[int, int]:
    """Return the first and the last block in an element, given some that are in it; no more than ``most`` are looked at."""
    while low > 0 and high - low <= most and _is_in(blocks[low - 1].frame, frame):
        low -= 1
    while high + 1 < len(blocks) and high - low <= most and _is_in(blocks[high + 1].frame, frame):
        high += 1
    return low, high


def _is_in(inner: Frame, outer: Frame) -> bool:
    one: Frame | None = inner
    while one is not None and one.depth > outer.depth:
        one = one.parent
    return one is outer


def _of(frame: Frame, texts: list[Block], picture: Block, alt: str) -> list[Block]:
    """Return the blocks that are words of the only picture in an element; none where others stand there too."""
    named = [one for one in texts if _is_named(one, frame)]
    others = [one for one in texts if one not in named]
    if sum(len(one.text) for one in texts) > _LENGTH:
        return []
    if frame.tag == "figure":
        captions = named or [one for one in others if one.linked < one.letters] or others
        return _each_once(one for one in texts if one in captions or _says_credit(one))
    if others and not (_is_short(others) and (is_figure(frame) or _is_told(texts, others, picture, alt))):
        return []
    return _each_once(texts)


def _is_short(texts: list[Block]) -> bool:
    """Whether texts may be words of a picture, by their number and length; titles and links are not."""
    plain = [one for one in texts if one.linked < one.letters]
    return (
        len(texts) <= _FEW
        and sum(len(one.text) for one in texts) <= _UNNAMED
        and all(one.frame.tag not in HEADINGS for one in texts)
        and (
            len(plain) == len(texts)
            or (bool(plain) and not all(map(_says_credit, plain)) and any(map(_says_credit, texts)))
        )
    )


def _is_told(texts: list[Block], others: list[Block], picture: Block, alt: str) -> bool:
    """Whether unnamed texts are a picture's words: a credit is among them, they are its alternative text, or how they are set."""
    return (
        any(map(_says_credit, texts))
        or all(_says(one, alt) for one in others)
        or all(map(_is_quiet, others))
        or (
            picture.frame.tag == "div"
            and all(one.frame.tag == "div" and picture.order < one.order and len(one.text) <= _BELOW for one in others)
        )
    )


def _says_again(block: Block, taken: list[Block]) -> bool:
    return any(block.text in one.text for one in taken)


def _says(block: Block, alt: str) -> bool:
    text = block.text
    return min(len(alt), len(text)) >= _TELLING and (alt in text or text in alt)


def _says_credit(block: Block) -> bool:
    return len(block.text) <= _CREDIT_LENGTH and bool(_CREDITED.search(block.text))


def _beside(block: Block, blocks: list[Block], alt: str) -> list[Block]:
    """Return the blocks right after a picture, outside of its element, that are its words by their names or what they say."""
    found: list[Block] = []
    for one in blocks[block.order + 1 : block.order + 1 + _FEW]:
        if one.kind == "media":
            if one.frame is block.frame:
                continue
            break
        if (
            not _stands_by(one, block)
            and not (_says(one, alt) and _is_short([one]))
            and not (found and _says_credit(one))
        ):
            break
        found.append(one)
    return _each_once(found) if sum(len(one.text) for one in found) <= _LENGTH else []


def _stands_by(block: Block, picture: Block) -> bool:
    """Whether the element next to a picture is named as its caption, or holds nothing but one that is."""
    frame = _named_frame(block)
    for _ in range(_WRAPPERS):
        if frame is None or frame.parent is None or _is_in(picture.frame, frame):
            return False
        if _is_in(picture.frame, frame.parent):
            return True
        frame = frame.parent
    return False


def _named_frame(block: Block) -> Frame | None:
    """Return the element round a block whose name says that it is a caption."""
    for frame in outwards(block.frame, _LEVELS):
        if frame.tag in _BORDERS:
            return None
        if frame.tag == "figcaption" or _names_words(frame.names[:_NAMES]):
            return frame
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


def _each_once(found: Iterable[Block]) -> list[Block]:
    """Return blocks that say different things."""
    return list({one.text: one for one in found}.values())


def signature(block: Block) -> str:
    """Return the credit within a caption: in an element whose name says so, or behind its last sentence; "" if there is none."""
    for part in block.parts:
        for one in part.iter_elements(include_self=True) if type(part) is Element else ():
            if _names_credit((one.attr("class") or "")[:_NAMES]):
                return one.text.strip()
    return _signed(block.text)


def _signed(text: str) -> str:
    """Return the credit behind the last sentence of a caption."""
    for end in reversed([*_SENTENCE.finditer(text)] if len(text) <= _LENGTH else []):
        rest = text[end.end() :]
        if end.start() < _TELLING or len(rest) > _CREDIT_LENGTH:
            break
        if _CREDITED.search(rest):
            return "" if _CREDITED.search(text[: end.start()]) else rest
    return ""


def _is_credit(block: Block) -> bool:
    """Whether all of a block is a credit, by the names of its elements or by what it says."""
    if _names_credit(block.frame.names[:_NAMES]):
        return True
    inlines = _filled(block)
    named = bool(inlines) and all(_names_credit((one.attr("class") or "")[:_NAMES]) for one in inlines)
    return named or (_says_credit(block) and not _signed(block.text))


@lru_cache(maxsize=2048)
def _names_words(names: str) -> bool:
    names = names.lower()
    return bool(_CAPTION.search(names) or _CREDIT.search(names))


@lru_cache(maxsize=2048)
def _names_credit(names: str) -> bool:
    names = names.lower()
    return bool(_CREDIT.search(names)) and not _CAPTION.search(names)
