"""Marks the tests that run over places, by the heavy component behind each place."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

_BEHIND = {"rclone": ("rclone",), "git-ssh": ("sshd",), "rclone-sftp": ("rclone", "sshd")}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        place = getattr(item, "callspec", None)
        for part in place.params.values() if place else ():
            for name, markers in _BEHIND.items():
                if isinstance(part, str) and (part == name or (name == "rclone" and part.startswith("rclone-"))):
                    for marker in markers:
                        item.add_marker(marker)
