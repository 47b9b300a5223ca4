"""A bucket, and how it is asked for; what goes wrong is told in one line, never in a service's own words.

Nothing of the environment is used: no keys, no endpoint, no proxy (rule 2). Requests that fail in passing are tried again, with backoff
and jitter.
"""

from __future__ import annotations

import hashlib
import re
import zlib
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError, InvalidPathError, PreconditionError
from obstore.store import S3Store

from pappus.errors import ForeignError, MirrorError
from pappus.model import Private
from pappus.urls import parse_http

if TYPE_CHECKING:
    from collections.abc import Awaitable, Sequence

    from obstore import Attribute, GetOptions, PutMode, PutResult
    from obstore.store import S3Credential

_T = TypeVar("_T")

_PART = 64 * 1024 * 1024  # bytes: larger files go in parts
_LONGEST = 1 << 30  # bytes of an object that can be one of ours
_STEP = 1 << 20  # bytes that are unpacked at once
_REQUEST = 120.0  # seconds for one request with all its tries, and for one try, at the most
_RETRIES = 8
_BACKOFF = 0.2  # seconds before the first of them; twice that before the next, and so on
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,254}")  # of a bucket


class AbsentError(MirrorError):
    """There is no such object."""


class ChangedError(MirrorError):
    """An object is not what it was when we looked."""


class Bucket(Private, frozen=True, kw_only=True):
    """A bucket, or what begins with a prefix in one."""

    mirror: str  # whose errors these are
    name: str
    prefix: str  # without slashes around it, "" for the whole
    endpoint: str
    region: str
    key_id: str
    secret: str

    def key(self, path: str) -> str:
        """Return how the service calls an object; for "", what all our keys begin with."""
        return f"{self.prefix}/{path}" if self.prefix else path

    def foreign(self) -> ForeignError:
        """Return what to tell where it holds what is not ours."""
        place = f"the prefix {self.prefix!r} of the bucket" if self.prefix else "the bucket"
        return ForeignError(self.mirror, f"{place} {self.name!r} holds what is not ours", "empty it, or name another")

    def overtaken(self) -> ChangedError:
        """Return what to tell where somebody else publishes."""
        advice = "have one machine publish there"
        return ChangedError(self.mirror, "was changed by another publisher meanwhile", advice, retry=True)


class _Counted:
    """The digest of an object that comes in pieces, unpacked where it is packed, and read no further than one of ours can be long."""

    def __init__(self, *, packed: bool) -> None:
        self._hash = hashlib.sha256()
        self._left = _LONGEST
        self._unpacker = zlib.decompressobj(zlib.MAX_WBITS | 16) if packed else None
        self._wrong = False

    def add(self, data: bytes) -> None:
        while data and not self._wrong:
            plain, data = self._unpacked(data)
            self._hash.update(plain)
            self._left -= len(plain)
            self._wrong |= self._left < 0

    def _unpacked(self, data: bytes) -> tuple[bytes, bytes]:
        """Return some plain bytes, and what is left to unpack."""
        if self._unpacker is None:
            return data, b""
        try:
            plain = self._unpacker.decompress(data, _STEP)
        except zlib.error:
            self._wrong = True
            return b"", b""
        self._wrong |= bool(self._unpacker.unused_data)
        return plain, self._unpacker.unconsumed_tail

    def digest(self) -> str:
        whole = self._unpacker is None or self._unpacker.eof
        return self._hash.hexdigest() if whole and not self._wrong else ""


class Objects:
    """The objects in a bucket."""

    def __init__(self, bucket: Bucket, timeout: float) -> None:
        self._bucket = bucket
        self._wait = timedelta(seconds=min(_REQUEST, timeout))

    async def get(self, path: str, largest: int) -> tuple[bytes | None, str | None]:
        """Return an object with the tag that names its state; nothing where it is not there.

        Args:
            path: the object's.
            largest: bytes that it may have.
        """
        try:
            found = await self._ask(obstore.get_async(self._store, path))
        except AbsentError:
            return None, None
        if found.meta["size"] > largest:
            raise MirrorError(self._bucket.mirror, f"{path!r} is larger than {largest >> 10:,} KiB")
        return bytes(await self._ask(found.bytes_async())), found.meta["e_tag"]

    async def digest(self, path: str, version: str = "") -> str | None:
        """Return the digest of an object as readers get it, unpacked; None where it is not there, "" where it is none of ours.

        Args:
            path: the object's.
            version: of several, as the service names it; "" for the current one.
        """
        options: GetOptions = {"version": version} if version else {}
        try:
            found = await self._ask(obstore.get_async(self._store, path, options=options))
        except AbsentError:
            return None
        counted = _Counted(packed=found.attributes.get("Content-Encoding") == "gzip")
        chunks = found.stream()
        while chunk := await self._ask(anext(chunks, b"")):
            counted.add(bytes(chunk))
        return counted.digest()

    async def put(
        self, path: str, data: bytes, attributes: dict[Attribute, str], mode: PutMode = "overwrite"
    ) -> PutResult:
        """Put an object.

        Raises:
            ChangedError: it is not as ``mode`` says any more.
        """
        return await self._ask(
            obstore.put_async(self._store, path, data, attributes=attributes, mode=mode, chunk_size=_PART)
        )

    async def delete(self, paths: Sequence[str]) -> None:
        """Delete objects, whether they are there or not."""
        if paths:
            await self._ask(obstore.delete_async(self._store, paths))

    async def list(self) -> dict[str, str | None]:
        """Return the tag of every object, by path.

        Raises:
            ForeignError: an object has a name that we never give.
        """
        found: dict[str, str | None] = {}
        chunks = obstore.list(self._store, chunk_size=1000)
        while chunk := await self._ask(anext(chunks, [])):
            found |= {meta["path"]: meta["e_tag"] for meta in chunk}
        return found

    async def any(self) -> bool:
        """Whether there are any."""
        return bool(await self._ask(anext(obstore.list(self._store, chunk_size=1), [])))

    @cached_property
    def _store(self) -> S3Store:
        """The client, with everything said that it would else look for in the environment."""
        bucket = self._bucket
        keys: S3Credential = {
            "access_key_id": bucket.key_id,
            "secret_access_key": bucket.secret,
            "token": None,
            "expires_at": None,
        }
        wrong = MirrorError(bucket.mirror, f"there can be no bucket {bucket.name!r} at {bucket.endpoint!r}")
        if parse_http(bucket.endpoint) is None or not _NAME.fullmatch(bucket.name):
            raise wrong
        try:
            return S3Store(
                bucket.name,
                prefix=bucket.prefix or None,
                endpoint=bucket.endpoint,
                aws_endpoint_url_s3=bucket.endpoint,
                region=bucket.region,
                virtual_hosted_style_request=False,
                skip_signature=False,
                request_payer=False,
                credential_provider=lambda: keys,
                client_options={
                    "allow_http": bucket.endpoint.startswith("http://"),
                    "user_agent": "Pappus",
                    "timeout": self._wait,
                    "proxy_url": "http://127.0.0.1:9",  # for no host at all: without one, the environment's would be used
                    "proxy_excludes": "*,0.0.0.0/0,::/0",
                },
                retry_config={
                    "max_retries": _RETRIES,
                    "retry_timeout": self._wait,
                    "backoff": {
                        "init_backoff": timedelta(seconds=_BACKOFF),
                        "max_backoff": timedelta(seconds=10),
                        "base": 2,
                    },
                },
            )
        except BaseError as error:
            raise wrong from error

    async def _ask(self, request: Awaitable[_T]) -> _T:
        try:
            return await request
        except (BaseError, FileNotFoundError) as error:
            raise self._refused(error) from None

    def _refused(self, error: Exception) -> MirrorError:
        """Return what to tell; of an answer, only its status and the name that S3 gives to the fault."""
        mirror, text = self._bucket.mirror, str(error)
        status = re.search(r"status code: (\d{3})", text)
        code = re.search(r"<Code>([A-Za-z.]{1,60})</Code>", text)
        if code and code[1] == "NoSuchBucket":
            return MirrorError(mirror, f"there is no bucket {self._bucket.name!r}", "make it, or correct its name")
        if isinstance(error, InvalidPathError):
            return self._bucket.foreign()
        if isinstance(error, AlreadyExistsError | PreconditionError):
            return self._bucket.overtaken()
        if "redirect without LOCATION" in text:
            return MirrorError(mirror, f"{self._bucket.endpoint} sends us elsewhere", "is its region right?")
        if status is None:
            reason = "cannot be reached" if "Connect" in text else "breaks off, or does not answer in time"
            return MirrorError(mirror, f"{self._bucket.endpoint} {reason}", retry=True)
        number, told = int(status[1]), f"{status[1]} {code[1]}" if code else status[1]
        kind = AbsentError if number == 404 else MirrorError
        return kind(mirror, f"the service answered {told}", self._advice(number), retry=number == 429 or number >= 500)

    def _advice(self, status: int) -> str:
        if status in {401, 403}:
            return f"its keys need to list, read, write and delete in the bucket {self._bucket.name!r}"
        return "does it help to set conditional = false?" if status == 501 else ""
