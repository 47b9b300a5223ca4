"""Variants of a stored image: smaller, of pixels alone, and only where they gain something."""

import io
import random

import pytest
from PIL import Image, ImageDraw

from pappus.errors import MediaError
from pappus.media.pixels import encode
from pappus.media.variants import WIDTHS, vary


def photograph(width=1200, height=800, mode="RGB"):
    """Draw clouds, of more colours than a palette holds."""
    clouds = random.Random(28).randbytes(48 * 32 * len(mode))
    return Image.frombytes(mode, (48, 32), clouds).resize((width, height), Image.Resampling.BICUBIC)


def saved(image, kind="JPEG", **options):
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def opened(data):
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


@pytest.fixture(scope="module")
def stored():
    return encode(saved(photograph(2000, 1400), quality=95))


@pytest.fixture(scope="module")
def made(stored):
    return vary(stored.data)


def test_a_photograph_gets_three_widths_in_three_formats(made):
    assert [(one.media_type, one.width) for one in made.variants] == [
        ("image/jpeg", 800), ("image/jpeg", 400),
        *((kind, width) for kind in ("image/webp", "image/avif") for width in (1200, 800, 400)),
    ]  # fmt: skip


def test_each_variant_is_the_same_picture_and_says_rightly_what_it_is(stored, made):
    for one in made.variants:
        image = opened(one.data)
        assert Image.MIME[image.format] == one.media_type
        assert image.size == (one.width, one.height)
        assert abs(one.width / one.height - stored.width / stored.height) < 0.01
        here, there = (
            picture.convert("RGB").resize((6, 4), Image.Resampling.BOX).tobytes()
            for picture in (image, opened(stored.data))
        )
        assert max(abs(a - b) for a, b in zip(here, there, strict=True)) < 12


def test_each_is_at_least_a_tenth_smaller_than_what_a_browser_would_take_without_it(stored, made):
    sizes = {(one.media_type, one.width): len(one.data) for one in (stored, *made.variants)}
    for older, newer in (("image/jpeg", "image/webp"), ("image/webp", "image/avif")):
        assert sizes[newer, 1200] <= 0.9 * sizes[older, 1200]
    for kind in {one.media_type for one in made.variants}:
        assert sizes[kind, 800] <= 0.9 * sizes[kind, 1200]
        assert sizes[kind, 400] <= 0.9 * sizes[kind, 800]


def test_no_metadata_is_in_a_variant(made):
    for one in made.variants:
        image = opened(one.data)
        assert not image.getexif()
        assert not {"exif", "xmp", "icc_profile", "comment"} & set(image.info)


def test_the_same_image_gives_the_same_bytes(stored, made):
    assert vary(stored.data) == made


@pytest.mark.parametrize("width", [300, 400, 500, 799, 801])
def test_nothing_is_scaled_up_and_no_format_ends_below_the_full_width(width):
    variants = vary(saved(photograph(width, 200), quality=80)).variants
    assert {one.width for one in variants} <= {*WIDTHS, width}
    assert all(one.width <= width for one in variants)
    for kind in {one.media_type for one in variants} - {"image/jpeg"}:
        assert width in [one.width for one in variants if one.media_type == kind]


def test_what_is_small_already_gets_nothing_that_is_larger():
    data = saved(photograph(600, 400), quality=5)
    assert all(len(one.data) < len(data) for one in vary(data).variants)


def test_line_art_keeps_its_lines_and_is_never_scaled():
    image = Image.new("RGB", (1200, 900), "white")
    draw = ImageDraw.Draw(image)
    for step in range(60):
        draw.line((step * 20, 0, 1200 - step * 17, 900), fill=(step * 4, 20, 120), width=3)
    png = encode(saved(image, "PNG"))
    assert png.media_type == "image/png"
    (lossless,) = vary(png.data).variants
    assert (lossless.media_type, lossless.width) == ("image/webp", 1200)
    assert opened(lossless.data).convert("RGB").tobytes() == opened(png.data).convert("RGB").tobytes()


def test_moving_images_stay_as_they_are():
    frames = [photograph(300, 200), photograph(300, 200).rotate(90)]
    moving = encode(saved(frames[0].quantize(64), "GIF", save_all=True, append_images=[frames[1].quantize(64)]))
    assert moving.media_type == "image/webp"
    assert vary(moving.data).variants == ()


def test_a_transparent_photograph_stays_transparent_and_has_no_colour_behind_it():
    made = vary(encode(saved(photograph(1200, 800, "RGBA"), "PNG")).data)
    assert made.tint is None
    assert {one.media_type for one in made.variants} <= {"image/webp", "image/avif"}
    assert len(made.variants) > 1
    assert all(opened(one.data).mode == "RGBA" for one in made.variants)


@pytest.mark.parametrize(
    ("colour", "tint"),
    [("black", 0), ("white", 63), ("#ff0000", 0b110000), ("#00ff00", 0b001100), ("#0000ff", 0b000011), ("#405080", 0b010110)],
)  # fmt: skip
def test_the_mean_colour_is_one_of_sixty_four(colour, tint):
    assert vary(saved(Image.new("RGB", (64, 64), colour), quality=95)).tint == tint


@pytest.mark.parametrize("data", [b"", b"GIF89a" + bytes(50), saved(photograph(200, 100))[:600]], ids=len)
def test_what_is_damaged_is_refused_in_one_line(data):
    with pytest.raises(MediaError, match="cannot be decoded"):
        vary(data)
