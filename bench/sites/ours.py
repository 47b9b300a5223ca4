"""The articles in a store, whose site ``pappus build`` makes, with what changed written out: ``python -m bench.sites.ours FOLDER``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from pappus import config, urls
from pappus.cli import main
from pappus.model import Draft
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
    """Build the edition as the command does, and write out the files that changed."""
    state = folder / config.STATE
    with open_store(state, write=False) as store:
        before = store.editions.built("site").version
    sys.argv = ["pappus", "build", "--config", str(folder / config.FILE)]
    try:
        main()
    except SystemExit as end:
        if end.code:
            raise
    with open_store(state, write=False) as store:
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
