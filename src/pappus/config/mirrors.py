"""[[mirrors]]: a table for every kind, and the options that it comes to. Secrets are named environment variables."""

from __future__ import annotations

import os
import re
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Any, Literal, get_args

from msgspec import Meta

from pappus import urls
from pappus.config.values import Address, Folder, Name, Table, Text, checked, of_form, one_of
from pappus.errors import MirrorError
from pappus.mirrors import (
    PROFILES,
    DirectoryOptions,
    GitOptions,
    IpfsOptions,
    MirrorOptions,
    RcloneOptions,
    S3Options,
    usable_address,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

OBJECTS = "mirrors/objects.git"


def _usable(text: str) -> str:
    try:
        return usable_address(text)
    except MirrorError as error:
        raise ValueError(str(error)) from error


MirrorAddress = Annotated[str, checked(_usable)]  # what paths are appended to
Month = Annotated[str, of_form("[0-9]{4}-(0[1-9]|1[0-2])")]


class MirrorTable(Table, frozen=True, kw_only=True):
    """What is said of a mirror of any kind."""

    name: Name
    edition: str = "markdown"
    address: MirrorAddress
    home: Address | None = None
    host: Annotated[str, one_of(PROFILES)] = "none"
    timeout: Annotated[float, Meta(gt=0, le=86400)] = 600.0
    listed: bool = True
    retired: bool = False
    annex_of: Name | None = None
    first: Month | None = None
    last: Month | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if (self.annex_of is None, self.first is None, self.last is None) not in {(True,) * 3, (False,) * 3}:
            raise ValueError("an annex has all three: annex_of, and the first and the last month of what it holds")
        if self.first is not None and self.last is not None and self.first > self.last:
            raise ValueError(f"its first month, {self.first}, is after its last, {self.last}")
        if self.annex_of is not None and self.retired:
            raise ValueError("an annex is not retired: without its table, what it holds goes back to the mirror itself")

    def options(self, folder: Path, state: Path) -> MirrorOptions:
        """Return what the adapter wants to know.

        Args:
            folder: of the file: paths are taken from there.
            state: where the newsroom keeps its own files.
        """
        raise NotImplementedError

    def folder(self) -> str:
        """Return the folder of this machine that the mirror is put into, "" for another place."""
        return ""

    def place(self) -> str:
        """Return what no two mirrors may share; unless it is in another place, its folder."""
        return self.folder()

    def common(self, state: Path) -> dict[str, Any]:
        """Return the options that all kinds have."""
        return {"name": self.name, "workspace": state / "mirrors" / self.name, "timeout": self.timeout}


class DirectoryTable(MirrorTable, frozen=True, tag_field="kind", tag="directory", kw_only=True):
    """A mirror in a folder of this machine."""

    path: Folder
    precompress: bool = False

    def options(self, folder: Path, state: Path) -> DirectoryOptions:
        """Return what the adapter wants to know."""
        return DirectoryOptions(**self.common(state), path=folder / self.path, precompress=self.precompress)

    def folder(self) -> str:
        """Return the folder that is swapped."""
        return os.path.normpath(self.path)


class GitTable(MirrorTable, frozen=True, tag_field="kind", tag="git", kw_only=True):
    """A mirror in a branch of a git repository."""

    remote: Text
    branch: Annotated[str, of_form("[A-Za-z0-9][A-Za-z0-9._-]{0,79}")] = "main"
    token_env: str = ""
    ssh_key: Text | None = None
    ssh_known_hosts: Text | None = None
    keep_commits: Annotated[int, Meta(ge=1)] | None = None
    keep_days: Annotated[int, Meta(ge=1)] | None = None
    keep_size: Annotated[int, Meta(ge=0)] | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if re.match(r"https?://[^/]*@", self.remote):
            raise ValueError(
                "a remote holds no name and password: name an environment variable with the token in token_env"
            )
        loopback = urls.host(self.remote) in {"127.0.0.1", "[::1]", "localhost"}
        if self.token_env and not self.remote.startswith("https://") and not loopback:
            raise ValueError("an access token goes to an https remote only")

    def options(self, folder: Path, state: Path) -> GitOptions:
        """Return what the adapter wants to know: all git mirrors of a newsroom write their objects into one repository."""
        return GitOptions(
            **self.common(state),
            remote=self._remote(folder),
            branch=self.branch,
            token=_secret(self.token_env) if self.token_env else "",
            ssh_key=folder / self.ssh_key if self.ssh_key else None,
            ssh_known_hosts=folder / self.ssh_known_hosts if self.ssh_known_hosts else None,
            objects=state / OBJECTS,
            keep_commits=self.keep_commits,
            keep_days=self.keep_days,
            keep_size=self.keep_size,
        )

    def _remote(self, folder: Path) -> str:
        """Return the remote; one that is a path is taken from the configuration's folder."""
        if "://" in self.remote or re.match(r"[\w.-]+@?[\w.-]*:", self.remote):
            return self.remote
        return str(folder / self.remote)

    def folder(self) -> str:
        """Return the repository's folder, "" where it is on another machine."""
        return "" if ":" in self.remote else os.path.normpath(self.remote)

    def place(self) -> str:
        """Return what no two mirrors may share."""
        return f"{self.folder() or self.remote} {self.branch}"


class S3Table(MirrorTable, frozen=True, tag_field="kind", tag="s3", kw_only=True):
    """A mirror in a bucket."""

    bucket: Text
    prefix: str = ""
    endpoint: Address | None = None
    region: Text = "us-east-1"
    key_id_env: Text = "AWS_ACCESS_KEY_ID"
    secret_env: Text = "AWS_SECRET_ACCESS_KEY"  # noqa: S105  # the name of a variable
    encoding: Literal["none", "gzip"] = "none"
    max_age: Annotated[int, Meta(ge=0, le=86400)] = 120
    conditional: bool = True

    def options(self, _folder: Path, state: Path) -> S3Options:
        """Return what the adapter wants to know."""
        return S3Options(
            **self.common(state),
            bucket=self.bucket,
            prefix=self.prefix,
            endpoint=self.endpoint or "",
            region=self.region,
            key_id=_secret(self.key_id_env),
            secret=_secret(self.secret_env),
            encoding=self.encoding,
            max_age=self.max_age,
            conditional=self.conditional,
        )

    def place(self) -> str:
        """Return what no two mirrors may share."""
        return f"{self.endpoint or ''} {self.bucket} {self.prefix.strip('/')}"


class RcloneTable(MirrorTable, frozen=True, tag_field="kind", tag="rclone", kw_only=True):
    """A mirror wherever rclone reaches: SFTP, WebDAV and others."""

    remote: Text
    config: Text | None = None

    def options(self, folder: Path, state: Path) -> RcloneOptions:
        """Return what the adapter wants to know."""
        return RcloneOptions(
            **self.common(state), remote=self.remote, config=folder / self.config if self.config else None
        )

    def place(self) -> str:
        """Return what no two mirrors may share."""
        return self.remote


class IpfsTable(MirrorTable, frozen=True, tag_field="kind", tag="ipfs", kw_only=True):
    """A mirror for IPFS: archives to be handed to any node or pinning service."""

    path: Folder

    def options(self, folder: Path, state: Path) -> IpfsOptions:
        """Return what the adapter wants to know."""
        return IpfsOptions(**self.common(state), path=folder / self.path)

    def folder(self) -> str:
        """Return the folder of the archives."""
        return os.path.normpath(self.path)


AnyMirrorTable = DirectoryTable | GitTable | S3Table | RcloneTable | IpfsTable
_BY_KIND = {table.__struct_config__.tag: table for table in get_args(AnyMirrorTable)}
MIRROR_TABLES: Mapping[str, type[MirrorTable]] = MappingProxyType(_BY_KIND)


def _secret(variable: str) -> str | None:
    """Return what an environment variable holds; None where it is not set."""
    return os.environ.get(variable, "").strip() or None
