"""The words around articles, in ten languages: one catalogue a language, ``locales/<language>.toml``.

Catalogues are part of the package: each is read once, and the same everywhere. Their texts are our own, plain, and safe in
Markdown as they stand. How days and months are written there is the CLDR's, which a test sees to; the digits are the language's.
"""

from __future__ import annotations

import tomllib
from datetime import date as Date  # noqa: N812  # a method has the name
from datetime import timedelta
from functools import cache, lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from pappus.model import Digest, Direction, digest
from pappus.render.solar_hijri import solar_hijri

if TYPE_CHECKING:
    from collections.abc import Mapping

LANGUAGES: Final = ("ar", "en", "es", "fa", "my", "ru", "tr", "vi", "zh-Hans", "zh-Hant")
NAMES: Final = {
    "ar": "العربية", "en": "English", "es": "Español", "fa": "فارسی", "my": "မြန်မာ", "ru": "Русский", "tr": "Türkçe",
    "vi": "Tiếng Việt", "zh-Hans": "简体中文", "zh-Hant": "繁體中文",
}  # fmt: skip
"""What each language calls itself."""
_PLAIN_DIGITS: Final = "0123456789"
_DIGITS: Final = {"fa": "۰۱۲۳۴۵۶۷۸۹", "my": "၀၁၂၃၄၅၆၇၈၉"}  # where not 0-9
_RTL: Final = frozenset({"ar", "fa"})
_TRADITIONAL: Final = frozenset({"hant", "hk", "mo", "tw"})  # subtags that ask for traditional Chinese


class Section(Struct, frozen=True):
    """A part of the guide: its heading, and what to do, step by step; ``site`` instead where pages are HTML."""

    title: str
    steps: tuple[str, ...]
    site: tuple[str, ...]


class Calendar(Struct, frozen=True):
    """How days and months are written: as texts with placeholders, and by the months' names.

    Readers who live by the Solar Hijri calendar have a ``span``: there a month of ours is the end of one and the beginning of the next.
    """

    day: str
    month: str
    names: tuple[str, ...]
    names_alone: tuple[str, ...]  # where no day stands beside them
    span: str


class Words(Struct, frozen=True):
    """The catalogue of one language. Call it with a word's name to get the word, placeholders filled."""

    language: str  # BCP 47, one of LANGUAGES
    direction: Direction
    texts: Mapping[str, str]
    guide: tuple[Section, ...]
    calendar: Calendar

    def __call__(self, name: str, /, **values: str | int) -> str:
        """Return the text ``name``; ``values`` are set in as they are, so they must be fit for the place."""
        text = self.texts[name]
        return text.format_map(values) if values else text

    @property
    def digits(self) -> str:
        """The ten digits of the language."""
        return _DIGITS.get(self.language, _PLAIN_DIGITS)

    def number(self, number: int) -> str:
        """Return a number in the digits of the language."""
        return self.localised(str(number))

    def date(self, moment: Date) -> str:
        """Return a day as people write it, such as 3 November 2026."""
        return _date(self.language, moment.year, moment.month, moment.day)

    def month(self, month: str) -> str:
        """Return ``YYYY-MM`` as people write it, such as November 2026."""
        first = Date.fromisoformat(f"{month}-01")
        if self.calendar.span:
            return self._span(solar_hijri(first), solar_hijri(first + timedelta(days=27)))
        return self.localised(self._month(first.year, first.month))

    def _span(self, first: tuple[int, int, int], last: tuple[int, int, int]) -> str:
        """Return what says that a time reaches from a day to another, by their months alone."""
        begin = self._month(*first[:2]) if first[0] != last[0] else self.calendar.names_alone[first[1] - 1]
        return self.localised(self.calendar.span.format(first=begin, last=self._month(*last[:2])))

    def _month(self, year: int, month: int) -> str:
        return self.calendar.month.format(month=self.calendar.names_alone[month - 1], year=year)

    def localised(self, text: str) -> str:
        """Return a text with the digits of the language."""
        return text.translate(str.maketrans(_PLAIN_DIGITS, self.digits))


@lru_cache(4096)  # a day stands on many lists
def _date(language: str, year: int, month: int, day: int) -> str:
    speech = words(language)
    calendar = speech.calendar
    if calendar.span:
        year, month, day = solar_hijri(Date(year, month, day))
    return speech.localised(calendar.day.format(day=day, month=calendar.names[month - 1], year=year))


@lru_cache(256)
def match(language: str) -> str | None:
    """Return the catalogue's language that serves a BCP 47 tag: fa-IR -> fa, zh-TW -> zh-Hant; None if there is none."""
    primary, *rest = language.replace("_", "-").lower().split("-")
    if primary == "zh":
        return "zh-Hant" if _TRADITIONAL.intersection(rest) else "zh-Hans"
    return primary if primary in LANGUAGES else None


@cache
def words(language: str) -> Words:
    """Return the catalogue of one of :data:`LANGUAGES`."""
    raw = tomllib.loads(_source(language))
    guide = tuple(
        Section(part["title"], tuple(part["steps"]), tuple(part.get("site", part["steps"])))
        for part in raw.pop("section")
    )
    names = raw.pop("month_names")
    alone = raw.pop("month_names_alone", names)
    calendar = Calendar(raw.pop("a_day"), raw.pop("a_month"), tuple(names), tuple(alone), raw.pop("a_span", ""))
    return Words(language, "rtl" if language in _RTL else "ltr", MappingProxyType(raw), guide, calendar)


@cache
def fingerprint() -> Digest:
    """Return what changes when any catalogue does."""
    return digest("\0".join(map(_source, LANGUAGES)).encode())


def _source(language: str) -> str:
    return (Path(__file__).parent / "locales" / f"{language}.toml").read_text(encoding="utf-8")
