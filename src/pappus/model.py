"""The nouns of the house, one frozen type a stage, and nothing else.

Lead -> Fetched -> Draft -> Article -> Artifact -> Plan -> Receipt. Datetimes are aware and in UTC.
No type here does I/O or knows a clock.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping  # noqa: TC003  # tests make drafts of any kind by their annotations
from datetime import UTC, datetime
from typing import Any, Final, Literal, NamedTuple, NewType, Protocol

from msgspec import Struct

Digest = NewType("Digest", str)
"""SHA-256 in lower-case hexadecimal, 64 characters."""

Direction = Literal["ltr", "rtl"]
Kind = Literal["page", "image"]
LabelKind = Literal["author", "tag"]

Mark = NewType("Mark", bytes)
"""By what a block of text, or a picture, is known again on other pages of its source: the first bytes of a digest."""
MARK_BYTES: Final = 8

BY_PUBLISHER = "publisher"  # why an article is withdrawn that its publisher has taken back (410 Gone)
NAME_BYTES = 80  # longest file or folder name that we make, in UTF-8 bytes
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\Z")
ICON: Final = "icon.png"
SCRIPT: Final = "site.js"
WORKER: Final = "sw.js"
SHARED: Final = frozenset({ICON, SCRIPT, WORKER})  # what all pages of a site load, wherever they are held
_MONTH = re.compile(r"(?:media|(?:qr/)?pages/[a-z0-9-]+)/([0-9]{4})/([0-9]{2})/")
DEVICES: Final = frozenset({"con", "prn", "aux", "nul"} | {f"{d}{n}" for d in ("com", "lpt") for n in range(10)})
"""Names that are devices on some system, whatever their ending."""


def digest(data: bytes) -> Digest:
    """Return the digest that names these bytes."""
    return Digest(hashlib.sha256(data).hexdigest())


def is_name(text: str) -> bool:
    """Whether ``text`` may be a source name or an article id: ``[a-z0-9-]``, at most 80 bytes, no device name."""
    return len(text) <= NAME_BYTES and bool(_NAME.match(text)) and text not in DEVICES


def utc(moment: datetime) -> datetime:
    """Return ``moment`` in UTC, to the second; a naive one is taken as UTC."""
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return moment.astimezone(UTC).replace(microsecond=0)


class Private(Struct, frozen=True, kw_only=True):
    """What holds secrets: its ``repr`` is its name alone, so that they are in no traceback and no log."""

    def __repr__(self) -> str:
        """Return the name of the type."""
        return f"{type(self).__name__}(...)"

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        """Return nothing to Rich, which would ask the struct past ``repr``."""
        return []


class Validators(Struct, frozen=True, kw_only=True):
    """What a server gave us to ask "has it changed?" with (RFC 9110, section 8.8)."""

    etag: str = ""
    last_modified: str = ""


NO_VALIDATORS = Validators()


class Fetched(Struct, frozen=True, kw_only=True):
    """What came back for a URL."""

    url: str  # as asked
    final_url: str  # after redirects
    status: int = 200  # 200, or 304 when nothing changed
    body: bytes = b""  # content-encoding undone
    encoding: str = ""  # which was undone, "" for none
    media_type: str = ""  # lower case, without parameters
    charset: str = ""  # from Content-Type, lower case
    validators: Validators = NO_VALIDATORS
    refresh: str = ""  # what the header of this name says: where browsers go from it

    @property
    def not_modified(self) -> bool:
        """Whether the server said that what we have is still right."""
        return self.status == 304


class Get(Protocol):
    """How a room that needs the network asks for a URL.

    Raises:
        FetchError: for every way in which it can fail.
    """

    async def __call__(self, url: str, *, validators: Validators = NO_VALIDATORS, kind: Kind = "page") -> Fetched:
        """Return what is at ``url``."""
        ...


class Lead(Struct, frozen=True, kw_only=True):
    """The announcement of an article, by a channel."""

    url: str  # absolute http(s), not yet canonical
    title: str = ""
    guid: str = ""
    published: datetime | None = None
    updated: datetime | None = None
    authors: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    language: str = ""
    summary: str = ""  # HTML as it came, unsanitised
    content: str = ""  # full article as HTML, unsanitised, where the channel carries it
    page: Fetched | None = None  # the page itself, where the channel is an archive

    @property
    def fingerprint(self) -> str:
        """Changes when the announcement does; the sign to look at the article again."""
        said = "\0".join((self.title, str(self.published), str(self.updated), self.summary, self.content))
        if self.page is not None:
            said += "\0" + digest(self.page.body)
        return digest(said.encode("utf-8", "surrogatepass"))[:32]


class Picture(Struct, frozen=True, kw_only=True):
    """An image with its words. ``src`` is a URL in a draft, ``media:<digest>`` in an article."""

    src: str
    alt: str = ""
    caption: str = ""
    credit: str = ""


class Draft(Struct, frozen=True, kw_only=True):
    """An article as extracted: sanitised, its images still where the publisher keeps them.

    ``body`` is markup of our subset (see ``markup.py``); plain-text fields contain no markup.
    """

    url: str  # canonical
    title: str  # without the site's name
    body: str
    subtitle: str = ""
    authors: tuple[str, ...] = ()
    published: datetime | None = None
    updated: datetime | None = None
    language: str = ""  # BCP 47, "" where unknown
    direction: Direction = "ltr"
    lead: Picture | None = None
    summary: str = ""
    section: str = ""
    tags: tuple[str, ...] = ()
    site: str = ""  # the publication's name
    licence: str = ""
    partial: bool = False  # the page says that only a part of it may be read
    wall: str = ""  # where the page has little text: the phrase by which it says why, of a paywall, of scripts that are wanted and the like
    score: float = 1.0  # how sure it is that the body is the whole article and nothing else, from 0 to 1
    origins: Mapping[str, str] = {}  # by the name of a field, where on the page it was found
    findings: tuple[str, ...] = ()  # what an operator should know of it, in one clause each


class Traces(Struct, frozen=True, kw_only=True):
    """What an article's pages showed as its text and pictures, by marks: what the memory of a source consists of.

    ``repeated`` are those that were known to repeat over the source's pages when the article was read.
    """

    shown: frozenset[Mark] = frozenset()
    repeated: frozenset[Mark] = frozenset()

    def __or__(self, other: Traces) -> Traces:
        """Return the traces of two pages, or of two looks, as one."""
        return Traces(shown=self.shown | other.shown, repeated=self.repeated | other.repeated)


NO_TRACES: Final = Traces()


class Notice(Struct, frozen=True, kw_only=True):
    """An operator's promoted link. Fixed ones stand on every page, of the rotating ones a few."""

    text: str
    url: str
    rotating: bool = False


class Media(Struct, frozen=True, kw_only=True):
    """One stored file, named by its content."""

    digest: Digest
    media_type: str
    size: int  # bytes
    width: int  # pixels
    height: int
    tint: int | None = (
        None  # its mean colour: two bits each of red, green and blue; None: not known, or it is transparent
    )
    variants: tuple[Media, ...] = ()  # made of it: the same picture in other widths and formats, each smaller than it

    @property
    def extension(self) -> str:
        """The file name's ending, without the dot."""
        return {"image/avif": "avif", "image/jpeg": "jpg", "image/png": "png", "image/webp": "webp"}[self.media_type]


class Article(Struct, frozen=True, kw_only=True):
    """A stored draft. Its path in every edition follows from source, first publication and id alone."""

    source: str
    ident: str  # unique in its source and day
    channel: str  # the channel that announced it first
    url: str
    title: str
    body: str  # our markup; images are media:<digest>
    published: datetime  # first publication; never changes once stored
    subtitle: str = ""
    authors: tuple[str, ...] = ()
    updated: datetime | None = None  # as the source says
    language: str = ""
    direction: Direction = "ltr"
    lead: Picture | None = None
    summary: str = ""
    tags: tuple[str, ...] = ()
    licence: str = ""
    source_title: str = ""  # as it was when the article was stored, like the next
    permission: str = ""  # its licence or permission note
    revision: int = 1
    revised: datetime | None = None  # when a changed text was taken over; None for the first
    withdrawn: str = ""  # why (BY_PUBLISHER, or words of the operator's), or "" while it stands
    notices: tuple[Notice, ...] = ()  # frozen when the article was stored
    media: tuple[Media, ...] = ()  # what body and lead refer to, in order of appearance

    @property
    def modified(self) -> datetime:
        """When it last changed, by its source's word or because a changed text was taken over; else when it was published."""
        return max(filter(None, (self.published, self.updated, self.revised)))


class Label(NamedTuple):
    """An author or a tag of several articles."""

    kind: LabelKind
    key: str  # what names its page: layout.label_key
    name: str


class Headline(Struct, frozen=True, kw_only=True):
    """What an index shows of an article."""

    source: str
    ident: str
    title: str
    published: datetime
    language: str = ""
    direction: Direction = "ltr"
    withdrawn: bool = False
    revision: int = 1
    summary: str = ""
    picture: Media | None = None  # its lead image


class Entry(NamedTuple):
    """One line of a manifest. Many are made in every run, so it is a tuple."""

    path: str
    size: int  # bytes
    digest: Digest
    media_type: str


class Artifact(Struct, frozen=True, kw_only=True):
    """One file of an edition. ``body`` is None for stored media, whose bytes the store has by digest."""

    entry: Entry
    body: bytes | None = None

    def __repr__(self) -> str:
        """Return the entry; the bytes may be many."""
        return f"Artifact({self.entry!r})"


def artifact(path: str, body: bytes, media_type: str) -> Artifact:
    """Return an artifact with its bytes, measured and digested."""
    return Artifact(entry=Entry(path=path, size=len(body), digest=digest(body), media_type=media_type), body=body)


class Version(Struct, frozen=True, kw_only=True):
    """A built state of an edition: a running number, and the digest of the history that led to it.

    Two stores agree on everything up to a version if and only if they agree on ``chain``. ``release`` numbers its signed metadata; it is
    that of the timestamp role, 0 where nothing is signed; ``seal`` is the digest of that timestamp, for of a store that was brought back
    from a backup the same number may come twice.
    """

    number: int
    chain: Digest
    release: int = 0
    seal: str = ""


class Annex(Struct, frozen=True, kw_only=True):
    """A place that holds the articles of some months for a mirror whose host would not hold them as well."""

    address: str  # what a path of the edition is appended to
    first: str  # month of first publication, YYYY-MM
    last: str  # the same; of this month too


class Division(Struct, frozen=True, kw_only=True):
    """How an edition is divided between a mirror and its annexes. Each path has one holder, which follows from the path alone."""

    main: str  # the mirror's address: it holds what no annex does
    annexes: tuple[Annex, ...]
    here: str  # one of these addresses: of the place that this is, or of which it is a copy

    @property
    def is_annex(self) -> bool:
        """Whether this place is one of the annexes."""
        return self.here != self.main

    @property
    def share(self) -> tuple[tuple[str, str, str], ...]:
        """What the files of this place follow from: who holds which months, and where the others are. Its own address is not among it."""
        parts = (Annex(address=self.main, first="", last=""), *self.annexes)
        return tuple((part.first, part.last, "" if part.address == self.here else part.address) for part in parts)

    def holder(self, path: str) -> str:
        """Return the address of the place that holds a path."""
        return self.keeper(month_of(path))

    def holds(self, path: str) -> bool:
        """Whether this place does, perhaps as every other."""
        return path in SHARED or self.holder(path) == self.here

    def keeper(self, month: str) -> str:
        """Return the address of the place that holds the articles of a month (YYYY-MM), or with "" all that belongs to none."""
        return next((annex.address for annex in self.annexes if annex.first <= month <= annex.last), self.main)


def month_of(path: str) -> str:
    """Return the month (YYYY-MM) in which the article of a page, a medium or a QR image was first published, "" for other files."""
    found = _MONTH.match(path)
    return f"{found[1]}-{found[2]}" if found else ""


class Role(NamedTuple):
    """What is remembered of a signed file; a tuple, as Entry is."""

    name: str  # "root", "timestamp", "snapshot", "targets", "bin-0a"
    version: int
    size: int  # bytes
    digest: Digest
    expires: datetime
    keyid: str  # what signed it; "" for root, which several keys sign


class SignedFile(Struct, frozen=True, kw_only=True):
    """A file of signed metadata."""

    role: Role
    path: str  # as published
    body: bytes


class Plan(Struct, frozen=True, kw_only=True):
    """What must change at a mirror, in order: puts, then deletions.

    ``base`` is the version that the mirror holds, None when it is empty or unknown. With ``forget``, nothing of what was there before may
    remain that is not in the target: no history, no former tree, whoever made it.
    """

    edition: str
    target: Version
    base: Version | None
    puts: tuple[Entry, ...]
    deletions: tuple[str, ...]
    forget: bool = False

    @property
    def size(self) -> int:
        """Bytes to be written."""
        return sum(entry.size for entry in self.puts)


class Receipt(Struct, frozen=True, kw_only=True):
    """What a publish did."""

    mirror: str
    edition: str
    version: int
    puts: int
    deletions: int
    size: int  # bytes
    token: str = ""  # what names the published state there, a commit for git
