"""A folder on this machine, swapped whole.

Two trees are kept: the one that readers see, and a spare beside it that shares its unchanged files by hard links. A publish brings
the spare up to date (what changed since it was last shown, so that cost follows change) and exchanges the two in one step.
"""

from __future__ import annotations

import ctypes
import hashlib
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from pappus import durable
from pappus.errors import ForeignError, MirrorError
from pappus.layout import MIRROR_JSON
from pappus.mirrors.binding import Binding, load
from pappus.mirrors.packing import ENDINGS, is_packable, pack, unpack
from pappus.mirrors.paths import refused, under
from pappus.mirrors.plan import Held, MirrorState
from pappus.model import digest

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from datetime import datetime

    from pappus.mirrors.options import DirectoryOptions
    from pappus.model import Entry, Plan

_LARGEST = 64 * 1024 * 1024  # bytes of a text
_AT_FDCWD = -100
_RENAME_EXCHANGE = 2  # linux/fs.h


class Directory:
    """A mirror in a folder."""

    def __init__(self, options: DirectoryOptions, _clock: Callable[[], datetime]) -> None:
        self._name = options.name
        self._packs = options.precompress
        self._tree = options.path.resolve()  # a symbolic link stays one, and what it leads to is exchanged
        self._spare = self._tree.with_name(f".{self._tree.name}.spare")
        self._former = self._tree.with_name(f".{self._tree.name}.former")

    def state(self, *, mend: bool = True) -> MirrorState:
        """Look at both trees."""
        tree, spare = self._tree, self._spare
        try:
            if self._former.exists():  # killed between the renames of a system without exchange
                if mend:
                    self._former.rename(spare if tree.exists() else tree)
                elif tree.exists():
                    spare = self._former
                else:
                    tree = self._former
            shown = self._binding(tree)
            foreign = shown is None and tree.exists() and any(tree.iterdir())
            if mend and not foreign and spare.exists() and self._binding(spare) is None:
                # Killed while it was made, or while it was deleted to forget what is in it: no publish would start from it.
                shutil.rmtree(spare)
                durable.sync(spare.parent)
        except OSError as error:
            raise refused(self._name, error, tree) from error
        if foreign:
            raise ForeignError(
                self._name, f"the folder {self._tree.name!r} holds what is not ours", "empty it, or name another"
            )
        beside, base = self._binding(spare), shown
        if beside is not None:
            tree, base = spare, beside
        if base is not None and self._packs != (tree / f"{base.layout.home}{ENDINGS[0]}").is_file():
            base = None  # all of it is packed, or nothing
        return MirrorState(shown=shown, base=base)

    @staticmethod
    def _binding(tree: Path) -> Binding | None:
        try:
            return load((tree / MIRROR_JSON).read_bytes())
        except (OSError, MirrorError):
            return None

    def apply(self, plan: Plan, read: Callable[[Entry], bytes]) -> str:
        """Bring the spare tree to the plan's target, and exchange the two.

        ``mirror.json`` comes when all else is on the disk, deletions too: it says that the tree is whole, and the next plan believes it.
        """
        try:
            folders = self._prepare(whole=plan.base is None)
            for entry in plan.puts:
                if entry.path != MIRROR_JSON:
                    folders |= self._put_all(entry, read(entry))
            for path in plan.deletions:
                folders.add(self._delete(under(self._spare, path)))
            for folder in sorted(filter(Path.is_dir, folders)):  # some went with their last file
                durable.sync(folder)
            for entry in plan.puts:
                if entry.path == MIRROR_JSON:
                    durable.write(self._spare / MIRROR_JSON, read(entry))
            durable.sync(self._spare)
            self._exchange()
            if plan.forget and self._spare.exists():  # the first tree of a mirror has none
                (self._spare / MIRROR_JSON).unlink(
                    missing_ok=True
                )  # first of all, as above: half a tree is not to be gone on from
                durable.sync(self._spare)
                shutil.rmtree(self._spare)
        except OSError as error:
            raise refused(self._name, error, self._tree) from error
        return ""

    def held(self, paths: Collection[str]) -> Held:
        """Read the files of all trees, those in reserve too."""
        trees = (self._tree, self._spare, self._former)
        try:
            at = {path: [under(tree, path) for tree in trees] for path in paths}
            return Held(
                how="its files",
                at={path: set().union(*map(_digests, files)) for path, files in at.items()},
            )
        except OSError as error:
            raise refused(self._name, error, self._tree) from error

    def _prepare(self, *, whole: bool) -> set[Path]:
        """Have a spare tree to work on. Returns the folders of it that are not known to be durable."""
        usable = not whole and self._binding(self._spare) is not None
        # First of all the file that says that a tree is whole: anything after this may be killed in the middle.
        (self._spare / MIRROR_JSON).unlink(missing_ok=True)
        if usable:
            durable.sync(self._spare)
            return set()
        if self._spare.exists():
            shutil.rmtree(self._spare)
        if whole or not self._tree.exists():
            self._spare.mkdir(parents=True)
        else:
            shutil.copytree(
                self._tree, self._spare, ignore=shutil.ignore_patterns(MIRROR_JSON), copy_function=_link_or_copy
            )
        return {Path(folder) for folder, _, _ in os.walk(self._spare)}

    def _put_all(self, entry: Entry, data: bytes) -> set[Path]:
        """Write a file, and its packed forms where there are such. Returns the folders that changed."""
        path = under(self._spare, entry.path)
        changed = self._put(path, data)
        if self._packs and is_packable(entry.path, entry.media_type):
            for ending in ENDINGS:
                beside = path.with_name(path.name + ending)
                if packed := pack(ending, data):
                    changed |= self._put(beside, packed)
                else:
                    beside.unlink(missing_ok=True)
        return changed

    def _put(self, path: Path, data: bytes) -> set[Path]:
        """Write a file. Returns the folders that changed."""
        changed = {path.parent}
        for folder in path.parents:
            if folder == self._spare or folder.exists():
                break
            changed.add(folder.parent)
        if not self._shares(path, data):
            durable.write(path, data)
        return changed

    def _shares(self, path: Path, data: bytes) -> bool:
        """Share a file with the shown tree, where that has these very bytes: to readers it did not change. Returns whether it is so."""
        shown = self._tree / path.relative_to(self._spare)
        if shown.is_symlink() or not shown.is_file() or shown.read_bytes() != data:
            return False
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        try:
            os.link(shown, path)
        except OSError:  # a file system without hard links
            return False
        return True

    def _delete(self, path: Path) -> Path:
        """Delete a file with its packed forms, and the folders that it leaves empty. Returns the folder that changed in the end."""
        for ending in ("", *ENDINGS):
            path.with_name(path.name + ending).unlink(missing_ok=True)
        folder = path.parent
        while folder != self._spare and not (folder.is_dir() and any(folder.iterdir())):
            if folder.is_dir():
                folder.rmdir()
            folder = folder.parent
        return folder

    def _exchange(self) -> None:
        if not self._tree.exists():
            self._spare.rename(self._tree)
        elif not _renameat2(self._spare, self._tree):
            self._tree.rename(self._former)
            self._spare.rename(self._tree)
            self._former.rename(self._spare)
        durable.sync(self._tree.parent)


def _digests(path: Path) -> set[str]:
    """Return the digests of a file and of what its packed forms hold; nothing where nothing stands."""
    found = {_digest(path)} if os.path.lexists(path) else set()
    for packed in (path.with_name(path.name + ending) for ending in ENDINGS):
        if packed.is_file() and not packed.is_symlink():
            found.add(digest(unpack(packed.name, packed.read_bytes(), _LARGEST)))
    return found


def _digest(path: Path) -> str:
    """Return the digest of a file; "" where something else stands there, such as a link that leads nowhere."""
    if path.is_symlink() or not path.is_file():
        return ""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _link_or_copy(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:  # a file system without hard links
        shutil.copyfile(source, target)


def _renameat2(one: Path, other: Path) -> bool:
    """Exchange two names in one step. Returns False where the system or file system cannot."""
    function = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if function is None:
        return False
    result: int = function(_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), _RENAME_EXCHANGE)
    return result == 0
