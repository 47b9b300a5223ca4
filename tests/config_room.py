"""A small pappus.toml, in parts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pappus import config

if TYPE_CHECKING:
    from pathlib import Path

    from pappus.pipeline import Newsroom

SOURCE = """
[[sources]]
name = "gazette"
title = "Gazette"
licence = "by permission"

[[sources.channels]]
name = "news"
title = "News"
url = "https://gazette.example/feed"
"""
MIRROR = """
[[mirrors]]
name = "forge"
kind = "git"
remote = "https://forge.example/you/news.git"
address = "https://forge.example/you/news/blob/main/"
"""
SITE = '[site]\ntitle = "News"\n'
FOLDER = '[[mirrors]]\nname = "one"\nkind = "directory"\npath = "m"\naddress = "https://n.example/"\n'


def load(folder: Path, text: str) -> Newsroom:
    """Write a pappus.toml into a folder, and read it."""
    path = folder / config.FILE
    path.write_text(text, encoding="utf-8")
    return config.load(path)
