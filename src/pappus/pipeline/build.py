"""build: stored articles become the artifacts of each edition.

Only what changed since the last build is rendered; a build happens inside one transaction, so an edition is the one before or the new one.
What leads nowhere, or is led to from nowhere, is not built.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from pappus.errors import BuildError
from pappus.layout import SEARCH
from pappus.model import month_of
from pappus.pipeline.linkcheck import LinkCheck
from pappus.render import Touched
from pappus.store import LINGER, stamp

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from pappus.model import Article, Artifact, Headline
    from pappus.pipeline.newsroom import EditionPart, Newsroom
    from pappus.pipeline.report import Report
    from pappus.pipeline.search import Index
    from pappus.store import Store

_AT_ONCE = 100  # articles whose pages are put into the store together
_WEIGHT = timedelta(days=2)  # by which the editors' recommendation makes an article newer in the hot list


def build(newsroom: Newsroom, store: Store, report: Report, *, full: bool = False) -> None:
    """Bring every edition up to date with the store.

    Args:
        newsroom: its editions.
        store: where articles come from and artifacts go to.
        report: hears of it.
        full: render everything again, though it did not change.
    """
    for part in newsroom.editions:
        with store.database.transaction():
            try:
                _Build(newsroom, store, report, part).run(full=full)
            except BuildError as error:
                report.failed(part.name, error.subject, error)
                raise


class _Changes(Struct):
    """What a build did."""

    paths: dict[str, bool] = {}  # changed or gone -> whether it was added
    indexed: set[str] = set()  # indexes and the like that were rendered
    lists: set[str] = set()  # indexes of which an article that changed is part, or was


class _Pages(Struct):
    """What was rendered of some articles, and is put into the store at once."""

    artifacts: dict[str, Artifact] = {}  # by path; a picture may be that of several
    needed: dict[int, set[str]] = {}  # row id -> paths


class _Build:
    """One build of one edition."""

    def __init__(self, newsroom: Newsroom, store: Store, report: Report, part: EditionPart) -> None:
        self._store = store
        self._report = report
        self._name = part.name
        self._renderer = part.renderer
        self._now = newsroom.clock()
        self._archive = _StoreArchive(store, part.name, newsroom.recommended)
        self._changes = _Changes()

    def run(self, *, full: bool) -> None:
        before = self._store.editions.built(self._name)
        everything = full or before.chrome != self._renderer.chrome
        seen = self._store.articles.counter()
        self._check = LinkCheck(self._store.editions, self._name, everything=everything)
        index = self._index(everything=everything)
        touched = self._articles(0 if everything else before.seen, index)
        if index:
            index.finish()
        touched = replace(
            touched,
            pages=frozenset(self._check.pages),
            everything=everything or before.frame != self._renderer.frame,
        )
        self._indexes(touched, everything=everything)
        withdrawn = self._store.articles.withdrawn_since(before.seen)  # texts that leave may say what was
        until = None if True in withdrawn else self._now - LINGER
        gone = self._store.editions.sweep(self._name, until, texts=bool(withdrawn))
        self._changes.paths |= dict.fromkeys(gone, False)
        self._check.finish(self._changes.paths, gone)
        version = self._store.editions.finish(
            self._name, chrome=self._renderer.chrome, frame=self._renderer.frame, seen=seen, changed=self._changes.paths
        )
        self._report.count("rendered", self._check.rendered)
        self._report.count("changed", len(self._changes.paths))
        if version != before.version:
            self._report.note(
                "built", self._name, f"version {version.number}", f"{len(self._changes.paths)} files changed"
            )

    def _index(self, *, everything: bool) -> Index | None:
        """Return the index of words, for an edition that can be searched."""
        if not self._renderer.searchable:
            return None
        from pappus.pipeline.search import Index  # noqa: PLC0415  # for those who have a site

        return Index(self._store, self._name, put=self._put_index, leave=self._leave, everything=everything)

    def _articles(self, since: int, index: Index | None) -> Touched:
        """Render what changed. Returns the indexes that it touches."""
        days: set[str] = set()
        by_channel: defaultdict[str, set[str]] = defaultdict(set)
        pages = _Pages()
        for number, (ident, article) in enumerate(self._store.articles.changed_since(since), 1):
            self._article(ident, article, pages)
            channels = self._store.articles.channels(ident)
            if index:
                index.add(ident, article, channels)
            day = stamp(article.published)[:10]
            days.add(day)
            for channel in channels:
                by_channel[channel].add(day)
            if number % _AT_ONCE == 0:
                self._put_pages(pages)
                pages = _Pages()
                self._report.progress(self._name, number)
        self._put_pages(pages)
        return Touched(
            days=frozenset(days),
            channels={channel: frozenset(touched) for channel, touched in by_channel.items()},
            lists=frozenset(self._changes.lists),
        )

    def _article(self, ident: int, article: Article, pages: _Pages) -> None:
        articles, changes = self._store.articles, self._changes
        labels = articles.labels(ident)
        artifacts = self._renderer.pages(article, articles.linked(ident), articles.older(ident), labels)
        lists = self._renderer.lists(labels)
        changes.lists |= lists
        self._check.article(artifacts, lists)
        pages.artifacts |= {artifact.entry.path: artifact for artifact in artifacts}
        pages.needed[ident] = {*lists, *(artifact.entry.path for artifact in artifacts)}

    def _put_pages(self, pages: _Pages) -> None:
        """Put what articles need; what none needs any more leaves, and stays if another of these articles begins to need it."""
        for path, orphaned in self._store.editions.need(self._name, pages.needed).items():
            if not month_of(path):
                self._changes.lists.add(path)
            elif orphaned:
                self._leave(path)
        self._put(pages.artifacts.values())

    def _indexes(self, touched: Touched, *, everything: bool) -> None:
        for artifact in self._renderer.indexes(touched, self._archive):
            self._put_index(artifact)
        for path in touched.lists - self._changes.indexed:
            self._leave(path)
        if touched.everything:
            for path in self._store.editions.unneeded(self._name):
                if path not in self._changes.indexed and (everything or not path.startswith(SEARCH)):
                    self._leave(path)

    def _put_index(self, artifact: Artifact) -> None:
        self._changes.indexed.add(artifact.entry.path)
        self._check.index(artifact)
        self._put([artifact])

    def _put(self, artifacts: Collection[Artifact]) -> None:
        outcomes = self._store.editions.put(self._name, artifacts)
        self._changes.paths |= {path: outcome == "added" for path, outcome in outcomes.items() if outcome != "same"}

    def _leave(self, path: str) -> None:
        """Take out an artifact that nothing leads to any more; not yet, for readers may have the former pages before them."""
        self._store.editions.leave(self._name, path, self._now)


class _StoreArchive:
    """The store as renderers see it."""

    def __init__(self, store: Store, edition: str, recommended: Sequence[str]) -> None:
        self._articles = store.articles
        self._editions = store.editions
        self._edition = edition
        self._recommended = recommended
        self.channels = store.articles.all_channels
        self.newest = store.articles.newest
        self.months = store.articles.months
        self.month = store.articles.month
        self.month_size = store.articles.month_size
        self.latest = store.articles.latest
        self.days = store.articles.days
        self.day = store.articles.day
        self.around = store.articles.around
        self.labels = store.articles.all_labels
        self.labelled = store.articles.labelled

    def former(self, path: str) -> str:
        """Return the text that stands at a path of the edition."""
        return self._editions.text(self._edition, path)

    def whole(self, headline: Headline) -> tuple[Article, Mapping[str, Headline]]:
        """Return an article, and those that it links to."""
        ident = self._articles.on(headline.source, stamp(headline.published)[:10], headline.ident)
        if ident is None:
            raise KeyError(headline)
        return self._articles.get(ident), self._articles.linked(ident)

    def recommended(self) -> Sequence[Headline]:
        """Return the editors' choice, in their order."""
        return self._articles.headlines(self._recommended)

    def hot(self, limit: int) -> Sequence[Headline]:
        """Return the hottest articles: for now the newest, the editors' choice counting as newer. Counts will come in here."""
        chosen = {(one.source, one.published, one.ident): one for one in self.recommended()}
        ranked = {(one.source, one.published, one.ident): one for one in self.latest(limit)} | chosen

        def heat(one: Headline) -> tuple[float, str, str]:
            bonus = _WEIGHT if (one.source, one.published, one.ident) in chosen else timedelta()
            return (-(one.published + bonus).timestamp(), one.source, one.ident)

        return sorted(ranked.values(), key=heat)[:limit]
