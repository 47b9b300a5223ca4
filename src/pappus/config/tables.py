"""What may stand in a pappus.toml: one class a table, checked by pydantic, unknown keys refused."""

from __future__ import annotations

import difflib
import os
import re
import unicodedata
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator
from selectolax.lexbor import LexborHTMLParser, SelectolaxError

from pappus import urls
from pappus.errors import MirrorError
from pappus.fetch import FetchOptions
from pappus.mirrors import usable_address
from pappus.model import NAME_BYTES, is_name
from pappus.render import EDITIONS, LANGUAGES
from pappus.sources import READERS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

STATE = "state"  # folder beside the file, for the store

Place = tuple[int | str, ...]  # of a table or key, as pydantic names it: ("sources", 0, "channels", 2, "name")


def _apart(folders: Mapping[Place, str]) -> None:
    """Refuse mirrors that lie inside one another or inside the store: one would be swapped away with the other."""
    for place, folder in folders.items():
        if folder in {STATE, "."}:
            raise MisplacedError(f"{folder!r} is where the store is", place)
        for other in (STATE, *folders.values()):
            if folder.startswith(other + os.sep):
                raise MisplacedError(f"{folder!r} lies inside {other!r}", place)


class MisplacedError(ValueError):
    """Something that is wrong only beside something else; ``place`` is the one of the two to be told."""

    def __init__(self, reason: str, place: Place) -> None:
        super().__init__(reason)
        self.place = place


def _unique(what: str, names: Mapping[Place, str]) -> None:
    seen: set[str] = set()
    for place, name in names.items():
        folded = unicodedata.normalize("NFKC", name).casefold()
        if folded in seen:
            raise MisplacedError(f"two {what} {name!r}; they must differ in more than case", place)
        seen.add(folded)


_RESERVED = frozenset({"hot", "recommended"})  # names of index pages that are no channels


def _name(text: str) -> str:
    if not is_name(text):
        raise ValueError(f"{text!r} is no name: use a-z, 0-9 and - only, at most {NAME_BYTES} characters")
    return text


def _channel_name(text: str) -> str:
    if text.casefold() in _RESERVED:
        raise ValueError(f"{text!r} is taken: the mirror has a page of that name; give the channel another one")
    if not is_channel_name(text):
        raise ValueError(
            f"{text!r} is no channel name: use letters of any script, digits, - and _ only, at most {NAME_BYTES - 10} bytes"
        )
    return text


def is_channel_name(text: str) -> bool:
    """Whether ``text`` may name a channel, and so a file: letters of any script (with their marks), digits, ``-`` and ``_``."""
    return (
        0 < len(text.encode()) <= NAME_BYTES - 10  # room for ".md"
        and re.fullmatch(r"[^\W_](?:[\w\u0300-\u036f\u0900-\u109f\u200c\u200d-]*)", text) is not None
        and (not text.isascii() or is_name(text.lower().replace("_", "-")))
        and text.casefold() not in _RESERVED
    )


def _address(text: str) -> str:
    parsed = urls.parse_http(text)
    if parsed is None:
        raise ValueError(f"{text!r} is not an http or https address")
    return parsed


def _link(text: str) -> str:
    parsed = urls.parse(text)
    if parsed is None:
        raise ValueError(f"{text!r} is not an http, https or mailto address")
    return parsed


def _counter(text: str) -> str:
    if text and urls.parse_http(text.replace("{source}", "s").replace("{id}", "i")) is None:
        raise ValueError(f"{text!r} is not an http or https address")
    return text


def _sibling(text: str) -> str:
    """Another mirror's home: an address, or a relative link that works on the same forge."""
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]*:|/", text) or not text:
        return _address(text)
    return text


def _pattern(text: str) -> re.Pattern[str]:
    try:
        return re.compile(text)
    except re.error as error:
        raise ValueError(f"{text!r} is not a regular expression: {error}") from error


def _selector(text: str) -> str:
    try:
        LexborHTMLParser("<p></p>").css(text)
    except SelectolaxError as error:
        raise ValueError(f"{text!r} is not a CSS selector that we know") from error
    return text


def _one_of(known: Sequence[str]) -> Callable[[str], str]:
    def check(text: str) -> str:
        if text not in known:
            near = difflib.get_close_matches(text, known, 1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            raise ValueError(f"{text!r} is not known{hint} (one of: {', '.join(sorted(known))})")
        return text

    return check


Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]
Language = Annotated[str, StringConstraints(pattern=r"^(?:[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*)?$")]
Counter = Annotated[str, AfterValidator(_counter)]
Name = Annotated[str, AfterValidator(_name)]
ChannelName = Annotated[str, AfterValidator(_channel_name)]
Address = Annotated[str, AfterValidator(_address)]
Link = Annotated[str, AfterValidator(_link)]
Selector = Annotated[str, AfterValidator(lambda text: _selector(text) if text else text)]
Regex = Annotated[str, AfterValidator(lambda text: _pattern(text).pattern)]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class SiteTable(_Table):
    """What the newsroom says of itself."""

    title: Text
    description: str = ""
    language: Annotated[str, AfterValidator(_one_of(LANGUAGES))] = "en"


class GatherTable(_Table):
    """How sources are asked."""

    user_agent: Text = FetchOptions().user_agent
    proxy: str = ""
    timeout: Annotated[float, Field(gt=0, le=600)] = FetchOptions().timeout
    per_host: Annotated[int, Field(ge=1, le=16)] = FetchOptions().per_host
    delay: Annotated[float, Field(ge=0, le=300)] = FetchOptions().delay
    revisit_days: Annotated[int, Field(ge=0, le=365)] = 7

    @model_validator(mode="after")
    def _usable(self) -> Self:
        self.options()
        return self

    def options(self) -> FetchOptions:
        """Return what the fetch room wants to know."""
        return FetchOptions(**self.model_dump(exclude={"revisit_days"}))


class RulesTable(_Table):
    """CSS selectors for pages that the generic way gets wrong."""

    body: Selector = ""
    title: Selector = ""
    author: Selector = ""
    date: Selector = ""
    strip: tuple[Selector, ...] = ()


class ChannelTable(_Table):
    """One section of a source."""

    name: ChannelName
    title: Text
    kind: Annotated[str, AfterValidator(_one_of(tuple(READERS)))] = "feed"
    url: Address | None = None
    path: Text | None = None
    full: bool = False
    within: Selector = ""
    link: Selector = "a[href]"
    link_title: Selector = ""
    keep_titles: tuple[Regex, ...] = ()
    drop_titles: tuple[Regex, ...] = ()
    keep_urls: tuple[Regex, ...] = ()
    drop_urls: tuple[Regex, ...] = ()

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if (self.url is None) == (self.path is None):
            raise ValueError("a channel has either a url or a path")
        if self.kind == "warc" and self.path is None:
            raise ValueError("a WARC channel has a path")
        return self


class SourceTable(_Table):
    """A publication that is mirrored."""

    name: Name
    title: Text
    licence: Text
    homepage: Address | None = None
    language: Language = ""
    local: bool = False
    respect_robots: bool = True
    delay: Annotated[float, Field(ge=0, le=300)] | None = None
    images: bool = True
    rules: RulesTable = RulesTable()
    channels: Annotated[tuple[ChannelTable, ...], Field(min_length=1)]


class EditionTable(_Table):
    """One form of the whole."""

    name: Annotated[str, AfterValidator(_one_of(tuple(EDITIONS)))]
    external_links: Literal["footnote", "live", "text"] = "footnote"
    link_suffix: Literal["none", "article"] = "none"
    counter: Counter = ""
    index_size: Annotated[int, Field(ge=10, le=500)] = 60


class MirrorTable(_Table):
    """What is said of a mirror of any kind."""

    name: Name
    edition: str = "markdown"
    address: Address
    home: Address | None = None
    timeout: Annotated[float, Field(gt=0, le=86400)] = 600.0

    @model_validator(mode="after")
    def _has_an_address(self) -> Self:
        try:
            usable_address(self.address)
        except MirrorError as error:
            raise ValueError(str(error)) from error
        return self


class DirectoryTable(MirrorTable):
    """A mirror in a folder of this machine."""

    kind: Literal["directory"]
    path: Text

    def folder(self) -> str:
        """Return the folder of this machine that the mirror is put into, "" for another place."""
        return os.path.normpath(self.path)

    def place(self) -> str:
        """Return what no two mirrors may share."""
        return self.folder()


class GitTable(MirrorTable):
    """A mirror in a branch of a git repository."""

    kind: Literal["git"]
    remote: Text
    branch: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$")] = "main"
    token_env: str = ""
    ssh_key: Text | None = None

    @model_validator(mode="after")
    def _keeps_its_secret(self) -> Self:
        if re.match(r"https?://[^/]*@", self.remote):
            raise ValueError(
                "a remote holds no name and password: name an environment variable with the token in token_env"
            )
        loopback = urls.host(self.remote) in {"127.0.0.1", "[::1]", "localhost"}
        if self.token_env and not self.remote.startswith("https://") and not loopback:
            raise ValueError("an access token goes to an https remote only")
        return self

    def folder(self) -> str:
        """Return the folder of this machine that the mirror is put into, "" for another place."""
        return "" if ":" in self.remote else os.path.normpath(self.remote)

    def place(self) -> str:
        """Return what no two mirrors may share."""
        return f"{self.folder() or self.remote} {self.branch}"


AnyMirrorTable = DirectoryTable | GitTable
MIRROR_TABLES: Mapping[str, type[MirrorTable]] = MappingProxyType({"directory": DirectoryTable, "git": GitTable})
"""By kind."""


class NoticeTable(_Table):
    """A promoted link."""

    text: Text
    url: Link
    rotating: bool = False


class SiblingTable(_Table):
    """Another mirror's home page, to which pages lead."""

    title: Text
    address: Annotated[str, AfterValidator(_sibling)]


class File(_Table):
    """The whole pappus.toml."""

    site: SiteTable
    gather: GatherTable = GatherTable()
    sources: Annotated[tuple[SourceTable, ...], Field(min_length=1)]
    editions: tuple[EditionTable, ...] = (EditionTable(name="markdown"),)
    mirrors: tuple[Annotated[AnyMirrorTable, Field(discriminator="kind")], ...] = ()
    notices: tuple[NoticeTable, ...] = ()
    siblings: tuple[SiblingTable, ...] = ()
    recommended: tuple[Address, ...] = ()

    @model_validator(mode="after")
    def _names_are_unique(self) -> Self:
        _unique("sources are named", {("sources", n, "name"): table.name for n, table in enumerate(self.sources)})
        channels: dict[Place, str] = {
            ("sources", n, "channels", m, "name"): channel.name
            for n, source in enumerate(self.sources)
            for m, channel in enumerate(source.channels)
        }
        _unique("channels are named", channels)
        _unique("editions are named", {("editions", n, "name"): table.name for n, table in enumerate(self.editions)})
        _unique("mirrors are named", {("mirrors", n, "name"): table.name for n, table in enumerate(self.mirrors)})
        _unique("mirrors are put at", {("mirrors", n): table.place() for n, table in enumerate(self.mirrors)})
        _apart({("mirrors", n): folder for n, table in enumerate(self.mirrors) if (folder := table.folder())})
        known = [edition.name for edition in self.editions]
        for number, mirror in enumerate(self.mirrors):
            if mirror.edition not in known:
                raise MisplacedError(
                    f"there is no edition {mirror.edition!r} in [[editions]]", ("mirrors", number, "edition")
                )
        return self
