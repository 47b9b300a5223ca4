"""An article's body, markup of our subset, as it stands in a page: images and links lead to files of the edition.

Stored markup is what the sanitiser wrote, so it is read tag by tag as that writes them, and no tree is built. What comes out are texts,
tags of the closed list of :mod:`pappus.markup` with values that may stand there, and what is made here: a ``<`` that begins no such tag is
written as a sign.
"""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING, Final

from markupsafe import Markup
from msgspec import Struct

from pappus import urls
from pappus.markup import ELEMENTS, escaped, quoted, tags
from pappus.render.elements import bare, says
from pappus.render.site.picture import Album

if TYPE_CHECKING:
    from collections.abc import Callable

    from pappus.render.inputs import ExternalLinks
    from pappus.render.page import Page

_VOID: Final = frozenset({"br", "hr", "img"})
_WRITTEN: Final = frozenset({"a", "img", "table"})  # in another way than they are stored
_ENDING: Final = "|".join(sorted(ELEMENTS - _VOID - _WRITTEN))
_TAG: Final = re.compile(
    rf"<(?!{tags(ELEMENTS - _WRITTEN)}|/(?:{_ENDING})>)"  # what stands as it is, is not looked at
    rf"(?:(?P<link>{tags(['a'])})|(?P<image>{tags(['img'])})|(?P<table>{tags(['table'])})|/(?P<end>a|table)>)?"
)
_ATTRIBUTE: Final = re.compile(' ([a-z]+)="([^"]*)"')
_ANY_TAG: Final = re.compile("<[^>]*>")


class _Open(Struct, frozen=True):
    """An element of which the end has not come yet."""

    name: str
    start: int  # of what is inside, in the stored markup
    link: bool = False  # whether it is written as a link
    href: str = ""  # of a link


class Body(Struct):
    """Writes a body, and counts notes on the way."""

    page: Page
    link: Callable[[str], str]  # a path of the edition -> what leads there
    external: ExternalLinks
    variants: bool = True  # whether images are offered with theirs
    notes: dict[str, int] = {}  # address -> number of its note
    open: list[_Open] = []

    def html(self, source: str) -> Markup:
        """Return cleaned markup of our subset as the page shows it."""
        written = _TAG.sub(self._tag, source)
        while self.open:  # not in what the sanitiser wrote
            written += self._end(self.open[-1].name, source, len(source))
        return Markup(written)  # noqa: S704  # see above

    def picture(self, source: str, alt: str) -> Markup:
        """Return an image that the page has, with its variants."""
        album = Album(self.page.article.published, lambda path: urls.relative(path, self.page.path), self.variants)
        medium, _ = self.page.media[source]
        return Markup(album.picture(medium, alt))  # noqa: S704  # escaped

    def _tag(self, found: re.Match[str]) -> str:
        match found.lastgroup:
            case "link":
                return self._link(_value(found[0], "href"), found.end())
            case "image":
                return self._image(_value(found[0], "src"), _value(found[0], "alt"))
            case "table":
                return self._table(found[0], found.end())
            case "end":
                return self._end(found["end"], found.string, found.start())
        return "&lt;"

    def _table(self, tag: str, start: int) -> str:
        """Return the beginning of a table in a frame in which a wide one is moved, by keys as well."""
        self.open.append(_Open("table", start))
        label = quoted(self.page.words("table"))
        return f'<div class="wide" tabindex="0" role="region" aria-label="{label}">{tag}'

    def _image(self, source: str, alt: str) -> str:
        if self.page.image(source) is None:
            return escaped(self.page.words("image", text=alt)) if alt else ""
        return self.picture(source, alt)

    def _link(self, href: str, start: int) -> str:
        path = self.page.page_of(href) if href else None
        target = ""
        if path:
            target = self.link(path)
        elif self.external == "live":
            target = urls.valid(urls.parse(href) or "")
        self.open.append(_Open("a", start, bool(target), href))
        return f'<a href="{quoted(target)}">' if target else ""

    def _end(self, name: str, source: str, end: int) -> str:
        if not self.open or self.open[-1].name != name:
            return ""  # not in what the sanitiser wrote
        ended = self.open.pop()
        if name == "table":
            return "</table></div>"
        if ended.link:
            return "</a>"
        if not ended.href or self.external == "text":
            return ""
        text = html.unescape(_ANY_TAG.sub("", source[ended.start : end]))
        return self._note(bare(ended.href)) if text.strip() and not says(text, ended.href) else ""

    def _note(self, address: str) -> str:
        """Return the reference to the note that says an address; the first one is what the note leads back to."""
        known = address in self.notes
        number = self.notes.setdefault(address, len(self.notes) + 1)
        own = "" if known else f' id="r{number}"'
        return f'<sup{own}><a href="#n{number}">{self.page.words.number(number)}</a></sup>'


def _value(tag: str, name: str) -> str:
    """Return the value of an attribute, "" where there is none."""
    value = dict(_ATTRIBUTE.findall(tag)).get(name, "")
    return html.unescape(value) if "&" in value else value
