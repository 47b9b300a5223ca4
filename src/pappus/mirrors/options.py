"""What the operator says about a mirror."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class MirrorOptions:
    """One mirror. Which fields are used depends on its kind."""

    name: str
    workspace: Path  # a folder of this mirror's own for working files
    path: Path | None = None  # directory: where the tree stands
    remote: str = ""  # git: what is pushed to, any address that git takes
    branch: str = "main"  # git
    token: str = ""  # git over https: the password or access token, read from the environment by config
    ssh_key: Path | None = None  # git over ssh: the private key's file
    timeout: float = 600.0  # seconds for all that a publish does there
