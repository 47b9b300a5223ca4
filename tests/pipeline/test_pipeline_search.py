"""The search of a site is the same by whatever way it came to be what it is."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from msgspec import Struct

from pappus import config
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
WORDS = (
    "harbour ferry quay tide mill bridge Käse naïve 2026 Санкт гавань اخبار می‌خواهم بندر"
    " 渡轮 港口 停航 北京大学 かもめ 항구 ဆိပ်ကမ်း ท่าเรือ"
).split()
CONFIGURATION = """
[site]
title = "The harbour, mirrored"
[[editions]]
name = "site"
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

    def build(self, *, full: bool = False) -> dict[str, int]:
        report = Report("build", Silent())
        build(self.newsroom, self.store, report, full=full)
        return dict(report.counts)

    def put(self, number: int) -> None:
        """Store an article, or a revision of it."""
        self.now += timedelta(minutes=1)
        url = f"https://gazette.example/{number}"
        words = self.source.choices(WORDS, k=30)
        draft = Draft(
            url=url,
            title=" ".join(words[:3]),
            body=f"<p>{' '.join(words)}</p><p>{''.join(words[:9])}</p>",
            language="en",
        )
        placing = Placing(
            source="gazette",
            channel=self.source.choice(["harbour", "港口"]),
            ident=f"story-{number}",
            published=START + timedelta(days=number),
            addresses=(url,),
        )
        self.store.articles.put(draft, (), placing, self.now)

    def search(self) -> dict[str, str]:
        """Return the files of the search that are not about to go, and their digests."""
        rows = self.store.database.execute(
            "SELECT path, digest FROM artifact WHERE edition = 'site' AND path LIKE 'search/%' AND leaving IS NULL"
        )
        return dict(rows.fetchall())

    def text(self) -> str:
        """Return all that the files of the search say, those that are about to go as well."""
        rows = self.store.database.execute("SELECT path FROM artifact WHERE edition = 'site' AND path LIKE 'search/%'")
        bodies = (self.store.editions.body("site", row[0]) or b"" for row in rows.fetchall())
        return "".join(body.decode() for body in bodies)


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    (tmp_path / "pappus.toml").write_text(CONFIGURATION)
    newsroom = config.load(tmp_path / "pappus.toml")
    with open_store(newsroom.state) as store:
        yield Room(newsroom, store, random.Random(7))


def step(room: Room, known: list[int]) -> None:
    """Do something to the store that may happen to it."""
    articles, chosen = room.store.articles, room.source.choice(known)
    match room.source.choice(["new", "new", "many", "revise", "revise", "withdraw", "purge", "enlist"]):
        case "new":
            known.append(len(known))
            room.put(known[-1])
        case "many":
            for _ in range(room.source.randint(10, 90)):
                known.append(len(known))
                room.put(known[-1])
        case "revise":
            room.put(chosen)  # which brings one back that was withdrawn
        case "withdraw":
            articles.withdraw(chosen + 1, BY_PUBLISHER, room.now)
        case "purge":
            room.store.withdrawals.purge(chosen + 1, "by order of a court", room.now)
        case _:
            articles.enlist(chosen + 1, "港口")


@pytest.mark.parametrize("seed", range(3))
def test_step_by_step_and_at_once_give_the_same_bytes(room, seed):
    room.source.seed(seed)
    known = [0]
    room.put(0)
    for _ in range(25):
        for _ in range(room.source.randint(1, 3)):
            step(room, known)
        room.build()
    by_steps = room.search()
    assert len(known) > 200, "so that there are several segments"
    room.build(full=True)
    assert room.search() == by_steps
    room.store.database.execute("DELETE FROM artifact WHERE path LIKE 'search/%'")
    room.store.database.execute("DELETE FROM search_block")
    room.store.database.execute("DELETE FROM search_segment")
    room.build(full=True)
    assert room.search() == by_steps


def test_a_new_article_rewrites_a_handful_of_files(room):
    for number in range(650):
        room.put(number)
    room.build()
    before = room.search()
    for number in range(650, 660):
        room.put(number)
    room.build()
    after = room.search()
    assert len(before) > 170
    changed = {path for path, digest in after.items() if before.get(path) != digest}
    assert "search/index.js" in changed
    assert len(changed) < 20
    assert not before.keys() - after.keys()


def test_what_is_withdrawn_is_nowhere_in_the_search(room):
    for number in range(130):
        room.put(number)
    room.build()
    url = "https://gazette.example/40"
    placing = Placing(source="gazette", channel="harbour", ident="x", published=START, addresses=(url,))
    body = "<p>The quartermaster 秘密会议 said so.</p>"
    room.store.articles.put(Draft(url=url, title="Zephyr", body=body), (), placing, room.now)
    room.build()
    assert all(word in room.text() for word in ("rtermaster", "密", "Zephyr", "hyr #"))
    room.store.withdrawals.purge(41, "by order of a court", room.now)
    room.build()
    assert not any(word in room.text() for word in ("rtermaster", "密", "Zephyr", "hyr #"))
    assert "mill" in room.text()
