"""verify: whether a copy is whole, fresh and unaltered."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click
from msgspec import to_builtins

from pappus import config
from pappus.cli.options import Root, json_option
from pappus.cli.output import grouped, listening, print_json, safe
from pappus.errors import MirrorError
from pappus.model import Digest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pappus.pipeline.releases import Anchors
    from pappus.pipeline.verdict import Verdict

_LINES: Final = 10  # of one kind that are shown

# What to do, by kind of finding.
_ADVICE: Final = {
    "altered": "Do not believe these files. Read another mirror, and tell the newsroom which one this is.",
    "missing": "Read them at another mirror; a copy that is not whole may be an accident.",
    "added": "The newsroom never published these. Do not open them.",
    "rolled back": "An older state is shown than was seen before. Read another mirror.",
    "frozen": "The mirror is no longer brought up to date, or somebody holds news back. Read another mirror.",
    "expired": "The newsroom has to sign this again. What it signed is unaltered, but may be out of date.",
    "mixed": "Parts of different releases lie side by side. Try again in some minutes, then read another mirror.",
    "foreign": "This is not the newsroom that you know. Do not believe it, and do not replace your root by its own.",
    "unsigned": "Nothing here can be verified.",
    "unreadable": "This proves neither tampering nor its absence: try again, by another way (--proxy), or at another mirror.",
}


WRONG, OUTDATED, SILENT = 1, 3, 4  # exit codes
_OLD = frozenset({"frozen", "expired"})


@click.command()
@click.argument("place")
@click.option(
    "--root",
    "roots",
    type=Root(),
    multiple=True,
    metavar="ROOT",
    help="A root that you believe: a file N.root.json, or the fingerprint of a 1.root.json. May be given several times.",
)
@click.option(
    "--memory",
    type=click.Path(path_type=Path, file_okay=False),
    help="A folder to remember the newest release in, so that an older one is told the next time.",
)
@click.option("--branch", default="", help="Of a git repository.  [default: HEAD, or a work tree as it lies there]")
@click.option(
    "--annex",
    "annexes",
    multiple=True,
    metavar="PLACE",
    help="Another part of a mirror that is divided; looked at with what PLACE has signed. May be given several times.",
)
@click.option("--proxy", default="", help="For an address: http://host:port or socks5://host:port, such as Tor's.")
@click.option("--quick", is_flag=True, help="Read all metadata, but of the files only a random sample.")
@json_option
def verify(
    *,
    place: str,
    roots: tuple[bytes | str, ...],
    memory: Path | None,
    branch: str,
    annexes: tuple[str, ...],
    proxy: str,
    quick: bool,
    as_json: bool,
) -> None:
    """Say whether PLACE holds what its newsroom has signed.

    PLACE is a folder, a git repository, a bucket (s3://BUCKET/PREFIX), or the address of a mirror's files. What a divided mirror has
    given to its annexes is looked at where they are named.

    Exit code 0: whole and fresh; 1: altered, or not to be believed; 3: unaltered, but old; 4: it could not be looked at.

    Altered, missing and added files are named, and copies that are rolled back, frozen, mixed, expired or another newsroom's.
    Without --root the root that is met first is believed, which shows accidents, but not an impostor.
    """
    # python-tuf takes longer to import than every other command takes to start.
    from pappus.pipeline.memory import FolderMemory  # noqa: PLC0415
    from pappus.pipeline.places import PlaceOptions, open_place  # noqa: PLC0415
    from pappus.pipeline.verdict import VerifyOptions  # noqa: PLC0415
    from pappus.pipeline.verify import verify as look  # noqa: PLC0415

    reading = PlaceOptions(branch=branch, proxy=proxy)
    try:
        where, *others = [open_place(one, reading, config.utc_now) for one in (place, *annexes)]
    except MirrorError as error:
        raise click.UsageError(safe(str(error))) from error
    options = VerifyOptions(
        anchors=_anchors(roots),
        memory=FolderMemory(memory) if memory else None,
        quick=quick,
        annexes=tuple(others),
    )
    with listening(as_json=as_json) as listener:
        verdict = look(where, options, config.utc_now(), listener.progress)
    if as_json:
        print_json(_as_json(verdict))
    else:
        for one in (verdict, *verdict.annexes):
            for line in _lines(one):
                click.echo(safe(line))
    click.get_current_context().exit(_code(verdict, *verdict.annexes))


def _code(*verdicts: Verdict) -> int:
    """Return the exit code: scripts tell an old copy, and one that does not answer, from one that was altered."""
    kinds = {finding.kind for verdict in verdicts for finding in verdict.findings}
    if not kinds:
        return 0
    if kinds <= _OLD:
        return OUTDATED
    return SILENT if kinds == {"unreadable"} else WRONG


def _anchors(roots: tuple[bytes | str, ...]) -> Anchors:
    from pappus.pipeline.releases import Anchors  # noqa: PLC0415
    from pappus.trust import check  # noqa: PLC0415

    files = tuple(root for root in roots if isinstance(root, bytes))
    for data in files:
        try:
            check.first_root(data, "--root")
        except check.CheckError as error:
            raise click.UsageError(safe(str(error))) from error
    return Anchors(roots=files, fingerprints=frozenset(Digest(root) for root in roots if isinstance(root, str)))


def _lines(verdict: Verdict) -> Iterator[str]:
    """Yield the report, the verdict first."""
    if not verdict.findings:
        fresh = f", fresh until {verdict.until:%Y-%m-%d %H:%M} UTC" if verdict.until else ""
        yield f"whole: {verdict.place}: release {verdict.release}, {verdict.files:,} files as signed{fresh}"
    elif _code(verdict) == OUTDATED:
        until = f", whose signatures ended on {verdict.until:%Y-%m-%d %H:%M} UTC" if verdict.until else ""
        yield f"UNALTERED, BUT OLD: {verdict.place}: release {verdict.release}{until}, {verdict.files:,} files as signed"
    elif _code(verdict) == SILENT:
        yield f"COULD NOT BE LOOKED AT: {verdict.place}: {_counts(verdict)}"
    else:
        yield f"NOT WHOLE: {verdict.place}: {_counts(verdict)}, of {verdict.files:,} signed files"
    if verdict.fingerprint:
        pinned = (
            "the root that you gave"
            if verdict.pinned
            else "NOT PINNED: this root was believed because it was met first"
        )
        yield f"root {verdict.root}: {grouped(verdict.fingerprint)} ({pinned})"
    if verdict.fingerprint and not verdict.pinned:
        yield "  Compare it with what the newsroom says elsewhere, and give it with --root the next time."
    for kind, group in groupby(sorted(verdict.findings, key=lambda one: one.kind), key=lambda one: one.kind):
        findings = list(group)
        yield f"{kind}:"
        yield from (f"  {one.path}: {one.reason}" for one in findings[:_LINES])
        if len(findings) > _LINES:
            yield f"  and {len(findings) - _LINES:,} more; --json names them all"
        yield f"  {_ADVICE[kind]}"
    for note, notes in groupby(sorted(verdict.notes, key=lambda one: one.kind), key=lambda one: one.kind):
        told = list(notes)
        if note != "unpinned":
            more = f", and {len(told) - 1:,} more" if len(told) > 1 else ""
            yield f"note, {note}: {told[0].path}: {told[0].reason}{more}"


def _counts(verdict: Verdict) -> str:
    kinds = sorted(one.kind for one in verdict.findings)
    return ", ".join(f"{len(list(group)):,} {kind}" for kind, group in groupby(kinds))


def _as_json(verdict: Verdict) -> dict[str, Any]:
    return {
        "place": verdict.place,
        "whole": verdict.whole,
        "pinned": verdict.pinned,
        "fingerprint": verdict.fingerprint,
        "root": verdict.root,
        "release": verdict.release,
        "until": verdict.until.isoformat() if verdict.until else None,
        "files": verdict.files,
        "findings": to_builtins(verdict.findings),
        "notes": to_builtins(verdict.notes),
        "annexes": [_as_json(annex) for annex in verdict.annexes],
    }
