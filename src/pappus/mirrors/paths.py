"""Names are checked on the way out as well (rule 8), and what a disk refuses is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pappus.errors import MirrorError
from pappus.layout import GITLAB_CI, NO_JEKYLL
from pappus.model import DEVICES, NAME_BYTES

if TYPE_CHECKING:
    from pathlib import Path

_LONGEST = NAME_BYTES + len(".zh-hant.html.br")  # bytes of a file's name: an id, and the longest ending
_FORBIDDEN = frozenset('<>:"\\|?*') | {chr(code) for code in range(32)} | {"\x7f"}


def checked(path: str) -> str:
    """Return ``path`` if it may be written into a mirror.

    Raises:
        MirrorError: it is absolute, leaves its root, has an empty, hidden, too long or unportable part; hidden ones that hosts
            want are known by their names.
    """
    if path not in {GITLAB_CI, NO_JEKYLL} and not all(_is_portable(part) for part in path.split("/")):
        raise MirrorError(f"{path[:200]!r}", "is no path that may be written into a mirror")
    return path


def _is_portable(part: str) -> bool:
    try:
        size = len(part.encode())
    except UnicodeEncodeError:  # bytes that are no UTF-8
        return False
    return (
        part != ""
        and part[0] not in ".-"
        and part[-1] not in ". "
        and size <= _LONGEST
        and _FORBIDDEN.isdisjoint(part)
        and part.partition(".")[0].casefold() not in DEVICES
    )


def under(root: Path, path: str) -> Path:
    """Return the file that ``path`` names under ``root``, after :func:`checked`."""
    return root / checked(path)


def refused(subject: str, error: OSError, place: Path) -> MirrorError:
    """Return what to tell of a disk that refuses, at ``place`` where the error does not say where."""
    return MirrorError(subject, f"{error.strerror or error}: {str(error.filename or place)!r}")
