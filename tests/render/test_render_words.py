from __future__ import annotations

import string
import unicodedata
from datetime import UTC, date, datetime

import jdatetime
import pytest
from babel import Locale
from babel.dates import format_date, format_skeleton
from hypothesis import given
from hypothesis import strategies as st

from pappus.render.markdown.text import direction_of, escape
from pappus.render.solar_hijri import solar_hijri
from pappus.render.words import LANGUAGES, match, words


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_catalogue_has_every_word_with_its_placeholders(language):
    own, english = words(language), words("en")
    assert {name: placeholders(text) for name, text in own.texts.items()} == {
        name: placeholders(text) for name, text in english.texts.items()
    }
    assert [len(section.steps) for section in own.guide] == [len(section.steps) for section in english.guide]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_catalogue_is_safe_in_markdown_as_it_stands(language):
    own = words(language)
    texts = [*own.texts.values(), *(text for section in own.guide for text in (section.title, *section.steps))]
    for text in texts:
        assert escape(text, start=True) == text
        assert text.strip() or text == own("separator")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_catalogue_runs_in_its_direction_and_repeats_no_other(language):
    own = words(language)
    assert direction_of(own("share")) == own.direction
    assert language == "en" or own("share") != words("en")("share")


@pytest.mark.parametrize(
    ("tag", "language"),
    [
        ("en", "en"), ("en-GB", "en"), ("zh", "zh-Hans"), ("zh-CN", "zh-Hans"), ("zh-SG", "zh-Hans"), ("zh-TW", "zh-Hant"),
        ("zh_HK", "zh-Hant"), ("zh-Hant-MO", "zh-Hant"), ("fa-IR", "fa"), ("ES-419", "es"), ("de", None), ("", None),
    ],
)  # fmt: skip
def test_a_language_tag_finds_its_catalogue(tag, language):
    assert match(tag) == language


@pytest.mark.parametrize(
    ("language", "date", "month"),
    [
        ("en", "November 3, 2026", "November 2026"),
        ("fa", "۱۲ آبان ۱۴۰۵", "آبان تا آذر ۱۴۰۵"),
        ("zh-Hant", "2026年11月3日", "2026年11月"),
        ("ru", "3 ноября 2026\u202fг.", "ноябрь 2026\u202fг."),
        ("tr", "3 Kasım 2026", "Kasım 2026"),
    ],
    ids=["en", "fa", "zh-Hant", "ru", "tr"],
)
def test_dates_are_written_as_the_language_does(language, date, month):
    assert words(language).date(datetime(2026, 11, 3, 23, 59, tzinfo=UTC)) == date
    assert words(language).month("2026-11") == month


def test_a_month_in_which_a_year_of_the_reader_begins_says_both():
    assert words("fa").month("2026-03") == "اسفند ۱۴۰۴ تا فروردین ۱۴۰۵"


@given(st.dates(date(1900, 1, 1), date(2200, 12, 31)))
def test_solar_hijri_dates_are_those_of_a_library(day):
    theirs = jdatetime.date.fromgregorian(date=day)
    assert solar_hijri(day) == (theirs.year, theirs.month, theirs.day)


@given(st.dates())
def test_any_day_has_a_solar_hijri_date(day):
    _, month, number = solar_hijri(day)
    assert 1 <= month <= 12
    assert 1 <= number <= 31


@pytest.mark.parametrize("language", sorted(set(LANGUAGES) - {"fa"}))
def test_dates_are_those_of_the_cldr(language):
    own, locale = words(language), Locale.parse(language, sep="-")
    for month in range(1, 13):
        for day in (1, 9, 10, 28):
            moment = datetime(2026, month, day, 12, tzinfo=UTC)
            assert ascii_digits(own.date(moment)) == ascii_digits(format_date(moment, format="long", locale=locale))
        said = format_skeleton("yMMMM", moment, tzinfo=UTC, locale=locale)
        assert ascii_digits(own.month(f"2026-{month:02}")) == ascii_digits(said)


def ascii_digits(text: str) -> str:
    return "".join(str(unicodedata.decimal(one)) if one.isdecimal() else one for one in text)


def test_numbers_take_the_digits_of_the_language():
    assert words("my").number(12) == "၁၂"
    assert words("ru").number(12) == "12"
