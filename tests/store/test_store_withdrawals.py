"""Withdrawn for good: nothing of an article is left in any byte of the store's folder, and nothing brings it back."""

from __future__ import annotations

import random
import shutil
import sqlite3
from contextlib import closing

import pytest
from store_samples import LATER, NOON, SITE, build, draft, page, placing, put, undone
from store_traces import frames, traces, values

from pappus.model import NO_VALIDATORS, Artifact, Entry, Lead, Media, digest
from pappus.store import Event, Look, Settled, open_store
from pappus.store.withdrawals import _PACKED

CANARY = "the harbour master has sold the lighthouse for eleven herrings and a rope"
TITLE = "Lighthouse sold for herrings"
FORMER = "Lighthouse may be sold"
SECRETS = (CANARY, TITLE, FORMER, "harbour master has sold", "eleven herrings")


def picture(name):
    data = name.encode() * 50
    return data, Media(digest=digest(data), media_type="image/png", size=len(data), width=1, height=1)


def shown(article_media):
    data, media = article_media
    entry = Entry(
        path=f"media/2026/11/05/{media.digest}.png", size=len(data), digest=media.digest, media_type="image/png"
    )
    return Artifact(entry=entry)


def keep(store, name):
    data, media = picture(name)
    store.files.keep(SITE + name, data, media, NO_VALIDATORS)
    return media


def full(store):
    """Put the article: two revisions, media of its own and one that another shows, reports, a failed lead, a built edition."""
    own, former, both = keep(store, "own.png"), keep(store, "former.png"), keep(store, "both.png")
    body = f"<p>{CANARY}</p>" * 3
    place = placing(addresses=(SITE + "short",), links=(SITE + "other",))
    run = store.runs.start("gather", NOON)
    article, _ = store.articles.put(draft(title=FORMER, body=body + "!"), (former,), place, NOON)
    store.articles.put(draft(title=TITLE, body=body, summary=CANARY), (own, both), place, LATER)
    other, _ = store.articles.put(draft("other"), (both,), placing("other", links=(SITE + "short",)), NOON)
    store.articles.looked(article, Look(page=SITE + "short", validators=NO_VALIDATORS, setting="s", again=LATER))
    store.leads.settle(
        "city",
        SITE + "short",
        Settled(state="failed", fingerprint="f", reason=TITLE, attempts=1, next_try=LATER),
        again=Lead(url=SITE + "short", title=TITLE, content=CANARY),
    )
    events = [
        Event(kind="new", place="news", subject=SITE + "ferry", reason=FORMER),
        Event(kind="revised", place="news", subject=SITE + "ferry", reason=TITLE),
        Event(kind="new", place="news", subject=SITE + "ferry-2", reason="Other"),
    ]
    store.runs.finish(run, events, {"new": 2}, LATER)
    built(store, article, f"{TITLE}\n{CANARY}", shown(picture("own.png")))
    return article, other


def built(store, article, text, *media, index=TITLE):
    artifacts = (page("pages/gazette/2026/11/05/ferry.md", text), *media)
    version = build(store, *artifacts, page("indexes/news.md", index), seen=store.articles.counter())
    with store.database.transaction():
        left = store.editions.need("markdown", {article: [one.entry.path for one in artifacts]})
        for path in left:
            store.editions.leave("markdown", path, NOON)
    return version


def rebuilt(store, article):
    """What the build after a purge does."""
    version = built(store, article, "notice", index="withdrawn")
    store.editions.sweep("markdown", LATER)
    return version


def purge(store, article):
    assert store.withdrawals.purge(article, "by order of a court", LATER)
    rebuilt(store, article)


def test_no_byte_of_it_is_left_in_the_folder(tmp_path):
    with open_store(tmp_path) as store:
        article, _ = full(store)
        packed = frames(store.database, article)
        assert len(packed) == 3
        store.database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        assert traces(tmp_path, SECRETS, packed)
        purge(store, article)
        assert store.withdrawals.scrub(["markdown"])
        assert traces(tmp_path, SECRETS, packed) == []  # while it is open, its log included
    assert traces(tmp_path, SECRETS, packed) == []
    with closing(sqlite3.connect(tmp_path / "pappus.db")) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert database.execute("PRAGMA foreign_key_check").fetchall() == []


def test_without_the_scrubbing_pieces_would_be_left(tmp_path):
    with open_store(tmp_path) as store:
        article, _ = full(store)
        packed = frames(store.database, article)
        purge(store, article)
        assert traces(tmp_path, SECRETS, packed)


def test_media_that_others_show_stay(store, tmp_path):
    article, other = full(store)
    holding = store.withdrawals.holding(article)
    names = {name: picture(name)[1].digest for name in ("own.png", "former.png", "both.png")}
    assert {one.digest for one in holding.gone} == {names["own.png"], names["former.png"]}
    assert [one.digest for one in holding.kept] == [names["both.png"]]
    purge(store, article)
    assert store.withdrawals.scrub(["markdown"])
    files = {path.name for path in (tmp_path / "state/media").rglob("*") if path.is_file()}
    assert files == {names["both.png"]}
    assert store.files.known(SITE + "own.png") is None
    assert store.files.known(SITE + "both.png") is not None
    assert store.articles.get(other).media == (picture("both.png")[1],)


def test_a_picture_that_came_back_with_another_article_before_it_was_deleted_stays(store, tmp_path):
    article, _ = full(store)
    purge(store, article)
    again = keep(store, "own.png")
    store.articles.put(draft("new"), (again,), placing("new"), LATER)
    assert store.withdrawals.scrub(["markdown"])
    assert store.files.read(again.digest) == picture("own.png")[0]
    assert traces(tmp_path, [picture("former.png")[1].digest]) == []


def test_it_stands_empty_with_its_reason_and_its_addresses(store):
    article, other = full(store)
    seen = store.articles.counter()
    purge(store, article)
    gone = store.articles.get(article)
    assert (gone.title, gone.body, gone.media, gone.summary) == ("", "", (), "")
    assert (gone.withdrawn, gone.revised, gone.ident) == ("by order of a court", LATER, "ferry")
    assert store.articles.at(SITE + "short") == store.articles.at(SITE + "ferry") == [article]
    assert {ident for ident, _ in store.articles.changed_since(seen)} == {article, other}  # for that links to it
    assert store.articles.linked(other) == {}
    (listed,) = [one for one in store.articles.month("news", "2026-11") if one.ident == "ferry"]
    assert (listed.title, listed.withdrawn) == ("", True)
    assert "ferry" not in {one.ident for one in store.articles.newest("news", 9)}


def test_reports_and_leads_no_longer_say_what_it_was_and_others_stay(store):
    article, _ = full(store)
    purge(store, article)
    (run,) = store.runs.newest(1)
    assert [(one.kind, one.subject, one.reason) for one in run.events] == [
        ("new", "(withdrawn)", ""),
        ("revised", "(withdrawn)", ""),
        ("new", SITE + "ferry-2", "Other"),
    ]
    assert store.leads.due("city", LATER) == []
    settled = store.leads.settled("city", SITE + "short")
    assert settled is not None
    assert (settled.reason, settled.next_try) == ("", None)


def test_nothing_brings_it_back(store):
    article, _ = full(store)
    purge(store, article)
    seen = store.articles.counter()
    for slug in ("ferry", "short"):
        again = store.articles.put(
            draft(slug, title="Another", body="<p>more</p>"), (), placing(slug, channel="city"), LATER
        )
        assert again == (article, "same")
    store.articles.looked(article, Look(page=SITE, validators=NO_VALIDATORS, setting="s", again=LATER))
    assert not store.articles.enlist(article, "city")
    assert not store.articles.withdraw(article, "publisher", LATER)
    assert store.articles.due("gazette", LATER) == []
    assert store.articles.counter() == seen
    assert store.articles.get(article).body == ""


def test_an_address_that_leads_to_it_is_learnt(store):
    article, _ = full(store)
    purge(store, article)
    store.articles.put(draft(), (), placing(addresses=(SITE + "new-address",)), LATER)
    assert store.articles.at(SITE + "new-address") == [article]


def test_it_is_known_again_by_its_titles_of_which_only_digests_are_left(store):
    article, _ = full(store)
    purge(store, article)
    assert store.articles.is_gone(article)
    assert store.articles.is_that(article, TITLE)
    assert store.articles.is_that(article, FORMER)
    assert not store.articles.is_that(article, "Another")


def test_one_that_its_publisher_took_back_can_be_withdrawn_for_good(store, tmp_path):
    article, _ = full(store)
    store.articles.withdraw(article, "publisher", NOON)
    purge(store, article)
    assert store.articles.get(article).withdrawn == "by order of a court"
    assert store.withdrawals.scrub(["markdown"])
    assert traces(tmp_path, SECRETS) == []


def test_the_same_again_changes_nothing_and_another_reason_is_taken_over(store):
    article, _ = full(store)
    purge(store, article)
    seen = store.articles.counter()
    assert not store.withdrawals.purge(article, "by order of a court", LATER)
    assert (store.articles.counter(), store.withdrawals.count()) == (seen, 1)
    assert not store.withdrawals.purge(article, "a better reason", LATER)
    assert store.articles.get(article).withdrawn == "a better reason"
    assert store.withdrawals.count() == store.withdrawals.count("markdown") == 1


def test_what_failed_in_the_middle_did_not_happen(store):
    article, _ = full(store)
    with undone(store):
        store.withdrawals.purge(article, "by order of a court", LATER)
    assert store.withdrawals.count() == 0
    assert CANARY in store.articles.get(article).body
    assert store.withdrawals.scrub(["markdown"])
    assert store.files.read(picture("own.png")[1].digest)


def test_an_edition_counts_it_when_it_shows_the_notice(store):
    article, _ = full(store)
    assert store.withdrawals.purge(article, "by order of a court", LATER)
    assert (store.withdrawals.count(), store.withdrawals.count("markdown"), store.withdrawals.count("epub")) == (
        1,
        0,
        0,
    )
    assert not store.withdrawals.scrub(["markdown"])  # it holds the text yet
    rebuilt(store, article)
    assert store.withdrawals.count("markdown") == 1
    assert [one.scrubbed for one in store.withdrawals.open()] == [False]
    assert store.withdrawals.scrub(["markdown"])
    assert [one.scrubbed for one in store.withdrawals.open()] == [True]
    store.withdrawals.prove(1)
    assert store.withdrawals.open() == []


def test_an_edition_that_the_newsroom_has_no_more_goes(store, tmp_path):
    article, _ = full(store)
    purge(store, article)
    build(store, page("old.md", CANARY), edition="epub")
    assert store.withdrawals.scrub(["markdown"])
    assert list(store.editions.manifest("epub")) == []
    assert store.editions.built("epub").chrome == ""  # so that it is made anew when it comes back
    assert traces(tmp_path, SECRETS) == []


def test_while_somebody_reads_it_waits_and_the_next_time_it_is_done(tmp_path, monkeypatch):
    with open_store(tmp_path) as store:
        store.database.execute("PRAGMA busy_timeout = 50")
        article, _ = full(store)
        packed = frames(store.database, article)
        with closing(sqlite3.connect(tmp_path / "pappus.db", isolation_level=None)) as reader:
            reader.execute("BEGIN")
            reader.execute("SELECT title FROM article").fetchall()
            purge(store, article)
            assert not store.withdrawals.scrub(["markdown"])
            reader.execute("COMMIT")
        assert store.withdrawals.scrub(["markdown"])
        assert traces(tmp_path, SECRETS, packed) == []


# The dictionary

WORDS = [f"w{number:x}" for number in random.Random(1).sample(range(1 << 28), 800)]


def prose(seed, count=120):
    return " ".join(random.Random(seed).choices(WORDS, k=count))


@pytest.fixture(scope="module")
def learnt(tmp_path_factory):
    """A store that has trained a dictionary, in which pieces of its first article are."""
    folder = tmp_path_factory.mktemp("learnt")
    with open_store(folder) as store, store.database.transaction():
        for number in range(460):
            text = f"<p>{prose(number)}</p>" if number else f"<p>{CANARY}</p>" * 40
            put(store, f"a{number}", body=text)
        build(store, page("pages/gazette/2026/11/05/a3.md", prose(3)), seen=store.articles.counter())
    return folder


def pieces(folder):
    """Return the pieces of the canary, 24 bytes long, that stand anywhere."""
    return {piece for _, piece in traces(folder, [CANARY[at : at + 24] for at in range(len(CANARY) - 24)])}


def dictionaries(store):
    return [row[0] for row in store.database.execute("SELECT id FROM dictionary").fetchall()]


def test_a_dictionary_that_learnt_from_it_is_replaced_and_every_body_can_be_read(learnt, tmp_path):
    folder = tmp_path / "state"
    shutil.copytree(learnt, folder)
    assert any(
        piece in data
        for place, data in values(folder / "pappus.db")
        if place == "dictionary"
        for piece in [CANARY[:24].encode()]
    )
    with open_store(folder) as store:
        (old,) = dictionaries(store)
        (article,) = store.articles.at(SITE + "a0")
        assert store.withdrawals.purge(article, "by order of a court", LATER)
        build(store, seen=store.articles.counter())
        assert store.withdrawals.scrub(["markdown"])
        (new,) = dictionaries(store)
        assert new != old
        put(store, "afterwards")
    assert pieces(folder) == set()
    with open_store(folder, write=False) as store:
        for number in range(1, 460):
            (ident,) = store.articles.at(f"{SITE}a{number}")
            assert store.articles.get(ident).body == f"<p>{prose(number)}</p>"
        assert store.editions.body("markdown", "pages/gazette/2026/11/05/a3.md") == prose(3).encode()


def test_a_dictionary_that_did_not_learn_from_it_stays(learnt, tmp_path):
    folder = tmp_path / "state"
    shutil.copytree(learnt, folder)
    with open_store(folder) as store:
        (old,) = dictionaries(store)
        (article,) = store.articles.at(SITE + "a450")
        assert store.withdrawals.purge(article, "by order of a court", LATER)
        build(store, seen=store.articles.counter())
        assert store.withdrawals.scrub(["markdown"])
        assert dictionaries(store) == [old]


def test_with_too_little_left_to_learn_from_there_is_no_dictionary(learnt, tmp_path, monkeypatch):
    folder = tmp_path / "state"
    shutil.copytree(learnt, folder)
    monkeypatch.setattr("pappus.store.database.Packer.SAMPLES", 460)
    with open_store(folder) as store:
        (article,) = store.articles.at(SITE + "a0")
        assert store.withdrawals.purge(article, "by order of a court", LATER)
        build(store, seen=store.articles.counter())
        assert store.withdrawals.scrub(["markdown"])
        assert dictionaries(store) == []
        (ident,) = store.articles.at(SITE + "a7")
        assert store.articles.get(ident).body == f"<p>{prose(7)}</p>"
    assert pieces(folder) == set()


def test_every_packed_body_of_the_schema_is_known_to_who_replaces_dictionaries(store):
    columns = store.database.execute(
        "SELECT m.name, c.name FROM sqlite_master AS m, pragma_table_info(m.name) AS c WHERE m.type = 'table' AND c.type = 'BLOB'"
    ).fetchall()
    plain = {
        ("dictionary", "data"),
        ("signed", "body"),
        ("search_block", "body"),
        ("trace", "shown"),
        ("trace", "repeated"),
    }
    assert set(columns) - plain == {(table, column) for table, _, column in _PACKED}
