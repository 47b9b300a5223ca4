"""Editions: trees, versions, what changed between them, receipts."""

from __future__ import annotations

from functools import partial

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from store_samples import LATER, NOON, build, page, put

from pappus.model import Artifact, Entry, Receipt, Version, digest, month_of
from pappus.store import Editions

START = Version(number=0, chain="0" * 64)


def paths(entries):
    return [entry.path for entry in entries]


def test_an_edition_that_was_never_built_is_version_nought(store):
    built = store.editions.built("markdown")
    assert (built.version, built.seen, built.chrome) == (START, 0, "")


def test_putting_says_what_it_did(store):
    assert store.editions.put("markdown", [page("a.md", "1"), page("b.md", "1")]) == {"a.md": "added", "b.md": "added"}
    outcomes = store.editions.put("markdown", [page("a.md", "1"), page("b.md", "2"), page("c.md", "1")])
    assert outcomes == {"a.md": "same", "b.md": "changed", "c.md": "added"}
    assert [store.editions.body("markdown", path) for path in ("a.md", "b.md", "c.md")] == [b"1", b"2", b"1"]
    assert store.editions.put("site", [page("a.md", "2")]) == {"a.md": "added"}
    assert store.editions.put("site", []) == {}


def test_what_is_put_again_leaves_no_more(store):
    store.editions.put("markdown", [page("a.md", "1"), page("b.md", "1")])
    for path in ("a.md", "b.md"):
        store.editions.leave("markdown", path, NOON)
    store.editions.put("markdown", [page("a.md", "1"), page("b.md", "2")])
    assert store.editions.sweep("markdown", NOON) == []


def test_texts_that_leave_go_at_once_where_asked_for_and_pictures_stay(store):
    picture = Artifact(entry=Entry(path="media/x.png", size=9, digest=digest(b"x"), media_type="image/png"))
    store.editions.put("markdown", [page("a.md", "1"), page("b.md", "1"), picture])
    for path in ("a.md", "media/x.png"):
        store.editions.leave("markdown", path, LATER)
    assert store.editions.sweep("markdown", NOON) == []
    assert store.editions.sweep("markdown", NOON, texts=True) == ["a.md"]
    assert store.editions.sweep("markdown", None) == ["media/x.png"]


def test_stored_media_have_no_bytes_of_their_own(store):
    entry = Entry(path="media/x.png", size=9, digest=digest(b"x"), media_type="image/png")
    build(store, Artifact(entry=entry))
    assert store.editions.body("markdown", "media/x.png") is None
    with pytest.raises(KeyError):
        store.editions.body("markdown", "media/y.png")


def test_a_version_comes_with_a_change_and_never_without(store):
    first = build(store, page("a.md"))
    assert build(store, page("a.md"), chrome="c", seen=5) == first
    assert (store.editions.built("markdown").seen, store.editions.built("markdown").version) == (5, first)
    second = build(store, page("a.md", "2"))
    assert (first.number, second.number) == (1, 2)
    assert first.chain != second.chain
    assert store.editions.has("markdown", first)
    assert store.editions.has("markdown", second)


def test_a_version_of_another_history_is_not_had(store):
    build(store, page("a.md"))
    assert not store.editions.has("markdown", Version(number=1, chain=digest(b"other")))
    assert not store.editions.has("markdown", Version(number=2, chain=store.editions.built("markdown").version.chain))
    assert not store.editions.has("site", store.editions.built("markdown").version)


def test_the_same_history_has_the_same_chain_and_another_has_not(store):
    for edition, second in (("one", "2"), ("two", "2"), ("three", "3")):
        build(store, page("a.md"), page("b.md"), edition=edition)
        build(store, page("a.md", second), edition=edition)
    one, two, three = (store.editions.built(name).version.chain for name in ("one", "two", "three"))
    assert one == two != three


def test_changes_are_told_by_path_as_they_are_now(store):
    first = build(store, page("a.md"), page("b.md"), page("c.md"))
    build(store, page("a.md", "2"), page("new.md"))
    build(store, page("a.md", "3"), gone=["b.md"])
    changes = store.editions.changes("markdown", first)
    assert paths(changes.puts) == ["a.md", "new.md"]
    assert changes.puts[0].digest == digest(b"3")
    assert (changes.added, changes.deletions) == (("new.md",), ("b.md",))
    assert store.editions.changes("markdown", store.editions.built("markdown").version).puts == ()


def test_what_came_and_went_is_only_a_deletion(store):
    first = build(store, page("a.md"))
    build(store, page("b.md"))
    build(store, gone=["b.md"])
    changes = store.editions.changes("markdown", first)
    assert (changes.puts, changes.added, changes.deletions) == ((), (), ("b.md",))


def test_what_changed_very_long_ago_is_forgotten_but_not_the_history(store, monkeypatch):
    monkeypatch.setattr(Editions, "KEPT", 3)
    versions = [build(store, page("a.md", f"{number}"), page(f"{number}.md")) for number in range(6)]
    build(store, page("other.md"), edition="site")
    remembered = [version.number for version in versions if store.editions.remembers("markdown", version)]
    assert remembered == [3, 4, 5, 6]
    assert all(store.editions.has("markdown", version) for version in versions)
    assert paths(store.editions.changes("markdown", versions[2]).puts) == ["3.md", "4.md", "5.md", "a.md"]
    assert store.database.one("SELECT min(number) FROM change WHERE edition = 'markdown'") == (4,)
    assert store.editions.remembers("site", START)


trees = st.dictionaries(st.sampled_from([f"{letter}.md" for letter in "abcde"]), st.sampled_from("123"), max_size=5)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(trees, min_size=2, max_size=5), st.data())
def test_applying_the_changes_to_any_earlier_version_gives_the_newest(store, states, data):
    edition = digest(repr(states).encode())  # a history of its own
    history = []
    for tree in states:
        gone = {entry.path for entry in store.editions.manifest(edition)} - tree.keys()
        build(store, *(page(path, text) for path, text in tree.items()), gone=sorted(gone), edition=edition)
        history.append((store.editions.built(edition).version, tree))
    since, tree = data.draw(st.sampled_from(history))
    changes = store.editions.changes(edition, since)
    brought = {path: digest(text.encode()) for path, text in tree.items()}
    for path in changes.deletions:
        brought.pop(path, None)
    brought |= {entry.path: entry.digest for entry in changes.puts}
    assert brought == {entry.path: entry.digest for entry in store.editions.manifest(edition)}
    assert set(brought) - set(tree) <= set(changes.added)


def test_what_no_article_needs_any_more_is_told(store):
    one, _ = put(store, "one")
    two, _ = put(store, "two")
    need = partial(store.editions.need, "markdown")
    assert need({one: ["one.md", "shared.png", "own.png"], two: ["two.md", "shared.png"]}) == {}
    assert need({one: ["one.md"]}) == {"own.png": True, "shared.png": False}
    assert need({two: ["two.md"]}) == {"shared.png": True}
    assert need({one: ["one.md", "passed.png"]}) == {}
    assert need({one: ["one.md"], two: ["two.md", "passed.png"]}) == {"passed.png": False}


def test_indexes_are_what_belongs_to_no_article(store):
    one, _ = put(store, "one")
    build(store, page("one.md"), page("README.md"), page("indexes/news.md"))
    store.editions.need("markdown", {one: ["one.md"]})
    assert store.editions.unneeded("markdown") == ["README.md", "indexes/news.md"]


def test_the_size_of_an_edition_is_counted(store):
    assert store.editions.size("markdown") == (0, 0)
    build(store, page("a.md", "12"), page("b.md", "345"))
    assert store.editions.size("markdown") == (2, 5)


def test_the_newest_receipt_of_each_mirror_is_kept_at_hand(store):
    def receipt(mirror, version):
        return Receipt(mirror=mirror, edition="markdown", version=version, puts=3, deletions=1, size=99, token="t")

    for mirror, version, at in (("b", 1, NOON), ("a", 1, NOON), ("b", 2, LATER)):
        store.editions.published(receipt(mirror, version), at)
    assert store.editions.receipts() == [(receipt("a", 1), NOON), (receipt("b", 2), LATER)]


@pytest.mark.parametrize("suffix", ["md", "html"])
def test_pages_are_counted_whatever_they_end_in(store, suffix):
    pages = [page(f"pages/gazette/2026/11/05/{name}.{suffix}") for name in "abc"]
    build(store, *pages, page(f"indexes/a.{suffix}"))
    assert [one.pages for one in store.editions.tallies("markdown")] == [0, 3]
    build(store, gone=[pages[0].entry.path])
    assert [one.pages for one in store.editions.tallies("markdown")] == [0, 2]


def test_what_each_month_takes_is_counted(store):
    paths = ("README.md", "pages/gazette/2026/10/31/a.md", "media/2026/10/31/b.png", "pages/gazette/2026/11/01/c.md")
    build(store, *(page(path, "12") for path in paths))
    build(store, page(paths[2], "1234"), gone=[paths[3]])
    counted = {one.month: (one.files, one.pages, one.size) for one in store.editions.tallies("markdown") if one.files}
    assert counted == {"": (1, 0, 2), "2026-10": (2, 1, 6)}
    assert all(month_of(path) in counted for path in paths[:3])
