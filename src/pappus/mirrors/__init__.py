"""Places that hold an edition: one Protocol, one file a kind, and a pure plan.

A new kind is one file and one line in :data:`MIRRORS`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType

from pappus.mirrors.binding import Binding, bind, load, qr_image, usable_address, usable_home
from pappus.mirrors.directory import Directory
from pappus.mirrors.git import Git
from pappus.mirrors.options import MirrorOptions
from pappus.mirrors.plan import Mirror, MirrorState, make_plan
from pappus.mirrors.rebind import Rebound, rebind

__all__ = [
    "MIRRORS", "Binding", "Mirror", "MirrorOptions", "MirrorState", "Rebound", "bind", "load", "make_plan", "qr_image", "rebind",
    "usable_address", "usable_home",
]  # fmt: skip

Clock = Callable[[], datetime]

MIRRORS: Mapping[str, Callable[[MirrorOptions, Clock], Mirror]] = MappingProxyType(
    {
        "directory": lambda options, _clock: Directory(options),
        "git": Git,
    }
)
