"""The picture that stands above an article: the one that its page is shared with, or the one on top of its text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from pappus.extraction import pictures

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from pappus.extraction.blocks import Block, Reading
    from pappus.extraction.figures import Figures
    from pappus.model import Picture


def lead(reading: Reading, figures: Figures, shared: Iterable[Picture], house: Collection[str] = ()) -> Picture | None:
    """Return the lead picture, with the words that it has on the page, and let go of the blocks that show it.

    Args:
        reading: the page, with its kept blocks.
        figures: of the same page.
        shared: what the page names as its picture, the weightiest first.
        house: addresses of pictures that are the site's, and no article's.
    """
    named = next((one for one in shared if one.src not in house and not pictures.trifling(one.src)), None)
    top = _top(reading, figures, house)
    if named is None:
        return _taken([top], figures) if top is not None else None
    showing = list(figures.showing(named.src))
    if top is not None and _has_words(figures, top) and all(one.order > _start(reading) for one in showing):
        return _taken([top], figures)  # the same picture, cut for sharing; or another one, and the text shows both
    shown = _taken(showing, figures)
    if shown is None:
        return named
    return replace(
        shown,
        caption=shown.caption or named.caption,
        credit=shown.credit or named.credit,
        alt=shown.alt or named.alt,
    )


def _start(reading: Reading) -> int:
    """Return where the text under the title begins."""
    texts = (one for one in reading.blocks if one.kind == "text" and one.kept and one.frame.tag != "h1")
    return next((one.order for one in texts), len(reading.blocks))


def _top(reading: Reading, figures: Figures, house: Collection[str]) -> Block | None:
    """Return the picture that stands last before the text, perhaps outside what was kept."""
    found: Block | None = None
    for block in reading.blocks[: _start(reading)]:
        if block.kind == "media" and (block.kept or not block.links):
            picture = figures.picture(block)
            found = block if picture is not None and picture.src not in house else found
    return found


def _has_words(figures: Figures, block: Block) -> bool:
    figure = figures.of(block)
    return figure is not None and bool(figure.said)


def _taken(showing: Iterable[Block], figures: Figures) -> Picture | None:
    """Return the picture that these blocks show, the best of them, and let go of them and of their words."""
    found = [figure for block in showing if (figure := figures.of(block)) is not None and figure.player is None]
    for figure in found:
        for block in (figure.block, *figure.said):
            block.kept = False
    each: Iterator[Picture] = (figure.picture for figure in found if figure.picture is not None)
    return max(each, key=lambda one: (bool(one.caption), bool(one.credit)), default=None)
