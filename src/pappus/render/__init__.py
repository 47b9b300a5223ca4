"""Articles -> Artifacts. Pure: no I/O, no clock; the same article gives the same bytes anywhere.

An edition is one file (or folder) with a class that is an :class:`Edition`; a new kind is that and one line in ``EDITIONS``.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from pappus.render.edition import Edition
from pappus.render.inputs import Archive, ChannelInfo, EditionOptions, MirrorInfo, Moved, SourceInfo, Touched
from pappus.render.links import READERS, links
from pappus.render.markdown import Markdown
from pappus.render.site import Site
from pappus.render.words import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "EDITIONS",
    "LANGUAGES",
    "READERS",
    "Archive",
    "ChannelInfo",
    "Edition",
    "EditionOptions",
    "MirrorInfo",
    "Moved",
    "SourceInfo",
    "Touched",
    "links",
]


EDITIONS: Mapping[str, type[Edition]] = MappingProxyType({"markdown": Markdown, "site": Site})
