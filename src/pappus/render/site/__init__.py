"""The site edition: pages, indexes and media as static HTML, for any web server, a forge's Pages, or a folder that is opened as it is."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from pappus.model import SCRIPT, WORKER, artifact
from pappus.render.edition import Edition
from pappus.render.paths import SITE, variant_path

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pappus.model import Article, Artifact, Headline, Media
    from pappus.render.indexes import Index, Search
    from pappus.render.page import Page
    from pappus.render.shelf import EditionOptions, Script, Shelf, Touched


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
        variants = (variant for medium in article.media for variant in medium.variants if self.varies)
        return {**super().files(article), **{variant_path(one, article.published): one for one in variants}}

    @property
    def beside(self) -> tuple[object, ...]:
        """The newsroom's name, which stands on top of every page, the scripts that pages are in, and whether images have variants."""
        always = (self.options.title, self.options.variants)
        if not self.options.scripts:
            return always
        from pappus.render.site.scripts import fingerprint  # noqa: PLC0415  # for those who have several

        return (*always, self.options.scripts, fingerprint())

    def write_page(self, page: Page) -> str:
        """Return an article's page as HTML."""
        from pappus.render.site.press import write_page  # noqa: PLC0415  # 60 ms with the next, for those who render

        return write_page(page, self.options)

    def write_index(self, index: Index | Search) -> str:
        """Return an index as HTML."""
        from pappus.render.site.press import write_index  # noqa: PLC0415  # as above

        return write_index(index, self.options, self.paths)

    def pages(self, article: Article, held: Mapping[str, Headline]) -> Sequence[Artifact]:
        """Return an article's page, then the media that it shows; then its pages in other scripts."""
        return (*super().pages(article, held), *(twin for one in self._twins for twin in one.pages(article, held)))

    @cached_property
    def _twins(self) -> Sequence[InScript]:
        return [InScript(self.options, script) for script in self.options.scripts]

    def indexes(self, touched: Touched, shelf: Shelf) -> Iterator[Artifact]:
        """Yield what every edition has, the search, the icons and scripts, and what programs read."""
        from pappus.render.indexes import search  # noqa: PLC0415  # as above
        from pappus.render.site import webmanifest  # noqa: PLC0415  # as above
        from pappus.render.site.feeds import feeds  # noqa: PLC0415  # as above
        from pappus.render.site.templates import SEARCH, icons, sources  # noqa: PLC0415  # as above

        yield from super().indexes(touched, shelf)
        page = search(shelf, self.options, self.paths)
        yield artifact(page.path, self.write_index(page).encode(), self.media_type)
        yield from feeds(touched, shelf, self.options)
        yield artifact(webmanifest.PATH, webmanifest.dump(self.options), "application/manifest+json")
        for name, body in icons().items():
            yield artifact(name, body, "image/png")
        for name in (SCRIPT, WORKER, SEARCH):
            yield artifact(name, sources()[name].encode(), "text/javascript")
        for twin in self._twins:
            yield from twin.indexes(touched, shelf)


class InScript(Site):
    """Renders the pages and indexes of a site in one script of Chinese, beside those that are there."""

    def __init__(self, options: EditionOptions, script: Script) -> None:
        from pappus.render.site import scripts  # noqa: PLC0415  # for those who have several

        self._script = script
        self._scripts = scripts
        self.paths = scripts.paths(script, options.language)
        super().__init__(scripts.options(options, script))

    def pages(self, article: Article, held: Mapping[str, Headline]) -> Sequence[Artifact]:
        """Return an article's page in this script; none of what is not Chinese."""
        if not self._scripts.has_twin(article.language, self._script):
            return ()
        over = self._scripts.article(article, self._script)
        own, *_ = Edition.pages(self, over, held)
        return (own,)

    def indexes(self, touched: Touched, shelf: Shelf) -> Iterator[Artifact]:
        """Yield the indexes in this script."""
        for one in Edition.indexes(self, touched, self._scripts.ScriptShelf(shelf, self._script)):
            if one.entry.media_type == self.media_type:
                yield one
