"""Places that hold an edition: one Protocol, one file a kind, and a pure plan.

A new kind is one file, its options in ``options.py``, and one line in ``_ADAPTERS``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from importlib import import_module
from types import MappingProxyType
from typing import Any

from pappus.mirrors.binding import Binding, bind, bind_feeds, load, qr_image, usable_address, usable_home
from pappus.mirrors.git.options import GitOptions
from pappus.mirrors.options import DirectoryOptions, IpfsOptions, MirrorOptions, RcloneOptions, S3Options
from pappus.mirrors.pages import beside
from pappus.mirrors.plan import Held, Mirror, MirrorState, make_plan, rank
from pappus.mirrors.quota import PROFILES, Limits

__all__ = [
    "MIRRORS",
    "PROFILES",
    "Binding",
    "DirectoryOptions",
    "GitOptions",
    "Held",
    "IpfsOptions",
    "Limits",
    "Mirror",
    "MirrorOptions",
    "MirrorState",
    "RcloneOptions",
    "S3Options",
    "beside",
    "bind",
    "bind_feeds",
    "load",
    "make_plan",
    "qr_image",
    "rank",
    "usable_address",
    "usable_home",
]

Clock = Callable[[], datetime]

Factory = Callable[[Any, Clock], Mirror]  # of a kind's own options

_ADAPTERS = MappingProxyType(
    {
        "directory": "directory.Directory",
        "git": "git.adapter.Git",
        "ipfs": "ipfs.Ipfs",
        "rclone": "rclone.Rclone",
        "s3": "s3.S3",
    }
)  # module and class


class _Mirrors(Mapping[str, Factory]):
    """Imports an adapter when somebody has a mirror of its kind: what a bucket needs takes as long to import as a publish to a folder."""

    def __getitem__(self, kind: str) -> Factory:
        module, _, name = _ADAPTERS[kind].rpartition(".")
        factory: Factory = getattr(import_module(f"{__name__}.{module}"), name)
        return factory

    def __iter__(self) -> Iterator[str]:
        return iter(_ADAPTERS)

    def __len__(self) -> int:
        return len(_ADAPTERS)


MIRRORS: Mapping[str, Factory] = _Mirrors()
"""By kind, what makes a mirror of that kind's own options and a clock."""
