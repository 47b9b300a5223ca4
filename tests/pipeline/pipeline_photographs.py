"""A newsroom with both editions, on a paper with two photographs."""

from __future__ import annotations

import io
import random
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from msgspec import Struct
from msgspec.structs import replace
from PIL import Image
from pipeline_host import SITE_MIRROR
from pipeline_house import Moment, Paper, Story, load, toml
from selectolax.lexbor import LexborHTMLParser

from pappus import config

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pappus.pipeline import Newsroom

PIER = Story(slug="pier", title="The pier is painted", images=("pier", "shared"))
QUAY = Story(slug="quay", title="The quay is swept", images=("shared",))
PAGE = "pages/paper/2026/11/21/pier"
EDITIONS = """
[[editions]]
name = "markdown"
[[editions]]
name = "site"
"""


def photograph(name: str) -> bytes:
    """Return a photograph of clouds that no other name has."""
    clouds = random.Random(name).randbytes(60 * 24 * 3)
    out = io.BytesIO()
    Image.frombytes("RGB", (60, 24), clouds).resize((1000, 360), Image.Resampling.BICUBIC).save(out, "JPEG", quality=95)
    return out.getvalue()


class House(Struct, frozen=True):
    """A newsroom with both editions, on a paper with two photographs."""

    folder: Path
    paper: Paper
    clock: Moment

    def newsroom(self, **parts: Any) -> Newsroom:
        return replace(load(self.folder, self.clock), **parts)

    @property
    def shown(self) -> Path:
        return self.folder / "mirrors" / "site"

    @property
    def media(self) -> set[str]:
        return {path.name for path in (self.folder / "state" / "media").rglob("*") if path.is_file()}

    def page(self) -> LexborHTMLParser:
        return LexborHTMLParser((self.shown / f"{PAGE}.html").read_text(encoding="utf-8"))


@contextmanager
def pressed() -> Iterator[Paper]:
    """Lend the paper with its photographs."""
    with Paper() as paper:
        paper.stories([PIER, QUAY])
        for name in ("pier", "shared"):
            paper.put(f"/{name}.png", photograph(name), "image/jpeg")
        paper.feed("/news.xml", [PIER, QUAY])
        yield paper


def begun(folder: Path, press: Paper) -> House:
    folder.mkdir()
    (folder / config.FILE).write_text(
        toml(press.url, {"news": "/news.xml"}, extra=EDITIONS + SITE_MIRROR), encoding="utf-8"
    )
    return House(folder=folder, paper=press, clock=Moment())
