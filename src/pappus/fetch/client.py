"""URL -> Fetched, on aiohttp.

Rules kept here (with guard.py, body.py and robots.py): a byte limit on everything, one deadline for a request with all its
redirects, each of which is checked again; http and https only, no credentials, cookies or Referer, nothing from the
environment, one User-Agent; addresses checked as they are dialled; TLS never unchecked.
"""

from __future__ import annotations

import asyncio
import random
import re
from contextlib import AsyncExitStack
from functools import partial
from typing import TYPE_CHECKING, Final, Self

import ada_url
from msgspec import Struct, field
from msgspec.structs import replace

from pappus import urls
from pappus.errors import FetchError, LimitError, RefusedError, StatusError
from pappus.fetch import guard
from pappus.fetch.body import FREE_BYTES, Body, encoding
from pappus.fetch.deadline import Deadline
from pappus.fetch.faults import FAULTS, RETRY_STATUSES, fault, retry_after, short
from pappus.fetch.gate import Gate
from pappus.fetch.options import FetchOptions, FetchPolicy, RobotsMemory
from pappus.fetch.robots import ROBOTS_BYTES, Robots, product_token
from pappus.fetch.sessions import Sessions
from pappus.model import NO_VALIDATORS, Fetched, Get, Kind, Validators

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from datetime import datetime
    from types import TracebackType

    import aiohttp
    from aiohttp.abc import AbstractResolver

MAX_REDIRECTS: Final = 5
MAX_HEADER_BYTES: Final = 64 * 1024  # names and values of a response, in all
MAX_RETRY_AFTER: Final = 60.0  # seconds that we wait ourselves; what asks for more is an error that says so
GZIP: Final = "gzip"
_BACKOFF = 1.0  # seconds before the first retry, doubled for each further one, times 0.5 to 1.5
_LARGE_BODIES = 3  # past 1 MiB, read at the same time: with all others they stay under 150 MB of memory
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_MEDIA_TYPE = re.compile(r"[a-z0-9!#$&^_.+-]{1,80}/[a-z0-9!#$&^_.+-]{1,80}\Z")
_CHARSET = re.compile(r";\s*charset\s*=\s*[\"']?([A-Za-z0-9._:+-]{1,40})", re.IGNORECASE)
_VALIDATOR = re.compile(r"[\x21-\x7e][\x20-\x7e]{0,511}\Z")


class _Ask(Struct, frozen=True, kw_only=True):
    """What is wanted."""

    url: str  # as it was given
    limit: int  # bytes of the body
    cut: bool = False  # whether the rest is left out
    encodings: str = GZIP  # in which it may come
    validators: Validators = NO_VALIDATORS
    policy: FetchPolicy = field(default_factory=FetchPolicy)


class Client:
    """Asks for URLs, politely and within limits; an async context manager.

    Args:
        options: the newsroom's.
        robots_memory: keeps robots.txt files between runs.
        clock: the time, in UTC.
        resolver: how host names are resolved; None for the system's way.
        sleep: waits some seconds.
        refuse: says why an address is not dialled.
    """

    def __init__(
        self,
        options: FetchOptions,
        robots_memory: RobotsMemory,
        *,
        clock: Callable[[], datetime],
        resolver: AbstractResolver | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        refuse: guard.Refuse = guard.special,
    ) -> None:
        self._options = options
        self._clock = clock
        self._sleep = sleep
        self._refuse = refuse
        self._sessions = Sessions(options, resolver, refuse)
        self._gate = Gate(options.concurrency, options.per_host, sleep)
        self._large = asyncio.Semaphore(_LARGE_BODIES)
        self._robots = Robots(product_token(options.user_agent), robots_memory, clock, self._robots_text)
        self._requests = 0

    @property
    def requests(self) -> int:
        """How many requests were made, with those for redirects, retries and robots.txt."""
        return self._requests

    async def __aenter__(self) -> Self:
        await self._sessions.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._robots.close()
        await self._sessions.close()

    def getter(self, policy: FetchPolicy) -> Get:
        """Return :meth:`get` for one source."""
        return partial(self.get, policy=policy)

    async def get(
        self,
        url: str,
        *,
        validators: Validators = NO_VALIDATORS,
        kind: Kind = "page",
        policy: FetchPolicy,
    ) -> Fetched:
        """Return what is at ``url``: status 200, or 304 if it is as ``validators`` say.

        Args:
            url: absolute, http or https.
            validators: what the server gave last time.
            kind: which byte limit holds.
            policy: of the source on whose behalf we ask.

        Raises:
            RefusedError: its scheme, its address or robots.txt forbid it, or those of a redirect.
            LimitError: too large, too slow, too many redirects.
            StatusError: another status than 200 or 304; ``retry_after`` is set where the server wants a long wait.
            FetchError: no connection, or an answer that is not to be understood.
        """
        limit = self._options.image_bytes if kind == "image" else self._options.page_bytes
        return await self._insist(_Ask(url=url, limit=limit, validators=_sane(validators), policy=policy))

    async def beginning(self, url: str, limit: int, policy: FetchPolicy, encodings: str = GZIP) -> Fetched:
        """Return what is at ``url``, and of its body the first ``limit`` bytes, whatever its kind.

        Args:
            url: absolute, http or https.
            limit: bytes.
            policy: of the place.
            encodings: what Accept-Encoding says: some of "br", "gzip" and "identity".

        Raises:
            FetchError: as :meth:`get`.
        """
        return await self._insist(_Ask(url=url, limit=limit, cut=True, policy=policy, encodings=encodings))

    async def _insist(self, ask: _Ask) -> Fetched:
        """Try, and try again where that may help."""
        for attempt in range(self._options.retries):
            try:
                return await self._follow(ask)
            except RefusedError:
                raise
            except FetchError as error:
                if not error.retry or (error.retry_after or 0.0) > MAX_RETRY_AFTER:
                    raise
                jitter = random.uniform(0.5, 1.5)  # noqa: S311 -- spreads load, guards nothing
                wait = max(error.retry_after or 0.0, _BACKOFF * 2**attempt * jitter)
            await self._sleep(wait)
        return await self._follow(ask)

    async def _follow(self, ask: _Ask) -> Fetched:
        """Ask, and go where redirects lead; https to http is followed, as every browser does for a page."""
        deadline = Deadline(ask.url, self._options.timeout)
        url = self._checked(ask.url, ask.policy)
        seen = [url]
        while True:
            answer = await self._one(url, ask, deadline)
            if isinstance(answer, Fetched):
                return answer
            try:
                url = self._checked(answer, ask.policy, base=url)
            except RefusedError as error:
                raise RefusedError(short(ask.url), f"redirected to {error}") from error
            if url in seen:
                raise LimitError(short(ask.url), f"redirected in a circle, over {short(url)}")
            if len(seen) > MAX_REDIRECTS:
                raise LimitError(short(ask.url), f"more than {MAX_REDIRECTS} redirects")
            seen.append(url)

    def _checked(self, text: str, policy: FetchPolicy, base: str | None = None) -> str:
        """Return ``text`` as the URL that we ask for, its fragment gone, or raise RefusedError."""
        url = urls.parse_http(text, base)
        if url is None:
            reason = "not an http or https address without user name, at most 2,048 characters long"
            raise RefusedError(short(text), reason)
        parsed = ada_url.URL(url)
        parsed.hash = ""
        host = parsed.hostname
        if not (policy.local and guard.is_loopback(host)) and (reason := guard.refuse_host(host, self._refuse)):
            raise RefusedError(short(url), reason, "sources on this machine need local = true")
        return str(parsed.href)

    async def _one(self, url: str, ask: _Ask, deadline: Deadline) -> Fetched | str:
        """Make one request in its turn; return what came, or where it redirects to."""
        delay = self._options.delay if ask.policy.delay is None else ask.policy.delay
        if ask.policy.robots:
            delay = max(delay, await self._robots.permit(url))
        async with self._gate.turn(urls.host(url), delay), deadline.running():
            self._requests += 1
            try:
                async with self._sessions.request(url, _headers(ask)) as response:
                    return await self._answer(response, url, ask, deadline)
            except FAULTS as error:
                raise fault(error, url) from error

    async def _answer(self, response: aiohttp.ClientResponse, url: str, ask: _Ask, deadline: Deadline) -> Fetched | str:
        size = sum(len(name) + len(value) + 4 for name, value in response.raw_headers)  # with ": " and line end
        if size > MAX_HEADER_BYTES:
            raise LimitError(short(url), f"{size:,} bytes of header; {MAX_HEADER_BYTES:,} is the limit")
        status, headers = response.status, response.headers
        if status in _REDIRECTS and "Location" in headers:
            return headers["Location"]
        fetched = Fetched(
            url=ask.url,
            final_url=url,
            status=status,
            media_type=_media_type(headers.get("Content-Type", "")),
            charset=_charset(headers.get("Content-Type", "")),
            validators=_sane(Validators(etag=headers.get("ETag", ""), last_modified=headers.get("Last-Modified", ""))),
            refresh=headers.get("Refresh", ""),
        )
        if status == 200:
            coding = encoding(response.headers.getall("Content-Encoding", ()), short(ask.url))
            return replace(fetched, body=await self._body(response, coding, ask, deadline), encoding=coding)
        if status == 304 and ask.validators != NO_VALIDATORS:
            return fetched if fetched.validators != NO_VALIDATORS else replace(fetched, validators=ask.validators)
        after = retry_after(headers.get("Retry-After", ""), self._clock())
        raise StatusError(short(url), status, retry=status in RETRY_STATUSES, retry_after=after)

    async def _body(self, response: aiohttp.ClientResponse, coding: str, ask: _Ask, deadline: Deadline) -> bytes:
        subject = short(ask.url)
        body = Body(coding, ask.limit, subject, cut=ask.cut)
        if (response.content_length or 0) > ask.limit and not ask.cut:
            raise LimitError(subject, f"{response.content_length:,} bytes announced; {ask.limit:,} is the limit")
        async with AsyncExitStack() as stack:
            stack.callback(body.drop)
            large = False
            async for chunk in response.content.iter_any():
                for _ in body.feed(chunk):
                    if body.size > FREE_BYTES and not large:
                        large = True
                        await deadline.paused(stack.enter_async_context(self._large))
                if body.full:
                    break
            return body.finish()

    async def _robots_text(self, origin: str) -> str:
        """Return the robots.txt of ``origin``, "" where there is none; asked for under the same guard."""
        policy = FetchPolicy(local=guard.is_loopback(urls.host(origin)), robots=False)
        try:
            ask = _Ask(url=f"{origin}/robots.txt", limit=ROBOTS_BYTES, cut=True, policy=policy)
            return (await self._insist(ask)).body.decode("utf-8-sig", "replace")
        except StatusError as error:
            if 400 <= error.status < 500 and error.status != 429:
                return ""
            raise


def _headers(ask: _Ask) -> dict[str, str]:
    headers = {"Accept-Encoding": ask.encodings}
    if ask.validators.etag:
        headers["If-None-Match"] = ask.validators.etag
    if ask.validators.last_modified:
        headers["If-Modified-Since"] = ask.validators.last_modified
    return headers


def _sane(validators: Validators) -> Validators:
    """Return validators of printable ASCII and moderate length, the others left out; checked in both directions."""
    etag, modified = (text if _VALIDATOR.match(text) else "" for text in (validators.etag, validators.last_modified))
    return Validators(etag=etag, last_modified=modified)


def _media_type(content_type: str) -> str:
    name = content_type.partition(";")[0].strip().lower()
    return name if _MEDIA_TYPE.match(name) else ""


def _charset(content_type: str) -> str:
    found = _CHARSET.search(content_type)
    return found.group(1).lower() if found else ""
