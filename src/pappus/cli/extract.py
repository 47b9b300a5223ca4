"""extract: the article of one page, as readers of a mirror would get it."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import click

from pappus.cli.output import print_json, safe

FORMS: Final = ("html", "json", "markdown", "text")


@click.command()
@click.argument("place", metavar="FILE|URL")
@click.option("--url", default="", metavar="URL", help="Where a file's page is from; its links are relative to that.")
@click.option(
    "--format",
    "form",
    type=click.Choice(FORMS),
    default="markdown",
    show_default=True,
    help="What to print; json is every field, and where on the page it was found.",
)
@click.option(
    "--rules",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="A folder of site rules, in the format of FiveFilters' collection.",
)
@click.option("--one-page", is_flag=True, help="Leave further pages of the article alone.")
def extract(place: str, url: str, form: str, rules: Path | None, *, one_page: bool) -> None:
    """Print the article of a page: a file, "-" for what comes in, or an address.

    An address is asked for as a newsroom would: politely, within limits, and as robots.txt allows. What gather would refuse is
    printed too, with the reason, and the exit code is 1.
    """
    from msgspec import to_builtins  # noqa: PLC0415  # with the next, 200 ms for those who extract

    from pappus import config  # noqa: PLC0415  # as above
    from pappus.errors import QualityError  # noqa: PLC0415  # as above
    from pappus.extraction import quality  # noqa: PLC0415  # as above
    from pappus.pipeline.extract import extract as extracted  # noqa: PLC0415  # as above
    from pappus.render import draft as forms  # noqa: PLC0415  # as above

    draft = extracted(
        place,
        url=url,
        book=config.site_rules(Path.cwd(), str(rules) if rules else ""),
        one_page=one_page,
        clock=config.utc_now,
        executor=config.workers,
    )
    if form == "json":
        print_json(to_builtins(draft))
    else:
        click.echo({"html": forms.html, "markdown": forms.markdown, "text": forms.text}[form](draft))
    for finding in draft.findings:
        click.echo(f"pappus: {safe(finding)}", err=True)
    try:
        quality.check(draft)
    except QualityError as error:
        click.echo(f"pappus: gather would refuse it: {safe(error.reason)}", err=True)
        click.get_current_context().exit(1)
