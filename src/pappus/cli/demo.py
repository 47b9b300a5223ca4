"""demo: the whole thing at once, on this machine."""

from __future__ import annotations

from pathlib import Path

import click

from pappus import config
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
        report, opened = tour(folder, port, listener, click.echo)
    click.echo(f"   {summary(report)}")
    click.echo("")
    click.echo("Where to look:")
    for place, what in (
        (opened.absolute().as_uri(), "open this: the mirror as a git forge shows it"),
        (
            (folder / "mirrors/site/index.html").absolute().as_uri(),
            "and this: the same news as a site of static HTML, for any web server",
        ),
        (str(folder / "mirrors/folder/README.md"), "the mirror in a folder, Markdown that reads well raw"),
        (
            f"git clone {folder / 'mirrors/forge.git'}",
            "the mirror in a git repository; git log tells what each run changed",
        ),
        (
            f"pappus verify {folder / 'mirrors/folder'} --root {folder / 'keys/root/1.root.json'}",
            "every file is signed: alter one, and see what it says",
        ),
        (f"pappus status -c {folder / config.FILE}", "the reports of the three runs"),
        (str(folder / config.FILE), "how it is configured"),
    ):
        click.echo(f"  {place}\n      {what}")
