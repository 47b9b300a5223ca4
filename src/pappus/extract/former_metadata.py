"""What a page says about its article: JSON-LD (schema.org), meta elements (Open Graph, Dublin Core), and its own words."""

from __future__ import annotations

import html as entities
import json
import re
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import parsedate_to_datetime
from functools import cached_property
from itertools import islice, pairwise
from typing import TYPE_CHECKING, Any, Final

import htmldate

from pappus import markup, urls
from pappus.model import Picture, utc

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from lxml import html

    from pappus.extract.former_page import Page

_ARTICLES: Final = frozenset(
    "AdvertiserContentArticle AnalysisNewsArticle Article AskPublicNewsArticle BackgroundNewsArticle BlogPosting LiveBlogPosting"
    " MedicalScholarlyArticle NewsArticle OpinionNewsArticle Report ReportageNewsArticle ReviewNewsArticle SatiricalArticle"
    " ScholarlyArticle SocialMediaPosting TechArticle".split()
)  # https://schema.org/Article and what is below it
_NODES = 2_000  # of JSON-LD that are looked at
_SCRIPT_LENGTH = 2_000_000  # characters

_TITLES = ("og:title", "twitter:title", "dc.title", "dcterms.title", "title")
_PUBLISHED = (
    "article:published_time", "og:published_time", "datepublished", "article.published", "date.published", "pubdate",
    "publishdate", "publish-date", "publish_date", "dcterms.created", "dc.date.issued", "dcterms.issued", "dc.date", "dcterms.date",
    "parsely-pub-date", "sailthru.date", "cxenseparse:recs:publishtime", "article_date_original", "date",
)  # fmt: skip
_UPDATED = (
    "article:modified_time",
    "og:updated_time",
    "datemodified",
    "dcterms.modified",
    "dc.date.modified",
    "lastmod",
    "last-modified",
)
_AUTHORS = (
    "author",
    "article:author_name",
    "dc.creator",
    "dcterms.creator",
    "parsely-author",
    "sailthru.author",
    "byl",
    "cxenseparse:author",
)
_SUMMARIES = ("og:description", "description", "twitter:description", "dc.description")
_TAGS = ("article:tag", "news_keywords", "keywords", "parsely-tags")
_IMAGES = (
    "og:image:secure_url",
    "og:image",
    "og:image:url",
    "twitter:image",
    "twitter:image:src",
    "thumbnail",
)
_LANGUAGES = ("og:locale", "content-language", "language", "dc.language", "dcterms.language")
_SEPARATORS = re.compile(r"\s+(?:[|·•»«:/]|[-–—]{1,2})\s+|\s*[|_｜丨]\s*")
_BELOW = re.compile(
    r"(?<![a-z])(?:sub[-_]?(?:title|head(?:line|ing)?)|stand[-_]?first|dec?k|strapline|alternativeheadline)(?![a-z])",
    re.IGNORECASE,
)
_BY = re.compile(
    r"^(?:by|von|par|por|di|door|af|av|od|autor(?:in)?|author|text|автор|作者|记者|記者|文|نویسنده|بقلم)\s*[:：]?\s+",
    re.IGNORECASE,
)
_NO_NAME = re.compile(r"://|@|^\(?(?:image|photo|bild|foto)\b|\bgetty\b|istock", re.IGNORECASE)
_SPLIT_AUTHORS = re.compile(r"\s*(?:[,;|/、，]|\s+(?:and|und|et|y|e|og|och|en|и|و)\s+|\s+&\s+)\s*")


@dataclass(frozen=True)
class Said:
    """Everything that a page says about itself, by name; of each name in the page's order."""

    page: Page
    metas: Mapping[str, list[str]] = field(repr=False)
    nodes: tuple[dict[str, Any], ...] = field(repr=False)

    @cached_property
    def article(self) -> dict[str, Any]:
        """The JSON-LD node of the article, the one with the most in it."""
        mine = [node for node in self.nodes if _types(node) & _ARTICLES]
        return max(mine, key=len, default={})

    def meta(self, names: Iterable[str]) -> str:
        """Return the first meta element of these names that says something."""
        return next((text for name in names for text in self.metas.get(name, ()) if text), "")


def said(page: Page) -> Said:
    """Return what a page says about itself."""
    metas: dict[str, list[str]] = {}
    for element in page.root.iter("meta"):
        name = (
            element.get("property") or element.get("name") or element.get("itemprop") or element.get("http-equiv") or ""
        ).lower()
        text = markup.plain(element.get("content") or "")
        if name and text:
            metas.setdefault(name, []).append(text)
    return Said(page, metas, tuple(islice(_nodes(page.root), _NODES)))


def _nodes(root: html.HtmlElement) -> Iterator[dict[str, Any]]:
    for script in root.iter("script"):
        text = script.text or ""
        if "ld+json" not in (script.get("type") or "").lower() or len(text) > _SCRIPT_LENGTH:
            continue
        try:
            waiting = [json.loads(text.strip().removesuffix(";"), strict=False)]
        except (ValueError, RecursionError):
            continue
        while waiting:
            value = waiting.pop(0)
            if isinstance(value, list):
                waiting[:0] = value[:_NODES]
            elif isinstance(value, dict):
                yield value
                waiting += [
                    value[key] for key in ("@graph", "mainEntity", "mainEntityOfPage", "hasPart") if key in value
                ]


def _types(node: dict[str, Any]) -> set[str]:
    given = node.get("@type")
    return {str(one).rpartition("/")[2] for one in (given if isinstance(given, list) else [given])}


def _strings(value: Any, *keys: str) -> Iterator[str]:
    """Yield the texts of a JSON-LD value: a string, a node with one of ``keys``, or a list of these."""
    for one in value if isinstance(value, list) else [value]:
        if isinstance(one, str) and one.strip():
            yield markup.plain(entities.unescape(one))
        elif isinstance(one, dict):
            yield from (text for key in keys if key in one for text in _strings(one[key]))


# --- words ---


def title(known: Said) -> str:
    """Return the title without the site's name."""
    if known.page.title:
        return known.page.title
    heads = [text for one in known.page.root.iter("h1") if (text := _words(one))]
    headline = next(_strings(known.article.get("headline")), "")
    element = known.page.root.find(".//title")
    announced = [
        text
        for text in (
            known.meta(_TITLES[:2]),
            headline,
            _words(element) if element is not None else "",
            known.meta(_TITLES),
        )
        if text
    ]
    names = [_without_site(entities.unescape(text), known) for text in announced]
    for head in heads:
        if len(head) >= 8 and any(_same(head, text) for text in announced) and not _is_site(head, *_site(known)):
            return _unglued(head, names)
    return next(iter([*names, *heads]), "")


def _unglued(head: str, names: list[str]) -> str:
    """Return a heading; where its parts are stuck together ("SportBoat lost"), the name that it would be without that."""
    if any(one.islower() and other.isupper() for one, other in pairwise(head)):
        parted = (name for name in names if name != head and _bare(name) == _bare(head))
        ending = (
            name for name in names if len(name) >= 8 and head.removesuffix(name)[-1:].isalnum() and head.endswith(name)
        )
        return next(parted, "") or next(ending, head)
    return head


def _words(element: html.HtmlElement) -> str:
    return markup.plain(element.text_content())


def _bare(text: str) -> str:
    return re.sub(r"\W+", "", text).casefold()


def _same(head: str, text: str) -> bool:
    one, others = _bare(head), (_bare(text), _bare(entities.unescape(text)))  # a page may show "&amp;" itself
    return bool(one) and any(one in other or (other in one and len(other) > 0.6 * len(one)) for other in others)


def _without_site(text: str, known: Said) -> str:
    """Take the site's name off a title's end or head, where it says who it is, or where the host's name does."""
    names, host = _site(known)
    parts = _SEPARATORS.split(text)
    marks = _SEPARATORS.findall(text)
    while len(parts) > 1 and _is_site(parts[-1], names, host):
        parts.pop()
        marks.pop()
    while len(parts) > 1 and _is_site(parts[0], names, host):
        parts.pop(0)
        marks.pop(0)
    return "".join(part + mark for part, mark in zip(parts, [*marks, ""], strict=True)).strip()


def _site(known: Said) -> tuple[set[str], str]:
    """Return what a site calls itself and its publisher, and its host's own label, bare."""
    said_so = known.metas.get("og:site_name", [])
    published_by = (name for node in known.nodes for name in _strings(node.get("publisher"), "name"))
    host = urls.host(known.page.url).removeprefix("www.").partition(".")[0]
    return {_bare(name) for name in (*said_so, *published_by)}, _bare(host)


def _is_site(part: str, names: set[str], host: str) -> bool:
    bare = _bare(part)
    return (
        not bare
        or bare in names
        or (len(host) > 2 and (bare.removeprefix("the") in host or host in bare) and len(bare) < 3 * len(host))
    )


def subtitle(known: Said, heading: str) -> str:
    """Return the line below the title where the page says which it is; never the title again."""
    given = (text for key in ("alternativeHeadline", "alternateName") for text in _strings(known.article.get(key)))
    below = (
        _words(one) for head in known.page.root.iter("h1") for one in islice(head.itersiblings(), 4) if _is_below(one)
    )
    return next((text for text in (*given, *below) if text and len(text) <= 400 and not _same(text, heading)), "")


def _is_below(element: html.HtmlElement) -> bool:
    names = f"{element.get('class') or ''} {element.get('itemprop') or ''}"
    return isinstance(element.tag, str) and bool(_BELOW.search(names))


def authors(known: Said) -> tuple[str, ...]:
    """Return the authors' names, each once."""
    given: Iterable[str] = known.page.authors
    if not given:
        given = _strings(known.article.get("author"), "name")
    names = _names(given) or _names(_meta_authors(known)) or _names(_bylines(known.page.root))
    return tuple(dict.fromkeys(names))[:12]


def _meta_authors(known: Said) -> Iterator[str]:
    for name in _AUTHORS:
        yield from known.metas.get(name, ())
        if known.metas.get(name):
            return


def _bylines(root: html.HtmlElement) -> Iterator[str]:
    for element in root.iter("a", "span", "p", "div", "address"):
        if "author" in (element.get("rel") or "").split() or (element.get("itemprop") or "") == "author":
            yield _words(element)


def _names(texts: Iterable[str]) -> list[str]:
    parts = (part for text in texts for part in _SPLIT_AUTHORS.split(_BY.sub("", entities.unescape(text))))
    names = (_BY.sub("", part).strip() for part in parts)
    return [name for name in names if 1 < len(name) <= 80 and not name.isdigit() and not _NO_NAME.search(name)]


def summary(known: Said) -> str:
    """Return the page's own description."""
    return markup.plain(entities.unescape(known.meta(_SUMMARIES))) or next(
        _strings(known.article.get("description")), ""
    )


def tags(known: Said) -> tuple[str, ...]:
    """Return the keywords, each once, at most 20."""
    found = [*known.metas.get("article:tag", []), *_strings(known.article.get("keywords"))]
    if not found:
        found = [known.meta(_TAGS)]
    split = [
        part.strip()
        for text in found
        for part in (re.split(r"[,;，、]", text) if "," in text or ";" in text or "，" in text else [text])
    ]
    return tuple(dict.fromkeys(part for part in split if 0 < len(part) <= 60 and "://" not in part))[:20]


# --- moments ---


def published(known: Said) -> datetime | None:
    """Return when the article was first published, as the page says; its day if it says no more."""
    candidates = [
        known.page.date,
        *_strings(known.article.get("datePublished")),
        known.meta(_PUBLISHED),
        *_strings(known.article.get("dateCreated")),
        *(element.get("datetime") or "" for element in islice(known.page.root.iter("time"), 3)),
    ]
    return next((moment for text in candidates if (moment := moment_of(text)) is not None), None) or _guessed(
        known.page
    )


def updated(known: Said) -> datetime | None:
    """Return when the article was last changed, as the page says."""
    candidates = [*_strings(known.article.get("dateModified")), known.meta(_UPDATED)]
    return next((moment for text in candidates if (moment := moment_of(text)) is not None), None)


def moment_of(text: str) -> datetime | None:
    """Return a moment written as ISO 8601 or as in mail, in UTC; None if it is neither."""
    text = text.strip()[:60]
    iso = re.sub(r"\s*(?:Z|UTC|GMT)$", "+00:00", text.replace("/", "-"))
    for form in (iso, iso[:19], iso[:10]):
        try:
            return utc(datetime.fromisoformat(form))
        except (ValueError, OverflowError):
            continue
    try:
        return utc(parsedate_to_datetime(text))
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _guessed(page: Page) -> datetime | None:
    try:
        day = htmldate.find_date(
            page.root, url=page.url, original_date=True, extensive_search=False, max_date="2200-01-01"
        )
    except (ValueError, TypeError, OverflowError, RecursionError):
        return None
    return moment_of(day or "")


# --- addresses ---


def canonical(page: Page) -> str:
    """Return the address under which the article is stored: the page's own word, if it is of this site and no home page."""
    here = urls.canonical(page.url)
    for element in (*page.root.iter("link"), *page.root.iter("meta")):
        relation = (element.get("rel") or "").lower().split()
        said_so = (
            element.get("href")
            if "canonical" in relation
            else element.get("content")
            if element.get("property") == "og:url"
            else ""
        )
        url = urls.parse_http(said_so or "", page.base)
        if url and urls.same_site(url, here) and (_path(url) or not _path(here)):
            return urls.canonical(url)
    return here


def _path(url: str) -> str:
    return url.split("#", 1)[0].split("://", 1)[-1].partition("/")[2].strip("/")


def images(known: Said) -> tuple[Picture, ...]:
    """Return the pictures that the page would be shared with, the weightiest first."""
    return tuple(dict.fromkeys((*_announced(known), *_in_data(known))))


def _announced(known: Said) -> Iterator[Picture]:
    alt = entities.unescape(known.meta(("og:image:alt", "twitter:image:alt")))
    for name in _IMAGES:
        if url := urls.parse_http(entities.unescape(known.meta([name])), known.page.base):
            yield Picture(src=url, alt=alt)


def _in_data(known: Said) -> Iterator[Picture]:
    image = known.article.get("image")
    for one in image if isinstance(image, list) else [image]:
        url = urls.parse_http(next(_strings(one, "url", "contentUrl"), ""), known.page.base)
        if url is not None:
            words = one if isinstance(one, dict) else {}
            caption, credit = (next(_strings(words.get(key)), "") for key in ("caption", "creditText"))
            yield Picture(src=url, caption=caption, credit=credit)


def licence(known: Said) -> str:
    """Return the licence's address, or its name where the page gives only that."""
    for element in (*known.page.root.iter("link"), *known.page.root.iter("a")):
        if "license" in (element.get("rel") or "").lower().split():
            return urls.parse_http(element.get("href") or "", known.page.base) or _words(element)[:200]
    text = next(_strings(known.article.get("license"), "url", "name"), "") or known.meta(
        ("dc.rights.license", "dcterms.license")
    )
    return urls.parse_http(text) or text[:200]


def languages(known: Said) -> tuple[str, ...]:
    """Return the language tags that the page gives, the weightiest first."""
    root = known.page.root
    inner = next((one.get("lang") for one in root.iter("article") if one.get("lang")), "")
    given = [
        inner,
        root.get("lang"),
        root.get("xml:lang"),
        *_strings(known.article.get("inLanguage"), "alternateName", "name"),
        *(known.meta([name]) for name in _LANGUAGES),
    ]
    return tuple(text for text in given if text)
