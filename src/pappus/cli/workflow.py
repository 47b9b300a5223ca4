"""Workflow files for a fork, one a kind of forge: they follow the upstream by the hour, push, and fail visibly when something is wrong."""

from __future__ import annotations

import hashlib
import json
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import click

from pappus import __version__, config, durable
from pappus.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

FORGES: Mapping[str, str] = MappingProxyType(
    {
        "forgejo": ".forgejo/workflows/pappus-follow.yml",
        "github": ".github/workflows/pappus-follow.yml",
        "gitlab": ".gitlab-ci.yml",
    }
)
"""By kind of forge, where it looks for workflows."""


def written(forge: str, *, upstream: str, branch: str, address: str, home: str, root: str, **_: Any) -> tuple[str, str]:
    """Return path and text of a workflow file.

    Everything that is said stands in it as a quoted value, which steps read from their environment: none of it is ever part of a program.
    """
    said = {"UPSTREAM": upstream, "BRANCH": branch, "ADDRESS": address, "HOMEPAGE": home, "ROOT": root}
    for name, value in said.items():
        if "$" in value or not value.isprintable():
            raise click.BadParameter(f"{value!r} cannot stand in a workflow file", param_hint=name.lower())
    text = config.example(f"follow-{forge}.yml")
    for name, value in said.items():
        text = text.replace(f"@{name}@", json.dumps(value))
    minute = (
        int(hashlib.sha256(address.encode()).hexdigest(), 16) % 57 + 2
    )  # not all at once, and not when everybody does
    return FORGES[forge], text.replace("@MINUTE@", str(minute)).replace("@VERSION@", __version__)


def put(path: Path, text: str) -> None:
    """Write a workflow file; another one that is there stays.

    Raises:
        ConfigError: there is one with another content, or it cannot be written.
    """
    try:
        if path.exists() and path.read_text(encoding="utf-8") != text:
            raise ConfigError(str(path), "is there already, with another content", "remove it first, or see --dry-run")
        durable.write(path, text.encode())
    except OSError as error:
        raise ConfigError(str(path), f"cannot be written: {error.strerror}") from error
