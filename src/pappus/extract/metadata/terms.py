"""What the article is about: its tags and its section."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING, Final

from turbohtml import Element

from pappus.extract.metadata.evidence import Evidence, Found, bare, seen

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_MOST: Final = 30
_LONGEST: Final = 80  # characters of a tag
_COMMA = re.compile(r"\s*[,，、;；|]\s*")
_NO_TAG = re.compile(
    r"://|[{}<>\[\]=]|^(?:uncategori[sz]ed|articles?|home|default|null|none|undefined|true|false)$|^[\W\d]*$"
    r"|^[0-9a-f]{8}-[0-9a-f-]{20,}$|^[\w-]+\.[a-z]{2,4}$|^[^\W_]+(?:_[^\W_]+)+$",
    re.IGNORECASE,
)
_COUNTED = re.compile(r"^(?:\(\d+\)|\d+\.|#)\s*|\s*\(\d+\)$")
_FILED = re.compile(r"^[\w\s-]{2,24}(?::\s|/)(?=\S)")  # "topic/war", "Category: war"
_METAS: Final = (
    "news_keywords",
    "article:tag",
    "og:article:tag",
    "keywords",
    "parsely-tags",
    "sailthru.tags",
    "cxenseparse:keywords",
    "dc.subject",
    "dcterms.subject",
    "custom-keywords",
)
_TAGGED = re.compile(
    r"(?<![a-z])(?:tags?|topics?|keywords?|themen?|temas?|etiquetas?|hashtags?|mots?[-_]?cles?|stichw(?:o|oe)rte?r?|schlagw(?:o|oe)rte?r?|emner|amnen|labels?)(?![a-z])",
    re.IGNORECASE,
)
_TAG_PATH = re.compile(
    r"/(?:tags?|topics?|themen?|temas?|etiquetas?|keywords?|hashtags?|mots?-cles?|stichwort|schlagwort|emner?|amnen?|labels?|subjects?|dossiers?)/",
    re.IGNORECASE,
)
_ASIDE: Final = frozenset({"footer", "nav", "p"})
_SECTIONS: Final = (
    "article:section",
    "og:article:section",
    "og:section",
    "parsely-section",
    "cxenseparse:section",
    "section",
    "dc.type",
    "category",
)
_HOME: Final = frozenset(
    {
        "home",
        "homepage",
        "start",
        "startseite",
        "accueil",
        "inicio",
        "portada",
        "首页",
        "главная",
        "ホーム",
        "トップ",
        "top",
    }
)


def tags(known: Evidence) -> Found[tuple[str, ...]]:
    """Return what the article is about, each once, as the page writes it."""
    for texts, origin in _given(known):
        if found := _tidied(known, texts):
            return Found(found[:_MOST], origin)
    return Found((), "")


def _given(known: Evidence) -> Iterator[tuple[list[str], str]]:
    """Yield lists of tags, the surest first."""
    yield _split(known.data("keywords", of=("name", "@value"))), "json-ld"
    for name in _METAS:
        yield _split(known.metas.get(name, [])), "meta"
    yield [item.text for item in known.item("keywords")], "microdata"
    yield _linked(known), "page"
    yield known.data("about", "mentions", of=("name",)), "json-ld"


def _split(texts: list[str]) -> list[str]:
    """Return tags, where one text may hold them all."""
    if len(texts) > 3:
        return texts
    return [part for text in texts for part in _COMMA.split(text)]


def _tidied(known: Evidence, texts: Iterable[str]) -> tuple[str, ...]:
    names = known.site_names
    found: dict[str, str] = {}
    each = [_COUNTED.sub("", text).strip(" \t.") for text in texts]
    if each and sum(bool(_FILED.match(text)) for text in each) == len(each):
        each = [_FILED.sub("", text) for text in each]
    for text in each:
        key = bare(text) or text
        if 0 < len(text) <= _LONGEST and key not in names and not _NO_TAG.search(text) and not _filed(text):
            found.setdefault(key, text)
    return tuple(found.values())


def _filed(text: str) -> bool:
    return ": " in text and bool(
        re.match(r"(?:nlp|category|entity|topic|section|type|author|source)\b[^:]*: ", text, re.IGNORECASE)
    )


def _linked(known: Evidence) -> list[str]:
    """Return the texts of links to tags that stand together; of such groups the largest."""
    groups: dict[Element, list[str]] = {}
    for link in islice(filter(_to_tag, known.document.find_all("a")), 200):
        group = _group(link)
        if group is not None and 0 < len(text := seen(link, 100)) <= 50:
            groups.setdefault(group, []).append(text)
    return max(groups.values(), key=len, default=[])


def _to_tag(link: Element) -> bool:
    """Whether a link is to a tag, by its relation, its address, or the names of what holds it."""
    if "tag" in (link.attr("rel") or "").lower().split() or _TAG_PATH.search(link.attr("href") or ""):
        return True
    return any(
        isinstance(one, Element) and _TAGGED.search(one.attr("class") or "")
        for one in (link, *islice(link.ancestors, 2))
    )


def _group(link: Element) -> Element | None:
    """Return what holds a link and its like; None where it stands in running text or in navigation."""
    up = [one for one in islice(link.ancestors, 12) if isinstance(one, Element)]
    if any(one.tag in _ASIDE for one in up):
        return None
    return next((one for one in up if sum(isinstance(child, Element) for child in islice(one, 8)) > 1), None)


def section(known: Evidence) -> Found[str]:
    """Return the part of the site in which the article stands, by its own name."""
    names = known.site_names
    for texts, origin in _sections(known):
        for text in texts:
            key = bare(text)
            if key and key not in names and key not in _HOME and len(text) <= _LONGEST and "://" not in text:
                return Found(text, origin)
    return Found("", "")


def _sections(known: Evidence) -> Iterator[tuple[list[str], str]]:
    yield known.data("articleSection", of=("name",)), "json-ld"
    for name in _SECTIONS:
        yield known.metas.get(name, []), "meta"
    yield [item.text for item in known.item("articlesection")], "microdata"
    yield list(_crumbs(known)), "json-ld"


def _crumbs(known: Evidence) -> Iterator[str]:
    """Yield the names of a breadcrumb list, the innermost that is not the article first."""
    for node in known.graph.nodes:
        if "BreadcrumbList" in str(node.get("@type")):
            items = [one for one in known.graph.resolved(node.get("itemListElement")) if isinstance(one, dict)][:12]
            crumbs = [next(iter(known.graph.texts(one.get("name") or one.get("item"), "name")), "") for one in items]
            titles = {bare(text) for text in (*known.announced, *known.data("headline"))}
            yield from (text for text in reversed(crumbs) if text and not any(bare(text) in title for title in titles))
