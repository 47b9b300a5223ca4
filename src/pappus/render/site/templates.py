"""The templates of the site, its style sheet, scripts and icons: files of the package, read once, the same everywhere."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pappus.model import Digest, digest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pappus.render.inputs import EditionOptions

THEME: Final = "theme.css"
STYLE: Final = "style.css"
FIRST: Final = "first.js"  # it stands in every page, and sets what a reader chose before anything is shown
LOST: Final = "lost.js"  # it stands where there is no page, and finds the way home
SEARCH: Final = "search.js"
_IMAGE: Final = ".png"
_CODE: Final = 7  # raised with every change of this room's code that changes what it writes


@cache
def sources() -> Mapping[str, str]:
    """Return the text of every template, of the style sheet and of the scripts, by name."""
    return {file.name: file.read_text(encoding="utf-8") for file in _files() if not file.name.endswith(_IMAGE)}


def texts(options: EditionOptions) -> dict[str, str]:
    """Return what an edition is made with: ours, and what the operator has in its place."""
    return {**sources(), **({THEME: options.theme} if options.theme else {}), **dict(options.templates)}


@cache
def icons() -> Mapping[str, bytes]:
    """Return the site's icons, by name. Without one, browsers ask for ``/favicon.ico``, which may be somebody else's."""
    return {file.name: file.read_bytes() for file in _files() if file.name.endswith(_IMAGE)}


def place() -> Path:
    """Return the folder of all these files."""
    return Path(__file__).parents[1] / "templates" / "site"


def _files() -> list[Path]:
    return sorted((one for one in place().iterdir() if one.is_file()), key=lambda one: one.name)


@cache
def fingerprint() -> Digest:
    """Return what changes when any of them does, or the code that fills them in."""
    parts = [f"{name}\0{text}" for name, text in sources().items()]
    return digest("\0".join((str(_CODE), *parts)).encode())
