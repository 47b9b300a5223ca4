"""Places that hold an edition: one Protocol, one file a kind, and a pure plan.

A new kind is one file and one line in :data:`MIRRORS`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

from pappus.mirrors.binding import Binding, bind, load, qr_image, usable_address, usable_home
from pappus.mirrors.directory import Directory, DirectoryOptions
from pappus.mirrors.git import Git, GitOptions
from pappus.mirrors.options import MirrorOptions
from pappus.mirrors.plan import Mirror, MirrorState, make_plan, rank
from pappus.mirrors.rebind import Rebound, rebind

__all__ = [
    "MIRRORS",
    "Binding",
    "DirectoryOptions",
    "GitOptions",
    "Mirror",
    "MirrorOptions",
    "MirrorState",
    "Rebound",
    "bind",
    "load",
    "make_plan",
    "qr_image",
    "rank",
    "rebind",
    "usable_address",
    "usable_home",
]

Clock = Callable[[], datetime]

MIRRORS: Mapping[str, Callable[[Any, Clock], Mirror]] = MappingProxyType({"directory": Directory, "git": Git})
"""By kind, what makes a mirror of that kind's own options and a clock."""
