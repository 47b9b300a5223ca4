"""Names are checked on the way out as well (rule 8)."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from pappus.errors import MirrorError
from pappus.model import NAME_BYTES

_LONGEST = NAME_BYTES + 8  # bytes of a file's name: an id, and its ending
_FORBIDDEN = frozenset('<>:"\\|?*') | {chr(code) for code in range(32)} | {"\x7f"}


def checked(path: str) -> str:
    """Return ``path`` if it may be written into a mirror.

    Raises:
        MirrorError: it is absolute, leaves its root, has an empty, hidden, too long or unportable part.
    """
    for part in path.split("/"):
        if not part or part[0] in ".-" or len(part.encode()) > _LONGEST or not _FORBIDDEN.isdisjoint(part):
            raise MirrorError(repr(path), "is no path that may be written into a mirror")
    return path


def under(root: Path, path: str) -> Path:
    """Return the file that ``path`` names under ``root``, after :func:`checked`."""
    return root.joinpath(*PurePosixPath(checked(path)).parts)
