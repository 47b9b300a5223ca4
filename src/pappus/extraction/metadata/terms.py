"""What the article is about: its tags and its section."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING, Final

from turbohtml import Element

from pappus.extraction.metadata.evidence import SEEN, Evidence, Found, bare, inner, seen

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_MOST: Final = 30
_LINE: Final = 5_000  # characters of a text that holds several
_LONGEST: Final = 80  # characters of a tag
_COMMA = re.compile(r"\s*[,，、;；|]\s*")
_NO_TAG = re.compile(
    r"://|[{}<>\[\]=]|^(?:author|category|entity|nlp|section|source|topic|type)\b[^:]*:|^_|^(?:uncategori[sz]ed|articles?|home|default|null|none|undefined|true|false)$|^[\W\d]*$"
    r"|^[0-9a-f]{8}-[0-9a-f-]{20,}$|^[\w-]+\.[a-z]{2,4}$|^[^\W_]+(?:_[^\W_]+)+$|^\w+:\S+$",
    re.IGNORECASE,
)
_COUNTED = re.compile(r"^(?:\(\d+\)|#)\s*|\s*\(\d+\)$")
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
_ENDINGS: Final = ("keywords", "tags", "topics")  # of names that sites make up: "classification-tags"
_TAGGED = re.compile(
    r"(?<![a-z])(?:keywords?|tag|tags|temas?|themen?|topics?)(?![a-z])|(?:related|article|post|entry)[-_]?(?:tags|topics)",
    re.IGNORECASE,
)
_TAG_PATH = re.compile(
    r"/(?:amnen?|dossiers?|emner?|etiquetas?|hashtags?|keywords?|labels?|mots?-cles?|schlagwort|stichwort|subjects?|tags?|temas?|them(?:a|en?)"
    r"|topics?)/"
)
_NAMED: Final = (
    '[class*="tag" i],[class*="topic" i],[class*="keyword" i],[class*="thema" i],[class*="theme" i],[class*="tema" i]'
)
_LINKS: Final = 200  # to tags, that are looked at
_TOLD: Final = 0.25  # share of the tags that stand in a page which is about them
_OUTER: Final = frozenset({"footer", "header", "nav"})
_UP: Final = 12  # elements that a link stands in
_INSIDE: Final = 100  # more than any tags that are told
_CLOSE: Final = 12  # nodes above the title among which a link is to what it is about
_FEW: Final = 2  # tags; fewer are looked for elsewhere, too
_IDEOGRAPHS = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]\s[\u3040-\u30ff\u3400-\u9fff]")
_SECTIONS: Final = (
    "article:section",
    "og:article:section",
    "og:section",
    "parsely-section",
    "cxenseparse:section",
    "section",
    "category",
)
_HOME: Final = frozenset("home homepage start startseite accueil inicio portada 首页 главная ホーム トップ top".split())


def tags(known: Evidence) -> Found[tuple[str, ...]]:
    """Return what the article is about, each once, as the page writes it.

    Of lists that hold one another the fullest is taken. What readers see is looked at where data say little, or nothing that
    the page speaks of: many sites have the same keywords on every page.
    """
    best: Found[tuple[str, ...]] = Found((), "")
    for texts, origin in _given(known):
        if len(texts) > len(best.value):
            found = _tidied(known, texts)
            if not best.value or (len(found) > len(best.value) and _holds(found, best.value)):
                best = Found(found, origin)
    if len(best.value) < _FEW or (best.origin == "meta" and not _is_told(known, best.value)):
        linked = _tidied(known, _linked(known))
        if linked and (len(linked) > len(best.value) or not _is_told(known, best.value)):
            best = Found(linked, SEEN)
    if not best.value:
        best = Found(_tidied(known, _above(known)), SEEN)
    if not best.value:
        best = Found(_tidied(known, known.data("about", "mentions", of=("name",))), "json-ld")
    return Found(best.value[:_MOST], best.origin if best.value else "")


def _given(known: Evidence) -> Iterator[tuple[list[str], str]]:
    """Yield lists of tags that are data, the surest first."""
    yield _split(known.data("keywords", of=("name", "@value"))), "json-ld"
    yield from ((_split(texts), "meta") for name in _METAS if (texts := known.metas(name)))
    yield from ((_split(texts), "meta") for texts in known.metas_ending(_ENDINGS))


def _holds(long: tuple[str, ...], short: tuple[str, ...]) -> bool:
    """Whether a list has all tags of another, in any case."""
    return set(map(str.casefold, short)) <= set(map(str.casefold, long))


def _is_told(known: Evidence, texts: Sequence[str]) -> bool:
    """Whether a good part of several tags stands in what the page says of itself, or in the beginning of its text."""
    enough = len(texts) * _TOLD
    return bool(texts) and (_count(texts, known.said) >= min(enough, 2) or _count(texts, known.told) >= enough)


def _count(texts: Iterable[str], told: str) -> int:
    return sum(text.casefold() in told for text in texts)


def _split(texts: list[str]) -> list[str]:
    """Return tags, where one text may hold them all."""
    if len(texts) > 3:
        return texts
    parts = [part for text in texts for part in _COMMA.split(text[:_LINE])]
    return parts[0].split() if len(parts) == 1 and _IDEOGRAPHS.search(parts[0]) else parts


def _tidied(known: Evidence, texts: Iterable[str]) -> tuple[str, ...]:
    """Return tags without junk, each once."""
    found: dict[str, str] = {}
    each = [_COUNTED.sub("", text).strip(" \t.") for text in texts]
    if each and all(map(_FILED.match, each)):
        each = [_FILED.sub("", text) for text in each]
    for text in each:
        key = bare(text) or text
        if 0 < len(text) <= _LONGEST and key not in known.site_names and not _NO_TAG.search(text):
            found.setdefault(key, text)
    return tuple(found.values())


def _linked(known: Evidence) -> list[str]:
    """Return the texts of links to tags that stand together, in an article rather than elsewhere, those that the page speaks of most."""
    best: tuple[int, list[str]] = (0, [])
    for links in (_addressed(known), _named(known)):
        for texts, inside in _groups(links):
            if _is_told(known, texts):
                best = max(best, (_count(texts, known.told) + inside, texts), key=lambda one: one[0])
        if len(best[1]) > 1:
            break
    return best[1]


def _above(known: Evidence) -> list[str]:
    """Return the texts of the links to tags that stand right above the title."""
    near = {one for one in known.before[-_CLOSE:] if isinstance(one, Element) and one.tag == "a"}
    return [seen(link, 100) for link in _addressed(known) if link in near] if near else []


def _groups(links: Iterable[Element]) -> Iterator[tuple[list[str], int]]:
    """Yield the texts of links, those together that stand together, and what it counts where they stand."""
    groups: dict[Element, dict[str, None]] = {}
    inside: dict[Element, int] = {}
    for link in islice(links, _LINKS):
        up = [one for one in islice(link.ancestors, _UP) if isinstance(one, Element)]
        tags = {one.tag for one in up}
        if "p" in tags or ("article" not in tags and tags & _OUTER):
            continue  # running text, navigation, or an end of the page
        group = next((one for one in up if len(inner(one)) > 1), None)
        if group is not None and 0 < len(text := seen(link, 100)) <= 50:
            groups.setdefault(group, {})[text] = None
            inside[group] = _INSIDE if "article" in tags else 0
    return ((list(texts), inside[group]) for group, texts in groups.items())


def _addressed(known: Evidence) -> Iterator[Element]:
    """Yield the links to tags, by their address or their relation."""
    for link in known.document.find_all("a"):
        address, relation = link.attr("href"), link.attr("rel")
        if (address and _TAG_PATH.search(address)) or (relation and "tag" in relation.split()):
            yield link


def _named(known: Evidence) -> Iterator[Element]:
    """Yield the links in what is called tags, and those that are called so or hold what is."""
    for element in known.document.select(_NAMED):
        if _TAGGED.search(element.attr("class") or ""):
            outer = element.parent
            if element.tag == "a":
                yield element
            elif isinstance(outer, Element) and outer.tag == "a":
                yield outer
            else:
                yield from element.find_all("a", limit=_MOST)


def section(known: Evidence) -> Found[str]:
    """Return the part of the site in which the article stands, by its own name."""
    names = known.site_names
    for texts, origin in _sections(known):
        for text in (text.partition(",")[0].strip() for text in texts):  # some name all, with commas between them
            key = bare(text)
            if key and key not in names and key not in _HOME and len(text) <= _LONGEST and "://" not in text:
                return Found(text, origin)
    return Found("", "")


def _sections(known: Evidence) -> Iterator[tuple[list[str], str]]:
    yield known.data("articleSection", of=("name",)), "json-ld"
    for name in _SECTIONS:
        yield known.metas(name), "meta"
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
