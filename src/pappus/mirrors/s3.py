"""A bucket of Amazon S3, or of any service that speaks its language.

A bucket cannot be changed in one step. A publish puts what others lead to before what leads to it, each rank of files done before the
next begins (rule 13), then deletes, then says in ``mirror.json`` that it is so; each object is there whole or not at all. Before all
that a journal is put (``.pappus``) that names what is about to change, and it goes when all is done: whoever finds one knows that a
publish was killed, and which files may be of neither the former version nor the coming one (rule 16). ``mirror.json`` and the
journal are written on the condition that nobody else wrote them meanwhile, so of two publishers one is told.

No access rights are ever changed: who may read is a matter of the bucket's own settings.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import time
from contextlib import suppress
from itertools import groupby
from typing import TYPE_CHECKING, Any, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from pappus.errors import MirrorError
from pappus.layout import JOURNAL, LAYOUTS, MIRROR_JSON, TIMESTAMP, is_metadata
from pappus.mirrors.binding import LARGEST, Binding, load
from pappus.mirrors.packing import is_packable, pack
from pappus.mirrors.paths import checked
from pappus.mirrors.plan import Held, MirrorState, rank
from pappus.mirrors.s3_bucket import Bucket, ChangedError, Objects
from pappus.model import digest

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Coroutine, Iterable, Mapping, Sequence
    from datetime import datetime

    from obstore import Attribute, PutMode

    from pappus.mirrors.options import S3Options
    from pappus.model import Entry, Plan

_T = TypeVar("_T")

JOURNAL_LARGEST = 64 * 1024 * 1024  # bytes
_AT_ONCE = 16  # requests
_YEAR = 31_536_000  # seconds


class _Journal(Struct, frozen=True, kw_only=True):
    """What a publish that is under way is about to change.

    Args:
        former: the digest of ``mirror.json`` as it was found, "" where there was none.
        coming: of ``mirror.json`` as it will be.
        paths: what may be of neither version when this publish is killed; None for anything.
    """

    former: str
    coming: str
    paths: frozenset[str] | None

    def dump(self) -> bytes:
        paths = None if self.paths is None else sorted(self.paths)
        return json.dumps({"former": self.former, "coming": self.coming, "paths": paths}, ensure_ascii=False).encode()

    @staticmethod
    def load(data: bytes) -> _Journal:
        """Read a journal, trusting nothing in it; one that cannot be read says that anything may have changed."""
        try:
            fields: Any = json.loads(data)
            former, coming, paths = str(fields["former"]), str(fields["coming"]), fields["paths"]
            return _Journal(former=former, coming=coming, paths=None if paths is None else frozenset(map(str, paths)))
        except (ValueError, TypeError, LookupError, RecursionError):
            return _ANYTHING


_ANYTHING = _Journal(former="", coming="", paths=None)


class _Look(Struct, frozen=True, kw_only=True):
    """What was found: ``mirror.json`` and the journal, each with the tag that names its state."""

    shown: Binding | None
    digest: str  # of mirror.json, "" where there is none
    etag: str | None
    journal: _Journal | None
    journal_etag: str | None

    @property
    def astray(self) -> frozenset[str] | None:
        """What may be of no version; None for anything.

        Nothing where a journal is there only because the publish was killed between its last two steps.
        """
        if self.journal is None or self.journal.former != self.journal.coming == self.digest:
            return frozenset()
        return self.journal.paths


class S3:
    """A mirror in a bucket."""

    def __init__(self, options: S3Options, clock: Callable[[], datetime]) -> None:
        self._options = options
        self._clock = clock
        self._bucket = Bucket(
            mirror=options.name,
            name=options.bucket,
            prefix=options.prefix.strip("/"),
            endpoint=options.endpoint.rstrip("/") or f"https://s3.{options.region}.amazonaws.com",
            region=options.region,
            key_id=options.key_id or "",
            secret=options.secret or "",
        )
        self._objects = Objects(self._bucket, options.timeout)
        self._look: _Look | None = None  # what state() found, until it is used
        self._until = 0.0

    def state(self, *, mend: bool = True) -> MirrorState:
        """Read ``mirror.json``, and the journal of a publish that was killed."""
        look = self._look = self._looked(mend=mend)
        return MirrorState(shown=look.shown, base=None if look.astray is None else look.shown)

    def apply(self, plan: Plan, read: Callable[[Entry], bytes]) -> str:
        """Put, then delete, then say so.

        With a plan of everything the bucket is listed, objects that hold the right bytes already are left as they are, and all else goes.
        """
        for path in (*(entry.path for entry in plan.puts), *plan.deletions):
            checked(path)
        look, self._look = self._look or self._looked(mend=True), None
        self._run(lambda: self._apply(plan, read, look))
        return ""

    def held(self, paths: Collection[str]) -> Held:
        """Fetch the objects at these paths, with all their former versions where the service tells of them."""
        self._until = time.monotonic() + self._options.timeout
        return self._run(lambda: self._held([checked(path) for path in paths]))

    async def _held(self, paths: Sequence[str]) -> Held:
        from pappus.mirrors.s3_versions import UnsupportedError, all_of  # noqa: PLC0415  # 150 ms of aiohttp, for those who forget

        how, versions = "its objects", {path: [""] for path in paths}  # the current ones
        with suppress(UnsupportedError):
            versions = await all_of(self._bucket, paths, self._clock)
            how = "its objects and all their versions"
        at: dict[str, set[str]] = {path: set() for path in paths}

        async def see(path: str, version: str) -> None:
            found = await self._objects.digest(path, version)
            if found is not None:
                at[path].add(found)

        await _all(see(path, version) for path, ones in versions.items() for version in ones)
        return Held(how=how, at=at)

    def _looked(self, *, mend: bool) -> _Look:
        """Look, and count the time from now."""
        self._until = time.monotonic() + self._options.timeout
        return self._run(lambda: self._see(mend=mend))

    # Looking

    async def _see(self, *, mend: bool) -> _Look:
        """Return what is there.

        Raises:
            ForeignError: it is not ours.
        """
        (data, etag), (journal, journal_etag) = await asyncio.gather(
            self._objects.get(MIRROR_JSON, LARGEST), self._objects.get(JOURNAL, JOURNAL_LARGEST)
        )
        shown: Binding | None = None
        if data is not None:
            with suppress(MirrorError):
                shown = load(data)
        if shown is None and (data is not None or (journal is None and await self._objects.any())):
            raise self._bucket.foreign()
        look = _Look(
            shown=shown,
            digest="" if data is None else digest(data),
            etag=etag,
            journal=None if journal is None else _Journal.load(journal),
            journal_etag=journal_etag,
        )
        if mend and look.journal is not None and look.astray == frozenset():
            await self._objects.delete([JOURNAL])
            look = replace(look, journal=None, journal_etag=None)
        return look

    # Changing

    async def _apply(self, plan: Plan, read: Callable[[Entry], bytes], look: _Look) -> None:
        journal, versioned = await self._begin(plan, look)
        had = await self._objects.list() if plan.base is None else None
        layout = LAYOUTS[plan.edition]
        files = [entry for entry in plan.puts if entry.path != MIRROR_JSON]
        for _, entries in groupby(files, key=lambda entry: rank(entry.path, layout)):
            await _all(self._put(entry, read(entry), had or {}) for entry in entries)
        gone = list(plan.deletions)
        if had is not None:
            gone = sorted(had.keys() - {entry.path for entry in plan.puts} - {MIRROR_JSON, JOURNAL})
        await self._objects.delete(gone)
        if plan.forget:
            await self._forget(sure=versioned)
        for entry in plan.puts:
            if entry.path == MIRROR_JSON:
                await self._finish(entry, read(entry), look, journal)
        await self._objects.delete([JOURNAL])
        if plan.forget:  # the former mirror.json, and the journal
            await self._forget(sure=versioned)

    async def _begin(self, plan: Plan, look: _Look) -> tuple[bytes, bool]:
        """Write down what is about to change. Returns the journal, and whether the bucket keeps former versions of objects.

        Raises:
            MirrorError: the plan does not start from what is there.
        """
        if plan.base is not None and (look.shown is None or look.shown.version != plan.base):
            raise MirrorError(
                self._options.name, f"does not hold version {plan.base.number} any more", "publish again", retry=True
            )
        paths = None if plan.base is None else frozenset({*(entry.path for entry in plan.puts), *plan.deletions})
        unknown = paths is not None and not (look.astray is not None and look.astray <= paths)
        coming = next((entry.digest for entry in plan.puts if entry.path == MIRROR_JSON), "")
        journal = _Journal(former=look.digest, coming=coming, paths=None if unknown else paths).dump()
        versioned = await self._put_alone(JOURNAL, journal, look.journal_etag, "application/json")
        if (await self._objects.get(MIRROR_JSON, LARGEST))[1] != look.etag:
            if look.journal is None:  # nothing is begun yet, by anybody
                await self._objects.delete([JOURNAL])
            raise self._bucket.overtaken()
        if unknown:
            raise MirrorError(
                self._options.name,
                "a publish that was not finished left files of which this one knows nothing",
                "publish again: everything will be compared",
                retry=True,
            )
        return journal, versioned

    async def _put(self, entry: Entry, data: bytes, had: Mapping[str, str | None]) -> None:
        """Put an object, unless it is there."""
        packs = self._options.encoding == "gzip" and is_packable(entry.path, entry.media_type)
        packed = pack(".gz", data) if packs else b""
        stored = packed or data
        if entry.path in had and had[entry.path] == f'"{hashlib.md5(stored, usedforsecurity=False).hexdigest()}"':
            return
        attributes = self._attributes(entry.path, entry.media_type)
        if packed:
            attributes["Content-Encoding"] = "gzip"
        await self._objects.put(entry.path, stored, attributes)

    async def _put_alone(self, path: str, data: bytes, etag: str | None, media_type: str) -> bool:
        """Put an object, unless somebody else did since we looked. Returns whether the bucket keeps former versions.

        Raises:
            ChangedError: somebody did.
        """
        mode: PutMode = "overwrite"
        if self._options.conditional:
            mode = {"e_tag": etag} if etag else "create"
        attributes = self._attributes(path, media_type)
        try:
            put = await self._objects.put(path, data, attributes, mode)
        except ChangedError:
            if (await self._objects.get(path, JOURNAL_LARGEST))[0] != data:
                raise
            return True  # it was ourselves: the answer was lost, and we asked again; it may have said so
        return put["version"] is not None

    async def _finish(self, entry: Entry, data: bytes, look: _Look, journal: bytes) -> None:
        """Say that the mirror holds the target.

        Raises:
            ChangedError: another publisher is at work, or was meanwhile; the journal that is left has the next publish put it right.
        """
        there, _ = await self._objects.get(JOURNAL, JOURNAL_LARGEST)
        if there != journal:
            attributes = self._attributes(JOURNAL, "application/json")
            await self._objects.put(JOURNAL, _ANYTHING.dump(), attributes)  # what we put may lie over what he did
            raise self._bucket.overtaken()
        await self._put_alone(entry.path, data, look.etag, entry.media_type)

    async def _forget(self, *, sure: bool) -> None:
        """Have the bucket lose former versions of objects, and what it keeps of deleted ones.

        Args:
            sure: whether there are any. A service that does not tell of them mostly has none.
        """
        from pappus.mirrors.s3_versions import UnsupportedError, purge  # noqa: PLC0415  # 150 ms of aiohttp, for those who forget

        try:
            await purge(self._bucket, self._clock)
        except UnsupportedError:
            if sure:
                raise

    def _attributes(self, path: str, media_type: str) -> dict[Attribute, str]:
        if media_type.startswith("text/") and "charset" not in media_type:
            media_type += "; charset=utf-8"
        return {"Content-Type": media_type, "Cache-Control": self._caching(path)}

    def _caching(self, path: str) -> str:
        if path in {TIMESTAMP, MIRROR_JSON, JOURNAL}:
            return "no-cache"
        if path.startswith("media/") or is_metadata(path):  # what such a path shows never changes
            return f"public, max-age={_YEAR}, immutable"
        return f"public, max-age={self._options.max_age}"

    # Time

    def _run(self, work: Callable[[], Coroutine[Any, Any, _T]]) -> _T:
        """Do it in the time that is left."""

        async def within() -> _T:
            async with asyncio.timeout_at(asyncio.get_running_loop().time() + self._until - time.monotonic()):
                return await work()

        if not (self._options.key_id and self._options.secret):
            raise MirrorError(
                self._options.name, "its keys are missing", "set the environment variables that its settings name"
            )
        try:
            return asyncio.run(within())
        except TimeoutError:
            raise MirrorError(
                self._options.name, f"was not done after {self._options.timeout:.0f} s", retry=True
            ) from None


async def _all(works: Iterable[Coroutine[Any, Any, None]]) -> None:
    """Await all, so many at once; the first that fails ends it."""
    running: set[asyncio.Task[None]] = set()
    try:
        for work in works:
            running.add(asyncio.create_task(work))
            if len(running) >= _AT_ONCE:
                await _some(running)
        while running:
            await _some(running)
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


async def _some(running: set[asyncio.Task[None]]) -> None:
    """Await the first to be done, and take it from those that run."""
    done, _ = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
    for task in done:
        task.result()
        running.remove(task)
