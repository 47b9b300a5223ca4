"""A newsroom with the articles in its store, and its site edition, built by a process of its own: ``python -m bench.sites.ours FOLDER``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from bench.steps import Quiet
from pappus import config, urls
from pappus.model import Draft
from pappus.pipeline import Report
from pappus.pipeline.build import build
from pappus.store import Placing, open_store

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bench.sites.content import Story


def add(folder: Path, stories: Iterable[Story]) -> None:
    """Store articles."""
    newsroom = config.load(folder / config.FILE)
    with open_store(newsroom.state) as store, store.database.transaction():
        for story in stories:
            draft = Draft(
                url=story.url, title=story.title, body=story.body, authors=story.authors, tags=story.tags,
                published=story.when, language=story.language, summary=story.paragraphs[0][:160],
            )  # fmt: skip
            placing = Placing(
                source="bench",
                channel=story.channel,
                ident=urls.identifier(story.url),
                published=story.when,
                addresses=(story.url,),
            )
            store.articles.put(draft, (), placing, story.when)


def make(folder: Path) -> None:
    """Build the edition, and write out the files that changed."""
    newsroom = config.load(folder / config.FILE)
    with open_store(newsroom.state) as store:
        before = store.editions.built("site").version
        build(newsroom, store, Report("bench", Quiet()))
        changes = store.editions.changes("site", before)
        made: set[str] = set()  # folders
        for entry in changes.puts:
            body = store.editions.body("site", entry.path)
            if body is not None:
                place, _, name = entry.path.rpartition("/")
                if place not in made:
                    (folder / "site" / place).mkdir(parents=True, exist_ok=True)
                    made.add(place)
                (folder / "site" / place / name).write_bytes(body)


if __name__ == "__main__":
    make(Path(sys.argv[1]))
