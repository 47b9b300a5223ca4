"""What repeats over a source's pages and is no part of its articles: pages of one source share templates.

That a text stands on many pages is no reason to leave it out: people decline to comment again and again, and a long story has the same
background every day. The page itself must set it apart as well: in an element of a kind that holds nothing else of the article, or as a
line that is a link. So nobody can have a paragraph vanish that stands among others by publishing it often.
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Final

from pappus.extraction.blocks import HEADINGS, holding, outwards
from pappus.extraction.language import letters
from pappus.extraction.phrases import CREDIT, phrase
from pappus.model import MARK_BYTES, Mark, Traces

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from pappus.extraction.blocks import Block, Frame, Reading
    from pappus.extraction.figures import Figures
    from pappus.model import Picture

_MOST: Final = 1_000  # blocks of an article that are known again; a page with more is a book
_COPY: Final = 0.5  # of the text, from which what repeats is the article itself, at another address
_CLAUSE: Final = 40  # letters of the longest text of a box; where all are shorter they may be headings and names
_PHRASE: Final = 240  # characters; a longer text is no credit
_DEEP: Final = 64  # elements round a block that are looked at; real pages have half as many
_FIGURES: Final = frozenset({"figcaption", "figure"})
_WHOLES: Final = frozenset("blockquote dl ol table ul".split())  # nothing is taken out of these: all of one, or none
_BOXES: Final = frozenset("aside div footer form section".split())  # whose id names them where they have no class
_NUMBERED: Final = re.compile(r"[0-9]")  # in an id: one of many of a kind
# Names of boxes that belong to an article, on however many pages they stand; sorted.
_BELONGS: Final = re.compile(r"correct|disclaim|disclos|errat", re.IGNORECASE)

Kind = tuple[str, str]  # tag and class, or what else a template gives to things that mean the same


def leave_out(
    reading: Reading, figures: Figures, shared: Iterable[Picture], repeats: Collection[Mark]
) -> tuple[Traces, frozenset[str]]:
    """Let go of kept blocks that repeat over a source's pages and that the page sets apart, and of pictures that repeat.

    Nothing is let go where half of the text repeats: then it is a copy of the article, or a later version of it.

    Args:
        reading: the page, with its kept blocks.
        figures: of the same page.
        shared: the pictures that the page names as its own.
        repeats: marks of what repeats.

    Returns:
        The page's traces, and the addresses of the pictures that are not this article's. Of ``repeats`` only those among the traces
        make a difference, so the same page with the same traces gives the same article.
    """
    media = (block for block in reading.blocks if block.kept and block.kind == "media")
    shown = [figure for block in media if (figure := figures.of(block)) is not None]
    words = {one.order for figure in shown for one in figure.said}
    texts = [block for block in reading.blocks if block.kept and block.kind == "text" and block.order not in words]
    marks = {block.order: mark(block.text) for block in texts[:_MOST]}
    addresses = {figure.address for figure in shown} | {one.src for one in shared} | set(_top(reading, figures))
    pictures = {address: mark(address) for address in sorted(addresses - {""})[:_MOST]}
    traces = frozenset({*marks.values(), *pictures.values()})
    repeated = traces.intersection(repeats)
    again = [block for block in texts if marks.get(block.order) in repeated]
    if sum(block.letters for block in again) >= _COPY * sum(block.letters for block in texts):
        return Traces(shown=traces, repeated=repeated), frozenset()
    house = frozenset(address for address, one in pictures.items() if one in repeated)
    for figure in shown:
        if figure.address in house:
            for block in (figure.block, *figure.said):
                block.kept = False
    for block in [*_apart(texts, again)]:
        block.kept = False
    return Traces(shown=traces, repeated=repeated), house


def mark(text: str) -> Mark:
    """Return by what a text is known again; a picture, by its address."""
    return Mark(hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=MARK_BYTES).digest())


def _top(reading: Reading, figures: Figures) -> Iterator[str]:
    """Yield the addresses of the pictures before the text, of which one may be taken for the article's."""
    for block in reading.blocks:
        if block.kind == "text" and block.kept:
            return
        if block.kind == "media" and not block.links and (picture := figures.picture(block)) is not None:
            yield picture.src


def _apart(texts: Iterable[Block], again: Collection[Block]) -> Iterator[Block]:
    """Yield the blocks that repeat and that the page sets apart from the others of its text."""
    repeating = {block.order for block in again}
    others = holding(block for block in texts if block.order not in repeating)
    own = {_kind(frame) for frame in others.values()}
    box: dict[int, int] = {}  # by the order of frames: of the outermost round each that holds nothing else
    belonging: set[int] = set()
    for order, frame in sorted(holding(again).items()):  # from the outermost: each comes after what is round it
        above = frame.parent.order if frame.parent is not None else -1
        if above in box:
            box[order] = box[above]
        elif order not in others and _is_box(frame, own):
            box[order] = order
        if above in belonging or frame.tag in _FIGURES or _BELONGS.search(frame.names):
            belonging.add(order)
    boxes: dict[int, list[Block]] = {}
    for block in again:
        if (order := block.frame.order) in box:
            boxes.setdefault(box[order], []).append(block)
        elif 2 * block.linked >= block.letters and not _is_part(block.frame):
            yield block
    for blocks in boxes.values():
        if any(map(_is_clause, blocks)) and not any(one.frame.order in belonging or _is_credit(one) for one in blocks):
            yield from blocks


def _kind(frame: Frame) -> Kind:
    attr = frame.element.attr
    if name := attr("class"):
        return frame.tag, name
    name = attr("id") if frame.tag in _BOXES else None
    return frame.tag, "" if name is None or _NUMBERED.search(name) else name


def _is_box(frame: Frame, own: Collection[Kind]) -> bool:
    """Whether an element has a name, one that nothing else of the text has."""
    kind = _kind(frame)
    return bool(kind[1]) and kind not in own


def _is_part(frame: Frame) -> bool:
    """Whether an element heads something, or is a part of a list, a table or a quotation."""
    passed = [*outwards(frame, _DEEP)]
    return len(passed) == _DEEP or any(one.tag in HEADINGS or one.tag in _WHOLES for one in passed)


def _is_clause(block: Block) -> bool:
    return block.frame.tag not in HEADINGS and letters(block.text) >= _CLAUSE


def _is_credit(block: Block) -> bool:
    return len(block.text) < _PHRASE and phrase(block.text) == CREDIT
