"""What may stand in a pappus.toml: one class a table, read by msgspec, unknown keys refused; of mirrors see ``mirrors.py``."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated, Literal

from msgspec import Meta, structs

from pappus.config.mirrors import AnyMirrorTable, MirrorAddress
from pappus.config.values import (
    Address,
    ChannelName,
    Counter,
    FileName,
    Language,
    Link,
    MisplacedError,
    Name,
    Place,
    Regex,
    Selector,
    Sibling,
    Table,
    Text,
    one_of,
)
from pappus.fetch import FetchOptions
from pappus.layout import folded
from pappus.mirrors import PROFILES, Limits, beside
from pappus.model import Private
from pappus.render import EDITIONS, LANGUAGES
from pappus.sources import KINDS

if TYPE_CHECKING:
    from collections.abc import Mapping

STATE = "state"  # folder beside the file, for the store


def _apart(folders: Mapping[Place, str]) -> None:
    """Refuse mirrors that lie inside one another or inside the store: one would be swapped away with the other."""
    for place, folder in folders.items():
        if folder in {STATE, "."}:
            raise MisplacedError(f"{folder!r} is where the store is", place)
        for other in (STATE, *folders.values()):
            if folder.startswith(other + os.sep):
                raise MisplacedError(f"{folder!r} lies inside {other!r}", place)


def _divided(mirrors: tuple[AnyMirrorTable, ...]) -> None:
    """Refuse annexes of which nobody could tell what they hold, or what a reader may believe of them."""
    named = {mirror.name: mirror for mirror in mirrors}
    taken: dict[str, list[AnyMirrorTable]] = {}
    for number, mirror in enumerate(mirrors):
        if mirror.annex_of is None or mirror.first is None or mirror.last is None:
            continue
        place: Place = ("mirrors", number, "annex_of")
        main = named.get(mirror.annex_of)
        if main is None:
            raise MisplacedError(f"there is no mirror {mirror.annex_of!r} in [[mirrors]]", place)
        if main.annex_of is not None:
            raise MisplacedError(f"{main.name!r} is an annex itself", place)
        if main.edition != mirror.edition:
            raise MisplacedError(f"{main.name!r} holds another edition, {main.edition!r}", place)
        if not main.listed:
            raise MisplacedError(
                f"{main.name!r} is not listed, and where its pages are has to be signed for readers to believe it",
                place,
            )
        for other in taken.setdefault(main.name, []):
            if mirror.first <= (other.last or "") and (other.first or "") <= mirror.last:
                raise MisplacedError(f"some of its months are in the annex {other.name!r} already", place)
        taken[main.name].append(mirror)


def _led_apart(mirrors: tuple[AnyMirrorTable, ...]) -> None:
    """Refuse parts of a divided mirror that are at one address: signposts would lead nowhere else."""
    taken: dict[tuple[str, str], str] = {}
    for number, mirror in enumerate(mirrors):
        other = taken.setdefault((mirror.annex_of or mirror.name, mirror.address), mirror.name)
        if other != mirror.name:
            raise MisplacedError(f"{other!r} has the same", ("mirrors", number, "address"))


def _unique(what: str, names: Mapping[Place, str]) -> None:
    seen: set[str] = set()
    for place, name in names.items():
        if folded(name) in seen:
            raise MisplacedError(f"two {what} {name!r}; they must differ in more than case", place)
        seen.add(folded(name))


class SiteTable(Table, frozen=True):
    """What the newsroom says of itself."""

    title: Text
    description: str = ""
    language: Annotated[str, one_of(LANGUAGES)] = "en"


class GatherTable(Private, Table, frozen=True):
    """How sources are asked; a proxy's address may hold a password."""

    user_agent: Text = FetchOptions().user_agent
    proxy: str = ""
    timeout: Annotated[float, Meta(gt=0, le=600)] = FetchOptions().timeout
    per_host: Annotated[int, Meta(ge=1, le=16)] = FetchOptions().per_host
    delay: Annotated[float, Meta(ge=0, le=300)] = FetchOptions().delay
    revisit_days: Annotated[int, Meta(ge=0, le=365)] = 7
    rules: FileName = ""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.options()

    def options(self) -> FetchOptions:
        """Return what the fetch room wants to know."""
        ours = {"revisit_days", "rules"}
        return FetchOptions(**{key: value for key, value in structs.asdict(self).items() if key not in ours})


class TrialTable(Table, frozen=True):
    """A page that a source's rules are tried on."""

    url: Address
    contains: tuple[Text, ...] = ()


class RulesTable(Table, frozen=True):
    """CSS selectors for pages that the generic way gets wrong."""

    body: Selector = ""
    title: Selector = ""
    author: Selector = ""
    date: Selector = ""
    strip: tuple[Selector, ...] = ()
    next_page: Selector = ""
    single_page: Selector = ""
    trials: tuple[TrialTable, ...] = ()


class ChannelTable(Table, frozen=True):
    """One section of a source."""

    name: ChannelName
    title: Text
    kind: Annotated[str, one_of(KINDS)] = "feed"
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

    def __post_init__(self) -> None:
        super().__post_init__()
        if (self.url is None) == (self.path is None):
            raise ValueError("a channel has either a url or a path")
        if self.kind == "warc" and self.path is None:
            raise ValueError("a WARC channel has a path")


class SourceTable(Table, frozen=True, kw_only=True):
    """A publication that is mirrored."""

    name: Name
    title: Text
    licence: Text
    homepage: Address | None = None
    language: Language = ""
    local: bool = False
    respect_robots: bool = True
    delay: Annotated[float, Meta(ge=0, le=300)] | None = None
    images: bool = True
    rules: RulesTable = RulesTable()
    channels: Annotated[tuple[ChannelTable, ...], Meta(min_length=1)]


class EditionTable(Table, frozen=True):
    """One form of the whole."""

    name: Annotated[str, one_of(EDITIONS)]
    external_links: Literal["footnote", "live", "text"] = "footnote"
    link_suffix: Literal["none", "article"] = "none"
    counter: Counter = ""
    scripts: tuple[Literal["zh-Hans", "zh-Hant"], ...] = ()
    index_size: Annotated[int, Meta(ge=10, le=500)] = 60
    variants: bool = True
    theme: FileName = ""
    templates: FileName = ""

    def __post_init__(self) -> None:
        super().__post_init__()
        of_site = {
            "theme": self.theme,
            "templates": self.templates,
            "scripts": self.scripts,
            "variants": not self.variants,
        }
        for key in (key for key, value in of_site.items() if value and self.name != "site"):
            raise MisplacedError(f"only the edition 'site' has {key!r}, and this is {self.name!r}", (key,))
        if len(set(self.scripts)) < len(self.scripts):
            raise MisplacedError("names a script twice", ("scripts",))


class MovedTable(Table, frozen=True, rename={"from_": "from"}):
    """A mirror's address that is no longer its address; readers who come there are told, and it is signed."""

    from_: MirrorAddress
    to: MirrorAddress


class SigningTable(Table, frozen=True):
    """The keys that editions are signed with."""

    keys: Text = "keys"
    passphrase_env: str = ""


class NoticeTable(Table, frozen=True):
    """A promoted link."""

    text: Text
    url: Link
    rotating: bool = False


class SiblingTable(Table, frozen=True):
    """Another mirror's home page, to which pages lead."""

    title: Text
    address: Sibling


class File(Table, frozen=True, kw_only=True):
    """The whole pappus.toml."""

    site: SiteTable
    gather: GatherTable = GatherTable()
    signing: SigningTable | None = None
    sources: Annotated[tuple[SourceTable, ...], Meta(min_length=1)]
    editions: tuple[EditionTable, ...] = (EditionTable(name="markdown"),)
    mirrors: tuple[AnyMirrorTable, ...] = ()
    moved: tuple[MovedTable, ...] = ()
    notices: tuple[NoticeTable, ...] = ()
    siblings: tuple[SiblingTable, ...] = ()
    recommended: tuple[Address, ...] = ()

    def __post_init__(self) -> None:
        super().__post_init__()
        channels: dict[Place, str] = {
            ("sources", n, "channels", m, "name"): channel.name
            for n, source in enumerate(self.sources)
            for m, channel in enumerate(source.channels)
        }
        _unique("channels are named", channels)
        for what, found in (("sources", self.sources), ("editions", self.editions), ("mirrors", self.mirrors)):
            _unique(f"{what} are named", {(what, n, "name"): table.name for n, table in enumerate(found)})
        _unique("mirrors are put at", {("mirrors", n): table.place() for n, table in enumerate(self.mirrors)})
        _apart({("mirrors", n): folder for n, table in enumerate(self.mirrors) if (folder := table.folder())})
        known = [edition.name for edition in self.editions]
        for number, mirror in enumerate(self.mirrors):
            if mirror.edition not in known:
                raise MisplacedError(
                    f"there is no edition {mirror.edition!r} in [[editions]]", ("mirrors", number, "edition")
                )
            if mirror.host != "none" and PROFILES[mirror.host] == Limits() and not beside(mirror.host, mirror.edition):
                reason = f"no limits of {mirror.host!r} are known, and only a site gets a file for it; leave it out"
                raise MisplacedError(reason, ("mirrors", number, "host"))
        for number, edition in enumerate(self.editions):
            if self.site.language in edition.scripts:
                reason = f"the site is in {self.site.language!r} already; name the other script"
                raise MisplacedError(reason, ("editions", number, "scripts"))
        _divided(self.mirrors)
        _led_apart(self.mirrors)
