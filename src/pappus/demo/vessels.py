"""What floats or stands in the newspaper's photographs: boats, the ferry, the lighthouse, gulls."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PIL import Image, ImageChops, ImageDraw, ImageFilter

if TYPE_CHECKING:
    from pappus.demo.scenery import Colour, Scene

Box = tuple[float, float, float, float]


class _Brush:
    """Draws with colours and sizes as fractions of a box, at any scale."""

    def __init__(self, pen: ImageDraw.ImageDraw, width: float, height: float) -> None:
        self.pen, self.width, self.height = pen, width, height

    def shape(self, points: str, colour: Colour) -> None:
        """Fill a polygon, given as ``"x,y x,y ..."`` in hundredths of the box."""
        pairs = (pair.split(",") for pair in points.split())
        self.pen.polygon(
            [(float(x) * self.width / 100, float(y) * self.height / 100) for x, y in pairs], fill=(*colour, 255)
        )

    def box(self, box: Box, colour: Colour) -> None:
        """Fill a rectangle (left, top, right, bottom) in hundredths."""
        left, top, right, bottom = box
        self.shape(f"{left},{top} {right},{top} {right},{bottom} {left},{bottom}", colour)

    def row(self, box: Box, count: int, colour: Colour) -> None:
        """Fill ``count`` small windows along a rectangle."""
        left, top, right, bottom = box
        step = (right - left) / count
        for n in range(count):
            self.box((left + n * step, top, left + (n + 0.6) * step, bottom), colour)


def trawler(scene: Scene, x: int, y: int, size: int, *, hull: Colour, light: Colour = (248, 236, 205)) -> None:
    """Draw a fishing boat whose keel is at ``y``; ``size`` is its length in pixels."""

    def paint(pen: ImageDraw.ImageDraw, scale: float) -> None:
        brush = _Brush(pen, size * scale, size * 0.8 * scale)
        brush.shape("47,2 49,2 49,72 47,72", (60, 50, 44))
        brush.shape("48,14 80,60 79,62 48,17", (70, 60, 52))
        brush.shape("22,18 23,18 23,70 22,70", (60, 50, 44))
        brush.shape("48,6 15,66 14,66 48,4", (90, 84, 80))
        brush.shape("16,46 42,46 42,74 16,74", (232, 228, 216))
        brush.shape("13,43 45,43 45,47 13,47", (150, 60, 48))
        brush.row((19, 51, 40, 59), 4, light)
        brush.shape("1,66 60,72 99,58 92,82 84,97 12,97 4,84", hull)
        brush.shape("3,80 93,80 88,91 84,97 12,97 4,84", _dark(hull, 0.72))
        brush.shape("1,66 60,72 99,58 98,61 60,75 1,69", (240, 236, 224))

    scene.shadow((x + size / 2, y), round(size * 1.15), round(size * 0.2))
    scene.sprite((x, y - size * 0.78), (size, round(size * 0.8)), paint)


def ferry(scene: Scene, x: int, y: int, size: int, *, lit: bool) -> None:
    """Draw the ferry; ``lit`` when it is dark and its windows shine."""
    windows = (255, 226, 150) if lit else (70, 96, 118)
    body = (120, 128, 146) if lit else (244, 244, 240)

    def paint(pen: ImageDraw.ImageDraw, scale: float) -> None:
        brush = _Brush(pen, size * scale, size * 0.36 * scale)
        brush.shape("50,6 60,6 59,34 52,34", _dark((196, 74, 52), 0.6 if lit else 1))
        brush.box((30, 1, 31, 40), (60, 64, 72))
        brush.shape("22,30 74,30 78,50 18,50", body)
        brush.shape("12,48 84,48 88,70 8,70", body)
        brush.row((24, 36, 72, 43), 12, windows)
        brush.row((13, 54, 84, 62), 18, windows)
        brush.shape("0,66 100,62 94,96 6,96", _dark((34, 66, 104), 0.6 if lit else 1))
        brush.shape("3,82 97,82 94,96 6,96", _dark((150, 48, 40), 0.6 if lit else 1))

    scene.shadow((x + size / 2, y), round(size * 1.1), round(size * 0.13))
    scene.sprite((x, y - size * 0.345), (size, round(size * 0.36)), paint)


def lighthouse(scene: Scene, x: int, base: int, height: int, *, night: bool) -> None:
    """Draw the lighthouse standing on ``base``, and its light at night."""
    white: Colour = (150, 154, 172) if night else (246, 243, 234)
    red: Colour = (110, 44, 48) if night else (190, 58, 46)
    width = round(height * 0.34)

    def paint(pen: ImageDraw.ImageDraw, scale: float) -> None:
        brush = _Brush(pen, width * scale, height * scale)
        brush.shape("36,26 64,26 78,100 22,100", white)
        brush.shape("33,40 67,40 70,55 30,55", red)
        brush.shape("27,72 73,72 76,87 24,87", red)
        brush.shape("58,26 64,26 78,100 66,100", _dark(white, 0.8))
        brush.box((26, 23, 74, 27), (52, 50, 56))
        brush.box((38, 11, 62, 23), (255, 240, 190) if night else (120, 140, 150))
        brush.shape("34,11 50,2 66,11", red)

    if night:
        _beams(scene, x, base - round(height * 0.83))
    scene.sprite((x - width / 2, base - height), (width, height), paint)


def _beams(scene: Scene, x: int, y: int) -> None:
    """Draw the lighthouse's two beams, soft and long, fainter with the distance."""
    length, spread = 1300, 150
    beam = Image.new("L", (length, spread))
    pen = ImageDraw.Draw(beam)
    for opening, light in ((70, 60), (46, 90), (24, 120)):
        pen.polygon([(0, 75), (length, 75 - opening), (length, 75 + opening)], fill=light)
    fading = Image.linear_gradient("L").rotate(90).resize((length, spread))
    beam = ImageChops.multiply(beam.filter(ImageFilter.GaussianBlur(3)), ImageChops.invert(fading))
    scene.tint((255, 244, 205), beam, (x, y - spread // 2))
    scene.tint((255, 244, 205), beam.transpose(Image.Transpose.FLIP_LEFT_RIGHT), (x - length, y - spread // 2))
    scene.glow((x, y), 150, (255, 240, 190), 0.9)


def gulls(scene: Scene, count: int, box: Box, colour: Colour = (70, 74, 84)) -> None:
    """Let gulls fly within a box (left, top, right, bottom) in pixels."""
    pen = ImageDraw.Draw(scene.image)
    for _ in range(count):
        x, y = scene.rng.uniform(box[0], box[2]), scene.rng.uniform(box[1], box[3])
        span = scene.rng.uniform(8, 22)
        pen.line(
            (x - span, y - span * 0.25, x - span * 0.35, y - span * 0.5, x, y), fill=colour, width=2, joint="curve"
        )
        pen.line(
            (x, y, x + span * 0.4, y - span * 0.55, x + span, y - span * 0.35), fill=colour, width=2, joint="curve"
        )


def _dark(colour: Colour, share: float) -> Colour:
    red, green, blue = (round(part * share) for part in colour)
    return red, green, blue
