"""Bar and line charts with Pillow's built-in typeface; numbers and Latin letters only."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PIL import Image, ImageDraw, ImageFont

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pappus.demo.scenery import Colour

_SIZE = (1200, 720)  # pixels, as shown
_SCALE = 2  # drawn larger, for smooth edges
_INK: Colour = (38, 50, 60)
_FAINT: Colour = (218, 222, 222)
_SERIES: tuple[Colour, ...] = ((28, 94, 132), (206, 98, 52), (92, 138, 72))
_LEFT, _TOP, _RIGHT, _BOTTOM = 110, 110, 1150, 630  # the plot, in shown pixels


class _Sheet:
    """A chart in the making: a title, a scale at the left, labels below."""

    def __init__(self, title: str, labels: Sequence[str], highest: float) -> None:
        self.image = Image.new("RGB", (_SIZE[0] * _SCALE, _SIZE[1] * _SCALE), (252, 251, 247))
        self.pen = ImageDraw.Draw(self.image)
        self.step = _round_step(highest / 5)
        self.top_value = math.ceil(highest / self.step) * self.step
        self.column = (_RIGHT - _LEFT) / len(labels)
        self.text((_LEFT - 70, 36), title, 34, anchor="ls")
        for n in range(round(self.top_value / self.step) + 1):
            y = self.y(n * self.step)
            self.line([(_LEFT, y), (_RIGHT, y)], _FAINT, 1.5)
            self.text((_LEFT - 14, y), f"{n * self.step:g}", 22, anchor="rm")
        for n, label in enumerate(labels):
            self.text((self.x(n), _BOTTOM + 18), label, 22, anchor="ma")

    def x(self, index: int) -> float:
        return _LEFT + (index + 0.5) * self.column

    def y(self, value: float) -> float:
        return _BOTTOM - (_BOTTOM - _TOP) * value / self.top_value

    def text(self, at: tuple[float, float], text: str, size: int, *, anchor: str) -> None:
        place = (at[0] * _SCALE, (at[1] + (20 if anchor == "ls" else 0)) * _SCALE)
        self.pen.text(place, text, fill=_INK, font=ImageFont.load_default(size * _SCALE), anchor=anchor)

    def line(self, points: Sequence[tuple[float, float]], colour: Colour, width: float) -> None:
        scaled = [(x * _SCALE, y * _SCALE) for x, y in points]
        self.pen.line(scaled, fill=colour, width=round(width * _SCALE), joint="curve")

    def done(self) -> Image.Image:
        self.line([(_LEFT, _BOTTOM), (_RIGHT, _BOTTOM)], _INK, 2)
        return self.image.reduce(_SCALE)


def bars(title: str, values: Mapping[str, float]) -> Image.Image:
    """Return a bar chart of values by label; the largest bar stands out."""
    highest = max(values.values())
    sheet = _Sheet(title, list(values), highest)
    for n, value in enumerate(values.values()):
        half, colour = sheet.column * 0.34, _SERIES[1] if value == highest else _SERIES[0]
        box = (sheet.x(n) - half, sheet.y(value), sheet.x(n) + half, _BOTTOM)
        sheet.pen.rectangle([side * _SCALE for side in box], fill=colour)
        sheet.text((sheet.x(n), sheet.y(value) - 8), f"{value:g}", 20, anchor="mb")
    return sheet.done()


def lines(title: str, labels: Sequence[str], series: Mapping[str, Sequence[float]]) -> Image.Image:
    """Return a line chart: a value for each label in every series, three series at most."""
    sheet = _Sheet(title, labels, max(max(values) for values in series.values()))
    for n, (name, values) in enumerate(series.items()):
        points = [(sheet.x(i), sheet.y(value)) for i, value in enumerate(values)]
        sheet.line(points, _SERIES[n], 4)
        for x, y in points:
            box = ((x - 6) * _SCALE, (y - 6) * _SCALE, (x + 6) * _SCALE, (y + 6) * _SCALE)
            sheet.pen.ellipse(box, fill=_SERIES[n], outline=(252, 251, 247), width=_SCALE * 2)
        key = _LEFT + 20 + n * 220
        sheet.line([(key, 92), (key + 34, 92)], _SERIES[n], 5)
        sheet.text((key + 44, 92), name, 22, anchor="lm")
    return sheet.done()


def _round_step(rough: float) -> float:
    """Return the nearest larger one of 1, 2, 2.5 and 5 times a power of ten."""
    power = 10.0 ** math.floor(math.log10(rough))
    return next(factor * power for factor in (1, 2, 2.5, 5, 10) if factor * power >= rough)
