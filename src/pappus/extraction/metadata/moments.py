"""Moments as they are written: ISO 8601 and its kin, epochs, and words and numbers in many languages and calendars."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from typing import Final, NamedTuple

from pappus.extraction.metadata.months import month, persian_month

_LONGEST: Final = 400  # characters that are looked at
_YEARS: Final = range(1500, 2200)
_RAISED: Final = dict.fromkeys(map(ord, "⁰¹²³⁴⁵⁶⁷⁸⁹"))  # of notes; no digits of a date

_ISO = re.compile(
    r"(?<!\d)(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?!\d)(?:[Tt_,\s]{1,3}(\d{1,2})[:.](\d{2})(?:[:.](\d{2})(?:[.,]\d+)?)?)?"
)
_COMPACT = re.compile(r"(?<!\d)((?:19|20)\d{2})(0[1-9]|1[0-2])([0-2]\d|3[01])(?:T?(\d{2})(\d{2})(\d{2})?)?(?=\D|\Z)")
_EPOCH = re.compile(r"\A(\d{10})(?:\d{3}|\.\d+)?\Z")
_EAST = re.compile(
    r"(?:(\d{4})|(令和|平成|昭和|民國|民国)\s*(\d{1,3}|元))\s*[年년]\s*(\d{1,2})\s*[月월]\s*(\d{1,2})\s*[日일号]?"
)
_ERAS: Final = {"令和": 2018, "平成": 1988, "昭和": 1925, "民國": 1911, "民国": 1911}  # the year before their first
_WORD = r"([^\W\d_][^\s\d,./()|،:]*(?:\s(?:الثاني|الأول))?)"
_DAY_FIRST = re.compile(
    r"(?<!\d)(\d{1,2})\s?(?:st|nd|rd|th|er|\.?º|ª|ος|η|-?го|-án|-én|[.,])?\s*(?:de\s|of\s|ng\s|ta['’]\s|ב|-)?\s?" + _WORD
    + r"[\s.,،/-]{0,3}(?:de\s|del\s|m\.\s)?\s?(\d{4}|['’]\d{2})(?!\d)"
)  # fmt: skip
_MONTH_FIRST = re.compile(r"(?<![^\W_])" + _WORD + r"[\s.]{1,2}(\d{1,2})(?:st|nd|rd|th)?[\s,،.]{1,3}(\d{4})(?!\d)")
_YEAR_FIRST = re.compile(
    r"(?<!\d)(\d{4})[\s.,]{1,2}(?:m\.\s|ж\.\s|оны\s|ж\s|-)?\s?" + _WORD + r"[\s.-]{1,2}(\d{1,2})(?!\d)"
)
_VIETNAMESE = re.compile(r"(\d{1,2})\s*tháng\s*(\d{1,2})\s*[,năm\s]{1,6}(\d{4})", re.IGNORECASE)
_NUMBERS = re.compile(r"(?<![\d.,/-])(\d{1,2})\s?([./-])\s?(\d{1,2})\s?\2\s?(\d{4}|\d{2})(?![\d/-])")
_CLOCK = re.compile(
    r"(?<![\d.:])(?P<before>上午|下午|午前|午後|오전|오후|[ap]\.?m\.?\s)?\s?(?P<hour>\d{1,2})\s?(?:[:.h時时點点시]|Uhr)\s?(?P<minute>\d{2})(?!\d)"
    r"(?:[:.](?P<second>\d{2})(?:[.,]\d+)?)?\s?[分분]?\s?(?P<after>[ap]\.?\s?m\b\.?)?|(?<![\d.:])(?P<full>\d{1,2})\s?(?P<half>[ap]\.?m\b\.?)",
    re.IGNORECASE,
)
_ZONE = re.compile(
    r"\s*\(?(?:(?:UTC|GMT|Z)?\s?(?P<sign>[+\u2212-])(?P<hours>\d{1,2})(?::?(?P<minutes>\d{2}))?(?!\d)|(?P<name>[A-ZМСК]{1,5})(?![^\W_]))"
)
_BETWEEN: Final = 25  # characters between a day and its time of day
_AMERICAN: Final = frozenset({"", "PH", "US"})  # regions of English that write the month first

# Abbreviations of zones, in hours from UTC, where one meaning is usual in news; sorted. Source: the tz database.
_ZONES: Final = {
    "AEDT": 11, "AEST": 10, "ART": -3, "BRT": -3, "BST": 1, "CAT": 2, "CDT": -5, "CEST": 2, "CET": 1, "CST": -6, "EAT": 3, "EDT": -4,
    "EEST": 3, "EET": 2, "EST": -5, "GMT": 0, "HKT": 8, "ICT": 7, "IST": 5.5, "JST": 9, "KST": 9, "MDT": -6, "MESZ": 2, "MEZ": 1,
    "MSK": 3, "MST": -7, "NZDT": 13, "NZST": 12, "PDT": -7, "PHT": 8, "PKT": 5, "PST": -8, "SAST": 2, "SGT": 8, "TRT": 3, "UTC": 0,
    "WAT": 1, "WEST": 1, "WET": 0, "WIB": 7, "WIT": 9, "WITA": 8, "Z": 0, "МСК": 3,
}  # fmt: skip
_SEASONAL: Final = {"CT": -6, "ET": -5, "MT": -7, "PT": -8}  # hours from UTC in winter, of North America


class Moment(NamedTuple):
    """A moment, aware or naive as it was written. ``exact`` is whether the time of day was."""

    when: datetime
    exact: bool


def moment(text: str, language: str = "") -> Moment | None:
    """Return the first moment that a text speaks of, None if it speaks of none.

    Args:
        text: of an attribute, or as readers see it.
        language: BCP 47; it decides about names of months, and whether 4/5/2024 is in April.
    """
    text = text[:_LONGEST].translate(_RAISED).strip()
    if not any(sign.isdigit() for sign in text):
        return None
    try:
        return _whole(text) or _within(text, language)
    except (ValueError, OverflowError):
        return None


def _whole(text: str) -> Moment | None:
    """Return a moment that is all of a text."""
    if (epoch := _EPOCH.match(text)) and text.isascii():
        return Moment(datetime.fromtimestamp(int(epoch[1]), UTC), exact=True)
    if len(text) >= 13 and (text[4] == "-" or text[:8].isdigit()) and text.isascii():
        try:
            when = datetime.fromisoformat(text)
        except ValueError:
            return None
        return _sane(when, exact=True)
    return None


def _within(text: str, language: str) -> Moment | None:
    if found := _ISO.search(text):
        year, _, number, day, *clock = found.groups()
        if (when := _day(int(year), int(number), int(day))) is not None:
            if clock[0] is None:
                return _timed(when, text, found.start(), found.end())
            hour, minute, second = (int(part or 0) for part in clock)
            return _zoned(datetime(when.year, when.month, when.day, hour % 24, minute, second), text[found.end() :])  # noqa: DTZ001 # its zone follows
    for read in (_eastern, _worded, _numbered, _compact):
        if (one := read(text, language)) is not None:
            when, start, end = one
            return _timed(when, text, start, end)
    return None


_Day = tuple[date, int, int]  # and where it stands in the text


def _eastern(text: str, _: str) -> _Day | None:
    found = _EAST.search(text)
    if found is None:
        return None
    year = int(found[1]) if found[1] else _ERAS[found[2]] + (1 if found[3] == "元" else int(found[3]))
    return _placed(_day(year, int(found[4]), int(found[5])), found)


def _worded(text: str, language: str) -> _Day | None:
    if found := _VIETNAMESE.search(text):
        return _placed(_day(int(found[3]), int(found[2]), int(found[1])), found)
    for pattern, order in ((_DAY_FIRST, (3, 2, 1)), (_MONTH_FIRST, (3, 1, 2)), (_YEAR_FIRST, (1, 2, 3))):
        at = 0
        while found := pattern.search(text, at):
            year, name, day = (found[number] for number in order)
            if (when := _named_day(year, name, int(day), language)) is not None:
                return _placed(when, found)
            at = found.start() + 1
    return None


def _named_day(year: str, name: str, day: int, language: str) -> date | None:
    number = month(name, language)
    if number:
        return _day(2000 + int(year[1:]) if len(year) == 3 else int(year), number, day)
    if len(year) == 4 and 1300 <= int(year) < 1500 and (number := persian_month(name)):
        return _from_persian(int(year), number, day)
    return None


def _numbered(text: str, language: str) -> _Day | None:
    for found in _NUMBERS.finditer(text):
        one, other, year = int(found[1]), int(found[3]), int(found[4])
        if len(found[4]) == 2:
            year += 2000 if year < 70 else 1900
        if (found[2] == "/" and _month_first(language) and one <= 12) or other > 12:
            one, other = other, one
        if (when := _day(year, other, one)) is not None:
            return _placed(when, found)
    return None


def _month_first(language: str) -> bool:
    primary, _, region = language.partition("-")
    return primary == "en" and region in _AMERICAN


def _compact(text: str, _: str) -> _Day | None:
    found = _COMPACT.search(text)
    return _placed(_day(int(found[1]), int(found[2]), int(found[3])), found) if found else None


def _placed(when: date | None, found: re.Match[str]) -> _Day | None:
    return None if when is None else (when, found.start(), found.end())


def _day(year: int, number: int, day: int) -> date | None:
    """Return a day, None if there is none: of the Buddhist calendar where the year is one of that, of the Persian one likewise."""
    if 2400 < year < 2700:
        year -= 543
    if 1300 <= year < 1500:
        return _from_persian(year, number, day)
    if year not in _YEARS:
        return None
    try:
        return date(year, number, day)
    except ValueError:
        return None


def _from_persian(year: int, number: int, day: int) -> date | None:
    """Return a day of the Solar Hijri calendar, by its 33-year cycle."""
    if not (1 <= number <= 12 and 1 <= day <= 31):
        return None
    year += 1595  # so that a cycle begins
    leaps = (year // 33) * 8 + (year % 33 + 3) // 4
    before = (number - 1) * 31 if number < 7 else (number - 7) * 30 + 186
    return date.fromordinal(365 * year + leaps + before + day - 356_033)


def _timed(day: date, text: str, start: int, end: int) -> Moment:
    """Return a day with the time of day that stands after it, or before, else without one."""
    at = datetime(day.year, day.month, day.day)  # noqa: DTZ001 # its zone follows, if it has one
    after = _CLOCK.search(text, end, end + _BETWEEN + 12)
    if after is not None and after.start() - end <= _BETWEEN:
        return _clocked(at, after, text)
    before = _CLOCK.search(text, max(0, start - _BETWEEN - 10), start)
    return _clocked(at, before, text) if before is not None else Moment(at, exact=False)


def _clocked(at: datetime, found: re.Match[str], text: str) -> Moment:
    hour, minute = int(found["hour"] or found["full"]), int(found["minute"] or 0)
    mark = (found["before"] or found["after"] or found["half"] or "").casefold().strip()
    if mark[:1] == "p" or mark in {"下午", "午後", "오후"}:
        hour = hour % 12 + 12
    elif mark[:1] == "a" or mark in {"上午", "午前", "오전"}:
        hour %= 12
    if hour > 23 or minute > 59:
        return Moment(at, exact=False)
    return _zoned(at.replace(hour=hour, minute=minute, second=int(found["second"] or 0) % 60), text[found.end() :])


def _zoned(when: datetime, rest: str) -> Moment:
    """Return a moment with the zone that a text begins with, naive if it begins with none."""
    found = _ZONE.match(rest[:20])
    zone: tzinfo | None = None
    if found is not None and found["sign"]:
        hours, minutes = int(found["hours"]), int(found["minutes"] or 0)
        if hours <= 14 and minutes < 60:
            offset = timedelta(hours=hours, minutes=minutes)
            zone = timezone(offset if found["sign"] == "+" else -offset)
    elif found is not None and found["name"] in _ZONES:
        zone = timezone(timedelta(hours=_ZONES[found["name"]]))
    elif found is not None and found["name"] in _SEASONAL:
        zone = timezone(timedelta(hours=_SEASONAL[found["name"]] + in_american_summer(when)))
    return _sane(when.replace(tzinfo=zone), exact=True) or Moment(when, exact=False)


def _sane(when: datetime, *, exact: bool) -> Moment | None:
    if 1300 <= when.year < 1500:
        day = _from_persian(when.year, when.month, when.day)
        return None if day is None else Moment(when.replace(year=day.year, month=day.month, day=day.day), exact)
    if when.year not in _YEARS:
        return None
    return Moment(when, exact and (when.hour, when.minute, when.second) != (0, 0, 0))


def in_american_summer(when: datetime) -> bool:
    """Whether clocks in the United States are an hour ahead (since 2007), by local time."""
    return (
        _sunday(when.year, 3, 8) + timedelta(hours=2)
        <= when.replace(tzinfo=None)
        < _sunday(when.year, 11, 1) + timedelta(hours=2)
    )


def in_european_summer(when: datetime) -> bool:
    """Whether clocks in the European Union are an hour ahead (since 1996), by central European time."""
    return (
        _sunday(when.year, 3, 25) + timedelta(hours=2)
        <= when.replace(tzinfo=None)
        < _sunday(when.year, 10, 25) + timedelta(hours=3)
    )


def _sunday(year: int, number: int, day: int) -> datetime:
    """Return the first Sunday of a month from a day on."""
    start = datetime(year, number, day)  # noqa: DTZ001 # local time
    return start + timedelta(days=6 - start.weekday())
