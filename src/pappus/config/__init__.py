"""pappus.toml -> Newsroom: the only composition root. Secrets are named environment variables."""

from __future__ import annotations

import os
import re
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import ValidationError, convert

from pappus import urls
from pappus.config.looks import templates, theme
from pappus.config.mirrors import OBJECTS
from pappus.config.mistakes import explain
from pappus.config.tables import (
    STATE,
    ChannelTable,
    EditionTable,
    File,
    RulesTable,
    SigningTable,
    SourceTable,
)
from pappus.errors import ConfigError
from pappus.extraction import Rules, Trial, css
from pappus.extraction.rules.book import ENDING, NO_BOOK, Book
from pappus.fetch import FetchPolicy
from pappus.mirrors import MIRRORS, PROFILES
from pappus.model import Annex, Division, Notice
from pappus.pipeline.newsroom import Channel, EditionPart, Filters, MirrorPart, Newsroom, Source
from pappus.render import EDITIONS, ChannelInfo, EditionOptions, MirrorInfo, Moved, SourceInfo
from pappus.trust import TrustOptions, environment_pems, first_fingerprint

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Executor

    from pappus.config.mirrors import AnyMirrorTable

__all__ = ["FILE", "STATE", "WELCOME", "example", "load", "site_rules", "utc_now", "workers"]

FILE = "pappus.toml"
WELCOME = "welcome.xml"  # a small feed that the example reads
_ENCODING = (
    40.0  # seconds of CPU that the variants of one image may take; the worst that we store, of 14 megapixels, take 18
)
_PRELOAD = ("pappus.extraction.article", "pappus.media.pixels", "pappus.media.variants", "pappus.sources.readers")


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
        file = convert(tomllib.loads(text), File)
    except RecursionError as error:
        raise ConfigError(str(path), "is nested too deeply") from error
    except ValidationError as error:
        raise explain(path, text, error) from error
    except ValueError as error:  # TOML's own error is one, and so is that of a number with thousands of digits
        raise ConfigError(str(path), f"is not TOML: {error}") from error
    return _compose(path.resolve().parent, file, clock)


# Composition


def _compose(folder: Path, file: File, clock: Callable[[], datetime]) -> Newsroom:
    state = folder / STATE
    notices = tuple(Notice(text=n.text, url=n.url, rotating=n.rotating) for n in file.notices)
    return Newsroom(
        title=file.site.title,
        state=state,
        objects=state / OBJECTS,
        sources=tuple(_source(folder, table) for table in file.sources),
        editions=tuple(_edition(folder, file, table, notices) for table in file.editions),
        mirrors=tuple(_mirror(folder, state, table, _division(table, file), clock) for table in file.mirrors),
        clock=clock,
        executor=workers,
        encoders=encoders,
        moved={one.from_: one.to for one in file.moved},
        signing=_signing(folder, file.signing),
        notices=notices,
        recommended=tuple(urls.canonical(url) for url in file.recommended),
        fetch=file.gather.options(),
        revisit_days=file.gather.revisit_days,
        book=site_rules(folder, file.gather.rules),
    )


def workers() -> Executor:
    """Return the workers for what strangers wrote."""
    from pappus.workers import Workers  # noqa: PLC0415  # 60 ms of multiprocessing, for those who gather

    return Workers(preload=_PRELOAD)


def encoders() -> Executor:
    """Return the workers for variants of images: they let all others go first."""
    from pappus.workers import Workers  # noqa: PLC0415  # as above

    return Workers(preload=_PRELOAD, seconds=_ENCODING, niceness=10)


def _source(folder: Path, table: SourceTable) -> Source:
    return Source(
        name=table.name,
        title=table.title,
        licence=table.licence,
        homepage=table.homepage or "",
        language=table.language,
        policy=FetchPolicy(local=table.local, robots=table.respect_robots, delay=table.delay),
        rules=_rules(table.rules),
        images=table.images,
        channels=tuple(_channel(folder, channel) for channel in table.channels),
    )


def _rules(table: RulesTable) -> Rules:
    return Rules(
        title=css(table.title),
        body=css(table.body),
        author=css(table.author),
        date=css(table.date),
        strip=css(*table.strip),
        whole=bool(table.body),
        next_page=css(table.next_page),
        single_page=css(table.single_page),
        trials=tuple(Trial(url=one.url, contains=one.contains) for one in table.trials),
    )


def site_rules(folder: Path, name: str) -> Book:
    """Return the folder of site rules; a file of it is read when a page of its host comes.

    Raises:
        ConfigError: it cannot be read; later, a file in it cannot be read.
    """
    if not name:
        return NO_BOOK
    place = folder / name
    try:
        next(place.iterdir(), None)
    except OSError as error:
        advice = "gather.rules names a folder of site rules"
        raise ConfigError(str(place), f"cannot be read: {error.strerror}", advice) from error

    def text(file: str) -> str | None:
        try:
            return (place / file).read_text(encoding="utf-8", errors="replace")
        except FileNotFoundError:
            return None
        except OSError as error:
            raise ConfigError(str(place / file), f"cannot be read: {error.strerror}") from error

    return Book(text, lambda: sorted(one.name for one in place.iterdir() if one.name.endswith(ENDING)))


def _channel(folder: Path, table: ChannelTable) -> Channel:
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
            keep_titles=tuple(map(re.compile, table.keep_titles)),
            drop_titles=tuple(map(re.compile, table.drop_titles)),
            keep_urls=tuple(map(re.compile, table.keep_urls)),
            drop_urls=tuple(map(re.compile, table.drop_urls)),
        ),
    )


def _edition(folder: Path, file: File, table: EditionTable, notices: tuple[Notice, ...]) -> EditionPart:
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
        siblings=tuple((sibling.title, sibling.address) for sibling in file.siblings),
        mirrors=tuple(
            {
                mirror.address: MirrorInfo(address=mirror.address, home=mirror.home or mirror.address)
                for mirror in file.mirrors
                if mirror.edition == table.name and mirror.listed and not mirror.retired and mirror.annex_of is None
            }.values()
        ),
        divisions=tuple(
            division
            for mirror in file.mirrors
            if mirror.edition == table.name and mirror.annex_of is None and (division := _division(mirror, file))
        ),
        signed=file.signing is not None,
        fingerprint=first_fingerprint(folder / file.signing.keys) if file.signing else "",
        moved=tuple(Moved(address=one.from_, to=one.to) for one in file.moved),
        external_links=table.external_links,
        link_suffix=table.link_suffix == "article",
        counter=table.counter,
        scripts=table.scripts,
        index_size=table.index_size,
        variants=table.variants,
        theme=theme(folder, table.theme),
        templates=templates(folder, table.templates, themed=bool(table.theme)),
    )
    return EditionPart(name=table.name, renderer=EDITIONS[table.name](options))


def _division(table: AnyMirrorTable, file: File) -> Division | None:
    """Return how an edition is divided between a mirror and its annexes, None where it has none.

    A place that was given up for another one goes on leading to the annexes of that.
    """
    tables = {one.name: one for one in file.mirrors}
    names = {one.address: one.name for one in file.mirrors}
    moved = {one.from_: one.to for one in file.moved}
    own = table.address
    name = table.annex_of or (names.get(moved.get(own, own), table.name) if table.retired else table.name)
    annexes = sorted(
        (one.first, one.last, one.address)
        for one in file.mirrors
        if one.annex_of == name and one.edition == table.edition and one.first is not None and one.last is not None
    )
    if not annexes:
        return None
    return Division(
        main=tables[name].address if table.annex_of else own,
        annexes=tuple(Annex(address=address, first=first, last=last) for first, last, address in annexes),
        here=own,
    )


def _mirror(
    folder: Path, state: Path, table: AnyMirrorTable, division: Division | None, clock: Callable[[], datetime]
) -> MirrorPart:
    return MirrorPart(
        name=table.name,
        edition=table.edition,
        address=table.address,
        home=table.home or table.address,
        division=division,
        retired=table.retired,
        limits=PROFILES[table.host],
        host=table.host,
        adapter=MIRRORS[str(table.__struct_config__.tag)](table.options(folder, state), clock),
    )


def _signing(folder: Path, table: SigningTable | None) -> TrustOptions | None:
    if table is None:
        return None
    return TrustOptions(
        folder=folder / table.keys,
        passphrase=(os.environ.get(table.passphrase_env, "").strip() or None) if table.passphrase_env else "",
        pems=environment_pems(os.environ),
    )


def example(name: str = FILE) -> str:
    """Return one of the files that ``pappus init`` writes: a commented pappus.toml that runs as it is, and the feed that it reads."""
    return (Path(__file__).parents[1] / "example" / name).read_text(encoding="utf-8")
