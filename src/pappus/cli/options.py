"""Options that several commands have."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import click

from pappus import config
from pappus.errors import MirrorError
from pappus.mirrors import usable_address, usable_home

_UNITS = {"s": 1, "m": 60, "h": 3600}
_SHORTEST = timedelta(seconds=10)
_ROOT_BYTES = 512 * 1024
_FINGERPRINT = re.compile(r"[0-9a-f]{64}")


class Interval(click.ParamType[timedelta]):
    """An interval such as 30s, 10m or 1h."""

    name = "interval"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        """Return the interval that a text names."""
        found = re.fullmatch(r"(\d{1,5})([smh])", str(value))
        if found is None:
            self.fail(f"{value!r} is no interval; write 30s, 10m or 1h", param, ctx)
        interval = timedelta(seconds=int(found[1]) * _UNITS[found[2]])
        if interval < _SHORTEST:
            self.fail(f"{value!r} is too often; at least {_SHORTEST.seconds}s", param, ctx)
        return interval


class Root(click.ParamType[bytes | str]):
    """A root that the reader carries: a file, or the fingerprint of a first root."""

    name = "root"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> bytes | str:
        """Return the bytes of a file, or a fingerprint without spaces and colons."""
        fingerprint = re.sub(r"[\s:]", "", str(value)).lower()
        if _FINGERPRINT.fullmatch(fingerprint):
            return fingerprint
        try:
            with Path(value).open("rb") as file:
                return file.read(_ROOT_BYTES + 1)
        except OSError as error:
            self.fail(f"{value!r} is neither a file that can be read nor a fingerprint: {error.strerror}", param, ctx)


def _usable(_: click.Context, parameter: click.Parameter, value: str) -> str:
    """Return an address as it was given, once it is known to be usable."""
    check = usable_address if parameter.name == "address" else usable_home
    try:
        if value:
            check(value)
    except MirrorError as error:
        raise click.BadParameter(f"{error.subject} {error.why}") from error
    return value


address_option = click.option(
    "--address",
    required=True,
    callback=_usable,
    help="What a path is appended to, e.g. https://forge.example/you/news/blob/main/",
)
config_option = click.option(
    "--config",
    "-c",
    "path",
    type=click.Path(path_type=Path, dir_okay=False),
    default=config.FILE,
    show_default=True,
    help="The newsroom's configuration.",
)
dry_option = click.option("--dry-run", is_flag=True, help="Say what would be done; change nothing.")
home_option = click.option(
    "--home", default="", callback=_usable, help="The short address for readers.  [default: the address]"
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
