"""The command line: parse, call, print. Exit codes: 0 all done, 1 some of it failed (the rest is done), 2 wrong usage or configuration."""

from __future__ import annotations

import atexit
import gc
import io
import sys
from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Final

import click

from pappus import __version__
from pappus.errors import ConfigError, PappusError

FAILED = 1
WRONG = 2

MODULES: Final[Mapping[str, str]] = {
    "build": "verbs",
    "demo": "demo",
    "extract": "extract",
    "follow": "follow",
    "gather": "verbs",
    "init": "init",
    "keys": "keys",
    "mirror": "mirror",
    "publish": "verbs",
    "rebind": "rebind",
    "rules": "rules",
    "run": "verbs",
    "status": "status",
    "verify": "verify",
    "withdraw": "withdraw",
}
"""By a command's name, the module of this package that has it under that name."""


class _Commands(Mapping[str, click.Command]):
    """The commands by name. Each is imported when it is asked for, so that nobody pays for what others need."""

    def __getitem__(self, name: str) -> click.Command:
        command: click.Command = getattr(import_module(f"{__name__}.{MODULES[name]}"), name)
        return command

    def __iter__(self) -> Iterator[str]:
        return iter(MODULES)

    def __len__(self) -> int:
        return len(MODULES)


@click.group(commands=_Commands(), context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="pappus")
def cli() -> None:
    """Keep news readable where it is blocked: self-contained mirrors of news sources, in many places at once."""


def main() -> None:
    """Run the command line; errors of ours are one line, bugs show their traceback."""
    gc.set_threshold(20_000, 20, 20)  # a run makes few cycles; Python would look for them every 700 objects: 20 ms
    atexit.register(gc.freeze)  # the system takes memory back faster than Python searches it a last time: 40 ms
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # titles are of any script, terminals not always
    try:
        code = cli.main(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(WRONG)
    except click.Abort:
        click.echo("pappus: stopped; what was done so far is kept", err=True)
        sys.exit(130)
    except PappusError as error:
        from pappus.cli.output import complain  # noqa: PLC0415  # nothing to tell of, nothing to pay

        complain(error)
        sys.exit(WRONG if isinstance(error, ConfigError) else FAILED)
    sys.exit(code if isinstance(code, int) else 0)
