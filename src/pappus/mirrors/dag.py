"""Files and folders as IPFS names them: blocks, each under the digest of its bytes. Pure.

UnixFS over DAG-PB by the profile "unixfs-v1-2025" (IPIP-499), which other programs of today follow as well, so that the same tree has the
same address whoever adds it: CIDv1, SHA-256, raw leaves, chunks of 1 MiB, balanced trees of at most 1,024 links. Folders are single
blocks, their links sorted by name; one that would need a sharded folder (HAMT) is refused.

Sources: specs.ipfs.tech (UnixFS), ipld.io/specs/codecs/dag-pb, github.com/multiformats/cid.
"""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING, NewType

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from pappus.model import Digest

Cid = NewType("Cid", bytes)
"""Version 1, codec, and SHA-256 of a block: 36 bytes."""

CHUNK = 1 << 20  # bytes of a file in one block
LARGEST = 1 << 20  # bytes of a block of links that every node takes
CID_BYTES = 36
_WIDTH = 1024  # links of a block of a large file
_RAW, _PB = 0x55, 0x70  # codecs
_SHA256 = b"\x12\x20"  # a multihash's head: SHA-256, 32 bytes
_FOLDER = b"\x08\x01"  # UnixFS: Type = Directory
_FILE = b"\x08\x02"  # UnixFS: Type = File


class DagError(Exception):
    """A block that is none of ours, or altered."""


class Link(Struct, frozen=True):
    """What leads to a block.

    Args:
        cid: of the block.
        size: bytes of the block and of all that it leads to.
    """

    cid: Cid
    size: int


class Block(Struct, frozen=True):
    """Some bytes, and their name."""

    cid: Cid
    data: bytes


def raw_cid(digest: Digest) -> Cid:
    """Return the name of a leaf with this digest."""
    return Cid(bytes((1, _RAW)) + _SHA256 + bytes.fromhex(digest))


def is_leaf(cid: Cid) -> bool:
    """Whether a block holds bytes of a file and no links."""
    return cid[1] == _RAW


def is_named(cid: Cid, data: bytes) -> bool:
    """Whether a block has the bytes that its name says."""
    return cid[4:] == hashlib.sha256(data).digest()


def cid_text(cid: Cid) -> str:
    """Return a name as people write it."""
    return "b" + base64.b32encode(cid).decode().lower().rstrip("=")


def parse_cid(text: str) -> Cid:
    """Read a name as people write it.

    Raises:
        DagError: it is none of the kind that we make.
    """
    try:
        data = base64.b32decode(text[1:].upper() + "=" * (-len(text[1:]) % 8))
    except ValueError as error:
        raise DagError(text) from error
    if text[:1] != "b" or data[:1] != b"\x01" or data[1] not in (_RAW, _PB) or len(data) != CID_BYTES:
        raise DagError(text)
    return Cid(data)


def file_blocks(data: bytes) -> tuple[Link, list[Block]]:
    """Return what leads to a file with these bytes, and its blocks, leaves first."""
    chunks = [data[start : start + CHUNK] for start in range(0, len(data), CHUNK)] or [b""]
    blocks = [_block(_RAW, chunk) for chunk in chunks]
    level = [(Link(block.cid, len(chunk)), len(chunk)) for block, chunk in zip(blocks, chunks, strict=True)]
    while len(level) > 1:
        groups = [level[start : start + _WIDTH] for start in range(0, len(level), _WIDTH)]
        level = []
        for group in groups:
            lengths = [length for _, length in group]
            told = _FILE + b"\x18" + varint(sum(lengths)) + b"".join(b"\x20" + varint(length) for length in lengths)
            block = _block(_PB, _node([("", link) for link, _ in group], told))
            blocks.append(block)
            level.append((_leading_to(block, (link for link, _ in group)), sum(lengths)))
    return level[0][0], blocks


def folder_block(links: Mapping[str, Link]) -> tuple[Link, Block]:
    """Return what leads to a folder with these links by name, and its block."""
    ordered = sorted(links.items(), key=lambda item: item[0].encode())
    block = _block(_PB, _node(ordered, _FOLDER))
    return _leading_to(block, links.values()), block


def folder_links(data: bytes) -> dict[str, Link]:
    """Return the links of a folder's block by name; none where it is a file's.

    Raises:
        DagError: it is no block of links.
    """
    links, told = _parsed(data)
    return dict(links) if told == _FOLDER else {}


def is_folder(data: bytes) -> bool:
    """Whether a block of links is a folder's.

    Raises:
        DagError: it is no block of links.
    """
    return _parsed(data)[1] == _FOLDER


def led_to(data: bytes) -> Iterator[Cid]:
    """Yield the names of all blocks that a block of links leads to.

    Raises:
        DagError: it is none.
    """
    links, _ = _parsed(data)
    return (link.cid for _, link in links)


def varint(number: int) -> bytes:
    """Return a number as LEB128, unsigned."""
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def read_varint(data: bytes, at: int) -> tuple[int, int]:
    """Return a number, and where it ends.

    Raises:
        DagError: the bytes end before it, or it is too large.
    """
    number = 0
    for shift in range(0, 63, 7):
        if at >= len(data):
            break
        number |= (data[at] & 0x7F) << shift
        at += 1
        if data[at - 1] < 0x80:
            return number, at
    raise DagError("no number")


def _block(codec: int, data: bytes) -> Block:
    return Block(Cid(bytes((1, codec)) + _SHA256 + hashlib.sha256(data).digest()), data)


def _leading_to(block: Block, links: Iterable[Link]) -> Link:
    return Link(block.cid, len(block.data) + sum(link.size for link in links))


def _node(links: Sequence[tuple[str, Link]], data: bytes) -> bytes:
    """Return a DAG-PB block: links first, then data, as its canonical form wants."""
    return b"".join(_field(0x12, _link(name, link)) for name, link in links) + _field(0x0A, data)


def _link(name: str, link: Link) -> bytes:
    return _field(0x0A, link.cid) + _field(0x12, name.encode()) + b"\x18" + varint(link.size)


def _field(tag: int, data: bytes) -> bytes:
    return bytes((tag,)) + varint(len(data)) + data


def _parsed(data: bytes) -> tuple[list[tuple[str, Link]], bytes]:
    links, told = [], b""
    for tag, value in _fields(data):
        if tag == 0x12 and isinstance(value, bytes):
            links.append(_parsed_link(value))
        elif tag == 0x0A and isinstance(value, bytes):
            told = value
    return links, told


def _parsed_link(data: bytes) -> tuple[str, Link]:
    fields = dict(_fields(data))
    cid, name, size = fields.get(0x0A), fields.get(0x12), fields.get(0x18)
    if not isinstance(cid, bytes) or len(cid) != CID_BYTES or not isinstance(name, bytes) or not isinstance(size, int):
        raise DagError("no link")
    try:
        return name.decode(), Link(Cid(cid), size)
    except UnicodeDecodeError as error:
        raise DagError("no name") from error


def _fields(data: bytes) -> Iterator[tuple[int, bytes | int]]:
    """Yield the fields of a protocol buffer: tag and value."""
    at = 0
    while at < len(data):
        tag, at = read_varint(data, at)
        value, at = read_varint(data, at)
        if tag & 7 == 0:
            yield tag, value
        elif tag & 7 == 2 and at + value <= len(data):
            yield tag, data[at : at + value]
            at += value
        else:
            raise DagError("no field")
