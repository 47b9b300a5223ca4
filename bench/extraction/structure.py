"""Structure: which of an article's paragraphs, headings, links, ... are still such in what an extractor returns.

The Readability set has its articles as HTML, so what is in there should be kept. Of the fundus set's articles publishers' parsers give
paragraphs, headings, images and captions. The rest is looked up in the page: links in the gold paragraphs; list items and quotations whose
text is in the gold text, tables, and media of other sites, where they stand between the first gold paragraph and the last.
"""

from __future__ import annotations

from collections import Counter
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct
from rich.table import Table

from bench.extraction import elements, images
from bench.extraction.elements import Elements, Run, fold
from bench.extraction.metrics import tokens

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bench.extraction.peers import Output
    from bench.extraction.sets import Page

SETS: Final = ("fundus", "readability")
KINDS: Final = (
    "paragraphs",
    "headings",
    "links",
    "list items",
    "quotes",
    "tables",
    "images",
    "captions",
    "lead images",
    "embeds",
)
_MOST: Final = (
    0.9  # share of its words from which a quotation or a table is kept: a source's name may stand in it or not
)


class Gold(Struct, frozen=True, kw_only=True):
    """What a page's article is made of."""

    paragraphs: tuple[str, ...] = ()  # folded, as all keys
    headings: tuple[str, ...] = ()
    links: tuple[tuple[str, str], ...] = ()
    items: tuple[str, ...] = ()
    quotes: tuple[str, ...] = ()
    tables: tuple[str, ...] = ()
    images: tuple[tuple[str, ...], ...] = ()  # addresses of each
    captions: tuple[str, ...] = ()
    leads: tuple[tuple[str, ...], ...] = ()
    embeds: tuple[str, ...] = ()


@cache
def gold(page: Page) -> Gold:
    """Return what a page's article is made of."""
    return _of_html(page) if "html" in page.gold else _of_fundus(page)


def _of_html(page: Page) -> Gold:
    found = elements.read(page.gold["html"])
    title = fold(page.gold["meta"].get("title") or "")
    each = elements.pictures(found.media, page.url)
    return Gold(
        paragraphs=tuple(elements.paragraphs(found.runs)),
        headings=tuple(key for key in elements.headings(found.runs) if key and key != title),
        links=tuple(elements.links(found.runs, page.url)),
        items=tuple(elements.items(found.runs)),
        quotes=tuple(elements.quotes(found.runs)),
        tables=tuple(elements.tables(found.runs)),
        images=tuple({addresses[0]: tuple(addresses) for addresses in each}.values()),
        captions=tuple(elements.captions(found.runs)),
        embeds=tuple(elements.embeds(found.media, page.url)),
    )


def _of_fundus(page: Page) -> Gold:
    said: dict[str, Any] = page.gold
    paragraphs = tuple(filter(None, map(fold, said["paras"])))
    whole = elements.read(page.html)
    matched = _matched(whole.runs, paragraphs)
    first, last = (matched[0], matched[-1]) if matched else (0, -1)
    between = whole.runs[first : last + 1]
    media = [(element, at) for element, at in whole.media if first < at <= last]
    headings, text = tuple(filter(None, map(fold, said["heads"]))), fold(page.text)
    pictures = [(image, tuple(one["url"] for one in image["versions"])) for image in said["images"] or ()]
    return Gold(
        paragraphs=paragraphs,
        headings=headings,
        links=tuple(elements.links([whole.runs[at] for at in matched], page.url)),
        items=tuple(
            key for key in elements.items(between) if len(key) >= _TELLING and key in text and key not in headings
        ),
        quotes=tuple(quote for quote in elements.quotes(between) if (key := fold(quote)) and key in text),
        tables=tuple(elements.tables(between)),
        images=tuple(addresses for _, addresses in pictures),
        captions=tuple(key for image, _ in pictures if (key := fold(image["caption"] or ""))),
        leads=tuple(addresses for image, addresses in pictures if image["is_cover"]),
        embeds=tuple(elements.embeds(media, page.url)),
    )


_TELLING: Final = 12  # characters from which a list item's text is not in an article's by chance


def _matched(runs: Sequence[Run], paragraphs: Sequence[str]) -> list[int]:
    """Return where the paragraphs stand in the page, in its order; those that do not stand there as they are, are left out."""
    wanted = Counter(paragraphs)
    found = []
    for at, run in enumerate(runs):
        if wanted[key := fold(run.text)] and not run.inside({"nav", "aside", "footer"}):
            wanted[key] -= 1
            found.append(at)
    return found


def kept(page: Page, output: Output) -> dict[str, tuple[int, int]]:
    """Return how many elements of each kind are kept, and how many there are."""
    wanted, found = gold(page), elements.read(output.html)
    runs, base = found.runs, page.url
    shown = [*elements.pictures(found.media, base), *([[images.absolute(output.image, base)]] if output.image else [])]
    words = "".join((*elements.unheaded(runs), fold(output.caption)))
    leading = "\n".join(_leading(found, base))
    return {
        "paragraphs": _common(wanted.paragraphs, elements.unheaded(runs)),
        "headings": _common(wanted.headings, elements.headings(runs)),
        "links": _common(wanted.links, elements.links(runs, base)),
        "list items": _common(wanted.items, elements.items(runs)),
        "quotes": _mostly(wanted.quotes, elements.quotes(runs)),
        "tables": _mostly(wanted.tables, elements.tables(runs)),
        "images": _pictured(wanted.images, wanted.images, shown),
        "captions": (sum(key in words for key in wanted.captions), len(wanted.captions)),
        "lead images": _pictured(wanted.leads, wanted.images, shown),
        "embeds": (sum(name in leading for name in wanted.embeds), len(wanted.embeds)),
    }


def _common(wanted: Sequence[object], found: Sequence[object]) -> tuple[int, int]:
    return (Counter(wanted) & Counter(found)).total(), len(wanted)


def _mostly(wanted: Sequence[str], found: Sequence[str]) -> tuple[int, int]:
    """Count texts that stand, but for a tenth of their words, in one of those found."""
    each = [Counter(tokens(text)) for text in found]
    hits = 0
    for text in wanted:
        words = Counter(tokens(text))
        hits += any((words & one).total() >= _MOST * words.total() for one in each)
    return hits, len(wanted)


def _pictured(
    wanted: Sequence[tuple[str, ...]], every: Sequence[tuple[str, ...]], shown: Sequence[Sequence[str]]
) -> tuple[int, int]:
    """Count images that are shown, each told by what no other one of the article has in its addresses."""
    hits = 0
    for addresses in wanted:
        others = frozenset().union(*(images.names(one) for each in every if each != addresses for one in each))
        apart = others if frozenset().union(*map(images.names, addresses)) - others else frozenset()
        hits += any(images.same(one, other, apart=apart) for each in shown for other in each for one in addresses)
    return hits, len(wanted)


def _leading(found: Elements, base: str) -> list[str]:
    """Return the addresses that lead to media: of links, frames and players."""
    led = [elements.attribute(link, "href") for run in found.runs for link, _ in run.links.values()]
    players = [element for element, _ in found.media if element.tag not in {"img", "blockquote"}]
    inner = [source for player in players for source in player.find_all("source")]
    return led + [one for element in (*players, *inner) for one in elements.sources(element, base)]


def measure(pages: Sequence[Page], outputs: Sequence[Output]) -> dict[str, tuple[tuple[int, int], ...]]:
    """Return, by kind and page by page, how many elements are kept of how many."""
    each = [kept(page, output) for page, output in zip(pages, outputs, strict=True)]
    return {kind: tuple(one[kind] for one in each) for kind in KINDS}


def table(name: str, results: Mapping[str, Mapping[str, Sequence[tuple[int, int]]]]) -> Table:
    """Return a set's table."""
    first = next(iter(results.values()))
    wanted = {kind: sum(count for _, count in pages) for kind, pages in first.items()}
    made = Table(title=f"structure: {name}, elements kept of those in the article")
    made.add_column("")
    for kind, count in wanted.items():
        if count:
            made.add_column(f"{kind} ({count:,})", justify="right")
    for peer, kinds in results.items():
        made.add_row(peer, *(f"{sum(hits for hits, _ in kinds[kind]):,}" for kind, count in wanted.items() if count))
    return made
