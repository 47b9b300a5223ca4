"""The elements of a body, as far as Markdown and HTML must know the same of them, and what a body needs to know of its page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pappus.render.markdown.text import attribute

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from selectolax.lexbor import LexborNode

    from pappus.model import Direction
    from pappus.render.shelf import ExternalLinks

MAX_DEPTH: Final = 40  # elements inside one another; deeper ones give their text alone, so that recursion is bounded

HEADINGS: Mapping[str, int] = {"h2": 4, "h3": 5, "h4": 6, "h5": 6, "h6": 6}  # the title is of level 3
_INLINE_TAGS = frozenset(
    "cite ins kbd mark q rp rt ruby samp small sub sup var".split()
)  # kept by forges; others are not
_KEPT_ATTRIBUTES = ("colspan", "rowspan", "scope", "start", "value", "dir", "lang")  # of blocks, in HTML


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
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


def code_text(node: LexborNode) -> str:
    """Return the text of a ``<pre>`` as it stands, its ``<br>`` as line ends."""
    if node.css_first("br") is None:
        return node.text()
    return "".join("\n" if part.tag == "br" else part.text_content or "" for part in node.traverse(include_text=True))


def opening_tag(node: LexborNode) -> str:
    """Return the tag that stands for an inline element in Markdown, "" if it goes without."""
    tag = str(node.tag)
    if tag in _INLINE_TAGS or tag == "code":
        return f"<{tag}>"
    if tag == "abbr" and (title := node.attributes.get("title")):
        return f"<abbr{attribute('title', title)}>"
    if tag == "bdi":
        return f"<span{attribute('dir', node.attributes.get('dir') or 'auto')}>"
    return ""


def attributes(node: LexborNode) -> str:
    """Return the attributes that a block keeps in HTML."""
    own = node.attributes
    return "".join(attribute(name, own[name] or "") for name in _KEPT_ATTRIBUTES if name in own)


def src(image: LexborNode) -> str:
    """Return what an image shows, "" if it says nothing."""
    return image.attributes.get("src") or ""


def bare(href: str) -> str:
    """Return an address as people write it down."""
    return href.removeprefix("mailto:")


def says(link: LexborNode, href: str) -> bool:
    """Whether the text of a link is its address already."""
    text = "".join(link.text().split())
    return text.rstrip("/") in {end.rstrip("/") for end in (href, bare(href), href.partition("://")[2] or href)}
