"""Makes a fork its own: remakes the binding of a tree for another address, from the tree alone."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Final

from msgspec import Struct
from msgspec.structs import replace

from pappus import durable
from pappus.errors import MirrorError
from pappus.layout import FEEDS, MIRROR_JSON, ROBOTS, SITEMAP, SITEMAPS
from pappus.mirrors.binding import LARGEST, Binding, bind, bind_feeds, load, usable_address, usable_home
from pappus.mirrors.packing import ENDINGS, pack
from pappus.mirrors.paths import checked, under
from pappus.mirrors.program import AUTHOR_EMAIL, AUTHOR_NAME, Program, environment, hour, with_settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

_BOUND: Final = ("qr", FEEDS[:-1], SITEMAPS[:-1], SITEMAP, ROBOTS, MIRROR_JSON)
_LARGEST_FEED: Final = 32 * 1024 * 1024  # bytes
_TIMEOUT = 600.0  # seconds for all that git does


class Rebound(Struct, frozen=True, kw_only=True):
    """What was done: how many files are new, out of how many of the binding; the commit, "" where none was made."""

    written: int
    bound: int
    commit: str


def rebind(folder: Path, address: str, home: str, now: datetime, *, dry_run: bool = False) -> Rebound:
    """Remake QR images, what is made of feeds, and ``mirror.json`` of a copy for its own address; in a git clone, commit them.

    The commit has Pappus's neutral author, not the user's: who keeps a fork need not be known.

    Args:
        folder: the root of the copy: a clone's work tree, or a plain folder.
        address: what a path of the edition is appended to.
        home: the short address that readers are given, "" for ``address``.
        now: for the commit's date.
        dry_run: count only.

    Raises:
        MirrorError: the folder is no copy of a mirror, or cannot be written.
    """
    found = folder / MIRROR_JSON
    if found.is_symlink() or not found.is_file():
        raise MirrorError(str(folder), f"has no {MIRROR_JSON}", "give the root of a copy of a mirror")
    address = usable_address(address)
    former = _load(found)
    binding = replace(former, address=address, home=usable_home(home or address), former=())
    pages = list(_files(folder, "pages", f"**/*{binding.layout.suffix}"))
    lists = list(_files(folder, SITEMAPS[:-1], "**/*.atom"))
    feeds = [*_files(folder, FEEDS[:-1], "**/*.atom"), *lists]
    written, bound = 0, []
    for made in chain(bind(binding, pages), bind_feeds(binding, feeds, lambda path: _read(folder, path), lists)):
        path = _inside(folder, made.entry.path)
        bound.append(made.entry.path)
        if path.is_file() and path.read_bytes() == made.body:
            continue
        written += 1
        if not dry_run and made.body is not None:
            _replace(path, made.body)
            _repack(path, made.body)
    gone = [ROBOTS] if former.has_robots and not binding.has_robots and _inside(folder, ROBOTS).is_file() else []
    for name in (f"{one}{ending}" for one in gone for ending in ("", *ENDINGS) if not dry_run):
        _inside(folder, name).unlink(missing_ok=True)
    commit = "" if dry_run or not (folder / ".git").exists() else _commit(folder, [*bound, *gone], now)
    return Rebound(written=written, bound=len(bound), commit=commit)


def _files(folder: Path, within: str, pattern: str) -> Iterator[str]:
    """Yield the files of this form in a folder of the tree, by path."""
    found = _inside(folder, within).glob(pattern)
    yield from map(checked, sorted(path.relative_to(folder).as_posix() for path in found))


def _read(folder: Path, path: str) -> bytes:
    with _inside(folder, path).open("rb") as file:
        return file.read(_LARGEST_FEED)


def _load(path: Path) -> Binding:
    with path.open("rb") as file:
        return load(file.read(LARGEST + 1))


def _inside(folder: Path, path: str) -> Path:
    """Return the file of this path in a tree that came from outside: never by way of a symbolic link, which may lead anywhere.

    Raises:
        MirrorError: there is one on the way, or the path is none that may be written.
    """
    found = under(folder, path)
    for step in (found, *found.parents):
        if step == folder:
            break
        if step.is_symlink():
            raise MirrorError(str(step), "is a symbolic link", "remove it")
    return found


def _replace(path: Path, data: bytes) -> None:
    try:
        durable.write(path, data)
    except OSError as error:
        raise MirrorError(str(path), f"cannot be written: {error.strerror}") from error


def _repack(path: Path, data: bytes) -> None:
    """Bring the packed forms of a file up to date, where it has any."""
    for ending in ENDINGS:
        beside = path.with_name(path.name + ending)
        if not beside.is_file() or beside.is_symlink():
            continue
        if packed := pack(ending, data):
            _replace(beside, packed)
        else:
            beside.unlink()


def git_environment(folder: Path, timeout: float, now: datetime) -> dict[str, str]:
    """Return the environment for git in a clone: nothing of the user's, and no program of a stranger's.

    The clone may belong to another user, as it does where a job runs in a container.
    """
    when = hour(now)
    variables = environment(folder) | {
        "GIT_AUTHOR_NAME": AUTHOR_NAME, "GIT_AUTHOR_EMAIL": AUTHOR_EMAIL, "GIT_AUTHOR_DATE": when,
        "GIT_COMMITTER_NAME": AUTHOR_NAME, "GIT_COMMITTER_EMAIL": AUTHOR_EMAIL, "GIT_COMMITTER_DATE": when,
    }  # fmt: skip
    variables = with_settings(variables, [("safe.directory", str(folder.resolve()))])
    return with_settings(variables, _without_filters(folder, variables, timeout))


def _without_filters(folder: Path, variables: dict[str, str], timeout: float) -> Iterator[tuple[str, str]]:
    """Yield settings that switch off the filters of a copy's own configuration."""
    git = Program(str(folder), variables, timeout, folder)
    told = bytearray()  # all of it: one filter that is not seen would be run
    looking = ("config", "--local", "--includes", "--name-only", "--null", "--get-regexp", r"^filter\.")
    git.call(*looking, into=told.extend)  # it fails where there are none
    for key in sorted({key for key in told.decode("utf-8", "replace").split("\0") if key}):
        yield key, "false" if key.endswith(".required") else ""


def _commit(folder: Path, paths: list[str], now: datetime) -> str:
    git = Program(str(folder), git_environment(folder, _TIMEOUT, now), _TIMEOUT, folder).run
    listed = "\0".join(paths).encode()
    git("add", "--force", "--pathspec-from-file=-", "--pathspec-file-nul", feed=listed)
    if not git("diff", "--cached", "--name-only", "--", *_BOUND):
        return ""
    git("commit", "--quiet", "--no-verify", "--message", "Rebind to this mirror's own address",
        "--pathspec-from-file=-", "--pathspec-file-nul", feed=listed)  # fmt: skip
    return git("rev-parse", "HEAD")
