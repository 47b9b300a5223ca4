"""What fetching needs to know: about the newsroom, about one source, and where robots.txt files are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

import ada_url
from msgspec import Struct

from pappus import __version__
from pappus.model import Private

if TYPE_CHECKING:
    from datetime import datetime

MIB: Final = 1024 * 1024  # bytes
PROXY_SCHEMES: Final = frozenset({"http", "socks5"})


class FetchOptions(Private, frozen=True, kw_only=True):
    """How a newsroom fetches.

    Raises:
        ValueError: a proxy that is neither ``http://`` nor ``socks5://``, or a user agent that is not one line of ASCII.
    """

    user_agent: str = f"pappus/{__version__} (mirrors news with permission)"
    proxy: str = ""  # http:// or socks5://, perhaps with a password; "" for none
    concurrency: int = 32  # requests at once, in all
    per_host: int = 2  # requests at once to one host
    delay: float = 0.5  # seconds from the start of one request to a host to the start of the next
    timeout: float = 30.0  # seconds for a request with its redirects; waiting for a turn does not count
    retries: int = 2  # after the first try
    page_bytes: int = 10 * MIB  # largest page or feed, inflated
    image_bytes: int = 25 * MIB

    def __post_init__(self) -> None:
        if not (self.user_agent.isascii() and self.user_agent.isprintable() and self.user_agent.strip()):
            raise ValueError(f"user agent {self.user_agent!r} is not one line of printable ASCII")
        if self.proxy and not _is_proxy(self.proxy):
            raise ValueError("the proxy's address is not of the form http://host:port or socks5://host:port")


def _is_proxy(text: str) -> bool:
    scheme, mark, rest = text.partition("://")
    # As http, because only then does the URL standard demand a host and a port that are valid.
    return mark != "" and scheme in PROXY_SCHEMES and ada_url.check_url(f"http://{rest}")


class FetchPolicy(Struct, frozen=True, kw_only=True):
    """What holds for one source."""

    local: bool = False  # URLs that name this machine (127.0.0.0/8, [::1], localhost) may be asked for
    robots: bool = True  # respect robots.txt; off only with the publisher's permission
    delay: float | None = None  # seconds, instead of the newsroom's; robots.txt may raise it


class RobotsMemory(Protocol):
    """Keeps robots.txt files between runs; the store implements it."""

    def robots(self, origin: str) -> tuple[str, datetime] | None:
        """Return the text last remembered for ``origin`` and when it was had, or None."""
        ...

    def remember_robots(self, origin: str, text: str, at: datetime) -> None:
        """Keep ``text`` as the robots.txt of ``origin``."""
        ...
