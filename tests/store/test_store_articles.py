"""Articles: put, revised, withdrawn, listed; the store gives back what it took."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from store_samples import LATER, NOON, SITE, draft, placing, put, undone

from pappus.model import Draft, Media, Notice, Picture, Validators, digest
from pappus.store import Look, open_store
from pappus.urls import distinct


def titles(headlines):
    return [headline.title for headline in headlines]


def test_a_draft_is_new_then_the_same_then_a_revision(store):
    article, first = put(store, now=NOON)
    again = put(store, now=LATER)
    revised = put(store, body="<p>corrected</p>", now=LATER)
    assert (first, again, revised) == ("new", (article, "same"), (article, "revised"))
    stored = store.articles.get(article)
    assert (stored.body, stored.revision, stored.revised, stored.published) == ("<p>corrected</p>", 2, LATER, NOON)


def test_a_revision_is_dated_as_its_publisher_dates_it(store):
    article, _ = put(store)
    put(store, body="<p>corrected</p>", updated=NOON + timedelta(minutes=5), now=LATER)
    assert store.articles.get(article).revised == NOON + timedelta(minutes=5)


def test_other_tags_and_dates_alone_make_no_revision(store):
    article, _ = put(store)
    assert put(store, tags=("sea",), updated=LATER, published=LATER)[1] == "same"
    assert store.articles.get(article).published == NOON


def test_former_revisions_are_kept_by_digest(store):
    article, _ = put(store)
    put(store, body="<p>2</p>")
    put(store, body="<p>3</p>")
    rows = store.database.execute(
        "SELECT number FROM revision WHERE article = ? ORDER BY number", (article,)
    ).fetchall()
    assert rows == [(1,), (2,)]


def test_an_article_of_several_addresses_is_stored_once(store):
    article, _ = put(store, "ferry", addresses=(SITE + "moved", SITE + "short"))
    other, outcome = put(store, "moved", title="Ferry", body="<p>ferry</p>", channel="city")
    assert (other, outcome) == (article, "same")
    assert store.articles.channels(article) == ["city", "news"]
    assert store.articles.count() == 1


def test_two_sources_may_have_the_same_address(store):
    assert put(store, source="gazette")[0] != put(store, source="herald")[0]


def test_the_same_id_on_the_same_day_is_made_distinct(store):
    first, _ = put(store, "one", ident="story")
    second, _ = put(store, "two", ident="story")
    third, _ = put(store, "three", ident="story", published=NOON + timedelta(days=1))
    assert [store.articles.get(n).ident for n in (first, second, third)] == [
        "story",
        distinct("story", SITE + "two"),
        "story",
    ]


def test_a_feed_that_foresees_the_distinct_id_stops_nothing(store):
    put(store, "one", ident="story")
    put(store, "two", ident=distinct("story", SITE + "three"))
    third, outcome = put(store, "three", ident="story")
    assert outcome == "new"
    assert store.articles.get(third).ident.startswith("story-")


def test_notices_are_those_of_the_first_day(store):
    notices = (
        Notice(text="Letter", url="https://a.example/"),
        Notice(text="Film", url="https://b.example/", rotating=True),
    )
    article, _ = store.articles.put(draft(), (), placing(notices=notices), NOON)
    store.articles.put(draft(body="<p>2</p>"), (), placing(notices=()), NOON)
    assert store.articles.get(article).notices == notices


def test_changed_since_tells_each_change_once_and_in_order(store):
    assert [a.title for _, a in store.articles.changed_since(0)] == []
    put(store, "one")
    put(store, "two")
    seen = store.articles.counter()
    assert [a.title for _, a in store.articles.changed_since(0)] == ["One", "Two"]
    assert list(store.articles.changed_since(seen)) == []
    put(store, "one", body="<p>corrected</p>")
    assert [a.title for _, a in store.articles.changed_since(seen)] == ["One"]


def test_changed_since_is_complete_past_one_batch(store):
    with store.database.transaction():
        for number in range(450):
            put(store, f"a{number}")
    assert len({ident for ident, _ in store.articles.changed_since(0)}) == 450


def test_pages_that_link_to_a_new_article_change_with_it(store):
    linker, _ = put(store, "linker", links=(SITE + "bridge",))
    put(store, "other")
    seen = store.articles.counter()
    assert store.articles.linked(linker) == {}
    put(store, "bridge")
    assert {a.title for _, a in store.articles.changed_since(seen)} == {"Bridge", "Linker"}
    assert store.articles.linked(linker)[SITE + "bridge"].title == "Bridge"


def test_pages_that_link_to_another_address_of_a_known_article_change_when_it_is_found(store):
    linker, _ = put(store, "linker", links=(SITE + "short",))
    put(store, "bridge")
    seen = store.articles.counter()
    put(store, "bridge", addresses=(SITE + "short",))
    assert [a.title for _, a in store.articles.changed_since(seen)] == ["Linker"]
    assert store.articles.linked(linker)[SITE + "short"].title == "Bridge"


def test_a_page_leads_to_what_its_own_source_has_at_an_address_whoever_came_first(store):
    put(store, "bridge", source="herald", title="Bridge, as others tell it")
    linker, _ = put(store, "linker", source="gazette", links=(SITE + "bridge",))
    assert store.articles.linked(linker)[SITE + "bridge"].source == "herald"
    seen = store.articles.counter()
    put(store, "bridge", source="gazette")
    assert store.articles.linked(linker)[SITE + "bridge"].source == "gazette"
    assert "Linker" in titles(article for _, article in store.articles.changed_since(seen))


def test_an_article_does_not_link_to_itself_nor_to_a_withdrawn_one(store):
    article, _ = put(store, "ferry", links=(SITE + "ferry", SITE + "bridge"))
    bridge, _ = put(store, "bridge")
    store.articles.withdraw(bridge, "publisher", NOON)
    assert store.articles.linked(article) == {}


def test_a_second_channel_changes_the_article_once(store):
    article, _ = put(store)
    seen = store.articles.counter()
    assert store.articles.enlist(article, "city")
    assert not store.articles.enlist(article, "city")
    assert [ident for ident, _ in store.articles.changed_since(seen)] == [article]
    assert titles(store.articles.newest("city", 5)) == ["Ferry"]


def test_lists_are_newest_first_then_by_source_and_id(store):
    put(store, "old", published=NOON - timedelta(days=40))
    put(store, "b")
    put(store, "a")
    put(store, "a2", source="almanac")
    assert titles(store.articles.newest("news", 10)) == ["A2", "A", "B", "Old"]
    assert titles(store.articles.latest(3)) == ["A2", "A", "B"]
    assert titles(store.articles.newest("news", 2)) == ["A2", "A"]
    assert store.articles.months("news") == ["2026-11", "2026-09"]
    assert titles(store.articles.month("news", "2026-09")) == ["Old"]
    assert store.articles.months("city") == []


def test_months_end_where_months_end(store):
    put(store, "first", published=datetime(2026, 11, 1, tzinfo=UTC))
    put(store, "last", published=datetime(2026, 10, 31, 23, 59, 59, tzinfo=UTC))
    assert titles(store.articles.month("news", "2026-11")) == ["First"]
    assert titles(store.articles.month("news", "2026-10")) == ["Last"]


def test_the_newest_of_a_month_are_those_of_a_channel_or_of_all_and_withdrawn_ones_are_among_them(store):
    put(store, "old", published=NOON - timedelta(days=2))
    put(store, "gone")
    put(store, "bridge", published=NOON - timedelta(days=1))
    other, _ = put(store, "elsewhere", published=NOON - timedelta(days=1), source="almanac")
    store.articles.enlist(other, "city")
    store.articles.withdraw(2, "publisher", NOON)
    assert [one.ident for one in store.articles.month("city", "2026-11", 5)] == ["elsewhere"]
    for channel in (None, "news"):
        assert [one.ident for one in store.articles.month(channel, "2026-11", 3)] == ["gone", "elsewhere", "bridge"]
        assert store.articles.month_size(channel, "2026-11") == 4
        assert store.articles.month_size(channel, "2026-11", f"{NOON:%Y-%m-%d}") == 3
        assert store.articles.month_size(channel, "2026-11", "2026-11") == 0
    assert store.articles.month_size("city", "2026-11") == 1
    assert store.articles.month_size(None, "2026-10") == 0


def test_moments_of_another_zone_are_stored_in_utc(store):
    zone = datetime.fromisoformat("2026-11-06T03:30:00+05:30")
    article, _ = put(store, published=zone)
    assert store.articles.get(article).published == zone
    assert store.articles.get(article).published.utcoffset() == timedelta(0)


def test_a_withdrawn_article_is_listed_no_more_but_kept(store):
    secret = "a sentence that may come back"
    article, _ = put(store, body=f"<p>{secret}</p>", summary=secret, subtitle=secret, links=(SITE + "x",))
    seen = store.articles.counter()
    assert store.articles.withdraw(article, "publisher", LATER)
    assert not store.articles.withdraw(article, "publisher", LATER)
    gone = store.articles.get(article)
    assert secret in gone.body
    assert (gone.withdrawn, gone.revised) == ("publisher", LATER)
    assert [ident for ident, _ in store.articles.changed_since(seen)] == [article]
    assert store.articles.newest("news", 5) == store.articles.latest(5) == []
    assert store.articles.month("news", "2026-11")[0].withdrawn
    assert store.articles.due("gazette", LATER + timedelta(days=400)) == []


def test_a_withdrawn_article_that_is_published_again_stands_again(store):
    article, _ = put(store)
    store.articles.withdraw(article, "publisher", NOON)
    assert put(store)[1] == "revised"
    assert (store.articles.get(article).withdrawn, store.articles.get(article).body) == ("", "<p>ferry</p>")


def look(etag, again):
    return Look(page=SITE + "found", validators=Validators(etag=etag), setting="as it is read", again=again)


def test_a_former_revision_is_kept_whole(store):
    article, _ = put(store, body="<p>ten boats</p>")
    put(store, body="<p>eleven boats</p>")
    rows = store.database.execute("SELECT number, content FROM revision WHERE article = ?", (article,)).fetchall()
    assert [number for number, _ in rows] == [1]
    assert b"ten boats" in store.articles._packer.unpack(rows[0][1])


def test_articles_are_due_when_their_time_has_come(store):
    early, _ = put(store, "early")
    late, _ = put(store, "late")
    put(store, "never")
    store.articles.looked(late, look('"2"', NOON + timedelta(hours=2)))
    store.articles.looked(early, look('"1"', NOON + timedelta(hours=1)))
    assert store.articles.due("gazette", NOON) == []
    due = store.articles.due("gazette", LATER)
    assert [(one.id, one.looks, one.last.validators.etag) for one in due] == [(early, 1, '"1"'), (late, 1, '"2"')]
    assert {(one.last.page, one.last.setting) for one in due} == {(SITE + "found", "as it is read")}
    assert store.articles.due("herald", LATER) == []
    store.articles.looked(early, look("", None))
    assert [one.id for one in store.articles.due("gazette", LATER)] == [late]


def test_recommended_addresses_become_headlines_in_their_order(store):
    put(store, "one", addresses=(SITE + "uno",))
    put(store, "two")
    gone, _ = put(store, "three")
    store.articles.withdraw(gone, "publisher", NOON)
    asked = [SITE + "two", SITE + "nothing", SITE + "uno", SITE + "one", SITE + "three"]
    assert titles(store.articles.headlines(asked)) == ["Two", "One"]


def test_an_unknown_row_is_a_key_error(store):
    with pytest.raises(KeyError):
        store.articles.get(7)


@pytest.mark.parametrize(
    ("sql", "values"),
    [
        pytest.param(
            "SELECT 1 FROM article WHERE withdrawn = '' ORDER BY published DESC, source, ident LIMIT 5", (), id="latest"
        ),
        pytest.param(
            "SELECT 1 FROM address JOIN article ON article.id = address.article WHERE address.url = ?",
            ("",),
            id="by-url",
        ),
        pytest.param("SELECT 1 FROM link WHERE url = ?", ("",), id="linkers"),
        pytest.param("SELECT max(published) FROM listing WHERE channel = ? AND published < ?", ("", ""), id="months"),
        pytest.param(
            "SELECT 1 FROM article WHERE source = ? AND next_look <= ? ORDER BY next_look, id", ("", ""), id="due"
        ),
    ],
)
def test_cost_follows_change_not_size(store, sql, values):
    plan = [row[3] for row in store.database.execute(f"EXPLAIN QUERY PLAN {sql}", values).fetchall()]
    scans = [step for step in plan if step.startswith("SCAN") and "INDEX" not in step]
    assert scans == []
    assert not any("TEMP B-TREE FOR ORDER BY" in step for step in plan)


words = st.text(st.characters(exclude_categories=("Cs",)), max_size=30)
moments = st.datetimes(min_value=datetime(1, 1, 2), max_value=datetime(9999, 12, 30), timezones=st.just(UTC)).map(  # noqa: DTZ001
    lambda moment: moment.replace(microsecond=0)
)
pictures = st.builds(Picture, src=words, alt=words, caption=words, credit=words)
drafts = st.builds(
    Draft, url=st.just(SITE), title=words, body=words, subtitle=words, authors=st.lists(words, max_size=3).map(tuple),
    published=st.none() | moments, updated=st.none() | moments, language=words, direction=st.sampled_from(["ltr", "rtl"]),
    lead=st.none() | pictures, summary=words, tags=st.lists(words, max_size=3).map(tuple), licence=words,
)  # fmt: skip
media = st.lists(
    st.builds(
        Media, digest=st.binary().map(digest), media_type=st.sampled_from(["image/png", "image/jpeg"]), size=st.integers(0, 2**40),
        width=st.integers(1, 9999), height=st.integers(1, 9999),
    ),
    max_size=3,
)  # fmt: skip


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(drafts, media)
def test_the_store_gives_back_what_it_took(tmp_path_factory, store, given_draft, files):
    with undone(store):
        article, _ = store.articles.put(given_draft, files, placing(), NOON)
        got = store.articles.get(article)
        for name in (
            "url",
            "title",
            "body",
            "subtitle",
            "authors",
            "updated",
            "language",
            "direction",
            "lead",
            "summary",
            "tags",
            "licence",
        ):
            assert getattr(got, name) == getattr(given_draft, name), name
        assert got.published == (given_draft.published or NOON)
        assert got.media == tuple(files)
    assert store.articles.count() == 0


def test_what_was_put_is_there_when_the_store_is_opened_again(tmp_path):
    with open_store(tmp_path) as store:
        article, _ = put(store)
    with open_store(tmp_path, write=False) as store:
        assert store.articles.get(article).title == "Ferry"
