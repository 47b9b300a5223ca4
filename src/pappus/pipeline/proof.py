"""Looks at a mirror after a withdrawal, with other eyes than those that published: what should be gone is gone, history included.

The adapter says whether the place holds what was published last; where its files can be read on this machine, they are read as well. A
commit's name vouches for all that it leads to, so of a git mirror our own objects are enough, once the remote is known to have that commit.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pappus.mirrors.program import Program, environment
from pappus.model import digest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pappus.pipeline.newsroom import MirrorPart

BY_FILES: Final = "its files"
BY_HISTORY: Final = "all commits that its branch leads to"
BY_WORD: Final = "its mirror.json"  # for want of a way to read its files
_SECONDS: Final = 300.0  # for git to go through a history


def look(part: MirrorPart, wanted: Mapping[str, str | None], forgot: int) -> tuple[str, str]:
    """Return where was looked, and what the mirror still has that it should not have: "" for nothing.

    Args:
        part: the mirror.
        wanted: paths, and the digest of what stands there now; None for nothing.
        forgot: how many withdrawals its edition has carried out.

    Raises:
        MirrorError: it cannot be reached or read.
    """
    state = part.adapter.state()  # mending, for a killed publish may have something left to forget
    if state.shown is None:
        return BY_WORD, "it does not hold what was published last"
    done = min(one.forgot for one in (state.shown, state.base) if one)  # a tree in reserve counts too
    if done < forgot:
        return BY_WORD, f"it has carried out {done} of {forgot} withdrawals"
    if not part.readable:
        return BY_WORD, ""
    place = Path(part.readable)
    if (place / "HEAD").is_file() and (place / "objects").is_dir():
        return BY_HISTORY, _in_history(place, part.name, wanted)
    return BY_FILES, _in_files(place, wanted)


def _in_files(folder: Path, wanted: Mapping[str, str | None]) -> str:
    for path, right in wanted.items():
        file = folder / path
        there: str | None = None
        if os.path.lexists(file):  # a link that leads nowhere is something as well
            there = digest(file.read_bytes()) if file.is_file() and not file.is_symlink() else ""
        if there != right:
            return _told(path, right, there)
    return ""


def _in_history(repository: Path, name: str, wanted: Mapping[str, str | None]) -> str:
    """Look at what these paths hold in any commit that the references of a mirror lead to."""
    git = Program(name, environment(Path(os.devnull)) | {"GIT_DIR": str(repository.resolve())}, _SECONDS)
    told = git.run(
        "log",
        f"--glob=refs/pappus/{name}/*",
        "-m",
        "--raw",
        "--no-abbrev",
        "--no-renames",
        "-z",
        "--format=",
        "--",
        *wanted,
    )
    ever: dict[str, set[str]] = {path: set() for path in wanted}
    fields = iter(told.split("\0"))
    for field in fields:
        if field.startswith(":"):
            ever[next(fields)].add(field.split()[3])
    for path, right in wanted.items():
        blobs = ever[path]
        if len(blobs) > (right is not None):
            return f"{path} had other contents in commits that it leads to"
        there = next((digest(git.call("cat-file", "blob", blob).stdout) for blob in blobs), None)
        if there != right:
            return _told(path, right, there)
    return ""


def _told(path: str, right: str | None, there: str | None) -> str:
    if there is None:
        return f"{path} is not there"
    return f"{path} is still there" if right is None else f"{path} is not as it was built"
