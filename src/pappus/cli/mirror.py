"""mirror: a mirror comes, moves to another address, or is given up. Only pappus.toml is changed; the next run does the rest."""

from __future__ import annotations

import difflib
import os
from typing import TYPE_CHECKING, Any, get_args, get_origin

import click
import tomlkit
from tomlkit.exceptions import TOMLKitError

from pappus import config, durable
from pappus.cli import moving
from pappus.cli.options import address_option, config_option, dry_option, home_option
from pappus.config import values
from pappus.config.mirrors import MIRROR_TABLES
from pappus.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

_OPTIONS = ("name", "kind", "address", "home", "retired")  # keys that are said in another way than KEY=VALUE
_NEXT = "next: pappus run (and before it, pappus run --dry-run, which shows the files that change)"


name_argument = click.argument("name")
kind_choice = click.Choice(sorted(MIRROR_TABLES))
fields_argument = click.argument("pairs", metavar="[KEY=VALUE]...", nargs=-1)


@click.group()
def mirror() -> None:
    """Add, move or retire a mirror in pappus.toml; comments in it stay."""


@mirror.command()
@name_argument
@click.option("--kind", required=True, type=kind_choice, help="What kind of place it is.")
@address_option
@home_option
@fields_argument
@config_option
@dry_option
def add(*, name: str, kind: str, address: str, home: str, pairs: tuple[str, ...], path: Path, dry_run: bool) -> None:
    """Add the mirror NAME. KEY=VALUE are the other keys of its kind, such as remote=... or path=..."""
    fields = {"address": address} | ({"home": home} if home else {}) | _fields(kind, pairs)
    _change(path, lambda text: moving.add(text, name, kind, fields), dry_run=dry_run)


@mirror.command()
@name_argument
@address_option
@home_option
@click.option("--kind", type=kind_choice, help="What kind of place the new one is.  [default: as before]")
@fields_argument
@config_option
@dry_option
def move(
    *, name: str, address: str, home: str, kind: str | None, pairs: tuple[str, ...], path: Path, dry_run: bool
) -> None:
    """Give the mirror NAME another address; with KEY=VALUE, such as remote=... or path=..., another place too.

    Readers who come to the former address are told where the news went, and so are copies: the record is signed. A former place is kept as
    a retired mirror, which is published to as long as it can be reached. Of its keys, edition, timeout and listed are taken over. The
    former place of an annex is left as it is.
    """

    def edit(text: str) -> str:
        new_kind = kind or moving.kind_of(text, name)
        return moving.move(text, name, address, home=home, kind=new_kind, place=_fields(new_kind, pairs))

    _change(path, edit, dry_run=dry_run)


@mirror.command()
@name_argument
@click.option("--to", default="", metavar="NAME", help="The mirror that readers are sent to.")
@config_option
@dry_option
def retire(name: str, to: str, path: Path, *, dry_run: bool) -> None:
    """Give up the mirror NAME: it is no longer listed, and published to only as long as it can be reached.

    When it is gone for good, take it out of pappus.toml; what [[moved]] says of it should stay.
    """
    _change(path, lambda text: moving.retire(text, name, to), dry_run=dry_run)


def _change(path: Path, edit: Callable[[str], str], *, dry_run: bool) -> None:
    """Change the file, if what comes of it is valid; the one that is there stays until then."""
    config.load(path)
    before = path.read_bytes().decode()  # with its line ends, and its byte order mark
    mark = "\ufeff" if before.startswith("\ufeff") else ""
    after = mark + edit(before.removeprefix(mark))
    try:
        _replace(path.resolve(), path, after.encode(), dry_run=dry_run)
    except OSError as error:
        raise ConfigError(str(path), f"cannot be written: {error.strerror}") from error
    for line in _difference(path.name, before, after):
        click.echo(line)
    click.echo("dry run: nothing was changed" if dry_run else _NEXT)


def _replace(file: Path, path: Path, data: bytes, *, dry_run: bool) -> None:
    """Put other bytes in a file's place at once, with its rights, after they were checked beside it."""
    candidate = file.with_name(f".{file.name}.new")
    candidate.unlink(missing_ok=True)
    try:
        with candidate.open("xb") as out:
            os.fchmod(out.fileno(), file.stat().st_mode & 0o777)
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
        try:
            config.load(candidate)
        except ConfigError as error:
            subject = error.subject.replace(str(candidate), str(path))
            raise ConfigError(
                subject, f"would not be valid, so nothing was changed: {error.reason}", error.advice
            ) from error
        if not dry_run:
            candidate.replace(file)
            durable.sync(file.parent)
    finally:
        candidate.unlink(missing_ok=True)


def _difference(name: str, before: str, after: str) -> Iterable[str]:
    return difflib.unified_diff(before.splitlines(), after.splitlines(), name, name, lineterm="")


def _fields(kind: str, pairs: Iterable[str]) -> dict[str, Any]:
    """Return keys and their values, as what the kind's table wants: text as it stands, else as TOML writes it."""
    known = values.fields(MIRROR_TABLES[kind])
    fields: dict[str, Any] = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals:
            raise click.BadParameter(f"{pair!r} is not KEY=VALUE")
        if key in _OPTIONS:
            raise click.BadParameter(f"{key!r} is not given as KEY=VALUE")
        if key in fields:
            raise click.BadParameter(f"{key!r} is given twice")
        fields[key] = value if key not in known or _is_text(known[key].type) else _value(pair, value)
    return fields


def _is_text(annotation: Any) -> bool:
    """Whether a key's value is a text, or one of several texts, or none."""
    if annotation is str or isinstance(annotation, str):
        return True
    return get_origin(annotation) not in {tuple, list, dict} and any(map(_is_text, get_args(annotation)[:1]))


def _value(pair: str, text: str) -> Any:
    try:
        return tomlkit.value(text).unwrap()
    except TOMLKitError as error:
        raise click.BadParameter(f"{pair!r}: the value is no TOML ({error})") from error
