"""The help of every command as ``docs/cli.md`` shows it; ``python tests/docs_cli.py`` writes it there."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.testing import CliRunner

from pappus.cli import cli

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = Path(__file__).parent.parent / "docs/cli.md"
BLOCK = re.compile(r"(?<=^## pappus)(?P<command>(?: [a-z]+)*)\n\n```text\n(?P<help>.*?)```\n", re.MULTILINE | re.DOTALL)


def blocks() -> dict[str, str]:
    """Return the help of each command and of each of its own, "" for that of the whole, 100 columns wide."""
    return {name: _help(name) for name in ("", *_names(cli))}


def _names(group: click.Group, before: str = "") -> Iterator[str]:
    for name, command in group.commands.items():
        yield before + name
        if isinstance(command, click.Group):
            yield from _names(command, f"{before}{name} ")


def shown() -> dict[str, str]:
    """Return the same as it stands on the page."""
    return {found["command"].strip(): found["help"] for found in BLOCK.finditer(PAGE.read_text(encoding="utf-8"))}


def _help(name: str) -> str:
    arguments = [*name.split(), "--help"]
    return CliRunner().invoke(cli, arguments, prog_name="pappus", terminal_width=100).output


def main() -> None:
    """Write the help of every command that the page has a heading for."""
    known = blocks()
    text = PAGE.read_text(encoding="utf-8")
    text = BLOCK.sub(lambda found: f"{found['command']}\n\n```text\n{known[found['command'].strip()]}```\n", text)
    PAGE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
