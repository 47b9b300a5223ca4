"""A newsroom whose articles are put into its store, without a paper: for what builds make of them."""

from __future__ import annotations

import random
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Self

from msgspec import Struct

from pappus import config
from pappus.model import Draft
from pappus.pipeline import Newsroom, Report
from pappus.pipeline.build import build
from pappus.store import Placing, Store, open_store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pappus.store import Event

START = datetime(2026, 1, 5, tzinfo=UTC)
CHANNELS = ("harbour", "港口")
CONFIGURATION = """
[site]
title = "The harbour, mirrored"
language = "{language}"
[[editions]]
name = "site"
{edition}
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


class _Silent:
    def event(self, event: Event) -> None:
        assert event.kind not in {"failed", "warned"}, event

    def progress(self, place: str, done: int, total: int | None) -> None:
        pass


class Room(Struct):
    """The newsroom, its store, and a source of chance."""

    newsroom: Newsroom
    store: Store
    source: random.Random
    now: datetime = START

    @classmethod
    @contextmanager
    def opened(cls, folder: Path, *, seed: int = 1, language: str = "en", edition: str = "") -> Iterator[Self]:
        """Set one up in a folder, in a language; ``edition`` is what its edition is told beside."""
        (folder / "pappus.toml").write_text(CONFIGURATION.format(language=language, edition=edition), encoding="utf-8")
        newsroom = config.load(folder / "pappus.toml")
        with open_store(newsroom.state) as store:
            yield cls(newsroom, store, random.Random(seed))

    def build(self, *, full: bool = False) -> dict[str, int]:
        """Build. Returns what the report counts."""
        report = Report("build", _Silent())
        build(self.newsroom, self.store, report, full=full)
        return dict(report.counts)

    def keep(self, number: int, channel: str, published: datetime, **said: object) -> int:
        """Store an article, or a revision of it. Returns its row id."""
        self.now += timedelta(minutes=1)
        url = f"https://gazette.example/{number}"
        placing = Placing(
            source="gazette", channel=channel, ident=f"story-{number}", published=published, addresses=(url,)
        )
        return self.store.articles.put(Draft(url=url, **said), (), placing, self.now)[0]

    def write(self, folder: Path) -> None:
        """Write the site into a folder."""
        for entry in self.store.editions.manifest("site"):
            path = folder / entry.path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(self.store.editions.body("site", entry.path) or b"")

    def files(self, glob: str) -> dict[str, str]:
        """Return the files of the site that are not about to go, and their digests."""
        rows = self.store.database.execute(
            "SELECT path, digest FROM artifact WHERE edition = 'site' AND leaving IS NULL AND path GLOB ?", (glob,)
        )
        return dict(rows.fetchall())

    def text(self, glob: str) -> str:
        """Return all that files of the site say, those that are about to go as well."""
        rows = self.store.database.execute("SELECT path FROM artifact WHERE edition = 'site' AND path GLOB ?", (glob,))
        return "".join((self.store.editions.body("site", row[0]) or b"").decode() for row in rows.fetchall())
