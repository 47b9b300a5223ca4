"""Metadata: how often each field is exactly what the set has."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, date, datetime, time
from statistics import fmean
from typing import TYPE_CHECKING, Any, Final

from rich.table import Table

from bench.extraction import images
from bench.extraction.metrics import harmonic

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from bench.extraction.peers import Output
    from bench.extraction.sets import Page

_DAY: Final = re.compile(r"[12]\d{3}-\d\d-\d\d")
_BETWEEN: Final = re.compile(r"\s*[,;&|]\s*|\s+(?:and|et|i|og|och|und|y)\s+")  # names in a line


def _names(line: str) -> tuple[str, ...]:
    """Return the names in a byline of one line."""
    return tuple(filter(None, map(str.strip, _BETWEEN.split(re.sub(r"^by\s+", "", line.strip(), flags=re.IGNORECASE)))))


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())


def _title(page: Page, output: Output) -> float | None:
    gold = _said(page, "title")
    return _plain(output.title) == _plain(gold) if gold else None


def _authors(page: Page, output: Output) -> float | None:
    """Compare names as a set, whatever their case; names that stand in one line on either side may be told apart."""
    gold = page.gold.get("authors") or tuple(filter(None, [_said(page, "author", "byline")]))
    return bool(_readings(gold) & _readings(output.authors)) if gold else None


def _readings(lines: Sequence[str]) -> set[frozenset[str]]:
    apart = [name for line in lines for name in _names(line)]
    return {frozenset(_plain(name).casefold() for name in each) for each in (lines, apart)}


def _minute(page: Page, output: Output) -> float | None:
    """Compare moments; where the gold has no time of day, or a peer no zone, what both have."""
    gold, found = _moment(_said(page, "date", "publishedTime")), _moment(output.published)
    if gold is None:
        return None
    if found is None:
        return False
    if not isinstance(gold, datetime) or gold.time() == time():
        return _day(page, output)
    if not isinstance(found, datetime):
        return False
    if gold.tzinfo is None or found.tzinfo is None:
        gold, found = gold.replace(tzinfo=None), found.replace(tzinfo=None)
    return abs((gold - found).total_seconds()) < 60


def _day(page: Page, output: Output) -> float | None:
    """Compare days, each in its own zone, or both in UTC."""
    gold, found = _moment(_said(page, "date", "publishedTime")), _moment(output.published)
    return bool(_days(gold) & _days(found)) if gold else None


def _days(moment: datetime | date | None) -> set[tuple[str, date]]:
    if not isinstance(moment, datetime):
        return {("own", moment)} if moment else set()
    own = {("own", moment.date())}
    return own | {("UTC", moment.astimezone(UTC).date())} if moment.tzinfo else own


def _moment(text: str) -> datetime | date | None:
    try:
        return date.fromisoformat(text) if _DAY.fullmatch(text) else datetime.fromisoformat(text)
    except ValueError:
        found = _DAY.search(text)
    try:
        return date.fromisoformat(found[0]) if found else None
    except ValueError:
        return None


def _image(page: Page, output: Output) -> float | None:
    """Compare the lead image with every version of the cover, by what no other image of the article has in its address."""
    each: Iterable[dict[str, Any]] = page.gold.get("images") or ()
    covers = [version["url"] for image in each if image["is_cover"] for version in image["versions"]]
    others = [version["url"] for image in each if not image["is_cover"] for version in image["versions"]]
    if not covers:
        return None
    apart = frozenset().union(*map(images.names, others)) - frozenset().union(*map(images.names, covers[:1]))
    found = images.absolute(output.image, page.url)
    return any(images.same(cover, found, apart=apart) for cover in covers)


def _tags(page: Page, output: Output) -> float | None:
    """Return the F1 of a page's tags, whatever their case."""
    gold = {_plain(tag).casefold() for tag in page.gold.get("topics") or ()}
    found = {_plain(tag).casefold() for tag in output.tags}
    right = len(gold & found)
    return harmonic(right / max(1, len(found)), right / len(gold)) if gold else None


def _said(page: Page, *keys: str) -> str:
    """Return the first field of these that the set has for a page."""
    said = page.gold.get("meta") or page.gold
    return next((str(said[key]) for key in keys if said.get(key)), "")


FIELDS: Final[dict[str, Callable[[Page, Output], float | None]]] = {
    "title": _title,
    "authors": _authors,
    "date, minute": _minute,
    "date, day": _day,
    "lead image": _image,
    "tags, F1": _tags,
}


def measure(pages: Sequence[Page], outputs: Sequence[Output]) -> dict[str, tuple[float | None, ...]]:
    """Return each field's hits page by page, None where the gold does not say."""
    return {
        name: tuple(compare(page, output) for page, output in zip(pages, outputs, strict=True))
        for name, compare in FIELDS.items()
    }


def mean(hits: Sequence[float | None]) -> float | None:
    """Return the share of hits where the gold says something; None where it never does."""
    said = [hit for hit in hits if hit is not None]
    return fmean(said) if said else None


def table(name: str, results: Mapping[str, Mapping[str, Sequence[float | None]]]) -> Table:
    """Return a set's table."""
    first = next(iter(results.values()))
    counts = {field: sum(hit is not None for hit in hits) for field, hits in first.items()}
    made = Table(title=f"metadata: {name}, shares of the pages for which the set says it; – for never")
    made.add_column("")
    for field, count in counts.items():
        if count:
            made.add_column(f"{field} ({count})", justify="right")
    for peer, fields in results.items():
        shares = [mean(hits) for hits in fields.values()]
        if any(shares):
            made.add_row(peer, *(f"{share:.3f}" if share else "–" for share in shares if share is not None))
    return made
