"""Articles on more than one page: which links lead on, and one draft of all the parts.

A link is taken for one to the next page of the same article only where its address is the first page's with a number put to it, as in
``/story`` and ``/story?page=2``, ``/story/2``, ``/story-2.html``: ``rel=next`` and "next" alone lead to the next article as often. Then
the page has to say so too, by ``rel``, by words, or by a row of numbers. A site's rules need neither.
"""

from __future__ import annotations

import re
from itertools import chain, islice
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl, urlsplit

from msgspec import Struct
from msgspec.structs import replace
from turbohtml import Element, parse_fragment

from pappus import markup, urls
from pappus.errors import PappusError
from pappus.extraction.rules.picks import find
from pappus.model import NO_TRACES, Traces

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Iterator

    from pappus.errors import ExtractError
    from pappus.extraction.page import Page
    from pappus.extraction.rules import Pick, Rules
    from pappus.model import Draft, Fetched, Get

MAX_PARTS: Final = 30  # pages of one article
_SHORT: Final = 400  # characters of a text that may be the rest of a page which scripts fill
_LIKELY: Final = 300  # links that are looked at, of those in whose address the number stands
_HIGHEST: Final = 200  # number of a page; higher ones are years, identifiers and prices

# Words for a page in addresses. From next links in FiveFilters' site rules, and the pagination of common systems.
_PAGE_WORDS = (
    "currentpage|hal|halaman|oldal|p|page|page_no|page_num|paged|pageindex|pageno|pagenum|pagenumber|pagina|part|pg|pn|s|sayfa|seite"
    "|sida|side|sivu|str|strana|strona|trang"
)
_QUERY_WORDS = frozenset(_PAGE_WORDS.split("|"))
_PATH_MARK = re.compile(
    rf"(?P<sign>[/_.,;!~-]?)(?:(?:{_PAGE_WORDS})[/_.=,:-]?)?(?P<number>[0-9]{{1,3}})/?", re.IGNORECASE
)
_ENDING = re.compile(r"\.[a-z]{2,5}\Z", re.IGNORECASE)
_FIRST = re.compile(rf"[/_.,;-](?:{_PAGE_WORDS})[/_.=,-]?1(?=/?\Z|\.[a-z]{{2,5}}\Z)", re.IGNORECASE)
# The whole article on one page, in addresses.
_ALL = re.compile(
    r"[?&/_.,;-](?:(?:currentpage|page|pagewanted|pagina|seite|view|show)[=_-]?(?:all|full|single)"
    r"|all(?:=|pages?|$)|full(?:article|text|view|$)|komplettansicht|(?:one|single)[-_]?page|print(?:able|version|view)?=|viewall|showall)",
    re.IGNORECASE,
)
_PRINTED = 'a[href*="print"], a[href*="Print"], a[href*="druck"], a[href*="imprim"], a[href*="stampa"]'
# What links to the next page say. From next links in FiveFilters' site rules, and the pagination of systems in these languages.
_NEXT: Final = frozenset(
    """
    avanti|berikutnya|continue|daha sonra|dalej|dalsi|dalsi strana|další|další strana|devamı|forward|halaman berikutnya
    halaman selanjutnya|következő|következő oldal|lanjut|next|next page|next part|neste|neste side|næste|næste side|nästa|nästa sida
    následující|následující strana|następna|następna strona|página siguiente|page suivante|pagina successiva|pagina următoare
    próxima|próxima página|próximo|seguinte|selanjutnya|seuraava|seuraava sivu|siguiente|siguiente página|sledeća|sledeća strana
    sljedeća|sonraki|sonraki sayfa|successiva|successivo|suite|suivant|suivante|tiếp|tiếp theo|trang sau|trang tiếp|următoarea
    volgende|volgende pagina|vor|weiter|nächste|nächste seite|zur nächsten seite|ďalšia strana
    επόμενη|επόμενη σελίδα|вперед|вперёд|далее|далі|келесі|наступна|наступна сторінка|следваща|следваща страница|следећа|следующая
    следующая страница|հաջորդ|הבא|הדף הבא|לדף הבא|לעמוד הבא|اگلا صفحہ|التالي|التالية|الصفحة التالية|بعدی|صفحه بعد|صفحه بعدی
    अगला|अगला पृष्ठ|पुढील|পরবর্তী|পরবর্তী পাতা|அடுத்த|தொடர்ச்சி|తదుపరి|ถัดไป|หน้าถัดไป|နောက်|နောက်စာမျက်နှာ|შემდეგი|បន្ទាប់|다음|다음 페이지
    下一页|下一頁|下页|下頁|后一页|次へ|次のページ|次ページ|›|»|→|>|>>
    """.replace("\n", "|")
    .replace("|    ", "|")
    .strip(" |")
    .split("|")
)
_FRINGE = re.compile(r"^[\s«»‹›<>→:|.…-]+|[\s«»‹›<>→:|.…()0-9/-]+$")


class Links(Struct, frozen=True, kw_only=True):
    """Where a page leads to the rest of its article; "" where it does not."""

    following: str = ""
    number: int = 1  # of the page that follows
    single: str = ""  # all of it on one page
    other: str = ""  # the same in another version: AMP, or to be printed


class Part(Struct, frozen=True, kw_only=True):
    """What came of one page: a draft, or why there is none; and where it leads."""

    draft: Draft | None
    links: Links
    error: ExtractError | None = None
    traces: Traces = NO_TRACES


# Links


def links(page: Page, rules: Rules, *, first: str = "", number: int = 1) -> Links:
    """Return where a page leads to the rest of its article.

    Args:
        page: the page.
        rules: of its site.
        first: the address of the article's first page, where this is a later one.
        number: of this page, as the link to it said.
    """
    first = first or page.url
    following, coming = _picked(page, rules.next_page), number + 1
    if not following:
        following, coming = _next(page, first, number)
    single = _picked(page, rules.single_page)
    if not single and following:
        single = next(_singles(page, first), "")
    return Links(following=following, number=coming, single=single, other=next(_versions(page), ""))


def numbered(first: str, other: str) -> int | None:
    """Return which page of an article an address is, going by that of its first page; None where it is another article's."""
    if urls.origin(first) != urls.origin(other):
        return None
    one, two = urlsplit(urls.canonical(first)), urlsplit(urls.canonical(other))
    here, there = _parameters(one.query, first=True), _parameters(two.query)
    marks = {name: value for name, value in there.items() if name not in here and name.lower() in _QUERY_WORDS}
    rest = {name: value for name, value in there.items() if name not in marks}
    path = _FIRST.sub("", one.path)
    if len(marks) == 1 and rest == here:
        return _page_number(next(iter(marks.values()))) if _same(path, two.path) else None
    if marks or rest != here:
        return None
    ending = _ENDING.search(path)
    stems = [(path.rstrip("/"), "")] + ([(path[: ending.start()], ending[0])] if ending else [])
    for stem, tail in stems:
        if two.path.startswith(stem) and two.path.endswith(tail) and len(two.path) > len(stem) + len(tail):
            mark = _PATH_MARK.fullmatch(two.path[len(stem) : len(two.path) - len(tail)])
            if mark and (mark["sign"] or not stem[-1:].isdigit()):
                return _page_number(mark["number"])
    return None


def _parameters(query: str, *, first: bool = False) -> dict[str, str]:
    """Return the parameters of a query; of a ``first`` page, without the one that says so."""
    given = dict(parse_qsl(query, keep_blank_values=True, max_num_fields=100))
    said = _QUERY_WORDS - {"p", "s"} if first else frozenset()
    return {name: value for name, value in given.items() if value != "1" or name.lower() not in said}


def _page_number(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) <= 3 and int(text) <= _HIGHEST else None


def _same(one: str, other: str) -> bool:
    return one.rstrip("/") == other.rstrip("/")


def _next(page: Page, first: str, number: int) -> tuple[str, int]:
    """Return the link that a page itself has to the one after it, and that one's number."""
    wanted = {number + 1}
    selector = f'link[rel~="next"][href], a[href*="{number + 1}"]'
    if number == 1:  # some count from nought: the second is page 1
        wanted.add(number)
        selector += ', a[href*="=1"]'
    apart = re.compile(rf"(?<![0-9])(?:{'|'.join(map(str, wanted))})(?![0-9])")
    likely = (one for one in page.document.select(selector) if apart.search(one.attr("href") or ""))
    for element in islice(likely, _LIKELY):
        url = urls.parse_http(element.attr("href") or "", page.base)
        found = numbered(first, url) if url else None
        if url and found in wanted and _says_next(element, found, surely=found == number) and not _of_comments(element):
            return url, found
    return "", number


def _says_next(element: Element, number: int, *, surely: bool) -> bool:
    """Whether a link is one to the next page; ``surely``: its number, which is this page's too, is not enough."""
    if "next" in (element.attr("rel") or "").lower().split():
        return True
    said = [
        element.text,
        element.attr("title"),
        element.attr("aria-label"),
        *(one.attr("alt") for one in element.select("img")),
    ]
    words = [" ".join(one[:100].split()).lower() for one in said if one]
    return any(one in _NEXT or _FRINGE.sub("", one) in _NEXT for one in words) or (not surely and str(number) in words)


def _of_comments(element: Element) -> bool:
    """Whether a link is among readers' comments."""
    return any(
        "comment" in f"{one.attr('id')} {one.attr('class')}".lower()
        for one in element.ancestors
        if isinstance(one, Element) and one.tag not in {"body", "html"}
    )


def _singles(page: Page, first: str) -> Iterator[str]:
    """Yield links to the whole article on one page: the first page's address and more, which says "all"."""
    stem = _ENDING.sub("", urls.canonical(first).partition("?")[0].rstrip("/"))
    likely = (href for one in page.document.select("a[href]") if _ALL.search(href := one.attr("href") or ""))
    for href in islice(likely, _LIKELY):
        url = urls.parse_http(href, page.base)
        if url and url.startswith(stem) and _ALL.search(url[len(stem) :]):
            yield url


def _versions(page: Page) -> Iterator[str]:
    """Yield other versions of a page: AMP, or to be printed."""
    named = page.document.select('link[rel~="amphtml"][href], link[media="print"][rel~="alternate"][href]')
    last = _ENDING.sub("", urlsplit(page.url).path.rstrip("/").rpartition("/")[2])
    likely = (one for one in page.document.select(_PRINTED) if last and last in (one.attr("href") or ""))
    for element in islice(chain(named, likely), _LIKELY):
        if url := _on_site(page, element.attr("href") or ""):
            yield url


def _picked(page: Page, picks: Iterable[Pick]) -> str:
    """Return the first link that rules find: an element's ``href``, an attribute's value, or a string."""
    for pick in picks:
        try:
            found = find(pick, page.document)
        except (TypeError, ValueError):  # what compiles may still fail on a page; the canary tells
            continue
        for one in found[:_LIKELY]:
            href = (one.attr("href") or one.attr("content") or "") if isinstance(one, Element) else one
            if url := _on_site(page, href):
                return url
    return ""


def _on_site(page: Page, href: str) -> str:
    """Return a link as an address, "" where it leads off the site, or to this very page."""
    url = urls.parse_http(href, page.base)
    if url is None or not urls.same_site(url, page.url) or urls.canonical(url) == urls.canonical(page.url):
        return ""
    return url


# Following


async def whole(part: Part, get: Get, look: Callable[[Fetched, str, int], Awaitable[Part]], url: str) -> Part:
    """Return an article with all its parts: on its single page where there is one, else page after page.

    Whatever fails on the way leaves what there is: a further page is never a reason to have no article.

    Args:
        part: its first page.
        get: asks for a URL.
        look: makes a part of a further page, given the first one's address and the further one's number.
        url: of the first page.
    """
    if part.draft is None or len(markup.text(part.draft.body)) < _SHORT:
        part = await _better(part, part.links.other, get, look, url)
    if part.draft is None:
        return part
    if part.links.single:
        single = await _better(part, part.links.single, get, look, url)
        if single is not part:
            return single
    drafts, traces = [part.draft], part.traces
    seen = {urls.canonical(url)}
    while part.links.following and len(drafts) < MAX_PARTS and urls.canonical(part.links.following) not in seen:
        seen.add(urls.canonical(part.links.following))
        further = await _asked(part.links.following, get, look, url, part.links.number)
        if further is None or further.draft is None or _repeats(drafts, further.draft):
            break
        drafts.append(further.draft)
        traces |= further.traces
        part = further
    return Part(draft=joined(drafts), links=part.links, traces=traces)


async def _better(
    part: Part, link: str, get: Get, look: Callable[[Fetched, str, int], Awaitable[Part]], url: str
) -> Part:
    """Return what another page has of the article where it has more."""
    other = await _asked(link, get, look, url, 1) if link else None
    if other is None or other.draft is None:
        return part
    if part.draft is None:
        return other
    more = len(markup.text(other.draft.body)) > len(markup.text(part.draft.body))
    if not more:
        return part
    taken = other.draft
    draft = replace(part.draft, body=taken.body, score=taken.score, partial=taken.partial)
    return Part(draft=draft, links=other.links, traces=part.traces | other.traces)


async def _asked(
    link: str, get: Get, look: Callable[[Fetched, str, int], Awaitable[Part]], url: str, number: int
) -> Part | None:
    try:
        fetched = await get(link)
        return await look(fetched, url, number) if urls.same_site(fetched.final_url, url) else None
    except PappusError:
        return None


def joined(drafts: list[Draft]) -> Draft:
    """Return the parts of an article as one draft: what the first says of it, and the text of all.

    What a later part begins with and an earlier one has already, as its lead or its picture, stands once.
    """
    if len(drafts) == 1:
        return drafts[0]
    known: set[str] = set()
    pieces: list[str] = []
    for draft in drafts:
        blocks = _blocks(draft)
        while blocks and blocks[0] in known:
            blocks.pop(0)
        known.update(blocks)
        pieces += blocks
    return replace(
        drafts[0],
        body=markup.clean("".join(pieces), images="remote"),
        score=min(draft.score for draft in drafts),
        partial=any(draft.partial for draft in drafts),
        findings=tuple(dict.fromkeys(finding for draft in drafts for finding in draft.findings)),
    )


def _blocks(draft: Draft) -> list[str]:
    return [node.html for node in parse_fragment(draft.body).children]


def _repeats(drafts: list[Draft], further: Draft) -> bool:
    """Whether a further part brings nothing new: some servers show the first page for any number."""
    known = {block for draft in drafts for block in _blocks(draft)}
    fresh = sum(len(block) for block in _blocks(further) if block not in known)
    return fresh * 10 < len(further.body)
