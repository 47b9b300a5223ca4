"""What a channel has: asked for, and read where it can do no harm."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Awaitable, Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import Struct
from msgspec.structs import asdict

from pappus.errors import SourceError
from pappus.model import NO_VALIDATORS, Lead, Validators, digest
from pappus.sources import MAX_LEADS, ReadOptions
from pappus.sources.readers import READERS
from pappus.store import ChannelState

if TYPE_CHECKING:
    from pappus.model import Get
    from pappus.pipeline.newsroom import Channel

_STREAMED = frozenset({"list", "warc"})  # kinds whose files may be larger than memory; reading them is cheap

Run = Callable[..., Awaitable[Any]]  # calls a function in a worker


class Announced(Struct, frozen=True):
    """What a channel has: its leads, and the state to record once they are settled."""

    leads: Iterable[Lead]
    state: ChannelState
    cut: bool = False  # whether it announces more than is read at a time


async def ask(channel: Channel, before: ChannelState | None, get: Get, run: Run) -> Announced | None:
    """Return what a channel has, None if its server says that nothing changed since it was settled.

    Args:
        channel: the channel.
        before: what it answered when it was settled last.
        get: asks for a URL.
        run: calls a function in a worker.

    Raises:
        FetchError: it could not be had.
        SourceError: it could not be read.
        WorkerError: a worker crashed on it.
    """
    setting = _setting(channel)
    if before is not None and before.setting != setting:
        before = None
    if channel.path is not None:
        return await _ask_file(channel, channel.path, before, setting, run)
    fetched = await get(channel.url, validators=before.validators if before else NO_VALIDATORS)
    if fetched.not_modified:
        return None
    state = ChannelState(validators=fetched.validators, body_digest=digest(fetched.body), setting=setting)
    if before is not None and before.body_digest == state.body_digest:
        return Announced((), state)
    options = _options(channel, fetched.final_url, fetched.charset)
    leads = await run(_read, channel.kind, fetched.body, options)
    return Announced(leads, state, cut=len(leads) >= MAX_LEADS)


async def _ask_file(
    channel: Channel, path: Path, before: ChannelState | None, setting: str, run: Run
) -> Announced | None:
    try:
        validators = _validators(path)
        if before is not None and before.validators == validators:
            return None
        state = ChannelState(validators=validators, body_digest="", setting=setting)
        if channel.kind in _STREAMED:
            return Announced(_stream(channel, path), state)
        leads = await run(_read_path, channel.kind, path, _options(channel))
    except OSError as error:
        raise SourceError(str(path), f"cannot be read: {error.strerror}") from error
    return Announced(leads, state, cut=len(leads) >= MAX_LEADS)


def _validators(path: Path) -> Validators:
    stat = path.stat()
    return Validators(etag=f"{stat.st_mtime_ns}-{stat.st_size}")


def readable(leads: Iterable[Lead], broken: list[SourceError]) -> Iterator[Lead]:
    """Yield leads as far as they can be read: of an archive that ends in the middle, what it has is taken."""
    try:
        yield from leads
    except SourceError as error:
        broken.append(error)


def _setting(channel: Channel) -> str:
    """Return a digest of how a channel is read; with another one, everything in it is looked at anew."""

    def plain(value: object) -> object:
        match value:
            case Struct():
                return asdict(value)
            case re.Pattern():
                return str(value.pattern)
            case Path():
                return value.name
            case _:
                return repr(value)

    return digest(json.dumps(asdict(channel), sort_keys=True, default=plain).encode())


def _options(channel: Channel, url: str = "", charset: str = "") -> ReadOptions:
    return ReadOptions(
        url=url,
        charset=charset,
        link=channel.link,
        title=channel.link_title,
        within=channel.within,
    )


def _read(kind: str, body: bytes, options: ReadOptions) -> tuple[Lead, ...]:
    """Read a channel's bytes whole; runs in a worker."""
    return tuple(READERS[kind](io.BytesIO(body), options))


def _read_path(kind: str, path: Path, options: ReadOptions) -> tuple[Lead, ...]:
    """Read a channel's file whole; runs in a worker."""
    with path.open("rb") as stream:
        return tuple(READERS[kind](stream, options))


def _stream(channel: Channel, path: Path) -> Iterator[Lead]:
    """Read a channel's file as it is consumed."""
    try:
        with path.open("rb") as stream:
            yield from READERS[channel.kind](stream, _options(channel))
    except OSError as error:
        raise SourceError(str(path), f"cannot be read: {error.strerror}") from error
