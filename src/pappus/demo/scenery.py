"""A box of paints: sky, clouds, hills, houses, water, fog and boats, from which the newspaper's photographs are composed.

Everything follows from a seed: the same scene gives the same pixels. Only Pillow is needed.
"""

from __future__ import annotations

import math
import random
from functools import cache
from typing import TYPE_CHECKING

from PIL import Image, ImageChops, ImageDraw, ImageFilter

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Colour = tuple[int, int, int]
Point = tuple[float, float]

WIDTH, HEIGHT = 1600, 1000  # pixels
_SMOOTH, _FAST = Image.Resampling.BICUBIC, Image.Resampling.BILINEAR
_SHARP = 3  # how much larger a sprite is drawn than shown, for smooth edges
_WARM = (255, 214, 140)


def noise(rng: random.Random, size: tuple[int, int], cell: tuple[float, float]) -> Image.Image:
    """Return grey noise whose grains are ``cell`` (width, height) pixels large."""
    columns, rows = (max(2, math.ceil(length / grain)) for length, grain in zip(size, cell, strict=True))
    grains = Image.frombytes("L", (columns, rows), rng.randbytes(columns * rows))
    return grains.resize(size, _FAST if min(cell) < 8 else _SMOOTH)


def billows(rng: random.Random, size: tuple[int, int], cell: tuple[float, float]) -> Image.Image:
    """Return grey clouds: four layers of noise, each half as coarse and half as strong as the one before."""
    small = (size[0] // 4, size[1] // 4)
    layers = [noise(rng, small, (cell[0] / 4 / 2**n, cell[1] / 4 / 2**n)) for n in range(4)]
    cloud = layers[3]
    for layer in reversed(layers[:3]):
        cloud = Image.blend(cloud, layer, 0.6)
    return cloud.resize(size, _FAST)


def gradient(size: tuple[int, int], colours: Sequence[Colour]) -> Image.Image:
    """Return colours that flow into one another from top to bottom."""
    column = Image.new("RGB", (1, len(colours)))
    column.putdata(list(colours))
    return column.resize((1, size[1]), _FAST).resize(size, Image.Resampling.NEAREST)


@cache
def _spot(strength: float) -> Image.Image:
    """Return a round mask of 256 pixels that fades out from its centre; ``strength`` from 0 to 1."""
    return Image.radial_gradient("L").point([int(strength * 255 * (1 - v / 255) ** 2) for v in range(256)])


def levels(mask: Image.Image, low: int, high: int, strength: float) -> Image.Image:
    """Return a mask stretched so that ``low`` becomes nothing and ``high`` becomes ``strength`` (0 to 1)."""
    return mask.point([int(255 * strength * min(1, max(0, (v - low) / (high - low)))) for v in range(256)])


class Scene:
    """One picture in the making; methods are called from the back of the landscape to the front.

    Args:
        seed: what all chance in the picture follows from.
        sky: the sky's colours from top to bottom.
        horizon: where the sky ends, in pixels from the top.
    """

    def __init__(self, seed: str, sky: Sequence[Colour], horizon: int) -> None:
        self.rng = random.Random(seed)  # noqa: S311 - a picture, not a secret
        self.horizon = horizon
        self.image = Image.new("RGB", (WIDTH, HEIGHT), sky[-1])
        self.image.paste(gradient((WIDTH, horizon), sky))

    def tint(self, colour: Colour, mask: Image.Image, at: tuple[int, int] = (0, 0)) -> None:
        """Lay a colour over the picture, as thick as the mask says."""
        self.image.paste(colour, (*at, at[0] + mask.width, at[1] + mask.height), mask)

    def glow(self, centre: Point, radius: int, colour: Colour, strength: float) -> None:
        """Let light shine out from a point."""
        x, y = (round(value) - radius for value in centre)
        left, top, right, bottom = max(0, x), max(0, y), min(WIDTH, x + 2 * radius), min(HEIGHT, y + 2 * radius)
        if left >= right or top >= bottom:
            return
        part = [side * 128 / radius for side in (left - x, top - y, right - x, bottom - y)]
        mask = _spot(strength).resize((right - left, bottom - top), _FAST, box=(part[0], part[1], part[2], part[3]))
        self.tint(colour, mask, (left, top))

    def disc(self, centre: Point, radius: int, colour: Colour) -> None:
        """Draw a sun or a moon with a clean edge."""

        def paint(pen: ImageDraw.ImageDraw, scale: float) -> None:
            pen.ellipse((0, 0, 2 * radius * scale, 2 * radius * scale), fill=(*colour, 255))

        self.sprite((centre[0] - radius, centre[1] - radius), (2 * radius + 1, 2 * radius + 1), paint)

    def clouds(self, colour: Colour, cover: float, strength: float = 0.8, cell: Point = (620, 150)) -> None:
        """Spread clouds over the sky; ``cover`` from 0 (none) to 1 (closed)."""
        low = round(190 - 130 * cover)
        mask = levels(billows(self.rng, (WIDTH, self.horizon), cell), low, low + 75, strength)
        self.tint(colour, mask)

    def stars(self, count: int) -> None:
        """Scatter stars over the sky."""
        pen = ImageDraw.Draw(self.image)
        for _ in range(count):
            x, y = self.rng.uniform(0, WIDTH), self.rng.uniform(0, self.horizon * 0.95)
            size = self.rng.choice((0.6, 0.8, 1.0, 1.6))
            light = self.rng.randint(130, 245)
            pen.ellipse((x - size, y - size, x + size, y + size), fill=(light, light, min(255, light + 12)))

    def hills(self, colour: Colour, base: int, height: int, *, rough: float = 1.0, side: float = 0.0) -> None:
        """Draw a line of hills that stand on ``base`` (pixels from the top).

        Args:
            colour: of the hills.
            base: where they stand.
            height: of the highest, in pixels.
            rough: how broken their outline is.
            side: -1 lets them fall towards the right, 1 towards the left, 0 spans the picture.
        """
        waves = [(self.rng.uniform(0, 6.3), n, rough ** (n > 2) / n**1.15) for n in range(1, 15)]
        outline: list[Point] = []
        for x in range(0, WIDTH + 8, 8):
            t = x / WIDTH
            wave = sum(math.sin(phase + t * 5.1 * n) * size for phase, n, size in waves)
            reach = 1.0 if side == 0 else max(0.0, min(1.0, 1.25 - 2.1 * (t if side < 0 else 1 - t)))
            outline.append((x, base - height * max(0.0, 0.55 + 0.22 * wave) * reach))
        ImageDraw.Draw(self.image).polygon([(0, base), *outline, (WIDTH, base)], fill=colour)

    def town(self, base: int, colours: Sequence[Colour], left: int, right: int, *, lit: float, tall: int = 80) -> None:
        """Line houses up along the water; ``lit`` is the share of windows with a light in it."""
        for row in (1.0, 0.62):  # the street behind, then the quay
            x = float(left)
            while x < right:
                width = self.rng.uniform(26, 62)
                colour = self._mixed(self.rng.choice(colours), (1 - row) * -40)
                self._house((x, base), width, tall * row * self.rng.uniform(0.75, 1.3), colour, lit)
                x += width + self.rng.choice((0, 0, 0, 5, 14))

    def _house(self, foot: Point, width: float, height: float, colour: Colour, lit: float) -> None:
        pen = ImageDraw.Draw(self.image)
        x, base = foot
        top, ridge = base - height, base - height - width * 0.45
        pen.polygon([(x, base), (x, top), (x + width / 2, ridge), (x + width, top), (x + width, base)], fill=colour)
        roof = self._mixed(colour, -34)
        pen.polygon([(x - 3, top), (x + width / 2, ridge - 4), (x + width + 3, top)], fill=roof)
        for wx in range(int(x) + 6, int(x + width) - 8, 13):
            for wy in range(int(top) + 8, int(base) - 12, 19):
                light = (
                    self._mixed(_WARM, self.rng.randint(-50, 0))
                    if self.rng.random() < lit
                    else self._mixed(colour, -48)
                )
                pen.rectangle((wx, wy, wx + 5, wy + 8), fill=light)

    @staticmethod
    def _mixed(colour: Colour, change: float) -> Colour:
        red, green, blue = (round(min(255, max(0, part + change))) for part in colour)
        return red, green, blue

    def lamps(self, places: Sequence[Point], colour: Colour = _WARM, reach: int = 46) -> None:
        """Light lamps."""
        pen = ImageDraw.Draw(self.image)
        for x, y in places:
            self.glow((x, y), reach, colour, 0.75)
            self.glow((x, y), reach // 4, (255, 250, 230), 1.0)
            pen.ellipse((x - 2.5, y - 2.5, x + 2.5, y + 2.5), fill=(255, 252, 240))

    def water(self, deep: Colour, light: Colour, *, swell: float, mirror: float) -> None:
        """Fill everything below the horizon with water that reflects what stands above it.

        Args:
            deep: the water's own colour.
            light: of the crests.
            swell: height of the waves; 0.3 is calm, 2 a storm.
            mirror: how much of the reflection is seen, 0 to 1.
        """
        depth = HEIGHT - self.horizon
        above = self.image.crop((0, max(0, self.horizon - depth), WIDTH, self.horizon))
        half = above.transpose(Image.Transpose.FLIP_TOP_BOTTOM).resize((WIDTH // 2, depth // 2))
        mirrored = self._shaken(half, swell).filter(ImageFilter.BoxBlur(1)).resize((WIDTH, depth), _FAST)
        own = gradient((WIDTH, depth), [self._mixed(deep, 26), deep, self._mixed(deep, -22)])
        self.image.paste(Image.blend(own, mirrored, mirror), (0, self.horizon))
        waves = self._waves(depth)
        self.tint(light, levels(waves, 150, 235, 0.32 + 0.22 * swell), (0, self.horizon))
        self.tint(
            self._mixed(deep, -30), levels(ImageChops.invert(waves), 150, 240, 0.3 + 0.2 * swell), (0, self.horizon)
        )

    def _shaken(self, mirrored: Image.Image, swell: float) -> Image.Image:
        """Shift the rows of a reflection, the nearer the more."""
        shaken = mirrored.copy()
        drift = 0.0
        for y in range(mirrored.height):
            drift = 0.72 * drift + self.rng.uniform(-1, 1) * (1 + y * 0.045) * swell
            shaken.paste(mirrored.crop((0, y, mirrored.width, y + 1)), (round(drift), y))
        return shaken

    def _waves(self, depth: int) -> Image.Image:
        """Return grey waves that grow towards the viewer: flat noise seen in perspective."""
        plane = Image.blend(noise(self.rng, (800, 400), (5, 1.6)), noise(self.rng, (800, 400), (2, 1)), 0.3)
        near = depth / 9.0  # pixels; how fast the plane comes up to us
        scale, centre = 0.5, 400.0
        matrix = (scale, centre / near, centre - scale * WIDTH / 2, 0, 0.0, 395.0, 0, 1 / near)
        return plane.transform((WIDTH, depth), Image.Transform.PERSPECTIVE, matrix, _FAST)

    def fog(self, colour: Colour, strength: float, *, top: int = 0, bottom: int = HEIGHT) -> None:
        """Draw fog over a band of the picture, thickest in its middle."""
        height = bottom - top
        band = Image.new("L", (1, 5))
        band.putdata([0, 200, 255, 200, 0] if top > 0 else [140, 220, 255, 220, 150])
        mask = ImageChops.multiply(
            band.resize((1, height), _FAST).resize((WIDTH, height), Image.Resampling.NEAREST),
            levels(billows(self.rng, (WIDTH, height), (900, 220)), 0, 190, strength),
        )
        self.tint(colour, mask, (0, top))

    def rain(self, drops: int, slant: float = 0.18) -> None:
        """Let it rain."""
        veil = Image.new("L", (WIDTH, HEIGHT))
        pen = ImageDraw.Draw(veil)
        for _ in range(drops):
            x, y, length = self.rng.uniform(-80, WIDTH), self.rng.uniform(-60, HEIGHT), self.rng.uniform(18, 60)
            pen.line((x, y, x + slant * length, y + length), fill=self.rng.randint(30, 95))
        self.tint((235, 240, 245), veil)

    def sprite(self, at: Point, size: tuple[int, int], paint: Callable[[ImageDraw.ImageDraw, float], None]) -> None:
        """Draw something small with smooth edges. ``paint`` gets a pen and the scale to multiply its sizes with."""
        canvas = Image.new("RGBA", (size[0] * _SHARP, size[1] * _SHARP))
        paint(ImageDraw.Draw(canvas), float(_SHARP))
        small = canvas.reduce(_SHARP)
        self.image.paste(small, (round(at[0]), round(at[1])), small)

    def shadow(self, centre: Point, width: int, height: int) -> None:
        """Lay a soft dark patch on the ground or the water."""
        mask = _spot(0.6).resize((width, height), _FAST)
        self.tint((10, 14, 22), mask, (round(centre[0] - width / 2), round(centre[1] - height / 2)))

    def finish(self, *, grain: float = 0.035, shade: float = 0.45) -> Image.Image:
        """Return the picture as a camera would have it: darker corners, a little grain."""
        self.tint((6, 8, 16), levels(Image.radial_gradient("L"), 110, 255, shade).resize((WIDTH, HEIGHT), _FAST))
        dust = Image.frombytes("L", (WIDTH, HEIGHT), self.rng.randbytes(WIDTH * HEIGHT))
        return Image.blend(self.image, Image.merge("RGB", (dust, dust, dust)), grain)
