"""Draws the icons of the site: a pappus, as home screens and lists of programs show it.

Run from the root of the checkout: ``.venv/bin/python docs/images/icons.py``.
Maskable icons may be cut to a circle of four fifths of their width.
"""

# ruff: noqa: INP001  # a script, not a package

from __future__ import annotations

import math
from pathlib import Path

from PIL import Image, ImageDraw

TARGET = Path("src/pappus/render/templates/site")
BLUE, PAPER = (10, 88, 118), (255, 254, 251)
FINE = 4  # drawn so many times larger, and made smaller
RAYS = range(-75, 76, 25)  # degrees from the vertical
COLOURS = 16


def draw(size: int, *, maskable: bool) -> Image.Image:
    """Return an icon; a maskable one fills its square, another has round corners."""
    side = size * FINE
    icon = Image.new("RGBA", (side, side), (*BLUE, 255 if maskable else 0))
    pen = ImageDraw.Draw(icon)
    if not maskable:
        pen.rounded_rectangle((0, 0, side - 1, side - 1), side * 0.2, fill=BLUE)
    scale = side * (0.78 if maskable else 1)
    x, y = side / 2, side / 2 + scale * 0.03
    width = round(scale * 0.034)
    for angle in RAYS:
        turn = math.radians(angle)
        end = (x + scale * 0.34 * math.sin(turn), y - scale * 0.33 * math.cos(turn))
        pen.line((x, y, *end), fill=PAPER, width=width)
        pen.circle(end, scale * 0.046, fill=PAPER)
    pen.line((x, y, x, y + scale * 0.25), fill=PAPER, width=width)
    pen.circle((x, y), scale * 0.05, fill=PAPER)
    pen.ellipse((x - scale * 0.05, y + scale * 0.2, x + scale * 0.05, y + scale * 0.38), fill=PAPER)
    return icon.resize((size, size), Image.Resampling.LANCZOS)


def main() -> None:
    """Draw all of them."""
    for size in (192, 512):
        for maskable in (False, True):
            icon = draw(size, maskable=maskable)
            icon = icon.convert("RGB") if maskable else icon
            method = Image.Quantize.MEDIANCUT if maskable else Image.Quantize.FASTOCTREE
            small = icon.quantize(COLOURS, method=method)
            small.save(TARGET / f"icon{'-maskable' if maskable else ''}-{size}.png", optimize=True)


if __name__ == "__main__":
    main()
