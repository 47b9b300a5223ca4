"""What a page says about itself, gathered once and cheaply; dear things are looked up when a field needs them."""

from __future__ import annotations

from functools import cached_property, lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Final, Generic, NamedTuple, TypeVar

from turbohtml import Element, Text

from pappus import urls
from pappus.extraction.metadata import jsonld
from pappus.extraction.metadata.jsonld import Graph, Node, plain, words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from turbohtml import Document
    from turbohtml import Node as Node_

T = TypeVar("T")

ARTICLES: Final = frozenset(
    "AdvertiserContentArticle AnalysisNewsArticle Article AskPublicNewsArticle BackgroundNewsArticle BlogPosting"
    " LiveBlogPosting MedicalScholarlyArticle NewsArticle OpinionNewsArticle Report ReportageNewsArticle"
    " ReviewNewsArticle SatiricalArticle ScholarlyArticle SocialMediaPosting TechArticle".split()
)  # https://schema.org/Article and what is below it
_WORKS: Final = frozenset("CreativeWork HowTo MediaObject Recipe Review VideoObject".split())
_PAGES: Final = frozenset("AboutPage FAQPage ItemPage MedicalWebPage QAPage WebPage".split())
_SITES: Final = frozenset("NewsMediaOrganization Organization WebSite".split())
_LABELS: Final = frozenset("ac blog co com edu en gov net news nom or org www".split())  # of hosts, that name nobody
SITE_NAMES: Final = (
    "og:site_name",
    "application-name",
    "apple-mobile-web-app-title",
    "cxenseparse:site_name",
    "dc.publisher",
)
_METAS: Final = 500  # meta elements that are read
_ITEMS: Final = 2_000  # elements with a property
_HEADS: Final = 20
_FEW: Final = 8  # children
_UP: Final = 40  # ancestors among which an item's type is looked for
_ENOUGH: Final = 400  # characters of a value
_AFTER: Final = 220  # nodes behind the title that belong to its surroundings
_BEFORE: Final = 60
_NAMED: Final = 2  # what it weighs that a node has the page's title
_TWINS: Final = 3  # nodes of the same article that are read
_ALIKE: Final = 0.35  # share of three-letter pieces that makes a heading the article's


RULES: Final = "rules"
SEEN: Final = "page"  # what readers see


class Found(NamedTuple, Generic[T]):
    """A field's value and where it came from, "" if nowhere.

    Origins: ``rules``, ``json-ld``, ``open-graph``, ``meta``, ``microdata``, ``rdfa``, ``link``, ``page`` (what readers see) and ``url``.
    """

    value: T
    origin: str


class Item(NamedTuple):
    """An element that carries a property of the article."""

    element: Element
    origin: str

    @property
    def text(self) -> str:
        """What a machine would read of it, else a reader."""
        given = next((text for name in ("content", "datetime") if (text := self.element.attr(name))), "")
        return words(given[:_ENOUGH]) if given else seen(self.element)


class Evidence:
    """A page, and what it says about its article.

    Args:
        document: the page's tree.
        url: its final address.
        base: what its relative addresses are resolved against.
    """

    def __init__(self, document: Document, url: str, base: str) -> None:
        self.document = document
        self.url = url
        self.base = base
        self._metas = _metas(document)
        self._texts: dict[str, list[str]] = {}  # of those that were asked for
        self.graph = Graph(
            script.text for script in document.find_all("script") if "ld+json" in (script.attr("type") or "").lower()
        )
        heads = (one for one in islice(document.find_all("h1"), _HEADS) if not self._leads_home(one))
        self.heads = [(one, seen(one)) for one in heads]
        element = document.find("title")
        self.name = seen(element) if element is not None else ""

    def _leads_home(self, head: Element) -> bool:
        """Whether a heading is a link to a site's first page: a logo."""
        link = head.find("a")
        address = (link.attr("href") or "").strip() if link is not None else ""
        return address == "/" or (address.startswith("http") and not _path(address) and bool(_path(self.url)))

    @cached_property
    def site_names(self) -> frozenset[str]:
        """All that the site, its publisher and its host call themselves, bare."""
        given = [self.meta(name) for name in SITE_NAMES]
        given += self.data("publisher", "sourceOrganization", of=("name",))
        for node in self.graph.nodes:
            if jsonld.types(node) & _SITES:
                given += [
                    text for key in ("name", "alternateName", "legalName") for text in self.graph.texts(node.get(key))
                ]
        host = urls.host(self.url)
        names = {bare(text) for text in (*given, host, host.removeprefix("www."))}
        return frozenset(
            names - {"", bare(self.meta("og:title")), bare(self.name)}
        )  # some pages call their titles that

    @cached_property
    def label(self) -> str:
        """The part of the host that names the site, bare: ``example`` of ``news.example.co.uk``."""
        parts = [part for part in urls.host(self.url).split(".")[:-1] if part not in _LABELS]
        return bare(parts[-1]) if parts else ""

    def meta(self, *names: str) -> str:
        """Return what the first of these meta elements says; "" if there is none."""
        return next((text for name in names for text in self.metas(name)), "")

    def metas(self, name: str) -> list[str]:
        """Return what all meta elements of a name say, in the page's order."""
        if name not in self._metas:
            return []
        texts = self._texts.get(name)
        if texts is None:
            texts = self._texts[name] = [text for content in self._metas[name] if (text := words(content))]
        return texts

    def metas_ending(self, endings: tuple[str, ...]) -> Iterator[list[str]]:
        """Yield what the meta elements say whose names end in one of these words, by name."""
        yield from (self.metas(name) for name in self._metas if name.endswith(endings))

    @cached_property
    def nodes(self) -> list[Node]:
        """The JSON-LD nodes that are about the article: its own, then those of other works, then the page's."""
        nodes = self.graph.nodes
        mine = [node for node in nodes if jsonld.types(node) & ARTICLES]
        best = self._weightiest(mine) if len(mine) > 1 else mine
        others = [node for kinds in (_WORKS, _PAGES) for node in nodes if jsonld.types(node) & kinds]
        return best + [node for node in others if self._is_here(node)][:4]

    def _weightiest(self, nodes: list[Node]) -> list[Node]:
        """Return the node of several articles' that is the page's, and others that are named and placed as surely as it is."""
        weighed = sorted(
            ((self._weight(node), at) for at, node in enumerate(nodes)), key=lambda one: (*one[0], -one[1])
        )
        (most, _), first = weighed[-1]
        if most < 0:  # several of which none is this page's are a list's
            return []
        twins = [nodes[at] for (sure, _), at in weighed[:-1] if sure == most >= _NAMED]
        return [nodes[first], *twins[::-1][:_TWINS]]

    def _weight(self, node: Node) -> tuple[int, int]:
        """Return how sure it is that a node is that of the page's article, and how much it says."""
        headline = bare(next(iter(self.graph.texts(node.get("headline"))), ""))
        named = bool(headline) and any(headline in bare(text) for text in self.announced)
        return (_NAMED if named else 0) + (1 if self._is_here(node) else -1), len(node)

    def _is_here(self, node: Node) -> bool:
        """Whether a node gives no address, or that of this page."""
        given = [
            text for key in ("url", "mainEntityOfPage", "@id") for text in self.graph.texts(node.get(key), "@id", "url")
        ]
        addresses = [text for text in given if text.startswith(("http", "/"))]
        return not addresses or any(_path(text) in self._here for text in addresses)

    @cached_property
    def _here(self) -> set[str]:
        return {_path(text) for text in (self.url, self.canonical, self.meta("og:url")) if text}

    @cached_property
    def canonical(self) -> str:
        """The address that the page calls its canonical one, as it is written; "" if it names none."""
        return next((href for rel, href in self.links if "canonical" in rel), "")

    @cached_property
    def links(self) -> list[tuple[list[str], str]]:
        """Relations and addresses of the page's link elements."""
        return [
            ((one.attr("rel") or "").lower().split(), one.attr("href") or "")
            for one in islice(self.document.find_all("link"), _METAS)
        ]

    @cached_property
    def announced(self) -> list[str]:
        """The titles under which the page goes elsewhere, the site's name perhaps in them."""
        given = [
            self.meta("og:title"),
            self.meta("twitter:title"),
            self.meta("dc.title", "dcterms.title", "title"),
            self.name,
        ]
        return [text for text in given if text]

    @cached_property
    def head(self) -> Element | None:
        """The element that holds the title: the heading most like what the page is announced as, else the first one."""
        known = {bare(text) for text in (*self.announced, *self.data("headline")[:1])}
        heads = [(element, bare(text)) for element, text in self.heads if text]
        if same := next((element for element, key in heads if key in known), None):
            return same
        best, most = (heads[0][0] if heads else None), 0.0
        for element, key in heads:
            share = max((likeness(key, other) for other in known), default=0.0)
            best, most = (element, share) if share > most else (best, most)
        if most >= _ALIKE:
            return best
        lower = ((one, bare(seen(one))) for one in islice(self.document.find_all("h2"), _HEADS))
        return next((one for one, key in lower if key in known), best)

    @cached_property
    def start(self) -> Element | None:
        """The element that the article of a page without a title is in."""
        return self.document.find("article") or self.document.find("main") or self.document.find("body")

    @cached_property
    def near(self) -> list[Node_]:
        """What stands behind the title, in the page's order; of a page without one, the beginning of its article."""
        if self.head is not None:
            return list(islice(self.head.following, _AFTER))
        return list(islice(self.start.descendants, _AFTER)) if self.start is not None else []

    @cached_property
    def before(self) -> list[Node_]:
        """What stands before the title, in the page's order."""
        return list(islice(self.head.preceding, _BEFORE))[::-1] if self.head is not None else []

    @cached_property
    def said(self) -> str:
        """The page's titles and summaries, case folded."""
        descriptions = (
            self.meta("og:description"),
            self.meta("description"),
            *self.data("headline"),
            *self.data("description"),
        )
        return "\n".join((*self.announced, *descriptions)).casefold()

    @cached_property
    def told(self) -> str:
        """The same, with the beginning of its text."""
        return "\n".join((self.said, *(node.data for node in self.near if isinstance(node, Text)))).casefold()

    def data(self, *keys: str, of: tuple[str, ...] = ()) -> list[str]:
        """Return the texts of the first of these JSON-LD properties that says something.

        Args:
            keys: the properties, the weightiest first.
            of: where the text stands if the value is a node.
        """
        for key in keys:
            for node in self.nodes:
                if key in node and (texts := self.graph.texts(node[key], *of)):
                    return texts
        return []

    @cached_property
    def items(self) -> dict[str, list[Item]]:
        """The elements that carry a property of the article in microdata or RDFa, by its name without a vocabulary."""
        found: dict[str, list[Item]] = {}
        for element in islice(self.document.select("[itemprop],[property]:not(meta,link)"), _ITEMS):
            name, origin = element.attr("itemprop"), "microdata"
            if name is None:
                name, origin = element.attr("property") or "", "rdfa"
            elif not _of_article(element):
                continue
            for one in name.split():
                found.setdefault(one.rpartition(":")[2].rpartition("/")[2].lower(), []).append(Item(element, origin))
        return found

    def item(self, *names: str) -> Iterator[Item]:
        """Yield the elements that carry one of these properties of the article."""
        for name in names:
            yield from self.items.get(name, ())

    def resolve(self, address: str) -> str:
        """Return an address of this page as an absolute one, "" if it cannot be one."""
        return urls.parse_http(address, self.base) or ""


def _metas(document: Document) -> dict[str, list[str]]:
    """Return the contents of meta elements by their names, as they are written."""
    metas: dict[str, list[str]] = {}
    for element in islice(document.find_all("meta"), _METAS):
        attr = element.attr
        name = (
            attr("property") or attr("name") or attr("http-equiv") or (attr("itemprop") if _is_of_page(element) else "")
        )
        if name and (content := attr("content")):
            for one in name.lower().split():
                metas.setdefault(one, []).append(content)
    return metas


def _is_of_page(element: Element) -> bool:
    """Whether a meta element stands in the page's head, and is no property of an item within its body."""
    return element.closest("body") is None


def _of_article(element: Element) -> bool:
    """Whether a microdata property is one of an article, or of a page's that says no more than that."""
    for above in islice(element.ancestors, _UP):
        attr = getattr(above, "attr", None)  # the document has none
        if attr is not None and attr("itemscope") is not None:
            kind = (attr("itemtype") or "").rstrip("/").rpartition("/")[2]
            return not kind or kind in ARTICLES or kind in _WORKS or kind in _PAGES
    return True


@lru_cache(maxsize=512)  # a page's titles and names are compared again and again
def bare(text: str) -> str:
    """Return the letters and digits of a text alone, case folded, to compare it with."""
    return "".join(filter(str.isalnum, text)).casefold()


def seen(element: Element, most: int = _ENOUGH) -> str:
    """Return the beginning of what readers see of an element; no more of it is looked at."""
    parts: list[str] = []
    left = most
    for part in element.strings:
        parts.append(part[:left])
        left -= len(part)
        if left <= 0:
            break
    return plain("".join(parts))


def inner(element: Element) -> list[Element]:
    """Return the elements among the first few children of another, whose number does not matter: iterating over it lists them all."""
    first = next(element.descendants, None)
    nodes = () if first is None else (first, *islice(first.next_siblings, _FEW))
    return [node for node in nodes if isinstance(node, Element)]


def likeness(one: str, other: str) -> float:
    """Return the share of three-letter pieces that the shorter of two bare texts has in common with the longer."""
    if one == other:
        return 1.0
    pieces = [{text[at : at + 3] for at in range(max(1, len(text) - 2))} for text in (one, other)]
    return len(pieces[0] & pieces[1]) / min(map(len, pieces))


def _path(url: str) -> str:
    return url.split("#", 1)[0].split("?", 1)[0].split("://", 1)[-1].partition("/")[2].strip("/").lower()
