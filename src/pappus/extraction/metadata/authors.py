"""The authors: people, each once; where a page names none, the organisation that it gives as its author."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from turbohtml import Element, Text

from pappus.extraction.metadata.evidence import RULES, SEEN, Evidence, Found, bare, seen
from pappus.extraction.metadata.jsonld import plain, words
from pappus.extraction.metadata.months import month

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_MOST: Final = 20  # authors
_LONGEST: Final = 80  # characters of a name
_BYLINE: Final = 300  # characters of a byline
_TEXTS: Final = 20_000  # of the page among which words that tell an author are looked for
_RELATED: Final = 'a[rel~="author" i]'
_ANYWHERE: Final = '[class*="author" i],[class*="autor" i],[class*="edit" i]'
_SIGNS: Final = frozenset(",&|•·–—-/+")
_ANDS: Final = frozenset("a and dan e en et i ja kai och og si und ve y és și και и і та و और ו".split())

# What stands before a name, in many languages; after the second group only with a colon or a space, after the third with a colon.
_TOLD: Final = (
    "article|escrito|geschreven|geschrieben|guide|posted|publicado|published|publié|rédigé|scritto|skrevet|skriven|story|text|verfasst"
    "|words|written|écrit"
)
_BY_WORDS: Final = "af|av|bởi|by|de|di|door|od|oleh|par|por|przez|von"
_AUTHOR_WORDS: Final = (
    r"aut(?:h?or|eur|ore|ora|orin|oren|ori|hors|ores|eurs)(?:/in|\(in\)|:in|\*in|/autor)?|bylines?|forfatter|författare|haber|kirjoittaja"
    r"|szerző|tekst|testo|texte?|texto|yazan|yazar|συντάκτης|του|автор(?:ы|и)?|текст|מאת|الكاتب|بقلم|كتب|كتبت|نویسنده|기자|글"
    r"|作者|撰文|文|編集|编辑|記者|记者|責任編集|责任编辑|责编"
)
_BY = re.compile(
    rf"^\W*(?:(?:(?:{_TOLD})\s+)?(?:{_BY_WORDS})(?:\s*[:：/／]|\s)|(?:{_AUTHOR_WORDS})(?:\s*[:：/／]|\s))\s*",
    re.IGNORECASE,
)
_LATER_BY = re.compile(r"^.{0,60}?\b(?:written|posted|published|words|story|guide)\s+by\s+", re.IGNORECASE)
_WRITTEN = re.compile(  # as what stands before a name far from the title
    rf"\W*(?:(?:this )?(?:article|guide|post|story)?\s*(?:was )?written by(?:\s*:|\b)|(?:article|guide|post|story) by(?:\s*:|\b)"
    rf"|(?:{_AUTHOR_WORDS})(?:\s*[:：]|$))\s*",
    re.IGNORECASE,
)
_OTHERS = re.compile(
    r"\b(?:(?:approved|design|edited|fact[- ]?checked|illustrat\w+|image|medically|photo(?:s|graph(?:y|s|ed)?)?|powered|presented"
    r"|produced|reviewed|sponsored|translated|updated|video)(?:\s+\w+)?\s+by|bild:|fotos?:|photo:|reviewer)\b",
    re.IGNORECASE,
)
_AND = re.compile(
    r"\s*[,;|、，；/／•·]\s*"
    r"|\s+(?:&|\+|and|dan|ja|kai|och|og|und|ve|és|și|και|та|और)\s+(?=\S)"
    r"|\A(?:&|and|en|et|och|og|und|y)\s+"
)
_OR_NAME = re.compile(
    r"\s+(?:a|e|en|et|i|si|y|и|і|و|ו)\s+(?=\S)"
)  # "and", which also stands within names: Ortega y Gasset
_TAIL = re.compile(r"\s*(?:\([^()]{0,60}\)|\[[^\[\]]{0,60}\]|<[^<>]{0,80}>)\s*$")
_NO_NAME = re.compile(
    r"://|@|\bwww\.|\.(?:html?|php)\b|^\(?(?:bild|credit|fotos?|grafik|illustration|image|photos?|picture|video)\b|\bgetty\b|istock"
    r"|shutterstock|copyright|©|\ball rights\b"
    r"|^(?:admin|administrator|anonymous|author|by|editor|follow|guest|n/a|none|null|share|undefined|unknown|user|webmaster)$",
    re.IGNORECASE,
)
_NO_BEGINNING = re.compile(  # of a name, but of what often stands beside one
    r"(?:about|aktualisiert|last|latest|link|mis à jour|more|posted|published|publié|read|recent|related|share|sponsored|subscribe|updated"
    r"|veröffentlicht|view)\b",
    re.IGNORECASE,
)
_ROLES: Final = (
    r"advisor|analysts?|ceo|co-founder|coach|columnists?|consultant|contributors?|correspondents?|critic|cto|director|editorial|editors?"
    r"|engineer|expert|fellow|founder|journaliste?s?|korrespondent(?:in)?|manager|marketer|marketing|producers?|professor|redacción|redactie"
    r"|redakteur(?:in)?|redaktion|redaktör|rédaction|reporters?|researcher|specialist|strategist|writers?"
)
_SITE = re.compile(r"\bwww\.")
_TITLES: Final = r"ph\.?d|m\.?d|m\.?s|r\.?d|mba|m\.?a|jr|esq|cfa|cpa|r\.?n|facp|fand|dvm|bsn"
_ROLE = re.compile(rf"^(?:[\w&-]+\s+){{0,4}}(?:{_ROLES})\b|^(?:{_TITLES})\.?$", re.IGNORECASE)
_TRAILING_ROLE = re.compile(
    r"\s+(?:(?:assistant|associate|chief|content|contributing|deputy|executive|former|guest|head|lead|managing|senior|special|staff)\s+.*"
    rf"|(?:{_ROLES})\b.*)$",
    re.IGNORECASE,
)
_PARTICLES: Final = frozenset(
    "a af al ap av bin bint d' da dal dalla das de del della den der des di do dos du e el en ibn la le les lo los of och og ould san st t'"
    " te ten ter the und van ver von vom y z zu zum zur".split()
)
_CLASS = re.compile(
    r"by[-_]?lines?|auth?or|autor|auteur|(?<![a-z])(?:contributor|journalist|reporter|writer)", re.IGNORECASE
)
_NO_CLASS = re.compile(
    r"authoring|authorit|authoriz|avatar|bio|caption|comment|credit|figure|follow|image|img|photo|picture|related|share|social",
    re.IGNORECASE,
)
_PROFILE = re.compile(
    r"/(?:auteurs?|auth?ors?|autor(?:en|es|i|in)?|by|bylines?|contributors?|experts?|journalists?|people|person|profiles?|redakteur"
    r"|redaktion|staff|team|writers?|yazar(?:lar)?)/[^/?]",
    re.IGNORECASE,
)
_METAS: Final = (
    "citation_author", "author", "article:author_name", "parsely-author", "sailthru.author", "byl", "dc.creator",
    "dcterms.creator", "dc.contributor", "cxenseparse:author", "articleauthor", "article:author", "article:byline", "og:author",
    "twitter:creator:name",
)  # fmt: skip
_SURNAMES_FIRST: Final = frozenset({"citation_author", "dc.creator"})


class _Named(NamedTuple):
    name: str
    person: bool


def authors(known: Evidence, ruled: tuple[str, ...] = ()) -> Found[tuple[str, ...]]:
    """Return the authors' names, each once, in the page's order; ``ruled`` is what rules select as their bylines."""
    fallback: Found[tuple[str, ...]] = Found((), "")
    for names, origin in _given(known, ruled):
        people = [name for name in names if not _is_site(name, known.site_names, known.label)]
        if people:
            more = _marked(known) if len(people) == 1 and origin in {"json-ld", "meta"} else []
            if people[0] in more and len(more) > 1:  # data often name but the first
                return Found(tuple(more), SEEN)
            return Found(tuple(people[:_MOST]), origin)
        if names and not fallback.value:
            fallback = Found(tuple(names[:_MOST]), origin)
    return fallback


def _given(known: Evidence, ruled: tuple[str, ...]) -> Iterator[tuple[list[str], str]]:
    """Yield the names that a page gives, the surest first."""
    yield _people(ruled, sure=True), RULES
    yield _in_data(known), "json-ld"
    for name in _METAS:
        each = known.metas(name)[:_MOST]
        yield _names(_forward(each) if name in _SURNAMES_FIRST else each), "meta"
    yield _labelled(known), "meta"
    for item in islice(known.item("author", "creator"), _MOST):
        yield _seen(item.element), item.origin
    yield _marked(known), SEEN
    yield _bylines(known), SEEN
    yield _profiled(known), SEEN
    yield _people([seen(one, _BYLINE) for one in known.document.select(_RELATED)[:1]], sure=True), SEEN
    for element in islice(known.document.select(_ANYWHERE), _MOST):
        text = seen(element, 2 * _BYLINE)
        if len(text) <= _BYLINE and _BY.match(text):
            yield _people([text]), SEEN
    yield _told(known), SEEN


def _told(known: Evidence) -> list[str]:
    """Return the names after the first words of the page, wherever these stand, that can only be said of its author."""
    texts = islice(known.document.strings, _TEXTS)
    lines = [text for one in texts if not one.isspace() and (text := plain(one[:_BYLINE]))]
    for at, text in enumerate(lines):
        if (found := _WRITTEN.match(text)) and not _OTHERS.search(text):
            rest = text[found.end() :]
            if names := _people([rest, *_linked(lines[at + 1 : at + _MOST])] if len(rest) < 2 else [rest], sure=True):
                return names
    return []


def _marked(known: Evidence) -> list[str]:
    """Return the names of links near the title whose relation says that they are to the authors."""
    related = known.document.select(_RELATED)[:_MOST]
    near = {*known.before, *known.near} if related else set()
    return _people([seen(one, _BYLINE) for one in related if one in near], sure=True)


def _profiled(known: Evidence) -> list[str]:
    """Return the names of the first links near the title that are to people, with nothing but signs and "and" between them."""
    names: list[str] = []
    for node in (*known.before, *known.near):
        if isinstance(node, Element):
            if node.tag == "a" and _PROFILE.search(node.attr("href") or ""):
                names += _people([seen(node, _BYLINE)], sure=True)
        elif (
            names
            and isinstance(node, Text)
            and (text := plain(node.data))
            and not _links(text)
            and names[-1] not in text
        ):
            break
    return list(dict.fromkeys(names))


def _in_data(known: Evidence) -> list[str]:
    """Return the names that the first of the article's nodes has, or those of another that has more beside them."""
    best: list[str] = []
    for key in ("author", "creator"):
        for node in known.nodes:
            names = _in_node(known, node.get(key))
            if not best or (len(names) > len(best) and set(best) <= set(names)):
                best = names
        if best:
            break
    return best


def _in_node(known: Evidence, given: Any) -> list[str]:
    named = [one for value in known.graph.resolved(given) for one in _named(known, value)]
    people = _names([one.name for one in named if one.person])
    return people or list(dict.fromkeys(one.name for one in named if not _NO_NAME.search(one.name)))


def _named(known: Evidence, value: Any) -> Iterator[_Named]:
    if isinstance(value, str):
        yield _Named(words(value), person=True)
    elif isinstance(value, dict):
        person = "Organization" not in str(value.get("@type"))
        yield from (
            _Named(text, person) for text in known.graph.texts(value.get("name") or value.get("author"), "name")
        )


def _forward(names: list[str]) -> list[str]:
    """Return names with given names first, where all are written "Turing, Alan"."""
    turned = [name.split(", ") for name in names]
    return [f"{one[1]} {one[0]}" for one in turned] if all(len(one) == 2 for one in turned) else names


def _labelled(known: Evidence) -> list[str]:
    """Return the names that a card for sharing has beside "Written by"."""
    pairs = ((known.meta(f"twitter:label{number}"), known.meta(f"twitter:data{number}")) for number in (1, 2))
    return next((_names([name]) for text, name in pairs if name and _BY.fullmatch(text + " ")), [])


def _bylines(known: Evidence) -> list[str]:
    """Return the names in what is called a byline, or begins as one does, near the title."""
    if names := _called(known):
        return names
    lines = [text for node in (*known.near, *known.before) if isinstance(node, Text) and (text := plain(node.data))]
    for at, text in enumerate(lines):
        if len(text) < _BYLINE and _BY.match(text + " ") and not _OTHERS.search(text):
            alone = bool(_BY.fullmatch(text + " "))
            if names := _people([text, *_linked(lines[at + 1 : at + _MOST])] if alone else [text]):
                return names
    return []


def _linked(lines: list[str]) -> Iterator[str]:
    """Yield the first of several texts, and those that signs or an "and" link to it."""
    for at, text in enumerate(lines):
        if at and not (_links(text) or _links(lines[at - 1]) or lines[at - 1].endswith(",")):
            return
        yield text


def _links(text: str) -> bool:
    """Whether a text only links names to one another."""
    return text in _SIGNS or text.casefold() in _ANDS


def _called(known: Evidence) -> list[str]:
    """Return the names in the first element near the title that is called a byline and has any."""
    for element in (*known.near, *known.before):
        if isinstance(element, Element) and _is_byline(element) and (names := _seen(element)):
            return names
    return []


def _is_byline(element: Element) -> bool:
    """Whether an element is called a byline, and is no longer than one."""
    names = f"{element.attr('class') or ''} {element.attr('id') or ''}"
    if not _CLASS.search(names) or _NO_CLASS.search(names):
        return False
    return 0 < len(seen(element, 2 * _BYLINE)) <= _BYLINE


def _seen(element: Element) -> list[str]:
    """Return the names in a byline as readers see it: those of its links where these are its authors', else of all its texts."""
    if given := element.attr("content"):
        return _names([given])
    if len(seen(element, 2 * _BYLINE)) > _BYLINE:
        return []
    named = element.select('[itemprop~="name"],[rel~="author"],[class~="fn"]') if element.tag != "a" else []
    texts = [words(one.attr("content") or "") or seen(one, _BYLINE) for one in named[:_MOST]]
    return _people(texts, sure=True) or _people(
        [words(text) for text in islice(element.strings, 30)], sure=element.tag == "a"
    )


def _people(texts: Iterable[str], *, sure: bool = False) -> list[str]:
    """Return the names among the texts of a byline, up to where something else begins.

    Args:
        texts: as they stand there, one after another.
        sure: whether they are names even without a second word or a "by" before them.
    """
    names: list[str] = []
    other = before = False
    for text in texts:
        if not text or _links(text):
            continue
        if _OTHERS.search(text):
            other = text.rstrip(": ").lower().endswith("by")
            continue
        by = bool(_BY.match(text + " ") or _LATER_BY.match(text))
        found = [name for part in _names([_LATER_BY.sub("", text)]) if _like_name(name := _TRAILING_ROLE.sub("", part))]
        certain = [
            name
            for at, name in enumerate(found)
            if ((sure or by or before) and at == 0) or len(name.split()) > 1 or not name.isascii()
        ]
        if not other and certain:
            names += certain
        elif names and not by:
            break
        other = False
        before = by
    return list(dict.fromkeys(names))


def _like_name(text: str) -> bool:
    """Whether a text may be a name: few words, each with a capital where its script has these, none of them a month."""
    parts = text.split()
    if not 1 <= len(parts) <= 6 or text[-1:] in "?!:»" or any(map(str.isdigit, text)):
        return False
    if _NO_BEGINNING.match(text) or _NO_NAME.search(text) or _ROLE.match(text) or (len(parts) == 1 and month(text)):
        return False
    plain = [part for part in parts if part.casefold() not in _PARTICLES]
    return bool(plain) and not any(part[:1].islower() for part in plain)


def _names(texts: Iterable[str]) -> list[str]:
    """Return the names in texts that are nothing but names, with what usually stands round them."""
    names: dict[str, str] = {}
    for text in texts:
        if "://" in text or len(text) > 2000:
            continue
        for part in _parted(_BY.sub("", text + " ")):
            name = _TAIL.sub("", _BY.sub("", part + " ")).strip(' \t.,:;–—-|*"()（）')
            is_name = 1 < len(name) <= _LONGEST and not name.isdigit() and not _NO_NAME.search(name)
            if is_name and not _SITE.search(part) and not (names and _ROLE.match(name)):
                names.setdefault(bare(name), name)
    return list(names.values())


def _parted(text: str) -> Iterator[str]:
    """Yield the parts of a byline that may each be a name."""
    for part in _AND.split(text):
        each = _OR_NAME.split(part)
        alike = all(len(one.split()) > 1 for one in each) or all(len(one.split()) == 1 for one in each)
        yield from each if alike else [part]


def _is_site(name: str, names: frozenset[str], label: str) -> bool:
    key = bare(name)
    return key in names or (len(label) > 2 and (key == label or (label in key and len(key) < 1.6 * len(label))))
