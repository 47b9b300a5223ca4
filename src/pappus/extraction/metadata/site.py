"""The site: its name, and the address that it gives the page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pappus import urls
from pappus.extraction.metadata import jsonld
from pappus.extraction.metadata.evidence import SITE_NAMES, Evidence, Found, bare

if TYPE_CHECKING:
    from collections.abc import Iterator


def site(known: Evidence) -> Found[str]:
    """Return the site's name."""
    for name, origin in _names(known):
        if name and bare(name) != bare(known.meta("og:title")) and len(name) <= 100 and "://" not in name:
            return Found(name, origin)
    return Found("", "")


def _names(known: Evidence) -> Iterator[tuple[str, str]]:
    graph = known.graph
    yield known.meta("og:site_name"), "open-graph"
    for node in graph.nodes:
        if "WebSite" in jsonld.types(node):
            yield from ((name, "json-ld") for name in graph.texts(node.get("name")))
    yield from ((name, "json-ld") for name in known.data("publisher", "sourceOrganization", of=("name",)))
    yield from ((known.meta(name), "meta") for name in SITE_NAMES[1:])
    yield from ((item.text, item.origin) for item in known.item("publisher"))


def canonical(known: Evidence) -> Found[str]:
    """Return the address under which the article is stored: the page's own word, if it is of this site and no home page."""
    here = urls.canonical(known.url)
    for given, origin in ((known.canonical, "link"), (known.meta("og:url"), "open-graph")):
        if given == known.url:
            return Found(here, origin)
        url = known.resolve(given) if given else ""
        if url and urls.same_site(url, here) and (not urls.is_home(url) or urls.is_home(here)):
            return Found(urls.canonical(url), origin)
    return Found(here, "url")
