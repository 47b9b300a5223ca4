"""Index pages: the teasers of a section's front page, found by CSS selectors."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, BinaryIO

from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError

from pappus import charset, markup, urls
from pappus.errors import MarkupError, SourceError
from pappus.model import Lead
from pappus.sources.options import MAX_LEADS, ReadOptions, read

if TYPE_CHECKING:
    from collections.abc import Iterator

_CLIMB = 6  # elements from a link upwards in which its title is looked for


def leads(stream: BinaryIO, options: ReadOptions) -> Iterator[Lead]:
    """Yield the articles that an index page links to, in its order, each address once.

    With the default selector only links into the same site are taken; a selector of the operator's decides.

    Raises:
        SourceError: a selector that is none, markup past our limits, or no link at all.
    """
    text, _ = markup.unscripted(charset.decode(read(stream, options), options.charset))
    try:
        markup.check(text)
    except MarkupError as error:
        raise SourceError(options.url, f"its markup is refused: {error.reason}") from error
    tree = LexborHTMLParser(text)
    base = _base(tree, options.url)
    found: dict[str, Lead] = {}
    for lead in _teasers(tree, base, options):
        held = found.get(lead.url)
        if held is None or (not held.title and lead.title):  # the picture of a teaser often links first, without words
            found[lead.url] = lead
    if not found:
        raise SourceError(options.url, f"no link is selected by {options.link!r}", "look at the page's markup")
    yield from islice(found.values(), MAX_LEADS)


def _base(tree: LexborHTMLParser, url: str) -> str:
    node = tree.css_first("base[href]")
    return (urls.parse_http(node.attributes.get("href") or "", url) if node else None) or url


def _teasers(tree: LexborHTMLParser, base: str, options: ReadOptions) -> Iterator[Lead]:
    chosen = options.link != ReadOptions(url="").link
    here = urls.canonical(options.url)
    for scope in _select(tree, options.within, options.url) if options.within else [tree]:
        for node in _select(scope, options.link, options.url):
            anchor = node if node.tag == "a" else node.css_first("a[href]")
            url = urls.parse_http(anchor.attributes.get("href") or "", base) if anchor else None
            if anchor is None or url is None or urls.canonical(url) == here:
                continue
            if chosen or urls.same_site(url, options.url):
                yield Lead(url=url.partition("#")[0], title=_title(scope, anchor, options))


def _title(scope: LexborHTMLParser | LexborNode, anchor: LexborNode, options: ReadOptions) -> str:
    """Return the words of a teaser: of the title selector nearest to the link, else of the link itself."""
    if not options.title:
        text = markup.plain(anchor.text() or "", markup.MAX_TITLE)
        return text or markup.plain(anchor.attributes.get("title") or "", markup.MAX_TITLE)
    node: LexborNode | None = anchor
    for _ in range(_CLIMB):
        titles = _select(node, options.title, options.url) if node is not None else []
        if titles:
            return markup.plain(titles[0].text() or "", markup.MAX_TITLE)
        if node is None or (isinstance(scope, LexborNode) and node.mem_id == scope.mem_id):
            break
        node = node.parent
    return ""


def _select(scope: LexborHTMLParser | LexborNode, selector: str, url: str) -> list[LexborNode]:
    try:
        return scope.css(selector)
    except (SelectolaxError, ValueError) as error:
        raise SourceError(
            url, f"{selector!r} is not a CSS selector that we know", "see docs/configuration.md"
        ) from error
