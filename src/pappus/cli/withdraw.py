"""withdraw: takes an article back for good, everywhere, and proves it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pappus import config
from pappus.cli.options import config_option, dry_option, json_option
from pappus.cli.output import listening, print_json, report_json, safe, summary
from pappus.pipeline import withdraw as verb

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pappus.pipeline import Newsroom
    from pappus.pipeline.withdraw import Case


def _said(_: click.Context, __: click.Parameter, value: str) -> str:
    if not value.strip():
        raise click.BadParameter("is empty; readers see it in the notice")
    return value


@click.command()
@click.argument("article")
@click.option("--reason", required=True, callback=_said, help="Why: readers see it at the article's address.")
@click.option("--requested-by", "by", default="", help="Who asked for it; stands in the record alone.")
@click.option(
    "--request",
    "file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="The file in which it was asked for; a copy is kept with the record.",
)
@config_option
@json_option
@dry_option
@click.option("--yes", is_flag=True, help="Do not ask whether it is meant.")
def withdraw(
    article: str, reason: str, by: str, file: Path | None, path: Path, *, as_json: bool, dry_run: bool, yes: bool
) -> None:
    """Take ARTICLE back for good: out of the store, all editions and all mirrors, history included.

    ARTICLE is an address of it, the path of its page (pages/SOURCE/YYYY/MM/DD/ID.md), or a mirror's address that ends in that path. A
    notice with the reason stays at its address. Text and pictures cannot be brought back. A record of it is kept in withdrawals/, beside
    the configuration.
    """
    newsroom = config.load(path)
    case = _only(verb.find(newsroom, article), article)
    if dry_run:
        _show_what_would_go(newsroom, case, as_json=as_json)
        return
    if not yes:
        _ask(newsroom, case)
    request = verb.Request(reason=reason, by=by, file=file)
    with listening(as_json=as_json) as listener:
        report, record = verb.withdraw(newsroom, case.page, request, listener)
    if as_json:
        print_json(report_json(report) | {"page": case.page, "record": str(record)})
    else:
        click.echo(f"recorded in {record}")
        click.echo(summary(report))
    if not report.clean:
        click.get_current_context().exit(1)


def _only(cases: list[Case], article: str) -> Case:
    if not cases:
        raise click.ClickException(
            f"{safe(article)!r} is no article of this newsroom; give its address, or the path of its page"
        )
    if len(cases) > 1:
        raise click.ClickException(
            f"{safe(article)!r} is an article of several sources; give the path of one page: "
            + ", ".join(case.page for case in cases)
        )
    return cases[0]


def _ask(newsroom: Newsroom, case: Case) -> None:
    if not sys.stdin.isatty():
        raise click.ClickException("nobody can be asked whether this is meant; say --yes, or look with --dry-run")
    for text in _lines(newsroom, case):
        click.echo(text)
    click.confirm("Withdraw it for good? There is no way back", abort=True)


def _show_what_would_go(newsroom: Newsroom, case: Case, *, as_json: bool) -> None:
    if as_json:
        print_json(_as_json(newsroom, case))
        return
    for text in _lines(newsroom, case):
        click.echo(text)
    click.echo("dry run: nothing was changed")


def _lines(newsroom: Newsroom, case: Case) -> Iterator[str]:
    holding = case.holding
    yield f"withdraw  {case.page}: {safe(case.title) or 'withdrawn already'}"
    for address in holding.addresses:
        yield f"known as  {safe(address)}"
    yield f"delete    the text, {len(holding.contents) - 1} former revisions of it, its title in lists and reports"
    for media in holding.gone:
        yield f"delete    {media.digest[:16]} ({media.media_type}, {media.size:,} bytes)"
    for media in holding.kept:
        yield f"keep      {media.digest[:16]} ({media.media_type}, {media.size:,} bytes): others show it too"
    for piece in case.pieces:
        yield f"change    {piece.edition}: {piece.path}"
    for part in newsroom.mirrors:
        yield f"forget    {part.name}: {part.home}: what was there before, history included"


def _as_json(newsroom: Newsroom, case: Case) -> dict[str, Any]:
    return {
        "page": case.page,
        "title": case.title,
        "withdrawn": case.gone,
        "addresses": list(case.holding.addresses),
        "revisions": len(case.holding.contents),
        "media": [{"digest": one.digest, "size": one.size} for one in case.holding.gone],
        "kept": [{"digest": one.digest, "size": one.size} for one in case.holding.kept],
        "artifacts": [{"edition": one.edition, "path": one.path} for one in case.pieces],
        "mirrors": [part.name for part in newsroom.mirrors],
    }
