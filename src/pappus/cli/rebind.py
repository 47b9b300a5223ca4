"""rebind: makes a fork or a copy a mirror of its own."""

from __future__ import annotations

from pathlib import Path

import click

from pappus import config
from pappus.cli.options import address_option, dry_option, home_option, json_option
from pappus.cli.output import print_json
from pappus.mirrors import rebind as rebinding
from pappus.mirrors import usable_address


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
@address_option
@home_option
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
    click.echo(f"{done.written} of {done.bound} files of the binding {would}remade for {usable_address(address)}")
    if done.commit:
        click.echo(f"committed as {done.commit[:12]}; next: git push")
