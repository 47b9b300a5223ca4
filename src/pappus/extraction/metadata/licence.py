"""The licence, and whether the page shows the whole article."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from pappus.extraction.metadata.evidence import SEEN, Evidence, Found, seen

if TYPE_CHECKING:
    from collections.abc import Iterator

_CREATIVE_COMMONS = re.compile(
    r"https?://(?:www\.)?creativecommons\.org/(?:licenses|publicdomain)/[a-z]", re.IGNORECASE
)
_MOST: Final = 20  # links that are looked at
_META: Final = ("dc.rights.license", "dcterms.license", "license")
_LOCKED: Final = frozenset("locked metered paid premium subscriber subscribers subscription".split())
_LINKS: Final = 'a[rel~="license" i],a[href*="creativecommons.org/" i]'
_NO: Final = frozenset({"0", "false", "no"})


def licence(known: Evidence) -> Found[str]:
    """Return the licence's address, or its name where the page gives only that."""
    for text, origin in _given(known):
        if text:
            return Found(known.resolve(text) or text[:200] if "://" in text else text[:200], origin)
    return Found("", "")


def _given(known: Evidence) -> Iterator[tuple[str, str]]:
    links = known.document.select(_LINKS)[:_MOST]
    for element in links:
        if "license" in (element.attr("rel") or "").lower().split():
            yield known.resolve(element.attr("href") or "") or seen(element, 200), "link"
    yield from ((address, "link") for relations, address in known.links if "license" in relations)
    yield from ((text, "json-ld") for text in known.data("license", of=("url", "@id", "name")))
    yield known.meta(*_META), "meta"
    yield from ((address, SEEN) for one in links if _CREATIVE_COMMONS.match(address := one.attr("href") or ""))


def partial(known: Evidence) -> Found[bool]:
    """Return whether the page says that only those who pay are shown the whole article."""
    for node in known.nodes:
        if (free := node.get("isAccessibleForFree")) is not None:
            return Found(str(free).lower() in _NO, "json-ld")
    if tier := known.meta("article:content_tier", "og:restrictions:content_tier", "content_tier").lower():
        return Found(tier in _LOCKED, "meta")
    return Found(value=False, origin="")
