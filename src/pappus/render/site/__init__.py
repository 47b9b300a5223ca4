"""The site edition: pages, indexes and media as static HTML, for any web server, a forge's Pages, or a folder that is opened as it is."""

from __future__ import annotations

from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING

from pappus.model import SCRIPT, WORKER, artifact
from pappus.render.edition import Edition
from pappus.render.paths import SITE, variant_path

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pappus.model import Article, Artifact, Headline, Label, Media
    from pappus.render.inputs import Archive, EditionOptions, Script, Touched
    from pappus.render.page import Page
    from pappus.render.site.writer import SiteIndex, Writer


class Site(Edition):
    """Renders the site edition."""

    paths = SITE
    media_type = "text/html"
    searchable = True

    @property
    def varies(self) -> bool:
        """Whether images stand in it with variants."""
        return self.options.variants

    @property
    def template(self) -> str:
        """The templates, and what reads them."""
        from pappus.render.site.templates import fingerprint  # noqa: PLC0415  # for those who have a site

        return fingerprint()

    def files(self, article: Article) -> Mapping[str, Media]:
        """Return the media that an article's page shows, by path, with their variants where these are wanted."""
        variants = ((one, medium) for medium in article.media for one in medium.variants if self.varies)
        moment = article.published
        return {**super().files(article), **{variant_path(one, medium, moment): one for one, medium in variants}}

    @property
    def beside(self) -> tuple[object, ...]:
        """The newsroom's name, which stands on top of every page, what the operator wants otherwise, and the scripts that pages are in."""
        always = (self.options.title, self.options.variants, self.options.theme, self.options.templates)
        if not self.options.scripts:
            return always
        from pappus.render.site.scripts import fingerprint  # noqa: PLC0415  # for those who have several

        return (*always, self.options.scripts, fingerprint())

    @cached_property
    def writer(self) -> Writer:
        """What writes pages and indexes."""
        from pappus.render.site.writer import Writer  # noqa: PLC0415  # 60 ms, for those who render

        return Writer(self.options, self.paths)

    def write_page(self, page: Page) -> str:
        """Return an article's page as HTML."""
        return self.writer.page(page)

    def write_index(self, index: SiteIndex, touched: Touched, archive: Archive) -> str:
        """Return an index as HTML, with the entries that it had before where their articles are not touched."""
        from pappus.render.site.former import Former  # noqa: PLC0415  # as above

        return self.writer.index(index, Former.of(index, touched, archive))

    def pages(
        self,
        article: Article,
        held: Mapping[str, Headline],
        older: Sequence[Headline] = (),
        labels: Sequence[Label] = (),
    ) -> Sequence[Artifact]:
        """Return an article's page, then the media that it shows; then its pages in other scripts."""
        twins = (twin.pages(article, held, older, labels) for twin in self._twins)
        return (*super().pages(article, held, older, labels), *chain.from_iterable(twins))

    def lists(self, labels: Sequence[Label]) -> frozenset[str]:
        """Return where the lists of these authors and topics stand."""
        every = (self.paths, *(twin.paths for twin in self._twins))
        return frozenset(paths.label(label.kind, label.key) for label in labels for paths in every)

    @cached_property
    def _twins(self) -> Sequence[InScript]:
        return [InScript(self.options, script) for script in self.options.scripts]

    def indexes(self, touched: Touched, archive: Archive) -> Iterator[Artifact]:
        """Yield what every edition has and what the site has beside, the icons and scripts, and what programs read."""
        from pappus.render.indexes import search  # noqa: PLC0415  # as above
        from pappus.render.site import webmanifest  # noqa: PLC0415  # as above
        from pappus.render.site.about import not_found  # noqa: PLC0415  # as above
        from pappus.render.site.feeds import feeds  # noqa: PLC0415  # as above
        from pappus.render.site.templates import SEARCH, icons, sources  # noqa: PLC0415  # as above

        yield from self.lists_and_pages(touched, archive)
        if touched.everything:
            yield self._artifact(not_found(self.options), touched, archive)
        yield self._artifact(search(archive.channels(), self.options, self.paths), touched, archive)
        yield from feeds(touched, archive, self.options)
        yield artifact(webmanifest.PATH, webmanifest.dump(self.options), "application/manifest+json")
        for name, body in icons().items():
            yield artifact(name, body, "image/png")
        for name in (SCRIPT, WORKER, SEARCH):
            yield artifact(name, sources()[name].encode(), "text/javascript")
        for twin in self._twins:
            yield from twin.indexes(touched, archive)

    def lists_and_pages(self, touched: Touched, archive: Archive) -> Iterator[Artifact]:
        """Yield what every edition has, then the lists that the site has beside, and its pages about itself."""
        from pappus.render.site.about import about  # noqa: PLC0415  # as above
        from pappus.render.site.lists import lists  # noqa: PLC0415  # as above

        yield from super().indexes(touched, archive)
        alone = about(self.options, self.paths) if touched.everything else ()  # the frame is all that they depend on
        for index in chain(lists(touched, archive, self.options, self.paths), alone):
            yield self._artifact(index, touched, archive)

    def _artifact(self, index: SiteIndex, touched: Touched, archive: Archive) -> Artifact:
        return artifact(index.path, self.write_index(index, touched, archive).encode(), self.media_type)


class InScript(Site):
    """Renders the pages and indexes of a site in one script of Chinese, beside those that are there."""

    def __init__(self, options: EditionOptions, script: Script) -> None:
        from pappus.render.site import scripts  # noqa: PLC0415  # for those who have several

        self._script = script
        self._scripts = scripts
        self.paths = scripts.paths(script, options.language)
        super().__init__(scripts.options(options, script))

    def pages(
        self,
        article: Article,
        held: Mapping[str, Headline],
        older: Sequence[Headline] = (),
        labels: Sequence[Label] = (),
    ) -> Sequence[Artifact]:
        """Return an article's page in this script; none of what is not Chinese."""
        if not self._scripts.has_twin(article, self._script):
            return ()
        over = self._scripts.article(article, self._script)
        next_ones = [self._scripts.headline(one, self._script) for one in older]
        own, *_ = Edition.pages(self, over, held, next_ones, self._scripts.labels(labels, self._script))
        return (own,)

    def indexes(self, touched: Touched, archive: Archive) -> Iterator[Artifact]:
        """Yield the indexes in this script."""
        for one in self.lists_and_pages(touched, self._scripts.ScriptArchive(archive, self._script)):
            if one.entry.media_type == self.media_type:
                yield one
