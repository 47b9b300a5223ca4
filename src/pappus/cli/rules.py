"""rules: whether site rules still match the pages that they are for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pappus import config
from pappus.cli.options import config_option, json_option
from pappus.cli.output import print_json, safe

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pappus.pipeline.canary import Outcome


@click.group()
def rules() -> None:
    """Try the rules that say where things are on a site's pages."""


@rules.command()
@click.argument("files", nargs=-1, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@config_option
@json_option
@click.option(
    "--pages",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="A WARC file to take the pages from, instead of asking for them.",
)
def test(files: tuple[Path, ...], path: Path, *, as_json: bool, pages: Path | None) -> None:
    """Tell which rules no longer match the pages that they name.

    FILES are in FiveFilters' format; without any, the rules of the newsroom's sources are tried.
    """
    import asyncio  # noqa: PLC0415  # with what asks and parses: 200 ms, for those who try rules

    from pappus.pipeline.canary import canary, file_case, own_cases  # noqa: PLC0415  # as above

    newsroom = config.load(path)
    cases = [file_case(newsroom, file) for file in files] if files else list(own_cases(newsroom))
    outcomes = asyncio.run(canary(newsroom, cases, pages, _silent if as_json else _tell))
    if as_json:
        print_json({"ok": all(one.clean for one in outcomes), "rules": [_as_json(one) for one in outcomes]})
    elif not cases:
        click.echo(
            "there are no rules: neither in [sources.rules] nor for a source's host in the folder of gather.rules"
        )
    if not all(one.clean for one in outcomes):
        click.get_current_context().exit(1)


def _silent(_: Outcome) -> None:
    pass


def _tell(outcome: Outcome) -> None:
    for text in _lines(outcome):
        click.echo(safe(text))


def _lines(outcome: Outcome) -> Iterator[str]:
    for remark in outcome.remarks:
        if not remark.known:
            yield f"remark    {remark.place}: {remark.reason}"
    for reason in outcome.stale:
        yield f"stale     {outcome.name}: {reason}"
    for sight in outcome.errors:
        yield f"failed    {outcome.name}: {sight.url} – {sight.error}"
    if not outcome.sights:
        yield f"untried   {outcome.name}: it names no page to try it on"
    elif outcome.clean:
        yield f"ok        {outcome.name}: {len(outcome.sights)} page{'s' if len(outcome.sights) > 1 else ''}"


def _as_json(outcome: Outcome) -> dict[str, Any]:
    return {
        "name": outcome.name,
        "ok": outcome.clean,
        "stale": list(outcome.stale),
        "pages": [
            {"url": one.url, "error": one.error or None, "missing": list(one.blind), "lacking": list(one.lacking)}
            for one in outcome.sights
        ],
        "idle": list(outcome.idle),
        "remarks": [{"place": one.place, "reason": one.reason} for one in outcome.remarks],
    }
