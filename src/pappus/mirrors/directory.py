"""A folder on this machine, swapped whole.

Two trees are kept: the one that readers see, and a spare beside it that shares its unchanged files by hard links. A publish brings
the spare up to date (what changed since it was last shown, so that cost follows change) and exchanges the two in one step.
"""

from __future__ import annotations

import ctypes
import os
import secrets
import shutil
from typing import TYPE_CHECKING

from pappus.errors import MirrorError
from pappus.mirrors.binding import MIRROR_JSON, Binding, load
from pappus.mirrors.paths import under
from pappus.mirrors.plan import MirrorState

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pappus.mirrors.options import MirrorOptions
    from pappus.model import Entry, Plan

_AT_FDCWD = -100
_RENAME_EXCHANGE = 2  # linux/fs.h


class Directory:
    """A mirror in a folder."""

    def __init__(self, options: MirrorOptions) -> None:
        if options.path is None:
            raise MirrorError(options.name, "a directory mirror needs a path")
        self._name = options.name
        self._tree = options.path
        self._spare = options.path.parent / f".{options.path.name}.spare"
        self._former = options.path.parent / f".{options.path.name}.former"

    def state(self) -> MirrorState:
        """Look at both trees."""
        if self._former.exists():  # killed between the renames of a system without exchange
            if not self._tree.exists():
                self._former.rename(self._tree)
            else:
                shutil.rmtree(self._former)
        shown = self._binding(self._tree)
        if shown is None and self._tree.exists() and any(self._tree.iterdir()):
            raise MirrorError(
                self._name, f"the folder {self._tree.name!r} holds what is not ours", "empty it, or name another"
            )
        return MirrorState(shown=shown, base=self._binding(self._spare) or shown)

    @staticmethod
    def _binding(tree: Path) -> Binding | None:
        try:
            return load((tree / MIRROR_JSON).read_bytes())
        except (OSError, MirrorError):
            return None

    def apply(self, plan: Plan, read: Callable[[Entry], bytes]) -> str:
        """Bring the spare tree to the plan's target, and exchange the two."""
        try:
            self._prepare(whole=plan.base is None)
            (self._spare / MIRROR_JSON).unlink(missing_ok=True)  # not usable until it is written again, last
            folders = {self._spare}
            for entry in plan.puts:
                folders |= self._put(under(self._spare, entry.path), read(entry))
            for path in plan.deletions:
                self._delete(under(self._spare, path))
            for folder in sorted(folders):
                _sync(folder)
            self._exchange()
        except OSError as error:
            raise MirrorError(
                self._name, f"cannot be written: {error.strerror or error}", str(error.filename or "")
            ) from error
        return ""

    def _prepare(self, *, whole: bool) -> None:
        usable = not whole and self._binding(self._spare) is not None
        if not usable and self._spare.exists():
            shutil.rmtree(self._spare)
        if not self._spare.exists():
            self._spare.parent.mkdir(parents=True, exist_ok=True)
            if whole or not self._tree.exists():
                self._spare.mkdir()
            else:
                # Without mirror.json, which says that a tree is whole: this may be killed in the middle.
                shutil.copytree(
                    self._tree, self._spare, ignore=shutil.ignore_patterns(MIRROR_JSON), copy_function=os.link
                )

    def _put(self, path: Path, data: bytes) -> set[Path]:
        """Write a file anew, never into the one that the other tree shares. Returns the folders that changed."""
        changed = {path.parent}
        for folder in path.parents:
            if folder == self._spare or folder.exists():
                break
            changed.add(folder.parent)
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.parent / f".{secrets.token_hex(8)}.tmp"
        with temporary.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
        return changed

    def _delete(self, path: Path) -> None:
        path.unlink(missing_ok=True)
        for folder in path.parents:
            if folder == self._spare or not folder.is_dir() or any(folder.iterdir()):
                break
            folder.rmdir()

    def _exchange(self) -> None:
        if not self._tree.exists():
            self._spare.rename(self._tree)
        elif not _renameat2(self._spare, self._tree):
            self._tree.rename(self._former)
            self._spare.rename(self._tree)
            self._former.rename(self._spare)
        _sync(self._tree.parent)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _renameat2(one: Path, other: Path) -> bool:
    """Exchange two names in one step. Returns False where the system or file system cannot."""
    function = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if function is None:
        return False
    result: int = function(_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), _RENAME_EXCHANGE)
    return result == 0
