"""Media files, named by their content: bytes first, durable, then the row (rule 15)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pappus import durable
from pappus.errors import StoreError
from pappus.model import Media, Validators, digest

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from pappus.model import Digest
    from pappus.store.database import Database


def medium(row: Sequence[Any]) -> Media:
    """Return what a row says that begins with digest, media type, size, width and height."""
    return Media(digest=row[0], media_type=row[1], size=row[2], width=row[3], height=row[4])


class Files:
    """The media of a store."""

    def __init__(self, database: Database, folder: Path) -> None:
        self._database = database
        self._folder = folder

    def keep(self, url: str, data: bytes, media: Media, validators: Validators) -> None:
        """Store a file once by its content, and remember where it came from.

        Raises:
            StoreError: the disk is full, or fails.
        """
        # A file without its row may be one that was not yet durable when the process was killed.
        known = self._database.one("SELECT 1 FROM media WHERE digest = ?", (media.digest,))
        if not known or not self._path(media.digest).exists():
            self.write(media.digest, data)
        with self._database.transaction():
            self._database.execute(
                "INSERT INTO media (digest, media_type, size, width, height) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
                (media.digest, media.media_type, media.size, media.width, media.height),
            )
            self._database.execute(
                "INSERT INTO media_origin (url, digest, etag, last_modified) VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET"
                " digest = excluded.digest, etag = excluded.etag, last_modified = excluded.last_modified",
                (url, media.digest, validators.etag, validators.last_modified),
            )

    def known(self, url: str) -> tuple[Media, Validators] | None:
        """Return what was last stored of an image's URL, and how to ask whether it is still that."""
        row = self._database.one(
            "SELECT media.digest, media_type, size, width, height, etag, last_modified"
            " FROM media_origin JOIN media USING (digest) WHERE url = ?",
            (url,),
        )
        if row is None:
            return None
        return medium(row), Validators(etag=row[5], last_modified=row[6])

    def write(self, name: Digest, data: bytes) -> None:
        """Write a file that is there after a loss of power.

        Raises:
            StoreError: the disk is full, or fails.
        """
        path = self._path(name)
        try:
            durable.write(path, data)
            for folder in path.parents[:3]:  # of which two may be new
                durable.sync(folder)
        except OSError as error:
            raise StoreError(str(path), f"cannot be written: {error.strerror}") from error

    def read(self, name: Digest) -> bytes:
        """Return the bytes of a stored file.

        Raises:
            StoreError: they are missing, or are not what the digest says.
        """
        path = self._path(name)
        try:
            data = path.read_bytes()
        except OSError as error:
            raise StoreError(str(path), f"a stored file cannot be read: {error.strerror}") from error
        if digest(data) != name:
            raise StoreError(str(path), "a stored file was altered", "restore it from a backup or a mirror")
        return data

    def discard(self, name: Digest) -> None:
        """Delete a stored file, and what a killed process left of it; that it is gone survives a loss of power.

        Raises:
            StoreError: the disk fails.
        """
        path = self._path(name)
        try:
            for one in (path, path.with_name(f".{name}.tmp")):
                one.unlink(missing_ok=True)
            if path.parent.exists():
                durable.sync(path.parent)
        except OSError as error:
            raise StoreError(str(path), f"cannot be deleted: {error.strerror}") from error

    def _path(self, name: Digest) -> Path:
        return self._folder / name[:2] / name
