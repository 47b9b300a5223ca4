"""Our side: a store of the articles, its index, and a server of what a reader loads. Run as a program, it builds the index of a store.

No page of an article is written here: what an edition costs as a whole is measured elsewhere.
"""

from __future__ import annotations

import html
import json
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from bench.costs import Cost, measured
from bench.search.corpus import CHANNELS, Item
from pappus.model import SCRIPT, Draft
from pappus.pipeline.search import Index
from pappus.render.indexes import search
from pappus.render.inputs import ChannelInfo, EditionOptions, SourceInfo
from pappus.render.paths import SITE
from pappus.render.site import Site
from pappus.render.site.templates import SEARCH, sources
from pappus.store import Placing, open_store

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pappus.model import Artifact

EDITION = "site"
PAGE = "search.html"
_SOURCE = "bench"
_STEP = 1000  # articles that are read at once
OPTIONS = EditionOptions(
    title="Bench",
    sources=(
        SourceInfo(
            name=_SOURCE,
            title="Bench",
            homepage="",
            licence="made for benchmarks",
            channels=tuple(ChannelInfo(name=name, title=name.title()) for name in CHANNELS),
        ),
    ),
)


def fill(folder: Path, items: Iterable[Item]) -> None:
    """Put articles into the store of a folder."""
    with open_store(folder) as store, store.database.transaction():
        for item in items:
            url = f"https://news.example/{item.number}"
            draft = Draft(
                url=url,
                title=item.title,
                body="".join(f"<p>{text}</p>" for text in map(html.escape, item.paragraphs)),
                published=item.published,
                language=item.language,
            )
            placing = Placing(
                source=_SOURCE,
                channel=item.channel,
                ident=f"story-{item.number}",
                published=item.published,
                addresses=(url,),
            )
            store.articles.put(draft, (), placing, item.published)


def build(folder: Path, since: int) -> tuple[Cost, dict[str, int]]:
    """Bring the index up to date with the articles whose row ids are above ``since``. Returns its cost, and counts of files and bytes."""
    costs: dict[str, Cost] = {}
    counts = {"files": 0, "bytes": 0}
    with open_store(folder) as store:

        def put(artifact: Artifact) -> None:
            if "same" not in store.editions.put(EDITION, [artifact]).values():
                counts["files"] += 1
                counts["bytes"] += artifact.entry.size

        def leave(path: str) -> None:
            store.database.execute("DELETE FROM artifact WHERE edition = ? AND path = ?", (EDITION, path))

        with measured(costs, "index"), store.database.transaction():
            index = Index(store, EDITION, put=put, leave=leave, everything=since == 0)
            last = store.articles.last()
            for start in range(since + 1, last + 1, _STEP):
                for ident, article in store.articles.between(start, min(start + _STEP - 1, last)):
                    index.add(ident, article, store.articles.channels(ident))
            index.finish()
    return costs["index"], counts


class Served:
    """What a reader of the search loads, by path."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        page = search((), OPTIONS, SITE)
        scripts = {name: sources()[name].encode() for name in (SCRIPT, SEARCH)}
        self._files = {PAGE: Site(OPTIONS).writer.index(page).encode(), **scripts}

    def body(self, path: str) -> bytes:
        """Return a file, b"" where there is none."""
        if path in self._files:
            return self._files[path]
        with open_store(self._folder, write=False) as store, suppress(KeyError):  # which is its thread's own
            return store.editions.body(EDITION, path) or b""
        return b""


if __name__ == "__main__":
    cost, counts = build(Path(sys.argv[1]), int(sys.argv[2]))
    print(json.dumps((cost.cpu, cost.wall, cost.peak, counts)))
