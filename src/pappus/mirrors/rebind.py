"""Makes a fork its own: remakes the binding of a tree for another address, from the tree alone."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pappus.errors import MirrorError
from pappus.mirrors.binding import MIRROR_JSON, bind, load, usable_address
from pappus.mirrors.git import environment
from pappus.mirrors.paths import under

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebound:
    """What was done: how many files are new, out of how many of the binding; the commit, "" where none was made."""

    written: int
    bound: int
    commit: str


def rebind(folder: Path, address: str, home: str, now: datetime, *, dry_run: bool = False) -> Rebound:
    """Remake QR images and ``mirror.json`` of a copy for its own address; in a git clone, commit them.

    The commit has Pappus's neutral author, not the user's: who keeps a fork need not be known.

    Args:
        folder: the root of the copy: a clone's work tree, or a plain folder.
        address: what a path of the edition is appended to.
        home: the short address that readers are given.
        now: for the commit's date.
        dry_run: count only.

    Raises:
        MirrorError: the folder is no copy of a mirror, or cannot be written.
    """
    try:
        binding = load((folder / MIRROR_JSON).read_bytes())
    except OSError as error:
        raise MirrorError(str(folder), f"has no {MIRROR_JSON}", "give the root of a copy of a mirror") from error
    binding = replace(binding, address=usable_address(address), home=home)
    pages = sorted(path.relative_to(folder).as_posix() for path in folder.glob("pages/**/*.md"))
    written, bound = [], 0
    for made in bind(binding, pages):
        bound += 1
        path = under(folder, made.entry.path)
        if path.is_symlink():
            raise MirrorError(str(path), "is a symbolic link", "remove it")
        if path.is_file() and path.read_bytes() == made.body:
            continue
        written.append(made.entry.path)
        if not dry_run and made.body is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(made.body)
    commit = ""
    if not dry_run and written and (folder / ".git").exists():
        commit = _commit(folder, written, now)
    return Rebound(written=len(written), bound=bound, commit=commit)


def _commit(folder: Path, paths: list[str], now: datetime) -> str:
    when = f"{int(now.timestamp()) // 3600 * 3600} +0000"
    variables = environment(folder) | {
        "GIT_AUTHOR_NAME": "Pappus", "GIT_AUTHOR_EMAIL": "pappus@mirror.invalid", "GIT_AUTHOR_DATE": when,
        "GIT_COMMITTER_NAME": "Pappus", "GIT_COMMITTER_EMAIL": "pappus@mirror.invalid", "GIT_COMMITTER_DATE": when,
    }  # fmt: skip

    def git(*arguments: str, feed: bytes = b"") -> str:
        done = subprocess.run(
            ["git", *arguments], cwd=folder, env=variables, input=feed, capture_output=True, check=False
        )
        if done.returncode != 0:
            said = done.stderr.decode("utf-8", "replace").strip()
            raise MirrorError(str(folder), f"git {arguments[0]} failed: {said[-300:]}")
        return done.stdout.decode().strip()

    listed = "\0".join(paths).encode()
    git("add", "--pathspec-from-file=-", "--pathspec-file-nul", feed=listed)
    git("commit", "--quiet", "--no-verify", "--message", "Rebind to this mirror's own address",
        "--pathspec-from-file=-", "--pathspec-file-nul", feed=listed)  # fmt: skip
    return git("rev-parse", "HEAD")
