"""The site edition: pages, indexes and media as static HTML, for any web server, a forge's Pages, or a folder that is opened as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pappus.model import SCRIPT, WORKER, artifact
from pappus.render.edition import Edition
from pappus.render.paths import SITE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pappus.model import Artifact
    from pappus.render.indexes import Index
    from pappus.render.page import Page
    from pappus.render.shelf import Shelf, Touched


class Site(Edition):
    """Renders the site edition."""

    paths = SITE
    media_type = "text/html"
    searchable = True

    @property
    def template(self) -> str:
        """The templates, and what reads them."""
        from pappus.render.site.templates import fingerprint  # noqa: PLC0415  # for those who have a site

        return fingerprint()

    @property
    def beside(self) -> tuple[object, ...]:
        """The newsroom's name, which stands on top of every page."""
        return (self.options.title,)

    def write_page(self, page: Page) -> str:
        """Return an article's page as HTML."""
        from pappus.render.site.press import write_page  # noqa: PLC0415  # 60 ms with the next, for those who render

        return write_page(page, self.options)

    def write_index(self, index: Index) -> str:
        """Return an index as HTML."""
        from pappus.render.site.press import write_index  # noqa: PLC0415  # as above

        return write_index(index, self.options)

    def indexes(self, touched: Touched, shelf: Shelf) -> Iterator[Artifact]:
        """Yield what every edition has, the icons and scripts, and what programs read."""
        from pappus.render.site import webmanifest  # noqa: PLC0415  # as above
        from pappus.render.site.feeds import feeds  # noqa: PLC0415  # as above
        from pappus.render.site.templates import icons, sources  # noqa: PLC0415  # as above

        yield from super().indexes(touched, shelf)
        yield from feeds(touched, shelf, self.options)
        yield artifact(webmanifest.PATH, webmanifest.dump(self.options), "application/manifest+json")
        for name, body in icons().items():
            yield artifact(name, body, "image/png")
        for name in (SCRIPT, WORKER):
            yield artifact(name, sources()[name].encode(), "text/javascript")
