"""What comes with the text that was chosen: headings between its parts, posts of other sites, pictures and players.

The classifier looks at blocks of text one by one; whether a picture is the article's is told by what stands round it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from pappus.extraction.blocks import holding, outwards
from pappus.extraction.captions import extent
from pappus.extraction.figures import MOST

if TYPE_CHECKING:
    from collections.abc import Collection

    from pappus.extraction.blocks import Block, Frame, Reading
    from pappus.extraction.figures import Figure, Figures

_HEADINGS: Final = frozenset("h2 h3 h4 h5 h6".split())
# Classes that sites give to posts which others embed. Sources: their documentation; sorted.
_POST: Final = re.compile(
    r"\b(?:bluesky-embed|fb-(?:post|video)|instagram-media|mastodon-embed|reddit-embed(?:-bq)?|text-post-media|tiktok-embed"
    r"|twitter-(?:tweet|video))\b"
)
# Of whom or what a picture is that is no illustration, in names of elements; sorted.
_ASIDE: Final = re.compile(r"author|autor|avatar|byline|newsletter|subscri", re.IGNORECASE)
_NEAR: Final = 2  # elements round a picture whose names are looked at
_ROUND_POST: Final = 4  # elements round a block in which a post is looked for
_AFTER: Final = 2  # blocks after the last kept one in which a picture or a post may be the article's
_OTHER: Final = 300  # letters beside a picture, besides its words, from which it is something else's
_LINKED: Final = 20  # letters of links beside it likewise


def accompany(reading: Reading, figures: Figures) -> None:
    """Keep what comes with kept blocks of text, and choose the pictures and players that do.

    Args:
        reading: the page, with its kept blocks of text.
        figures: of the same page.
    """
    texts = [block for block in reading.blocks if block.kind == "text"]
    kept = [block for block in texts if block.kept]
    if not kept:
        return
    _keep_headings(texts)
    between = reading.blocks[kept[0].order : kept[-1].order + 1 + _AFTER]
    _keep_posts(between)
    _keep_media(reading, between, figures)
    _keep_gallery(_above(reading.blocks[: kept[0].order]), figures)


def _keep_headings(texts: list[Block]) -> None:
    """Keep headings between kept blocks that stand beside the next of these, in the same element."""
    for before, block, after in zip(texts, texts[1:], texts[2:], strict=False):
        if block.kept or not before.kept or not after.kept or block.frame.tag not in _HEADINGS:
            continue
        block.kept = (
            block.frame.parent is after.frame.parent
            and after.frame.tag not in _HEADINGS
            and 2 * block.linked <= block.letters
        )


def _keep_posts(between: list[Block]) -> None:
    """Keep posts of other sites that stand in the text as quotations."""
    for block in between:
        if block.kind == "text" and not block.kept:
            quotes = (one for one in outwards(block.frame, _ROUND_POST) if one.tag == "blockquote")
            block.kept = any(_POST.search(one.names) for one in quotes)


def _keep_media(reading: Reading, between: list[Block], figures: Figures) -> None:
    """Keep pictures and players that stand between kept blocks, with next to nothing round them but their words."""
    for block in reading.blocks:
        if block.kind == "media":
            block.kept = False
    media = [block for block in between if block.kind == "media" and not _is_aside(block.frame)][:MOST]
    if not media:
        return
    shown = {block.order: figure for block in media if (figure := figures.of(block)) is not None}
    words = {one.order for figure in shown.values() for one in (*figure.said, *figure.words.spare)}
    texts = holding(block for block in between if block.kept and block.kind == "text")
    last = max(block.order for block in between if block.kept and block.kind == "text")
    alone: dict[int, bool] = {}
    for block in media:
        if block.order > last and block.links:
            continue
        island = _island(block.frame, texts)
        if island is None:
            block.kept = True
            continue
        if island.order not in alone:
            alone[island.order] = _is_quiet(island, reading.blocks, block.order, words)
        block.kept = alone[island.order] or (block.order in shown and bool(shown[block.order].said) and not block.links)


def _above(before: list[Block]) -> list[Block]:
    """Return the blocks between the title and the text, given all before that."""
    title = next((one.order for one in reversed(before) if one.frame.tag == "h1"), len(before))
    return before[title + 1 :]


def _keep_gallery(above: list[Block], figures: Figures) -> None:
    """Keep pictures above the text that follow one another, with nothing between them but the words that each has of its own."""
    shown = {one.order: figures.of(one) for one in [one for one in above if one.kind == "media"][:MOST]}
    run: list[Figure] = []
    words: set[int] = set()
    for block in above:
        figure = shown.get(block.order)
        is_alone = block.kind == "media" and not block.links and not _is_aside(block.frame)
        if is_alone and figure is not None and figure.player is None and figure.said:
            run.append(figure)
            words.update(one.order for one in (*figure.said, *figure.words.spare))
        elif block.kind == "text" and block.order not in words:
            _keep_run(run)
            run = []
    _keep_run(run)


def _keep_run(run: list[Figure]) -> None:
    if len({figure.said[0].text for figure in run}) > 1:
        for figure in run:
            figure.block.kept = True


def _island(frame: Frame, texts: Collection[int]) -> Frame | None:
    """Return the outermost element round a picture that is none of those that hold kept text; None if the innermost is."""
    found: Frame | None = None
    one: Frame | None = frame
    while one is not None and one.order not in texts:
        found, one = one, one.parent
    return found


def _is_quiet(island: Frame, blocks: list[Block], place: int, words: set[int]) -> bool:
    """Whether there is next to nothing in an element besides pictures and their words; ``place`` is of a block in it."""
    low, high = extent(island, blocks, place, place, len(blocks))
    texts = [one for one in blocks[low : high + 1] if one.kind == "text" and one.order not in words]
    return sum(one.letters for one in texts) <= _OTHER and sum(one.linked for one in texts) <= _LINKED


def _is_aside(frame: Frame) -> bool:
    """Whether an element is not shown, or its name or that of one round it says what is no part of a text."""
    return any(one.names and _ASIDE.search(one.names) for one in outwards(frame, _NEAR)) or frame.hidden
