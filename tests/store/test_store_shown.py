"""What pages and lists show of other articles: authors and tags, what comes next, pictures; and which pages change with it."""

from __future__ import annotations

from datetime import timedelta

from store_samples import LATER, NOON, SITE, draft, placing, put

from pappus.layout import label_key
from pappus.model import Label, Media, Picture, digest
from pappus.store import open_store

HOUR = timedelta(hours=1)
FERRY = Label("tag", label_key("Ferry"), "Ferry")


def touched(store, act):
    """Return the titles of the articles whose pages change when something is done."""
    before = store.articles.counter()
    act()
    return {article.title for _, article in store.articles.changed_since(before)}


def titles(headlines):
    return [headline.title for headline in headlines]


def test_an_author_or_a_tag_counts_from_the_second_article_on(store):
    one, _ = put(store, "one", tags=("Ferry", "Quay"), authors=("Ana Reef",))
    assert store.articles.labels(one) == []
    two, _ = put(store, "two", tags=("ferry",), authors=("Ben Sand",))
    assert store.articles.labels(one) == [FERRY]
    assert store.articles.labels(two) == [Label("tag", FERRY.key, "ferry")]
    assert store.articles.all_labels() == [("tag", FERRY.key)]


def test_the_page_of_the_first_changes_with_the_second_and_no_other_with_the_third(store):
    def enter(slug):
        return lambda: put(store, slug, tags=("Ferry",), channel=slug)

    assert touched(store, enter("one")) == {"One"}
    assert touched(store, enter("two")) == {"Two", "One"}
    assert touched(store, enter("three")) == {"Three"}


def test_a_list_of_an_author_has_the_newest_articles_first_and_is_named_as_the_newest_has_it(store):
    for number in range(4):
        put(store, f"n-{number}", authors=("ANA REEF" if number == 3 else "Ana Reef",), published=NOON + number * HOUR)
    name, headlines = store.articles.labelled("author", label_key("Ana Reef"), 3)
    assert (name, titles(headlines)) == ("ANA REEF", ["N-3", "N-2", "N-1"])


def test_a_label_that_one_article_has_is_no_list_any_more(store):
    one, _ = put(store, "one", tags=("Ferry",), channel="a")
    two, _ = put(store, "two", tags=("Ferry",), channel="b")
    assert touched(store, lambda: store.articles.withdraw(two, "publisher", LATER)) == {"One", "Two"}
    assert store.articles.labels(one) == []
    assert store.articles.labelled("tag", FERRY.key, 9) == ("", [])
    assert store.articles.all_labels() == []


def test_a_revision_has_its_own_labels_and_one_that_comes_back_has_them_again(store):
    put(store, "one", tags=("Ferry",))
    two, _ = put(store, "two", tags=("Ferry",))
    put(store, "two", tags=("Bridge",), body="<p>revised</p>", now=LATER)
    assert store.articles.labelled("tag", FERRY.key, 9) == ("", [])
    store.articles.withdraw(two, "publisher", LATER)
    put(store, "two", tags=("Ferry",), body="<p>revised</p>", now=LATER)
    assert titles(store.articles.labelled("tag", FERRY.key, 9)[1]) == ["Two", "One"]


def test_names_that_unicode_writes_in_two_ways_are_one():
    assert label_key("Caf\u00e9") == label_key("CAFE\u0301")
    assert label_key("Ferry") != label_key("Ferries")


def test_what_no_page_shows_of_a_name_makes_no_other_name(store):
    one, _ = put(store, "one", tags=("Ferry", "  ", "\u202e"))
    two, _ = put(store, "two", tags=("\u202eFerry ", "Ferry", "\u2028", "\u202e"))
    assert store.articles.labels(one) == store.articles.labels(two) == [FERRY]


def test_the_next_three_of_its_own_channel_come_after_an_article(store):
    rows = {number: put(store, f"n-{number}", published=NOON + number * HOUR)[0] for number in range(6)}
    put(store, "elsewhere", channel="city", published=NOON + 4 * HOUR)
    store.articles.withdraw(rows[3], "publisher", LATER)
    assert titles(store.articles.older(rows[5])) == ["N-4", "N-2", "N-1"]
    assert store.articles.older(rows[0]) == []


def test_a_newer_article_changes_no_page_and_an_older_one_those_of_the_next_three(store):
    for number in range(1, 6):
        put(store, f"n-{number}", published=NOON + number * HOUR)
    assert touched(store, lambda: put(store, "new", published=NOON + 9 * HOUR)) == {"New"}
    assert touched(store, lambda: put(store, "old", published=NOON)) == {"Old", "N-1", "N-2", "N-3"}
    revise = {"body": "<p>revised</p>", "published": NOON, "now": LATER}
    assert touched(store, lambda: put(store, "old", **revise)) == {"Old"}
    named = {"title": "Named anew", "published": NOON, "now": LATER}
    assert touched(store, lambda: put(store, "old", **named)) == {"Named anew", "N-1", "N-2", "N-3"}


def test_an_article_in_another_language_changes_the_pages_that_link_to_it(store):
    put(store, "one", language="zh")
    put(store, "two", channel="city", links=(SITE + "one",))
    assert touched(store, lambda: put(store, "one", language="zh", body="<p>more</p>")) == {"One"}
    assert touched(store, lambda: put(store, "one", language="zh-Hant", body="<p>more</p>")) == {"One", "Two"}


def test_an_article_that_is_listed_in_a_second_channel_changes_the_pages_that_lead_on_to_it_there(store):
    one, _ = put(store, "one")
    put(store, "two", published=NOON + HOUR)
    put(store, "city", channel="city", published=NOON + HOUR)
    assert touched(store, lambda: store.articles.enlist(one, "city")) == {"One", "City"}


def test_what_is_purged_is_in_no_list_and_leaves_no_word(store):
    one, _ = put(store, "one", tags=("Ferry", "Secret"), summary="Secret")
    put(store, "two", tags=("Ferry",), published=NOON + HOUR)
    assert touched(store, lambda: store.withdrawals.purge(one, "asked", LATER)) == {"", "Two"}
    assert store.database.one("SELECT count(*) FROM label WHERE article = ?", (one,)) == (0,)
    assert store.database.one("SELECT count(*) FROM preview WHERE article = ?", (one,)) == (0,)


def _pictured(store, folder):
    media = Media(digest=digest(b"picture"), media_type="image/png", size=7, width=30, height=20)
    columns = (media.digest, media.media_type, media.size, media.width, media.height)
    store.database.execute(
        "INSERT INTO media (digest, media_type, size, width, height) VALUES (?, ?, ?, ?, ?)", columns
    )
    shown = draft(
        "one", lead=Picture(src=f"media:{media.digest}"), summary="In short", tags=("Ferry",), authors=("Ana",)
    )
    store.articles.put(shown, (media,), placing("one"), NOON)
    put(store, "two", tags=("Ferry",), published=NOON + HOUR)
    return media


def test_a_headline_has_its_picture_and_its_summary(store, tmp_path):
    media = _pictured(store, tmp_path)
    two, one = store.articles.newest("news", 9)
    assert (one.picture, one.summary) == (media, "In short")
    assert (two.picture, two.summary) == (None, "")
    assert store.articles.latest(9) == store.articles.day("2026-11-05") == [two, one]


def test_days_are_known_with_those_beside_them(store):
    for number in (0, 1, 4):
        put(store, f"n-{number}", published=NOON + timedelta(days=number))
    gone, _ = put(store, "gone", published=NOON + timedelta(days=3))
    store.articles.withdraw(gone, "publisher", LATER)
    assert store.articles.days() == ["2026-11-09", "2026-11-08", "2026-11-06", "2026-11-05"]
    assert store.articles.around("2026-11-06") == ("2026-11-05", "2026-11-08")
    assert store.articles.around("2026-11-05") == ("", "2026-11-06")
    assert store.articles.day("2026-11-08") == []


def test_an_older_store_learns_what_lists_show(tmp_path):
    with open_store(tmp_path) as store:
        _pictured(store, tmp_path)
        gone, _ = put(store, "gone", tags=("Ferry",))
        store.articles.withdraw(gone, "publisher", LATER)
        known = {
            table: store.database.execute(f"SELECT * FROM {table} ORDER BY 1, 2, 3").fetchall()
            for table in ("preview", "label")
        }
        assert all(known.values())
        for table in known:
            store.database.execute(f"DROP TABLE {table}")
        store.database.execute("DROP INDEX article_day")
        store.database.execute("CREATE TABLE search_segment (edition TEXT)")  # there was one then
        store.database.execute("PRAGMA user_version = 5")
    with open_store(tmp_path) as store:
        for table, rows in known.items():
            assert store.database.execute(f"SELECT * FROM {table} ORDER BY 1, 2, 3").fetchall() == rows
