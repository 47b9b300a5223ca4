"""What goes wrong on the wire, as errors of ours: one line, and whether another try may help."""

from __future__ import annotations

import re
import ssl
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Final

import aiohttp
import aiohttp_socks

from pappus.errors import FetchError, LimitError, RefusedError
from pappus.fetch.guard import AddressError

if TYPE_CHECKING:
    from datetime import datetime

# UnicodeError: a host name that the resolver cannot encode.
FAULTS: Final = (
    aiohttp.ClientError,
    aiohttp_socks.ProxyConnectionError,
    aiohttp_socks.ProxyError,
    aiohttp_socks.ProxyTimeoutError,
    OSError,
    UnicodeError,
)
RETRY_STATUSES: Final = frozenset({429, 500, 502, 503, 504})
_NO_PROXY = (
    aiohttp.ClientProxyConnectionError,
    aiohttp_socks.ProxyConnectionError,
    aiohttp_socks.ProxyTimeoutError,
)
_LONGEST = 160  # characters of a URL, or of somebody else's message, in an error


def short(text: str) -> str:
    """Return ``text`` short enough for a line, the middle left out."""
    if len(text) <= _LONGEST:
        return text
    return f"{text[: _LONGEST - 40]}…{text[-39:]}"


def fault(error: Exception, url: str) -> FetchError:
    """Return the error of ours for one of :data:`FAULTS`.

    Proxy addresses are never quoted, since they may hold a password.
    """
    subject = short(url)
    cause = error.os_error if isinstance(error, aiohttp.ClientConnectorError) else error
    if isinstance(cause, AddressError):
        return RefusedError(subject, cause.reason, "sources on this machine need local = true")
    if isinstance(error, aiohttp.ClientSSLError) or isinstance(cause, ssl.SSLError):
        reason = f"no trustworthy TLS connection: {_said(cause)}"
        return FetchError(subject, reason, "the check is never switched off")
    if isinstance(error, aiohttp.ClientResponseError):
        return _malformed(error, subject)
    if isinstance(error, (aiohttp.InvalidURL, UnicodeError)):
        return RefusedError(subject, "its host name is not valid")
    return FetchError(subject, *_unreachable(error, cause), retry=True)


def _unreachable(error: Exception, cause: Exception) -> tuple[str, str]:
    """Return reason and advice for a connection that could not be made, or broke."""
    if isinstance(error, _NO_PROXY):
        return "the proxy cannot be reached", "is it running?"
    if isinstance(error, aiohttp_socks.ProxyError):
        return f"the proxy could not connect: {_said(error)}", ""
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return "its host name cannot be resolved", ""
    return f"the connection failed: {_said(cause)}", ""


def retry_after(value: str, now: datetime) -> float | None:
    """Return the seconds that a ``Retry-After`` field means (RFC 9110, section 10.2.3), None without a usable one."""
    value = value.strip()
    if re.fullmatch(r"[0-9]{1,9}", value):
        return float(value)
    try:
        moment = parsedate_to_datetime(value[:64])
    except ValueError:
        return None
    if moment.tzinfo is None:  # the zone was "-0000"; a date of HTTP is in UTC
        moment = moment.replace(tzinfo=now.tzinfo)
    return max(0.0, (moment - now).total_seconds())


def _malformed(error: aiohttp.ClientResponseError, subject: str) -> FetchError:
    if isinstance(error, aiohttp.ClientHttpProxyError):
        return FetchError(subject, f"the proxy answered {error.status}", "look at the proxy", retry=True)
    if error.message.startswith(("Got more than", "Too many")):  # the parser's limits, told apart by their words only
        return LimitError(subject, "too many or too long header fields")
    return FetchError(subject, f"the answer is not HTTP that we understand: {short(error.message)}", retry=True)


def _said(error: BaseException) -> str:
    return short(getattr(error, "strerror", None) or str(error) or type(error).__name__)
