"""The Markdown edition: pages, indexes and media for a forge that renders Markdown, or for a folder that is read raw."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pappus.render.edition import Edition
from pappus.render.paths import MARKDOWN

if TYPE_CHECKING:
    from pappus.render.indexes import Index
    from pappus.render.inputs import Archive, Touched
    from pappus.render.page import Page

_TEMPLATE: Final = 5  # raised with every change of this room that changes what it writes


class Markdown(Edition):
    """Renders the Markdown edition."""

    paths = MARKDOWN
    media_type = "text/markdown"

    @property
    def template(self) -> int:
        """What this room has come to write, as a number."""
        return _TEMPLATE

    def write_page(self, page: Page) -> str:
        """Return an article's page as Markdown."""
        from pappus.render.markdown.page import write  # noqa: PLC0415  # 15 ms with the next, for those who render

        return write(page, self.options.external_links)

    def write_index(self, index: Index, touched: Touched, archive: Archive) -> str:  # noqa: ARG002  # all of it is written
        """Return an index as Markdown."""
        from pappus.render.markdown.indexes import write  # noqa: PLC0415  # as above

        return write(index, self.options)
