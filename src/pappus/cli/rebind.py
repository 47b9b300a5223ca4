"""rebind: makes a fork or a copy a mirror of its own."""

from __future__ import annotations

from pathlib import Path

import click

from pappus import config, mirrors
from pappus.cli.output import print_json
from pappus.cli.verbs import dry_option, json_option
from pappus.errors import MirrorError
from pappus.mirrors import rebind as rebinding


def _usable(_: click.Context, parameter: click.Parameter, value: str) -> str:
    check = mirrors.usable_address if parameter.name == "address" else mirrors.usable_home
    try:
        return check(value) if value else value
    except MirrorError as error:
        raise click.BadParameter(f"{error.subject} {error.reason} ({error.advice})") from error


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option(
    "--address",
    required=True,
    callback=_usable,
    help="What a path is appended to, e.g. https://forge.example/you/news/blob/main/",
)
@click.option("--home", default="", callback=_usable, help="The short address for readers.  [default: the address]")
@json_option
@dry_option
def rebind(folder: Path, address: str, home: str, *, as_json: bool, dry_run: bool) -> None:
    """Remake the QR images and mirror.json of FOLDER, a copy or a clone of a mirror, for its own address.

    Pages stay as they are: they lead to one another by relative links. In a git clone the change is committed, under a neutral name; push
    it yourself.
    """
    done = rebinding.rebind(folder, address, home, config.utc_now(), dry_run=dry_run)
    if as_json:
        print_json({"written": done.written, "bound": done.bound, "commit": done.commit, "dry_run": dry_run})
        return
    would = "would be " if dry_run else ""
    click.echo(f"{done.written} of {done.bound} files of the binding {would}remade for {address}")
    if done.commit:
        click.echo(f"committed as {done.commit[:12]}; next: git push")
