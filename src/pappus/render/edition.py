"""What renders an edition, as far as it is the same whatever the edition is written in."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, ClassVar

from msgspec import structs

from pappus.errors import BuildError
from pappus.layout import MIRRORS_JSON, folded
from pappus.model import Artifact, Entry, artifact, digest
from pappus.render import mirror_list, words
from pappus.render.paths import RESERVED, media_path

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pappus.model import Article, Headline, Label, Media
    from pappus.render.indexes import Index
    from pappus.render.inputs import Archive, EditionOptions, Touched
    from pappus.render.page import Page
    from pappus.render.paths import Paths


class Edition(ABC):
    """Renders an edition. Pure: the same article and options give the same bytes anywhere.

    Attributes:
        chrome: digest of everything beside an article that its page depends on; when it changes, all pages are rendered again.
        frame: the same for what indexes depend on beside headlines; when it changes, all indexes are rendered again.
        searchable: whether there is a page that searches it, which wants an index of words.

    Raises:
        BuildError: a channel's name that the edition has given away, or two channels of one name; a language without words.
    """

    paths: Paths
    media_type: ClassVar[str]
    searchable: bool = False

    def __init__(self, options: EditionOptions) -> None:
        _check(options)
        self.options = options
        self.chrome = self._digest(
            options.language,
            options.sources,
            options.siblings,
            options.external_links,
            options.link_suffix,
            options.counter,
            *self.beside,
        )
        # The addresses themselves stand in home and in the list of mirrors alone, which are always rendered: when one changes, no other
        # index is touched. Whether there is a list at all decides what is to be taken away; of which months annexes hold the images, which
        # are shown.
        self.frame = self._digest(
            structs.replace(options, mirrors=(), moved=(), divisions=()),
            mirror_list.exists(options),
            sorted({(annex.first, annex.last) for division in options.divisions for annex in division.annexes}),
        )

    @property
    def varies(self) -> bool:
        """Whether images stand in it with variants."""
        return False

    @property
    @abstractmethod
    def template(self) -> object:
        """What is different from the last time when this edition would write the same down in another way."""

    @property
    def beside(self) -> tuple[object, ...]:
        """What of the options the pages of this edition depend on beside what those of all do."""
        return ()

    @abstractmethod
    def write_page(self, page: Page) -> str:
        """Return an article's page as text."""

    @abstractmethod
    def write_index(self, index: Index, touched: Touched, archive: Archive) -> str:
        """Return an index as text. What it said before of articles that are not touched may be taken from the archive."""

    def pages(
        self,
        article: Article,
        held: Mapping[str, Headline],
        older: Sequence[Headline] = (),
        labels: Sequence[Label] = (),
    ) -> Sequence[Artifact]:
        """Return an article's own artifacts: its page first, then the media that it shows; of a withdrawn one a short notice alone.

        Args:
            article: what to render.
            held: by canonical URL, those articles of the edition that this one links to.
            older: those that come next after it in its channel.
            labels: its authors and tags, as far as others have them as well.
        """
        from pappus.render.page import show  # noqa: PLC0415  # 15 ms with the next, for those who render

        page = show(article, held, self.options, self.paths, older=older, labels=labels)
        own = artifact(page.path, self.write_page(page).encode(), self.media_type)
        files = {} if article.withdrawn else self.files(article)
        return (
            own,
            *(
                Artifact(entry=Entry(path=path, size=medium.size, digest=medium.digest, media_type=medium.media_type))
                for path, medium in files.items()
            ),
        )

    def files(self, article: Article) -> Mapping[str, Media]:
        """Return the media that an article's page shows, by path."""
        return {media_path(medium, article.published): medium for medium in article.media}

    def lists(self, labels: Sequence[Label]) -> frozenset[str]:  # noqa: ARG002  # an edition may have some
        """Return the paths of the indexes that the edition has as long as articles have these labels: not every edition has any."""
        return frozenset()

    def indexes(self, touched: Touched, archive: Archive) -> Iterator[Artifact]:
        """Yield the artifacts that belong to no single article, as far as they may have changed.

        They are home, guide, hot, recommended and mirror lists, then the touched channels and their touched months.
        """
        from pappus.render.indexes import indexes  # noqa: PLC0415  # as above

        for index in indexes(touched, archive, self.options, self.paths):
            yield artifact(index.path, self.write_index(index, touched, archive).encode(), self.media_type)
        if mirror_list.exists(self.options):
            yield artifact(MIRRORS_JSON, mirror_list.dump(self.options), "application/json")

    def _digest(self, *parts: object) -> str:
        """Return a digest of options and everything that is built in."""
        return digest(repr((self.template, words.fingerprint(), *parts)).encode("utf-8", "surrogatepass"))


def _check(options: EditionOptions) -> None:
    if options.language not in words.LANGUAGES:
        known = ", ".join(words.LANGUAGES)
        raise BuildError("edition", f"no words in language {options.language[:40]!r}", f"one of {known}")
    seen = set(RESERVED)
    for channel in options.channels:
        if folded(channel.name) in seen:
            raise BuildError(f"channel {channel.name[:80]!r}", "its name is taken in indexes/", "give it another name")
        seen.add(folded(channel.name))
