"""The parts that the verbs work with. A newsroom is made by ``config`` and is a bag of parts without methods."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Final

from msgspec import Struct, field

from pappus.extraction import NO_RULES, Rules
from pappus.extraction.rules.book import NO_BOOK, Book
from pappus.fetch import FetchOptions, FetchPolicy
from pappus.mirrors.quota import Limits

if TYPE_CHECKING:
    from concurrent.futures import Executor
    from pathlib import Path
    from re import Pattern

    from pappus.mirrors import Mirror
    from pappus.model import Division, Notice
    from pappus.render import Edition
    from pappus.trust import TrustOptions

Clock = Callable[[], datetime]

RECORDS: Final = "withdrawals"  # folder of the records of withdrawals, beside the configuration


class Filters(Struct, frozen=True, kw_only=True):
    """Which leads of a channel are taken: at least one ``keep`` pattern must be found (if there are any), no ``drop`` pattern."""

    keep_titles: tuple[Pattern[str], ...] = ()
    drop_titles: tuple[Pattern[str], ...] = ()
    keep_urls: tuple[Pattern[str], ...] = ()
    drop_urls: tuple[Pattern[str], ...] = ()


class Channel(Struct, frozen=True, kw_only=True):
    """One section of a source. It has a ``url``, or a ``path`` to a file on this machine."""

    name: str  # unique in the newsroom; any letters; stands in paths
    title: str
    kind: str  # one of pappus.sources.KINDS
    url: str = ""
    path: Path | None = None
    full: bool = False  # whether the announcement carries the whole article
    link: str = "a[href]"  # CSS selectors of index pages, see pappus.sources.ReadOptions
    link_title: str = ""
    within: str = ""
    filters: Filters = field(default_factory=Filters)


class Source(Struct, frozen=True, kw_only=True):
    """A publication that is mirrored, with its permission."""

    name: str
    title: str
    licence: str
    channels: tuple[Channel, ...]
    homepage: str = ""
    language: str = ""  # of articles that do not say theirs
    policy: FetchPolicy = field(default_factory=FetchPolicy)
    rules: Rules = NO_RULES
    images: bool = True  # whether images are fetched


class EditionPart(Struct, frozen=True, kw_only=True):
    """One form of the whole, and what makes it."""

    name: str
    renderer: Edition


class MirrorPart(Struct, frozen=True, kw_only=True):
    """One place, and what reaches it."""

    name: str
    edition: str
    address: str  # what a path of the edition is appended to
    home: str  # the short address for readers
    adapter: Mirror
    limits: Limits = field(default_factory=Limits)  # of its host
    division: Division | None = None  # None: it holds the whole edition
    host: str = ""  # which may want files beside a site
    retired: bool = False  # it is brought up to date as long as it can be reached, for those who still read there


class Newsroom(Struct, frozen=True, kw_only=True):
    """Everything that one pappus.toml describes."""

    title: str
    state: Path  # folder of the store and of mirrors' working files
    sources: tuple[Source, ...]
    editions: tuple[EditionPart, ...]
    mirrors: tuple[MirrorPart, ...]
    clock: Clock
    executor: Callable[[], Executor]  # makes the workers for CPU work; closed by who asked for it
    encoders: Callable[[], Executor]  # the same for images that nobody waits for
    objects: Path | None = None  # the repository that git mirrors share
    moved: Mapping[str, str] = {}  # where mirrors are now, by their former addresses
    signing: TrustOptions | None = None  # None: nothing is signed
    notices: tuple[Notice, ...] = ()
    recommended: tuple[str, ...] = ()  # canonical URLs, in the editors' order
    fetch: FetchOptions = field(default_factory=FetchOptions)
    patience: float = 1800.0  # seconds that a source may take in a run; the next run goes on where it was
    revisit_days: int = 7  # for how long after publication an article is asked for again
    book: Book = NO_BOOK  # site rules for pages of any host; a source's own come before them
