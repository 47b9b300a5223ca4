"""When the article was published and updated: what its data say, else what readers see, else what its address says."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from itertools import chain, islice
from typing import TYPE_CHECKING, Final, NamedTuple

from pappus import urls
from pappus.extraction.metadata import moments
from pappus.extraction.metadata.datelines import Datelines
from pappus.extraction.metadata.evidence import RULES, SEEN, Evidence, Found
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
_END: Final = 20  # characters of a title's last part that is a date
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

    Both are aware; at midnight where only the day is said, and None where nothing is. A change says nothing of when it was published.

    Args:
        known: the page.
        language: BCP 47, to read names of months and the order of numbers in.
        ruled: what rules select as the date of publication.
    """
    visible = Datelines(known, language)
    given = (
        chain(_read([ruled], RULES, language), _publications(known, language, visible)),
        _changes(known, language, visible),
    )
    return _chosen(known, given[0]), _chosen(known, given[1])


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


def _publications(known: Evidence, language: str, visible: Datelines) -> Iterator[_Dated]:
    yield from _read(known.data("datePublished", of=("@value",)), "json-ld", language)
    yield from _read((text for name in _PUBLISHED for text in known.metas(name)), "meta", language)
    yield from _marked(known, visible, ("datepublished", "published", "pubdate"), language)
    yield from _read(known.data("dateCreated", "uploadDate", of=("@value",)), "json-ld", language)
    ends = (re.split(r"\s[|–—-]\s", text)[-1].strip() for text in known.announced)
    yield from _read((text for text in ends if len(text) <= _END), SEEN, language)
    yield from (_Dated(line.moment, SEEN) for line in visible.near() if not line.changed)
    yield from _marked(known, visible, ("datecreated", "created", "issued"), language)
    yield from _in_address(known)
    yield from (_Dated(line.moment, SEEN) for line in visible.called() if not line.changed)


def _changes(known: Evidence, language: str, visible: Datelines) -> Iterator[_Dated]:
    yield from _read(known.data("dateModified", of=("@value",)), "json-ld", language)
    yield from _read((text for name in _UPDATED for text in known.metas(name)), "meta", language)
    yield from _marked(known, visible, ("datemodified", "modified"), language)
    yield from (_Dated(line.moment, SEEN) for line in visible.near() if line.changed)


def _marked(known: Evidence, visible: Datelines, names: tuple[str, ...], language: str) -> Iterator[_Dated]:
    """Yield the dates of elements that carry one of these properties of the article."""
    for item in known.item(*names):
        if not visible.is_elsewhere(item.element):
            yield from _read([item.text], item.origin, language)


def _read(texts: Iterable[str], origin: str, language: str) -> Iterator[_Dated]:
    yield from (_Dated(one, origin) for text in texts if (one := moment(text, language)) is not None)


def _in_address(known: Evidence) -> Iterator[_Dated]:
    for address in (known.url, known.canonical):
        for found in _IN_PATH.finditer(address.partition("?")[0].lower()):
            text = f"{found[1]}-{found[2]}-{found[3]}" if found[1] else f"{found[6]} {found[5]} {found[4]}"
            yield from _read([text], "url", "en")
