"""Search without a server: an index of words in small files, of which a reader's browser loads what it asks for.

Pure: articles become entries, 64 entries a block (``blocks``), blocks segments (``segments``); what results show is in cards (``cards``).
Every file is a script that calls one function with its name and what it holds, for a page that is opened from a folder may load nothing
else. The same articles give the same files, by whatever way they came.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar

import msgspec
from msgspec import Struct

from pappus.layout import SEARCH, SEARCH_INDEX
from pappus.model import artifact

if TYPE_CHECKING:
    from pappus.model import Artifact

_CALL: Final = b"pappusSearch"
_SCRIPT: Final = "text/javascript"

_Content = TypeVar("_Content")


def file(name: str, content: object) -> Artifact:
    """Return the script that hands this over under a name; ``content`` is what JSON can say."""
    return artifact(path(name), b'%b("%b",%b)\n' % (_CALL, name.encode(), msgspec.json.encode(content)), _SCRIPT)


def content(script: bytes, kind: type[_Content]) -> _Content:
    """Return what a script hands over."""
    return msgspec.json.decode(script[script.index(b",") + 1 : -2], type=kind)


def path(name: str) -> str:
    """Return the path of a file by its name."""
    return f"{SEARCH}{name}.js"


class Tree(Struct, frozen=True, array_like=True):
    """A segment, and where in it to begin."""

    first: int  # block
    last: int
    level: int  # of the pages whose first terms these are; 0 where they are those of leaves
    terms: tuple[str, ...]


class Contents(Struct, frozen=True, array_like=True):
    """What the file that is loaded first says."""

    last: int  # number of the newest article
    segments: tuple[Tree, ...]  # the newest first
    months: tuple[
        str, str
    ]  # the first and the last in which articles were published that stand, YYYY-MM; "" where there are none


SIGNS: Final = "simplified"
"""The name of the file of traditional signs, each with its simplified one, for who finds nothing without it."""

INDEX: Final = SEARCH_INDEX.removeprefix(SEARCH).removesuffix(".js")
"""The name of the file that is loaded first."""
