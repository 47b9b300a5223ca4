"""What the operator says about a mirror, by kind. The adapters are imported by those who have one of their kind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pappus.model import Private

if TYPE_CHECKING:
    from pathlib import Path

Encoding = Literal["none", "gzip"]


class MirrorOptions(Private, frozen=True, kw_only=True):
    """One mirror."""

    name: str
    workspace: Path  # a folder of this mirror's own for working files
    timeout: float = 600.0  # seconds for all that a publish does there


class DirectoryOptions(MirrorOptions, frozen=True, kw_only=True):
    """A folder on this machine."""

    path: Path  # where the tree stands
    precompress: bool = False  # whether text stands there packed as well, for a web server that sends it so


class S3Options(MirrorOptions, frozen=True, kw_only=True):
    """A bucket, or what begins with a prefix in one; nothing else may be in there.

    Args:
        endpoint: of a service other than Amazon's.
        key_id: None where it is wanted, but not there; so ``secret``.
        encoding: how text is stored. S3 gives every reader the same bytes, whatever he asks for: browsers and all who heed
            Content-Encoding undo it, but a plain download is the packed file. What is signed are the bytes
            before. Media, signed metadata and ``mirror.json`` are never packed.
        max_age: seconds for which a page, an index or the home may be shown without asking again.
        conditional: whether the service knows conditional writes; without them two publishers at once are not told of one another.
    """

    bucket: str
    prefix: str = ""
    endpoint: str = ""
    region: str = "us-east-1"
    key_id: str | None = None
    secret: str | None = None
    encoding: Encoding = "none"
    max_age: int = 120
    conditional: bool = True


class RcloneOptions(MirrorOptions, frozen=True, kw_only=True):
    """A place that rclone reaches."""

    remote: str  # as rclone writes it: "name:path" of the configuration, or ":sftp,host=x,user=y:path"
    config: Path | None = None  # an rclone.conf; the user's own is never read


class IpfsOptions(MirrorOptions, frozen=True, kw_only=True):
    """A folder on this machine, from which the operator's nodes take what they offer."""

    path: Path
