"""pappus.toml -> Newsroom: the only composition root.

Every error names the file, the line, the key, and for an unknown key the nearest known one. Secrets are named environment variables.
"""

from __future__ import annotations

import difflib
import os
import re
import tomllib
import unicodedata
from datetime import UTC, datetime
from importlib import resources
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from pappus import urls
from pappus.errors import ConfigError, MirrorError
from pappus.extract import Rules
from pappus.fetch import FetchOptions, FetchPolicy
from pappus.mirrors import MIRRORS, MirrorOptions, usable_address
from pappus.model import NAME_BYTES, Notice, is_name
from pappus.pipeline.newsroom import Channel, EditionPart, Filters, MirrorPart, Newsroom, Source
from pappus.render import EDITIONS, LANGUAGES, ChannelInfo, EditionOptions, SourceInfo
from pappus.sources import READERS
from pappus.workers import Workers

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

FILE = "pappus.toml"
WELCOME = "welcome.xml"  # a small feed that the example reads
STATE = "state"  # folder beside it, for the store

Place = tuple[int | str, ...]  # of a table or key, as pydantic names it: ("sources", 0, "channels", 2, "name")


def _name(text: str) -> str:
    if not is_name(text):
        raise ValueError(f"{text!r} is no name: use a-z, 0-9 and - only, at most {NAME_BYTES} characters")
    return text


def _channel_name(text: str) -> str:
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
        and text.casefold() not in {"hot", "recommended"}
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


def _pattern(text: str) -> re.Pattern[str]:
    try:
        return re.compile(text)
    except re.error as error:
        raise ValueError(f"{text!r} is not a regular expression: {error}") from error


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

    body: str = ""
    title: str = ""
    author: str = ""
    date: str = ""
    strip: tuple[str, ...] = ()


class ChannelTable(_Table):
    """One section of a source."""

    name: ChannelName
    title: Text
    kind: Annotated[str, AfterValidator(_one_of(tuple(READERS)))] = "feed"
    url: Address | None = None
    path: Text | None = None
    full: bool = False
    within: str = ""
    link: str = "a[href]"
    link_title: str = ""
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
    """One place that holds an edition."""

    name: Name
    kind: Annotated[str, AfterValidator(_one_of(tuple(MIRRORS)))]
    edition: str = "markdown"
    address: Address
    home: Address | None = None
    path: Text | None = None
    remote: str = ""
    branch: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$")] = "main"
    token_env: str = ""
    ssh_key: Text | None = None
    timeout: Annotated[float, Field(gt=0, le=86400)] = 600.0

    @model_validator(mode="after")
    def _fields_of_kind(self) -> Self:
        if self.kind == "directory" and not self.path:
            raise ValueError("a directory mirror has a path")
        if self.kind == "git" and not self.remote:
            raise ValueError("a git mirror has a remote")
        try:
            usable_address(self.address)
        except MirrorError as error:
            raise ValueError(str(error)) from error
        return self

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

    def place(self) -> str:
        """Return what no two mirrors may share."""
        if self.kind == "directory":
            return os.path.normpath(self.path or "")
        return (
            f"{self.remote} {self.branch}" if "://" in self.remote else f"{os.path.normpath(self.remote)} {self.branch}"
        )


class NoticeTable(_Table):
    """A promoted link."""

    text: Text
    url: Link
    rotating: bool = False


class File(_Table):
    """The whole pappus.toml."""

    site: SiteTable
    gather: GatherTable = GatherTable()
    sources: Annotated[tuple[SourceTable, ...], Field(min_length=1)]
    editions: tuple[EditionTable, ...] = (EditionTable(name="markdown"),)
    mirrors: tuple[MirrorTable, ...] = ()
    notices: tuple[NoticeTable, ...] = ()
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
        known = [edition.name for edition in self.editions]
        for number, mirror in enumerate(self.mirrors):
            if mirror.edition not in known:
                raise _MisplacedError(
                    f"there is no edition {mirror.edition!r} in [[editions]]", ("mirrors", number, "edition")
                )
        return self


class _MisplacedError(ValueError):
    """Something that is wrong only beside something else; ``place`` is the one of the two to be told."""

    def __init__(self, reason: str, place: Place) -> None:
        super().__init__(reason)
        self.place = place


def _unique(what: str, names: Mapping[Place, str]) -> None:
    seen: set[str] = set()
    for place, name in names.items():
        folded = unicodedata.normalize("NFKC", name).casefold()
        if folded in seen:
            raise _MisplacedError(f"two {what} {name!r}; they must differ in more than case", place)
        seen.add(folded)


def utc_now() -> datetime:
    """Return the present moment: the one clock, passed on from here."""
    return datetime.now(UTC)


def load(path: Path, *, clock: Callable[[], datetime] = utc_now) -> Newsroom:
    """Read a pappus.toml and put the newsroom together.

    Raises:
        ConfigError: it cannot be read, or something in it is wrong; names file, line and key.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise ConfigError(str(path), "is not there", "'pappus init' writes one") from error
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(str(path), f"cannot be read: {error}") from error
    try:
        file = File.model_validate(_as_tuples(tomllib.loads(text)))
    except RecursionError as error:
        raise ConfigError(str(path), "is nested too deeply") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(str(path), f"is not TOML: {error}") from error
    except ValidationError as error:
        raise _explain(path, text, error) from error
    return _compose(path.resolve().parent, file, clock)


def _as_tuples(value: Any) -> Any:
    """Turn TOML's arrays into tuples: what is checked is frozen."""
    if isinstance(value, list):
        return tuple(_as_tuples(item) for item in value)
    if isinstance(value, dict):
        return {key: _as_tuples(item) for key, item in value.items()}
    return value


# Errors


def _explain(path: Path, text: str, error: ValidationError) -> ConfigError:
    # A misspelt key first: that another one is missing may only be what comes of it.
    first = min(error.errors(include_url=False), key=lambda one: one["type"] != "extra_forbidden")
    location = tuple(part for part in first["loc"] if not (isinstance(part, str) and part.startswith("function-")))
    location += getattr(first.get("ctx", {}).get("error"), "place", ())
    lines = _lines(text)
    line = next((lines[location[:end]] for end in range(len(location), 0, -1) if location[:end] in lines), 1)
    key = "".join(f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in location).lstrip(".")
    subject = f"{path}, line {line}" + (f", {key}" if key else "")
    if first["type"] == "extra_forbidden":
        near = difflib.get_close_matches(str(location[-1]), _keys(location[:-1]), 1)
        advice = f"did you mean {near[0]!r}?" if near else f"known here: {', '.join(_keys(location[:-1]))}"
        return ConfigError(subject, f"{location[-1]!r} is not a known key", advice)
    if first["type"] == "missing":
        return ConfigError(
            subject,
            "is missing",
            "every source needs a licence or permission note" if location[-1] == "licence" else "",
        )
    reason = first["msg"].removeprefix("Value error, ")
    if isinstance(first["input"], str | int | float | bool) and repr(first["input"]) not in reason:
        reason += f", not {first['input']!r}"
    return ConfigError(subject, reason)


def _keys(location: Place) -> list[str]:
    """Return the keys that a table at this place may have."""
    table: type[BaseModel] = File
    for part in location:
        if isinstance(part, str):
            table = _TABLES[part]
    return list(table.model_fields)


_TABLES: MappingProxyType[str, type[BaseModel]] = MappingProxyType(
    {
        "site": SiteTable,
        "gather": GatherTable,
        "sources": SourceTable,
        "rules": RulesTable,
        "channels": ChannelTable,
        "editions": EditionTable,
        "mirrors": MirrorTable,
        "notices": NoticeTable,
    }
)

_HEADER = re.compile(r"\s*(\[\[?)\s*([^\]]+?)\s*\]")
_KEY = re.compile(r"""\s*((?:[\w.-]|"[^"]*"|'[^']*')+)\s*=""")
# Strings and comments, the long ones first; what stands in long ones looks like tables and keys, but is none.
_QUOTED = re.compile(r"""\"{3}(?:\\.|[^\\])*?\"{3,5}|'{3}.*?'{3,5}|"(?:\\.|[^"\\\n])*"|'[^'\n]*'|\#[^\n]*""", re.DOTALL)


def _lines(text: str) -> dict[Place, int]:
    """Return the line on which each table and key of a TOML text stands, by its place as pydantic names it."""
    lines: dict[Place, int] = {}
    counts: dict[Place, int] = {}
    table: Place = ()
    bare = _QUOTED.sub(lambda found: "\n" * found[0].count("\n") if "\n" in found[0] else found[0], text)
    for number, line in enumerate(bare.split("\n"), 1):
        if header := _HEADER.match(line):
            table = ()
            parts = [part.strip().strip("\"'") for part in header[2].split(".")]
            for depth, part in enumerate(parts):
                table = (*table, part)
                if depth == len(parts) - 1 and header[1] == "[[":
                    counts[table] = counts.get(table, -1) + 1
                if table in counts:
                    table = (*table, counts[table])
            lines[table] = number
        elif key := _KEY.match(line):
            lines.setdefault((*table, *(part.strip("\"'") for part in key[1].split("."))), number)
    return lines


# Composition


def _compose(folder: Path, file: File, clock: Callable[[], datetime]) -> Newsroom:
    state = folder / STATE
    notices = tuple(Notice(text=n.text, url=n.url, rotating=n.rotating) for n in file.notices)
    return Newsroom(
        title=file.site.title,
        state=state,
        sources=tuple(_source(folder, table) for table in file.sources),
        editions=tuple(_edition(file, table, notices) for table in file.editions),
        mirrors=tuple(_mirror(folder, state, table, clock) for table in file.mirrors),
        clock=clock,
        executor=lambda: Workers(preload=("pappus.extract", "pappus.media", "pappus.sources")),
        notices=notices,
        recommended=tuple(urls.canonical(url) for url in file.recommended),
        fetch=file.gather.options(),
        revisit_days=file.gather.revisit_days,
    )


def _source(folder: Path, table: SourceTable) -> Source:
    return Source(
        name=table.name,
        title=table.title,
        licence=table.licence,
        homepage=table.homepage or "",
        language=table.language,
        policy=FetchPolicy(local=table.local, robots=table.respect_robots, delay=table.delay),
        rules=Rules(**table.rules.model_dump()),
        images=table.images,
        channels=tuple(_channel(folder, channel) for channel in table.channels),
    )


def _channel(folder: Path, table: ChannelTable) -> Channel:
    def patterns(texts: tuple[str, ...]) -> tuple[re.Pattern[str], ...]:
        return tuple(re.compile(text) for text in texts)

    return Channel(
        name=table.name,
        title=table.title,
        kind=table.kind,
        url=table.url or "",
        path=folder / table.path if table.path else None,
        full=table.full,
        link=table.link,
        link_title=table.link_title,
        within=table.within,
        filters=Filters(
            keep_titles=patterns(table.keep_titles),
            drop_titles=patterns(table.drop_titles),
            keep_urls=patterns(table.keep_urls),
            drop_urls=patterns(table.drop_urls),
        ),
    )


def _edition(file: File, table: EditionTable, notices: tuple[Notice, ...]) -> EditionPart:
    options = EditionOptions(
        title=file.site.title,
        description=file.site.description,
        language=file.site.language,
        sources=tuple(
            SourceInfo(
                name=source.name,
                title=source.title,
                homepage=source.homepage or "",
                licence=source.licence,
                channels=tuple(ChannelInfo(name=channel.name, title=channel.title) for channel in source.channels),
            )
            for source in file.sources
        ),
        notices=notices,
        external_links=table.external_links,
        link_suffix=table.link_suffix == "article",
        counter=table.counter,
        index_size=table.index_size,
    )
    return EditionPart(name=table.name, renderer=EDITIONS[table.name](options))


def _mirror(folder: Path, state: Path, table: MirrorTable, clock: Callable[[], datetime]) -> MirrorPart:
    options = MirrorOptions(
        name=table.name,
        workspace=state / "mirrors" / table.name,
        path=folder / table.path if table.path else None,
        remote=_remote(folder, table.remote),
        branch=table.branch,
        token=(os.environ.get(table.token_env, "").strip() or None) if table.token_env else "",
        ssh_key=folder / table.ssh_key if table.ssh_key else None,
        timeout=table.timeout,
    )
    address = usable_address(table.address)
    try:
        adapter = MIRRORS[table.kind](options, clock)
    except MirrorError as error:
        raise ConfigError(f"mirror {table.name}", error.reason) from error
    return MirrorPart(
        name=table.name, edition=table.edition, address=address, home=table.home or address, adapter=adapter
    )


def _remote(folder: Path, remote: str) -> str:
    """Return a git remote; one that is a path is taken from the configuration's folder."""
    if not remote or "://" in remote or re.match(r"[\w.-]+@?[\w.-]*:", remote):
        return remote
    return str(folder / remote)


def example(name: str = FILE) -> str:
    """Return one of the files that ``pappus init`` writes: a commented pappus.toml that runs as it is, and the feed that it reads."""
    return (resources.files("pappus") / "example" / name).read_text(encoding="utf-8")
