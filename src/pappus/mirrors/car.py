"""CAR files, version 1: blocks one after the other, and the name of the block to begin with (ipld.io/specs/transport/car/carv1)."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Self

from pappus.mirrors.dag import CID_BYTES, Block, Cid, DagError, is_named, read_varint, varint

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_ROOT_AT = 14  # where the root's name stands in a header
_HEADER = b"\x3a\xa2\x65roots\x81\xd8\x2a\x58\x25\x00" + bytes(CID_BYTES) + b"\x67version\x01"
"""DAG-CBOR: {"roots": [CID], "version": 1}, after its length; every root that we write is of the same length."""
_VARINT = 10  # bytes at most


class CarWriter:
    """A CAR file as it grows. Its root is told last, for only then is it known."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.size = len(_HEADER)

    def __enter__(self) -> Self:
        self._file = self.path.open("wb")
        self._file.write(_HEADER)
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def add(self, block: Block) -> int:
        """Append a block. Returns where its bytes begin."""
        head = varint(CID_BYTES + len(block.data)) + block.cid
        at = self.size + len(head)
        self._file.write(head)
        self._file.write(block.data)
        self.size = at + len(block.data)
        return at

    def finish(self, root: Cid) -> None:
        """Say where to begin, and have it all on the disk."""
        self._file.seek(_ROOT_AT)
        self._file.write(root)
        self._file.flush()
        os.fsync(self._file.fileno())


def scan(path: Path) -> Iterator[tuple[Cid, int, int]]:
    """Yield of each block its name, where its bytes begin, and how many there are; the blocks themselves are not read.

    Raises:
        DagError: it is no CAR file of ours, or cut off.
    """
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        header = file.read(len(_HEADER))
        if header[:_ROOT_AT] != _HEADER[:_ROOT_AT] or header[_ROOT_AT + CID_BYTES :] != _HEADER[_ROOT_AT + CID_BYTES :]:
            raise DagError(f"{path.name} is no CAR file of ours")
        at = len(_HEADER)
        while at < size:
            file.seek(at)
            head = file.read(_VARINT + CID_BYTES)
            length, begins = read_varint(head, 0)
            cid = Cid(head[begins : begins + CID_BYTES])
            if length < CID_BYTES or len(cid) < CID_BYTES or at + begins + length > size:
                raise DagError(f"{path.name} is cut off")
            yield cid, at + begins + CID_BYTES, length - CID_BYTES
            at += begins + length


def read_block(handle: int, cid: Cid, at: int, size: int) -> Block:
    """Return a block from an open CAR file.

    Raises:
        DagError: it was altered.
    """
    data = os.pread(handle, size, at)
    if not is_named(cid, data):
        raise DagError("a block was altered")
    return Block(cid, data)
