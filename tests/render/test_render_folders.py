"""No folder of an edition has more than a thousand entries, whatever comes: decision 34."""

from __future__ import annotations

from collections import defaultdict
from itertools import chain, product
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace
from render_samples import ENGLISH, medium, moment

from pappus.layout import label_key
from pappus.model import digest
from pappus.render.indexes import MONTH_SIZE
from pappus.render.paths import SITE, media_path, variant_path
from pappus.render.site.feeds import LIST_SIZE
from pappus.render.site.scripts import paths
from pappus.render.site.search import cards, path
from pappus.render.site.search.blocks import SIZE
from pappus.render.site.search.segments import runs

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MOST = 1_000
ARTICLES = 10_000  # in a month
LISTED = 500  # of them in a channel
PHOTOGRAPHS = 700  # on a day
YEARS = 20
DAY = moment(11, 5)
FORMS = [(kind, width) for kind in ("jpeg", "webp", "avif") for width in (400, 800, 1200)][:-1]
SCRIPTS = (SITE, paths("zh-Hant", "zh-Hans"))


def most(every: Iterable[str]) -> int:
    """Return the entries, files and folders, of the fullest folder that these paths make."""
    folders: defaultdict[str, set[str]] = defaultdict(set)
    for one in every:
        start, end = one, ""
        while start:
            start, _, end = start.rpartition("/")
            folders[start].add(end)
    return max(map(len, folders.values()))


def pictures() -> Iterator[str]:
    """Yield where the photographs of a day lie, with all their variants."""
    for number in range(PHOTOGRAPHS):
        photograph = replace(medium("photo", "image/jpeg"), digest=digest(str(number).encode()))
        yield media_path(photograph, DAY)
        for kind, width in FORMS:
            form = replace(medium("form", f"image/{kind}"), width=width)
            yield variant_path(form, photograph, DAY)


def pages() -> Iterator[str]:
    """Yield the pages of a day, in two scripts."""
    for number, edition in product(range(ARTICLES // 30), SCRIPTS):
        yield edition.page(replace(ENGLISH, ident=f"a-{number}", published=DAY, language="zh-Hans"))


def lists() -> Iterator[str]:
    """Yield the lists of a channel, and of all, over many years."""
    months = [f"{year}-{month:02}" for year in range(2026, 2026 + YEARS) for month in range(1, 13)]
    for month, edition in product(months, SCRIPTS):
        yield from (edition.month("harbour", month, part) for part in range(LISTED // MONTH_SIZE))
        yield from (edition.day(f"{month}-{day:02}") for day in range(1, 32))
    yield from (SITE.sitemap(month, part) for month in months for part in range(ARTICLES // LIST_SIZE + 1))


def labels() -> Iterator[str]:
    """Yield the pages of a hundred thousand topics, in two scripts."""
    for number, edition in product(range(100_000), SCRIPTS):
        yield edition.label("tag", label_key(str(number)))


def words() -> Iterator[str]:
    """Yield the files of the search, in an archive of many years."""
    last = ARTICLES * 12 * YEARS
    groups = range(0, last // cards.GROUP, 64)  # some of each folder
    largest, *segments = runs(last // SIZE)
    leaves = (largest.file(0, f"term {number}") for number in range(40_000))
    others = (segment.file(level, "term") for segment in segments for level in range(3))
    yield from map(path, chain(map(cards.name, groups), leaves, others))


@pytest.mark.parametrize("every", [pictures, pages, lists, labels, words])
def test_no_folder_has_more_than_a_thousand_entries(every):
    made = list(every())
    assert len(set(made)) == len(made)
    assert most(made) <= MOST


def test_a_full_folder_is_noticed():
    assert most(f"a/{number % 7}/{number}" for number in range(7_007)) == MOST + 1
