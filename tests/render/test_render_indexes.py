from __future__ import annotations

import re
from datetime import timedelta

import pytest
import render_forge
from msgspec import structs
from render_samples import ENGLISH, NOTICES, OPTIONS, moment

from pappus.layout import LED_TO_BY_NONE, is_binding
from pappus.model import WORKER, Headline
from pappus.render import EDITIONS
from pappus.render.indexes import LATEST_SIZE, MONTH_SIZE
from pappus.render.inputs import Touched
from pappus.render.links import links
from pappus.render.paths import MARKDOWN

START = moment(11, 20)
TITLES = ("The tide turns", "渡轮恢复", "کشتی شبانه", "](javascript:x) <b>", "1. First", "Паром")


class MemoryShelf:
    """A archive over headlines in memory, as the store would give them."""

    def __init__(self, channels: dict[str, list[Headline]], named: dict[tuple[str, str], str] | None = None) -> None:
        self.listed = channels
        self.named = named or {}

    def channels(self):
        return sorted(name for name, headlines in self.listed.items() if headlines)

    def newest(self, channel, limit):
        return self.listed.get(channel, [])[:limit]

    def months(self, channel):
        return list(dict.fromkeys(f"{h.published:%Y-%m}" for h in self.listed.get(channel, [])))

    def month(self, channel, month, limit):
        every = self.latest(None) if channel is None else self.listed.get(channel, [])
        return [h for h in every if f"{h.published:%Y-%m}" == month][:limit]

    def month_size(self, channel, month, before="~"):
        return sum(f"{h.published:%Y-%m-%d}" < before for h in self.month(channel, month, None))

    def latest(self, limit):
        every = {(h.source, h.ident): h for headlines in self.listed.values() for h in headlines}
        return sorted(every.values(), key=lambda h: h.published, reverse=True)[:limit]

    def former(self, path):
        return ""

    def whole(self, headline):
        return structs.replace(ENGLISH, ident=headline.ident, title=headline.title, published=headline.published), {}

    def days(self):
        return list(dict.fromkeys(f"{h.published:%Y-%m-%d}" for h in self.latest(None)))

    def day(self, day):
        return [h for h in self.latest(None) if f"{h.published:%Y-%m-%d}" == day and not h.withdrawn]

    def around(self, day):
        before, after = [one for one in self.days() if one < day], [one for one in self.days() if one > day]
        return max(before, default=""), min(after, default="")

    def labels(self):
        return list(self.named)

    def labelled(self, kind, key, limit):
        return self.named.get((kind, key), ""), self.latest(limit)

    def hot(self, limit):
        return self.latest(limit)

    def recommended(self):
        return self.latest(3)


def headlines(count: int, step: timedelta = timedelta(hours=9)) -> list[Headline]:
    return [
        Headline(
            source="gazette",
            ident=f"n-{n}",
            title=f"{TITLES[n % len(TITLES)]} {n}",
            published=START - n * step,
            withdrawn=n == 4,
        )
        for n in range(count)
    ]


def artifacts(archive: MemoryShelf, touched: Touched | None = None, *, edition: str = "markdown", **changes):
    made = EDITIONS[edition](structs.replace(OPTIONS, **changes))
    found = list(made.indexes(touched or Touched(everything=True), archive))
    assert len({artifact.entry.path for artifact in found}) == len(found)
    return {artifact.entry.path: artifact for artifact in found}


def built(archive: MemoryShelf, touched: Touched | None = None, **changes) -> dict[str, str]:
    found = artifacts(archive, touched, **changes)
    texts = ("text/html", "text/markdown", "application/json")
    return {path: one.body.decode() for path, one in found.items() if one.entry.media_type.startswith(texts)}


both = pytest.mark.parametrize(("edition", "end"), [("markdown", "md"), ("site", "html")], ids=EDITIONS)
SHELF = MemoryShelf({"harbour": headlines(150), "بندر": headlines(5)})
OCTOBER = frozenset({"2026-10-20"})


@pytest.mark.parametrize("edition", EDITIONS)
def test_everything_is_reachable_from_home_and_nothing_is_dead(edition):
    indexes = artifacts(SHELF, edition=edition)
    paths = EDITIONS[edition].paths
    pages = {paths.page(headline) for headline in SHELF.listed["harbour"]}
    programs = {path for path in indexes if path.startswith(("sitemaps/", "feeds/list", "icon-"))}
    reached, waiting = {paths.home}, [paths.home]
    indexes.pop(WORKER, None)  # a script asks for it
    while waiting:
        path = waiting.pop()
        new = (links(indexes[path]) or set() if path in indexes else set()) - reached
        reached |= new
        waiting += new
    assert {path for path in reached if not is_binding(path)} == {*indexes, *pages} - programs - LED_TO_BY_NONE


def test_a_channel_lists_its_newest_titles_under_their_days():
    text = built(SHELF, index_size=4)["indexes/harbour.md"]
    assert text.startswith("# Harbour\n")
    assert text.index("**November 20, 2026**") < text.index("[The tide turns 0]") < text.index("**November 19, 2026**")
    assert "n-3.md" in text
    assert "n-5.md" not in text


def test_notices_stand_after_titles_three_six_and_nine():
    text = built(SHELF)["indexes/harbour.md"]
    kinds = ["notice" if line.startswith("- **[") else "title" for line in text.split("\n") if line.startswith("- ")]
    assert [index for index, kind in enumerate(kinds) if kind == "notice"] == [3, 7, 11]


def test_notices_do_not_vanish_where_there_are_few_titles():
    archive = MemoryShelf({"harbour": headlines(1)})
    assert built(archive, notices=NOTICES)["indexes/harbour.md"].count("- **[") == 2


@both
def test_a_withdrawn_article_stands_in_its_month_alone_without_its_title(edition, end):
    indexes = built(SHELF, edition=edition)
    having = {path for path, text in indexes.items() if f"n-4.{end}" in text}
    assert having == {f"indexes/harbour/2026-11.{end}", f"indexes/بندر/2026-11.{end}"}
    assert not re.search(r"1\. First 4\b", "".join(indexes.values()))


def test_a_withdrawn_article_leads_to_its_notice():
    indexes = built(SHELF)
    assert (
        "[This article has been withdrawn](../../pages/gazette/2026/11/18/n-4.md)"
        in indexes["indexes/harbour/2026-11.md"]
    )


def test_an_empty_channel_and_an_empty_newsroom_have_their_pages():
    indexes = built(MemoryShelf({}))
    assert set(indexes) == {
        "README.md", "guide.md", "indexes/hot.md", "indexes/recommended.md",
        "indexes/harbour.md", "indexes/港口.md", "indexes/بندر.md",
    }  # fmt: skip
    assert "No articles yet." in indexes["indexes/港口.md"]


@both
def test_only_touched_channels_and_months_are_written(edition, end):
    touched = Touched(channels={"harbour": OCTOBER})
    assert set(built(SHELF, touched, edition=edition)) == {
        EDITIONS[edition].paths.home, f"guide.{end}", f"indexes/hot.{end}", f"indexes/recommended.{end}",
        f"indexes/harbour.{end}", f"indexes/harbour/2026-10.{end}",
    } | ({"search.html"} if edition == "site" else set())  # fmt: skip


def test_a_large_month_is_cut_into_parts_of_which_the_full_ones_stay():
    before = built(MemoryShelf({"harbour": headlines(501, timedelta(minutes=5))}))
    after = built(MemoryShelf({"harbour": headlines(502, timedelta(minutes=5))}))
    parts = sorted(path for path in before if path.startswith("indexes/harbour/"))
    assert parts == ["indexes/harbour/2026-11-1.md", "indexes/harbour/2026-11-2.md", "indexes/harbour/2026-11.md"]
    assert before[parts[0]].count("/pages/") == MONTH_SIZE
    assert sum(before[part].count("/pages/") for part in parts) == 501
    assert set(after) == set(before)
    newer = MemoryShelf(
        {
            "harbour": [
                structs.replace(headlines(1)[0], ident="newer", published=START + timedelta(hours=1)),
                *headlines(501, timedelta(minutes=5)),
            ]
        }
    )
    now = built(newer)
    assert [part for part in parts if now[part] != before[part]] == ["indexes/harbour/2026-11.md"]


@both
@pytest.mark.parametrize(("new", "written"), [(0, {0}), (200, {0, 2}), (500, {0, 1, 2})])
def test_only_the_parts_of_a_month_are_written_from_that_on_which_an_article_changed(new, written, edition, end):
    every = headlines(600, timedelta(minutes=15))
    before = built(MemoryShelf({"harbour": [one for one in every if one is not every[new]]}), edition=edition)
    archive = MemoryShelf({"harbour": every})
    archive.former = lambda path: before.get(path, "")
    day = frozenset({f"{every[new].published:%Y-%m-%d}"})
    after = built(archive, Touched(days=day, channels={"harbour": day}), edition=edition)
    months = {path for path in after if path.startswith("indexes/harbour/")}
    assert months == {EDITIONS[edition].paths.month("harbour", "2026-11", part) for part in written}
    assert {path: (before | after)[path] for path in built(archive, edition=edition)} == built(archive, edition=edition)


def test_a_part_of_a_month_is_written_that_has_become_full():
    every = headlines(2 * MONTH_SIZE + 1, timedelta(minutes=15))
    before = built(MemoryShelf({"harbour": every[1:]}))
    archive = MemoryShelf({"harbour": every})
    archive.former = lambda path: before.get(path, "")
    day = frozenset({f"{every[0].published:%Y-%m-%d}"})
    after = built(archive, Touched(days=day, channels={"harbour": day}))
    assert {path for path in after if path.startswith("indexes/harbour/")} == {
        "indexes/harbour/2026-11.md", "indexes/harbour/2026-11-2.md",
    }  # fmt: skip
    assert {path: (before | after)[path] for path in built(archive)} == built(archive)


@both
@pytest.mark.parametrize("more", [1, 100, 101, 300], ids=lambda more: f"{more} more")
def test_full_parts_of_a_month_never_change_however_many_articles_come(more, edition, end):
    every = headlines(600 + more, timedelta(minutes=5))
    before = built(MemoryShelf({"harbour": every[more:]}), edition=edition)
    after = built(MemoryShelf({"harbour": every}), edition=edition)
    full = {path for path in before if path.startswith("indexes/harbour/2026-11-")}
    assert full == {f"indexes/harbour/2026-11-1.{end}", f"indexes/harbour/2026-11-2.{end}"}
    assert {path: after[path] for path in full} == {path: before[path] for path in full}
    assert before[f"indexes/harbour/2026-11.{end}"] != after[f"indexes/harbour/2026-11.{end}"]


@both
def test_parts_of_a_month_lead_to_one_another(edition, end):
    indexes = artifacts(MemoryShelf({"harbour": headlines(1501, timedelta(minutes=5))}), edition=edition)
    newest, *full = (f"indexes/harbour/2026-11{part}.{end}" for part in ("", "-1", "-2", "-3"))
    parts = {newest, *full}
    ways = {path: links(indexes[path]) & parts - {path} for path in parts}
    assert ways == {newest: set(full), full[0]: {newest}, full[1]: {newest, full[0]}, full[2]: {newest, full[1]}}


def test_a_part_of_a_month_says_which_it_is():
    indexes = built(MemoryShelf({"harbour": headlines(1501, timedelta(minutes=5))}))
    newest, *full = (f"indexes/harbour/2026-11{part}.md" for part in ("", "-1", "-2", "-3"))
    assert indexes[newest].startswith("# Harbour: November 2026\n")
    assert indexes[full[1]].startswith("# Harbour: November 2026 · Part 2\n")
    assert "[November 2026](2026-11.md) · [Part 1](2026-11-1.md)" in indexes[full[1]]


def test_home_shows_channels_latest_titles_code_and_permissions():
    text = built(SHELF)["README.md"]
    assert text.startswith("# Harbour Mirror\n")
    assert (
        "**Port Avel Gazette**\\\n[Harbour](indexes/harbour.md) · [港口新闻](indexes/%E6%B8%AF%E5%8F%A3.md) · " in text
    )
    assert "![QR code with the address of this mirror](qr/home.png)" in text
    assert "- Port Avel Gazette: CC BY 4.0" in text
    newest = SHELF.latest(LATEST_SIZE + 1)
    shown = [headline for headline in newest if MARKDOWN.page(headline) in text]
    assert shown == [headline for headline in newest[:-1] if not headline.withdrawn]


@pytest.mark.parametrize("language", ["en", "fa", "zh-Hant", "my"])
def test_the_forge_takes_nothing_away_from_indexes(language):
    for text in built(SHELF, language=language).values():
        rendered = render_forge.html(text)
        assert render_forge.kept(rendered) == render_forge.whole(rendered)
        assert "javascript:x" not in rendered.replace("](javascript:x)", "")


def test_titles_that_run_the_other_way_are_set_apart():
    assert '- <span dir="rtl">[کشتی شبانه 2](' in built(SHELF)["indexes/harbour.md"]
    assert '- <span dir="ltr">[The tide turns 0](' in built(SHELF, language="fa")["indexes/harbour.md"]


def test_links_to_articles_carry_their_id_when_asked_for():
    assert "n-0.md?n-0)" in built(SHELF, link_suffix=True)["indexes/hot.md"]


def test_a_channel_that_the_newsroom_has_no_more_stays_reachable():
    archive = MemoryShelf({**SHELF.listed, "fog-desk": headlines(3)})
    indexes = built(archive)
    assert "Earlier channels" in indexes["README.md"]
    assert "[fog-desk](indexes/fog-desk.md)" in indexes["README.md"]
    assert "indexes/fog-desk.md" in indexes
    assert "Earlier channels" not in built(SHELF)["README.md"]
