"""An article's body, markup of our subset, as it stands in a page: images and links lead to files of the edition.

The tree is written down element by element, and sanitised last against a closed list, which is that of stored markup but for what is
added here: where images lie and how large they are, links into the edition, references to notes. Nothing parses it again but browsers.
"""

from __future__ import annotations

import html
import re
from functools import cache
from typing import TYPE_CHECKING, Final

from markupsafe import Markup
from msgspec import Struct
from selectolax.lexbor import LexborHTMLParser

from pappus import markup, urls
from pappus.render.elements import MAX_DEPTH, bare, says, src
from pappus.render.site.picture import TEXT_SIZES, Album

if TYPE_CHECKING:
    from collections.abc import Callable

    import nh3
    from selectolax.lexbor import LexborNode

    from pappus.render.page import Page
    from pappus.render.shelf import ExternalLinks

_EMPTY: Final = frozenset({"br", "hr"})
_OWN: Final = {
    "img": {"srcset", "sizes", "class", "width", "height", "loading", "decoding"},
    "source": {"type", "srcset", "sizes"},
    "sup": {"id"},
    "div": {"class", "tabindex", "role", "aria-label"},
}
_VALUES: Final = {
    "id": re.compile(r"r[0-9]{1,6}\Z"),
    "class": re.compile(r"(?:wide|r[0-3] g[0-3] b[0-3])\Z"),
    "type": re.compile(r"image/(?:avif|webp)\Z"),
    "sizes": re.compile(re.escape(TEXT_SIZES) + r"\Z"),
    "tabindex": re.compile(r"0\Z"),
    "role": re.compile(r"region\Z"),
    "aria-label": re.compile(r"[^<>&\"]{1,40}\Z"),
    "width": re.compile(r"[0-9]{1,6}\Z"),
    "height": re.compile(r"[0-9]{1,6}\Z"),
    "loading": re.compile(r"lazy\Z"),
    "decoding": re.compile(r"async\Z"),
}
_FILE: Final = r"(?:\.\./)*media/[0-9]{4}/[0-9]{2}/[0-9]{2}/(?:[0-9a-f]{2}/)?[0-9a-f]{64}(?:-[0-9]{1,5})?\.[a-z]{3,4}"
_MEDIA: Final = re.compile(_FILE + r"\Z")
_OFFERED: Final = re.compile(rf"{_FILE}(?: [0-9]{{1,5}}w(?:, {_FILE} [0-9]{{1,5}}w)*)?\Z")
_INSIDE: Final = re.compile(r"(?:#n[0-9]{1,6}|(?:\.\./)*[a-z0-9][a-z0-9/.-]*\.html(?:\?[a-z0-9-]+)?)\Z")


class Body(Struct):
    """Writes a body, and counts notes on the way."""

    page: Page
    link: Callable[[str], str]  # a path of the edition -> what leads there
    external: ExternalLinks
    variants: bool = True  # whether images are offered with theirs
    notes: dict[str, int] = {}  # address -> number of its note

    def html(self, source: str) -> Markup:
        """Return cleaned markup of our subset as the page shows it."""
        tree = LexborHTMLParser(source).body
        written = self._children(tree, 0) if tree is not None else ""
        return Markup(markup.settle(written, _sanitiser()))  # noqa: S704  # sanitised

    def picture(self, source: str, alt: str) -> Markup:
        """Return an image that the page has, with its variants."""
        album = Album(self.page.article.published, lambda path: urls.relative(path, self.page.path), self.variants)
        medium, _ = self.page.media[source]
        return Markup(album.picture(medium, alt))  # noqa: S704  # escaped

    def _children(self, node: LexborNode, depth: int) -> str:
        return "".join(self._element(child, depth + 1) for child in node.iter(include_text=True))

    def _element(self, node: LexborNode, depth: int) -> str:
        tag = str(node.tag)
        if tag == "-text":
            return html.escape(node.text_content or "", quote=False)
        if tag in _EMPTY:
            return f"<{tag}>"
        if tag == "img":
            return self._image(node)
        if depth > MAX_DEPTH:
            return html.escape(node.text(separator=" "), quote=False)
        inner = self._children(node, depth)
        if tag == "a":
            return self._link(node, inner)
        element = f"<{tag}{_attributes(node)}>{inner}</{tag}>"
        return self._scrolling(element) if tag == "table" else element

    def _scrolling(self, table: str) -> str:
        """Return a table in a frame in which a wide one is moved, by keys as well."""
        label = html.escape(self.page.words("table"))
        return f'<div class="wide" tabindex="0" role="region" aria-label="{label}">{table}</div>'

    def _image(self, node: LexborNode) -> str:
        alt = node.attributes.get("alt") or ""
        if self.page.image(src(node)) is None:
            return html.escape(self.page.words("image", text=alt), quote=False) if alt else ""
        return self.picture(src(node), alt)

    def _link(self, node: LexborNode, inner: str) -> str:
        href = node.attributes.get("href") or ""
        path = self.page.page_of(href) if href else None
        if path or (href and self.external == "live"):
            target = self.link(path) if path else href
            return f'<a href="{html.escape(target)}">{inner}</a>'
        if not href or self.external == "text" or not node.text().strip() or says(node, href):
            return inner
        return inner + self._note(bare(href))

    def _note(self, address: str) -> str:
        """Return the reference to the note that says an address; the first one is what the note leads back to."""
        known = address in self.notes
        number = self.notes.setdefault(address, len(self.notes) + 1)
        own = "" if known else f' id="r{number}"'
        return f'<sup{own}><a href="#n{number}">{self.page.words.number(number)}</a></sup>'


def _attributes(node: LexborNode) -> str:
    return "".join(f' {name}="{html.escape(value or "")}"' for name, value in node.attributes.items())


@cache
def _sanitiser() -> nh3.Cleaner:
    def keep(element: str, attribute: str, value: str) -> str | None:
        if attribute == "href":
            return value if _INSIDE.match(value) else urls.valid(urls.parse(value) or "") or None
        if element == "img" and attribute == "src":
            return value if _MEDIA.match(value) else None
        if attribute == "srcset":
            return value if _OFFERED.match(value) else None
        pattern = _VALUES.get(attribute) or markup.VALUES.get(attribute)
        return value if pattern is None or pattern.match(value) else None

    allowed = {name: markup.ATTRIBUTES.get(name, set()) | _OWN.get(name, set()) for name in {*markup.ATTRIBUTES, *_OWN}}
    return markup.sanitiser({*markup.ELEMENTS, "div", "picture", "source"}, allowed, keep)
