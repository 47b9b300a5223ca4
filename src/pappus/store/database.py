"""The SQLite file: opened safely, migrated, written by one writer.

Rule 15: write-ahead log with ``synchronous=FULL``; what a transaction acknowledged survives a loss of power.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
import time
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import zstandard

from pappus.errors import StoreError
from pappus.layout import bin_of, label_key
from pappus.model import utc

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from types import TracebackType

Row = tuple[Any, ...]

_APPLICATION = 0x50617070
_CACHE = 32 * 1024  # KiB of pages kept in memory, at the most; see docs/performance.md
_PATIENCE = 2.0  # seconds to wait for the lock: what a killed run had just started holds it for a moment
_PID = 20  # bytes, in which the number of any process stands
_BUSY = 30.0  # seconds to wait for another connection's transaction
_DICTIONARY = 112_640  # bytes, the zstd command's default
_LEVEL = 3  # of zstd, its default; 6 takes twice the time for 6 % less
_BUGS = frozenset(
    {
        sqlite3.SQLITE_ERROR,  # no such column, and the like
        sqlite3.SQLITE_CONSTRAINT,
        sqlite3.SQLITE_MISMATCH,
        sqlite3.SQLITE_MISUSE,  # also what Python's module refuses by itself
        sqlite3.SQLITE_RANGE,
    }
)


def stamp(moment: datetime) -> str:
    """Return a moment as the store writes it."""
    return utc(moment).isoformat().replace("+00:00", "Z")


def moment(text: str) -> datetime:
    """Return the moment that :func:`stamp` wrote."""
    return datetime.fromisoformat(text)


class Database:
    """One connection to the store's file.

    Args:
        path: the file; made if it is not there.
        write: a writer takes the store's lock for as long as it is open and brings the schema up to date.

    Raises:
        StoreError: another writer is at work, or the file is not ours, newer than we are, or damaged.
    """

    def __init__(self, path: Path, *, write: bool) -> None:
        self.path = path
        self._lock: int | None = None
        if write:
            self._lock = _take_lock(path.with_suffix(".lock"))
        elif not path.exists():
            raise StoreError(str(path), "there is no store yet", "run 'pappus gather' first")
        try:
            with speaking(path):
                self._connection = sqlite3.connect(path, timeout=_BUSY, isolation_level=None)
                self._open(write=write)
        except StoreError:
            self.close()
            raise

    def _open(self, *, write: bool) -> None:
        migrations = _migrations()
        known = self._schema(len(migrations))
        self.execute("PRAGMA foreign_keys = ON")
        self.execute(f"PRAGMA cache_size = -{_CACHE}")
        if not write:
            if known < len(migrations):
                raise StoreError(str(self.path), f"is of an older Pappus (schema {known})", "run 'pappus gather' first")
            self.execute("PRAGMA query_only = ON")
            return
        self.execute("PRAGMA journal_mode = WAL")
        self.execute("PRAGMA synchronous = FULL")
        packer = Packer(self)
        for name, function in (("bin_of", bin_of), ("label_key", label_key), ("unpacked", packer.unpacked)):
            self._connection.create_function(name, 1, function, deterministic=True)
        for version, script in enumerate(migrations[known:], known + 1):
            self._connection.executescript(f"BEGIN IMMEDIATE;\n{script}\nPRAGMA user_version = {version};\nCOMMIT;")

    def _schema(self, newest: int) -> int:
        """Return which schema the file has, 0 for an empty file. Changes nothing: the file may be another program's."""
        version = self._number("PRAGMA user_version")
        ours = self._number("PRAGMA application_id") == _APPLICATION
        if not ours and (version or self._number("SELECT count(*) FROM sqlite_master")):
            raise StoreError(str(self.path), "is a database of another program")
        if version > newest:
            raise StoreError(str(self.path), f"was written by a newer Pappus (schema {version})", "upgrade Pappus")
        return version

    def _number(self, sql: str) -> int:
        return int(self._connection.execute(sql).fetchone()[0])

    def execute(self, sql: str, values: Sequence[object] = ()) -> sqlite3.Cursor:
        """Run one statement; ``values`` fill its question marks."""
        return self._connection.execute(sql, tuple(values))

    def executemany(self, sql: str, rows: Iterable[Sequence[object]]) -> None:
        """Run one statement for every row."""
        self._connection.executemany(sql, rows)

    def one(self, sql: str, values: Sequence[object] = ()) -> Row | None:
        """Return the first row, or None."""
        row: Row | None = self._connection.execute(sql, tuple(values)).fetchone()
        return row

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Make everything inside happen whole or not at all. An inner one joins the outer."""
        if self._began():
            yield
            return
        self.execute("BEGIN IMMEDIATE")
        try:
            yield
            self.execute("COMMIT")
        except BaseException:
            if self._began():  # a full disk has SQLite roll back by itself
                self.execute("ROLLBACK")
            raise

    def _began(self) -> bool:
        return self._connection.in_transaction

    def close(self) -> None:
        """Close the file and give the lock back."""
        if hasattr(self, "_connection"):
            self._connection.close()
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


@contextmanager
def speaking(path: Path) -> Iterator[None]:
    """Tell in one line what the disk or the file refuses. Wrong statements are bugs of ours, and stay what they are.

    Raises:
        StoreError: the file is damaged, is no database, or cannot be read or written.
    """
    try:
        yield
    except sqlite3.DatabaseError as error:
        if getattr(error, "sqlite_errorcode", sqlite3.SQLITE_MISUSE) & 0xFF in _BUGS:
            raise
        raise StoreError(str(path), f"is not a usable store: {error}") from error


def _take_lock(path: Path) -> int:
    """Return what holds the lock until it is closed or this process ends, however it does. The file says which process that is."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise StoreError(str(path.parent), f"no store can be made here: {error.strerror}") from error
    give_up = time.monotonic() + _PATIENCE
    while not _locked(handle):
        if time.monotonic() > give_up:
            holder = os.pread(handle, _PID, 0).decode("ascii", "replace").strip()
            os.close(handle)
            reason = f"another pappus (process {holder or 'unknown'}) is writing to this store"
            raise StoreError(str(path.parent), reason, "wait until it is done, or stop it")
        time.sleep(0.05)
    try:
        os.ftruncate(handle, 0)
        os.pwrite(handle, f"{os.getpid()}\n".encode(), 0)
    except OSError as error:
        os.close(handle)
        raise StoreError(str(path.parent), f"cannot be written to: {error.strerror}") from error
    return handle


def _locked(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


@cache
def _migrations() -> list[str]:
    folder = Path(__file__).parent / "migrations"
    files = sorted((f for f in folder.iterdir() if f.name.endswith(".sql")), key=lambda f: f.name)
    return [f.read_text(encoding="utf-8") for f in files]


def compressor(trained: zstandard.ZstdCompressionDict | None = None) -> zstandard.ZstdCompressor:
    """Return what packs bodies, with a dictionary where there is one."""
    return zstandard.ZstdCompressor(level=_LEVEL, dict_data=trained)


def train(samples: Iterable[bytes]) -> zstandard.ZstdCompressionDict | None:
    """Return a dictionary that is made of these bodies, None where there is too little to learn from."""
    try:
        return zstandard.train_dictionary(_DICTIONARY, list(samples))
    except zstandard.ZstdError:
        return None


class Packer:
    """Compresses bodies with zstd, with the store's newest dictionary where there is one."""

    SAMPLES = 400  # bodies that a dictionary is trained on
    _LARGEST = 64 * 1024 * 1024  # bytes a body may unpack to

    def __init__(self, database: Database) -> None:
        self._database = database
        self._failed = False
        self._dictionaries: dict[int, zstandard.ZstdCompressionDict] = {}
        self._unpackers: dict[int, zstandard.ZstdDecompressor] = {0: zstandard.ZstdDecompressor()}
        self._compressors: dict[int, zstandard.ZstdCompressor] = {0: compressor()}
        self._swift = zstandard.ZstdCompressor(level=1)

    @property
    def wanting(self) -> bool:
        """Whether samples are wanted: there is no dictionary yet, and learning has not failed in this process."""
        return not self._failed and self._newest() == 0

    def pack(self, data: bytes) -> bytes:
        """Return ``data`` compressed."""
        ident = self._newest()
        if ident not in self._compressors:
            self._compressors[ident] = compressor(self._dictionary(ident))
        return self._compressors[ident].compress(data)

    def pack_swiftly(self, data: bytes) -> bytes:
        """Return ``data`` compressed in half the time, for what can be made again; without a dictionary, which helps whole pages little."""
        return self._swift.compress(data)

    def _newest(self) -> int:
        """Return the newest dictionary, 0 for none. Asked every time: a transaction that stored one may be rolled back."""
        row = self._database.one("SELECT max(id) FROM dictionary")
        return int(row[0] or 0) if row else 0

    def unpack(self, data: bytes) -> bytes:
        """Return what :meth:`pack` was given.

        Raises:
            StoreError: it was altered since.
        """
        try:
            ident = zstandard.get_frame_parameters(data).dict_id
            if ident not in self._unpackers:
                self._unpackers[ident] = zstandard.ZstdDecompressor(dict_data=self._dictionary(ident))
            return self._unpackers[ident].decompress(data, max_output_size=self._LARGEST)
        except zstandard.ZstdError as error:
            raise StoreError(str(self._database.path), f"a stored body is damaged: {error}") from error

    def unpacked(self, data: bytes) -> str:
        """Return what :meth:`pack` was given, as text: for migrations."""
        return self.unpack(data).decode()

    def train(self, samples: Iterable[bytes]) -> None:
        """Make a dictionary of these bodies, store it, and use it from now on; not if there is too little to learn from."""
        trained = train(samples)
        if trained is None:
            self._failed = True  # with the same samples it would fail at every article
        else:
            self.keep(trained)

    def keep(self, trained: zstandard.ZstdCompressionDict) -> None:
        """Store a dictionary."""
        self._database.execute(
            "INSERT INTO dictionary (id, data) VALUES (?, ?)", (trained.dict_id(), trained.as_bytes())
        )

    def _dictionary(self, ident: int) -> zstandard.ZstdCompressionDict:
        if ident not in self._dictionaries:
            row = self._database.one("SELECT data FROM dictionary WHERE id = ?", (ident,))
            if row is None:
                raise StoreError(str(self._database.path), f"dictionary {ident} is missing")
            self._dictionaries[ident] = zstandard.ZstdCompressionDict(row[0])
        return self._dictionaries[ident]
