"""Variants in the store: waited for by edition, there whole or not at all, and gone with their image."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from msgspec.structs import replace
from store_samples import NOON, draft, placing

from pappus.errors import StoreError
from pappus.layout import bin_of
from pappus.model import NO_VALIDATORS, Media, digest
from pappus.render.paths import media_path
from pappus.store import open_store
from pappus.store.database import _migrations
from pappus.store.variants import ATTEMPTS


def medium(data: bytes, media_type: str = "image/jpeg", width: int = 1200) -> Media:
    return Media(digest=digest(data), media_type=media_type, size=len(data), width=width, height=800)


PHOTO, OTHER = medium(b"photo"), medium(b"other")
SMALL, NEW = (medium(b"small", width=400), b"small"), (medium(b"new", "image/avif"), b"new")


def path_of(one):
    return media_path(one, NOON)


def put(store, slug, *media):
    """Put an article that shows these media, and say that the site has built it. Returns its row."""
    for one in media:
        data = {PHOTO: b"photo", OTHER: b"other"}[one]
        store.files.keep(f"https://gazette.example/{one.digest}", data, one, NO_VALIDATORS)
    number, _ = store.articles.put(draft(slug), media, placing(slug), NOON)
    store.editions.need("site", {number: [path_of(one) for one in media]})
    return number


def test_what_an_edition_shows_waits_the_newest_article_first(store):
    put(store, "first", PHOTO)
    put(store, "second", OTHER)
    assert store.variants.waiting("site") == [OTHER.digest, PHOTO.digest]
    assert store.variants.waiting("markdown") == []


def test_an_article_comes_with_the_variants_of_its_media_narrowest_first(store):
    number = put(store, "first", PHOTO, OTHER)
    counter = store.articles.counter()
    assert store.variants.keep(PHOTO.digest, 27, [NEW, SMALL])
    varied = replace(PHOTO, tint=27, variants=(NEW[0], SMALL[0]))
    assert store.articles.get(number).media == (varied, OTHER)
    assert [(one, article.media) for one, article in store.articles.changed_since(counter)] == [
        (number, (varied, OTHER))
    ]
    assert [store.files.read(one.digest) for one in varied.variants] == [b"new", b"small"]
    assert store.variants.waiting("site") == [OTHER.digest]


def test_what_waits_is_found_in_steps_that_grow_with_its_number_alone(store):
    def steps(count):
        known = store.database.one("SELECT count(*) FROM media")[0]
        rows = [(digest(str(number).encode()), number) for number in range(known, count)]
        store.database.execute("PRAGMA foreign_keys = OFF")
        store.database.executemany(
            "INSERT INTO media (digest, media_type, size, width, height) VALUES (?, 'image/jpeg', 1, ?, 1)", rows
        )
        paths = [("site", number, path_of(medium(str(number).encode()))) for _, number in rows]
        store.database.executemany("INSERT INTO need (edition, article, path) VALUES (?, ?, ?)", paths)
        taken = []
        store.database._connection.set_progress_handler(lambda: taken.append(1) and None, 100)
        assert len(store.variants.waiting("site")) == count
        store.database._connection.set_progress_handler(None, 0)
        return len(taken)

    few, many = steps(100), steps(400)
    assert many < 6 * few
    store.database.execute("UPDATE media SET varied = 1")
    assert store.variants.waiting("site") == []


def test_an_image_that_gains_nothing_does_not_wait_again(store):
    put(store, "first", PHOTO)
    store.variants.keep(PHOTO.digest, None, [])
    assert store.variants.waiting("site") == []


def test_what_failed_comes_last_and_is_not_tried_for_ever(store):
    put(store, "first", PHOTO)
    put(store, "second", OTHER)
    store.variants.failed(OTHER.digest)
    assert store.variants.waiting("site") == [PHOTO.digest, OTHER.digest]
    for _ in range(ATTEMPTS - 1):
        store.variants.failed(OTHER.digest)
    assert store.variants.waiting("site") == [PHOTO.digest]


def test_until_all_files_are_there_an_article_shows_none_of_them(store, tmp_path):
    number = put(store, "first", PHOTO)
    blocked = Path(tmp_path / "state" / "media" / NEW[0].digest[:2])
    blocked.write_text("a file where a folder should be")
    with pytest.raises(StoreError):
        store.variants.keep(PHOTO.digest, 3, [SMALL, NEW])
    assert store.articles.get(number).media == (PHOTO,)
    assert store.variants.waiting("site") == [PHOTO.digest]
    blocked.unlink()
    assert store.variants.keep(PHOTO.digest, 3, [SMALL, NEW])
    assert len(store.articles.get(number).media[0].variants) == 2


def test_what_other_encoders_had_begun_is_no_part_of_it(store, tmp_path):
    number = put(store, "first", PHOTO)
    store.variants.keep(PHOTO.digest, 3, [SMALL])
    store.database.execute("UPDATE media SET varied = 0")  # as if killed before the last step
    store.variants.keep(PHOTO.digest, 3, [NEW])
    assert store.articles.get(number).media[0].variants == (NEW[0],)
    store.withdrawals.purge(number, "by order", NOON)
    store.withdrawals.scrub([])
    assert [path for path in (tmp_path / "state" / "media").rglob("*") if path.is_file()] == []


def test_an_image_that_was_withdrawn_meanwhile_gets_no_variants(store, tmp_path):
    number = put(store, "first", PHOTO)
    store.withdrawals.purge(number, "by order", NOON)
    assert not store.variants.keep(PHOTO.digest, 3, [SMALL])
    store.withdrawals.scrub([])
    assert [path for path in (tmp_path / "state" / "media").rglob("*") if path.is_file()] == []


def test_a_withdrawal_names_and_takes_variants_but_those_that_others_show(store, tmp_path):
    alike = (medium(b"alike", "image/avif"), b"alike")
    number = put(store, "first", PHOTO, OTHER)
    put(store, "second", OTHER)
    store.variants.keep(PHOTO.digest, 3, [SMALL, alike])
    store.variants.keep(OTHER.digest, 3, [NEW, alike])
    holding = store.withdrawals.holding(number)
    assert {one.digest for one in holding.gone} == {PHOTO.digest, SMALL[0].digest}
    assert {one.digest for one in holding.kept} == {OTHER.digest, NEW[0].digest, alike[0].digest}
    store.withdrawals.purge(number, "by order", NOON)
    store.withdrawals.scrub([])
    left = {path.name for path in (tmp_path / "state" / "media").rglob("*") if path.is_file()}
    assert left == {OTHER.digest, NEW[0].digest, alike[0].digest}


def test_a_store_of_before_has_all_its_images_wait(tmp_path):
    (tmp_path / "media").mkdir()
    with closing(sqlite3.connect(tmp_path / "pappus.db")) as old:
        old.create_function("bin_of", 1, bin_of, deterministic=True)
        for number, script in enumerate(_migrations()[:4], 1):
            old.executescript(f"{script}\nPRAGMA user_version = {number};")
        old.execute("INSERT INTO media VALUES (?, ?, 5, 1200, 800)", (PHOTO.digest, PHOTO.media_type))
        old.execute("INSERT INTO need VALUES ('site', 1, ?)", (path_of(PHOTO),))
        old.commit()
    with open_store(tmp_path) as store:
        assert store.variants.waiting("site") == [PHOTO.digest]
