"""The memory of sources: traces of articles, bounded, and gone with what is withdrawn."""

import sqlite3

import zstandard
from store_samples import LATER, SITE, put

from pappus.model import NO_TRACES, Mark, Traces
from pappus.store import open_store
from pappus.store.database import _migrations
from pappus.store.memory import NEWEST


def marks(*names):
    return frozenset(Mark(name.encode().ljust(8, b".")) for name in names)


def keep(store, slug, *shown, repeated=(), turn=0, channel="news", source="gazette"):
    article, _ = put(store, slug, channel=channel, source=source)
    store.memory.keep(article, channel, Traces(shown=marks(*shown), repeated=marks(*repeated)), turn)
    return article


def test_traces_count_once_their_turn_is_over(store):
    keep(store, "a", "plea", turn=1)
    keep(store, "b", "call", turn=2)
    keep(store, "c", "other", turn=1, channel="sport")
    assert store.memory.newest("gazette") == []
    assert store.memory.settle("gazette", "news", 1)
    assert store.memory.newest("gazette") == [marks("plea")]
    assert not store.memory.settle("gazette", "news", 1)
    assert store.memory.settle("gazette", "news")
    assert store.memory.newest("gazette") == [marks("call"), marks("plea")]


def test_sources_are_strangers(store):
    keep(store, "a", "plea")
    keep(store, "b", "call", source="courier")
    for source in ("gazette", "courier"):
        store.memory.settle(source, "news")
    assert store.memory.newest("gazette") == [marks("plea")]


def test_a_later_look_adds_to_an_article_s_traces_and_counts_once(store):
    article = keep(store, "a", "plea", "boat", repeated=["plea"])
    store.memory.settle("gazette", "news")
    store.memory.add(article, Traces(shown=marks("plea", "call"), repeated=marks("call")))
    assert store.memory.of(article) == Traces(shown=marks("plea", "boat", "call"), repeated=marks("plea", "call"))
    assert store.memory.newest("gazette") == [marks("plea", "boat", "call")]


def test_an_article_without_traces_gets_none_later(store):
    article, _ = put(store, "a")
    store.memory.add(article, Traces(shown=marks("plea")))
    assert store.memory.of(article) == NO_TRACES


def test_of_old_articles_is_kept_what_repeated_and_nothing_else(store):
    first = keep(store, "first", "plea", "boat", repeated=["plea"])
    second = keep(store, "second", "ship")
    for number in range(NEWEST):
        keep(store, f"a{number}", "plea", f"b{number}", turn=number)
    store.memory.settle("gazette", "news")
    assert len(store.memory.newest("gazette")) == NEWEST
    assert store.memory.of(first) == Traces(repeated=marks("plea"))
    assert store.memory.of(second) == NO_TRACES
    assert store.database.one("SELECT count(*) FROM trace") == (NEWEST + 1,)


def test_nothing_is_remembered_of_what_is_withdrawn_for_good(store):
    article = keep(store, "a", "plea", repeated=["plea"])
    store.memory.settle("gazette", "news")
    store.withdrawals.purge(article, "by order of a court", LATER)
    assert store.database.one("SELECT count(*) FROM trace") == (0,)
    assert store.memory.newest("gazette") == []


def test_a_store_of_the_second_version_is_brought_up_to_date(tmp_path):
    connection = sqlite3.connect(tmp_path / "pappus.db")
    connection.create_function("bin_of", 1, len, deterministic=True)
    for version, script in enumerate(_migrations()[:2], 1):
        connection.executescript(f"{script}\nPRAGMA user_version = {version};")
    connection.execute(
        "INSERT INTO article (id, source, ident, day, url, channel, title, published, language, direction, digest, changed, content)"
        " VALUES (7, 'gazette', 'ferry', '2026-11-05', ?, 'news', 'Ferry', '2026-11-05T12:00:00Z', 'en', 'ltr', 'd', 3, ?)",
        (SITE + "ferry", zstandard.compress(b"{}")),
    )
    connection.execute("INSERT INTO address (source, url, article) VALUES ('gazette', ?, 7)", (SITE + "ferry",))
    connection.commit()
    connection.close()
    with open_store(tmp_path) as store:
        assert store.database.one("PRAGMA user_version") == (len(_migrations()),)
        assert store.articles.find("gazette", (SITE + "ferry",)) == 7
        assert store.memory.of(7) == NO_TRACES
        assert store.memory.newest("gazette") == []
        keep(store, "boat", "plea")
        store.memory.settle("gazette", "news")
        assert store.memory.newest("gazette") == [marks("plea")]
