"""A house with keys, a signed tree in a folder, and python-tuf's own client to read it."""

from __future__ import annotations

import shutil
from bisect import bisect_left
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit

from msgspec import Struct
from tuf.api.exceptions import DownloadHTTPError
from tuf.ngclient import FetcherInterface, Updater, UpdaterConfig

from pappus.layout import bin_of, is_binding, is_metadata, metadata_path
from pappus.model import Entry, digest
from pappus.trust import Online, TrustOptions, ceremony, load_online, release, retired

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


class House(Struct, frozen=True, kw_only=True):
    """Where keys are."""

    keys: Path
    offline: Path
    passphrase: str = ""
    offline_passphrase: str = ""

    def online(self, now: datetime = NOW) -> Online:
        return load_online(TrustOptions(folder=self.keys, passphrase=self.passphrase), now)

    def roots(self, *numbers: int) -> ceremony.Offline:
        """The root keys, or some of them."""
        files = [self.offline / f"root-{number}.pem" for number in numbers] or sorted(self.offline.glob("*.pem"))
        return ceremony.Offline(files=tuple(files), passphrases=(self.offline_passphrase,))


def make_house(
    folder: Path,
    *,
    number: int = 1,
    threshold: int = 1,
    passphrase: str = "",
    offline_passphrase: str = "",
    now: datetime = NOW,
) -> House:
    """Make all keys."""
    made = House(
        keys=folder / "keys", offline=folder / "offline", passphrase=passphrase, offline_passphrase=offline_passphrase
    )
    new = ceremony.NewRoots(folder=made.offline, number=number, threshold=threshold, passphrase=offline_passphrase)
    ceremony.init(made.keys, passphrase, new, now)
    return made


class Tree:
    """A tree of entries in memory."""

    def __init__(self, entries=()):
        self.entries = sorted(entries, key=_bin)

    def count(self):
        return len(self.entries)

    def within(self, low, high):
        return self.entries[bisect_left(self.entries, low, key=_bin) : bisect_left(self.entries, high, key=_bin)]


def _bin(entry):
    return bin_of(entry.path)


def tree_of(files: dict[str, bytes]) -> Tree:
    return Tree(
        Entry(path=path, size=len(body), digest=digest(body), media_type="text/plain") for path, body in files.items()
    )


def signed_tree(folder: Path, files: dict[str, bytes], online: Online, now: datetime, held=None):
    """Make a folder hold these files and their signed metadata; return what is held now, for the next time.

    The binding is left alone; superseded metadata goes, every root stays.
    """
    folder.mkdir(parents=True, exist_ok=True)
    there = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    before = {name: path for name, path in there.items() if not (is_metadata(name) or is_binding(name))}
    touched = {name for name in before.keys() | files.keys() if _read(before.get(name)) != files.get(name)}
    signed = release(held or {}, tree_of(files), touched, online, now)
    held = dict(held or {}) | {file.role.name: file.role for file in signed}
    for name in before.keys() - files.keys():
        before[name].unlink()
    for name, body in {**files, **{file.path: file.body for file in signed}}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(body)
    gone = retired(held)
    standing = {metadata_path(name, role.version) for name, role in held.items() if name not in gone}
    for path in (folder / "metadata").iterdir():
        if f"metadata/{path.name}" not in standing and not path.name.endswith(".root.json"):
            path.unlink()
    return held


def _read(path):
    return path.read_bytes() if path else None


class Files(FetcherInterface):
    """Serves ``tree:/...`` from a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.asked: list[str] = []

    def _fetch(self, url):
        name = unquote(urlsplit(url).path).lstrip("/")
        self.asked.append(name)
        if not (self.folder / name).is_file():
            raise DownloadHTTPError(name, 404)
        return iter([(self.folder / name).read_bytes()])


class Reader:
    """python-tuf's client, with what it remembers."""

    def __init__(self, memory: Path, folder: Path, first_root: bytes) -> None:
        self.memory, self.folder, self.first_root = memory, folder, first_root
        (memory / "targets").mkdir(parents=True, exist_ok=True)

    def visit(self, now: datetime) -> Updater:
        """Look at the tree as it is now."""
        fetcher = Files(self.folder)
        config = UpdaterConfig(prefix_targets_with_hash=False)
        updater = Updater(
            str(self.memory),
            "tree:/metadata/",
            str(self.memory / "targets"),
            "tree:/",
            fetcher,
            config,
            bootstrap=self.first_root,
        )
        updater._trusted_set.reference_time = now
        updater.refresh()
        return updater

    def read(self, now: datetime, *paths: str) -> dict[str, bytes | None]:
        """Return the files at some paths, checked; None for those that are not of the tree."""
        updater, found = self.visit(now), {}
        for path in paths:
            target = updater.get_targetinfo(path)
            found[path] = target and Path(updater.download_target(target)).read_bytes()
        return found

    def forget(self) -> None:
        shutil.rmtree(self.memory)
        (self.memory / "targets").mkdir(parents=True)
