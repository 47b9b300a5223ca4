"""demo: the whole thing at once, on this machine."""

from __future__ import annotations

from pathlib import Path

import click

from pappus.cli.output import listening, summary
from pappus.demo.tour import tour


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), default="demo-newsroom")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8765, show_default=True, help="Where the demo newspaper listens."
)
def demo(folder: Path, port: int) -> None:
    """Mirror the built-in newspaper into FOLDER (default: demo-newsroom), and show what happens."""
    with listening(as_json=False) as listener:
        report = tour(folder, port, listener, click.echo)
    click.echo(f"   {summary(report)}")
    page = next((folder / "mirrors/folder").glob("pages/courier/2026/11/*/*.md"), folder)
    click.echo("")
    click.echo("Where to look:")
    click.echo(f"  {(folder / 'mirrors/folder/README.md').absolute().as_uri()}   the mirror in a folder")
    click.echo(f"  {page.absolute().as_uri()}   one of its pages")
    click.echo(
        f"  git clone {folder / 'mirrors/forge.git'}   the same on a git forge; git log shows what each run changed"
    )
    click.echo(f"  pappus status -c {folder / 'pappus.toml'}   the reports of the three runs")
    click.echo(f"  {folder / 'pappus.toml'}   how it is configured")
