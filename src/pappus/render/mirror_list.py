"""The list of mirrors for programs: where the edition can be read, where those went that moved, and how large ones are divided.

It is an artifact like others, so it is signed with them: an old mirror that holds a last release says in it, provably, what came after.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from msgspec.structs import asdict

if TYPE_CHECKING:
    from pappus.render.inputs import EditionOptions


def exists(options: EditionOptions) -> bool:
    """Whether an edition has a list of mirrors: there is something to say."""
    return bool(options.mirrors or options.moved or options.divisions)


def dump(options: EditionOptions) -> bytes:
    """Return the bytes of ``mirrors.json``, whatever order things were configured in."""
    mirrors = sorted(options.mirrors, key=lambda mirror: mirror.address)
    moved = sorted(options.moved, key=lambda moved: moved.address)
    listed: dict[str, list[Any]] = {
        "mirrors": [{"address": mirror.address, "home": mirror.home} for mirror in mirrors],
        "moved": [{"from": one.address, "to": one.to} for one in moved],
    }
    if options.divisions:
        divisions = sorted(options.divisions, key=lambda division: division.main)
        listed["divided"] = [
            {
                "main": division.main,
                "annexes": [asdict(annex) for annex in sorted(division.annexes, key=lambda annex: annex.first)],
            }
            for division in divisions
        ]
    return (json.dumps(listed, ensure_ascii=False, indent=2) + "\n").encode()
