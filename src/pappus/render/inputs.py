"""What a renderer is given beside articles: the edition's options, and a way to look at the store."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Protocol

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pappus.model import Article, Division, Headline, LabelKind, Notice

Script = Literal["zh-Hans", "zh-Hant"]
ExternalLinks = Literal["footnote", "live", "text"]


class ChannelInfo(Struct, frozen=True, kw_only=True):
    """A channel as pages name it. ``name`` is unique in the newsroom and stands in paths; any letters."""

    name: str
    title: str


class SourceInfo(Struct, frozen=True, kw_only=True):
    """A source as pages name it, with its permission."""

    name: str  # [a-z0-9-]
    title: str
    homepage: str  # "" where there is none
    licence: str  # licence or permission note, shown on every page
    channels: tuple[ChannelInfo, ...]


class MirrorInfo(Struct, frozen=True, kw_only=True):
    """A place where readers find the edition."""

    address: str  # what a path of the edition is appended to
    home: str  # the short address for readers


class Moved(Struct, frozen=True, kw_only=True):
    """A former address of a mirror, and the one that stands for it now."""

    address: str
    to: str


class EditionOptions(Struct, frozen=True, kw_only=True):
    """What the operator says about an edition."""

    title: str  # of the newsroom
    description: str = ""
    language: str = "en"  # of the words around articles: a catalogue's name
    sources: tuple[SourceInfo, ...] = ()
    notices: tuple[Notice, ...] = ()
    siblings: tuple[tuple[str, str], ...] = ()  # (title, relative or absolute address) of other mirrors' home pages
    mirrors: tuple[MirrorInfo, ...] = ()
    moved: tuple[Moved, ...] = ()
    divisions: tuple[Division, ...] = ()  # of mirrors that have annexes
    signed: bool = False
    fingerprint: str = ""  # of the first root, where it is known
    external_links: ExternalLinks = "footnote"
    link_suffix: bool = False  # whether links inside the edition carry ?<article id>
    counter: str = ""  # address of a counter image, {source} and {id} filled in; "" for none
    scripts: tuple[Script, ...] = ()  # in which Chinese is shown besides the one that it came in
    theme: str = ""  # the site's variables as CSS; "" for our own
    templates: tuple[tuple[str, str], ...] = ()  # of the site that the operator has in place of ours: name, text
    index_size: int = 60  # titles on a channel's first page
    variants: bool = True  # whether images stand in further widths and formats, where the edition has any

    @property
    def channels(self) -> tuple[ChannelInfo, ...]:
        """The channels of all sources."""
        return tuple(channel for source in self.sources for channel in source.channels)


class Touched(Struct, frozen=True, kw_only=True):
    """Which indexes may have changed. ``everything`` asks for all, as after a change of chrome."""

    days: frozenset[str] = frozenset()  # YYYY-MM-DD, of the articles that changed
    channels: Mapping[str, frozenset[str]] = {}  # the same by channel name
    pages: frozenset[str] = frozenset()  # paths of articles' pages that were rendered
    lists: frozenset[str] = frozenset()  # paths that Edition.lists gave
    everything: bool = False


class Archive(Protocol):
    """The store as a renderer sees it. All lists are newest first, then by id."""

    def channels(self) -> Sequence[str]:
        """Return the names of all channels that have articles, by name, those as well that the newsroom has no more."""
        ...

    def newest(self, channel: str, limit: int) -> Sequence[Headline]:
        """Return the newest articles of a channel."""
        ...

    def months(self, channel: str) -> Sequence[str]:
        """Return the months (YYYY-MM) in which a channel has articles, newest first."""
        ...

    def month(self, channel: str | None, month: str, limit: int) -> Sequence[Headline]:
        """Return the newest articles of a month, of a channel or of all, withdrawn ones as well."""
        ...

    def month_size(self, channel: str | None, month: str, before: str = "") -> int:
        """Return how many articles a channel has, or all have, of a month; with ``before``, of its days before that one (YYYY-MM-DD)."""
        ...

    def days(self) -> Sequence[str]:
        """Return all days (YYYY-MM-DD) that articles are of, newest first."""
        ...

    def day(self, day: str) -> Sequence[Headline]:
        """Return the articles of all channels that stand of a day."""
        ...

    def around(self, day: str) -> tuple[str, str]:
        """Return the day before a day, and the one after, that articles are of; "" where there is none."""
        ...

    def labels(self) -> Sequence[tuple[LabelKind, str]]:
        """Return kind and key of all authors and tags that several articles have."""
        ...

    def labelled(self, kind: LabelKind, key: str, limit: int) -> tuple[str, Sequence[Headline]]:
        """Return an author's or a tag's name, and the newest articles; no name where fewer than two have it."""
        ...

    def latest(self, limit: int) -> Sequence[Headline]:
        """Return the newest articles of all channels."""
        ...

    def hot(self, limit: int) -> Sequence[Headline]:
        """Return the articles to show as most read, the hottest first."""
        ...

    def recommended(self) -> Sequence[Headline]:
        """Return the editors' choice, in their order."""
        ...

    def former(self, path: str) -> str:
        """Return the text that stands at a path of the edition now, "" where nothing does."""
        ...

    def whole(self, headline: Headline) -> tuple[Article, Mapping[str, Headline]]:
        """Return an article, and by canonical URL those that it links to."""
        ...
