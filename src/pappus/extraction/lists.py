"""Lists of links that are an article's own: of what it speaks of, and of what it stands on.

Scored one by one, an item that is a link looks like an offer of another article. What stands round the list tells: a text that ends in a
colon, the paragraphs before and after it, or a heading under which articles name their sources.
"""

from __future__ import annotations

import re
from itertools import groupby
from typing import TYPE_CHECKING, Final

from pappus import urls
from pappus.extraction.blocks import HEADINGS
from pappus.extraction.features import says_furniture
from pappus.extraction.phrases import AFTER, BUTTON, HINT, PITCH, SLOT, phrase

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pappus.extraction.blocks import Block, Frame, Reading

_LISTS: Final = frozenset({"ol", "ul"})
_OTHERS: Final = frozenset({AFTER, SLOT, BUTTON, PITCH, HINT})  # phrases over what is not the article's
# Headings of lists of sources, lower case, sorted.
_SOURCES: Final = frozenset(
    (
        "bibliografie|bibliografia|bibliografía|bibliographie|bibliography|documents|einzelnachweise|external links|footnotes"
        "|further reading|literatur|literature|literatuur|notes|note|quellen|references|referenser"
        "|referencias|referências|réferences|références|sources"
        "|weblinks|works cited|документы|источники|литература|примечания|ссылки"
        "|المراجع|مراجع|منابع|参考文献|参考资料|參考資料|参考来源"
        "|外部链接|外部連結|脚注|出典|참고 문헌|각주"
    ).split("|")
)
_WRAPPED: Final = 3  # elements round a list, or round what stands beside it
_LINKS: Final = 5  # of a list, that are looked at
_LINKED: Final = 0.6  # of a list's letters in links, from which it is looked at: others are chosen by their text
_DOCUMENT: Final = re.compile(r"\.(?:csv|docx?|odt|pdf|pptx?|rtf|txt|xlsx?|zip)(?:[?#]|\Z)", re.IGNORECASE)
_MOST: Final = 500  # lists of a page


def keep_lists(reading: Reading, url: str) -> None:
    """Keep the lists of links that kept text announces, or that stand within it, and none that offers other articles.

    Args:
        reading: the page, with its kept blocks.
        url: its address.
    """
    site = _site(url)
    texts = [block for block in reading.blocks if block.kind == "text"]
    shown = {block.frame.order for block in reading.blocks if block.kind == "media"}
    lists = _lists(reading)
    place, left = 0, _MOST
    for order, group in groupby(texts, key=lambda block: lists[block.frame.order]):
        items = list(group)
        place += len(items)
        if order < 0 or not left or all(block.kept for block in items) or not _is_of_links(items):
            continue
        left -= 1
        frame = reading.frames[order]
        around = texts[max(0, place - len(items) - 2) : place - len(items)]
        if around and _is_beside(around[-1], frame) and phrase(around[-1].text) in _OTHERS:
            if 2 * sum(block.kept for block in items) < len(items):
                for block in (around[-1], *items):
                    block.kept = False
            continue
        announcing = _announcing(frame, around, texts[place : place + 1], site)
        if announcing and not _leads_elsewhere(frame) and shown.isdisjoint(block.frame.order for block in items):
            for block in (*announcing, *items):
                block.kept = True


def _lists(reading: Reading) -> list[int]:
    """Return the order of the outermost list round each frame, by the frame's; -1 for none."""
    found: list[int] = []
    for frame in reading.frames:
        above = found[frame.parent.order] if frame.parent is not None else -1
        found.append(above if above >= 0 else frame.order if frame.tag in _LISTS else -1)
    return found


def _announcing(frame: Frame, around: Sequence[Block], after: Sequence[Block], site: str) -> tuple[Block, ...]:
    """Return the blocks before a list that make it the article's, none where it is not."""
    if not around or not _is_beside(around[-1], frame):
        return ()
    before = around[-1]
    is_within = bool(after) and after[0].kept and _is_beside(after[0], frame)
    is_heading = before.frame.tag in HEADINGS and before.frame.tag != "h1"
    if not before.kept and not (is_heading and len(around) > 1 and around[0].kept):
        return ()
    is_named = is_heading and before.text.strip(" :：").lower() in _SOURCES
    is_telling = before.kept and before.text[-1] in ":："
    is_part = is_within and (is_heading or _leads_out(frame, site))
    return (before,) if is_part or is_named or is_telling else ()


def _is_of_links(items: Sequence[Block]) -> bool:
    return sum(block.linked for block in items) >= _LINKED * sum(block.letters for block in items)


def _leads_out(frame: Frame, site: str) -> bool:
    """Whether a list leads to documents, or to other sites: one of a site's own pages in the midst of a text offers other articles."""
    hrefs = [link.attr("href") or "" for link in frame.element.select("a[href]")[:_LINKS]]
    return bool(hrefs) and all(
        _DOCUMENT.search(href) or (href.startswith("http") and _site(href) != site) for href in hrefs
    )


def _site(url: str) -> str:
    return ".".join(urls.host(url).split(".")[-2:])


def _is_beside(block: Block, frame: Frame) -> bool:
    """Whether a block stands in the element that a list is in, either perhaps with others round it."""
    one: Frame | None = frame
    rounds = set()
    for _ in range(_WRAPPED):
        one = one.parent if one is not None else None
        if one is None:
            break
        rounds.add(one.order)
        if one.tag in _LISTS or one.tag == "article":
            break
    one = block.frame
    for _ in range(_WRAPPED):
        one = one.parent if one is not None else None
        if one is not None and one.order in rounds:
            return True
    return False


def _leads_elsewhere(frame: Frame) -> bool:
    """Whether a list is called furniture, is not shown, or leads about in the page itself."""
    if frame.hidden or says_furniture(frame) or (frame.parent is not None and says_furniture(frame.parent)):
        return True
    links = frame.element.select("a[href]")[:_LINKS]
    return bool(links) and all((link.attr("href") or "").startswith("#") for link in links)
