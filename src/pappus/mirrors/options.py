"""What the operator says about a mirror."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class MirrorOptions:
    """One mirror. Which fields are used depends on its kind."""

    name: str
    workspace: Path  # a folder of this mirror's own for working files
    path: Path | None = None  # directory: where the tree stands
    remote: str = ""  # git: what is pushed to, any address that git takes; a folder by its absolute path
    branch: str = "main"  # git
    token: str | None = field(default="", repr=False)  # git over https: the access token; None: wanted, but not there
    ssh_key: Path | None = None  # git over ssh: the private key's file
    timeout: float = 600.0  # seconds for all that a publish does there
