"""A fetched page, decoded, checked and parsed, with what its rules select."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from lxml import etree, html
from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError

from pappus import charset, markup, urls
from pappus.errors import ExtractError
from pappus.extract.rules import Pick, Rules

if TYPE_CHECKING:
    from pappus.model import Fetched

MAX_BYTES: Final = 10 * 2**20
_TYPES = frozenset({"", "text/html", "application/xhtml+xml", "text/plain", "application/xml", "text/xml"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page as a tree. ``body`` is the article alone where a rule selects it, else None."""

    url: str  # final
    base: str  # of relative addresses
    root: html.HtmlElement
    body: html.HtmlElement | None = None
    title: str = ""
    authors: tuple[str, ...] = ()
    date: str = ""


def parse(fetched: Fetched, rules: Rules) -> Page:
    """Return a fetched page as a tree, within the limits of rule 5.

    Raises:
        ExtractError: not HTML, empty, too large, or a rule that is no CSS selector.
        MarkupError: too deep, too many tags or attributes.
    """
    url = fetched.final_url
    if fetched.media_type not in _TYPES:
        raise ExtractError(url, f"not an HTML page but {fetched.media_type[:60]!r}")
    if len(fetched.body) > MAX_BYTES:
        raise ExtractError(url, f"a page of {len(fetched.body):,} bytes; {MAX_BYTES:,} is the limit")
    text = markup.visible(charset.decode(fetched.body, fetched.charset))
    if not text.strip():
        raise ExtractError(url, "an empty page")
    text, data = markup.unscripted(text)
    markup.check(text)
    chosen = _select(text, rules, url) if rules != Rules() else _Chosen(text=text)
    root = tree(chosen.text, url)
    for said in data:
        etree.SubElement(root, "script", type="application/ld+json").text = said
    return Page(
        url=url,
        base=_base(root, url),
        root=root,
        body=tree(chosen.body, url) if chosen.body else None,
        title=chosen.title,
        authors=chosen.authors,
        date=chosen.date,
    )


def tree(text: str, subject: str) -> html.HtmlElement:
    """Return HTML as a tree whose root is ``<html>``, without comments.

    Raises:
        ExtractError: nothing in it can be parsed.
    """
    parser = html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    try:
        return html.document_fromstring(text.encode("utf-8", "replace"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError, AssertionError) as error:
        raise ExtractError(subject, f"cannot be parsed: {error}"[:200]) from error


def _base(root: html.HtmlElement, url: str) -> str:
    for element in root.iter("base"):
        if base := urls.parse_http(element.get("href") or "", url):
            return base
    return url


@dataclass(frozen=True, slots=True, kw_only=True)
class _Chosen:
    text: str
    body: str = ""
    title: str = ""
    authors: tuple[str, ...] = ()
    date: str = ""


def _select(text: str, rules: Rules, url: str) -> _Chosen:
    """Apply the rules' selectors, which lxml does not know without another dependency."""
    page = LexborHTMLParser(text)
    for pick in rules.strip:
        for node in _css(page, (pick,), url):
            node.remove(recursive=True)
    titles = _css(page, rules.title, url)
    dates = _css(page, rules.date, url)
    return _Chosen(
        text=page.html or "",
        body="".join(node.html or "" for node in _css(page, rules.body, url)),
        title=markup.plain(titles[0].text() or "") if titles else "",
        authors=tuple(markup.plain(node.text() or "") for node in _css(page, rules.author, url)),
        date=_moment(dates[0]) if dates else "",
    )


def _moment(node: LexborNode) -> str:
    given = node.attributes
    return markup.plain(given.get("datetime") or given.get("content") or node.text() or "")


def _css(page: LexborHTMLParser, picks: tuple[Pick, ...], url: str) -> list[LexborNode]:
    if not picks:
        return []
    try:
        return page.css(picks[0].expression)
    except (SelectolaxError, ValueError) as error:
        raise ExtractError(
            url, f"{picks[0].expression!r} is not a CSS selector that we know", "correct the rule"
        ) from error
