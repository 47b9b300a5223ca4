"""Makes the helpers of these tests importable, and marks tests by the heavy component behind their place."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

sys.path.insert(0, str(Path(__file__).parent))  # mirrors_house, whichever way pytest is started

_BEHIND = {  # "slow" for the ways of a tool to a place over the network, which are the tool's own
    "rclone": ["rclone"],
    "rclone-webdav": ["rclone", "slow"],
    "rclone-sftp": ["rclone", "sshd", "slow"],
    "git-ssh": ["sshd"],
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        place = getattr(item, "callspec", None)
        for part in place.params.values() if place else ():
            for marker in _BEHIND.get(part, ()) if isinstance(part, str) else ():
                item.add_marker(marker)
