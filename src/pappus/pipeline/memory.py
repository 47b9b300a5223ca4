"""A folder that keeps the newest that was seen of each place: numbers and key names, no page and no address."""

from __future__ import annotations

from pathlib import Path

from msgspec import json

from pappus import durable
from pappus.errors import TrustError
from pappus.model import digest
from pappus.trust.check import Remembered


class FolderMemory:
    """Keeps a small file for each place, named by a digest of what the place was called."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def recall(self, place: str) -> Remembered | None:
        """Return what was seen of a place.

        Raises:
            TrustError: it cannot be read. To take that for nothing would let an old copy pass.
        """
        path = self._path(place)
        try:
            return json.decode(path.read_bytes(), type=Remembered)
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            raise TrustError(str(path), "cannot be read", "remove it to begin anew with this place") from error

    def keep(self, place: str, seen: Remembered) -> None:
        """Keep what was seen of a place.

        Raises:
            TrustError: it cannot be written.
        """
        path = self._path(place)
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            durable.write(path, json.format(json.encode(seen), indent=1) + b"\n")
        except OSError as error:
            raise TrustError(str(path), f"cannot be written: {error.strerror}", "give another folder") from error

    def _path(self, place: str) -> Path:
        if Path(place).is_dir():
            place = str(Path(place).resolve())  # the same folder, by whichever name, and no other
        return self._folder / f"{digest(place.encode('utf-8', 'surrogateescape'))[:32]}.json"
