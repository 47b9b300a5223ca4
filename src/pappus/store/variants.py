"""Variants of stored images: which images wait for theirs, and keeping what was made of one.

Rows come first, then the files, and last the mark that the image is varied, which is what readers of the store go by: so nothing is ever
in the folder of files that a withdrawal would not find, wherever a process is killed.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final, TypeAlias

from pappus.model import Digest, Media
from pappus.store.files import medium

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from pappus.store.database import Database
    from pappus.store.files import Files

ATTEMPTS: Final = 3  # to make the variants of an image
_SHOWS: Final = (  # as the index need_media has it
    "path GLOB 'media/*' AND substr(path, 18 + 3 * (substr(path, 20, 1) = '/'), 64)"
)


Forms: TypeAlias = tuple[int | None, tuple[Media, ...]]
"""The mean colour of an image, and its variants."""


def varied(database: Database, names: Iterable[str]) -> Mapping[str, Forms]:
    """Return the mean colours and variants of those of these media that are varied, narrowest first, by digest."""
    rows = database.execute(
        "SELECT media.digest, tint, variant.digest, variant.media_type, variant.size, variant.width, variant.height"
        " FROM media LEFT JOIN variant ON variant.media = media.digest"
        " WHERE media.digest IN (SELECT value FROM json_each(?)) AND varied"
        " ORDER BY media.digest, variant.media_type, variant.width",
        (json.dumps(sorted(names)),),
    )
    found: dict[str, Forms] = {}
    for name, tint, *one in rows.fetchall():
        _, before = found.get(name, (None, ()))
        found[name] = (tint, before if one[0] is None else (*before, medium(one)))
    return found


class Variants:
    """The variants of a store."""

    def __init__(self, database: Database, files: Files) -> None:
        self._database = database
        self._files = files

    def waiting(self, edition: str) -> list[Digest]:
        """Return the images that an edition shows and that are not varied, but those that failed too often; of the newest article first."""
        rows = self._database.execute(
            # Begin with those that wait; the plus is for SQLite, which else would not look for what has no type of its own in an index.
            "SELECT digest FROM media INDEXED BY media_waiting"
            f" CROSS JOIN need INDEXED BY need_media ON edition = ? AND {_SHOWS} = +digest"
            " WHERE varied = 0 AND failures < ? GROUP BY digest ORDER BY failures, max(article) DESC, digest",
            (edition, ATTEMPTS),
        )
        return [Digest(row[0]) for row in rows.fetchall()]

    def keep(self, name: Digest, tint: int | None, made: Sequence[tuple[Media, bytes]]) -> bool:
        """Keep what was made of an image, and have the articles change that show it. Returns whether it is still there.

        Raises:
            StoreError: the disk is full, or fails.
        """
        with self._database.transaction():
            if not self._database.one("SELECT 1 FROM media WHERE digest = ?", (name,)):
                return False
            # What a killed process had begun with other encoders is not a part of it.
            self._database.execute("INSERT OR IGNORE INTO doomed SELECT digest FROM variant WHERE media = ?", (name,))
            self._database.execute("DELETE FROM variant WHERE media = ?", (name,))
            self._database.executemany(
                "INSERT INTO variant (media, digest, media_type, size, width, height) VALUES (?, ?, ?, ?, ?, ?)",
                [(name, one.digest, one.media_type, one.size, one.width, one.height) for one, _ in made],
            )
        for one, data in made:
            self._files.write(one.digest, data)
        with self._database.transaction():
            self._database.execute("UPDATE media SET varied = 1, tint = ? WHERE digest = ?", (tint, name))
            self._database.execute(
                "UPDATE article SET changed = (SELECT max(changed) FROM article) + 1"
                f" WHERE id IN (SELECT article FROM need WHERE {_SHOWS} = ?)",
                (name,),
            )
        return True

    def failed(self, name: Digest) -> None:
        """Note that the variants of an image could not be made."""
        self._database.execute("UPDATE media SET failures = failures + 1 WHERE digest = ?", (name,))
