"""Where the blocks of an IPFS mirror lie in its CAR files: a cache, made anew from those whenever it does not fit them."""

from __future__ import annotations

import os
import sqlite3
from typing import TYPE_CHECKING, Self

from pappus.mirrors.car import read_block, scan
from pappus.mirrors.dag import Block, Cid, DagError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

_SCHEMA = """
CREATE TABLE IF NOT EXISTS cars (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, size INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS blocks (
    cid BLOB PRIMARY KEY,
    car INTEGER NOT NULL,  -- cars.id
    at INTEGER NOT NULL,   -- where its bytes begin
    size INTEGER NOT NULL  -- bytes
) WITHOUT ROWID;
"""


class Blocks:
    """The blocks in the CAR files of a folder.

    Args:
        folder: of the CAR files.
        index: a file.
        write: keep the index up to date; else it is only used where it fits.
    """

    def __init__(self, folder: Path, index: Path, *, write: bool) -> None:
        self._folder = folder
        self._index = index
        self._write = write
        self._handles: dict[int, int] = {}

    def __enter__(self) -> Self:
        try:
            self._database = self._opened() if self._write else self._connected(f"{self._index.as_uri()}?mode=ro")
            self._known()
        except sqlite3.DatabaseError:  # it is a cache
            if self._write:
                self._index.unlink()
                self._database = self._opened()
            else:
                self._database = self._in_memory()
        return self

    def __exit__(self, *_: object) -> None:
        self._database.close()  # what was not kept is as if it had not been
        self._close()

    def _opened(self) -> sqlite3.Connection:
        database = self._connected(self._index.as_uri())
        try:
            database.executescript(_SCHEMA)
            database.execute("BEGIN IMMEDIATE")
        except sqlite3.DatabaseError:
            database.close()
            raise
        return database

    @classmethod
    def _in_memory(cls) -> sqlite3.Connection:
        database = cls._connected("file::memory:")
        database.executescript(_SCHEMA)
        return database

    @staticmethod
    def _connected(address: str) -> sqlite3.Connection:
        database = sqlite3.connect(address, uri=True, isolation_level=None)
        database.execute("PRAGMA secure_delete = ON")  # what is withdrawn leaves no trace
        return database

    def _known(self) -> dict[str, tuple[int, int]]:
        """Return number and size of the files whose blocks are known, by name."""
        rows = self._database.execute("SELECT name, id, size FROM cars")
        return {name: (number, size) for name, number, size in rows}

    def fit(self, cars: Mapping[str, int]) -> None:
        """Know the blocks of these files, by name and size, and of no others.

        Raises:
            DagError: one of them is no CAR file of ours, or cut off.
            OSError: one of them cannot be read.
        """
        known = self._known()
        if {name: size for name, (_, size) in known.items()} == cars:
            return
        if not self._write:
            self._database.close()
            self._database, known = self._in_memory(), {}
        for name, (number, size) in known.items():
            if cars.get(name) != size:
                self._database.execute("DELETE FROM blocks WHERE car = ?", (number,))
                self._database.execute("DELETE FROM cars WHERE id = ?", (number,))
        for name, size in cars.items():
            if known.get(name, (0, None))[1] != size:
                self.add(name, size, scan(self._folder / name))

    def add(self, name: str, size: int, blocks: Iterable[tuple[Cid, int, int]]) -> None:
        """Know the blocks of one more file; they are there from now on, whatever was known of them."""
        number = self._database.execute("INSERT INTO cars (name, size) VALUES (?, ?)", (name, size)).lastrowid
        rows = ((cid, number, at, length) for cid, at, length in blocks)
        self._database.executemany("INSERT OR REPLACE INTO blocks VALUES (?, ?, ?, ?)", rows)

    def forget(self, names: Iterable[str]) -> None:
        """Know these files no more, whose blocks are all in others now."""
        self._close()
        self._database.executemany("DELETE FROM cars WHERE name = ?", [(name,) for name in names])

    def forget_all(self) -> None:
        """Know nothing."""
        self._close()
        self._database.execute("DELETE FROM blocks")
        self._database.execute("DELETE FROM cars")

    def keep(self) -> None:
        """Write the index."""
        self._database.execute("COMMIT")

    def __contains__(self, cid: Cid) -> bool:
        return self._database.execute("SELECT 1 FROM blocks WHERE cid = ?", (cid,)).fetchone() is not None

    def __iter__(self) -> Iterator[Cid]:
        return (Cid(row[0]) for row in self._database.execute("SELECT cid FROM blocks").fetchall())

    def read(self, cid: Cid) -> Block:
        """Return a block.

        Raises:
            DagError: it is in none of the files, or altered.
        """
        row = self._database.execute("SELECT car, at, size FROM blocks WHERE cid = ?", (cid,)).fetchone()
        if row is None:
            raise DagError("a block is missing")
        car, at, size = row
        return read_block(self._handle(car), cid, at, size)

    def of(self, name: str) -> Iterator[Block]:
        """Yield the blocks of a file, in order.

        Raises:
            DagError: one was altered.
        """
        (car,) = self._database.execute("SELECT id FROM cars WHERE name = ?", (name,)).fetchone()
        for cid, at, size in scan(self._folder / name):
            yield read_block(self._handle(car), cid, at, size)

    def _handle(self, car: int) -> int:
        if car not in self._handles:
            (name,) = self._database.execute("SELECT name FROM cars WHERE id = ?", (car,)).fetchone()
            self._handles[car] = os.open(self._folder / name, os.O_RDONLY | os.O_CLOEXEC)
        return self._handles[car]

    def _close(self) -> None:
        for handle in self._handles.values():
            os.close(handle)
        self._handles.clear()
