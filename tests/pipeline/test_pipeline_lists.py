"""The lists of a site, and what pages show of one another, are the same by whatever way they came to be what they are."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from pipeline_room import CHANNELS, START, Room

from pappus import config
from pappus.layout import label_key
from pappus.model import BY_PUBLISHER

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NAMES = ("Ana Reef", "مریم ساحلی", "林海", "Ben Sand", "ANA REEF")


class Lists(Room):
    """A newsroom of articles with authors and tags."""

    def put(self, number: int, **said: object) -> int:
        """Store an article, or a revision of it."""
        few = self.source.sample
        told = {
            "title": f"发展 {number} as told at {self.now:%H:%M}",
            "body": f"<p>At {self.now:%H:%M}</p>",
            "authors": tuple(few(NAMES, self.source.randrange(3))),
            "tags": tuple(few(NAMES, self.source.randrange(4))),
            "language": "zh-CN" if number % 3 else "en",
        } | said
        return self.keep(number, CHANNELS[number % 2], START + timedelta(hours=9 * ((number * 7) % 40)), **told)


@pytest.fixture
def room(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Lists]:
    edition = f"index_size = 10\n{getattr(request, 'param', '')}"
    with Lists.opened(tmp_path, seed=11, edition=edition) as room:
        yield room


def files(room: Room) -> dict[str, str]:
    """Return all files but those of the search."""
    return {path: name for path, name in room.files("*").items() if not path.startswith("search/")}


@pytest.mark.parametrize(
    ("room", "seed"),
    [("", 1), ("", 2), ('scripts = ["zh-Hant"]', 3)],
    indirect=["room"],
    ids=["once", "once more", "in two scripts"],
)
def test_many_small_builds_end_in_the_same_site_as_one_of_everything(room, seed):
    room.source.seed(seed)
    for _ in range(25):
        number = room.source.randrange(30)
        article = room.put(number)
        match room.source.randrange(6):
            case 0:
                room.store.articles.withdraw(article, BY_PUBLISHER, room.now)
            case 1:
                room.store.withdrawals.purge(article, "asked", room.now)
            case 2:
                room.store.articles.enlist(article, room.source.choice(CHANNELS))
        room.build()
    small = files(room)
    assert any(path.startswith("authors/") for path in small)
    assert any(path.startswith("tags/") for path in small)
    room.build(full=True)
    assert files(room) == small


def test_one_more_article_rewrites_its_own_page_and_its_own_lists(room):
    for number in range(24):
        room.put(number, authors=(f"Author {number % 4}",), tags=(f"Tag {number % 3}",))
    room.build()
    before = files(room)
    room.put(24, authors=("Author 0",), tags=("Tag 1", "New"))
    room.build()
    after = files(room)
    day = after.keys() - before.keys()
    changed = {path for path in after if before.get(path) != after[path]}
    own = {
        f"authors/{label_key('Author 0')[:2]}/{label_key('Author 0')}.html",
        f"tags/{label_key('Tag 1')[:2]}/{label_key('Tag 1')}.html",
    }
    lists = {path for path in changed if path.startswith(("authors/", "tags/"))}
    assert lists == own
    assert len({path for path in changed if path.startswith("pages/")} - day) <= 3
    assert len([path for path in changed if path.startswith("indexes/") and CHANNELS[1] in path]) == 0


def test_what_is_withdrawn_for_good_is_in_no_page_at_once(room):
    for number in range(4):
        room.put(number, authors=("Ana Reef",), tags=("Ferry", f"Tag {number}"), summary="nothing")
    secret = room.put(
        6, title="A secret title", authors=("Ana Reef", "Secret Person"), tags=("Ferry", "Secret"), summary="secret"
    )
    other = room.put(8, title="Other", authors=("Secret Person",), tags=("Secret",))
    room.build()
    assert "ecret" in room.text("*.html")
    room.store.withdrawals.purge(secret, "asked", room.now)
    room.store.articles.withdraw(other, BY_PUBLISHER, room.now)
    room.build()
    assert "ecret" not in room.text("*.html")


@pytest.mark.parametrize("room", ['scripts = ["zh-Hant"]'], indirect=True, ids=["in two scripts"])
@pytest.mark.parametrize("switched", [False, True], ids=["another says less", "a script is switched off"])
def test_what_leaves_with_what_is_withdrawn_does_not_stay_for_a_while(room, tmp_path, switched):
    secret = room.put(2, title="灯塔和鲱鱼", language="zh")
    room.put(4, language="zh")  # whose pages lead on to it
    room.build()
    assert "燈塔和鯡魚" in room.text("pages/*/story-4.zh-hant.html")
    room.store.withdrawals.purge(secret, "asked", room.now)
    room.put(4, language="en")  # and that has no twin any more
    if switched:
        path = tmp_path / "pappus.toml"
        path.write_text(path.read_text(encoding="utf-8").replace('scripts = ["zh-Hant"]', ""), encoding="utf-8")
        room.newsroom = config.load(path)
    room.build()
    said = room.text("*.html")
    assert "灯塔和" not in said
    assert "燈塔和" not in said


@pytest.mark.parametrize("names", [("  ",), ("\u202e", "\u2028"), ("Ana", "Ana\u202e"), ("ﬀ", "FF")])
def test_a_name_of_which_nothing_or_the_same_is_seen_has_no_list_that_nobody_leads_to(room, names):
    for number in range(3):
        room.put(number, authors=names, tags=names)
    room.build()
    small = files(room)
    room.build(full=True)
    assert files(room) == small


def test_a_list_that_only_one_is_part_of_goes_after_a_while(room):
    path = f"tags/{label_key('Ferry')[:2]}/{label_key('Ferry')}.html"
    room.put(0, tags=("Ferry",))
    room.put(2, tags=("Ferry",))
    room.build()
    assert path in files(room)
    room.put(2, tags=("Bridge",))
    room.build()
    assert path not in files(room)
    assert room.store.database.one("SELECT count(*) FROM artifact WHERE path = ?", (path,)) == (1,)
