"""The lists of a site, and what pages show of one another, are the same by whatever way they came to be what they are."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from msgspec import Struct

from pappus import config
from pappus.layout import label_key
from pappus.model import BY_PUBLISHER, Draft
from pappus.pipeline import Report
from pappus.pipeline.build import build
from pappus.store import Placing, open_store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pappus.pipeline import Newsroom
    from pappus.store import Event, Store

START = datetime(2026, 1, 5, tzinfo=UTC)
CHANNELS = ("harbour", "港口")
NAMES = ("Ana Reef", "مریم ساحلی", "林海", "Ben Sand", "ANA REEF")
CONFIGURATION = """
[site]
title = "The harbour, mirrored"
[[editions]]
name = "site"
index_size = 10
[[sources]]
name = "gazette"
title = "Gazette"
licence = "ours"
[[sources.channels]]
name = "harbour"
title = "Harbour"
url = "https://gazette.example/feed.xml"
[[sources.channels]]
name = "港口"
title = "港口新闻"
url = "https://gazette.example/other.xml"
"""


class Silent:
    def event(self, event: Event) -> None:
        assert event.kind not in {"failed", "warned"}, event

    def progress(self, place: str, done: int, total: int | None) -> None:
        pass


class Room(Struct):
    """A newsroom whose articles are put into its store."""

    newsroom: Newsroom
    store: Store
    source: random.Random
    now: datetime = START

    def build(self, *, full: bool = False) -> None:
        build(self.newsroom, self.store, Report("build", Silent()), full=full)

    def put(self, number: int, **said: object) -> int:
        """Store an article, or a revision of it."""
        self.now += timedelta(minutes=1)
        url = f"https://gazette.example/{number}"
        few = self.source.sample
        told = {
            "title": f"发展 {number} as told at {self.now:%H:%M}",
            "body": f"<p>At {self.now:%H:%M}</p>",
            "authors": tuple(few(NAMES, self.source.randrange(3))),
            "tags": tuple(few(NAMES, self.source.randrange(4))),
        } | said
        draft = Draft(url=url, language="zh-CN" if number % 3 else "en", **told)
        placing = Placing(
            source="gazette",
            channel=CHANNELS[number % 2],
            ident=f"story-{number}",
            published=START + timedelta(hours=9 * ((number * 7) % 40)),
            addresses=(url,),
        )
        return self.store.articles.put(draft, (), placing, self.now)[0]

    def files(self) -> dict[str, str]:
        """Return the files of the site that are not about to go, and their digests."""
        rows = self.store.database.execute(
            "SELECT path, digest FROM artifact WHERE edition = 'site' AND leaving IS NULL AND path NOT LIKE 'search/%'"
        )
        return dict(rows.fetchall())

    def text(self) -> str:
        """Return all that the pages of the site say, those that are about to go as well."""
        rows = self.store.database.execute("SELECT path FROM artifact WHERE edition = 'site' AND path LIKE '%.html'")
        return "".join((self.store.editions.body("site", row[0]) or b"").decode() for row in rows.fetchall())


@pytest.fixture
def room(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Room]:
    more = getattr(request, "param", "")
    (tmp_path / "pappus.toml").write_text(CONFIGURATION.replace("index_size = 10", f"index_size = 10\n{more}"))
    newsroom = config.load(tmp_path / "pappus.toml")
    with open_store(newsroom.state) as store:
        yield Room(newsroom, store, random.Random(11))


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
    small = room.files()
    assert any(path.startswith("authors/") for path in small)
    assert any(path.startswith("tags/") for path in small)
    room.build(full=True)
    assert room.files() == small


def test_one_more_article_rewrites_its_own_page_and_its_own_lists(room):
    for number in range(24):
        room.put(number, authors=(f"Author {number % 4}",), tags=(f"Tag {number % 3}",))
    room.build()
    before = room.files()
    room.put(24, authors=("Author 0",), tags=("Tag 1", "New"))
    room.build()
    after = room.files()
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
    assert "ecret" in room.text()
    room.store.withdrawals.purge(secret, "asked", room.now)
    room.store.articles.withdraw(other, BY_PUBLISHER, room.now)
    room.build()
    assert "ecret" not in room.text()


def test_a_list_that_only_one_is_part_of_goes_after_a_while(room):
    path = f"tags/{label_key('Ferry')[:2]}/{label_key('Ferry')}.html"
    room.put(0, tags=("Ferry",))
    room.put(2, tags=("Ferry",))
    room.build()
    assert path in room.files()
    room.put(2, tags=("Bridge",))
    room.build()
    assert path not in room.files()
    assert room.store.database.one("SELECT count(*) FROM artifact WHERE path = ?", (path,)) == (1,)
