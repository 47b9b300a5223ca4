"""keys: what signs the editions, and how readers know that it does."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pappus import config
from pappus.cli.options import json_option
from pappus.cli.output import grouped, print_json
from pappus.trust import ONLINE, ceremony

if TYPE_CHECKING:
    from collections.abc import Callable

    from pappus.trust.ceremony import Chain

_ALL_ROLES = (*ONLINE, "root")


def _secret(_: click.Context, __: click.Parameter, name: str | None) -> str:
    """Return the passphrase that a variable holds, "" where none is named."""
    if not name:
        return ""
    if not (secret := os.environ.get(name)):
        raise click.BadParameter(f"there is nothing in the variable {name}")
    return secret


def _secrets(context: click.Context, parameter: click.Parameter, names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(_secret(context, parameter, name) for name in names)


def _root_files(_: click.Context, __: click.Parameter, paths: tuple[Path, ...]) -> tuple[Path, ...]:
    """Return the files of root keys, those of a folder in its place."""
    files = [file for path in paths for file in (sorted(path.glob("*.pem")) if path.is_dir() else [path])]
    if not files:
        raise click.BadParameter("there is no key (*.pem) in this folder")
    return tuple(files)


def _options(*options: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Return options as one decorator."""

    def decorate(function: Any) -> Any:
        for option in reversed(options):
            function = option(function)
        return function

    return decorate


_folder_option = click.option(
    "--folder",
    type=click.Path(path_type=Path, file_okay=False),
    default="keys",
    show_default=True,
    help="Where the online keys and the roots are.",
)
_passphrase_option = click.option(
    "--passphrase-env",
    "passphrase",
    metavar="NAME",
    callback=_secret,
    help="The environment variable with the passphrase of the online keys.",
)
_count_options = _options(
    click.option("--roots", "number", type=click.IntRange(1, 32), help="How many root keys to make."),
    click.option("--threshold", type=click.IntRange(1, 32), help="How many of them must sign a new root."),
)
_offline_options = _options(
    click.option(
        "--offline",
        "files",
        type=click.Path(path_type=Path, exists=True),
        multiple=True,
        required=True,
        callback=_root_files,
        help="A root key, or a folder of them; once for each.",
    ),
    click.option(
        "--offline-passphrase-env",
        "passphrases",
        metavar="NAME",
        multiple=True,
        callback=_secrets,
        help="The environment variable with a root key's passphrase; once for each that differs. The last one locks new root keys.",
    ),
)


@click.group()
def keys() -> None:
    """Make, show, change and revoke the keys that editions are signed with.

    Root keys say which other keys count, and are kept offline. The online keys sign what is published: targets, snapshot and timestamp.
    """


@keys.command()
@_folder_option
@_passphrase_option
@click.option(
    "--offline",
    type=click.Path(path_type=Path, file_okay=False),
    required=True,
    help="Where to write the root keys, to be carried away; must not be there yet.",
)
@click.option(
    "--offline-passphrase-env",
    "offline_passphrase",
    metavar="NAME",
    callback=_secret,
    help="The environment variable with the passphrase of the root keys.",
)
@_count_options
def init(
    folder: Path, passphrase: str, offline: Path, offline_passphrase: str, *, number: int | None, threshold: int | None
) -> None:
    """Make all keys, and the first root."""
    new = ceremony.NewRoots(folder=offline, number=number or 1, threshold=threshold or 1, passphrase=offline_passphrase)
    made = ceremony.init(folder, passphrase, new, config.utc_now())
    for place, secret, variable in ((folder, passphrase, ""), (offline, offline_passphrase, "offline-")):
        if not secret:
            advice = f"--{variable}passphrase-env locks them"
            click.echo(f"pappus: {place}: whoever reads these keys can sign with them ({advice})", err=True)
    click.echo(f"wrote {folder}, and {new.number} root key{'s' * (new.number > 1)} into {offline}")
    click.echo(f"the root of trust is {grouped(made.fingerprint)}")
    click.echo(
        f"next: carry {offline} away, keep copies apart, and tell readers the root of trust by other ways than mirrors"
    )
    click.echo("then switch signing on in pappus.toml:")
    click.echo("[signing]")
    click.echo(f'keys = "{folder}"')
    if passphrase:
        click.echo('passphrase_env = "..."  # the variable with their passphrase')


@keys.command()
@_folder_option
@json_option
def show(folder: Path, *, as_json: bool) -> None:
    """Show the root of trust, who may sign what, and until when."""
    chain = ceremony.chain(folder)
    root = chain.newest
    expires = f"{root.expires:%Y-%m-%dT%H:%M:%SZ}"
    roles = [(role, root.roles[role]) for role in ("root", *ONLINE)]
    if as_json:
        listed = [{"name": name, "threshold": role.threshold, "keys": list(role.keyids)} for name, role in roles]
        print_json({"fingerprint": chain.fingerprint, "version": root.version, "expires": expires, "roles": listed})
        return
    click.echo(f"the root of trust is {grouped(chain.fingerprint)}")
    click.echo(f"root {root.version} is valid until {expires}")
    for name, role in roles:
        click.echo(f"{name}: {role.threshold} of {len(role.keyids)} must sign")
        for keyid in role.keyids:
            click.echo(f"  {keyid}")


@keys.command()
@click.argument("role", type=click.Choice(_ALL_ROLES))
@_folder_option
@_passphrase_option
@_offline_options
@click.option("--keep", is_flag=True, help="root: the same keys for another year.")
@click.option(
    "--to",
    type=click.Path(path_type=Path, file_okay=False),
    help="root: where to write new root keys, in the place of all there are; must not be there yet.",
)
@_count_options
def rotate(
    role: str,
    folder: Path,
    passphrase: str,
    files: tuple[Path, ...],
    passphrases: tuple[str, ...],
    *,
    keep: bool,
    to: Path | None,
    number: int | None,
    threshold: int | None,
) -> None:
    """Make a new key for ROLE, and a new root, valid for a year, that lists it in the place of the old one."""
    if (role == "root") != (keep or bool(to)) or (keep and to):
        raise click.UsageError("rotate root needs --keep or --to FOLDER, and no other role takes them")
    if (number or threshold) and not to:
        raise click.UsageError("--roots and --threshold are for new root keys: rotate root --to FOLDER")
    offline = ceremony.Offline(files=files, passphrases=passphrases)
    if keep:
        made = ceremony.renew(folder, offline, config.utc_now())
    elif to:
        former = ceremony.chain(folder).newest.roles["root"]
        new = ceremony.NewRoots(
            folder=to,
            number=number or len(former.keyids),
            threshold=threshold or former.threshold,
            passphrase=passphrases[-1] if passphrases else "",
        )
        made = ceremony.replace_roots(folder, offline, new, config.utc_now())
        click.echo(f"wrote {new.number} root key{'s' * (new.number > 1)} into {to}; those of before count no longer")
    else:
        made = ceremony.rotate(folder, [role], passphrase, offline, config.utc_now())
    _tell(made)


@keys.command()
@click.argument("keyid")
@_folder_option
@_passphrase_option
@_offline_options
def revoke(keyid: str, folder: Path, passphrase: str, files: tuple[Path, ...], passphrases: tuple[str, ...]) -> None:
    """Take the key KEYID out of every role, because it was lost or stolen. An online key is replaced by a new one.

    The beginning of the id is enough, from eight characters on; `pappus keys show` lists the ids.
    """
    offline = ceremony.Offline(files=files, passphrases=passphrases)
    _tell(ceremony.revoke(folder, keyid, passphrase, offline, config.utc_now()))


def _tell(chain: Chain) -> None:
    click.echo(f"root {chain.newest.version} is valid until {chain.newest.expires:%Y-%m-%dT%H:%M:%SZ}")
    click.echo("next: carry the root keys away again, and publish")
