"""The Markdown edition: pages, indexes and media for a forge that renders Markdown, or for a folder that is read raw."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Final

from pappus.errors import BuildError
from pappus.model import Artifact, Entry, artifact, digest
from pappus.render import mirror_list, paths, words
from pappus.render.paths import MARKDOWN

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pappus.model import Article, Headline
    from pappus.render.shelf import EditionOptions, Shelf, Touched

TEMPLATE: Final = 3  # raised with every change of this room that changes what it writes
MEDIA_TYPE: Final = "text/markdown"


class Markdown:
    """Renders the Markdown edition. Pure: the same article and options give the same bytes anywhere.

    Attributes:
        chrome: digest of everything beside an article that its page depends on; when it changes, all pages are rendered again.
        frame: the same for what indexes depend on beside headlines; when it changes, all indexes are rendered again.

    Raises:
        BuildError: a channel's name that the edition has given away, or two channels of one name; a language without words.
    """

    def __init__(self, options: EditionOptions) -> None:
        _check(options)
        self.options = options
        self.chrome = _digest(
            options.language,
            options.sources,
            options.siblings,
            options.external_links,
            options.link_suffix,
            options.counter,
        )
        # The addresses themselves stand in home and in the list of mirrors alone, which are always rendered: when one changes, no other
        # index is touched. Whether there is a list at all decides what is to be taken away.
        self.frame = _digest(
            dataclasses.replace(options, mirrors=(), moved=(), divisions=()), mirror_list.exists(options)
        )

    def pages(self, article: Article, held: Mapping[str, Headline]) -> Sequence[Artifact]:
        """Return an article's page, then the media that it shows; a withdrawn one's page alone."""
        from pappus.render.markdown.page import page  # noqa: PLC0415  # 15 ms with the next, for those who render

        text = page(article, held, self.options)
        own = artifact(MARKDOWN.page(article), text.encode(), MEDIA_TYPE)
        shown = () if article.withdrawn else article.media
        files = {paths.media_path(medium, article.published): medium for medium in shown}
        return (
            own,
            *(
                Artifact(entry=Entry(path=path, size=medium.size, digest=medium.digest, media_type=medium.media_type))
                for path, medium in files.items()
            ),
        )

    def indexes(self, touched: Touched, shelf: Shelf) -> Iterator[Artifact]:
        """Yield home, guide, hot, recommended and mirror lists, then the touched channels and their touched months."""
        from pappus.render.markdown.indexes import indexes  # noqa: PLC0415  # as above

        for path, text in indexes(touched, shelf, self.options):
            yield artifact(path, text.encode(), MEDIA_TYPE)
        if mirror_list.exists(self.options):
            yield artifact(paths.MIRRORS_JSON, mirror_list.dump(self.options), "application/json")


def _digest(*parts: object) -> str:
    """Return a digest of options and everything that is built in."""
    return digest(repr((TEMPLATE, words.fingerprint(), *parts)).encode("utf-8", "surrogatepass"))


def _check(options: EditionOptions) -> None:
    if options.language not in words.LANGUAGES:
        known = ", ".join(words.LANGUAGES)
        raise BuildError("edition", f"no words in language {options.language[:40]!r}", f"one of {known}")
    seen = set(paths.RESERVED)
    for channel in (channel for source in options.sources for channel in source.channels):
        folded = channel.name.casefold()
        if folded in seen:
            raise BuildError(f"channel {channel.name[:80]!r}", "its name is taken in indexes/", "give it another name")
        seen.add(folded)
