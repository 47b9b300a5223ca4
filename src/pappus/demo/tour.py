"""The tour that ``pappus demo`` gives: the whole way from a newspaper to mirrors, on this machine, without a network."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING
from urllib.parse import unquote

from pappus import config
from pappus.demo.forge import preview
from pappus.demo.newspaper import CHANNELS, Newspaper
from pappus.errors import ConfigError
from pappus.pipeline import run
from pappus.trust import ceremony

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pappus.pipeline import Listener, Report

_FIRST_LINE = "# The newsroom of 'pappus demo'. Made anew by each tour."
FORGE = "https://forge.example/ternhaven/courier"


def tour(folder: Path, port: int, listener: Listener, say: Callable[[str], None]) -> tuple[Report, Path]:
    """Mirror the built-in newspaper into a folder: a first run, one in which nothing is new, one after corrections.

    Args:
        folder: where the demo newsroom goes; one of an earlier tour is made anew.
        port: where the newspaper listens, or the next free one.
        listener: hears of what the runs do.
        say: prints what a newcomer should know.

    Returns:
        The report of the last run, and a preview of the mirror to open in a browser.

    Raises:
        ConfigError: the folder holds something else.
    """
    _clear(folder)
    with Newspaper(port) as newspaper:
        path = folder / config.FILE
        path.write_text(_toml(newspaper.url), encoding="utf-8")
        ceremony.init(folder / "keys", "", ceremony.NewRoots(folder=folder / "offline"), config.utc_now())
        newsroom = config.load(path)
        say(
            f"1. The Ternhaven Courier, an invented newspaper, is served at {newspaper.url}: {len(CHANNELS)} channels, seven scripts."
        )
        say("2. A first run: gather, build, publish. One of its articles is broken on purpose.")
        run(newsroom, listener)
        asked = len(newspaper.requests)
        say("3. A second run, nothing new:")
        written = run(newsroom, listener).counts["changed"]  # images, on a slow machine
        left = f"{written} files for images that were not ready before" if written else "no file written, no commit"
        say(f"   {len(newspaper.requests) - asked} conditional requests for {len(CHANNELS)} channels; {left}.")
        say("4. The paper corrects an article, withdraws one and publishes one. A third run:")
        newspaper.correct()
        newspaper.withdraw()
        newspaper.add()
        report = run(newsroom, listener)
    return report, preview(folder / "mirrors" / "folder", folder / "preview")


def _clear(folder: Path) -> None:
    path = folder / config.FILE
    if folder.exists() and any(folder.iterdir()):
        if not path.is_file() or not path.read_text(encoding="utf-8").startswith(_FIRST_LINE):
            raise ConfigError(str(folder), "is not empty and not of an earlier demo", "name another folder")
        for name in (config.STATE, "mirrors", "keys", "offline"):
            shutil.rmtree(folder / name, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)


def _toml(url: str) -> str:
    lines = [
        _FIRST_LINE,
        f'recommended = ["{url}/en/lighthouse-open-day.html", "{url}/zh-hans/rope-walk-mural.html"]',
        "",
        "[site]",
        'title = "Ternhaven Courier, mirrored"',
        'description = "The demo newspaper of Pappus, in seven languages."',
        "",
        "[signing]",
        'keys = "keys"',
        "",
        "[gather]",
        "delay = 0.0 # the paper is on this machine",
        "per_host = 8",
        "",
        "[[sources]]",
        'name = "courier"',
        'title = "Ternhaven Courier"',
        f'homepage = "{url}/"',
        'licence = "CC BY 4.0, the Pappus authors"',
        "local = true # the paper is on this machine",
    ]
    for channel in CHANNELS:
        lines += ["", "[[sources.channels]]", f'name = "{channel.name}"', f'title = "{channel.title}"']
        lines += [f'kind = "{channel.kind}"', f'url = "{url}{channel.path}" # {unquote(channel.path)}']
        keys = {"within": "within", "link": "link", "title": "link_title"}
        lines += [f'{keys[name]} = "{selector}"' for name, selector in channel.selectors.items()]
    lines += [
        "",
        "[[notices]]",
        'text = "How to read this mirror when an app will not show it"',
        'url = "https://courier.example/guide"',
    ]
    for film in (
        "The harbour in four seasons",
        "A night on the pilot boat",
        "How a net is mended",
        "Fog: a short film",
    ):
        lines += [
            "",
            "[[notices]]",
            f'text = "{film}"',
            f'url = "https://video.example/{film.split()[-1].lower()}"',
            "rotating = true",
        ]
    lines += [
        "",
        "[[editions]]",
        'name = "markdown"',
        "",
        "[[editions]]",
        'name = "site"',
        "",
        "[[mirrors]]",
        'name = "forge"',
        'kind = "git"',
        'remote = "mirrors/forge.git"',
        f'address = "{FORGE}/blob/main/"',
        f'home = "{FORGE}"',
        "",
        "[[mirrors]]",
        'name = "folder"',
        'kind = "directory"',
        'path = "mirrors/folder"',
        'address = "https://news.example/courier/"',
        "",
        "[[mirrors]]",
        'name = "site"',
        'edition = "site"',
        'kind = "directory"',
        'path = "mirrors/site"',
        'address = "https://www.news.example/courier/"',
    ]
    return "\n".join(lines) + "\n"
