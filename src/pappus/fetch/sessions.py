"""The connections: one pool for the world, one for this machine, never shared.

Which of the two a URL uses follows from its host alone: a loopback address or ``localhost`` (which the client lets through
for sources marked local only) goes to the second, whose guard dials nothing but loopback, and directly, also where a proxy
is set. Everything else goes to the first, which never dials loopback, whatever a name resolves to. How many connections
there are at once is the gate's business (``limit=0``), so that nobody waits for one while the deadline runs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import aiohttp
from aiohttp_socks import ProxyConnector
from yarl import URL

from pappus import urls
from pappus.errors import RefusedError
from pappus.fetch import guard

if TYPE_CHECKING:
    from aiohttp.abc import AbstractResolver

    from pappus.fetch.options import FetchOptions

_CONNECT_SECONDS: Final = 15.0  # for one connection, so that a dead host is tried again within the deadline
_KEEP_SECONDS: Final = 10.0  # that an idle connection is kept
_FIELD_BYTES: Final = 32 * 1024  # of one header field; with _FIELDS it bounds what is held before we can add them up
_FIELDS: Final = 128


class Sessions:
    """Opens, chooses and closes.

    Args:
        options: the newsroom's.
        resolver: how host names are resolved; None for the system's way.
        refuse: says why an address is not dialled in the world.
    """

    def __init__(self, options: FetchOptions, resolver: AbstractResolver | None, refuse: guard.Refuse) -> None:
        self._options = options
        self._resolver = resolver
        self._refuse = refuse
        self._world: aiohttp.ClientSession | None = None
        self._machine: aiohttp.ClientSession | None = None

    async def open(self) -> None:
        """Make the pools."""
        self._world = self._session(self._world_connector())
        self._machine = self._session(self._direct(guard.not_loopback))

    async def close(self) -> None:
        """Close every connection."""
        for session in (self._world, self._machine):
            if session is not None:
                await session.close()
        self._world = self._machine = None

    def request(self, url: str, headers: dict[str, str]) -> aiohttp.client._RequestContextManager:
        """Return the GET request for ``url``, to be entered; redirects are left to the caller.

        Raises:
            RefusedError: two parsers do not agree about the host.
        """
        address = URL(url, encoded=True)
        host = urls.host(url)
        if address.raw_host != host.removeprefix("[").removesuffix("]"):
            raise RefusedError(url, f"its host can be read in two ways, {host!r} and {address.raw_host!r}")
        here = guard.is_loopback(host)
        session = self._machine if here else self._world
        if session is None:
            raise RuntimeError("the client is used outside its context")
        proxy = self._options.proxy if self._options.proxy.startswith("http") and not here else None
        return session.get(address, headers=headers, proxy=proxy, allow_redirects=False)

    def _world_connector(self) -> aiohttp.TCPConnector:
        options = self._options
        if options.proxy.startswith("socks5"):
            return ProxyConnector.from_url(  # rdns: the proxy resolves names, we never do
                options.proxy, rdns=True, limit=0, keepalive_timeout=_KEEP_SECONDS
            )
        if options.proxy:  # dials the proxy only, wherever it is
            return aiohttp.TCPConnector(limit=0, keepalive_timeout=_KEEP_SECONDS)
        return self._direct(self._refuse)

    def _direct(self, refuse: guard.Refuse) -> aiohttp.TCPConnector:
        return aiohttp.TCPConnector(
            resolver=self._resolver,
            socket_factory=guard.guarded_socket(refuse),
            limit=0,
            keepalive_timeout=_KEEP_SECONDS,
        )

    def _session(self, connector: aiohttp.TCPConnector) -> aiohttp.ClientSession:
        return aiohttp.ClientSession(
            connector=connector,
            headers={
                "User-Agent": self._options.user_agent,
                "Accept": "*/*",
            },
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=False,
            auto_decompress=False,
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=_CONNECT_SECONDS),  # the deadline is the client's
            max_line_size=_FIELD_BYTES,
            max_field_size=_FIELD_BYTES,
            max_headers=_FIELDS,
        )
