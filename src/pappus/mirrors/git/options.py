"""What the operator says about a git mirror."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pappus.mirrors.options import MirrorOptions

if TYPE_CHECKING:
    from pathlib import Path


class GitOptions(MirrorOptions, frozen=True, kw_only=True):
    """A branch of a repository.

    Args:
        objects: the bare repository that objects are written into; mirrors may share one. None: one in the workspace.
        keep_commits: how many commits the branch may have.
        keep_days: how old its first commit may be.
        keep_size: how many bytes history may take beyond the tree itself. None: a fifth of what the tree takes.
    """

    remote: str  # what is pushed to, any address that git takes; a folder by its absolute path
    branch: str = "main"
    token: str | None = ""  # over https: the access token; None: wanted, but not there
    ssh_key: Path | None = None  # over ssh: the private key's file
    ssh_known_hosts: Path | None = None  # over ssh: the file with the server's key, if no other is to be believed
    objects: Path | None = None
    keep_commits: int | None = None
    keep_days: int | None = None
    keep_size: int | None = None
