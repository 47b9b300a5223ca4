"""The same articles as a site of Hugo's, whose templates (``hugo-site/``) show the same. Their text is markup: that spares it Markdown."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from bench.newsroom import CHANNELS, channel
from pappus.render.site.templates import FIRST, STYLE, THEME, sources

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bench.sites.content import Story


def prepare(folder: Path) -> None:
    """Make a site without articles."""
    shutil.copytree(Path(__file__).parent / "hugo-site", folder)
    texts = sources()
    (folder / "style.css").write_text(texts[THEME] + texts[STYLE])
    (folder / FIRST).write_text(texts[FIRST])
    for number in range(CHANNELS):
        section = folder / "content" / channel(number)
        section.mkdir(parents=True)
        (section / "_index.html").write_text(json.dumps({"title": f"Section {number}"}) + "\n")


def add(folder: Path, stories: Iterable[Story]) -> None:
    """Put articles there."""
    for story in stories:
        front = {
            "title": story.title,
            "date": f"{story.when:%Y-%m-%dT%H:%M:%SZ}",
            "language": story.language,
            "authors": story.authors,
            "tags": story.tags,
            "days": [f"{story.when:%Y-%m-%d}"],
            "months": [f"{story.when:%Y-%m}-{story.channel}"],
            "original": story.url,
        }
        page = folder / "content" / story.channel / f"{story.number}.html"
        page.write_text(json.dumps(front, ensure_ascii=False) + "\n" + story.body, encoding="utf-8")
