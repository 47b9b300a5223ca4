"""Lists of a site take the entries of articles that did not change from what stands there, and come out as if all of it were written."""

from __future__ import annotations

import pytest
from msgspec import structs
from render_samples import OPTIONS, edition
from test_render_indexes import MemoryShelf
from test_render_kinds import ANA, DAYS, FERRIES, SHELF

from pappus.errors import BuildError
from pappus.render import Touched
from pappus.render.paths import SITE

LABELS = {("author", ANA.key): "Ana Reef", ("tag", FERRIES.key): "ferries"}
LISTS = [
    SITE.channel("harbour"), SITE.month("harbour", "2026-11"), SITE.day("2026-11-20"), SITE.label("tag", FERRIES.key),
]  # fmt: skip


def written(archive: MemoryShelf, touched: Touched, **changes) -> dict[str, str]:
    made = edition(structs.replace(OPTIONS, **changes)).indexes(touched, archive)
    return {one.entry.path: one.body.decode() for one in made if one.entry.media_type == "text/html"}


def touching(*articles) -> Touched:
    days = frozenset(f"{one.published:%Y-%m-%d}" for one in articles)
    return Touched(
        days=days,
        channels={"harbour": days},
        pages=frozenset(map(SITE.page, articles)),
        lists=frozenset(SITE.label(*label) for label in LABELS),
    )


def shelf_of(articles, standing: dict[str, str]) -> MemoryShelf:
    archive = MemoryShelf({"harbour": list(articles)}, LABELS)
    archive.former = lambda path: standing.get(path, "")
    return archive


FIRST, *REST = DAYS
BEFORE = written(SHELF, Touched(everything=True))


@pytest.mark.parametrize("path", LISTS)
def test_an_entry_that_stands_there_is_taken_as_it_is_where_its_article_did_not_change(path):
    marked = {path: BEFORE[path].replace('gazette-0.html"><bdi>Story 0', 'gazette-0.html"><bdi>As it stood')}
    assert "As it stood" in written(shelf_of(DAYS, marked), touching(DAYS[1]))[path]
    assert "As it stood" not in written(shelf_of(DAYS, marked), touching(FIRST))[path]
    assert "As it stood" not in written(shelf_of(DAYS, marked), Touched(everything=True))[path]


def test_lists_come_out_as_if_all_of_them_were_written():
    steps = {
        "new": (REST, DAYS, FIRST),
        "withdrawn": (DAYS, [structs.replace(FIRST, withdrawn=True, summary="", picture=None), *REST], FIRST),
        "corrected": (DAYS, [FIRST, structs.replace(DAYS[1], title="Another title", revision=2), *DAYS[2:]], DAYS[1]),
    }
    for before, after, changed in steps.values():
        standing = written(shelf_of(before, {}), Touched(everything=True))
        step = written(shelf_of(after, standing), touching(changed))
        whole = written(shelf_of(after, {}), Touched(everything=True))
        assert set(LISTS) <= step.keys()
        assert {**standing, **step} == whole


def test_the_front_is_written_whole_for_an_article_looks_otherwise_there_by_its_place():
    marked = {path: text.replace("Story 0", "As it stood") for path, text in BEFORE.items()}
    text = written(shelf_of(DAYS, marked), touching(DAYS[1]))[SITE.home]
    assert "As it stood" not in text


@pytest.mark.parametrize(
    "entry", ["<p>{{ headline(one) }}</p>", "<li><ul><li>{{ headline(one) }}</li></ul></li>", "<li>1</li><li>2</li>"]
)
def test_a_template_of_the_operator_whose_entries_would_not_be_found_again_is_refused(entry):
    text = f"{{% call(one) each(index.headlines) %}}{entry}{{% endcall %}}"
    with pytest.raises(BuildError, match="one <li>"):
        written(SHELF, Touched(everything=True), templates=(("label.html", text),))
