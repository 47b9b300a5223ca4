"""The legal record of withdrawals: beside the configuration, one file for each, readable by the operator alone.

It says who asked, when, why and by which request; what was removed, by digest; and which mirror was seen without it. It is written before
anything is done and added to as it is done, so what was begun is known after a kill, and after a restored backup as well. No word of the
article is in it. It is published nowhere.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final, Self

from msgspec import Struct, convert, to_builtins
from msgspec.structs import replace

from pappus import durable
from pappus.errors import StoreError
from pappus.model import digest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_FORMAT = 1
_REQUESTS: Final = "requests"  # folder of what was sent by those who asked
_LARGEST: Final = 64 * 1024 * 1024  # bytes of a request
_ENDING: Final = 8  # letters of a file's ending that are kept


class Asked(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who asked for a withdrawal."""

    at: str
    reason: str  # as readers see it
    by: str = ""
    request: str = ""  # file in this folder, named by its digest


class Piece(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A file that an edition had for the article."""

    edition: str
    path: str
    digest: str


class Seen(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What was last seen at a mirror."""

    mirror: str
    address: str
    version: int  # of its edition that was published there last; 0: none is known
    token: str  # likewise, a commit for git
    published: str  # when
    looked: str  # when
    how: str  # by which means
    left: str  # what it still has, or why that is not known; "": nothing


class Record(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One withdrawal. Moments are as the store writes them, "" for what has not happened yet."""

    page: str  # path
    asked: tuple[Asked, ...]
    addresses: tuple[str, ...]
    contents: tuple[str, ...]  # digests of the text and of its former revisions
    pieces: tuple[Piece, ...]
    media: tuple[str, ...]  # digests of those that were deleted
    kept: tuple[str, ...]  # digests of those that stay, for others show them
    purged: str = ""
    scrubbed: str = ""
    mirrors: tuple[Seen, ...] = ()
    closed: str = ""

    def seen(self, mirror: str) -> Seen | None:
        """Return what was last seen at a mirror, None if nobody looked."""
        return next((one for one in self.mirrors if one.mirror == mirror), None)

    def with_seen(self, seen: Seen) -> Self:
        """Return the record with what was seen now."""
        others = (one for one in self.mirrors if one.mirror != seen.mirror)
        return replace(self, mirrors=tuple(sorted((*others, seen), key=lambda one: one.mirror)))


class Records:
    """The folder of them.

    Args:
        folder: made when it is needed.

    Raises:
        StoreError: from every method: a file cannot be read or written.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def find(self, page: str) -> Record | None:
        """Return the record of a page."""
        return next((record for _, record in self._all() if record.page == page), None)

    def all(self) -> list[Record]:
        """Return all, by the names of their files."""
        return [record for _, record in self._all()]

    def write(self, record: Record) -> Path:
        """Write a record over the one of the same page. Returns its file."""
        path = next((path for path, one in self._all() if one.page == record.page), None) or self._free(record)
        fields = {"pappus": _FORMAT, **to_builtins(record)}
        self._write(path, (json.dumps(fields, ensure_ascii=False, indent=2) + "\n").encode())
        return path

    def keep_request(self, file: Path) -> str:
        """Keep a copy of what was sent. Returns its path in this folder."""
        try:
            if file.stat().st_size > _LARGEST:
                raise StoreError(str(file), f"is larger than {_LARGEST >> 20} MiB", "keep it elsewhere")
            data = file.read_bytes()
        except OSError as error:
            raise StoreError(str(file), f"cannot be read: {error.strerror}") from error
        ending = file.suffix[1:].lower()
        usable = ending.isascii() and ending.isalnum() and len(ending) <= _ENDING
        name = f"{_REQUESTS}/{digest(data)}" + (f".{ending}" if usable else "")
        self._write(self._folder / name, data)
        return name

    def _all(self) -> Iterator[tuple[Path, Record]]:
        for path in sorted(self._folder.glob("*.json")):
            try:
                yield path, _load(json.loads(path.read_bytes()))
            except OSError as error:
                raise StoreError(str(path), f"cannot be read: {error.strerror}") from error
            except (ValueError, TypeError, LookupError, AttributeError, RecursionError):
                raise StoreError(str(path), "is no record of a withdrawal", "restore or remove it") from None

    def _free(self, record: Record) -> Path:
        """Return a name for a new record. Articles of one id on different days differ by a number."""
        _, source, *_, last = record.page.split("/")
        name = f"{record.asked[0].at[:10] if record.asked else 'unknown'}-{source}-{last.removesuffix('.md')}"
        path, number = self._folder / f"{name}.json", 1
        while path.exists():
            number += 1
            path = self._folder / f"{name}-{number}.json"
        return path

    def _write(self, path: Path, data: bytes) -> None:
        try:
            for folder in (self._folder, path.parent):
                folder.mkdir(mode=0o700, exist_ok=True)
            durable.write(path, data, 0o600)
            for folder in (path.parent, path.parent.parent):
                durable.sync(folder)
        except OSError as error:
            raise StoreError(str(path), f"cannot be written: {error.strerror}") from error


def _load(fields: Any) -> Record:
    if fields.pop("pappus") != _FORMAT:
        raise ValueError(fields)
    return convert(fields, Record)
