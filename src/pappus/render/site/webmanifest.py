"""What a browser is told that keeps the site as an app: its name, its first page, its icons. Relative, so it is the same anywhere."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from pappus.markup import plain
from pappus.render.paths import SITE
from pappus.render.words import words

if TYPE_CHECKING:
    from pappus.render.inputs import EditionOptions

PATH: Final = "manifest.webmanifest"
PAPER: Final = "#fffefb"  # as in style.css, of the light pages
SIZES: Final = (192, 512)


def icon_path(size: int, purpose: str) -> str:
    """Return where an icon stands; a maskable one may be cut to any shape by the system that shows it."""
    return f"icon-{size}.png" if purpose == "any" else f"icon-{purpose}-{size}.png"


def dump(options: EditionOptions) -> bytes:
    """Return the bytes of the manifest (W3C, "Web Application Manifest")."""
    speech = words(options.language)
    said = {
        "name": plain(options.title),
        "description": plain(options.description),
        "lang": speech.language,
        "dir": speech.direction,
        "start_url": SITE.home,
        "scope": "./",
        "display": "minimal-ui",
        "background_color": PAPER,
        "theme_color": PAPER,
        "icons": [
            {"src": icon_path(size, purpose), "sizes": f"{size}x{size}", "type": "image/png", "purpose": purpose}
            for purpose in ("any", "maskable")
            for size in SIZES
        ],
    }
    return (
        json.dumps({key: value for key, value in said.items() if value}, ensure_ascii=False, indent=1) + "\n"
    ).encode()
