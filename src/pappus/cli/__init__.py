"""The command line: parse, call, print. Exit codes: 0 all done, 1 some of it failed (the rest is done), 2 wrong usage or configuration."""

from __future__ import annotations

import io
import sys

import click

from pappus import __version__
from pappus.cli import demo, init, rebind, status, verbs
from pappus.cli.output import complain
from pappus.errors import ConfigError, PappusError

FAILED = 1
WRONG = 2


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="pappus")
def cli() -> None:
    """Keep news readable where it is blocked: self-contained mirrors of news sources, in many places at once."""


for command in (init.init, *verbs.COMMANDS, status.status, rebind.rebind, demo.demo):
    cli.add_command(command)


def main() -> None:
    """Run the command line; errors of ours are one line, bugs show their traceback."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # titles are of any script, terminals not always
    try:
        code = cli.main(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(WRONG)
    except click.Abort:
        click.echo("pappus: stopped; what was stored is kept, the next run goes on", err=True)
        sys.exit(130)
    except PappusError as error:
        complain(error)
        sys.exit(WRONG if isinstance(error, ConfigError) else FAILED)
    sys.exit(code if isinstance(code, int) else 0)
