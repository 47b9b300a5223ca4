"""The nouns, and the one line that errors are."""

from __future__ import annotations

import inspect
from datetime import UTC, datetime, timedelta, timezone

import pytest
from rich.pretty import pretty_repr

from pappus import errors
from pappus.model import Entry, Lead, Media, Plan, Private, Version, artifact, digest, is_name, utc
from pappus.model import Fetched as Page


@pytest.mark.parametrize("text", ["a", "gazette", "a-b", "0", "a--b", "x" * 80, "2026-11-05-ferry", "console"])
def test_names(text):
    assert is_name(text)


@pytest.mark.parametrize(
    "text",
    ["", "-a", "a-", "A", "a_b", "a.b", "a b", "a\n", "x" * 81, "con", "nul", "com1", "lpt9", "ä", "٣", "a/b", ".."],
)
def test_what_is_no_name(text):
    assert not is_name(text)


def test_moments_become_utc_to_the_second():
    zone = timezone(timedelta(hours=-5))
    assert utc(datetime(2026, 11, 5, 7, 0, 0, 999, tzinfo=zone)) == datetime(2026, 11, 5, 12, tzinfo=UTC)
    assert utc(datetime(2026, 11, 5, 7)) == datetime(2026, 11, 5, 7, tzinfo=UTC)  # noqa: DTZ001


LEAD = Lead(url="https://a.example/x", title="T")


@pytest.mark.parametrize(
    "fields",
    [
        {"title": "U"}, {"summary": "s"}, {"content": "c"}, {"published": datetime(2026, 1, 1, tzinfo=UTC)},
        {"updated": datetime(2026, 1, 1, tzinfo=UTC)}, {"page": Page(url="u", final_url="u", body=b"1")},
    ],
    ids=lambda fields: next(iter(fields)),
)  # fmt: skip
def test_a_fingerprint_changes_when_the_announcement_does(fields):
    assert Lead(**({"url": LEAD.url, "title": "T"} | fields)).fingerprint != LEAD.fingerprint


def test_a_fingerprint_is_of_what_is_said_not_of_where():
    assert Lead(url="https://a.example/y", title="T", guid="7").fingerprint == LEAD.fingerprint
    assert Lead(url=LEAD.url, title="\ud800").fingerprint != LEAD.fingerprint


def test_artifacts_are_measured_and_named_by_content():
    made = artifact("a.md", b"text", "text/markdown")
    assert made.entry == Entry(path="a.md", size=4, digest=digest(b"text"), media_type="text/markdown")
    assert "text'" not in repr(made)
    assert digest(b"") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def test_a_plan_counts_its_bytes():
    puts = tuple(artifact(name, b"xy", "").entry for name in "ab")
    assert Plan(edition="e", target=Version(number=1, chain=digest(b"")), base=None, puts=puts, deletions=()).size == 4


def test_media_are_named_with_their_ending():
    endings = [
        Media(digest=digest(b""), media_type=f"image/{kind}", size=1, width=1, height=1).extension
        for kind in ("jpeg", "png", "webp")
    ]
    assert endings == ["jpg", "png", "webp"]


def test_an_error_is_one_line_whatever_it_quotes():
    error = errors.MirrorError("forge\n", "said\r\n 'x\u2028y'\t\tz", "wait\x0b a bit")
    assert str(error) == "forge : said 'x y' z (wait a bit)"
    assert (error.subject, error.advice) == ("forge\n", "wait\x0b a bit")


def test_every_error_stands_in_the_tree_at_the_top():
    for name, kind in inspect.getmembers(errors, inspect.isclass):
        assert issubclass(kind, errors.PappusError)
        assert name.endswith("Error")
        assert name in errors.__doc__


def test_fetch_errors_say_whether_to_try_again():
    error = errors.StatusError("https://a.example/", 503, retry=True, retry_after=30)
    assert (error.status, error.retry, error.retry_after) == (503, True, 30)
    assert str(error) == "https://a.example/: the server answered 503"


def test_what_holds_secrets_shows_them_to_nobody():
    class Door(Private, frozen=True, kw_only=True):
        key: str

    assert [one for one in (repr(Door(key="canary")), pretty_repr(Door(key="canary"))) if "canary" in one] == []
