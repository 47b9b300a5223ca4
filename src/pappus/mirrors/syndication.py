"""What a mirror makes of the feeds and lists of an edition: the same with absolute addresses, in the forms that want them. Pure.

Feeds become RSS 2.0 and JSON Feed 1.1, the list of feeds OPML 2.0, lists of pages sitemaps (sitemaps.org, with Google's extension for
news). Each follows from one signed file and the mirror's address alone, so a fork remakes it, and who verifies recomputes it.
"""

from __future__ import annotations

import html
import json
import re
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote, urljoin

from lxml import etree
from msgspec import Struct
from selectolax.lexbor import LexborHTMLParser

from pappus import markup
from pappus.errors import MarkupError, MirrorError
from pappus.layout import FEED_LIST, SITEMAPS
from pappus.model import artifact
from pappus.urls import path_quote

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from pappus.layout import Layout
    from pappus.model import Artifact

_NEWS: Final = f"{SITEMAPS}news.atom"
_ATOM: Final = "{http://www.w3.org/2005/Atom}"
_LANG: Final = "{http://www.w3.org/XML/1998/namespace}lang"
_BASE: Final = "{http://www.w3.org/XML/1998/namespace}base"
_CONTENT: Final = "http://purl.org/rss/1.0/modules/content/"
_DC: Final = "http://purl.org/dc/elements/1.1/"
_SITEMAP: Final = "http://www.sitemaps.org/schemas/sitemap/0.9"
_GOOGLE: Final = "http://www.google.com/schemas/sitemap-news/0.9"
_XHTML: Final = "http://www.w3.org/1999/xhtml"
_HEAD: Final = '<?xml version="1.0" encoding="utf-8"?>\n'
_EDITION: Final = (
    "https://edition.invalid/"  # what relative addresses are joined to, until it is known who holds what they name
)
_WIDTH: Final = re.compile(r"\s+[0-9.]+[wx]\Z")


class Enclosure(Struct, frozen=True):
    """An image that goes with an entry."""

    url: str
    media_type: str
    length: str


class Entry(Struct, frozen=True, kw_only=True):
    """One entry of a feed, its addresses absolute."""

    ident: str
    title: str
    url: str
    updated: datetime
    published: datetime | None
    language: str
    related: str
    original: str
    authors: tuple[str, ...]
    tags: tuple[str, ...]
    rights: str
    summary: str
    content: str  # HTML
    enclosure: Enclosure | None
    versions: tuple[tuple[str, str], ...]  # languages and addresses of pages that say the same, this one among them


class Feed(Struct, frozen=True, kw_only=True):
    """A feed, its addresses absolute."""

    title: str
    subtitle: str
    language: str
    url: str  # of the page that it is of
    icon: str
    updated: datetime
    entries: tuple[Entry, ...]


def syndicate(path: str, data: bytes, layout: Layout, place: Callable[[str], str]) -> Iterator[Artifact]:
    """Yield what a mirror makes of a feed or list of the edition.

    Args:
        path: of the feed.
        data: its bytes.
        layout: of the edition.
        place: a path of the edition -> its absolute address.

    Raises:
        MirrorError: it is no feed of ours.
    """
    made = layout.made_of(path)
    if not made:
        return
    feed = read(path, data, place)
    own = [place(one) for one in made]
    if path == FEED_LIST:
        yield artifact(made[0], _opml(feed).encode(), "text/x-opml")
    elif path.startswith(SITEMAPS):
        yield artifact(made[0], _sitemap(feed, news=path == _NEWS).encode(), "application/xml")
    else:
        yield artifact(made[0], _rss(feed, own[0]).encode(), "application/rss+xml")
        yield artifact(made[1], _json(feed, own[1]).encode(), "application/feed+json")


def sitemap_index(lists: Iterable[str], layout: Layout, place: Callable[[str], str]) -> bytes:
    """Return ``sitemap.xml``, which names the sitemaps that are made of these lists of pages."""
    locations = (place(made) for path in sorted(lists) for made in layout.made_of(path))
    lines = "".join(f"<sitemap><loc>{_escaped(location)}</loc></sitemap>\n" for location in locations)
    return f'{_HEAD}<sitemapindex xmlns="{_SITEMAP}">\n{lines}</sitemapindex>\n'.encode()


def robots(sitemap: str) -> bytes:
    """Return ``robots.txt``, which lets everybody in and says where the list of sitemaps is."""
    return f"User-agent: *\nAllow: /\n\nSitemap: {sitemap}\n".encode()


# Reading


def read(path: str, data: bytes, place: Callable[[str], str]) -> Feed:
    """Read a feed that this program wrote; what else it may be, after it came from outside, is an error.

    Raises:
        MirrorError: it is none.
    """
    try:
        parser = etree.XMLParser(
            resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True
        )
        root = etree.fromstring(data, parser)
        return _Reader(path, place).feed(root)
    except (etree.XMLSyntaxError, MarkupError, ValueError, LookupError, TypeError) as error:
        raise MirrorError(path, "is no feed that can be read") from error


class _Said:
    """What stands in a feed or an entry, found in one walk: most of the time of a publish would go into looking for each by name."""

    def __init__(self, parent: etree._Element) -> None:
        self.texts: dict[str, str] = {}
        self.links: dict[str, list[etree._Element]] = {}
        self.authors: list[str] = []
        self.tags: list[str] = []
        self.language = self.base = ""  # of the title; of the content
        for one in parent.iterchildren("*"):
            name = one.tag.removeprefix(_ATOM)
            if name == "link":
                self.links.setdefault(one.get("rel") or "", []).append(one)
            elif name == "author":
                self.authors.append(one.findtext(f"{_ATOM}name") or "")
            elif name == "category":
                self.tags.append(one.get("term") or "")
            elif name != "entry":
                self.texts[name] = one.text or ""
            if name == "title":
                self.language = one.get(_LANG) or ""
            elif name == "content":
                self.base = one.get(_BASE) or ""


class _Reader:
    """Reads the elements of a feed that stands at a path."""

    def __init__(self, path: str, place: Callable[[str], str]) -> None:
        self._start = _EDITION + path_quote(path)
        self._place = place

    def feed(self, root: etree._Element) -> Feed:
        said = _Said(root)
        return Feed(
            title=said.texts["title"],
            subtitle=said.texts.get("subtitle", ""),
            language=root.get(_LANG) or "",
            url=self._link(said, "alternate"),
            icon=self._absolute(said.texts.get("icon", "")),
            updated=_moment(said.texts["updated"]),
            entries=tuple(map(self._entry, root.iterchildren(f"{_ATOM}entry"))),
        )

    def _entry(self, one: etree._Element) -> Entry:
        said = _Said(one)
        published = said.texts.get("published")
        enclosures = said.links.get("enclosure")
        return Entry(
            ident=said.texts["id"],
            title=said.texts["title"],
            url=self._link(said, "alternate"),
            updated=_moment(said.texts["updated"]),
            published=_moment(published) if published else None,
            language=said.language,
            related=self._link(said, "related"),
            original=self._link(said, "via"),
            authors=tuple(said.authors),
            tags=tuple(said.tags),
            rights=said.texts.get("rights", ""),
            summary=said.texts.get("summary", ""),
            content=self._html(said.texts["content"], urljoin(self._start, said.base))
            if "content" in said.texts
            else "",
            enclosure=self._enclosure(enclosures[0]) if enclosures else None,
            versions=tuple(
                (link.get("hreflang"), self._absolute(link.get("href") or ""))
                for link in said.links.get("alternate", ())
                if link.get("hreflang")
            ),
        )

    def _enclosure(self, link: etree._Element) -> Enclosure:
        return Enclosure(self._absolute(link.get("href") or ""), link.get("type") or "", link.get("length") or "0")

    def _link(self, said: _Said, rel: str) -> str:
        found = said.links.get(rel)
        return self._absolute(found[0].get("href") or "") if found else ""

    def _absolute(self, href: str, start: str = "") -> str:
        """Return an address of the edition as it is at the mirror, or another as it is."""
        joined = urljoin(start or self._start, href)
        if not joined.startswith(_EDITION):
            return href
        path, mark, rest = joined.removeprefix(_EDITION).partition("#")
        path, query, asked = path.partition("?")
        return self._place(unquote(path)) + query + asked + mark + rest

    def _html(self, text: str, start: str) -> str:
        markup.check(text)  # a fork's tree came from outside
        tree = LexborHTMLParser(text)
        for node in tree.css("[href], [src], [srcset]"):
            for name in ("href", "src"):
                if value := node.attributes.get(name):
                    node.attrs[name] = self._absolute(value, start)
            if value := node.attributes.get("srcset"):
                node.attrs["srcset"] = ", ".join(
                    self._absolute(_WIDTH.sub("", one), start) + "".join(_WIDTH.findall(one))
                    for one in map(str.strip, value.split(","))
                )
        return (tree.body.inner_html or "") if tree.body is not None else ""


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


# Writing


def _rss(feed: Feed, own: str) -> str:
    items = "".join(map(_item, feed.entries))
    return (
        f'{_HEAD}<rss version="2.0" xmlns:atom="{_ATOM[1:-1]}" xmlns:content="{_CONTENT}" xmlns:dc="{_DC}">\n<channel>'
        f"{_element('title', feed.title)}{_element('link', feed.url)}"
        f"{_element('description', feed.subtitle or feed.title)}{_element('language', feed.language)}"
        f"{_element('lastBuildDate', format_datetime(feed.updated, usegmt=True))}"
        f'<atom:link rel="self" type="application/rss+xml" href="{_escaped(own)}"/>\n{items}</channel>\n</rss>\n'
    )


def _item(entry: Entry) -> str:
    image = entry.enclosure
    enclosure = (
        f'<enclosure url="{_escaped(image.url)}" length="{_escaped(image.length)}" type="{_escaped(image.media_type)}"/>'
        if image
        else ""
    )
    return (
        f'<item>{_element("title", entry.title)}{_element("link", entry.url)}<guid isPermaLink="false">{_escaped(entry.ident)}</guid>'
        f"{_element('pubDate', format_datetime(entry.published or entry.updated, usegmt=True))}"
        + "".join(_element("dc:creator", author) for author in entry.authors)
        + "".join(_element("category", tag) for tag in entry.tags)
        + (_element("dc:rights", entry.rights) if entry.rights else "")
        + enclosure
        + (_element("description", entry.summary) if entry.summary else "")
        + _element("content:encoded", entry.content)
        + "</item>\n"
    )


def _json(feed: Feed, own: str) -> str:
    fields = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": feed.title,
        "home_page_url": feed.url,
        "feed_url": own,
        "description": feed.subtitle,
        "icon": feed.icon,
        "language": feed.language,
        "items": [_json_item(entry) for entry in feed.entries],
    }
    return json.dumps(_said(fields, "items"), ensure_ascii=False, indent=1) + "\n"


def _json_item(entry: Entry) -> dict[str, object]:
    fields: dict[str, object] = {
        "id": entry.ident,
        "url": entry.url,
        "external_url": entry.original,
        "title": entry.title,
        "content_html": entry.content,
        "summary": entry.summary,
        "image": entry.enclosure.url if entry.enclosure else "",
        "date_published": (entry.published or entry.updated).isoformat(),
        "date_modified": entry.updated.isoformat(),
        "authors": [{"name": author} for author in entry.authors],
        "tags": list(entry.tags),
        "language": entry.language,
    }
    return _said(fields, "content_html")


def _said(fields: Mapping[str, object], needed: str) -> dict[str, object]:
    return {name: value for name, value in fields.items() if value or name == needed}


def _opml(feed: Feed) -> str:
    outlines = "".join(
        f'<outline type="rss" text="{_escaped(entry.title)}" title="{_escaped(entry.title)}"'
        f' xmlUrl="{_escaped(entry.related)}" htmlUrl="{_escaped(entry.url)}"/>\n'
        for entry in feed.entries
    )
    return f'{_HEAD}<opml version="2.0">\n<head>{_element("title", feed.title)}</head>\n<body>\n{outlines}</body>\n</opml>\n'


def _sitemap(feed: Feed, *, news: bool) -> str:
    urls = "".join(
        f"<url>{_element('loc', entry.url)}{_element('lastmod', entry.updated.isoformat())}"
        f"{_news(entry, feed) if news else ''}{''.join(map(_version, entry.versions))}</url>\n"
        for entry in feed.entries
    )
    more = f' xmlns:news="{_GOOGLE}"' if news else ""
    more += f' xmlns:xhtml="{_XHTML}"' if any(entry.versions for entry in feed.entries) else ""
    return f'{_HEAD}<urlset xmlns="{_SITEMAP}"{more}>\n{urls}</urlset>\n'


def _version(version: tuple[str, str]) -> str:
    language, address = version
    return f'<xhtml:link rel="alternate" hreflang="{_escaped(language)}" href="{_escaped(address)}"/>'


def _news(entry: Entry, feed: Feed) -> str:
    published = (entry.published or entry.updated).isoformat()
    publication = _element("news:name", feed.title) + _element(
        "news:language", _tongue(entry.language or feed.language)
    )
    return (
        f"<news:news><news:publication>{publication}</news:publication>"
        f"{_element('news:publication_date', published)}{_element('news:title', entry.title)}</news:news>"
    )


def _tongue(language: str) -> str:
    """Return a language as the news extension has it: two or three letters, but for Chinese."""
    primary, _, rest = language.lower().partition("-")
    if primary == "zh":
        return "zh-tw" if {"hant", "tw", "hk", "mo"}.intersection(rest.split("-")) else "zh-cn"
    return primary


def _element(name: str, text: str) -> str:
    return f"<{name}>{_escaped(text)}</{name}>"


def _escaped(text: str) -> str:
    return html.escape(text)
