"""A page, decoded, checked and parsed.

The parser builds the tree that a browser would (WHATWG), never deeper than 512 elements, and in time and memory that
grow with the source, but for two things, which are looked for before a tree is built (rule 5 of intake).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import turbohtml
from msgspec import Struct

from pappus import charset, urls
from pappus.errors import ExtractError, MarkupError

if TYPE_CHECKING:
    from pappus.model import Fetched

MAX_BYTES: Final = 10 * 2**20
MAX_TAGS: Final = 200_000
MAX_ROOTS: Final = 64  # tags of <html> and <body>: their attributes are merged, which takes the cube of their number
_FEW: Final = 1_000  # tags; as many of the page itself take some milliseconds
_HEAD: Final = 4_096  # characters in which what is no text gives itself away
_NULS: Final = 8  # NULs in there; a page may have some by mistake
_MANY: Final = 5_000  # tags; fewer cannot be multiplied to more than some millions
_UNCLOSED: Final = 64  # formatting elements, each of which is opened anew in every paragraph after it
_TYPES: Final = frozenset({"", "text/html", "application/xhtml+xml", "text/plain", "application/xml", "text/xml"})

_ROOT = re.compile(r"<(?:[bB][oO][dD][yY]|[hH][tT][mM][lL])[\s/]")
_FORMATTING = re.compile(
    r"<(/?)(a|b|big|code|em|font|i|nobr|s|small|strike|strong|tt|u)(?=[\s/>])", re.IGNORECASE | re.ASCII
)


class Page(Struct, frozen=True):
    """A page as a tree; it is read, and never changed but by the site's rules."""

    url: str  # final
    base: str  # of relative addresses
    document: turbohtml.Document


def decoded(fetched: Fetched) -> str:
    """Return the source of a fetched page.

    Raises:
        ExtractError: not HTML, empty, or too large.
    """
    url = fetched.final_url
    if fetched.media_type not in _TYPES:
        raise ExtractError(url, f"not an HTML page but {fetched.media_type[:60]!r}")
    if len(fetched.body) > MAX_BYTES:
        raise ExtractError(url, f"a page of {len(fetched.body):,} bytes; {MAX_BYTES:,} is the limit")
    text = charset.decode(fetched.body, fetched.charset)
    if not text or text.isspace():
        raise ExtractError(url, "an empty page")
    if text.count("\0", 0, _HEAD) > _NULS:
        raise ExtractError(url, "not text")
    return text


def parse(text: str, url: str) -> Page:
    """Return a page's source as a tree.

    Raises:
        MarkupError: markup that would take more than its share of time or memory to parse.
    """
    check(text)
    document = turbohtml.parse(text, positions=False, allow_declarative_shadow_roots=False)
    return Page(url=url, base=_base(document, url), document=document)


def check(text: str) -> None:
    """Refuse a page that would cost more to parse than its length.

    A linear look at the tags, scripts included: it may count more than a parser would build, never less.

    Raises:
        MarkupError: more than 200,000 tags, 64 of the page itself, or formatting elements that are left open.
    """
    tags = text.count("<")
    if tags > MAX_TAGS and (tags := tags - text.count("</")) > MAX_TAGS:
        raise MarkupError("page", f"{tags:,} tags; {MAX_TAGS:,} is the limit")
    if tags > _FEW and sum(1 for _ in _ROOT.finditer(text)) > MAX_ROOTS:
        raise MarkupError("page", f"more than {MAX_ROOTS} tags of <html> and <body>")
    if tags > _MANY and (unclosed := _unclosed(text)) * tags > MAX_TAGS * _UNCLOSED:
        raise MarkupError("page", f"{unclosed:,} formatting elements that are left open")


def _unclosed(text: str) -> int:
    """Return how many formatting elements may be open at once: the most of each kind."""
    opened: dict[str, int] = {}
    most: dict[str, int] = {}
    for slash, name in _FORMATTING.findall(text):
        kind = name.lower()
        count = opened.get(kind, 0)
        if not slash:
            opened[kind] = count + 1
            if count >= most.get(kind, 0):
                most[kind] = count + 1
        elif count:
            opened[kind] = count - 1
    return sum(most.values())


def _base(document: turbohtml.Document, url: str) -> str:
    for element in document.find_all("base"):
        if base := urls.parse_http(element.attr("href") or "", url):
            return base
    return url
