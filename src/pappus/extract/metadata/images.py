"""The lead image: the one that the page is shared with, with the words that it has on the page."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from msgspec.structs import replace

from pappus.extract.metadata.evidence import Evidence, Found
from pappus.model import Picture

if TYPE_CHECKING:
    from collections.abc import Iterator

_METAS: Final = (
    "og:image:secure_url",
    "og:image",
    "og:image:url",
    "twitter:image",
    "twitter:image:src",
    "thumbnail",
    "sailthru.image.full",
    "parsely-image-url",
)
_MOST: Final = 6
_NO_PICTURE = re.compile(
    r"(?:^|[/_.-])(?:logo|placeholder|default|fallback|blank|spacer|pixel|favicon|avatar|sprite)s?(?:[/_.-]|\d|$)|\.svg(?:$|\?)|^data:",
    re.IGNORECASE,
)


def images(known: Evidence) -> tuple[Found[Picture], ...]:
    """Return the pictures that stand for the article, the weightiest first, each address once."""
    found: dict[str, Found[Picture]] = {}
    for address, picture, origin in _given(known):
        if address and address not in found and (url := known.resolve(address)):
            found[address] = Found(replace(picture, src=url), origin)
            if len(found) == _MOST:
                break
    each: dict[str, Found[Picture]] = {}
    for one in found.values():
        each.setdefault(one.value.src, one)
    return tuple(sorted(each.values(), key=lambda one: bool(_NO_PICTURE.search(one.value.src))))


def _given(known: Evidence) -> Iterator[tuple[str, Picture, str]]:
    """Yield addresses as they are written, the words that come with each, and where it is from."""
    words = Picture(src="", alt=known.meta("og:image:alt", "twitter:image:alt"))
    for name in _METAS:
        yield from (
            (address, words, "open-graph" if name.startswith("og:") else "meta")
            for address in known.metas.get(name, ())
        )
    for key in ("image", "primaryImageOfPage", "thumbnailUrl"):
        for node in known.nodes:
            yield from ((*_in_data(known, value), "json-ld") for value in known.graph.resolved(node.get(key)))
    if known.meta("og:image", "twitter:image"):
        return  # what follows is dearer to look for, and seldom another
    for item in known.item("image", "thumbnailurl"):
        element = item.element
        address = next((text for name in ("content", "src", "href", "data-src") if (text := element.attr(name))), "")
        yield address, Picture(src="", alt=element.attr("alt") or ""), item.origin
    yield from ((address, words, "link") for relations, address in known.links if "image_src" in relations)


def _in_data(known: Evidence, value: Any) -> tuple[str, Picture]:
    if isinstance(value, str):
        return value.strip(), Picture(src="")
    if not isinstance(value, dict):
        return "", Picture(src="")
    texts = known.graph.texts
    caption, credit, creator = (
        next(iter(texts(value.get(one), "name")), "") for one in ("caption", "creditText", "creator")
    )
    return next(iter(texts(value, "url", "contentUrl", "@id")), ""), Picture(
        src="", caption=caption, credit=credit or creator
    )
