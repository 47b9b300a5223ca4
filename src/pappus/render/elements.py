"""What every edition must know the same of the elements of a body, and what a body needs to know of its page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Callable

    from selectolax.lexbor import LexborNode

    from pappus.model import Direction
    from pappus.render.inputs import ExternalLinks

MAX_DEPTH: Final = 40  # elements inside one another; deeper ones give their text alone, so that recursion is bounded


class Context(Struct, frozen=True, kw_only=True):
    """What a body needs to know of its page."""

    page: Callable[[str], str | None]  # a URL -> the link to its page in this edition, None if it is not held
    image: Callable[[str], str | None]  # "media:<digest>" -> the link to the file, None if it is not there
    missing: Callable[[str], str]  # alternative text -> the text that stands for an image that is not there
    external: ExternalLinks
    direction: Direction

    def target(self, link: LexborNode) -> str:
        """Return what a live link points to, "" if it is none."""
        href = link.attributes.get("href") or ""
        page = self.page(href) if href else None
        return page or (href if self.external == "live" else "")


def src(image: LexborNode) -> str:
    """Return what an image shows, "" if it says nothing."""
    return image.attributes.get("src") or ""


def bare(href: str) -> str:
    """Return an address as people write it down."""
    return href.removeprefix("mailto:")


def says(text: str, href: str) -> bool:
    """Whether the text of a link is its address already."""
    said = "".join(text.split())
    return said.rstrip("/") in {end.rstrip("/") for end in (href, bare(href), href.partition("://")[2] or href)}
