"""init: a newsroom to begin with."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from pappus import config
from pappus.errors import ConfigError


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), default=".")
def init(folder: Path) -> None:
    """Write a commented pappus.toml into FOLDER (default: here) that runs as it is."""
    for name in (config.FILE, config.WELCOME):
        if (folder / name).exists():
            raise click.UsageError(f"{folder / name} is there already; nothing was changed")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name in (config.FILE, config.WELCOME):
            (folder / name).write_text(config.example(name), encoding="utf-8")
    except OSError as error:
        raise ConfigError(str(folder), f"cannot be written: {error.strerror}") from error
    click.echo(f"wrote {folder / config.FILE}, and {config.WELCOME}, a small feed to try it with")
    click.echo(f"next: {f'cd {shlex.quote(str(folder))} && ' if str(folder) != '.' else ''}pappus run")
