"""The dates that readers see of an article: in time elements, in lines round its title, in elements that are called dates.

A page is full of others: of what it recommends, of comments, of its own day, and those that texts speak of. So a date counts where it
stands in a line of its own, in nothing that is beside the article or within it, and not as one of several.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING, Final, NamedTuple

from turbohtml import Element, Text

from pappus.extraction.blocks import BLOCKS, HEADINGS, OPAQUE
from pappus.extraction.metadata.evidence import Evidence, bare, seen
from pappus.extraction.metadata.jsonld import plain
from pappus.extraction.metadata.moments import Moment, moment
from pappus.extraction.phrases import BYLINE, phrase

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

_CHANGE = re.compile(
    r"actuali[sz]|actualitz|aggiorna|aktuali[sz]|atualiz|bijgewerkt|cập nhật|diperbarui|edited|frissít|geändert|gewijzigd|güncelle|maj\b"
    r"|mis à jour|modif|oppdater|opdater|päivit|stand\s*:|updat|uppdater|zuletzt|διορθ|ενημερ|изменен|обновл|оновлен|עודכן|به‌روز|بروز"
    r"|تحديث|عدل|अपडेट|อัปเดต|修改|修正|更新|수정|최종",
    re.IGNORECASE,
)
_CALLED: Final = (
    '[class*="byline" i],[class*="date" i],[class*="meta" i],[class*="posted" i],[class*="publi" i],[class*="time" i]'
    ',[id*="date" i]'
)
_HINT = re.compile(r"\d{4}|\d\s?[./-]\s?\d{1,2}\s?[./-]|\d\s?[年년]")  # there may be a date
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d{2}(?!\d)")
# Names of what stands beside an article or under it, whole words, sorted.
_ELSEWHERE = re.compile(
    r"(?<![a-z])(?:also|breadcrumbs?|comments?|comment-?list|disqus|footer|latest|masthead|menu|more-?(?:from|news|on|stories)"
    r"|most-?(?:popular|read|viewed)|nav|navbar|navigation|outbrain|popular|promo\w*|read-?(?:also|more|next)|recent\w*|recirc\w*"
    r"|recommend\w*|related\w*|replies|responses|similar|taboola|teasers?|topbar|trending)(?![a-z])"
)
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")
_BESIDE: Final = frozenset("blockquote button dialog figcaption figure form nav".split())
_EDGES: Final = frozenset({"footer", "header"})  # of a page, where they are not an article's
_WHOLES: Final = frozenset({"article", "main"})
_ROOTS: Final = frozenset({"", "body", "html", "main"})
_OFFERS: Final = frozenset({"article", "aside", "li"})
_OTHERWISE: Final = OPAQUE | {"noscript", "time"}  # whose text is not read as a line
_TIMES: Final = 40  # time elements that are looked at
_ELEMENTS: Final = 40  # that are called dates, likewise
_SHORT: Final = 160  # characters of a text with a date
_LINE: Final = 240  # of the line that it is in
_SENTENCE: Final = 10  # letters, the month's among them, that make a sentence of a line that ends in a stop
_BEGUN: Final = 13  # likewise where the line begins with a number
_HEADED: Final = 16  # likewise more than a date of a heading
_BEFORE: Final = 40  # characters before a date that may say whether it is that of a change
_AROUND: Final = 24  # nodes to either side of a date that may be of its line
_UP: Final = 60  # elements round it
_TITLED: Final = 20  # letters and digits of a link that are more than a name
_STOPS: Final = frozenset(".!?…。！？؟।")


class Dateline(NamedTuple):
    """A date where it stands."""

    moment: Moment
    changed: bool  # whether it says when the article was last changed
    place: tuple[str, ...]  # the elements round it: alike for the dates of a list


class Datelines:
    """The dates that readers see; looked for when they are asked for, and once.

    Args:
        known: the page.
        language: BCP 47, to read dates in.
    """

    def __init__(self, known: Evidence, language: str) -> None:
        self._known = known
        self._language = language
        self._near: list[Dateline] | None = None
        start = known.head or known.start
        self._home = {start, *start.ancestors} if start is not None else set()
        self._titles = " ".join(map(bare, (*(text for _, text in known.heads), *known.announced)))

    def near(self) -> list[Dateline]:
        """Return those of time elements, and of short texts round the title."""
        if self._near is None:
            self._near = _alone([*self._timed(), *self._in_lines(self._texts())])
        return self._near

    def called(self) -> list[Dateline]:
        """Return those of elements that are called dates, wherever they stand."""
        elements = islice(self._known.document.select(_CALLED), _ELEMENTS)
        return _alone([*self._in_lines((element, seen(element, 2 * _SHORT)) for element in elements)])

    def _timed(self) -> Iterator[Dateline]:
        for element in self._times():
            text = plain(_shown(element))[:_SHORT]
            one = moment(element.attr("datetime") or "", self._language) or moment(text, self._language)
            if one is not None and self._is_ours(element):
                before = _said_before(element)
                about = " ".join((element.attr("class") or "", element.attr("itemprop") or "", text, before))
                yield Dateline(one, bool(_CHANGE.search(about)), _place(element))

    def _times(self) -> list[Element]:
        """Return time elements: those marked as the publication's, then those near the title, then others."""
        times = list(islice(self._known.document.find_all("time"), _TIMES))
        marked = [one for one in times if one.attr("pubdate") is not None]
        around = (*self._known.near, *self._known.before) if times else ()
        near = [node for node in around if isinstance(node, Element) and node.tag == "time"]
        return list(dict.fromkeys([*marked, *near, *times]))

    def _texts(self) -> Iterator[tuple[Text, str]]:
        for node in (*self._known.near, *self._known.before):
            if isinstance(node, Text) and len(node.data) < 4 * _SHORT and _tag(node.parent) not in _OTHERWISE:
                yield node, plain(node.data)

    def _in_lines(self, lines: Iterable[tuple[Element | Text, str]]) -> Iterator[Dateline]:
        last = ""
        for node, text in lines:
            one = moment(text, self._language) if len(text) <= _SHORT and _HINT.search(text) else None
            if one is None and len(text) <= _SHORT and _YEAR.search(text) and len(line := _line(node)) <= _SHORT:
                one = moment(line, self._language)  # parts of it stand in elements of their own
            if one is not None:
                if self._is_ours(node):
                    yield Dateline(one, bool(_CHANGE.search(f"{last} {text}")), _place(node))
                last = ""
            elif text:
                last = text[-_BEFORE:]

    def _is_ours(self, node: Element | Text) -> bool:
        """Whether a date speaks of the article: it is in a line of its own, and in nothing beside the article."""
        return not self.is_elsewhere(node) and not _is_said(node)

    def is_elsewhere(self, node: Element | Text) -> bool:
        """Whether a node stands in what is beside the article, or is another article's."""
        passed: list[Element] = []
        shared: object = None  # the innermost element round the title and the date
        for above in (node, *islice(node.ancestors, _UP)):
            if above in self._home:
                shared = above
                break
            if isinstance(above, Element):
                passed.append(above)
        is_edge = _tag(shared) in _ROOTS and not any(one.tag in _WHOLES for one in passed)
        for one in passed:
            if one.tag in _BESIDE or (is_edge and one.tag in _EDGES):
                return True
            names = f"{one.attr('class') or ''} {one.attr('id') or ''}"
            if len(names) > 1 and _ELSEWHERE.search(_HUMP.sub("-", names).lower()):
                return True
            if (one.tag in _OFFERS and self._offers(one)) or (
                one.attr("itemscope") is not None and self._is_titled(one)
            ):
                return True
        return False

    def _is_titled(self, item: Element) -> bool:
        """Whether an item of microdata has a title of its own."""
        head = item.select_one('[itemprop~="headline"]')
        return head is not None and bare(head.attr("content") or seen(head)) not in self._titles

    def _offers(self, element: Element) -> bool:
        """Whether an element leads to another article: its heading is a link, or there is a long one in an item of a list."""
        head = element.select_one("h1, h2, h3, h4, h5, h6")
        if head is not None:
            is_link = head.find("a") is not None or head.closest("a") is not None
            return is_link and bare(seen(head)) not in self._titles
        link = element.find("a") if element.tag == "li" else None
        return link is not None and len(bare(seen(link))) >= _TITLED


def _is_said(node: Element | Text) -> bool:
    """Whether a date stands in a sentence or a heading, and not in a line of its own."""
    line = _line(node)
    if len(line) > _LINE:
        return True
    words = sum(map(str.isalpha, line))
    is_heading = any(isinstance(one, Element) and one.tag in HEADINGS for one in (node, *islice(node.ancestors, 3)))
    most = _BEGUN if line[:1].isdecimal() else _SENTENCE
    return (is_heading and words > _HEADED) or (words > most and line[-1:] in _STOPS and phrase(line) != BYLINE)


def _line(node: Element | Text) -> str:
    """Return the line that a node stands in, as far as it is looked at."""
    if isinstance(node, Element) and node.tag in BLOCKS:
        return plain(_shown(node))
    one = node
    while isinstance(one.parent, Element) and one.parent.tag not in BLOCKS:
        one = one.parent
    left = [_shown(node) for node in _beside(one.previous_siblings)]
    right = [_shown(node) for node in _beside(one.next_siblings)]
    return plain("".join((*reversed(left), _shown(one), *right)))


def _beside(nodes: Iterable[object]) -> Iterator[object]:
    for node in islice(nodes, _AROUND):
        if isinstance(node, Element) and (node.tag in BLOCKS or node.tag == "br"):
            return
        yield node


def _shown(node: object) -> str:
    """Return the beginning of a node's text, without the numbers of notes."""
    if isinstance(node, Text):
        return node.data[: 2 * _LINE]
    if not isinstance(node, Element) or node.tag in OPAQUE:
        return ""
    parts: list[str] = []
    left = 2 * _LINE
    for one in node.descendants:
        if isinstance(one, Text) and not (_tag(one.parent) == "sup" and one.data.strip(" []()*†").isdecimal()):
            parts.append(one.data[:left])
            left -= len(one.data)
            if left <= 0:
                break
    return "".join(parts)


def _tag(node: object) -> str:
    return node.tag if isinstance(node, Element) else ""


def _place(node: Element | Text) -> tuple[str, ...]:
    around = [one for one in (node, *islice(node.ancestors, 3)) if isinstance(one, Element)][:3]
    return tuple(f"{one.tag} {one.attr('class') or ''}" for one in around)


def _alone(lines: list[Dateline]) -> list[Dateline]:
    """Return dates without those that are several days in elements alike: a list's."""
    days: dict[tuple[str, ...], set[date]] = {}
    for line in lines:
        if not line.changed:
            days.setdefault(line.place, set()).add(line.moment.when.date())
    return [line for line in lines if line.changed or len(days[line.place]) == 1]


def _said_before(element: Element) -> str:
    before = element.previous_sibling
    return _shown(before)[-_BEFORE:]
