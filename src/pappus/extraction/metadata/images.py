"""The lead image: the one that the page is shared with, with the words that it has on the page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from msgspec.structs import replace
from turbohtml import Element

from pappus.extraction import pictures
from pappus.extraction.metadata.evidence import SEEN, Evidence, Found
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
_MOST: Final = 3
_FIGURES: Final = 10  # that are looked at


def images(known: Evidence) -> tuple[Found[Picture], ...]:
    """Return the pictures that stand for the article, the weightiest first, each address once.

    A figure with its words at the title goes first where the page shows no announced picture: those are often made for sharing.
    """
    found: dict[str, Found[Picture]] = {}
    for address, picture, origin in _given(known):
        if address and address not in found and (url := known.resolve(address)):
            found[address] = Found(replace(picture, src=url), origin)
            if len(found) == _MOST:
                break
    each: dict[str, Found[Picture]] = {}
    for one in found.values():
        each.setdefault(one.value.src, one)
    announced = list(each.values())
    if len(announced) > 1 and pictures.trifling(announced[0].value.src):
        announced.sort(key=lambda one: pictures.trifling(one.value.src))
    return (*_at_title(known, [one.value.src for one in announced]), *announced)


def _at_title(known: Evidence, announced: list[str]) -> Iterator[Found[Picture]]:
    """Yield the picture of the first figure with words at the title, unless the page shows an announced one."""
    figures = known.document.find_all("figure", limit=_FIGURES)
    images = (one.find("img") for one in figures)
    addresses = (one.attr("src") or one.attr("data-src") for one in images if one is not None)
    if any(pictures.same_image(one, address) for address in addresses if address for one in announced[:2]):
        return
    nodes = (*known.before, *known.near) if figures else ()
    figure = next((one for one in nodes if isinstance(one, Element) and one.tag == "figure"), None)
    image = figure.find("img") if figure is not None and figure.find("figcaption") is not None else None
    shown = pictures.picture(image, known.base) if image is not None else None
    if shown is not None and not any(pictures.same_image(shown.src, one) for one in announced):
        yield Found(shown, SEEN)


def _given(known: Evidence) -> Iterator[tuple[str, Picture, str]]:
    """Yield addresses as they are written, the words that come with each, and where it is from."""
    words = Picture(src="", alt=known.meta("og:image:alt", "twitter:image:alt"))
    for name in _METAS:
        yield from (
            (address, words, "open-graph" if name.startswith("og:") else "meta") for address in known.metas(name)
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
