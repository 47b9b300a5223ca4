"""When the article was published and updated: what its data say, else what readers see, else what its address says."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from itertools import chain, islice
from typing import TYPE_CHECKING, Final, NamedTuple

from turbohtml import Element, Text

from pappus import urls
from pappus.extraction.metadata import moments
from pappus.extraction.metadata.evidence import RULES, SEEN, Evidence, Found, seen
from pappus.extraction.metadata.jsonld import plain
from pappus.extraction.metadata.moments import Moment, moment

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# Names of meta elements, the surest first: of Open Graph, schema.org, Dublin Core, and what analytics and site builders ask for.
_PUBLISHED: Final = (
    "article:published_time", "og:published_time", "og:article:published_time", "article:published:time", "article:published",
    "datepublished", "article.published", "date.published", "published_at", "published-date", "published_date", "date_published",
    "published", "publish-date", "publish_date", "publishdate", "publication-date", "publication_date", "publishtime", "pubdate",
    "og:pubdate", "parsely-pub-date", "sailthru.date", "cxenseparse:recs:publishtime", "cxenseparse:publishtime",
    "article_date_original", "weibo:article:create_at", "dcterms.issued", "dc.date.issued", "dcterms.created", "dc.date.created",
    "dc.created", "dc.date", "dcterms.date", "date",
)  # fmt: skip
_UPDATED: Final = (
    "article:modified_time", "og:updated_time", "og:article:modified_time", "article:modified:time", "article:modified",
    "datemodified", "article.updated", "updated_at", "dcterms.modified", "dc.date.modified", "last-modified", "lastmod", "revised",
    "weibo:article:update_at",
)  # fmt: skip
_CHANGE = re.compile(
    r"actuali[sz]|actualitz|aggiorna|aktuali[sz]|atualiz|bijgewerkt|cập nhật|diperbarui|edited|frissít|geändert|gewijzigd|güncelle|maj\b"
    r"|mis à jour|modif|oppdater|opdater|päivit|stand\s*:|updat|uppdater|zuletzt|διορθ|ενημερ|изменен|обновл|оновлен|עודכן|به‌روز|بروز"
    r"|تحديث|عدل|अपडेट|อัปเดต|修改|修正|更新|수정|최종",
    re.IGNORECASE,
)
_DATED: Final = (
    '[class*="byline" i],[class*="date" i],[class*="meta" i],[class*="posted" i],[class*="publi" i],[class*="time" i]'
    ',[id*="date" i]'
)
_HINT = re.compile(r"\d{4}|\d\s?[./-]\s?\d{1,2}\s?[./-]|\d\s?[年년]")  # there may be a date
_END: Final = 20  # characters of a title's last part that is a date
_TIMES: Final = 12  # time elements that are looked at
_SHORT: Final = 160  # characters of a line with a date
_IN_PATH = re.compile(
    r"(?<!\d)((?:19|20)\d{2})[/\-_.]?(0[1-9]|1[0-2])[/\-_.]?(0[1-9]|[12]\d|3[01])(?!\d)"
    r"|(?<!\d)((?:19|20)\d{2})/([a-z]{3,9})/(\d{1,2})(?!\d)"
)

# Countries that keep one zone, by their top-level domain, in hours from UTC; those in _SUMMER put clocks ahead with the European Union.
# Source: the tz database, 2024a; sorted.
_ZONES: Final = {
    "ae": 4, "af": 4.5, "al": 1, "am": 4, "ar": -3, "at": 1, "az": 4, "ba": 1, "bd": 6, "be": 1, "bg": 2, "bo": -4, "by": 3, "ch": 1,
    "cn": 8, "cy": 2, "cz": 1, "de": 1, "dk": 1, "dz": 1, "ee": 2, "et": 3, "fi": 2, "fr": 1, "ge": 4, "gr": 2, "hk": 8,
    "hr": 1, "hu": 1, "in": 5.5, "iq": 3, "ir": 3.5, "it": 1, "jo": 3, "jp": 9, "ke": 3, "kg": 6, "kh": 7, "kr": 9, "kw": 3, "kz": 5,
    "lk": 5.5, "lt": 2, "lu": 1, "lv": 2, "ly": 2, "md": 2, "mk": 1, "mm": 6.5, "mt": 1, "my": 8, "ng": 1, "nl": 1,
    "no": 1, "np": 5.75, "pa": -5, "pe": -5, "ph": 8, "pk": 5, "pl": 1, "py": -3, "qa": 3, "ro": 2, "rs": 1, "ru": 3, "sa": 3, "se": 1,
    "sg": 8, "si": 1, "sk": 1, "sy": 3, "th": 7, "tj": 5, "tm": 5, "tn": 1, "tr": 3, "tw": 8, "tz": 3, "ua": 2, "ug": 3, "uy": -3,
    "uz": 5, "ve": -4, "vn": 7, "ye": 3, "za": 2, "zm": 2, "zw": 2,
}  # fmt: skip
_SUMMER: Final = frozenset(
    "al at ba be bg ch cy cz de dk ee fi fr gr hr hu ie it lt lu lv md mk mt nl no pl ro rs se si sk ua uk".split()
)


class _Dated(NamedTuple):
    moment: Moment
    origin: str


def read(known: Evidence, language: str, ruled: str = "") -> tuple[Found[datetime | None], Found[datetime | None]]:
    """Return when the article was first published, and when it was last changed.

    Both are aware; at midnight where only the day is said, and None where nothing is. Where a page tells of a change alone, it was
    published by then.

    Args:
        known: the page.
        language: BCP 47, to read names of months and the order of numbers in.
        ruled: what rules select as the date of publication.
    """
    visible = _Seen(known, language)
    given = (
        chain(_read([ruled], RULES, language), _publications(known, language, visible)),
        _changes(known, language, visible),
    )
    published, updated = _chosen(known, given[0]), _chosen(known, given[1])
    return (published if published.value else updated), updated


def _chosen(known: Evidence, given: Iterator[_Dated]) -> Found[datetime | None]:
    """Return the first date of several, to the minute where another says the same day's."""
    best = next(given, None)
    if best is None:
        return Found(None, "")
    if not best.moment.exact:
        best = next((one for one in islice(given, 12) if one.moment.exact and _same_day(one.moment, best.moment)), best)
    when = best.moment.when
    return Found(when if when.tzinfo else when.replace(tzinfo=_zone(known, best.moment)), best.origin)


def _same_day(one: Moment, other: Moment) -> bool:
    return abs((one.when.replace(tzinfo=None) - other.when.replace(tzinfo=None)).total_seconds()) < 36 * 3600 and (
        one.when.date() == other.when.date() or one.when.tzinfo is not None
    )


def _zone(known: Evidence, naive: Moment) -> tzinfo:
    """Return the zone of a page's country, else UTC."""
    country = urls.host(known.url).rpartition(".")[2]
    hours = _ZONES.get(country, 0) if naive.exact else 0
    if naive.exact and country in _SUMMER:
        hours += moments.in_european_summer(naive.when)
    return timezone(timedelta(hours=hours)) if hours else UTC


def _publications(known: Evidence, language: str, visible: _Seen) -> Iterator[_Dated]:
    yield from _read(known.data("datePublished", of=("@value",)), "json-ld", language)
    yield from _read((text for name in _PUBLISHED for text in known.metas(name)), "meta", language)
    for item in known.item("datepublished", "published", "pubdate"):
        yield from _read([item.text], item.origin, language)
    yield from _read(known.data("dateCreated", "uploadDate", of=("@value",)), "json-ld", language)
    ends = (re.split(r"\s[|–—-]\s", text)[-1].strip() for text in known.announced)
    yield from _read((text for text in ends if len(text) <= _END), SEEN, language)
    yield from (dated for dated, change in visible.near() if not change)
    for item in known.item("datecreated", "created", "issued"):
        yield from _read([item.text], item.origin, language)
    yield from _in_address(known)
    yield from (dated for dated, change in visible.called() if not change)
    yield from (dated for dated, _ in visible.near())


def _changes(known: Evidence, language: str, visible: _Seen) -> Iterator[_Dated]:
    yield from _read(known.data("dateModified", of=("@value",)), "json-ld", language)
    yield from _read((text for name in _UPDATED for text in known.metas(name)), "meta", language)
    yield from (dated for dated, change in visible.near() if change)


def _read(texts: Iterable[str], origin: str, language: str) -> Iterator[_Dated]:
    yield from (_Dated(one, origin) for text in texts if (one := moment(text, language)) is not None)


class _Seen:
    """The dates that readers see, each with whether it is that of a change; looked for when they are asked for, and once."""

    def __init__(self, known: Evidence, language: str) -> None:
        self._known = known
        self._language = language
        self._near: list[tuple[_Dated, bool]] | None = None

    def near(self) -> list[tuple[_Dated, bool]]:
        """Return those of time elements, and of short texts round the title."""
        if self._near is None:
            self._near = [*self._timed(), *self._in_lines(self._lines())]
        return self._near

    def called(self) -> Iterator[tuple[_Dated, bool]]:
        """Yield those of elements that are called dates, wherever they stand."""
        elements = islice(self._known.document.select(_DATED), 40)
        return self._in_lines(seen(element, 2 * _SHORT) for element in elements)

    def _timed(self) -> Iterator[tuple[_Dated, bool]]:
        for element in _times(self._known):
            text = seen(element, _SHORT)
            one = moment(element.attr("datetime") or "", self._language) or moment(text, self._language)
            if one is not None:
                about = " ".join((element.attr("class") or "", element.attr("itemprop") or "", text, _before(element)))
                yield _Dated(one, SEEN), bool(_CHANGE.search(about))

    def _lines(self) -> Iterator[str]:
        for nodes in (self._known.near, self._known.before):
            yield from (plain(node.data) for node in nodes if isinstance(node, Text) and len(node.data) < 4 * _SHORT)

    def _in_lines(self, lines: Iterable[str]) -> Iterator[tuple[_Dated, bool]]:
        last = ""
        for text in lines:
            if len(text) <= _SHORT and _HINT.search(text) and (one := moment(text, self._language)) is not None:
                yield _Dated(one, SEEN), bool(_CHANGE.search(f"{last} {text}"))
                last = ""
            elif text:
                last = text[-40:]


def _times(known: Evidence) -> list[Element]:
    """Return time elements: those marked as the publication's, then those near the title, then others."""
    times = list(islice(known.document.find_all("time"), _TIMES))
    marked = [one for one in times if one.attr("pubdate") is not None]
    near = (
        [node for node in (*known.near, *known.before) if isinstance(node, Element) and node.tag == "time"]
        if times
        else []
    )
    return [*marked, *near, *times]


def _before(element: Element) -> str:
    before = element.previous_sibling
    return seen(before)[-40:] if isinstance(before, Element) else before.data[-40:] if isinstance(before, Text) else ""


def _in_address(known: Evidence) -> Iterator[_Dated]:
    for address in (known.url, known.canonical):
        for found in _IN_PATH.finditer(address.partition("?")[0].lower()):
            text = f"{found[1]}-{found[2]}-{found[3]}" if found[1] else f"{found[6]} {found[5]} {found[4]}"
            yield from _read([text], "url", "en")
