"""Ports for servers that have to be told theirs before they start."""

from __future__ import annotations

import random
import socket
from contextlib import suppress
from pathlib import Path

_CHANCE = random.SystemRandom()  # the other one is seeded anew for every test, in all workers alike


def free_port() -> int:
    """Return a port of loopback on which nobody listens, and which nobody gets who asks for any port.

    The system gives those, and the ones that connections come from, from a range of its own; this port lies below it.
    """
    first = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text(encoding="ascii").split()[0])
    while True:
        port = _CHANCE.randrange(first // 2, first)
        with suppress(OSError), socket.socket() as one:
            one.bind(("127.0.0.1", port))
            return port
