"""A newsroom with a site and no network, whose articles are put into its store."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pappus import config

if TYPE_CHECKING:
    from pathlib import Path

CHANNELS: Final = 10
_TOML = """
[site]
title = "{title}"
description = "News that is mirrored with its publishers' permission."
[[sources]]
name = "{source}"
title = "{title}"
licence = "CC BY 4.0"
homepage = "https://{source}.example/"
{channels}
[[editions]]
name = "site"
[[mirrors]]
name = "folder"
kind = "directory"
edition = "site"
path = "mirror"
address = "https://news.example/"
"""
_CHANNEL = """
[[sources.channels]]
name = "{channel}"
title = "Section {number}"
url = "https://{source}.example/{number}.xml"
"""


def channel(number: int) -> str:
    """Return the channel of an article."""
    return f"section-{number % CHANNELS}"


def prepare(folder: Path, source: str, title: str) -> None:
    """Make one with an empty store."""
    channels = "".join(_CHANNEL.format(number=one, channel=channel(one), source=source) for one in range(CHANNELS))
    folder.mkdir(parents=True, exist_ok=True)
    text = _TOML.format(title=title, source=source, channels=channels)
    (folder / config.FILE).write_text(text, encoding="utf-8")
