"""What the operator says about any mirror; each kind adds its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class MirrorOptions:
    """One mirror."""

    name: str
    workspace: Path  # a folder of this mirror's own for working files
    timeout: float = 600.0  # seconds for all that a publish does there
