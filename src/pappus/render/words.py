"""The words around articles, in ten languages: one catalogue a language, ``locales/<language>.toml``.

Catalogues are part of the package: each is read once, and the same everywhere. Their texts are our own, plain, and safe in
Markdown as they stand. Dates come from the CLDR by way of Babel, with the names of months and the digits of the language.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, lru_cache
from importlib import metadata, resources
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from pappus.model import Digest, Direction, digest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from babel import Locale

LANGUAGES: Final = ("ar", "en", "es", "fa", "my", "ru", "tr", "vi", "zh-Hans", "zh-Hant")
_DIGITS: Final = {"fa": "۰۱۲۳۴۵۶۷۸۹", "my": "၀၁၂၃၄၅၆၇၈၉"}  # where not 0-9; Babel leaves digits of dates as they are
_RTL: Final = frozenset({"ar", "fa"})
_TRADITIONAL: Final = frozenset({"hant", "hk", "mo", "tw"})  # subtags that ask for traditional Chinese


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the guide: its heading, and what to do, step by step; ``site`` instead where pages are HTML."""

    title: str
    steps: tuple[str, ...]
    site: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Words:
    """The catalogue of one language. Call it with a word's name to get the word, placeholders filled."""

    language: str  # BCP 47, one of LANGUAGES
    direction: Direction
    texts: Mapping[str, str]
    guide: tuple[Section, ...]

    def __call__(self, name: str, /, **values: str | int) -> str:
        """Return the text ``name``; ``values`` are set in as they are, so they must be fit for the place."""
        text = self.texts[name]
        return text.format_map(values) if values else text

    def number(self, number: int) -> str:
        """Return a number in the digits of the language."""
        return _localised(str(number), self.language)

    def date(self, moment: datetime) -> str:
        """Return a day as people write it, such as 3 November 2026."""
        return _date(moment.year, moment.month, moment.day, self.language)

    def month(self, month: str) -> str:
        """Return ``YYYY-MM`` as people write it, such as November 2026."""
        return _month(int(month[:4]), int(month[5:7]), self.language)


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
    return Words(language, "rtl" if language in _RTL else "ltr", MappingProxyType(raw), guide)


@cache
def fingerprint() -> Digest:
    """Return what changes when any catalogue does, or the library that writes dates."""
    sources = [_source(language) for language in LANGUAGES]
    return digest("\0".join((*sources, metadata.version("babel"))).encode())


def _source(language: str) -> str:
    return resources.files("pappus.render").joinpath("locales", f"{language}.toml").read_text(encoding="utf-8")


@lru_cache(maxsize=4096)
def _date(year: int, month: int, day: int, language: str) -> str:
    from babel.dates import format_date  # noqa: PLC0415  # 15 ms, for those who write a date

    return _localised(format_date(_noon(year, month, day), format="long", locale=_locale(language)), language)


@lru_cache(maxsize=4096)
def _month(year: int, month: int, language: str) -> str:
    from babel.dates import format_skeleton  # noqa: PLC0415  # as above

    text = format_skeleton("yMMMM", _noon(year, month, 1), tzinfo=UTC, locale=_locale(language))
    return _localised(text, language)


def _localised(text: str, language: str) -> str:
    digits = _DIGITS.get(language)
    return text.translate(str.maketrans("0123456789", digits)) if digits else text


def _noon(year: int, month: int, day: int) -> datetime:
    return datetime(year, month, day, 12, tzinfo=UTC)


@cache
def _locale(language: str) -> Locale:
    from babel import Locale  # noqa: PLC0415  # as above

    return Locale.parse(language, sep="-")
