"""follow: a fork takes over what its upstream publishes, once that is verified; and the workflow files that do it by the hour."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from msgspec import to_builtins

from pappus import config
from pappus.cli import workflow
from pappus.cli.options import Interval, Root, address_option, dry_option, home_option, json_option
from pappus.cli.output import print_json, safe
from pappus.errors import PappusError
from pappus.mirrors.follow import Checked, Followed, FollowOptions, Known, is_own
from pappus.mirrors.follow import follow as follow_upstream
from pappus.model import Digest, digest

if TYPE_CHECKING:
    from datetime import datetime

    from pappus.mirrors.follow import Check

_NAMED = 5  # files
_STALE = frozenset({"frozen", "expired"})  # findings that are no sign of tampering


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--upstream", required=True, metavar="URL", help="The git repository that is followed.")
@click.option("--branch", default="main", show_default=True, help="Its branch.")
@address_option
@home_option
@click.option(
    "--root",
    type=Root(),
    help="Whose signatures count: a root's file, or the fingerprint of the first root.  [default: the root that the fork holds]",
)
@click.option(
    "--stale-after",
    "patience",
    type=Interval(),
    default="18h",
    show_default=True,
    help="How long without a release is too long.",
)
@click.option(
    "--workflow",
    "forge",
    type=click.Choice(workflow.FORGES),
    help="Only write the workflow file for this kind of forge.",
)
@json_option
@dry_option
def follow(
    *, folder: Path, forge: str | None, root: bytes | str | None, as_json: bool, dry_run: bool, **named: Any
) -> None:
    """Bring FOLDER, a clone of a fork, to what its upstream publishes, once that is verified; push it yourself.

    The fork's own workflow files stay, and QR images and mirror.json are made for its own address. What is not as it was signed, or older
    than what the fork has, changes nothing. Exit code 1 as well if the upstream is stale.
    """
    if forge:
        _write(folder, forge, root, dry_run=dry_run, **named)
        return
    options = FollowOptions(
        upstream=_remote(named["upstream"]), branch=named["branch"], address=named["address"], home=named["home"],
        patience=named["patience"],
    )  # fmt: skip
    now = config.utc_now()
    try:
        done = follow_upstream(folder, options, verifier(root, now), now, dry_run=dry_run)
    except PappusError as error:
        _summarise(str(error))
        raise
    if not done.pinned:
        click.echo(
            f"pappus: the root {done.fingerprint} was met first here; compare it with what the newsroom says", err=True
        )
    if done.taken_away:
        lost = _lost(done, dry_run=dry_run)
        _summarise(lost)
        click.echo(f"pappus: {safe(lost)}", err=True)
    if as_json:
        print_json(to_builtins(done) | {"dry_run": dry_run})
    else:
        click.echo(_told(done, dry_run=dry_run))
    if done.stale:
        stale = f"{options.upstream} is stale: {done.stale}"
        _summarise(stale)
        click.echo(f"pappus: {safe(stale)}", err=True)
        click.get_current_context().exit(1)
    _summarise(_told(done, dry_run=dry_run))


def _told(done: Followed, *, dry_run: bool) -> str:
    if done.heartbeat:
        return f"release {done.release}: nothing new for long; committed a sign of life as {done.commit[:12]}; next: git push"
    if not done.changed:
        return f"release {done.release}: nothing new"
    would = "would change" if dry_run else "changed"
    did = f"; committed as {done.commit[:12]}; next: git push" if done.commit else ""
    return f"release {done.release}: {done.changed:,} files {would}, {done.bound:,} of them new QR images{did}"


def _lost(done: Followed, *, dry_run: bool) -> str:
    more = f" and {len(done.taken_away) - _NAMED:,} more" if len(done.taken_away) > _NAMED else ""
    would = "would be" if dry_run else "were"
    return (
        f"{', '.join(done.taken_away[:_NAMED])}{more} {would} taken away: a fork holds what its upstream publishes, and of its own"
        " only its workflows; keep other files in another branch or repository"
    )


def _summarise(text: str) -> None:
    """Tell it on the page that forges show of a job, where this is one."""
    if path := os.environ.get("GITHUB_STEP_SUMMARY"):
        with Path(path).open("a", encoding="utf-8") as file:
            file.write(f"`{safe(text).replace('`', chr(39))}`\n")


def _remote(upstream: str) -> str:
    """Return a git remote; one that is a folder of this machine by its whole path."""
    return str(Path(upstream).resolve()) if Path(upstream).is_dir() else upstream


def _write(folder: Path, forge: str, root: bytes | str | None, *, dry_run: bool, **named: Any) -> None:
    """Write a workflow file, or show it."""
    if isinstance(root, bytes):
        raise click.BadParameter("a workflow file holds a fingerprint, not a root", param_hint="--root")
    path, text = workflow.written(forge, root=root or "", **named)
    if dry_run:
        click.echo(text, nl=False)
        return
    workflow.put(folder / path, text)
    click.echo(f"wrote {folder / path}; next: commit it and push")


def verifier(root: bytes | str | None, now: datetime) -> Check:
    """Return what verifies an upstream."""
    # python-tuf takes a while to import, and most commands do not need it.
    from pappus.pipeline.memory import FolderMemory  # noqa: PLC0415
    from pappus.pipeline.places import GitPlace  # noqa: PLC0415
    from pappus.pipeline.releases import Anchors  # noqa: PLC0415
    from pappus.pipeline.verdict import VerifyOptions  # noqa: PLC0415
    from pappus.pipeline.verify import verify  # noqa: PLC0415

    def check(repository: Path, branch: str, known: Known) -> Checked:
        with tempfile.TemporaryDirectory(prefix="pappus-") as name:
            memory = Path(name)
            for file, data in known.seen.items():
                (memory / file).write_bytes(data)
            anchors = _anchors(root, known)
            options = VerifyOptions(anchors=Anchors(**anchors), memory=FolderMemory(memory))
            verdict = verify(GitPlace(branch, repository, branch), options, now)
            seen = {path.name: path.read_bytes() for path in sorted(memory.iterdir())}
        findings = [one for one in verdict.findings if not (one.kind == "added" and is_own(one.path))]
        return Checked(
            release=verdict.release,
            wrong=tuple(f"{one.path} ({one.kind}: {one.reason})" for one in findings if one.kind not in _STALE),
            expired=next((f"{one.path} {one.reason}" for one in findings if one.kind in _STALE), ""),
            fingerprint=verdict.fingerprint or "",
            pinned=verdict.pinned or bool(known.seen),
            seen=seen,
        )

    return check


def _anchors(root: bytes | str | None, known: Known) -> dict[str, Any]:
    """Return what is believed: what was said, else the root that the fork holds."""
    if isinstance(root, bytes):
        return {"roots": (root,)}
    fingerprint = root or (digest(known.root) if known.root else "")
    return {"fingerprints": frozenset({Digest(fingerprint)})} if fingerprint else {}
