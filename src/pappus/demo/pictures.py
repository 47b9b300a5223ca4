"""The newspaper's pictures by file name: photographs that never were, charts, and the paper's mark.

Photographs carry EXIF with an invented camera, owner and place, as real ones do, so that a mirror has something to strip.
"""

from __future__ import annotations

import io
import math
import random
from types import MappingProxyType
from typing import TYPE_CHECKING

from PIL import Image, ImageDraw, ImageFilter

from pappus.demo import charts
from pappus.demo.scenery import HEIGHT, WIDTH, Colour, Scene, gradient, levels, noise
from pappus.demo.vessels import ferry, gulls, lighthouse, trawler

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

SMALL = WIDTH // 2  # pixels; width of the small copy that ``srcset`` offers
_HOUSES: tuple[Colour, ...] = ((206, 120, 86), (226, 190, 130), (170, 184, 178), (232, 222, 200), (150, 92, 80))
_DIM: tuple[Colour, ...] = ((66, 58, 66), (78, 70, 74), (56, 62, 76), (84, 78, 80))


def _harbour_dawn() -> Image.Image:
    scene = Scene("harbour-dawn", [(62, 78, 128), (150, 130, 160), (238, 164, 130), (255, 214, 150)], 520)
    scene.glow((1080, 500), 620, (255, 216, 150), 0.9)
    scene.clouds((250, 178, 160), 0.45, 0.7)
    scene.disc((1080, 470), 40, (255, 246, 214))
    scene.hills((150, 118, 140), 520, 170)
    scene.hills((98, 80, 108), 520, 120, side=-1, rough=1.4)
    scene.town(520, _DIM, 40, 620, lit=0.3)
    scene.water((70, 84, 120), (255, 222, 176), swell=0.45, mirror=0.72)
    trawler(scene, 900, 760, 430, hull=(46, 70, 96))
    trawler(scene, 330, 600, 150, hull=(94, 58, 62))
    gulls(scene, 9, (600, 160, 1400, 400))
    return scene.finish()


def _harbour_noon() -> Image.Image:
    scene = Scene("harbour-noon", [(70, 136, 196), (132, 186, 222), (206, 226, 232)], 500)
    scene.clouds((255, 255, 255), 0.5, 0.95)
    scene.hills((126, 156, 150), 500, 190)
    scene.hills((86, 124, 92), 500, 150, side=-1)
    scene.town(500, _HOUSES, 120, 1180, lit=0.05, tall=96)
    scene.water((46, 108, 134), (226, 240, 242), swell=0.7, mirror=0.45)
    trawler(scene, 180, 700, 360, hull=(178, 62, 46))
    trawler(scene, 760, 620, 210, hull=(40, 96, 120))
    trawler(scene, 1090, 840, 440, hull=(38, 78, 66))
    gulls(scene, 12, (100, 60, 1500, 330), (240, 240, 240))
    return scene.finish(shade=0.3)


def _ferry_dusk() -> Image.Image:
    scene = Scene("ferry-dusk", [(28, 36, 74), (84, 70, 120), (190, 104, 118), (248, 164, 112)], 560)
    scene.glow((420, 570), 680, (255, 170, 110), 0.85)
    scene.clouds((110, 66, 104), 0.5, 0.75)
    scene.hills((66, 52, 86), 560, 130, side=1)
    scene.lamps([(1330 + 34 * n, 548 - 3 * (n % 3)) for n in range(8)], reach=26)
    scene.water((44, 44, 80), (250, 176, 140), swell=0.6, mirror=0.75)
    ferry(scene, 430, 720, 760, lit=True)
    gulls(scene, 6, (300, 250, 1200, 450), (40, 34, 54))
    return scene.finish()


def _ferry_winter() -> Image.Image:
    scene = Scene("ferry-winter", [(146, 160, 172), (186, 196, 202), (214, 220, 222)], 540)
    scene.clouds((232, 236, 238), 0.8, 0.8)
    scene.hills((170, 182, 190), 540, 200, rough=1.5)
    scene.hills((232, 236, 240), 540, 110, side=1, rough=1.6)
    scene.water((86, 108, 122), (226, 232, 236), swell=0.9, mirror=0.4)
    ferry(scene, 360, 740, 820, lit=False)
    scene.rain(260, 0.4)
    return scene.finish()


def _lighthouse_night() -> Image.Image:
    scene = Scene("lighthouse-night", [(8, 12, 34), (18, 28, 62), (44, 58, 100), (84, 92, 128)], 640)
    scene.stars(420)
    scene.clouds((60, 70, 106), 0.3, 0.6)
    scene.hills((16, 20, 34), 640, 180, side=1, rough=1.5)
    scene.hills((10, 14, 26), 650, 260, side=1, rough=2.0)
    scene.water((14, 22, 44), (120, 134, 170), swell=0.7, mirror=0.6)
    lighthouse(scene, 1270, 520, 320, night=True)
    return scene.finish(grain=0.045)


def _lighthouse_day() -> Image.Image:
    scene = Scene("lighthouse-day", [(92, 152, 204), (158, 200, 226), (224, 234, 232)], 620)
    scene.clouds((255, 255, 255), 0.4, 0.9)
    scene.hills((110, 150, 160), 620, 90)
    scene.hills((104, 134, 84), 640, 330, side=-1, rough=1.6)
    scene.water((38, 104, 134), (236, 246, 246), swell=1.1, mirror=0.35)
    scene.hills((72, 92, 58), 1010, 520, side=-1, rough=1.2)
    lighthouse(scene, 470, 600, 460, night=False)
    gulls(scene, 14, (700, 120, 1500, 480), (250, 250, 250))
    return scene.finish(shade=0.3)


def _fog_quay() -> Image.Image:
    scene = Scene("fog-quay", [(176, 184, 188), (196, 202, 204), (208, 212, 212)], 540)
    scene.hills((160, 168, 174), 540, 150)
    scene.town(540, [(140, 142, 146), (150, 148, 148), (128, 134, 140)], 300, 1300, lit=0.18, tall=110)
    scene.fog((210, 214, 214), 0.9, top=260, bottom=620)
    scene.water((150, 158, 164), (222, 226, 226), swell=0.25, mirror=0.7)
    trawler(scene, 240, 760, 480, hull=(84, 96, 108))
    scene.fog((214, 217, 217), 0.75)
    scene.lamps([(980, 420), (1240, 452), (1420, 470)], (255, 232, 180), 120)
    return scene.finish(grain=0.045, shade=0.35)


def _storm() -> Image.Image:
    scene = Scene("storm", [(44, 52, 62), (82, 92, 100), (136, 142, 144)], 430)
    scene.clouds((34, 40, 50), 0.75, 0.85)
    scene.water((44, 66, 74), (224, 232, 232), swell=2.0, mirror=0.25)
    pen = ImageDraw.Draw(scene.image)
    pen.polygon([(0, 620), (760, 640), (860, 700), (900, 790), (0, 860)], fill=(58, 58, 62))
    pen.polygon([(0, 620), (760, 640), (790, 662), (0, 655)], fill=(96, 96, 98))
    for _ in range(110):  # spray: fans up from where the wave meets the pier
        angle, far = scene.rng.gauss(-1.35, 0.42), abs(scene.rng.gauss(0, 190))
        at = (860 + far * math.cos(angle) * 1.1, 690 + far * math.sin(angle) * 1.6)
        scene.glow(at, scene.rng.randint(14, 80), (240, 244, 244), 0.34)
    scene.rain(520, 0.7)
    return scene.finish(grain=0.045)


def _snow_hills() -> Image.Image:
    scene = Scene("snow-hills", [(120, 158, 200), (178, 200, 222), (240, 222, 212)], 560)
    scene.clouds((255, 240, 232), 0.35, 0.7)
    scene.hills((196, 208, 224), 560, 330, rough=2.2)
    scene.hills((226, 232, 240), 560, 220, rough=1.8)
    scene.hills((96, 112, 116), 560, 70, rough=2.6)
    scene.town(560, [(190, 84, 70), (214, 170, 110), (120, 130, 140)], 240, 900, lit=0.3, tall=66)
    scene.water((70, 100, 132), (246, 240, 238), swell=0.35, mirror=0.7)
    trawler(scene, 1010, 780, 320, hull=(150, 52, 46))
    return scene.finish(shade=0.3)


def _night_quay() -> Image.Image:
    scene = Scene("night-quay", [(10, 14, 36), (26, 32, 62), (58, 54, 84)], 520)
    scene.stars(160)
    scene.hills((18, 20, 38), 520, 180)
    scene.town(520, _DIM, 0, 1600, lit=0.42, tall=120)
    scene.lamps([(90 + 205 * n, 478) for n in range(8)], reach=74)
    scene.water((12, 18, 40), (255, 214, 150), swell=0.5, mirror=0.9)
    trawler(scene, 1040, 720, 300, hull=(36, 40, 56), light=(255, 226, 150))
    return scene.finish(grain=0.045)


def _rain_harbour() -> Image.Image:
    scene = Scene("rain-harbour", [(96, 106, 118), (136, 146, 154), (164, 170, 174)], 540)
    scene.clouds((84, 94, 106), 0.7, 0.7)
    scene.hills((116, 128, 138), 540, 170)
    scene.town(540, _DIM, 200, 1500, lit=0.35, tall=90)
    scene.lamps([(300 + 260 * n, 508) for n in range(5)], reach=58)
    scene.water((74, 86, 98), (200, 206, 210), swell=0.8, mirror=0.7)
    scene.rain(1100)
    scene.image = scene.image.filter(ImageFilter.BoxBlur(1))
    scene.rain(160)
    return scene.finish(grain=0.045)


def _stars() -> Image.Image:
    scene = Scene("stars", [(4, 8, 24), (12, 22, 50), (30, 50, 84), (70, 96, 116)], 720)
    scene.clouds((120, 130, 180), 0.3, 0.35, (900, 420))
    scene.stars(1500)
    scene.hills((10, 14, 24), 722, 120, rough=2.0)
    scene.water((10, 18, 36), (110, 140, 160), swell=0.2, mirror=0.85)
    trawler(scene, 260, 850, 260, hull=(12, 16, 26), light=(255, 214, 140))
    scene.glow((340, 800), 120, (255, 204, 130), 0.5)
    return scene.finish(grain=0.045)


def _gull_cliff() -> Image.Image:
    scene = Scene("gull-cliff", [(150, 186, 208), (196, 214, 220), (226, 230, 226)], 640)
    scene.clouds((255, 255, 255), 0.5, 0.8)
    scene.water((52, 98, 118), (238, 244, 244), swell=1.3, mirror=0.3)
    for colour, base, height in (((124, 124, 118), 760, 620), ((92, 94, 90), 880, 640), ((66, 70, 66), 1010, 560)):
        scene.hills(colour, base, height, side=-1, rough=3.0)
    gulls(scene, 70, (120, 120, 1500, 640), (252, 252, 250))
    return scene.finish(shade=0.35)


def _old_boat() -> Image.Image:
    scene = Scene("old-boat", [(168, 176, 170), (212, 206, 184), (236, 222, 190)], 470)
    scene.hills((150, 156, 140), 470, 130)
    scene.image.paste(gradient((WIDTH, 530), [(160, 146, 118), (186, 168, 132), (132, 114, 86)]), (0, 470))
    grit = levels(noise(scene.rng, (WIDTH, 530), (9, 4)), 130, 250, 0.45)
    scene.tint((96, 82, 62), grit, (0, 470))
    trawler(scene, 330, 830, 900, hull=(44, 88, 98))
    gulls(scene, 5, (900, 80, 1500, 300))
    return scene.finish()


def _low_tide() -> Image.Image:
    scene = Scene("low-tide", [(120, 150, 182), (206, 190, 186), (248, 214, 180)], 400)
    scene.glow((760, 400), 560, (255, 232, 196), 0.8)
    scene.clouds((250, 222, 206), 0.4, 0.6)
    scene.hills((116, 108, 126), 400, 80)
    scene.water((126, 116, 112), (252, 224, 194), swell=0.25, mirror=0.65)
    banks = levels(noise(scene.rng, (WIDTH, 600), (520, 46)), 120, 150, 0.9)
    scene.tint((112, 94, 78), banks, (0, 400))
    scene.tint((86, 70, 60), levels(noise(scene.rng, (WIDTH, 600), (40, 6)), 150, 240, 0.4), (0, 400))
    gulls(scene, 8, (200, 200, 1400, 340))
    return scene.finish()


def _fish_on_ice() -> Image.Image:
    scene = Scene("fish-on-ice", [(196, 212, 222), (226, 236, 240)], HEIGHT)
    scene.tint((150, 176, 194), levels(noise(scene.rng, (WIDTH, HEIGHT), (22, 18)), 130, 235, 0.6))
    scene.tint((255, 255, 255), levels(noise(scene.rng, (WIDTH, HEIGHT), (12, 12)), 150, 240, 0.8))
    for row in range(6):
        for column in range(6):
            _fish(scene, column * 290 - 60 - row % 2 * 130, row * 170 - 20)
    scene.glow((300, 60), 900, (255, 250, 236), 0.35)
    return scene.finish(shade=0.55)


def _fish(scene: Scene, x: int, y: int) -> None:
    tone = scene.rng.randint(-16, 16)
    back: Colour = (62 + tone, 92 + tone, 106 + tone)
    belly: Colour = (206 + tone // 2, 214 + tone // 2, 214)

    def paint(pen: ImageDraw.ImageDraw, scale: float) -> None:
        def scaled(*numbers: float) -> list[float]:
            return [number * scale for number in numbers]

        pen.ellipse(scaled(14, 32, 258, 132), fill=(30, 44, 56, 70))
        pen.polygon(scaled(226, 70, 288, 24, 276, 70, 288, 118), fill=(*back, 255))
        pen.polygon(scaled(110, 28, 176, 12, 190, 40), fill=(*back, 255))
        pen.ellipse(scaled(8, 20, 250, 118), fill=(*back, 255))
        pen.chord(scaled(8, 20, 250, 118), 8, 172, fill=(*belly, 255))
        pen.ellipse(scaled(14, 60, 244, 96), fill=(138 + tone, 158 + tone, 166 + tone, 255))
        for n in range(9):
            pen.arc(scaled(70 + n * 17, 34, 92 + n * 17, 84), 290, 70, fill=(*back, 170), width=round(2 * scale))
        pen.ellipse(scaled(32, 48, 54, 70), fill=(240, 232, 200, 255))
        pen.ellipse(scaled(38, 54, 49, 65), fill=(16, 18, 22, 255))
        pen.arc(scaled(48, 34, 88, 106), 290, 70, fill=(*back, 255), width=round(3 * scale))

    scene.sprite((x, y + scene.rng.randint(-8, 8)), (292, 146), paint)


def _library_shelves() -> Image.Image:
    scene = Scene("library-shelves", [(58, 40, 28), (44, 30, 22)], HEIGHT)
    pen = ImageDraw.Draw(scene.image)
    for shelf in range(4):
        floor, x = 235.0 + shelf * 245, 0.0
        while x < WIDTH:
            width, height = scene.rng.uniform(18, 52), scene.rng.uniform(130, 205)
            shade = scene.rng.choice(
                ((128, 44, 40), (36, 72, 92), (62, 88, 58), (196, 160, 92), (92, 62, 84), (206, 196, 174))
            )
            pen.rectangle((x, floor - height, x + width - 2, floor), fill=shade)
            pen.rectangle((x + width - 7, floor - height, x + width - 2, floor), fill=tuple(c * 3 // 4 for c in shade))
            for band in (0.16, 0.2, 0.78):
                y = floor - height * (1 - band)
                pen.line((x + 3, y, x + width - 8, y), fill=(222, 196, 130), width=2)
            x += width
        pen.rectangle((0, floor, WIDTH, floor + 16), fill=(112, 76, 46))
        pen.rectangle((0, floor + 16, WIDTH, floor + 22), fill=(34, 22, 16))
    scene.glow((1150, 420), 900, (255, 206, 130), 0.6)
    scene.image = scene.image.filter(ImageFilter.BoxBlur(1))
    return scene.finish(shade=0.8)


def _football_night() -> Image.Image:
    scene = Scene("football-night", [(10, 14, 30), (24, 34, 58), (54, 66, 84)], 420)
    scene.hills((20, 26, 38), 420, 90)
    scene.town(420, _DIM, 60, 1560, lit=0.3, tall=60)
    stripes = Image.new("RGB", (16, 1))
    stripes.putdata([(44, 110, 58), (54, 126, 66)] * 8)
    scene.image.paste(stripes.resize((WIDTH, 580), Image.Resampling.NEAREST), (0, 420))
    pen = ImageDraw.Draw(scene.image)
    for line in ([(0, 700), (WIDTH, 640)], [(820, 420), (1010, HEIGHT)]):
        pen.line(line, fill=(226, 234, 226), width=7)
    pen.ellipse((640, 560, 1220, 800), outline=(226, 234, 226), width=7)
    for x, y, red in ((420, 640, 1), (640, 560, 0), (900, 720, 1), (1180, 600, 0), (1330, 760, 1), (240, 820, 0)):
        _player(scene, x, y, (196, 54, 48) if red else (234, 226, 200))
    for x in (150, 560, 1040, 1450):
        pen.line((x, 420, x, 120), fill=(70, 76, 88), width=6)
        scene.lamps([(x - 26, 120), (x, 116), (x + 26, 120)], (236, 244, 255), 150)
    scene.glow((800, 640), 900, (236, 255, 226), 0.3)
    return scene.finish(grain=0.045, shade=0.7)


def _player(scene: Scene, x: int, y: int, shirt: Colour) -> None:
    tall = 60 + (y - 420) // 4
    lean = scene.rng.uniform(-0.2, 0.2)

    def paint(pen: ImageDraw.ImageDraw, scale: float) -> None:
        unit = tall * scale / 100

        def box(left: float, top: float, right: float, bottom: float) -> tuple[float, float, float, float]:
            return left * unit, top * unit, right * unit, bottom * unit

        pen.ellipse(box(10, 92, 130, 104), fill=(12, 34, 18, 130))
        pen.line(box(60, 56, 38 + 30 * lean, 96), fill=(32, 34, 46, 255), width=round(11 * unit))
        pen.line(box(66, 56, 92 + 30 * lean, 94), fill=(32, 34, 46, 255), width=round(11 * unit))
        pen.rounded_rectangle(box(48, 20, 78, 62), 8 * unit, fill=(*shirt, 255))
        pen.line(box(52, 26, 30, 50), fill=(*shirt, 255), width=round(9 * unit))
        pen.line(box(74, 26, 98, 44), fill=(*shirt, 255), width=round(9 * unit))
        pen.ellipse(box(53, 0, 73, 20), fill=(156, 112, 84, 255))

    scene.sprite((x, y), (round(tall * 1.4), round(tall * 1.06)), paint)


def _soup() -> Image.Image:
    scene = Scene("soup", [(120, 82, 54), (96, 64, 42)], HEIGHT)
    scene.tint((66, 42, 28), levels(noise(scene.rng, (WIDTH, HEIGHT), (700, 6)), 120, 220, 0.6))
    scene.glow((840, 560), 640, (20, 12, 8), 0.9)

    def bowl(pen: ImageDraw.ImageDraw, scale: float) -> None:
        for inset, colour in ((0, (226, 222, 210)), (16, (246, 243, 234)), (70, (206, 200, 186)), (84, (226, 168, 84))):
            pen.ellipse([edge * scale for edge in (inset, inset, 840 - inset, 840 - inset)], fill=(*colour, 255))

    scene.sprite((380, 80), (842, 842), bowl)
    scene.glow((700, 400), 330, (250, 206, 120), 0.7)
    for _ in range(64):
        angle, far = scene.rng.uniform(0, 6.3), 300 * math.sqrt(scene.rng.random())
        _morsel(scene, 800 + far * math.cos(angle), 500 + far * math.sin(angle))
    scene.glow((560, 220), 260, (255, 255, 250), 0.25)
    return scene.finish(shade=0.7)


def _morsel(scene: Scene, x: float, y: float) -> None:
    size = scene.rng.randint(18, 54)
    colour = scene.rng.choice(
        ((250, 238, 214), (240, 228, 200), (216, 110, 44), (72, 124, 56), (96, 150, 70), (252, 214, 130))
    )

    def paint(pen: ImageDraw.ImageDraw, scale: float) -> None:
        pen.ellipse([edge * scale for edge in (4, 6, size, size)], fill=(120, 70, 24, 110))
        pen.rounded_rectangle(
            [edge * scale for edge in (0, 0, size - 5, size - 6)], size * scale / 3, fill=(*colour, 255)
        )

    scene.sprite((x - size / 2, y - size / 2), (size + 1, size + 1), paint)


def _market_awnings() -> Image.Image:
    scene = Scene("market-awnings", [(110, 160, 206), (214, 226, 230)], 420)
    scene.clouds((255, 255, 255), 0.4)
    scene.town(560, _HOUSES, 0, 1600, lit=0.05, tall=250)
    scene.image.paste(gradient((WIDTH, 440), [(150, 140, 128), (112, 102, 94)]), (0, 560))
    scene.tint((70, 64, 60), levels(noise(scene.rng, (WIDTH, 440), (60, 16)), 130, 230, 0.5), (0, 560))
    awnings: tuple[Colour, ...] = ((190, 60, 50), (40, 104, 120), (206, 150, 60), (70, 116, 74))
    for n, colour in enumerate(awnings):
        _stall(scene, 20 + n * 395, colour)
    return scene.finish()


def _stall(scene: Scene, left: int, colour: Colour) -> None:
    pen = ImageDraw.Draw(scene.image)
    scene.shadow((left + 180, 840), 400, 120)
    for x in (left + 12, left + 342):
        pen.rectangle((x, 480, x + 8, 860), fill=(90, 70, 54))
    pen.rectangle((left, 700, left + 362, 840), fill=(136, 98, 64))
    pen.rectangle((left, 700, left + 362, 712), fill=(170, 130, 88))
    for n in range(6):
        fill = colour if n % 2 else (244, 238, 224)
        x = left - 10 + n * 64
        pen.polygon([(x + 14, 450), (x + 70, 450), (x + 64, 540), (x, 540)], fill=fill)
        pen.pieslice((x, 520, x + 64, 562), 0, 180, fill=fill)
    for crate in range(4):
        fruit = scene.rng.choice(((206, 60, 44), (230, 150, 50), (96, 140, 60), (228, 204, 90), (126, 62, 84)))
        for _ in range(46):
            at = left + 16 + crate * 86 + scene.rng.uniform(0, 66), 704 - scene.rng.triangular(0, 46, 0)
            shade = scene.rng.randint(-26, 26)
            skin = tuple(min(255, max(0, part + shade)) for part in fruit)
            pen.ellipse((at[0] - 9, at[1] - 9, at[0] + 9, at[1] + 9), fill=skin)


def _mural() -> Image.Image:
    scene = Scene("mural", [(188, 108, 82), (170, 94, 72)], HEIGHT)
    pen = ImageDraw.Draw(scene.image)
    pen.rectangle((160, 120, 1440, 820), fill=(126, 184, 204))
    for n in range(7):
        points = [(x, 460 + n * 54 + 20 * math.sin(x / 70 + n)) for x in range(160, 1441, 10)]
        pen.polygon([(160, 820), *points, (1440, 820)], fill=(40 + n * 6, 128 - n * 11, 158 - n * 11))
    pen.ellipse((1130, 180, 1300, 350), fill=(246, 198, 84))
    for n in range(9):
        x, y, size = 240 + n * 130, 560 + n * 83 % 200, 70 + n * 37 % 40
        hue = ((236, 122, 78), (246, 206, 96), (240, 236, 220), (214, 88, 110))[n % 4]
        pen.ellipse((x, y, x + size, y + size // 2), fill=hue)
        pen.polygon([(x + size - 8, y + size // 4), (x + size + 26, y), (x + size + 26, y + size // 2)], fill=hue)
        pen.ellipse((x + 12, y + size // 6, x + 20, y + size // 6 + 8), fill=(30, 34, 44))
    pen.polygon([(420, 470), (760, 470), (700, 560), (480, 560)], fill=(196, 70, 58))
    pen.polygon([(590, 200), (590, 450), (760, 450)], fill=(248, 244, 232))
    pen.polygon([(576, 240), (576, 450), (460, 450)], fill=(236, 226, 200))
    for y in range(0, HEIGHT, 40):
        pen.line((0, y, WIDTH, y), fill=(140, 80, 62), width=2)
        for x in range(y // 40 % 2 * 50, WIDTH, 100):
            pen.line((x, y, x, y + 40), fill=(140, 80, 62), width=2)
    scene.tint((255, 240, 214), levels(noise(scene.rng, (WIDTH, HEIGHT), (60, 40)), 140, 255, 0.25))
    pen.rectangle((0, 900, WIDTH, HEIGHT), fill=(92, 88, 86))
    return scene.finish()


_MONTHS = ("May", "Jun", "Jul", "Aug", "Sep", "Oct")


def _ferry_passengers() -> Image.Image:
    values = dict(zip(_MONTHS, (11.2, 15.8, 21.4, 24.9, 17.3, 12.6), strict=True))
    return charts.bars("Ferry passengers, thousands, 2026", values)


def _landings() -> Image.Image:
    return charts.bars("Landed at the fish hall, tonnes, October 2026", {
        "Herring": 148, "Mackerel": 96, "Cod": 41, "Plaice": 33, "Crab": 27, "Squid": 12,
    })  # fmt: skip


def _sea_temperature() -> Image.Image:
    series = {"2026": (10.9, 13.8, 16.4, 17.6, 15.9, 12.8), "1996-2025": (10.1, 12.9, 15.2, 16.3, 15.0, 12.4)}
    return charts.lines("Sea at the pier, degrees C", _MONTHS, series)


def _rainfall() -> Image.Image:
    return charts.bars("Rain at Gannet Point, mm, first days of November 2026", {
        str(day): value for day, value in zip(range(1, 11), (3, 0, 8, 14, 41, 57, 22, 6, 1, 0), strict=True)
    })  # fmt: skip


def _library_loans() -> Image.Image:
    years = tuple(str(year) for year in range(2019, 2027))
    series = {"Books": (41, 22, 30, 38, 42, 45, 47, 51), "Tools": (0, 0, 1, 2, 4, 7, 11, 16)}
    return charts.lines("Library loans, thousands a year", years, series)


def _tide_curve() -> Image.Image:
    hours = tuple(f"{hour:02}" for hour in range(0, 25, 2))
    heights = tuple(round(2.6 + 1.7 * math.cos((hour - 5.2) * math.tau / 12.42), 2) for hour in range(0, 25, 2))
    return charts.lines("Tide at the inner harbour, metres, 14 November 2026", hours, {"Height": heights})


PHOTOGRAPHS: Mapping[str, Callable[[], Image.Image]] = MappingProxyType(
    {
        "ferry-dusk.jpg": _ferry_dusk,
        "ferry-winter.jpg": _ferry_winter,
        "fish-on-ice.jpg": _fish_on_ice,
        "fog-quay.jpg": _fog_quay,
        "football-night.jpg": _football_night,
        "gull-cliff.jpg": _gull_cliff,
        "harbour-dawn.jpg": _harbour_dawn,
        "harbour-noon.jpg": _harbour_noon,
        "library-shelves.jpg": _library_shelves,
        "lighthouse-day.jpg": _lighthouse_day,
        "lighthouse-night.jpg": _lighthouse_night,
        "low-tide.jpg": _low_tide,
        "market-awnings.jpg": _market_awnings,
        "mural.jpg": _mural,
        "night-quay.jpg": _night_quay,
        "old-boat.jpg": _old_boat,
        "rain-harbour.jpg": _rain_harbour,
        "snow-hills.jpg": _snow_hills,
        "soup.jpg": _soup,
        "stars.jpg": _stars,
        "storm.jpg": _storm,
    }
)
CHARTS: Mapping[str, Callable[[], Image.Image]] = MappingProxyType(
    {
        "ferry-passengers.png": _ferry_passengers,
        "landings.png": _landings,
        "library-loans.png": _library_loans,
        "rainfall.png": _rainfall,
        "sea-temperature.png": _sea_temperature,
        "tide-curve.png": _tide_curve,
    }
)
LOGO = "logo.png"


def size(name: str) -> tuple[int, int]:
    """Return the width and height, in pixels, of an article's picture."""
    return (WIDTH, HEIGHT) if name in PHOTOGRAPHS else (1200, 720)


def render(name: str) -> dict[str, bytes]:
    """Draw a picture and return its file, and a photograph's small copy, by file name.

    Raises:
        KeyError: there is no such picture.
    """
    if name == LOGO:
        return {name: _png(_logo())}
    if name in CHARTS:
        return {name: _png(CHARTS[name]())}
    photograph = PHOTOGRAPHS[name]()
    small = photograph.reduce(WIDTH // SMALL)
    exif = _exif(name)
    return {name: _jpeg(photograph, exif), small_name(name): _jpeg(small, exif)}


def small_name(name: str) -> str:
    """Return the file name of a photograph's small copy."""
    return name.removesuffix(".jpg") + f"-{SMALL}.jpg"


def large_name(name: str) -> str:
    """Return the name of the picture that a file belongs to."""
    return name.replace(f"-{SMALL}.jpg", ".jpg")


def _logo() -> Image.Image:
    """Draw a tern above two waves, on nothing."""
    canvas = Image.new("RGBA", (960, 960))
    pen = ImageDraw.Draw(canvas)
    ink = (20, 62, 92, 255)
    pen.polygon(
        [(60, 300), (330, 350), (480, 470), (700, 270), (920, 200), (640, 470), (560, 560), (400, 560), (250, 430)],
        fill=ink,
    )
    pen.polygon([(540, 540), (650, 560), (720, 610), (600, 600)], fill=(206, 74, 48, 255))
    for y in (720, 830):
        wave = [(x, y + 26 * math.sin(x / 62)) for x in range(100, 861, 8)]
        pen.line(wave, fill=ink, width=34, joint="curve")
    return canvas.reduce(4)


def _exif(name: str) -> Image.Exif:
    """Return the metadata of a camera that knows too much; the place is in the middle of an ocean."""
    rng = random.Random(name)  # noqa: S311 - an invented place, not a secret
    exif = Image.Exif()
    exif[0x010F], exif[0x0110] = "Pelagia", "Pelagia Nocticam 3"  # make and model
    exif[0x013B], exif[0x8298] = "Ines Calder", "The Ternhaven Courier, CC-BY-4.0"  # artist and copyright
    exif[0x0132] = f"2026:10:{rng.randint(1, 28):02} {rng.randint(6, 20):02}:30:00"  # date and time
    exif[0x8825] = {  # GPS: latitude, longitude in degrees, minutes, seconds
        1: "N", 2: (41.0, float(rng.randint(0, 59)), 12.0), 3: "W", 4: (39.0, float(rng.randint(0, 59)), 48.0),
    }  # fmt: skip
    return exif


def _jpeg(image: Image.Image, exif: Image.Exif) -> bytes:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=82, exif=exif)
    return out.getvalue()


def _png(image: Image.Image) -> bytes:
    if image.mode == "RGB":  # charts: few colours, a third of the size
        image = image.quantize(64, Image.Quantize.FASTOCTREE)
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()
