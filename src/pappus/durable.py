"""Files that survive a loss of power: there whole under their name, or not at all (rule 15)."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def write(path: Path, data: bytes, mode: int = 0o666) -> None:
    """Write a file anew, never into the one that is there, which another tree may share by a hard link.

    Temporary name in the same folder, fsync, rename; the folder itself is :func:`sync`'s. The temporary name is always the same, so that
    the next try does away with what a killed one left; a symbolic link of that name is not followed.

    Args:
        path: its folder is made where it is missing.
        data: what the file is to hold.
        mode: who may do what with it, as far as the process's umask lets them.

    Raises:
        OSError: the disk is full, or fails; nothing is left at the temporary name.
    """
    temporary = path.with_name(f".{path.name}.tmp")
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary.unlink(missing_ok=True)
    try:
        with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise


def sync(folder: Path) -> None:
    """Have the names in a folder on the disk: those that came, and those that went.

    Raises:
        OSError: the disk fails.
    """
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
