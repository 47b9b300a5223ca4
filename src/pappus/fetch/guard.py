"""Which addresses are never dialled: every special-purpose block, and what hides an IPv4 address inside an IPv6 one.

The check stands inside connect, on the address that is dialled, so it does not matter who resolved it and how often
(rebinding), nor how it was written. ``ipaddress.is_global`` is not used: it calls NAT64, 6to4 and multicast global.

Two kinds of dialling never mix: :func:`special` guards the wide world, :func:`not_loopback` guards the connections
of sources that are marked local, and only for URLs that name this machine.

Where a proxy dials for us, we see no address: only the literal addresses and local names of URLs can be refused
(:func:`refuse_host`), and the rest is the proxy's to refuse.
"""

from __future__ import annotations

import errno
import socket
from collections.abc import Callable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any, Final

Refuse = Callable[[str], str]
"""Takes an address in text, returns why it is not dialled, or "" if it may be."""

# IANA IPv4 Special-Purpose Address Registry (iana.org/assignments/iana-ipv4-special-registry), as of 2025,
# and the IPv4 Multicast Address Space Registry. Blocks that lie inside a listed one are not repeated.
_IPV4: Final = tuple(
    (IPv4Network(block), name)
    for block, name in (
        ("0.0.0.0/8", "this network"),
        ("10.0.0.0/8", "private"),
        ("100.64.0.0/10", "shared by carriers"),
        ("127.0.0.0/8", "loopback"),
        ("169.254.0.0/16", "link-local"),
        ("172.16.0.0/12", "private"),
        ("192.0.0.0/24", "for protocols"),
        ("192.0.2.0/24", "documentation"),
        ("192.31.196.0/24", "AS112"),
        ("192.52.193.0/24", "multicast tunnels"),
        ("192.88.99.0/24", "6to4 relays"),
        ("192.168.0.0/16", "private"),
        ("192.175.48.0/24", "AS112"),
        ("198.18.0.0/15", "benchmarks"),
        ("198.51.100.0/24", "documentation"),
        ("203.0.113.0/24", "documentation"),
        ("224.0.0.0/4", "multicast"),
        ("240.0.0.0/4", "reserved"),  # 255.255.255.255 is among them
    )
)

# IANA IPv6 Special-Purpose Address Registry (iana.org/assignments/iana-ipv6-special-registry), as of 2025, with the
# deprecated site-local and the multicast block. 64:ff9b::/96 is missing on purpose: behind NAT64 the whole of IPv4
# is reached through it, so the address inside is judged instead. Of what is left, IANA has given only 2000::/3 to hosts.
_IPV6: Final = tuple(
    (IPv6Network(block), name)
    for block, name in (
        ("::/128", "unspecified"),
        ("::1/128", "loopback"),
        ("::/96", "IPv4-compatible"),
        ("::ffff:0:0/96", "IPv4-mapped"),
        ("64:ff9b:1::/48", "local translation"),
        ("100::/64", "discarded"),
        ("100:0:0:1::/64", "dummy prefix"),
        ("2001::/32", "Teredo"),
        ("2001::/23", "for protocols"),
        ("2001:db8::/32", "documentation"),
        ("2002::/16", "6to4"),
        ("2620:4f:8000::/48", "AS112"),
        ("3fff::/20", "documentation"),
        ("5f00::/16", "segment routing"),
        ("fc00::/7", "private"),
        ("fe80::/10", "link-local"),
        ("fec0::/10", "site-local"),
        ("ff00::/8", "multicast"),
    )
)
_NAT64: Final = IPv6Network("64:ff9b::/96")  # RFC 6052
_UNICAST: Final = IPv6Network("2000::/3")  # IANA IPv6 Address Space Registry
_ISATAP: Final = frozenset({0x00005EFE, 0x02005EFE})  # the middle of an interface identifier, RFC 5214 section 6.1

_LOOPBACK: Final = (ip_network("127.0.0.0/8"), ip_network("::1/128"))

# RFC 6761, RFC 6762, RFC 8375, ICANN's reservation of .internal; and two that resolvers are found to know.
_LOCAL_NAMES: Final = frozenset({"internal", "lan", "local", "localdomain", "localhost"})


class AddressError(OSError):
    """Raised inside connect for an address that is not dialled; an OSError so that other records are still tried.

    ``str()`` is the same for all of them: only then does the connecting library keep the type when it sums up several.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(errno.EACCES, "an address that is not dialled")
        self.reason = reason


def special(address: str) -> str:
    """Return why ``address`` is not one of the public internet, "" if it is."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return f"{address!r} is not an address"
    name = _ipv4(parsed) if isinstance(parsed, IPv4Address) else _ipv6(parsed)
    return f"{address} is not a public address ({name})" if name else ""


def not_loopback(address: str) -> str:
    """Return why ``address`` is not one of this machine, "" if it is."""
    return "" if is_loopback(address) else f"{address} is not a loopback address"


def is_loopback(host: str) -> bool:
    """Whether ``host`` is a loopback address as such (no IPv4 inside IPv6), or the name ``localhost``."""
    host = bare(host)
    if host == "localhost":
        return True
    try:
        address = ip_address(host)
    except ValueError:
        return False
    return any(address in block for block in _LOOPBACK)


def bare(host: str) -> str:
    """Return the host of a URL without brackets, final dots and capitals."""
    return host.removeprefix("[").removesuffix("]").rstrip(".").lower()


def refuse_host(host: str, refuse: Refuse = special) -> str:
    """Return why a URL with this host is not asked for, whatever it may resolve to; "" if nothing speaks against it."""
    host = bare(host)
    try:
        ip_address(host)
    except ValueError:
        name = host.rpartition(".")[2]
        if "." not in host or name in _LOCAL_NAMES or host.endswith(".home.arpa"):
            return f"{host[:80]!r} is a name for local use"
        return ""
    return refuse(host)


def guarded_socket(refuse: Refuse) -> Callable[[Any], socket.socket]:
    """Return a socket factory for aiohttp's connector: called for every address it dials, also for literal ones.

    What is checked is the very tuple that is then passed to connect. A host name in its place is refused, because
    it would be resolved once more, unseen.
    """

    def make(info: tuple[int, int, int, str, tuple[Any, ...]]) -> socket.socket:
        family, kind, proto, _, address = info
        if reason := refuse(str(address[0])):
            raise AddressError(reason)
        return socket.socket(family=family, type=kind, proto=proto)

    return make


def _ipv4(address: IPv4Address) -> str:
    return next((name for block, name in _IPV4 if address in block), "")


def _ipv6(address: IPv6Address) -> str:
    if address in _NAT64:
        name = _ipv4(_low_half(address))
        return name and f"NAT64 of {name}"
    name = next((name for block, name in _IPV6 if address in block), "")
    if name or address not in _UNICAST:
        return name or "not assigned"
    if (int(address) >> 32) & 0xFFFFFFFF in _ISATAP:
        name = _ipv4(_low_half(address))
        return name and f"ISATAP of {name}"
    return ""


def _low_half(address: IPv6Address) -> IPv4Address:
    return IPv4Address(int(address) & 0xFFFFFFFF)
