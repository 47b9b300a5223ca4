"""What a page weighs, in bytes as they go over the line: packed as mirrors pack it. Headers of HTTP, and images, are apart."""

from __future__ import annotations

import math
import re
import zlib
from typing import TYPE_CHECKING, Final

import brotli
from msgspec import Struct
from selectolax.lexbor import LexborHTMLParser

from pappus.mirrors.packing import pack

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from selectolax.lexbor import LexborNode

HEAD: Final = 14_000  # bytes, packed, before the first letter of the text
LEAF: Final = 40_000  # of an article's page with all but its images
FRONT: Final = 60_000  # of the front page likewise
_ENDINGS: Final = (".gz", ".br")
_BODY: Final = re.compile(rb'itemprop="articleBody"[^>]*>(?:\s|<[^>]*>)*')  # up to its first letter
_IMPORT: Final = re.compile(r"@import\s+(?:url\(\s*)?[\"']?([^\"')\s;]+)")
_FETCHED: Final = frozenset({"manifest", "modulepreload", "prefetch", "preload"})  # by rel; nothing waits for them
_CLASSIC: Final = frozenset({"", "application/javascript", "text/javascript"})


class Weight(Struct, frozen=True):
    """Bytes."""

    raw: int
    gzip: int
    brotli: int

    def __add__(self, other: Weight) -> Weight:
        return Weight(self.raw + other.raw, self.gzip + other.gzip, self.brotli + other.brotli)


class Request(Struct, frozen=True):
    """A file that a browser asks for by itself."""

    href: str
    blocks: bool  # whether nothing, or nothing below it, is shown before it has come


def weigh(data: bytes) -> Weight:
    """Return what a file weighs; what packing does not make smaller goes as it is."""
    gzipped, brotlied = (len(pack(ending, data)) or len(data) for ending in _ENDINGS)
    return Weight(len(data), gzipped, brotlied)


def before_text(html: bytes) -> Weight:
    """Return how much of an article's page has to come before the first letter of its text can be shown: head, style, navigation, title.

    Raises:
        ValueError: the page has no text.
    """
    found = _BODY.search(html)
    if found is None or not html[found.end() :].strip():
        raise ValueError("no text of an article in it")
    gzipped, brotlied = (arrived(ending, pack(ending, html), found.end() + 1) for ending in _ENDINGS)
    return Weight(found.end() + 1, gzipped, brotlied)


def arrived(ending: str, packed: bytes, wanted: int) -> int:
    """Return how many packed bytes have to come until so many are unpacked.

    Raises:
        ValueError: there are not so many.
    """
    unpack = _unpacker(ending)
    unpacked = 0
    for count in range(len(packed)):
        unpacked += len(unpack(packed[count : count + 1]))
        if unpacked >= wanted:
            return count + 1
    raise ValueError(f"{wanted} bytes are wanted of {unpacked}")


def _unpacker(ending: str) -> Callable[[bytes], bytes]:
    if ending == ".gz":
        return zlib.decompressobj(wbits=31).decompress
    unpack: Callable[[bytes], bytes] = brotli.Decompressor().process
    return unpack


def requests(html: bytes) -> Iterator[Request]:
    """Yield what a browser with scripts on asks for when it shows a page, without images, media and what frames hold."""
    tree = LexborHTMLParser(html)
    for node in tree.css("link[href], script[src], style"):
        if any(parent.tag in {"noscript", "template"} for parent in _parents(node)):
            continue
        said = {name: value or "" for name, value in node.attributes.items()}
        if node.tag == "style":
            yield from (Request(href, blocks=True) for href in _IMPORT.findall(node.text()))
        elif node.tag == "script":
            yield from _script(said)
        else:
            yield from _link(said)


def _parents(node: LexborNode) -> Iterator[LexborNode]:
    parent = node.parent
    while parent is not None:
        yield parent
        parent = parent.parent


def _script(said: dict[str, str]) -> Iterator[Request]:
    kind = said.get("type", "").strip().lower()
    if kind in _CLASSIC and "nomodule" not in said:
        yield Request(said["src"], blocks=not {"async", "defer"} & said.keys())
    elif kind == "module":
        yield Request(said["src"], blocks=False)


def _link(said: dict[str, str]) -> Iterator[Request]:
    rel = set(said.get("rel", "").lower().split())
    if "stylesheet" in rel and "disabled" not in said:
        media = said.get("media", "").strip().lower()
        yield Request(said["href"], blocks="alternate" not in rel and media != "print")
    elif rel & _FETCHED:
        yield Request(said["href"], blocks=False)


def share(values: Sequence[int], part: float) -> int:
    """Return the value below or at which a part of them is: the nearest rank, so always one of them."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(part * len(ordered)) - 1)]
