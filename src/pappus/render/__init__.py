"""Articles -> Artifacts. Pure: no I/O, no clock; the same article gives the same bytes anywhere.

A renderer is one file (or folder) with a class that follows :class:`Renderer`; a new kind is that and one line in ``EDITIONS``.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol

from pappus.render.links import READERS, links
from pappus.render.markdown import Markdown
from pappus.render.shelf import ChannelInfo, EditionOptions, MirrorInfo, Moved, Shelf, SourceInfo, Touched
from pappus.render.site import Site
from pappus.render.words import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pappus.model import Article, Artifact, Headline, Label
    from pappus.render.edition import Edition

__all__ = [
    "EDITIONS",
    "LANGUAGES",
    "READERS",
    "ChannelInfo",
    "EditionOptions",
    "MirrorInfo",
    "Moved",
    "Renderer",
    "Shelf",
    "SourceInfo",
    "Touched",
    "links",
]


class Renderer(Protocol):
    """One form of the whole.

    ``chrome`` is a digest of everything beside an article that its page depends on: when it changes, all pages are rendered again.
    ``frame`` is the same for indexes, beside their headlines.
    ``searchable`` asks for an index of words, which a page of the edition reads.
    """

    chrome: str
    frame: str
    searchable: bool

    @property
    def varies(self) -> bool:
        """Whether images stand in it with variants."""
        ...

    def pages(
        self,
        article: Article,
        held: Mapping[str, Headline],
        older: Sequence[Headline] = (),
        labels: Sequence[Label] = (),
    ) -> Sequence[Artifact]:
        """Return an article's own artifacts: its page first, then the media that it shows.

        Args:
            article: what to render; a withdrawn one gives a short notice at the same address.
            held: by canonical URL, those articles of the edition that this one links to.
            older: those that come next after it in its channel.
            labels: its authors and tags, as far as others have them as well.
        """
        ...

    def lists(self, labels: Sequence[Label]) -> frozenset[str]:
        """Return the paths of the indexes that the edition has as long as articles have these labels."""
        ...

    def indexes(self, touched: Touched, shelf: Shelf) -> Iterator[Artifact]:
        """Yield the artifacts that belong to no single article, as far as they may have changed."""
        ...


EDITIONS: Mapping[str, type[Edition]] = MappingProxyType({"markdown": Markdown, "site": Site})
