"""What a bucket keeps of former times, and how it loses it.

A bucket with versioning keeps what is overwritten or deleted, for whoever asks for it by its version. The client that puts objects
cannot ask for that; these are the two requests that do, signed by hand (AWS Signature Version 4).
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import random
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit
from xml.sax.saxutils import escape

import aiohttp
from lxml import etree
from yarl import URL

from pappus.errors import MirrorError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping
    from datetime import datetime

    from pappus.mirrors.s3_bucket import Bucket

_LARGEST = 16 * 1024 * 1024  # bytes of an answer
_BATCH = 1000  # versions in one request, the most that S3 takes
_TRIES = 5
_BACKOFF = 0.4  # seconds before the second, at the most; twice that before the next, and so on
_REQUEST = 60.0  # seconds for one request
_ADVICE = "delete its former versions by a lifecycle rule, and see that nobody else may read them until then"

_MARKERS = {
    "key-marker": "KeyMarker",
    "version-id-marker": "VersionIdMarker",
}  # of a page of the list, and what names the next


class UnsupportedError(MirrorError):
    """The service does not tell of former versions, or not to whoever holds these keys."""


async def purge(bucket: Bucket, clock: Callable[[], datetime]) -> None:
    """Delete every version that is not the current one, and the marks that stand for deleted objects.

    The marks go last: an object whose mark went first would be back for a moment.

    Raises:
        UnsupportedError: the service does not tell of versions.
        MirrorError: it does not answer, or keeps what it was asked to lose.
    """
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=_REQUEST)) as session:
        client = _Client(bucket, clock, session)
        former, marks = await client.versions()
        for versions in (former, marks):
            for start in range(0, len(versions), _BATCH):
                await client.delete(versions[start : start + _BATCH])


async def all_of(bucket: Bucket, paths: Iterable[str], clock: Callable[[], datetime]) -> dict[str, list[str]]:
    """Return the names of all versions of these objects, by path; the current one, which anybody may read, is called "".

    Raises:
        UnsupportedError: the service does not tell of versions.
        MirrorError: it does not answer.
    """
    found: dict[str, list[str]] = {}
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=_REQUEST)) as session:
        client = _Client(bucket, clock, session)
        for path in paths:
            key = bucket.key(path)
            versions = [item async for kind, item in client.listed(key) if kind == "Version"]
            own = [item for item in versions if item["Key"] == key]  # others may begin like it
            found[path] = ["" if item["IsLatest"] == "true" else item["VersionId"] for item in own]
    return found


class _Client:
    """Asks for versions in a bucket."""

    def __init__(self, bucket: Bucket, clock: Callable[[], datetime], session: aiohttp.ClientSession) -> None:
        self._bucket = bucket
        self._clock = clock
        self._session = session

    async def versions(self) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
        """Return the former versions and the marks of deletion, each by key and version."""
        former: list[tuple[str, str]] = []
        marks: list[tuple[str, str]] = []
        async for kind, item in self.listed(self._bucket.key("")):
            if kind == "DeleteMarker":
                marks.append((item["Key"], item["VersionId"]))
            elif item["IsLatest"] != "true":
                former.append((item["Key"], item["VersionId"]))
        return former, marks

    async def listed(self, prefix: str) -> AsyncIterator[tuple[str, dict[str, str]]]:
        """Yield the versions and the marks of deletion of all objects whose keys begin so: which of both it is, and what is told of it."""
        query = {"max-keys": str(_BATCH), "prefix": prefix, "versions": ""}
        while True:
            status, answer = await self._ask("GET", query)
            if status != 200:
                raise UnsupportedError(
                    self._bucket.mirror, f"does not tell of former versions: the service answered {status}", _ADVICE
                )
            for kind in ("Version", "DeleteMarker"):
                for item in _children(answer, kind):
                    yield kind, item
            following = {name: answer.findtext(f"{{*}}Next{tag}") for name, tag in _MARKERS.items()}
            if answer.findtext("{*}IsTruncated") != "true" or not following["key-marker"]:
                return
            query |= {name: text for name, text in following.items() if text}

    async def delete(self, versions: list[tuple[str, str]]) -> None:
        """Delete versions for good."""
        named = "".join(
            f"<Object><Key>{escape(key)}</Key><VersionId>{escape(version)}</VersionId></Object>"
            for key, version in versions
        )
        status, answer = await self._ask(
            "POST", {"delete": ""}, f"<Delete><Quiet>true</Quiet>{named}</Delete>".encode()
        )
        kept = list(_children(answer, "Error")) if status == 200 else []
        if status != 200 or kept:
            raise MirrorError(
                self._bucket.mirror,
                f"keeps {len(kept) or len(versions)} former versions that it was asked to lose",
                _ADVICE,
            )

    async def _ask(self, method: str, query: Mapping[str, str], body: bytes = b"") -> tuple[int, Any]:
        """Return the answer's status and its XML."""
        for attempt in range(_TRIES):
            if attempt:
                await asyncio.sleep(random.uniform(0, _BACKOFF * 2 ** (attempt - 1)))  # noqa: S311  # jitter
            try:
                status, said = await self._once(method, query, body)
            except (aiohttp.ClientError, TimeoutError):
                continue
            if status < 500 or status == 501:
                return status, _parsed(said)
        raise MirrorError(self._bucket.mirror, f"{self._bucket.endpoint} does not answer", retry=True)

    async def _once(self, method: str, query: Mapping[str, str], body: bytes) -> tuple[int, bytes]:
        path = f"/{quote(self._bucket.name)}"
        asked = "&".join(f"{quote(name, safe='')}={quote(text, safe='')}" for name, text in sorted(query.items()))
        headers = {"Content-MD5": base64.b64encode(hashlib.md5(body, usedforsecurity=False).digest()).decode()}
        headers |= self._signature(method, path, asked, hashlib.sha256(body).hexdigest())
        url = URL(f"{self._bucket.endpoint}{path}?{asked}", encoded=True)
        async with self._session.request(method, url, data=body, headers=headers, allow_redirects=False) as answer:
            said = bytearray()
            async for chunk in answer.content.iter_chunked(1 << 16):
                said += chunk
                if len(said) > _LARGEST:
                    raise MirrorError(self._bucket.mirror, f"{self._bucket.endpoint} answers without an end")
            return answer.status, bytes(said)

    def _signature(self, method: str, path: str, query: str, payload: str) -> dict[str, str]:
        """Return the headers that sign a request, see "Authenticating Requests: Using the Authorization Header" at AWS."""
        now = f"{self._clock():%Y%m%dT%H%M%SZ}"
        headers = {
            "host": urlsplit(self._bucket.endpoint).netloc,
            "x-amz-content-sha256": payload,
            "x-amz-date": now,
        }
        names = ";".join(headers)
        lines = "".join(f"{name}:{text}\n" for name, text in headers.items())
        request = f"{method}\n{path}\n{query}\n{lines}\n{names}\n{payload}"
        scope = f"{now[:8]}/{self._bucket.region}/s3/aws4_request"
        signed = f"AWS4-HMAC-SHA256\n{now}\n{scope}\n{hashlib.sha256(request.encode()).hexdigest()}"
        key = f"AWS4{self._bucket.secret}".encode()
        for part in (*scope.split("/"), signed):
            key = hmac.digest(key, part.encode(), "sha256")
        return headers | {
            "Authorization": f"AWS4-HMAC-SHA256 Credential={self._bucket.key_id}/{scope},"
            f" SignedHeaders={names}, Signature={key.hex()}"
        }


def _parsed(said: bytes) -> Any:
    """Return an answer as XML without entities; one that is none is empty."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, recover=False)
    try:
        return etree.fromstring(said, parser)
    except etree.XMLSyntaxError:
        return etree.Element("Nothing")


def _children(answer: Any, tag: str) -> Iterator[dict[str, str]]:
    """Yield what the children of a name say."""
    for child in answer.iterfind(f"{{*}}{tag}"):
        yield {etree.QName(item).localname: item.text or "" for item in child}
